"""The best labelling of a whole page: Viterbi over the layouts.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. The way back, which finds the labelling and how far ahead of
others it is, is kept in the same manner. Time is linear in the number of lines.
"""

from __future__ import annotations

from functools import cache, lru_cache
from threading import Lock
from typing import Final, NamedTuple

import reader.parsing.hints as hints
from reader.parsing.expressions import Turn
from reader.parsing.features import KEYS
from reader.parsing.scoring import SLACK, candidates, costs
from reader.parsing.states import (
    BREAKS,
    END_COSTS,
    FIRST_STEPS,
    FURNITURE,
    PAID_SETTINGS,
    STATES,
    STEPS,
    step_between,
)

UNIT: Final = 100
"""Costs are whole hundredths of a nat, so that equal standings are equal."""
NEVER: Final = 1 << 40
BEAM: Final = 8 * UNIT
"""A reading of the page so far that is this much worse than the best is given up."""
HINTED_BEAM: Final = 6 * UNIT
"""The beam after a line with hints, which leave fewer readings open."""
CACHE_SIZE: Final = 50_000
"""Number of steps cached in each direction before the cache is emptied."""
WIDEST_MARGIN: Final = 4 * UNIT
"""Labellings of the page that cost more than this above the best count as out of reach."""


def _predecessors() -> tuple[dict[int, int], ...]:
    """For each state, its possible predecessors with the cost of the step."""
    before: tuple[dict[int, int], ...] = tuple({} for _ in STATES)
    for (i, j), step in STEPS.items():
        before[j][i] = round(step.cost * UNIT)
    return before


_BEFORE: Final = _predecessors()
_BREAKS: Final = {state: round(cost * UNIT) for state, cost in BREAKS.items()}
_BEGINNING: Final = (-1,)
"""The single state -1 stands before the first line."""
_FIRST: Final = {i: {-1: round(step.cost * UNIT)} for i, step in FIRST_STEPS.items()}


_PLACES: Final = 512
"""More than there are states, so that a cost and a place fit into one number that compares by the cost first."""
_NO_WAY: Final = 1 << 28


def _successors() -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each state, and last for the page's beginning, its successors with the cost of the step, times _PLACES."""
    after: list[list[tuple[int, int]]] = [[] for _ in (*STATES, None)]
    for state, before in enumerate(_BEFORE):
        for i, cost in before.items():
            after[i].append((state, cost * _PLACES))
    after[-1] = [(state, before[-1] * _PLACES) for state, before in _FIRST.items()]
    return tuple(map(tuple, after))


_AFTER: Final = _successors()
_NO_STEPS: Final[dict[int, int]] = {}
_ENDS: Final = tuple(round(cost * UNIT) for cost in END_COSTS)


def options(key: int) -> tuple[tuple[int, int], ...]:
    """(cost, state) of the states that a line with this key may be in, in units."""
    return _candidates(key)


def steps_into(state: int, key: int, *, first: bool = False) -> dict[int, int]:
    """The states that may stand before a line with this key in `state`, with what the step costs, in units.

    Before the first line of a page stands -1.
    """
    if key >= KEYS:
        return _hinted_steps(key // KEYS, state)
    if first:
        return _FIRST.get(state, _NO_STEPS)
    return _before(state)


@cache
def _before(state: int) -> dict[int, int]:
    """The states that may stand before a state: any, where an article may begin anywhere."""
    if state not in _BREAKS:
        return _BEFORE[state]
    return dict.fromkeys(range(len(STATES)), _BREAKS[state]) | _BEFORE[state]


def end_cost(state: int) -> int:
    """The cost of ending a page in a state, in units."""
    return _ENDS[state]


class _Standing(NamedTuple):
    """A comparison of the readings of the page so far."""

    states: tuple[int, ...]
    """States that the last line can be in."""
    costs: tuple[int, ...]
    """For each state, how much worse its best reading is than the best of all."""


_KEYS: Final = 1 << 40
_LOCK: Final = Lock()
"""Protects the caches: one thread may read captures while another explains one."""
_steps: dict[int, tuple[int, tuple[int, ...]]] = {}
_numbers: dict[_Standing, int] = {}
_standings: list[_Standing] = [_Standing((), (0,))]


@lru_cache(maxsize=8192)
def _candidates(key: int) -> tuple[tuple[int, int], ...]:
    code, plain = divmod(key, KEYS)
    found = hints.weigh_hints(code, costs(plain), SLACK) if code else candidates(key)
    return tuple((round(cost * UNIT), state) for cost, state in found)


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs."""
    steps = {before: hints.hinted_step(code, before, after) for before in range(-1, len(STATES))}
    return {before: round(cost * UNIT) for before, cost in steps.items() if cost is not None}


@lru_cache(maxsize=8192)
def _hinted_row(code: int, before: int) -> list[int]:
    """Costs, times _PLACES, of the steps from a state (-1: the page's beginning) to each state of a line with hints.

    _NO_WAY where there is no step.
    """
    steps = (hints.hinted_step(code, before, after) for after in range(len(STATES)))
    return [_NO_WAY if cost is None else round(cost * UNIT) * _PLACES for cost in steps]


def _compute_step(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    before, costs = _standings[number]
    code = key // KEYS
    beam = HINTED_BEAM if code else BEAM
    likeliest = _candidates(key)
    if code:
        ways = _hinted_ways(before or _BEGINNING, costs, code, [state for _, state in likeliest])
    else:
        ways = _ways(before or _BEGINNING, costs)
    reached: list[tuple[int, int, int]] = []
    limit = NEVER
    for own, state in likeliest:
        # Candidates come likeliest first, and no step costs less than nothing.
        if own > limit:
            break
        way = ways.get(state, _NO_WAY)
        if way < _NO_WAY:
            cost, place = divmod(way, _PLACES)
            cost += own
            reached.append((cost, state, place))
            if cost + beam < limit:
                limit = cost + beam
    least = limit - beam
    kept = sorted((state, cost - least, place) for cost, state, place in reached if cost <= limit)
    standing = _Standing(tuple([s for s, _, _ in kept]), tuple([c for _, c, _ in kept]))
    new = _numbers.setdefault(standing, len(_standings))
    if new == len(_standings):
        _standings.append(standing)
    outcome = new, tuple([place for _, _, place in kept])
    _steps[number * _KEYS + key] = outcome
    return outcome


def _ways(states: tuple[int, ...], costs: tuple[int, ...]) -> dict[int, int]:
    """For each next state in the layouts: the cost of the cheapest way to it, times _PLACES, plus its place."""
    ways: dict[int, int] = {}
    for place, (state, cost) in enumerate(zip(states, costs, strict=True)):
        here = cost * _PLACES + place
        for after, step in _AFTER[state]:
            if here + step < ways.get(after, _NO_WAY):
                ways[after] = here + step
    if states != _BEGINNING:
        # Any article may break off: so does the cheapest.
        cheapest = costs.index(0)
        for after, step in _BREAKS.items():
            ways[after] = min(ways.get(after, _NO_WAY), step * _PLACES + cheapest)
    return ways


def _hinted_ways(
    states: tuple[int, ...], costs: tuple[int, ...], code: int, after: list[int]
) -> dict[int, int]:
    """Like `_ways`, to some states of a line with hints, which also allow steps that no layout has."""
    ways: list[list[int]] = []
    for place, (state, cost) in enumerate(zip(states, costs, strict=True)):
        row, here = _hinted_row(code, state), cost * _PLACES + place
        ways.append([here + row[to] for to in after])
    return dict(zip(after, map(min, *ways) if len(ways) > 1 else ways[0], strict=True))


class Labelling(NamedTuple):
    """The labelling of a page that costs least, and how far it is ahead."""

    states: list[int]
    """The state of every line, by its index in `states.STATES`."""
    margins: list[int]
    """For every line, the extra cost of the cheapest labelling with another `Decision` there: 0 to WIDEST_MARGIN."""
    joints: list[int]
    """The extra cost of another turn there: the line joins the article before, or begins one of its own."""


class Decision(NamedTuple):
    """A line's effect on its article: does it begin one, which part is it, was the article paid for?"""

    turn: Turn
    part: str
    """The line's label, where "body" is one for all lines of a body."""
    paid: bool


_BODY: Final = frozenset(("paragraph", "subhead", "item", "signoff"))
_PARTS: Final = tuple(["body" if state.label in _BODY else state.label for state in STATES])
_PAID: Final = frozenset(
    i for i, state in enumerate(STATES) if state.setting in PAID_SETTINGS or state.setting == "message"
)


def turn_into(before: int, state: int, key: int) -> Turn:
    """The effect on the article of the step into a line with this key. `before` is -1 at the page's start."""
    step = None if before < 0 else step_between(before, state)
    if step is not None and step.turn == Turn.INTERRUPTS:
        return step.turn
    if before < 0 or (key >= KEYS and hints.opens(key // KEYS)):
        return Turn.OPENS
    return Turn.WITHIN if step is None else step.turn


_ELSEWHERE: Final = Decision(Turn.WITHIN, "furniture", paid=False)


@cache
def _decision(turn: Turn, state: int) -> Decision:
    return _ELSEWHERE if state in FURNITURE else Decision(turn, _PARTS[state], state in _PAID)


def decide(before: int, state: int, key: int) -> Decision:
    """The decision of a line with this key in `state`, after `before`."""
    return _decision(turn_into(before, state, key), state)


def decode(keys: list[int]) -> Labelling:
    """Find the labelling of a page that costs least."""
    with _LOCK:
        return _decode(keys)


def _decode(keys: list[int]) -> Labelling:
    if len(_steps) > CACHE_SIZE or len(_backward_steps) > CACHE_SIZE:
        _steps.clear()
        _numbers.clear()
        _backward_steps.clear()
        del _standings[1:]
    known = _steps
    trail: list[tuple[int, tuple[int, ...]]] = []
    number = 0
    for key in keys:
        outcome = known.get(number * _KEYS + key) or _compute_step(number, key)
        trail.append(outcome)
        number = outcome[0]
    if not trail:
        return Labelling([], [], [])
    rivals = _rivals_at_end(number)
    states: list[int] = []
    margins: list[int] = []
    joints: list[int] = []
    for i in range(len(keys) - 1, -1, -1):
        states.append(_standings[trail[i][0]].states[rivals[0][0]])
        number = trail[i - 1][0] if i else 0
        step = number, keys[i], rivals
        found = _backward_steps.get(step)
        if found is None:
            found = _backward_steps[step] = _compute_backward_step(number, keys[i], rivals)
        rivals, margin, joint = found
        margins.append(margin)
        joints.append(joint)
    return Labelling(states[::-1], margins[::-1], joints[::-1])


_Rivals = tuple[tuple[int, int], ...]
"""The states of a line within reach: (place in its standing, what the page costs more if the line is in that state).
The state of the best labelling comes first."""
_backward_steps: dict[tuple[int, int, _Rivals], tuple[_Rivals, int, int]] = {}
"""By the standing before a line, its key and its rivals: the rivals of the line before, the line's margin and joint."""


def _rivals_at_end(number: int) -> _Rivals:
    states, costs = _standings[number]
    totals = [cost + _ENDS[state] for state, cost in zip(states, costs, strict=True)]
    least = min(totals)
    best = totals.index(least)
    others = [
        (place, total - least)
        for place, total in enumerate(totals)
        if place != best and total - least < WIDEST_MARGIN
    ]
    return ((best, 0), *others)


def _compute_backward_step(number: int, key: int, rivals: _Rivals) -> tuple[_Rivals, int, int]:
    """Go from a line's rivals to those of the line before; see `_backward_steps`."""
    before, costs = _standings[number]
    before = before or _BEGINNING
    after, back = _steps[number * _KEYS + key]
    states = _standings[after].states
    at = back[rivals[0][0]]
    own = decide(before[at], states[rivals[0][0]], key)
    margin = joint = WIDEST_MARGIN
    least = {at: 0}
    for place, worse in rivals:
        state = states[place]
        steps = steps_into(state, key, first=not number)
        cheapest = costs[back[place]] + steps[before[back[place]]]
        for i, cost in enumerate(costs):
            if before[i] not in steps:
                continue
            total = worse + cost + steps[before[i]] - cheapest
            if total >= WIDEST_MARGIN:
                continue
            if total < least.get(i, WIDEST_MARGIN):
                least[i] = total
            if total < joint and (decision := decide(before[i], state, key)) != own:
                margin = min(margin, total)
                if decision.turn != own.turn and decision != _ELSEWHERE:
                    joint = total
    return tuple(least.items()), margin, joint
