"""A capture's text -> its non-empty lines with the features that a label is judged by.

Everything that judges a line alone is packed into one integer, its key, so that equal lines are scored once.
"""

from __future__ import annotations

import re
from math import prod
from typing import Final, NamedTuple

from reader.parsing.vocabulary import (
    ABBREVIATED,
    AGENCY_CREDIT,
    CREDIT_OPEN,
    CREDIT_REST,
    DATE,
    FINITE,
    FIXED,
    LONG_OPENINGS,
    LONGEST_FIXED,
    OPENINGS,
    ORGANISATION,
    PAGE_TITLE,
    PERSON,
    PITCH_PAIRS,
    PITCH_SIGNS,
    PITCH_WORDS,
    PROMO_ENDING,
    SIGNOFF_LINKS,
    SPONSOR_LABEL,
    STAFF,
    TRACKER,
    Kind,
)
from reader.safe_text import clean, is_clean

SIZES: Final = (12, 28, 50, 85, 130, 190, 300)
"""Upper ends, in characters, of the length classes 0 to 6; class 7 is longer."""
SIZE_OF: Final = bytes(next((i for i, end in enumerate(SIZES) if n <= end), 7) for n in range(SIZES[-1] + 2))
LONG: Final = SIZES[-1]
SHORT: Final = 190
"""Only lines up to this length are looked at for the shapes of heads, credits and labels."""

DESCRIPTION: Final = 90
"""Only up to this length does a sentence without an everyday verb look like a description."""

ENDS: Final = {".": 1, "?": 2, "!": 3, ":": 4, "…": 5, ",": 6, ";": 6, "-": 6, "–": 6, "—": 6}
"""How a line ends: 0 with no punctuation, then full stop, question, exclamation, colon, dots, unfinished."""
CLOSING: Final = frozenset("\"'”’)]»")
QUOTES: Final = frozenset("\"“‘'")
HEXADECIMAL: Final = "0123456789abcdef"
TRACKER_ENDS: Final = frozenset(HEXADECIMAL + "-") | frozenset("abcdefghijklmnopqrstuvwxyz")
SPONSOR_LABEL_FIRST: Final = frozenset("aAbBcCiIpPsS")
# The members as plain integers, which are compared several times as fast.
MARKER, CREDIT, AGENCY, NUMBERED, KICKER, SIGNOFF, DOCUMENT_TITLE, TRACKER_LINE, CHROME, SPONSOR, PROMO, DATE_LINE = map(
    int,
    (Kind.MARKER, Kind.CREDIT, Kind.AGENCY_CREDIT, Kind.NUMBERED, Kind.KICKER, Kind.SIGNOFF, Kind.DOCUMENT_TITLE,
     Kind.TRACKER, Kind.CHROME, Kind.SPONSOR_LABEL, Kind.PROMO, Kind.DATE),
)  # fmt: skip

NO_NAME, A_PERSON, AN_ORGANISATION, EITHER = range(4)
NOT_NAMED, BIO_OF, MENTIONS = range(3)
NEW, REPEATED_LATER, REPEATS, REPEATS_ABOVE = range(4)
TIGHT, NORMAL, WIDE = range(3)

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
INVISIBLE_LINE: Final = "\u2060"
_LINE_END: Final = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BREAK: Final = re.compile(r"[.?!][\"'”’)]* +[\"'“‘(]?[^\W\d_a-z]")


class Features(NamedTuple):
    """What is known of a line before its neighbours are labelled; all small integers."""

    kind: int
    size: int
    end: int
    name: int
    """NO_NAME, A_PERSON, AN_ORGANISATION or EITHER: whose name the whole line could be."""
    repeat: int
    """NEW, REPEATED_LATER, REPEATS or REPEATS_ABOVE: whether the same line stands close by, or directly above."""
    bio: int
    """NOT_NAMED; BIO_OF: opens with the name before it; MENTIONS: holds that name near its start."""
    staff: int
    """1 when it speaks as the site's own staff do of themselves."""
    several: int
    """1 when it is more than one sentence."""
    fragment: int
    """1 when it is a sentence without a finite verb."""
    advert: int
    """1 when it stands where a paid text may and reads like one."""
    open: int
    """1 when the line before it is a credit that goes on here."""
    gap: int
    """TIGHT: follows without an empty line; NORMAL; WIDE: after more empty lines than is usual."""
    quote: int
    """1 when it opens with a quotation mark."""


_RADIX: Final = (32, 8, 8, 4, 4, 4, 2, 2, 2, 2, 2, 4, 2)
_FACTOR: Final = tuple(prod(_RADIX[i + 1 :]) for i in range(len(_RADIX)))
(
    KIND_UNIT, SIZE_UNIT, END_UNIT, NAME_UNIT, REPEAT_UNIT, BIO_UNIT, STAFF_UNIT, SEVERAL_UNIT, FRAGMENT_UNIT,
    ADVERT_UNIT, OPEN_UNIT, GAP_UNIT, QUOTE_UNIT,
) = _FACTOR


NORMAL_GAP: Final = NORMAL * GAP_UNIT
WIDE_GAP: Final = WIDE * GAP_UNIT


def unpack(key: int) -> Features:
    """The features that a key stands for."""
    return Features(*(key // factor % radix for factor, radix in zip(_FACTOR, _RADIX, strict=True)))


class Lines(NamedTuple):
    """The non-empty lines of a capture, as parallel lists."""

    numbers: list[int]
    """Line numbers from 1."""
    texts: list[str]
    """Cleaned text, single spaces; "" for a line of nothing but invisible characters."""
    keys: list[int]


FIXED_KEYS: Final = {
    spelt: kind * KIND_UNIT + SIZE_OF[len(spelt)] * SIZE_UNIT
    for fixed, kind in FIXED.items()
    for spelt in (fixed.capitalize(), fixed.title())
    if spelt[-1].isalpha() and spelt.isascii()
}
"""The keys of fixed lines in their usual spellings, which need no look at their words."""


def with_plain_ends(text: str) -> str:
    r"""The text with \n for each line end that the contract counts: \r\n, \r, else only the rarer ones."""
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" not in text:
        return _LINE_END.sub("\n", text)
    return text


def read_lines(text: str) -> Lines:
    """Every non-empty line of a text with its key."""
    text = with_plain_ends(text)
    lines = text.split("\n")
    # Three looks at the whole text spare most pages a look at each line.
    if not is_clean(text) or "  " in text or " \n" in text or "\n " in text or text[:1] == " " or text[-1:] == " ":
        lines = [_tidy(line) for line in lines]
    numbers = [n for n, line in enumerate(lines, 1) if line]
    texts = [line for line in lines if line]
    keys = _keys(texts, [n - before - 1 for before, n in zip([0, *numbers], numbers, strict=False)])
    if INVISIBLE_LINE in texts:
        texts = [line.strip(INVISIBLE_LINE) for line in texts]
    return Lines(numbers, texts, keys)


def _tidy(raw: str) -> str:
    """A line through the gate, with single spaces; INVISIBLE_LINE where something stands but nothing shows."""
    line = " ".join(clean(raw).split())
    return line or (INVISIBLE_LINE if raw.translate(_INVISIBLE).strip() else "")


def _keys(texts: list[str], gaps: list[int]) -> list[int]:
    keys: list[int] = []
    seen: dict[str, int] = {}
    # A page laid out in another rhythm than one empty line says nothing by its gaps.
    spaced = 2 * gaps.count(1) > len(gaps)
    previous, named, opened = "", 0, False
    pitch = -1  # The line that may be a paid text, while what closes it is read.
    for i, line in enumerate(texts):
        size = len(line)
        name, opens = NO_NAME, False
        if size > SHORT:
            key = _long_line(line, size)
        elif (key := FIXED_KEYS.get(line, 0)) == 0:
            key, opens = _short_line(line, size)
            name = key // NAME_UNIT % 4
            if opened and CREDIT_REST.match(line):
                key += OPEN_UNIT
        if size <= LONG:
            first = seen.get(line, -9)
            if i - first <= 4:
                key += (REPEATS_ABOVE if first == i - 1 else REPEATS) * REPEAT_UNIT
                if first < i - 1 and keys[first] // REPEAT_UNIT % 4 == NEW:
                    keys[first] += REPEATED_LATER * REPEAT_UNIT
            seen[line] = i
        if named:
            # Only after a name can a line be a biography.
            if line.startswith(previous):
                key += BIO_OF * BIO_UNIT
            elif previous in line[: len(previous) + 60]:
                key += MENTIONS * BIO_UNIT
            if "Protocol" in line or not STAFF.isdisjoint(line.split()):
                key += STAFF_UNIT
            elif pitch >= 0 and key // BIO_UNIT % 4 and previous in texts[pitch]:
                # Who is described here is praised in the text above.
                keys[pitch] |= ADVERT_UNIT
        if key // KIND_UNIT == MARKER:
            pitch = i - 1
            if pitch >= 0 and _is_advert(texts[pitch]):
                keys[pitch] |= ADVERT_UNIT
        elif not name:
            pitch = -1
        elif pitch != i - 2:
            pitch = i - 1
        if not spaced or (gap := gaps[i]) == 1:
            key += NORMAL_GAP
        elif gap > 1:
            key += WIDE_GAP
        keys.append(key)
        previous, named, opened = line, name, opens
    return keys


def _is_advert(line: str) -> bool:
    words = line.split()
    if PITCH_SIGNS.isdisjoint(words):
        return False
    words = [word.strip(".,:!?").lower() for word in words]
    return not (PITCH_WORDS.isdisjoint(words) and PITCH_PAIRS.isdisjoint(zip(words, words[1:], strict=False)))


def _is_fragment(line: str) -> bool:
    """Has a sentence no everyday verb, neither finite nor, in the first place, a participle?"""
    words = line.lower().replace("’", "'").split()
    return FINITE.isdisjoint(words) and not words[0].endswith("ing")


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


def _short_line(line: str, size: int) -> tuple[int, bool]:
    """(key, is it an unfinished credit) of a line that is short enough to be a head."""
    end = _end(line)
    kind = FIXED.get(line.replace("’", "'").lower(), 0) if size <= LONGEST_FIXED else 0
    if not kind:
        kind = _shape(line, size, end)
    key = kind * KIND_UNIT + SIZE_OF[size] * SIZE_UNIT + end * END_UNIT
    if line[:1] in QUOTES:
        key += QUOTE_UNIT
    if kind == CREDIT or kind == AGENCY:
        return key, line.endswith(CREDIT_OPEN) or "/" not in line
    if not kind or kind == NUMBERED:
        if _has_break(line):
            return key + SEVERAL_UNIT, False
        if size <= 60 and (not end or (size <= 40 and line[-1] == ".")):
            key += _name(line, size) * NAME_UNIT
        if end == 1 and size <= DESCRIPTION and _is_fragment(line):
            key += FRAGMENT_UNIT
    return key, False


def _has_break(line: str) -> bool:
    """Does a sentence end within the line?"""
    # A look for what ends one is quicker than the pattern, and mostly enough.
    return (". " in line or "? " in line or "! " in line or "” " in line or '" ' in line) and (
        _BREAK.search(line) is not None
    )


def _shape(line: str, size: int, end: int) -> int:
    """The kind that the words of a short line show; PLAIN when they show none."""
    opening = OPENINGS.get(line[:1])
    if opening and (match := opening.match(line)):
        kind = int(match.lastgroup[1:])  # type: ignore[index]
        if kind != KICKER or not end:
            return kind
    last = line[-1:]
    if not end:
        if ("/" in line or "Getty" in line or " via " in line or " on " in line) and AGENCY_CREDIT.match(line):
            return AGENCY
        if last == ")" and SIGNOFF_LINKS.match(line):
            return SIGNOFF
        if line.count(" | ") > 1:
            return DOCUMENT_TITLE
        if last in TRACKER_ENDS and _is_tracker(line, size):
            return TRACKER_LINE
        if line.endswith(" updates") and PAGE_TITLE.match(line):
            return CHROME
    if size <= 90 and line[:1] in SPONSOR_LABEL_FIRST and SPONSOR_LABEL.fullmatch(line):
        return SPONSOR
    if ("ign up" in line or "ubscri" in line or "inbox" in line) and PROMO_ENDING.search(line):
        return PROMO
    if size <= 75 and ("20" in line or "19" in line) and DATE.fullmatch(line):
        return DATE_LINE
    return 0


def _is_tracker(line: str, size: int) -> bool:
    # A hexadecimal tail, "None", or one long word: a look for those is quicker than the pattern.
    return (
        not line[-8:].strip(HEXADECIMAL) or line.endswith("None") or line[-1] == "-" or (size >= 28 and " " not in line)
    ) and TRACKER.search(line) is not None


def _long_line(line: str, size: int) -> int:
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
    if PERSON.fullmatch(line):
        return AN_ORGANISATION if ORGANISATION.search(line) else A_PERSON
    if size > 45 or len(words) > 6:
        return NO_NAME
    if len(words) == 1 or ORGANISATION.search(line):
        return AN_ORGANISATION
    return EITHER if all(word[0].isupper() or word in _JOINTS for word in words) else NO_NAME


_JOINTS: Final = frozenset("of the and for in on & de".split())
