"""All labellings of pages at once: how likely the right ones are, and which costs would make them likelier.

A labelling is as likely as exp(-cost), and the costs of a page's labellings are sums of parameters, so this is a
conditional random field: its gradient is how often each parameter counts in the right labellings, less how often
it counts in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reader.parsing.expressions import Turn
from reader.parsing.scoring import costs
from reader.parsing.states import BREAKS, END_COSTS, FIRST_STEPS, MENTIONS, STATES, STEPS
from tests.fitting.literals import literals, parts_of

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
_N = len(STATES)
_FARTHEST = 80.0
"""Costs beyond this, in nats, are as good as impossible."""
ANY, BEGINS, GOES_ON = range(3)
"""Which turns a step may take: any; only into another article; only within one."""


class Example(NamedTuple):
    """A page with what its labelling has to be like; one entry for each line."""

    keys: list[int]
    states: list[frozenset[int]]
    """The states that are right."""
    turns: list[int]
    """ANY, BEGINS or GOES_ON."""


class _Sums:
    """Many sums of parameters."""

    def __init__(self, sums: Iterable[float]) -> None:
        values = list(sums)
        weights = [
            (i, index, times) for i, cost in enumerate(values) for index, times in parts_of(cost).items()
        ]
        sums_, indexes, times = zip(*weights, strict=True) if weights else ((), (), ())
        self._sums, self._indexes = np.array(sums_, int), np.array(indexes, int)
        self._times = np.array(times, float)
        start = np.array([literal.value for literal in literals])
        self._fixed = np.minimum(np.array(values, float), 1e4) - self._added(start, len(values))

    def _added(self, parameters: Floats, count: int) -> Floats:
        return np.bincount(self._sums, self._times * parameters[self._indexes], count).astype(float)

    def values(self, parameters: Floats) -> Floats:
        """The sums."""
        return np.asarray(self._fixed + self._added(parameters, len(self._fixed)))

    def gradient(self, of_sums: Floats) -> Floats:
        """What a gradient of the sums is for the parameters."""
        times = self._times * of_sums[self._sums]
        return np.bincount(self._indexes, times, len(literals)).astype(float)


class Lattice:
    """The states and steps of the layouts, with the lines of all examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        keys = sorted({key for example in examples for key in example.keys})
        self._row = {key: i for i, key in enumerate(keys)}
        self._own = _Sums(cost for key in keys for cost in costs(key))
        self._mention = np.zeros(_N, int)
        """For each state, the place of its costs among those of a key."""
        for place, first in enumerate(MENTIONS):
            self._mention[MENTIONS[first]] = place
        self._first = _Sums(FIRST_STEPS[i].cost if i in FIRST_STEPS else float("inf") for i in range(_N))
        self._end = _Sums(END_COSTS)
        steps = [
            (before, after, step.cost, step.turn in (Turn.OPENS, Turn.INTERRUPTS))
            for before in range(_N)
            for after, step in STEPS[before].items()
        ] + [
            (before, after, cost, True)
            for before in range(_N)
            for after, cost in BREAKS.items()
            if after not in STEPS[before]
        ]
        self._before, self._after = np.array([s[0] for s in steps]), np.array([s[1] for s in steps])
        self._opens = np.array([s[3] for s in steps])
        self._steps = _Sums(s[2] for s in steps)

    def loss(
        self, parameters: Floats, examples: Sequence[Example], temperature: float
    ) -> tuple[float, Floats]:
        """(how unlikely the right labellings of the examples are, in nats; its gradient for the parameters)."""
        own = self._own.values(parameters).reshape(len(self._row), -1)[:, self._mention] / temperature
        matrices = []
        steps = np.exp(-np.clip(self._steps.values(parameters) / temperature, -_FARTHEST, _FARTHEST))
        for opens in (True, False):
            matrix = np.zeros((_N, _N), np.float32)
            chosen = self._opens == opens
            matrix[self._before[chosen], self._after[chosen]] = steps[chosen]
            matrices.append(matrix)
        lines = _Lines(examples, self._row)
        first, end = self._first.values(parameters) / temperature, self._end.values(parameters) / temperature
        right = _Pass(lines, own[lines.rows], first, end, matrices, constrained=True)
        every = _Pass(lines, own[lines.rows], first, end, matrices, constrained=False)
        surplus = (right.lines - every.lines) * lines.real[..., None]
        by_row = np.zeros_like(own)
        np.add.at(by_row, lines.rows.reshape(-1), surplus.reshape(-1, _N))
        by_mention = np.zeros((len(own), len(MENTIONS)))
        np.add.at(by_mention.T, self._mention, by_row.T)
        ends = surplus[np.arange(len(examples)), lines.lengths - 1].sum(0)
        used = (right.steps - every.steps)[self._before, self._after]
        gradient = (
            self._own.gradient(by_mention.reshape(-1))
            + self._steps.gradient(used)
            + self._first.gradient(surplus[:, 0].sum(0))
            + self._end.gradient(ends)
        )
        return float((every.likelihood - right.likelihood).sum()), gradient / temperature


class _Lines:
    """The lines of several pages, filled up to the longest."""

    def __init__(self, examples: Sequence[Example], row: dict[int, int]) -> None:
        self.lengths = np.array([len(example.keys) for example in examples])
        shape = len(examples), max(self.lengths)
        self.rows, self.turns = np.zeros(shape, int), np.zeros(shape, int)
        self.right = np.ones((*shape, _N), np.float32)
        for i, example in enumerate(examples):
            for t, (key, states, turn) in enumerate(
                zip(example.keys, example.states, example.turns, strict=True)
            ):
                self.rows[i, t], self.turns[i, t] = row[key], turn
                self.right[i, t] = 0
                self.right[i, t, list(states)] = 1
        self.real = np.arange(shape[1])[None] < self.lengths[:, None]


class _Pass:
    """Forward and backward through pages: how likely they are, and how often each state and step is taken."""

    def __init__(
        self,
        lines: _Lines,
        own: Floats,
        first: Floats,
        end: Floats,
        matrices: Sequence[Matrix],
        *,
        constrained: bool,
    ) -> None:
        allowed = np.where(lines.right > 0, own, 1e6) if constrained else own
        least = allowed.min(-1, keepdims=True)
        fits = np.exp(-np.clip(own - least, -_FARTHEST, _FARTHEST)).astype(np.float32)
        if constrained:
            fits *= lines.right
        turns = lines.turns if constrained else np.zeros_like(lines.turns)
        opens, stays = matrices
        pages, longest = lines.rows.shape
        last = np.arange(pages), lines.lengths - 1

        def moved(states: Matrix, t: int, opens: Matrix, stays: Matrix) -> Matrix:
            into, within = states @ opens, states @ stays
            turn = turns[:, t, None]
            return np.where(turn == BEGINS, into, np.where(turn == GOES_ON, within, into + within))

        forward = np.zeros((pages, longest, _N), np.float32)
        scale = np.ones((pages, longest))
        arriving = np.exp(-np.clip(first, -_FARTHEST, _FARTHEST)).astype(np.float32)[None]
        for t in range(longest):
            here = arriving * fits[:, t]
            scale[:, t] = here.sum(-1) + 1e-38
            forward[:, t] = here / scale[:, t, None]
            if t + 1 < longest:
                arriving = moved(forward[:, t], t + 1, opens, stays)
        ending = np.exp(-end).astype(np.float32)
        total = forward[last] @ ending + 1e-38
        self.likelihood: Floats = np.log(total) + ((np.log(scale) - least[..., 0]) * lines.real).sum(1)

        backward = np.zeros((pages, longest, _N), np.float32)
        onward = np.zeros((pages, longest, _N), np.float32)
        for t in reversed(range(longest)):
            here = moved(onward[:, t + 1], t + 1, opens.T, stays.T) if t + 1 < longest else 0 * ending[None]
            here = np.where((lines.lengths - 1 == t)[:, None], ending[None] / total[:, None], here)
            backward[:, t] = here * lines.real[:, t, None]
            onward[:, t] = backward[:, t] * fits[:, t] / scale[:, t, None]
        self.lines: Matrix = forward * backward
        before, after = forward[:, :-1].reshape(-1, _N), onward[:, 1:].reshape(-1, _N)
        turn = turns[:, 1:].reshape(-1)
        self.steps: Matrix = (before[turn != GOES_ON].T @ after[turn != GOES_ON]) * opens + (
            before[turn != BEGINS].T @ after[turn != BEGINS]
        ) * stays
