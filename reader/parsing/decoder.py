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
from reader.parsing.expressions import Step, Turn
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
UNREACHABLE: Final = 1 << 40
BEAM: Final = 8 * UNIT
"""A reading of the page so far that is this much worse than the best is given up."""
CACHE_SIZE: Final = 50_000
"""Number of steps cached in each direction before the cache is emptied."""
WIDEST_MARGIN: Final = 4 * UNIT
"""Labellings of the page that cost more than this above the best count as out of reach."""


_BEGINNING: Final = (-1,)
"""The single state -1 stands before the first line."""
_FIRST: Final = {i: {-1: round(step.cost * UNIT)} for i, step in FIRST_STEPS.items()}
_PLACES: Final = len(STATES)
"""At most so many states are compared, so a cost and a place fit into one number that compares by the cost first."""
_NO_WAY: Final = 1 << 28


@lru_cache(maxsize=1 << 14)
def _after(state: int, code: int) -> dict[int, int]:
    """The states that the layouts have after a state, for a line with these hints, with the cost of the step, in units.

    `state` is -1 at the page's start; `code` is 0 without hints.
    """
    steps = FIRST_STEPS if state < 0 else STEPS[state]
    if not code:
        return _in_units({after: step.cost for after, step in steps.items()})
    weighed = {after: hints.step_of_layouts(code, step, after) for after, step in steps.items()}
    return _in_units({after: cost for after, cost in weighed.items() if cost is not None})


@lru_cache(maxsize=4096)
def _elsewhere(origin: hints.Origin, code: int) -> dict[int, int]:
    """The states that may follow where no layout has them, with the cost of the step, in units.

    Without hints, any article may break off.
    """
    return _in_units(hints.steps_elsewhere(code, origin)) if code else _BREAKS


def _in_units(costs: dict[int, float]) -> dict[int, int]:
    return {state: round(cost * UNIT) for state, cost in costs.items()}


_BREAKS: Final = _in_units(BREAKS)
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
    known = {before: round(step.cost * UNIT) for before, step in _steps_into(state).items() if before >= 0}
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


@cache
def _states_by_origin() -> dict[hints.Origin, list[int]]:
    """The states of each origin; -1 is the page's start."""
    states: dict[hints.Origin, list[int]] = {}
    for state in range(-1, len(STATES)):
        states.setdefault(hints.ORIGINS[state], []).append(state)
    return states


@cache
def _steps_into(after: int) -> dict[int, Step]:
    """The steps that the layouts have into a state, by the state before; -1 is the page's start."""
    return {before: steps[after] for before, steps in enumerate((FIRST_STEPS, *STEPS), -1) if after in steps}


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs; -1 is the page's start."""
    steps: dict[int, int] = {}
    for origin, states in _states_by_origin().items():
        if (cost := _elsewhere(origin, code).get(after)) is not None:
            steps |= dict.fromkeys(states, cost)
    for before, step in _steps_into(after).items():
        if (weighed := hints.step_of_layouts(code, step, after)) is not None:
            cost = round(weighed * UNIT)
            steps[before] = min(cost, steps.get(before, cost))
    return steps


_Ways = list[tuple[int, int]]
"""(cost, state) of ways to a line's states, in units, the cheapest first. The line's own cost is included."""


@lru_cache(maxsize=1 << 16)
def _ways(before: int, key: int) -> _Ways:
    """The ways of the layouts from a state to those of a line with this key, without those beyond the beam."""
    return _cheapest(_after(before, key // KEYS), key)


@lru_cache(maxsize=1 << 14)
def _ways_elsewhere(origin: hints.Origin, key: int) -> _Ways:
    """The ways that no layout has to the states of a line with this key, without those beyond the beam."""
    return _cheapest(_elsewhere(origin, key // KEYS), key)


def _cheapest(steps: dict[int, int], key: int) -> _Ways:
    own = options(key)
    ways = sorted([(own[after] + step, after) for after, step in steps.items() if after in own])
    return ways[: bisect_right(ways, (ways[0][0] + BEAM, len(STATES)))] if ways else ways


def _compute_step(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    before, costs = _standings[number]
    before = before or _BEGINNING
    ways = [(cost, place, _ways(before[place], key)) for place, cost in enumerate(costs)]
    # Where no layout leads on, only the cheapest state of each origin counts.
    cheapest: dict[hints.Origin, tuple[int, int]] = {}
    if key >= KEYS:
        for place, cost in enumerate(costs):
            origin = hints.ORIGINS[before[place]]
            cheapest[origin] = min((cost, place), cheapest.get(origin, (cost, place)))
    elif number:
        cheapest[hints.ANYWHERE] = 0, costs.index(0)
    ways += [(*best, _ways_elsewhere(origin, key)) for origin, best in cheapest.items()]
    widest = min([cost + onward[0][0] for cost, _, onward in ways if onward]) + BEAM
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
        tuple([state for state, _ in kept]), tuple([way // _PLACES + BEAM - widest for _, way in kept])
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
    return _turn(before, state, opened=key >= KEYS and hints.opens(key // KEYS))


@lru_cache(maxsize=1 << 16)
def _turn(before: int, state: int, *, opened: bool) -> Turn:
    step = None if before < 0 else step_between(before, state)
    if step is not None and step.turn == Turn.INTERRUPTS:
        return step.turn
    if before < 0 or opened:
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
