"""Evidence about lines from a format, for the decoder.

A line's hints become a small number that stands above its features in its key, so lines without hints cost nothing
and equal evidence is weighed once. A hint makes every other reading dearer by its weight, in nats; it rules none out.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain
from typing import Final, NamedTuple

from reader.model import IS_SPONSORED, OPENS, WITHIN, LineHint
from reader.parsing.expressions import Step
from reader.parsing.features import ADVERT_UNIT, KEYS, is_advert, looked_at, names_in_third_person
from reader.parsing.lines import Lines
from reader.parsing.states import (
    BREAKS,
    FIRST_STEPS,
    LABELS,
    MENTIONS,
    NEWSLETTER_SIGNS,
    OUTSIDE,
    PAID_SETTINGS,
    STATES,
    STEPS,
)


class Role(NamedTuple):
    """The labels that a hint supports."""

    weight: float
    """The cost of any other label for the line."""
    labels: dict[str, float]
    """The labels it allows, with what each costs."""
    anywhere: bool = False
    """May such a line stand where no layout has one?"""


_STRONG: Final = 9.0
_CERTAIN: Final = 60.0
CORRECTED: Final = "="
"""Before a label: a reader has said that the line is that, which outweighs all that can be seen."""
_ANYWHERE: Final = ("alt", "caption", "credit", "furniture")
"""Labels of lines that may stand where no layout has one, if markup is sure of them."""
_ROLES: Final[dict[str, Role]] = {
    **{label: Role(_STRONG, {label: 0.0}, label in _ANYWHERE) for label in LABELS},
    **{CORRECTED + label: Role(_CERTAIN, {label: 0.0}, anywhere=True) for label in LABELS},
    # A name where authors stand, which may be a sponsor's.
    "author": Role(_STRONG, {"author": 0.0, "byline": 0.0, "sponsor": 1.8}),
    "byline": Role(_STRONG, {"byline": 0.0, "author": 0.0}),
    "quote": Role(_STRONG, {"paragraph": 0.0}),
    # A line of a body, whatever kind of line.
    "body": Role(
        7.0,
        dict.fromkeys("paragraph subhead item signoff furniture marker date".split(), 0.0)
        | {"sponsor label": 0.0, "furniture": 1.0, "kicker": 3.0, "credit": 2.0, "caption": 3.0},
    ),
    # What markup of any kind of page shows.
    "title": Role(5.0, {"headline": 0.0, "kicker": 2.0, "furniture": 2.5}),
    "heading": Role(4.0, {"headline": 0.0, "subhead": 0.0, "kicker": 1.0, "furniture": 0.5}),
    "figure": Role(6.0, {"caption": 1.2, "credit": 0.0}, anywhere=True),
    "text": Role(
        1.5,
        dict.fromkeys("paragraph deck item signoff bio date furniture marker byline".split(), 0.0)
        | {"credit": 0.5, "caption": 2.5, "sponsor label": 0.0, "author": 0.5, "kicker": 0.0, "sponsor": 0.5},
    ),
    "entry": Role(2.0, {"item": 0.0, "furniture": 0.0, "subhead": 1.0}),
    "button": Role(3.0, {"marker": 0.0, "furniture": 0.0}),
    "aside": Role(3.0, {"furniture": 0.0}),
}
ROLES: Final = frozenset(_ROLES)
"""Names of hints that support a label; a line's first one counts."""

JOINS: Final = "joins"
"""No article begins in this line, whatever it looks like; the article before goes on."""
PAID, NOT_PAID = "paid", "not paid"
"""A reader says that the article of this line was paid for (the value may name who paid), or that it was not."""
CUT, NOT_CUT = "cut", "not cut"
"""A reader says that the text of the article of this line is cut off here, or that it is whole."""
CHECKED: Final = "checked"
"""A reader has corrected this line, so that its article is no longer doubtful."""
SECTION: Final = "section"
"""A reader says that the article of this line belongs to the section in the value."""

MAX_VALUE: Final = 8_500
"""Longer values are left out: an address has 8,192 characters at most."""

_OPENS, _WITHIN, _SPONSORED = 1, 2, 4
_FLAGS: Final = {OPENS: _OPENS, WITHIN: _WITHIN, IS_SPONSORED: _SPONSORED}
_FLAG_BITS: Final = 8
_NAMES: Final = ("", *_ROLES)
_KINDS: Final = _FLAGS | {name: i * _FLAG_BITS for i, name in enumerate(_NAMES) if name}
"""The value that a hint adds to a line's code; a hint for a label adds more than all flags."""

_BODY: Final = _NAMES.index("body")
_AUTHOR: Final = _NAMES.index("author")
_QUOTE: Final = "quote"


_TURN_WEIGHT: Final = 8.0
_SPONSORED_WEIGHT: Final = 4.0
_WORST: Final = 5.0
"""The most that a line's own features may cost a label that a hint supports."""
_SAME, _OTHER, _OPENING, _OPENING_ELSEWHERE = 5.4, 10.0, 5.0, 8.0
"""Costs of a step that the layouts do not have: within a setting, into another, to begin an article, and to begin
a newsletter, which has a name or a greeting."""
_NO_BEGINNING: Final = frozenset(i for i, state in enumerate(STATES) if state.setting in ("", "message"))
_PAID: Final = OUTSIDE | {
    i for i, state in enumerate(STATES) if state.setting in PAID_SETTINGS and state.label != "author"
}
_LABELS_OF: Final = [STATES[first].label for first in MENTIONS]
"""The label of each first mention."""
_STATES_OF: Final[dict[str, list[int]]] = {label: [] for label in LABELS}
for _i, _state in enumerate(STATES):
    _STATES_OF[_state.label].append(_i)


class Evidence(NamedTuple):
    """A line's hints, weighed."""

    labels: dict[str, float] | None
    """The supported labels with their costs; None when no hint supports a label."""
    weight: float
    """The cost of any other label."""
    anywhere: bool
    """May the line stand where no layout has one?"""
    flags: int


class Marked(NamedTuple):
    """A capture's lines with their hints."""

    keys: list[int]
    """The lines' keys with their hints above the features."""
    detailed: dict[int, list[LineHint]]
    """The hints that say more than a role, by the line's index."""
    opening: frozenset[int]
    """Lines in which an article begins."""
    joining: frozenset[int]
    """Lines in which none does."""
    checked: frozenset[int]
    """Lines that a reader has corrected."""


def apply_hints(lines: Lines, hints: Iterable[LineHint]) -> Marked:
    """The lines with their hints; those of lines that show nothing, or are not there, are left out."""
    keys, texts, place = lines.keys, lines.texts, _places(lines)
    detailed: dict[int, list[LineHint]] = {}
    codes = [0] * len(keys)
    opening: set[int] = set()
    joining: list[int] = []
    checked: list[int] = []
    kinds = _KINDS
    for hint in hints:
        n, role, value = hint
        i = place.get(n)
        if i is None:
            continue
        kind = kinds.get(role, 0)
        if kind == _WITHIN:
            codes[i] |= kind
            continue
        if role == CHECKED:
            checked.append(i)
            continue
        if kind >= _FLAG_BITS:
            if codes[i] < _FLAG_BITS:
                codes[i] += kind
            if not value and role != _QUOTE:
                continue
        elif kind:
            codes[i] |= kind
            if kind == _OPENS:
                opening.add(i)
                if not value:
                    continue
        if len(value) <= MAX_VALUE:
            detailed.setdefault(i, []).append(hint)
            if role == JOINS:
                joining.append(i)
    plain = [i for i in opening if codes[i] // _FLAG_BITS == _BODY]
    adverts = [i for i in plain if is_advert(texts[i])]
    if plain:
        adverts += _speaking_of_their_authors(codes, texts, opening, plain)
    if adverts:
        keys = keys.copy()
        for i in adverts:
            # A story of nothing but text: what closes it, by which paid ones are known, may not be shown.
            keys[i] |= ADVERT_UNIT
            codes[i] |= _SPONSORED
    keys = [key + code * KEYS for key, code in zip(keys, codes, strict=True)]
    return Marked(keys, detailed, frozenset(opening), frozenset(joining), frozenset(checked))


def _speaking_of_their_authors(
    codes: list[int], texts: list[str], opening: set[int], plain: list[int]
) -> list[int]:
    """The first lines of articles whose text names the person in the author's place, who is thus not the author."""
    first_lines, begun = [], -1
    beginnings = frozenset(plain)
    for i, code in enumerate(codes):
        if i in opening:
            begun = i
        elif (
            code // _FLAG_BITS == _AUTHOR
            and begun in beginnings
            and names_in_third_person(texts[i], looked_at(texts[begun]))
        ):
            first_lines.append(begun)
    return first_lines


def hints_by_line(lines: Lines, hints: Iterable[LineHint]) -> dict[int, list[LineHint]]:
    """All hints of lines that show something, by the line's index."""
    place = _places(lines)
    by_line: dict[int, list[LineHint]] = {}
    for hint in hints:
        if (i := place.get(hint.n)) is not None and len(hint.value) <= MAX_VALUE:
            by_line.setdefault(i, []).append(hint)
    return by_line


def _places(lines: Lines) -> dict[int, int]:
    """The indexes of lines that show something, by their numbers."""
    place = dict(zip(lines.numbers, range(len(lines.numbers)), strict=True))
    return {n: i for n, i in place.items() if lines.texts[i]} if "" in lines.texts else place


@lru_cache(maxsize=1024)
def evidence(code: int) -> Evidence:
    """The evidence of a code, which stands above the features in a key."""
    name, flags = _NAMES[code // _FLAG_BITS], code % _FLAG_BITS
    role = _ROLES.get(name)
    if role is None:
        return Evidence(None, 0.0, anywhere=False, flags=flags)
    return Evidence(role.labels, role.weight, role.anywhere or bool(flags & _SPONSORED), flags)


def weigh_hints(code: int, costs: list[float]) -> list[float]:
    """The cost of each first mention (`states.MENTIONS`, in order) for a line with these hints.

    `costs` are those of its features.
    """
    labels, weight, _, flags = evidence(code)
    weighed = costs
    if labels is not None:
        supported = [
            cost + labels[label] for cost, label in zip(costs, _LABELS_OF, strict=True) if label in labels
        ]
        # Features that rule out all supported labels yield to the hint; the differences between them stay.
        excess = max(min(supported, default=0.0) - _WORST, 0.0)
        extras = {label: extra - excess for label, extra in labels.items()}
        weighed = [cost + extras.get(label, weight) for cost, label in zip(costs, _LABELS_OF, strict=True)]
    if flags & _SPONSORED:
        weighed = [
            cost + (0.0 if first in _PAID else _SPONSORED_WEIGHT)
            for cost, first in zip(weighed, MENTIONS, strict=True)
        ]
    return weighed


def opens(code: int) -> bool:
    """Do the hints say that an article begins?"""
    return bool(code % _FLAG_BITS & _OPENS)


@cache
def _beginnings() -> dict[int, float]:
    """For each state that may begin an article, the cost of that where hints say that one begins."""
    costs = {
        i: _OPENING if state.setting in ("lead", "story") else _OPENING_ELSEWHERE
        for i, state in enumerate(STATES)
        if i not in _NO_BEGINNING
    }
    known: dict[int, float] = {}
    for steps in (FIRST_STEPS, *STEPS):
        for i, step in steps.items():
            if (
                step.opens
                and i in costs
                and (STATES[i].setting != "newsletter" or STATES[i].scorer in NEWSLETTER_SIGNS)
            ):
                known[i] = min(step.cost, known.get(i, step.cost))
    return costs | known


SETTINGS: Final = (*(state.setting for state in STATES), None)
"""The setting of each state; the last one, of index -1, is the page's start."""


def step_of_layouts(code: int, step: Step, after: int) -> float | None:
    """The cost of a step that the layouts have, for a line with these hints; None where hints decide."""
    if opens(code) and after not in _NO_BEGINNING:
        return None
    leaves = step.opens and after not in OUTSIDE and evidence(code).flags & _WITHIN
    return step.cost + (_TURN_WEIGHT if leaves else 0.0)


@lru_cache(maxsize=4096)
def steps_elsewhere(code: int, setting: str | None) -> dict[int, float]:
    """The states that may follow where no layout has them, for a line with these hints, with the cost of the step.

    `setting` is that of the line above; None at the page's start.
    """
    labels, _, anywhere, flags = evidence(code)
    steps: dict[int, float] = {}
    if labels is not None and anywhere:
        for after in chain.from_iterable(map(_STATES_OF.__getitem__, labels)):
            is_near = setting is not None and (setting == SETTINGS[after] or after in OUTSIDE)
            steps[after] = _SAME if is_near else _OTHER
    if setting is not None:
        breaks = _TURN_WEIGHT if flags & _WITHIN else 0.0
        steps |= {after: cost + breaks for after, cost in BREAKS.items()}
    if opens(code):
        steps |= _beginnings()
    return steps
