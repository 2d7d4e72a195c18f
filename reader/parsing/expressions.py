"""Layouts as expressions, compiled into weighted steps from line to line by Glushkov's construction.

An expression says in which order lines may stand: `seq(optional(KICKER, skip=0.5), HEADLINE, many(PARAGRAPH))`. Each
mention of a line in it becomes a state of its own. Costs are in nats; those along a path add up.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import Final, NamedTuple

NEVER: Final = float("inf")


class Turn(IntEnum):
    """The effect on the article of a step from one line to the next."""

    WITHIN = 0
    OPENS = 1
    """The next line begins another article, or stands outside of all."""
    INTERRUPTS = 2
    """The next line begins an article that stands inside this one."""
    RESUMES = 3
    """The next line goes on with the article around the one that ends."""


class Step(NamedTuple):
    """A way from one state to the next."""

    cost: float
    turn: Turn = Turn.WITHIN

    @property
    def opens(self) -> bool:
        """Does the next line begin another article, or stand outside of all?"""
        return self.turn == Turn.OPENS


_step = cache(Step)  # Most steps have the costs of others; making each anew takes a millisecond at the start.
_FREE: Final = _step(0.0)
"""A step that costs nothing."""
Steps = dict[int, Step]
"""Steps by the number of the state that they lead to, or that they leave."""


class Line(NamedTuple):
    """One kind of line, as an expression mentions it."""

    label: str
    """The line's name outside the parser."""
    scorer: str
    """The row of `scoring.LABEL_COSTS` that says how well a line fits."""
    gaps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Cost of following with no, one, or several empty lines between."""


class State(NamedTuple):
    """One mention of a line in an expression."""

    label: str
    scorer: str
    gaps: tuple[float, float, float, float]
    """The costs of the line's gaps, and 0 where the gap is unknown."""
    setting: str
    """The kind of article that the line stands in; "" outside of all."""


Fragment = tuple[float, Steps, Steps]
"""The compiled form of a part of an expression, by the indexes of its states.

The cost of leaving it out, the states that it may begin with, and those that it may end with; RESUMES where leaving
goes back to the article around.
"""


class Builder:
    """The states and steps of an expression while it is compiled."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.steps: list[Steps] = []
        """For each state, the steps to the next."""
        self.setting = ""

    def add(self, line: Line) -> Fragment:
        """Add a state for one mention of a line."""
        here = {len(self.states): _FREE}
        self.states.append(State(line.label, line.scorer, (*line.gaps, 0.0), self.setting))
        self.steps.append({})
        return NEVER, here, here

    def join(self, last: Steps, first: Steps, cost: float = 0.0) -> None:
        """Add the steps from the last states of one part to the first of another."""
        onward: dict[Step, Steps] = {}  # Most states of a part are left in the same few ways.
        for i, leaving in last.items():
            if leaving not in onward:
                onward[leaving] = (
                    first
                    if leaving == _FREE and not cost
                    else {
                        j: _step(leaving.cost + entering.cost + cost, entering.turn or leaving.turn)
                        for j, entering in first.items()
                    }
                )
            self.steps[i] = _cheapest(self.steps[i], onward[leaving])


Expression = Line | Callable[[Builder], Fragment]
"""A line, or what `seq`, `either`, `optional`, `many`, `priced`, `article` and `interruption` make of expressions."""


class Compiled(NamedTuple):
    """The states of an expression and what it costs to go from one to the next."""

    states: tuple[State, ...]
    first: Steps
    steps: tuple[Steps, ...]
    """For each state, the steps to the next."""
    last: dict[int, float]


def compile_layout(expression: Expression) -> Compiled:
    """Build the automaton of an expression: one state for each line that it mentions."""
    builder = Builder()
    _, first, last = _build(builder, expression)
    ends = {i: step.cost for i, step in last.items()}
    return Compiled(tuple(builder.states), first, tuple(builder.steps), ends)


def seq(*parts: Expression) -> Expression:
    """One part after the other."""

    def build(builder: Builder) -> Fragment:
        nothing, first, last = _build(builder, parts[0])
        for part in parts[1:]:
            skip, starts, ends = _build(builder, part)
            builder.join(last, starts)
            if nothing != NEVER:
                first = _cheapest(first, _dearer(starts, nothing))
            last = ends if skip == NEVER else _cheapest(ends, _dearer(last, skip))
            nothing += skip
        return nothing, first, last

    return build


def either(*parts: Expression) -> Expression:
    """One of the parts."""

    def build(builder: Builder) -> Fragment:
        nothing, first, last = _build(builder, parts[0])
        for part in parts[1:]:
            skip, starts, ends = _build(builder, part)
            nothing = min(nothing, skip)
            first = _cheapest(first, starts)
            last = _cheapest(last, ends)
        return nothing, first, last

    return build


def priced(cost: float, part: Expression) -> Expression:
    """The part, at this extra cost."""

    def build(builder: Builder) -> Fragment:
        nothing, first, last = _build(builder, part)
        return nothing + cost, _dearer(first, cost), last

    return build


def optional(part: Expression, *, skip: float = 0.0, take: float = 0.0) -> Expression:
    """The part, or nothing: `skip` is what it costs that the part is missing, `take` that it is there."""

    def build(builder: Builder) -> Fragment:
        nothing, first, last = _build(builder, part)
        return min(skip, nothing + take), _dearer(first, take), last

    return build


def many(part: Expression, *, again: float = 0.0) -> Expression:
    """The part, once or more often; `again` is what each further time costs."""

    def build(builder: Builder) -> Fragment:
        nothing, first, last = _build(builder, part)
        builder.join(last, first, again)
        return nothing, first, last

    return build


def article(setting: str, part: Expression) -> Expression:
    """The part as an article of its own; the setting is part of its states."""

    def build(builder: Builder) -> Fragment:
        around, builder.setting = builder.setting, setting
        nothing, first, last = _build(builder, part)
        builder.setting = around
        return nothing, {i: Step(step.cost, Turn.OPENS) for i, step in first.items()}, last

    return build


def interruption(setting: str, part: Expression) -> Expression:
    """The part as an article inside another, which goes on after it."""

    def build(builder: Builder) -> Fragment:
        around, builder.setting = builder.setting, setting
        nothing, first, last = _build(builder, part)
        builder.setting = around
        return (
            nothing,
            {i: Step(step.cost, Turn.INTERRUPTS) for i, step in first.items()},
            {i: Step(step.cost, Turn.RESUMES) for i, step in last.items()},
        )

    return build


def _build(builder: Builder, expression: Expression) -> Fragment:
    return builder.add(expression) if isinstance(expression, Line) else expression(builder)


def _dearer(steps: Steps, cost: float) -> Steps:
    return {i: _step(step.cost + cost, step.turn) for i, step in steps.items()} if cost else steps


def _cheapest(first: Steps, second: Steps) -> Steps:
    if not first or not second:
        return first or second
    both = first | second
    if len(both) < len(first) + len(second):  # Few parts have states in common.
        for i in first.keys() & second.keys():
            if first[i].cost <= second[i].cost:
                both[i] = first[i]
    return both
