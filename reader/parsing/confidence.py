"""How sure the reading of a page is: the confidence in each article, and the next-best readings of its lines.

Both compare the page's cheapest labelling with the cheapest one in which something is read otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from typing import NamedTuple

from reader.parsing.decoder import (
    UNIT,
    UNREACHABLE,
    WIDEST_MARGIN,
    Labelling,
    end_cost,
    options,
    steps_into,
    turn_into,
)
from reader.parsing.expressions import Turn
from reader.parsing.states import FURNITURE, STATES


class Span(NamedTuple):
    """The lines that decide how an article is read, by their indexes on the page."""

    before: int
    """The line after the last one of the article before."""
    start: int
    stop: int
    """The first line of the next article, or the end of the page."""


def spans(articles: Sequence[Sequence[int]], lines: int) -> list[Span]:
    """The span of each article, given the indexes of its lines and how many lines the page has.

    An article inside another is in the other's span.
    """
    article_spans: list[Span] = []
    last = -1
    for position, members in enumerate(articles):
        following = (other[0] for other in articles[position + 1 :] if other[0] > members[-1])
        article_spans.append(Span(last + 1, members[0], next(following, lines)))
        last = max(last, members[-1])
    return article_spans


def margin_of(span: Span, labelling: Labelling) -> int:
    """The extra cost of the cheapest labelling that changes an article, in units.

    Of the next article's first line, only whether it begins there matters.
    """
    margin = min(labelling.margins[span.start : span.stop])
    return min([margin, *labelling.joints[span.stop : span.stop + 1]])


def confidence_of(margin: int) -> float:
    """The likelihood of a reading beside one that costs `margin` units more: 0.5 if both are as likely, else up to 1.

    A cost is the negative logarithm of a likelihood.
    """
    return 1.0 if margin >= WIDEST_MARGIN else round(1 / (1 + exp(-margin / UNIT)), 2)


def confidences(
    articles: Sequence[Sequence[int]], labelling: Labelling, checked: frozenset[int]
) -> list[float]:
    """The confidence in each article, 0.5 to 1; `checked` are the lines that a reader has corrected."""
    result: list[float] = []
    for span in spans(articles, len(labelling.margins)):
        corrected = checked and not checked.isdisjoint(range(span.before, span.stop))
        result.append(1.0 if corrected else confidence_of(margin_of(span, labelling)))
    return result


# Next-best readings


class Reading(NamedTuple):
    """The reading of a line."""

    label: str
    begins: bool
    """Does an article begin with it?"""


class Alternative(NamedTuple):
    """The cheapest labelling of the page in which a line has another reading."""

    reading: Reading
    worse: float
    """The extra cost of the page, in nats; never below 0."""
    before: int | None
    """The state of the line before in it; None at the page's start."""
    state: int
    after: int | None
    """The state of the line after; None at the page's end."""


def begins(before: int | None, state: int, key: int) -> bool:
    """Does the step into a line from `before` (None at the page's start) begin an article?"""
    if state in FURNITURE:
        return False
    return turn_into(-1 if before is None else before, state, key) in (Turn.OPENS, Turn.INTERRUPTS)


def read_as(before: int, state: int, key: int) -> Reading:
    """The reading of a line with this key in `state`, after `before` (-1 at the page's start)."""
    return Reading(STATES[state].label, begins(None if before < 0 else before, state, key))


def step_cost(before: int | None, state: int, key: int) -> float:
    """The cost of the step into a line, in nats; infinite if there is none."""
    cost = steps_into(state, key, first=before is None).get(-1 if before is None else before)
    return float("inf") if cost is None else cost / UNIT


def alternatives(
    keys: Sequence[int],
    states: Sequence[int],
    start: int,
    stop: int,
    margin: int,
    classify: Callable[[int, int, int], object] = read_as,
) -> list[Alternative | None]:
    """For each line from `start` up to `stop`, the next-best reading; None where no other comes within reach.

    `keys` and `states` are the page's lines and how they were read. `classify` says what a reading is, given the state
    before, the state and the key. More than `margin` lines away from the span the page is taken to be read as it was,
    so that a span of a page of any length takes the same time.
    """
    first, last = max(0, start - margin), min(len(keys), stop + margin)
    into, forward = _forward(keys, first, last, states[first - 1] if first else -1)
    back = _backward(into, keys, states, first, last)
    read = _cost(into, states, first, last, back)
    next_best: list[Alternative | None] = []
    for i in range(start, stop):
        at = i - first
        own = classify(states[i - 1] if i else -1, states[i], keys[i])
        best = UNREACHABLE
        chosen: tuple[int, int] | None = None
        reached, here = forward[at], forward[at + 1]
        # A state's cheapest way shows whether any of its ways can be the best.
        ways = sorted((here[state] + rest, state) for state, rest in back[at].items())
        for cheapest, state in ways:
            if cheapest >= best:
                break
            cost, steps = into[at][state]
            rest = cost + back[at][state]
            for other, step in steps.items():
                total = reached[other] + step + rest
                if total < best and classify(other, state, keys[i]) != own:
                    best, chosen = total, (other, state)
        if chosen is None:
            next_best.append(None)
            continue
        other, state = chosen
        reading = read_as(other, state, keys[i])
        after = _next(into, back, at, state) if i + 1 < last else states[last] if last < len(keys) else None
        worse = max(0, best - read) / UNIT
        next_best.append(Alternative(reading, worse, None if other < 0 else other, state, after))
    return next_best


_CostsAt = dict[int, tuple[int, dict[int, int]]]
"""For each state of a line that can be reached: its own cost, and the costs of the steps into it by state."""


def _forward(
    keys: Sequence[int], first: int, last: int, before: int
) -> tuple[list[_CostsAt], list[dict[int, int]]]:
    """The costs of each line; and for the line before the first and each line, the cheapest way to each state."""
    reached = {before: 0}
    into, forward = [], [reached]
    for i in range(first, last):
        costs: _CostsAt = {}
        following: dict[int, int] = {}
        for state, own in options(keys[i]).items():
            known = steps_into(state, keys[i], first=i == 0)
            if steps := {other: known[other] for other in known.keys() & reached.keys()}:
                costs[state] = own, steps
                following[state] = own + min([reached[other] + step for other, step in steps.items()])
        reached = following
        into.append(costs)
        forward.append(reached)
    return into, forward


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
        for state, rest in here.items():
            own, steps = into[at][state]
            rest += own
            for before, step in steps.items():
                if rest + step < ahead.get(before, UNREACHABLE):
                    ahead[before] = rest + step
    return back


def _cost(
    into: Sequence[_CostsAt], states: Sequence[int], first: int, last: int, back: Sequence[dict[int, int]]
) -> int:
    """The cost of the best labelling in this stretch of the page."""
    total, before = 0, states[first - 1] if first else -1
    for at, state in enumerate(states[first:last]):
        own, steps = into[at][state]
        total += own + steps[before]
        before = state
    return total + back[-1][before] if into else 0


def _next(into: Sequence[_CostsAt], back: Sequence[dict[int, int]], at: int, state: int) -> int | None:
    """The state of the line after in the cheapest way from a line's state to the end."""
    best, state_after = UNREACHABLE, None
    for following, (own, steps) in into[at + 1].items():
        if state in steps and following in back[at + 1]:
            cost = steps[state] + own + back[at + 1][following]
            if cost < best:
                best, state_after = cost, following
    return state_after
