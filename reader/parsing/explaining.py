"""Why each line was read as it was, in words: what speaks for the reading and against it, and the next-best one.

Reasons are differences: what a feature costs the reading, less what it costs the next-best one. Added up they are what
the page would cost more if the line were read otherwise, so nothing is told that did not decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from reader.model import Capture
from reader.parsing import hints
from reader.parsing.alternatives import Alternative, Reading, alternatives, begins, step_cost
from reader.parsing.decoder import decode
from reader.parsing.explaining_words import (
    FEATURES,
    GAPS,
    KINDS,
    NOUNS,
    REST,
)
from reader.parsing.features import Features, unpack
from reader.parsing.grammar import STATES
from reader.parsing.hinted import assemble_hinted
from reader.parsing.lines import read_lines
from reader.parsing.scoring import NEVER, terms

CLOSE: Final = 2.0
"""A reading that is less than this better than the next one, in nats, was close."""
COUNTS: Final = 0.3
"""What decides less than this, in nats, is not told."""
_MARGIN: Final = 50
_MOST: Final = 5
_LIKELY: Final = ((0.7, "nearly as likely"), (CLOSE, "less likely"), (5.0, "much less likely"))


class Weighed(NamedTuple):
    """One reason."""

    words: str
    """What there is to see, as a clause: "it ends in a full stop"."""
    nats: float
    """How much it speaks for the reading, against the next-best one; below 0 it speaks for that."""


class LineWhy(NamedTuple):
    """One line's reading, with its reasons."""

    at: int
    """Which of the page's non-empty lines it is, from 0."""
    n: int
    """Number of the line, from 1."""
    text: str
    reading: Reading
    said: str | None
    """Who said so: "a reader", "the page’s markup"; None when nobody did."""
    reasons: tuple[Weighed, ...]
    """The weightiest first: at most five that speak for it, then at most five that speak against."""
    other: Reading | None
    """The next-best reading; None when no other comes within reach."""
    worse: float
    """How much less likely that is, in nats; 0 without one."""

    @property
    def close(self) -> bool:
        """Whether the line could nearly as well have been read otherwise."""
        return self.other is not None and self.worse < CLOSE and self.said is None


class Explainer:
    """The reading of one capture, to be explained line by line. Pure."""

    def __init__(self, capture: Capture) -> None:
        """Reads the capture as `parse_capture` does, whatever was told of it before."""
        self._lines = read_lines(capture.text)
        self._keys = hints.marked(self._lines, capture.hints).keys
        self._said = hints.by_line(self._lines, capture.hints)
        self._states = decode(self._keys)
        self.page = assemble_hinted(capture, self._lines)
        self._place = {n: i for i, n in enumerate(self._lines.numbers)}

    def __len__(self) -> int:
        """How many non-empty lines there are."""
        return len(self._keys)

    @property
    def texts(self) -> Sequence[str]:
        """The lines, cleaned, with single spaces."""
        return self._lines.texts

    def index_of(self, n: int) -> int | None:
        """The index of line `n`; None when it is empty."""
        return self._place.get(n)

    def explain(self, start: int, stop: int) -> list[LineWhy]:
        """The lines with indexes from `start` up to `stop`: about 0.15 ms each."""
        others = alternatives(self._keys, self._states, start, stop, _MARGIN)
        return [self._explain(start + at, other) for at, other in enumerate(others)]

    def _explain(self, i: int, other: Alternative | None) -> LineWhy:
        state, key = self._states[i], self._keys[i]
        before = self._states[i - 1] if i else None
        joined = any(hint.role == hints.JOINS for hint in self._said.get(i, ()))
        reading = Reading(STATES[state].label, begins(before, state, key) and not joined)
        found = self._reasons(i, other) if other else self._facts(i)
        found.sort(key=lambda reason: -abs(reason.nats))
        speaking = [reason for reason in found if reason.nats > 0 or other is None][:_MOST]
        against = [reason for reason in found if reason.nats < 0 and other is not None][:_MOST]
        return LineWhy(
            i,
            self._lines.numbers[i],
            self._lines.texts[i],
            reading,
            self._who(i),
            (*speaking, *against),
            other.reading if other else None,
            other.worse if other else 0.0,
        )

    def _who(self, i: int) -> str | None:
        for hint in self._said.get(i, ()):
            if hint.role.startswith(hints.CORRECTED):
                return "a reader"
            if hint.role in hints.ROLES:
                return "the page’s markup"
        return None

    def _facts(self, i: int) -> list[Weighed]:
        """What there is to see of a line that can be nothing else."""
        f = unpack(self._keys[i])
        return [Weighed(_shown("kind", f, self._lines.texts[i]), 0.0)]

    def _reasons(self, i: int, other: Alternative) -> list[Weighed]:
        keys, states, key, f = self._keys, self._states, self._keys[i], unpack(self._keys[i])
        own, its = STATES[states[i]], STATES[other.state]
        costs, rival = dict(terms(own.scorer, key)), dict(terms(its.scorer, key))
        # In the order of the words, not of a set: equal weights must stand in the same order in every run.
        names = list(dict.fromkeys((*costs, *rival)))
        text = self._lines.texts[i]
        found = [(_shown(_NAMES.get(n, n), f, text), rival.get(n, 0.0) - costs.get(n, 0.0)) for n in names]
        before = states[i - 1] if i else None
        after = states[i + 1] if i + 1 < len(states) else None
        into = _difference(step_cost(before, states[i], key), step_cost(other.before, other.state, key))
        gap = its.gaps[f.gap] - own.gaps[f.gap]
        # What stands before a page's first line is nothing to tell.
        found += [(_follows(before), into), (GAPS[f.gap], gap)] if i else [(_follows(before), into + gap)]
        if after is not None and other.after is not None:
            nearest = keys[i + 1]
            out = _difference(
                step_cost(states[i], after, nearest), step_cost(other.state, other.after, nearest)
            )
            found.append((f"{NOUNS[STATES[after].label]} follows it", out))
        rest = other.worse - sum(nats for _, nats in found)
        found.append((REST, rest))
        return [Weighed(words, round(nats, 2)) for words, nats in found if abs(nats) >= COUNTS]


_NAMES: Final = {"what such lines are like": "base", "its words": "kind", "its length": "size"}


def how_likely(worse: float) -> str:
    """How a reading that is `worse` by so many nats compares with the best, in words."""
    return next((words for limit, words in _LIKELY if worse < limit), "far less likely")


def in_words(reading: Reading) -> str:
    """A reading: "a kicker, which begins an article"."""
    noun = NOUNS[reading.label]
    return f"{noun}, where an article begins" if reading.begins else noun


def _difference(own: float, other: float) -> float:
    """What a step speaks for the reading; one that there is not at all counts as ruled out."""
    return min(other, NEVER) - min(own, NEVER)


def _follows(before: int | None) -> str:
    if before is None:
        return "the page begins with it"
    return f"it follows {NOUNS[STATES[before].label]}"


def _shown(feature: str, f: Features, text: str) -> str:
    if feature == "base":
        return "such lines are as frequent as that"
    if feature == "size":
        return f"it has {len(text):,} character{'' if len(text) == 1 else 's'}"
    if feature == "kind":
        return KINDS[f.kind]
    words: str = FEATURES[feature][getattr(f, feature)]
    return words
