"""The best labelling of a whole page: Viterbi over the layouts.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. The way back, which finds the labelling and how far ahead of
others it is, is kept in the same manner. Time is linear in the number of lines.
"""

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
_NO_WAY: Final = UNREACHABLE * _PLACES
_FAR: Final = UNREACHABLE, 0


@lru_cache(maxsize=8192)
def _fit(key: int) -> list[int]:
    """The costs of all states for a line with this key, in units; `UNREACHABLE` for unlikely ones."""
    code, plain = divmod(key, KEYS)
    weighed = hints.weigh_hints(code, costs(plain)) if code else costs(plain)
    units = [UNREACHABLE] * len(STATES)
    for cost, mentions in likely(weighed):
        rounded = round(cost * UNIT)
        for state in mentions:
            units[state] = rounded
    return units


def options(key: int) -> dict[int, int]:
    """The states that a line with this key may be in, with their costs in units."""
    return {state: cost for state, cost in enumerate(_fit(key)) if cost < UNREACHABLE}


def _in_units(costs: dict[int, float]) -> dict[int, int]:
    return {state: round(cost * UNIT) for state, cost in costs.items()}


_BREAKS: Final = _in_units(BREAKS)
_NO_STEPS: Final[dict[int, int]] = {}
_ENDS: Final = tuple(round(cost * UNIT) for cost in END_COSTS)


def steps_into(state: int, key: int, *, first: bool = False) -> dict[int, int]:
    """The states that may stand before a line with this key in `state`, with what the step costs, in units.

    Before the first line of a page stands -1.
    """
    known, elsewhere = _steps_before(state, key, first=first)
    return known if elsewhere is None else dict.fromkeys(range(len(STATES)), elsewhere) | known


def _steps_before(state: int, key: int, *, first: bool) -> tuple[dict[int, int], int | None]:
    """The costs of the steps into a state from those before; and from all others, None if it has no others."""
    if key >= KEYS:
        return _hinted_steps(key // KEYS, state), None
    if first:
        return _FIRST.get(state, _NO_STEPS), None
    return _before(state), _BREAKS.get(state)


@cache
def _before(state: int) -> dict[int, int]:
    return {before: round(step.cost * UNIT) for before, step in _steps_into()[state].items() if before >= 0}


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
def _states_by_setting() -> dict[str | None, list[int]]:
    """The states of each setting; -1 is the page's start."""
    states: dict[str | None, list[int]] = {}
    for state in range(-1, len(STATES)):
        states.setdefault(hints.SETTINGS[state], []).append(state)
    return states


@cache
def _steps_into() -> tuple[dict[int, Step], ...]:
    """For each state, the steps that the layouts have into it, by the state before; -1 is the page's start."""
    steps: tuple[dict[int, Step], ...] = tuple({} for _ in STATES)
    for before, onward in enumerate((FIRST_STEPS, *STEPS), -1):
        for after, step in onward.items():
            steps[after][before] = step
    return steps


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs; -1 is the page's start."""
    steps: dict[int, int] = {}
    for setting, states in _states_by_setting().items():
        if (cost := hints.steps_elsewhere(code, setting).get(after)) is not None:
            steps |= dict.fromkeys(states, round(cost * UNIT))
    for before, step in _steps_into()[after].items():
        if (weighed := hints.step_of_layouts(code, step, after)) is not None:
            cost = round(weighed * UNIT)
            steps[before] = min(cost, steps.get(before, cost))
    return steps


_Costs = tuple[tuple[int, int], ...]
"""States with the costs of the steps into them, in units."""


class _Openings:
    """The states in which another article may begin. Many states have the same ones, so only one is followed."""

    def __init__(self, costs: _Costs) -> None:
        self.costs = costs


_openings = cache(_Openings)  # There are ten without hints, and about three for each code of hints.


class _Onward(NamedTuple):
    """The steps from a state that the layouts have."""

    within: _Costs
    openings: _Openings | None
    leaving: int
    """The cost of each of the openings, above what it says there."""


@lru_cache(maxsize=1 << 14)
def _onward(state: int, code: int) -> _Onward:
    """The steps from a state to a line with these hints.

    `state` is -1 at the page's start; `code` is 0 without hints.
    """
    within: list[tuple[int, int]] = []
    openings: list[tuple[int, int]] = []
    for after, step in (FIRST_STEPS if state < 0 else STEPS[state]).items():
        cost = hints.step_of_layouts(code, step, after) if code else step.cost
        if cost is not None:
            (openings if step.opens else within).append((after, round(cost * UNIT)))
    if not openings:
        return _Onward(tuple(within), None, 0)
    leaving = min([cost for _, cost in openings])
    shared = _openings(tuple(sorted([(after, cost - leaving) for after, cost in openings])))
    return _Onward(tuple(within), shared, leaving)


@lru_cache(maxsize=4096)
def _elsewhere(setting: str | None, code: int) -> _Openings:
    """The states that may follow where no layout has them. Without hints, any article may break off."""
    costs = _in_units(hints.steps_elsewhere(code, setting)) if code else _BREAKS
    return _openings(tuple(costs.items()))


@lru_cache(maxsize=1 << 14)
def _ways(openings: _Openings, key: int) -> list[tuple[int, int]]:
    """(cost, state) of the openings for a line with this key, in units, the cheapest first."""
    own = _fit(key)
    return sorted([(own[state] + cost, state) for state, cost in openings.costs if own[state] < UNREACHABLE])


def _compute_step(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    before, costs = _standings[number]
    code, own = key // KEYS, _fit(key)
    # Of the states with the same openings, only the cheapest counts.
    cheapest: dict[_Openings, tuple[int, int]] = {}
    if number and not code:
        cheapest[_elsewhere("", 0)] = 0, costs.index(0)
    widest = UNREACHABLE - 1
    reached: dict[int, int] = {}
    for place, (last, cost) in enumerate(zip(before or _BEGINNING, costs, strict=True)):
        within, openings, leaving = _onward(last, code)
        for state, step in within:
            total = cost + step + own[state]
            if total <= widest:
                widest = min(widest, total + BEAM)
                way = total * _PLACES + place
                if way < reached.get(state, _NO_WAY):
                    reached[state] = way
        if openings:
            cheapest[openings] = min((cost + leaving, place), cheapest.get(openings, _FAR))
        if code:
            openings = _elsewhere(hints.SETTINGS[last], code)
            cheapest[openings] = min((cost, place), cheapest.get(openings, _FAR))
    for openings, (cost, place) in cheapest.items():
        for further, state in _ways(openings, key):
            total = cost + further
            if total > widest:
                break
            widest = min(widest, total + BEAM)
            way = total * _PLACES + place
            if way < reached.get(state, _NO_WAY):
                reached[state] = way
    kept = sorted([(state, way) for state, way in reached.items() if way // _PLACES <= widest])
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
        steps, elsewhere = _steps_before(state, key, first=not number)
        cheapest = costs[back[place]] + steps.get(before[back[place]], elsewhere or 0)
        for i, cost in enumerate(costs):
            step_cost = steps.get(before[i], elsewhere)
            if step_cost is None:
                continue
            total = worse + cost + step_cost - cheapest
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
