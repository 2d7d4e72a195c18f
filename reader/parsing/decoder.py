"""The best labelling of a whole page: Viterbi over the layouts.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. The way back, which finds the labelling and how far ahead of
others it is, is kept in the same manner. Time is linear in the number of lines.
"""

from bisect import bisect_right
from functools import cache, lru_cache
from threading import Lock
from typing import Final, NamedTuple

import reader.parsing.hints as hints
from reader.parsing.expressions import Turn
from reader.parsing.features import KEYS
from reader.parsing.scoring import costs, likely
from reader.parsing.states import (
    BREAKS,
    END_COSTS,
    FIRST_STEPS,
    FURNITURE,
    MENTIONS,
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


_BREAKS: Final = {state: round(cost * UNIT) for state, cost in BREAKS.items()}
_BEGINNING: Final = (-1,)
"""The single state -1 stands before the first line."""
_FIRST: Final = {i: {-1: round(step.cost * UNIT)} for i, step in FIRST_STEPS.items()}


_PLACES: Final = 1024
"""More than there are states, so that a cost and a place fit into one number that compares by the cost first."""
_NO_WAY: Final = 1 << 28
_ANYWHERE: Final = -2
"""Stands for any state, in steps by which an article breaks off."""


@cache
def _after(state: int) -> list[tuple[int, int]]:
    """The successors of a state, or of `_ANYWHERE` or the page's beginning, with the cost of the step, in units."""
    if state == _ANYWHERE:
        return list(_BREAKS.items())
    steps = FIRST_STEPS if state < 0 else STEPS[state]
    return [(after, round(step.cost * UNIT)) for after, step in steps.items()]


_NO_STEPS: Final[dict[int, int]] = {}
_ENDS: Final = tuple(round(cost * UNIT) for cost in END_COSTS)


@lru_cache(maxsize=8192)
def options(key: int) -> dict[int, int]:
    """The states that a line with this key may be in, with their costs in units."""
    code, plain = divmod(key, KEYS)
    found = hints.weigh_hints(code, costs(plain)) if code else costs(plain)
    units: dict[int, int] = {}
    for cost, first in likely(found):
        units |= dict.fromkeys(MENTIONS[first], round(cost * UNIT))
    return units


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
    """The states that may stand before a state, and at what cost: any, where an article may begin anywhere."""
    known = {i: round(steps[state].cost * UNIT) for i, steps in enumerate(STEPS) if state in steps}
    if state not in _BREAKS:
        return known
    return dict.fromkeys(range(len(STATES)), _BREAKS[state]) | known


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
"""By the number of a standing times `_KEYS`, plus a line's key: the number of the standing that the line leads to, and
for each of its states the place of the one before."""
_numbers: dict[_Standing, int] = {}
_standings: list[_Standing] = [_Standing((), (0,))]


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs."""
    steps = {before: hints.hinted_step(code, before, after) for before in range(-1, len(STATES))}
    return {before: round(cost * UNIT) for before, cost in steps.items() if cost is not None}


@lru_cache(maxsize=1 << 16)
def _ways(before: int, key: int) -> list[tuple[int, int]]:
    """(cost, state) of the ways from a state to those of a line with this key, in units, the cheapest first.

    The line's own cost is included. Ways beyond the beam are left out.
    """
    own = options(key)
    code = key // KEYS
    if code:
        steps = [(after, hints.hinted_step(code, before, after)) for after in own]
        ways = [(own[after] + round(step * UNIT), after) for after, step in steps if step is not None]
    else:
        ways = [(own[after] + step, after) for after, step in _after(before) if after in own]
    ways.sort()
    return ways[: bisect_right(ways, (ways[0][0] + BEAM, len(STATES)))] if ways else ways


def _compute_step(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    before, costs = _standings[number]
    beam = HINTED_BEAM if key >= KEYS else BEAM
    ways = [(cost, place, _ways(before[place] if before else -1, key)) for place, cost in enumerate(costs)]
    if before and key < KEYS:
        # Any article may break off: so does the cheapest. Hints allow steps that no layout has anyway.
        ways.append((0, costs.index(0), _ways(_ANYWHERE, key)))
    widest = min([cost + onward[0][0] for cost, _, onward in ways if onward]) + beam
    reached: dict[int, int] = {}
    for cost, place, onward in ways:
        for further, state in onward:
            total = cost + further
            if total > widest:
                break
            way = total * _PLACES + place
            if way < reached.get(state, _NO_WAY):
                reached[state] = way
    kept = sorted(reached.items())
    standing = _Standing(
        tuple([state for state, _ in kept]), tuple([way // _PLACES + beam - widest for _, way in kept])
    )
    new = _numbers.setdefault(standing, len(_standings))
    if new == len(_standings):
        _standings.append(standing)
    outcome = new, tuple([way % _PLACES for _, way in kept])
    _steps[number * _KEYS + key] = outcome
    return outcome


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
    steps: list[int] = []
    number = 0
    for key in keys:
        step = number * _KEYS + key
        steps.append(step)
        number = (_steps.get(step) or _compute_step(number, key))[0]
    if not steps:
        return Labelling([], [], [])
    rivals = _rivals_at_end(number)
    outcomes: list[tuple[_Rivals, int, int, int]] = []
    for step in reversed(steps):
        outcome = _backward_steps.get((step, rivals)) or _compute_backward_step(step, rivals)
        outcomes.append(outcome)
        rivals = outcome[0]
    _, states, margins, joints = zip(*reversed(outcomes), strict=True)
    return Labelling(list(states), list(margins), list(joints))


_Rivals = tuple[tuple[int, int], ...]
"""The states of a line within reach: (place in its standing, what the page costs more if the line is in that state).
The state of the best labelling comes first."""
_backward_steps: dict[tuple[int, _Rivals], tuple[_Rivals, int, int, int]] = {}
"""By the step to a line and its rivals: the rivals of the line before; the line's state, margin and joint."""


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


def _compute_backward_step(step: int, rivals: _Rivals) -> tuple[_Rivals, int, int, int]:
    """Go from a line's rivals to those of the line before; see `_backward_steps`."""
    number, key = divmod(step, _KEYS)
    before, costs = _standings[number]
    before = before or _BEGINNING
    after, back = _steps[step]
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
    outcome = tuple(least.items()), states[rivals[0][0]], margin, joint
    _backward_steps[step, rivals] = outcome
    return outcome
