"""The best labelling of a whole page: Viterbi over the layouts.

What a line can be, and how much worse each reading is than the best one, follows from the same of the line before
and from the line's key. Both repeat from page to page, so the outcome of each such step is kept, as in a lazily
built automaton: labelling a line is then one look-up. Time is linear in the number of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

import reader.parsing.hints as hints
from reader.parsing.features import KEYS
from reader.parsing.layouts import BREAKS, END_COSTS, FIRST_STEPS, STATES, STEPS, step_between
from reader.parsing.scoring import SLACK, candidates, costs

UNIT: Final = 100
"""Costs are whole hundredths of a nat, so that equal standings are equal."""
NEVER: Final = 1 << 40
BEAM: Final = 8 * UNIT
"""A reading of the page so far that is this much worse than the best is given up."""
HINTED_BEAM: Final = 6 * UNIT
"""The same after a line with hints, which leave fewer readings open."""
CACHE_SIZE: Final = 50_000
"""How many steps are kept before the cache is emptied."""


def _predecessors() -> tuple[dict[int, int], ...]:
    """For each state, the states that may stand before it with what the step costs."""
    before: tuple[dict[int, int], ...] = tuple({} for _ in STATES)
    for (i, j), step in STEPS.items():
        before[j][i] = round(step.cost * UNIT)
    return before


_BEFORE: Final = _predecessors()
_BREAKS: Final = {state: round(cost * UNIT) for state, cost in BREAKS.items()}
_BEGINNING: Final = (-1,)
"""What stands before the first line is the one state -1."""
_FIRST: Final = {i: {-1: round(step.cost * UNIT)} for i, step in FIRST_STEPS.items()}


def _successors() -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each state, and last for the page's beginning, what may follow with what the step costs."""
    after: list[list[tuple[int, int]]] = [[] for _ in (*STATES, None)]
    for state, before in enumerate(_BEFORE):
        for i, cost in before.items():
            after[i].append((state, cost))
    after[-1] = [(state, before[-1]) for state, before in _FIRST.items()]
    return tuple(map(tuple, after))


_AFTER: Final = _successors()
_NO_WAY: Final = (NEVER, 0)
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
    if state not in _BREAKS:
        return _BEFORE[state]
    return dict.fromkeys(range(len(STATES)), _BREAKS[state]) | _BEFORE[state]


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
    found = hints.weigh_hints(code, costs(plain), SLACK) if code else candidates(key)
    return tuple((round(cost * UNIT), state) for cost, state in found)


@lru_cache(maxsize=4096)
def _hinted_steps(code: int, after: int) -> dict[int, int]:
    """The predecessors of a state whose line has these hints, with what the step costs."""
    steps = {before: hints.hinted_step(code, before, after) for before in range(-1, len(STATES))}
    return {before: round(cost * UNIT) for before, cost in steps.items() if cost is not None}


@lru_cache(maxsize=2048)
def _hinted_row(code: int, after: int) -> tuple[int, ...]:
    """The same as a row of costs by predecessor, the page's start (-1) at its end; NEVER where there is no step."""
    steps = _hinted_steps(code, after)
    return tuple([steps.get(before, NEVER) for before in (*range(len(STATES)), -1)])


def _compute_step(number: int, key: int) -> tuple[int, tuple[int, ...]]:
    """(number of the new standing, for each of its states the place of the one before)."""
    states, costs = _standings[number]
    code = key // KEYS
    beam = HINTED_BEAM if code else BEAM
    ways = {} if code else _ways(states, costs)
    cheapest = costs.index(0)
    reached: list[tuple[int, int, int]] = []
    limit = NEVER
    for own, state in _candidates(key):
        # Candidates come likeliest first, and no step costs less than nothing.
        if own > limit:
            break
        if code:
            best, at = _hinted_way(states, costs, code, state)
        else:
            best, at = ways.get(state, _NO_WAY)
            if states and state in _BREAKS and _BREAKS[state] < best:
                # Any article may break off here: so does the cheapest.
                best, at = _BREAKS[state], cheapest
        if best < NEVER:
            reached.append((best + own, state, at))
            limit = min(limit, best + own + beam)
    least = limit - beam
    kept = sorted((state, cost - least, at) for cost, state, at in reached if cost <= limit)
    standing = _Standing(tuple([s for s, _, _ in kept]), tuple([c for _, c, _ in kept]))
    new = _numbers.setdefault(standing, len(_standings))
    if new == len(_standings):
        _standings.append(standing)
    outcome = new, tuple([at for _, _, at in kept])
    _steps[number * _KEYS + key] = outcome
    return outcome


def _ways(states: tuple[int, ...], costs: tuple[int, ...]) -> dict[int, tuple[int, int]]:
    """For each state that the layouts have next: (cost of the cheapest way to it, the place of the state before)."""
    ways: dict[int, tuple[int, int]] = {}
    for place, cost in enumerate(costs):
        for after, step in _AFTER[states[place] if states else -1]:
            total = cost + step
            if after not in ways or total < ways[after][0]:
                ways[after] = (total, place)
    return ways


def _hinted_way(states: tuple[int, ...], costs: tuple[int, ...], code: int, state: int) -> tuple[int, int]:
    """The same for one state of a line with hints, which also make steps that no layout has."""
    row = _hinted_row(code, state)
    totals = [cost + row[before] for before, cost in zip(states or _BEGINNING, costs, strict=True)]
    best = min(totals)
    return best, totals.index(best)


def decode(keys: list[int]) -> list[int]:
    """The state of every line, by its index in `layouts.STATES`: the labelling that costs least."""
    with _LOCK:
        return _decode(keys)


def _decode(keys: list[int]) -> list[int]:
    if len(_steps) > CACHE_SIZE:
        _steps.clear()
        _numbers.clear()
        del _standings[1:]
    known = _steps
    trail: list[tuple[int, tuple[int, ...]]] = []
    number = 0
    for key in keys:
        outcome = known.get(number * _KEYS + key) or _compute_step(number, key)
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


_NOT_BEGINNING: Final = frozenset(i for i, state in enumerate(STATES) if state.label == "furniture")
_MESSAGE: Final = frozenset(
    i for i, state in enumerate(STATES) if state.setting == "message" and state.label == "sponsor label"
)


class Reading(NamedTuple):
    """What a line is taken for."""

    label: str
    begins: bool
    """Whether an article begins with it."""


class Alternative(NamedTuple):
    """The cheapest labelling of the page in which a line has another reading."""

    reading: Reading
    worse: float
    """By how much the page costs more, in nats; never below 0."""
    before: int | None
    """The state of the line before in it; None at the page's start."""
    state: int
    after: int | None
    """The state of the line after; None at the page's end."""


def begins(before: int | None, state: int, key: int) -> bool:
    """Whether the step into a line begins an article: one from `before`, None at the page's start."""
    if state in _NOT_BEGINNING:
        return False
    if before is None or state in _MESSAGE or (key >= KEYS and hints.opens(key // KEYS)):
        return True
    step = step_between(before, state)
    return step is not None and step.opens


def step_cost(before: int | None, state: int, key: int) -> float:
    """What the step into a line costs, in nats; infinite when there is none."""
    cost = steps_into(state, key, first=before is None).get(-1 if before is None else before)
    return float("inf") if cost is None else cost / UNIT


def alternatives(
    keys: Sequence[int], states: Sequence[int], start: int, stop: int, margin: int
) -> list[Alternative | None]:
    """For each line from `start` up to `stop`, the next-best reading; None where no other comes within reach.

    `keys` and `states` are the page's lines and how they were read. More than `margin` lines away from the span the
    page is taken to be read as it was, so that a span of a page of any length takes the same time.
    """
    first, last = max(0, start - margin), min(len(keys), stop + margin)
    into = [_costs_at(keys, i) for i in range(first, last)]
    forward = _forward(into, states[first - 1] if first else -1)
    back = _backward(into, keys, states, first, last)
    read = _cost(into, states, first, last, back)
    found: list[Alternative | None] = []
    for i in range(start, stop):
        at = i - first
        before = None if i == 0 else states[i - 1]
        own = Reading(STATES[states[i]].label, begins(before, states[i], keys[i]))
        best = NEVER
        chosen: tuple[int, int] | None = None
        reached = forward[at]
        for state, (cost, steps) in into[at].items():
            if state not in back[at]:
                continue
            rest = cost + back[at][state]
            label = STATES[state].label
            for other, step in steps.items():
                if other in reached and (total := reached[other] + step + rest) < best:
                    reading = Reading(label, begins(None if other < 0 else other, state, keys[i]))
                    if reading != own:
                        best, chosen = total, (other, state)
        if chosen is None:
            found.append(None)
            continue
        other, state = chosen
        reading = Reading(STATES[state].label, begins(None if other < 0 else other, state, keys[i]))
        after = _next(into, back, at, state) if i + 1 < last else states[last] if last < len(keys) else None
        worse = max(0, best - read) / UNIT
        found.append(Alternative(reading, worse, None if other < 0 else other, state, after))
    return found


_CostsAt = dict[int, tuple[int, dict[int, int]]]
"""For each state of a line what it costs by itself, and from which states it is reached at what cost."""


def _costs_at(keys: Sequence[int], i: int) -> _CostsAt:
    return {state: (cost, steps_into(state, keys[i], first=i == 0)) for cost, state in options(keys[i])}


def _forward(into: Sequence[_CostsAt], before: int) -> list[dict[int, int]]:
    """For each line, the cheapest way to each state of the line before it."""
    reached = {before: 0}
    forward = []
    for ways in into:
        forward.append(reached)
        following: dict[int, int] = {}
        for state, (own, steps) in ways.items():
            best = min((cost + steps[s] for s, cost in reached.items() if s in steps), default=NEVER)
            if best < NEVER:
                following[state] = best + own
        reached = following
    return forward


def _backward(
    into: Sequence[_CostsAt], keys: Sequence[int], states: Sequence[int], first: int, last: int
) -> list[dict[int, int]]:
    """For each line, the cheapest way from each of its states to the end, its own cost left out."""
    if last < len(keys):
        ahead = dict(steps_into(states[last], keys[last]))
    else:
        ahead = {state: end_cost(state) for state in into[-1]} if into else {}
    back: list[dict[int, int]] = [{} for _ in into]
    for at in range(last - first - 1, -1, -1):
        here = {state: ahead[state] for state in into[at] if state in ahead}
        back[at] = here
        ahead = {}
        for state, (own, steps) in into[at].items():
            if state not in here:
                continue
            rest = own + here[state]
            for before, step in steps.items():
                if rest + step < ahead.get(before, NEVER):
                    ahead[before] = rest + step
    return back


def _cost(
    into: Sequence[_CostsAt], states: Sequence[int], first: int, last: int, back: Sequence[dict[int, int]]
) -> int:
    """What the labelling that was found costs in this stretch of the page."""
    total, before = 0, states[first - 1] if first else -1
    for at, state in enumerate(states[first:last]):
        own, steps = into[at][state]
        total += own + steps[before]
        before = state
    return total + back[-1][before] if into else 0


def _next(into: Sequence[_CostsAt], back: Sequence[dict[int, int]], at: int, state: int) -> int | None:
    """The state of the line after in the cheapest way from a line's state to the end."""
    best, found = NEVER, None
    for following, (own, steps) in into[at + 1].items():
        if state in steps and following in back[at + 1]:
            cost = steps[state] + own + back[at + 1][following]
            if cost < best:
                best, found = cost, following
    return found
