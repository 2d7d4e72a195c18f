"""The best labelling of a whole page: Viterbi over the grammar.

Which states a line can be in depends on its key and on the states of the line before, not on the costs so far.
Those sets and the steps between them are worked out once and kept, as in a lazily built automaton, so that
labelling a line is a few additions. Time is linear in the number of lines.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from reader.parsing.grammar import END_COSTS, START, STATES, STEPS
from reader.parsing.scoring import candidates

REMEMBERED: Final = 20_000
"""How many moves are kept before they are worked out anew."""

# For each state: its predecessors with what the step costs.
_BEFORE: Final = tuple(
    {i: STEPS[state.name, after.name].cost for i, state in enumerate(STATES) if (state.name, after.name) in STEPS}
    for after in STATES
)
_FIRST: Final = {i: STEPS[START, state.name].cost for i, state in enumerate(STATES) if (START, state.name) in STEPS}
_ENDS: Final = tuple(END_COSTS[state.name] for state in STATES)


class _Move(NamedTuple):
    """One line further: what it may be, given what the line before may be."""

    states: tuple[int, ...]
    """States that the line can be in."""
    plan: tuple[tuple[float, tuple[tuple[int, float], ...]], ...]
    """For each of them: its cost, and (place in the set before, cost) of each way to it."""
    live: int
    """The number of this set of states."""


_moves: dict[tuple[int, int], _Move] = {}
_live_sets: dict[tuple[int, ...], int] = {(): 0}
_by_number: list[tuple[int, ...]] = [()]


def _work_out(live: int, key: int) -> _Move:
    before = _by_number[live]
    states: list[int] = []
    plan: list[tuple[float, tuple[tuple[int, float], ...]]] = []
    for state, cost in candidates(key):
        if live == 0:
            ways = ((0, _FIRST[state]),) if state in _FIRST else ()
        else:
            costs = _BEFORE[state]
            ways = tuple((place, costs[old]) for place, old in enumerate(before) if old in costs)
        if ways:
            states.append(state)
            plan.append((cost, ways))
    reached = tuple(states)
    number = _live_sets.setdefault(reached, len(_by_number))
    if number == len(_by_number):
        _by_number.append(reached)
    return _Move(reached, tuple(plan), number)


def decode(keys: list[int]) -> list[int]:
    """The state of every line, by its index in `grammar.STATES`: the labelling that costs least."""
    if not keys:
        return []
    if len(_moves) > REMEMBERED:
        _moves.clear()
        _live_sets.clear()
        _live_sets[()] = 0
        del _by_number[1:]
    live, costs = 0, [0.0]
    trail: list[tuple[tuple[int, ...], list[int]]] = []
    moves = _moves
    for key in keys:
        move = moves.get((live, key))
        if move is None:
            move = moves[live, key] = _work_out(live, key)
        states, plan, live = move
        new: list[float] = []
        back: list[int] = []
        for own, ways in plan:
            if len(ways) == 1:
                place, best = ways[0]
                best += costs[place]
            else:
                best = 1e18
                place = 0
                for i, step in ways:
                    step += costs[i]
                    if step < best:
                        best = step
                        place = i
            new.append(best + own)
            back.append(place)
        trail.append((states, back))
        costs = new
    return _follow(trail, costs)


def _follow(trail: list[tuple[tuple[int, ...], list[int]]], costs: list[float]) -> list[int]:
    last = trail[-1][0]
    place = min(range(len(costs)), key=lambda i: costs[i] + _ENDS[last[i]])
    path: list[int] = []
    for states, back in reversed(trail):
        path.append(states[place])
        place = back[place]
    path.reverse()
    return path
