"""Why each line was read as it was, in words: what speaks for the reading and against it, and the next-best one.

Reasons are differences: what a feature costs the reading, less what it costs the next-best one. Added up they are what
the page would cost more if the line were read differently, so each reason given is one that decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import reader.parsing.hints as hints
from reader.model import Article, Capture
from reader.parsing.assembly import assemble_with_hints
from reader.parsing.confidence import Alternative, Reading, alternatives, begins, read_as, spans, step_cost
from reader.parsing.decoder import decide, decode
from reader.parsing.expressions import Turn
from reader.parsing.features import Features, unpack
from reader.parsing.lines import read_lines
from reader.parsing.scoring import RULED_OUT, terms
from reader.parsing.states import FURNITURE, NOUNS, OUTSIDE, STATES
from reader.parsing.vocabulary import Kind

KINDS: Final = {
    int(kind): words
    for kind, words in {
        Kind.PLAIN: "it contains none of the format’s fixed words",
        Kind.SECTION: "it is a section’s name",
        Kind.SECTION_OF_SITE: "it is a section’s name with the site’s",
        Kind.KICKER: "it is a recurring section line",
        Kind.NEWSLETTER: "it is a newsletter’s name",
        Kind.SPONSOR_KICKER: "it says that what follows is paid for",
        Kind.SPONSOR_LABEL: "it says who paid",
        Kind.MARKER: "it is a “keep reading” button",
        Kind.CREDIT: "it begins like a credit",
        Kind.AGENCY_CREDIT: "it reads like an agency’s credit",
        Kind.DATE: "it is a date",
        Kind.CHROME: "it is a button or a notice of the site",
        Kind.TRAILER: "it heads a list of other stories",
        Kind.TRACKER: "it ends in a tracker’s code",
        Kind.PROMO: "it asks to sign up",
        Kind.STANDING_HEAD: "it is a heading that newsletters repeat in every edition",
        Kind.BULLET: "it opens with a bullet",
        Kind.NUMBERED: "it opens with a number or a letter",
        Kind.SIGNOFF: "it is signed with a dash and a name",
        Kind.BYLINE: "it opens with “By”",
        Kind.LINK: "it is a paid message’s link",
        Kind.GREETING: "it is a newsletter’s greeting",
        Kind.CLOSER: "it is a newsletter’s closing line",
        Kind.BULLETINS: "it is the word “Bulletins”",
        Kind.DOCUMENT_TITLE: "it reads like a document’s title, with vertical bars",
        Kind.NOTHING: "it has no visible characters",
        Kind.STAMPED: "it opens with a time of day",
        Kind.ROW: "it has names side by side, with bars between them",
        Kind.NOTE: "it says what was corrected or added, or what to know before reading",
        Kind.RULE: "it is a row of dashes or stars",
        Kind.WIRE: "it reads like a wire service’s picture description",
        Kind.CALL: "it calls on the reader to act, as advertisements do",
    }.items()
}
"""Descriptions of a line's fixed words, by `vocabulary.Kind`."""

FEATURES: Final[dict[str, tuple[str, ...]]] = {
    "end": (
        "it ends without punctuation",
        "it ends in a full stop",
        "it ends in a question mark",
        "it ends in an exclamation mark",
        "it ends in a colon",
        "it ends in dots",
        "it ends unfinished",
        "the page ends with it, without punctuation",
    ),
    "name": (
        "it is not a name",
        "it could be a person’s name",
        "it could be an organisation’s name",
        "it could be a person’s or an organisation’s name",
    ),
    "repeat": (
        "no line near it has the same words",
        "the same line appears again below",
        "it repeats a line above",
        "it repeats the line above it",
    ),
    "bio": (
        "it does not mention the name above",
        "it opens with the name above",
        "it mentions the name above, or says “I”",
    ),
    "subject": (
        "it describes neither a writer nor an organisation",
        "it reads like a writer’s biography",
        "it reads like an organisation’s description of itself",
        "it reports something",
    ),
    "several": ("it is one sentence", "it is more than one sentence"),
    "fragment": (
        "every sentence in it has a verb",
        "it is a sentence without a verb",
        "it names a place, a year or a person without a verb",
        "it names a place, a year or a person, as captions do",
        "it says where in a picture somebody is",
    ),
    "narrative": ("it does not read like a sentence of a story", "it reads like a sentence of a story"),
    "advert": (
        "it does not read like advertising",
        "it reads like advertising, in a place where that can appear",
    ),
    "open": ("it does not continue a credit", "it continues the credit before it"),
}
"""Descriptions of each feature's values, by its name in `features.Features`."""

GAPS: Final = (
    "no empty line comes before it",
    "an empty line comes before it",
    "several empty lines come before it",
    "the empty lines of this page say nothing",
)
REST: Final = "other lines would have to change too"


CLOSE: Final = 2.0
"""A reading is a close call if it is better than the next by less than this, in nats."""
COUNTS: Final = 0.3
"""Reasons that weigh less than this, in nats, are left out."""
_MARGIN: Final = 50
_MOST: Final = 5
_LIKELY: Final = ((0.7, "nearly as likely"), (CLOSE, "less likely"), (5.0, "much less likely"))


class WeightedReason(NamedTuple):
    """A reason, with its weight."""

    words: str
    """The observation, as a clause: "it ends in a full stop"."""
    nats: float
    """Its weight for the reading; below 0 it supports the next-best one."""


class LineReason(NamedTuple):
    """One line's reading, with its reasons."""

    at: int
    """Its index among the page's non-empty lines, from 0."""
    n: int
    """Number of the line, from 1."""
    text: str
    reading: Reading
    fixed_by: str | None
    """The source of a fixed reading: "a reader", "the page’s markup"; None if the parser decided."""
    reasons: tuple[WeightedReason, ...]
    """The weightiest first: at most five that speak for it, then at most five that speak against."""
    other: Reading | None
    """The next-best reading; None when no other comes within reach."""
    worse: float
    """How much less likely the next-best reading is, in nats; 0 without one."""

    @property
    def close(self) -> bool:
        """Is another reading nearly as likely?"""
        return self.other is not None and self.worse < CLOSE and self.fixed_by is None


class Rival(NamedTuple):
    """The next-best reading of an article: the one that its confidence is measured by."""

    n: int
    """Number of the line that it reads otherwise, from 1."""
    own: Reading
    other: Reading
    part: bool
    """Does it read the line as another part of an article?"""
    paid: bool | None
    """Does it read the article as paid for? None if it agrees with the best reading."""


class Explainer:
    """The reading of one capture, to be explained line by line. Pure."""

    def __init__(self, capture: Capture) -> None:
        """Reads the capture as `parse_capture` does, whatever was known about it before."""
        self._lines = read_lines(capture.text)
        self._keys = hints.apply_hints(self._lines, capture.hints).keys
        self._hints = hints.hints_by_line(self._lines, capture.hints)
        self._labelling = decode(self._keys)
        self._states = self._labelling.states
        self.page = assemble_with_hints(capture, self._lines)
        if not self.page.articles:
            self._states = [min(OUTSIDE)] * len(self._keys)
        self._place = {n: i for i, n in enumerate(self._lines.numbers)}

    def __len__(self) -> int:
        """Number of non-empty lines."""
        return len(self._keys)

    @property
    def texts(self) -> Sequence[str]:
        """The lines, cleaned, with single spaces."""
        return self._lines.texts

    def index_of(self, n: int) -> int | None:
        """The index of line `n`; None when it is empty."""
        return self._place.get(n)

    def explain(self, start: int, stop: int) -> list[LineReason]:
        """The lines with indexes from `start` up to `stop`: about 1.5 ms each."""
        others = alternatives(self._keys, self._states, start, stop, _MARGIN)
        return [self._explain(start + at, other) for at, other in enumerate(others)]

    def rival(self, article: Article) -> Rival | None:
        """The next-best reading of an article of the page; None if no other comes near or a reader has corrected it."""
        if article.confidence is None or article.confidence >= 1:
            return None
        place = self._place
        ends = [(place[other.first_line], place[other.last_line]) for other in self.page.articles]
        span = spans(ends, len(self._keys))[article.position]
        margins, joints = self._labelling.margins, self._labelling.joints
        i = min(range(span.start, span.stop), key=margins.__getitem__)
        is_joint = span.stop < len(joints) and joints[span.stop] < margins[i]
        i = span.stop if is_joint else i
        before = self._states[i - 1] if i else -1
        decided = decide(before, self._states[i], self._keys[i])

        def turn(before: int, state: int, key: int) -> Turn:
            return decided.turn if state in FURNITURE else decide(before, state, key).turn

        classify = turn if is_joint else decide
        (other,) = alternatives(self._keys, self._states, i, i + 1, _MARGIN, classify)
        if other is None:
            return None
        rival = decide(-1 if other.before is None else other.before, other.state, self._keys[i])
        return Rival(
            self._lines.numbers[i],
            read_as(before, self._states[i], self._keys[i]),
            other.reading,
            decided.part != rival.part,
            None if decided.paid == rival.paid else rival.paid,
        )

    def _explain(self, i: int, other: Alternative | None) -> LineReason:
        state, key = self._states[i], self._keys[i]
        before = self._states[i - 1] if i else None
        joined = any(hint.role == hints.JOINS for hint in self._hints.get(i, ()))
        reading = Reading(STATES[state].label, begins(before, state, key) and not joined)
        weighted = self._reasons(i, other) if other else self._facts(i)
        weighted.sort(key=lambda reason: -abs(reason.nats))
        speaking = [reason for reason in weighted if reason.nats > 0 or other is None][:_MOST]
        against = [reason for reason in weighted if reason.nats < 0 and other is not None][:_MOST]
        return LineReason(
            i,
            self._lines.numbers[i],
            self._lines.texts[i],
            reading,
            self._fixed_by(i),
            (*speaking, *against),
            other.reading if other else None,
            other.worse if other else 0.0,
        )

    def _fixed_by(self, i: int) -> str | None:
        for hint in self._hints.get(i, ()):
            if hint.role.startswith(hints.CORRECTED):
                return "a reader"
            if hint.role in hints.ROLES:
                return "the page’s markup"
        return None

    def _facts(self, i: int) -> list[WeightedReason]:
        """The reasons for a line that can be nothing else."""
        f = unpack(self._keys[i])
        return [WeightedReason(_feature_words("kind", f, self._lines.texts[i]), 0.0)]

    def _reasons(self, i: int, other: Alternative) -> list[WeightedReason]:
        keys, states, key, f = self._keys, self._states, self._keys[i], unpack(self._keys[i])
        own, its = STATES[states[i]], STATES[other.state]
        costs, rival = dict(terms(own.scorer, key)), dict(terms(its.scorer, key))
        # In the order of the words, not of a set: equal weights must stand in the same order in every run.
        names = list(dict.fromkeys((*costs, *rival)))
        text = self._lines.texts[i]
        weights = [(_feature_words(n, f, text), rival.get(n, 0.0) - costs.get(n, 0.0)) for n in names]
        before = states[i - 1] if i else None
        after = states[i + 1] if i + 1 < len(states) else None
        into = _difference(step_cost(before, states[i], key), step_cost(other.before, other.state, key))
        gap = its.gaps[f.gap] - own.gaps[f.gap]
        # Nothing comes before a page's first line, so its gap says nothing.
        weights += [(_follows(before), into), (GAPS[f.gap], gap)] if i else [(_follows(before), into + gap)]
        if after is not None and other.after is not None:
            nearest = keys[i + 1]
            out = _difference(
                step_cost(states[i], after, nearest), step_cost(other.state, other.after, nearest)
            )
            weights.append((f"{NOUNS[STATES[after].label]} follows it", out))
        rest = other.worse - sum(nats for _, nats in weights)
        weights.append((REST, rest))
        return [WeightedReason(words, round(nats, 2)) for words, nats in weights if abs(nats) >= COUNTS]


def likelihood_words(worse: float) -> str:
    """Compare a reading with the best one, in words; it is `worse` by so many nats."""
    return next((words for limit, words in _LIKELY if worse < limit), "far less likely")


def reading_words(reading: Reading) -> str:
    """A reading: "a kicker, where an article begins"."""
    noun = NOUNS[reading.label]
    return f"{noun}, where an article begins" if reading.begins else noun


def rival_words(rival: Rival) -> str:
    """A next-best reading: "the next best reading takes line 12 as a headline"."""
    own, other = rival.own, rival.other
    if rival.part:
        words = f"takes line {rival.n} as {NOUNS[other.label]}"
        if other.begins != own.begins:
            words += f", where {'an' if other.begins else 'no'} article begins"
    elif other.begins != own.begins:
        words = f"begins {'an' if other.begins else 'no'} article at line {rival.n}"
    elif rival.paid is not None:
        return f"the next best reading takes line {rival.n} as {'' if rival.paid else 'not '}paid for"
    else:
        words = f"divides the articles differently at line {rival.n}"
    if rival.paid is not None:
        words += ", paid for" if rival.paid else ", not paid for"
    return f"the next best reading {words}"


def _difference(own: float, other: float) -> float:
    """The weight of a step for the reading; a step that does not exist counts as ruled out."""
    return min(other, RULED_OUT) - min(own, RULED_OUT)


def _follows(before: int | None) -> str:
    if before is None:
        return "the page begins with it"
    return f"it follows {NOUNS[STATES[before].label]}"


def _feature_words(feature: str, f: Features, text: str) -> str:
    if feature == "base":
        return "how common such lines are"
    if feature == "size":
        return f"it has {len(text):,} character{'' if len(text) == 1 else 's'}"
    if feature == "kind":
        return KINDS[f.kind]
    words: str = FEATURES[feature][getattr(f, feature)]
    return words
