"""What a single line's words and punctuation show, before its neighbours are looked at."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

from reader.parsing.features import (
    A_PERSON,
    AN_ORGANISATION,
    DESCRIPTION,
    EITHER,
    END_UNIT,
    ENDS,
    FRAGMENT_UNIT,
    KIND_UNIT,
    LONG,
    LOOKED_AT,
    NAME_UNIT,
    NO_NAME,
    QUOTE_UNIT,
    SEVERAL_UNIT,
    SIZE_OF,
    SIZE_UNIT,
)
from reader.parsing.sentences import fragment, has_break, is_in_picture
from reader.parsing.vocabulary import (
    ABBREVIATED,
    AGENCY_CREDIT,
    CALL_VERBS,
    CREDIT_OPEN,
    DATE,
    FIXED,
    INTRODUCTION,
    LONG_OPENINGS,
    LONGEST_CALL,
    LONGEST_FIXED,
    LONGEST_MARKER,
    MARKER,
    MARKER_FIRST,
    NO_NAMES,
    OPENINGS,
    ORGANISATION,
    PAGE_TITLE,
    PEOPLE_JOINT,
    PERSON,
    PITCH_OPENINGS,
    PITCH_PAIRS,
    PITCH_SIGNS,
    PITCH_WORDS,
    PROMO_ENDING,
    SIGNOFF_LINKS,
    SPONSOR_LABEL,
    TRACKER,
    YEAR_KICKER,
    Kind,
)

CLOSING: Final = frozenset("\"'”’)]»")
QUOTES: Final = frozenset("\"“‘'")
HEXADECIMAL: Final = "0123456789abcdef"
TRACKER_ENDS: Final = frozenset(HEXADECIMAL + "-") | frozenset("abcdefghijklmnopqrstuvwxyz")
SPONSOR_LABEL_FIRST: Final = frozenset("a brought content in paid partner presented sponsored".split())
# The members as plain integers, which are compared several times as fast.
CREDIT, AGENCY, NUMBERED, KICKER, SIGNOFF, DOCUMENT_TITLE, TRACKER_LINE = map(int, (
    Kind.CREDIT, Kind.AGENCY_CREDIT, Kind.NUMBERED, Kind.KICKER, Kind.SIGNOFF, Kind.DOCUMENT_TITLE, Kind.TRACKER,
))  # fmt: skip
CHROME, SPONSOR, PROMO, DATE_LINE, MARKER_LINE, BYLINE, CALL = map(int, (
    Kind.CHROME, Kind.SPONSOR_LABEL, Kind.PROMO, Kind.DATE, Kind.MARKER, Kind.BYLINE, Kind.CALL,
))  # fmt: skip


def _end(line: str) -> int:
    last = line[-1:]
    if last in CLOSING:
        last = line[-2:-1]
    end = ENDS.get(last, 0)
    if end == 1:
        if line.endswith("..."):
            return 5
        if line.endswith(ABBREVIATED):
            return 0
    return end


NO_CREDIT, WHOLE_CREDIT, OPEN_CREDIT = range(3)


class Shape(NamedTuple):
    """What a short line shows by itself."""

    key: int
    name: int
    """Whose name the line could be, see `features.Features.name`."""
    credit: int
    """NO_CREDIT, WHOLE_CREDIT, or OPEN_CREDIT: one that may go on in the next line."""


def looked_at(line: str) -> str:
    """The part of a line that patterns look at: all of it, or both ends of a very long one."""
    return line if len(line) <= 2 * LOOKED_AT else line[:LOOKED_AT] + line[-LOOKED_AT:]


def short_line(line: str, size: int) -> Shape:
    """What a line shows that is short enough to be a head."""
    end = _end(line)
    kind = FIXED.get(line.replace("’", "'").lower(), 0) if size <= LONGEST_FIXED else 0
    if not kind:
        kind = _shape(line, size, end)
    key = kind * KIND_UNIT + SIZE_OF[size] * SIZE_UNIT + end * END_UNIT
    if line[:1] in QUOTES:
        key += QUOTE_UNIT
    if kind in (CREDIT, AGENCY):
        return Shape(
            key, NO_NAME, OPEN_CREDIT if line.endswith(CREDIT_OPEN) or "/" not in line else WHOLE_CREDIT
        )
    name = NO_NAME
    if kind == BYLINE:
        name = _name(line[3:], size - 3)
    if not kind or kind == NUMBERED:
        if has_break(line):
            key += SEVERAL_UNIT
            return Shape(key + 3 * FRAGMENT_UNIT if is_in_picture(line) else key, NO_NAME, NO_CREDIT)
        if size <= 60 and (not end or (size <= 40 and line[-1] == ".")):
            name = _name(line, size)
        if is_in_picture(line):
            key += 3 * FRAGMENT_UNIT
        elif size <= DESCRIPTION and line[-1] == ".":
            key += fragment(line) * FRAGMENT_UNIT
    return Shape(key + name * NAME_UNIT, name, NO_CREDIT)


def _shape(line: str, size: int, end: int) -> int:
    """The kind that the words of a short line show; PLAIN when they show none."""
    first = line.partition(" ")[0].lower()
    if first in MARKER_FIRST and size <= LONGEST_MARKER and MARKER.fullmatch(line):
        return MARKER_LINE
    opening = OPENINGS.get(line[:1])
    if opening and (match := opening.match(line)):
        kind = int(match.lastgroup[1:])  # type: ignore[index]
        if kind != KICKER or not end:
            return kind
    last = line[-1:]
    if not end:
        if ("/" in line or "Getty" in line or " via " in line or " on " in line) and AGENCY_CREDIT.match(
            line
        ):
            return AGENCY
        if last == ")" and SIGNOFF_LINKS.match(line):
            return SIGNOFF
        if line.count(" | ") > 1:
            return DOCUMENT_TITLE
        if last in TRACKER_ENDS and _is_tracker(line, size):
            return TRACKER_LINE
        if line[-4:].isdigit() and YEAR_KICKER.fullmatch(line):
            return KICKER
        if line.endswith(" updates") and PAGE_TITLE.match(line):
            return CHROME
    if size <= LONGEST_CALL and first in CALL_VERBS and not end and line[1:].islower() and " " in line:
        return CALL
    if size <= 90 and first in SPONSOR_LABEL_FIRST and SPONSOR_LABEL.fullmatch(line):
        return SPONSOR
    if ("ign up" in line or "ubscri" in line or "inbox" in line) and PROMO_ENDING.search(line):
        return PROMO
    if size <= 75 and ("20" in line or "19" in line) and DATE.fullmatch(line):
        return DATE_LINE
    return 0


def _is_tracker(line: str, size: int) -> bool:
    # A hexadecimal tail, "None", or one long word: a look for those is quicker than the pattern.
    return (
        not line[-8:].strip(HEXADECIMAL)
        or line.endswith("None")
        or line[-1] == "-"
        or (size >= 28 and " " not in line)
    ) and TRACKER.search(line) is not None


def long_line(line: str, size: int) -> int:
    """The key of a line that is too long for a head."""
    key = (SIZE_OF[size] if size <= LONG else 7) * SIZE_UNIT + SEVERAL_UNIT
    end = ENDS.get(line[-1])
    if end is None:
        end = _end(line)
        if not end and not line[-8:].strip(HEXADECIMAL) and TRACKER.search(line):
            key += TRACKER_LINE * KIND_UNIT
    opening = LONG_OPENINGS.get(line[0])
    if opening and (match := opening.match(line)):
        key += int(match.lastgroup[1:]) * KIND_UNIT  # type: ignore[index]
    elif line[0] in QUOTES:
        key += QUOTE_UNIT
    return key + end * END_UNIT


def _name(line: str, size: int) -> int:
    words = line.split()
    small = sum([word[0].islower() for word in words])
    if 2 * small > len(words) or len(words) > 8:
        return NO_NAME if len(words) > 1 or size > 45 else AN_ORGANISATION
    if PERSON.fullmatch(line) and NO_NAMES.isdisjoint(line.lower().split()):
        return AN_ORGANISATION if _is_organisation(line, words) else A_PERSON
    if size > 45 or len(words) > 6:
        return NO_NAME
    if len(words) == 1 or _is_organisation(line, words):
        return AN_ORGANISATION
    if all(PERSON.fullmatch(one) for one in PEOPLE_JOINT.split(line)):
        return A_PERSON
    return EITHER if all(word[0].isupper() or word in _JOINTS for word in words) else NO_NAME


def _is_organisation(line: str, words: list[str]) -> bool:
    return "&" in line or not ORGANISATION.isdisjoint([word.strip(".,") for word in words])


_JOINTS: Final = frozenset(["of", "the", "and", "for", "in", "on", "&", "de"])


def is_advert(line: str) -> bool:
    """Does a text end in a call that only a paid one makes?"""
    words = line[-200:].split()
    if PITCH_SIGNS.isdisjoint(words):
        return False
    words = [word.strip(".,:!?") for word in words]
    if "Join" in words or not PITCH_OPENINGS.isdisjoint(pairwise(words)):
        return True
    words = [word.lower() for word in words]
    return not (PITCH_WORDS.isdisjoint(words) and PITCH_PAIRS.isdisjoint(pairwise(words)))


def is_praised(name: str, text: str) -> bool:
    """Does a text name somebody as nobody does who writes it? One who writes it may say "I'm NAME"."""
    if name not in text or name.startswith("Protocol"):
        return False
    return all(one[1] not in name and name not in one[1] for one in INTRODUCTION.finditer(text))
