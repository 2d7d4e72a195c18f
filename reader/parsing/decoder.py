"""The best labelling of a whole page: Viterbi over the grammar.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. Time is linear in the number of lines.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from reader.parsing.grammar import END_COSTS, START, STATES, STEPS
from reader.parsing.scoring import candidates

UNIT: Final = 100
"""Costs are whole hundredths of a nat, so that equal standings are equal."""
HOPELESS: Final = 20 * UNIT
"""A reading of the page so far that is this much worse than the best is given up."""
REMEMBERED: Final = 50_000
"""How many steps are kept before they are worked out anew."""

# For each state: its predecessors with what the step costs.
_BEFORE: Final = tuple(
    {
        i: round(STEPS[state.name, after.name].cost * UNIT)
        for i, state in enumerate(STATES)
        if (state.name, after.name) in STEPS
    }
    for after in STATES
)
_FIRST: Final = {
    i: round(STEPS[START, state.name].cost * UNIT)
    for i, state in enumerate(STATES)
    if (START, state.name) in STEPS
}
_ENDS: Final = tuple(round(END_COSTS[state.name] * UNIT) for state in STATES)


class _Standing(NamedTuple):
    """How the readings of the page so far compare."""

    states: tuple[int, ...]
    """States that the last line can be in."""
    costs: tuple[int, ...]
    """How much worse the best reading that ends there is than the best of all."""


_KEYS: Final = 1 << 40
_steps: dict[int, tuple[int, tuple[int, ...]]] = {}
_numbers: dict[_Standing, int] = {}
_standings: list[_Standing] = [_Standing((), ())]


def _work_out(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    before = _standings[number]
    reached: list[tuple[int, int, int]] = []
    for state, own in candidates(key):
        if not before.states:
            if state in _FIRST:
                reached.append((_FIRST[state] + own, state, 0))
            continue
        steps = _BEFORE[state]
        ways = [
            (cost + steps[old], place)
            for place, (old, cost) in enumerate(zip(before.states, before.costs, strict=True))
            if old in steps
        ]
        if ways:
            cost, place = min(ways)
            reached.append((cost + own, state, place))
    best = min(reached)[0]
    kept = [(state, cost - best, place) for cost, state, place in reached if cost - best <= HOPELESS]
    standing = _Standing(tuple(s for s, _, _ in kept), tuple(c for _, c, _ in kept))
    new = _numbers.setdefault(standing, len(_standings))
    if new == len(_standings):
        _standings.append(standing)
    outcome = new, tuple(place for _, _, place in kept)
    _steps[number * _KEYS + key] = outcome
    return outcome


def decode(keys: list[int]) -> list[int]:
    """The state of every line, by its index in `grammar.STATES`: the labelling that costs least."""
    if len(_steps) > REMEMBERED:
        _steps.clear()
        _numbers.clear()
        del _standings[1:]
    known = _steps
    trail: list[tuple[int, tuple[int, ...]]] = []
    number = 0
    for key in keys:
        outcome = known.get(number * _KEYS + key) or _work_out(number, key)
        trail.append(outcome)
        number = outcome[0]
    if not trail:
        return []
    states, costs = _standings[number]
    place = min(range(len(costs)), key=lambda i: costs[i] + _ENDS[states[i]])
    path: list[int] = []
    for number, back in reversed(trail):
        path.append(_standings[number][0][place])
        place = back[place]
    path.reverse()
    return path
