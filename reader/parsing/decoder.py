"""The best labelling of a whole page: Viterbi over the grammar.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. Time is linear in the number of lines.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

from reader.parsing import hints
from reader.parsing.features import KEYS
from reader.parsing.grammar import END_COSTS, START, STATES, STEPS
from reader.parsing.scoring import SLACK, candidates, costs

UNIT: Final = 100
"""Costs are whole hundredths of a nat, so that equal standings are equal."""
NEVER: Final = 1 << 40
HOPELESS: Final = 8 * UNIT
"""A reading of the page so far that is this much worse than the best is given up."""
HINTED_HOPELESS: Final = 12 * UNIT
"""The same after a line with hints, which are worth about as much and may be wrong."""
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
# What stands before the first line is the one state -1.
_BEGINNING: Final = (-1,)
_FIRST: Final = {
    i: {-1: round(STEPS[START, state.name].cost * UNIT)}
    for i, state in enumerate(STATES)
    if (START, state.name) in STEPS
}
_NO_STEPS: Final[dict[int, int]] = {}
_ENDS: Final = tuple(round(END_COSTS[state.name] * UNIT) for state in STATES)


def options(key: int) -> tuple[tuple[int, int], ...]:
    """(cost, state) of the states that a line with this key may be in, in units."""
    return _candidates(key)


def steps_into(state: int, key: int, *, first: bool = False) -> dict[int, int]:
    """The states that may stand before a line with this key in `state`, with what the step costs, in units.

    Before the first line of a page stands -1.
    """
    if key >= KEYS:
        return _hinted_steps(key // KEYS, state)
    return _FIRST.get(state, _NO_STEPS) if first else _BEFORE[state]


def end_cost(state: int) -> int:
    """What it costs that a page ends in a state, in units."""
    return _ENDS[state]


class _Standing(NamedTuple):
    """How the readings of the page so far compare."""

    states: tuple[int, ...]
    """States that the last line can be in."""
    costs: tuple[int, ...]
    """How much worse the best reading that ends there is than the best of all."""


_KEYS: Final = 1 << 40
_LOCK: Final = Lock()
"""What is remembered is shared: while captures are read in one thread, another may explain one."""
_steps: dict[int, tuple[int, tuple[int, ...]]] = {}
_numbers: dict[_Standing, int] = {}
_standings: list[_Standing] = [_Standing((), (0,))]


@lru_cache(maxsize=8192)
def _candidates(key: int) -> tuple[tuple[int, int], ...]:
    code, plain = divmod(key, KEYS)
    found = hints.weighed(code, costs(plain), SLACK) if code else candidates(key)
    return tuple((round(cost * UNIT), state) for cost, state in found)


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs."""
    steps = {before: hints.step(code, before, after) for before in range(-1, len(STATES))}
    return {before: round(cost * UNIT) for before, cost in steps.items() if cost is not None}


def _work_out(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    states, costs = _standings[number]
    reached: list[tuple[int, int, int]] = []
    limit = NEVER
    code = key // KEYS
    hopeless = HINTED_HOPELESS if code else HOPELESS
    for own, state in _candidates(key):
        # Candidates come likeliest first, and no step costs less than nothing.
        if own > limit:
            break
        steps = _BEFORE[state] if states else _FIRST.get(state, _NO_STEPS)
        if code:
            steps = _hinted_steps(code, state)
        best, at = NEVER, 0
        for place, before in enumerate(states or _BEGINNING):
            if (step := steps.get(before)) is not None and (cost := costs[place] + step) < best:
                best, at = cost, place
        if best < NEVER:
            reached.append((best + own, state, at))
            limit = min(limit, best + own + hopeless)
    least = limit - hopeless
    kept = sorted((state, cost - least, at) for cost, state, at in reached if cost <= limit)
    standing = _Standing(tuple([s for s, _, _ in kept]), tuple([c for _, c, _ in kept]))
    new = _numbers.setdefault(standing, len(_standings))
    if new == len(_standings):
        _standings.append(standing)
    outcome = new, tuple([at for _, _, at in kept])
    _steps[number * _KEYS + key] = outcome
    return outcome


def decode(keys: list[int]) -> list[int]:
    """The state of every line, by its index in `grammar.STATES`: the labelling that costs least."""
    with _LOCK:
        return _decode(keys)


def _decode(keys: list[int]) -> list[int]:
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
