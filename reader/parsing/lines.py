"""A capture's text -> its non-empty lines with the features that a label is judged by.

Everything that judges a line alone is packed into one integer, its key, so that equal lines are scored once.
"""

from __future__ import annotations

import re
from math import prod
from typing import Final, NamedTuple

from reader.parsing.vocabulary import (
    ABBREVIATED,
    ADVERT_WORDS,
    ADVERTISING,
    AGENCY_CREDIT,
    CREDIT_OPEN,
    CREDIT_REST,
    DATE,
    FINITE,
    FIXED,
    LONGEST_FIXED,
    OPENINGS,
    ORGANISATION,
    PAGE_TITLE,
    PERSON,
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
CLOSING: Final = "\"'”’)]»"

NO_NAME, A_PERSON, AN_ORGANISATION, EITHER = range(4)
NOT_NAMED, BIO_OF, MENTIONS = range(3)
NEW, REPEATED_LATER, REPEATS, REPEATS_ABOVE = range(4)
TIGHT, NORMAL, WIDE = range(3)

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
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


def with_plain_ends(text: str) -> str:
    r"""The text with \n for each line end that the contract counts: \r\n, \r, else only the rarer ones."""
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" not in text:
        return _LINE_END.sub("\n", text)
    return text


def read_lines(text: str) -> Lines:
    """Every non-empty line of a text with its key."""
    numbers: list[int] = []
    texts: list[str] = []
    gaps: list[int] = []
    text = with_plain_ends(text)
    unclean = not is_clean(text)
    last = 0
    for n, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line:
            continue
        if unclean:
            line = clean(line).strip()
            if not line and not raw.translate(_INVISIBLE).strip():
                continue
        if "  " in line:
            line = " ".join(line.split())
        numbers.append(n)
        texts.append(line)
        gaps.append(n - last - 1)
        last = n
    return Lines(numbers, texts, _keys(texts, gaps))


def _keys(texts: list[str], gaps: list[int]) -> list[int]:
    keys: list[int] = []
    seen: dict[str, int] = {}
    # A page laid out in another rhythm than one empty line says nothing by its gaps.
    spaced = 2 * gaps.count(1) > len(gaps)
    previous, named, opened = "", False, False
    pitch = -1  # The line that may be a paid text, while what closes it is read.
    for i, line in enumerate(texts):
        size = len(line)
        key = 0
        opens, names = False, NO_NAME
        if size <= SHORT:
            kind, name, end, opens = _short_line(line, size)
            key = kind * KIND_UNIT + SIZE_OF[size] * SIZE_UNIT + end * END_UNIT
            if name:
                names = name
                key += name * NAME_UNIT
            if opened and kind != Kind.CREDIT and CREDIT_REST.match(line):
                key += OPEN_UNIT
            if not kind or kind == Kind.NUMBERED:
                if (". " in line or "? " in line or "! " in line or '.” ' in line or '." ' in line) and _BREAK.search(line):
                    key += SEVERAL_UNIT
                elif end == 1 and size <= DESCRIPTION and _is_fragment(line):
                    key += FRAGMENT_UNIT
            first = seen.get(line, -9)
            if first == i - 1 and i:
                key += REPEATS_ABOVE * REPEAT_UNIT
            elif i - first <= 4:
                key += REPEATS * REPEAT_UNIT
                if keys[first] // REPEAT_UNIT % 4 == NEW:
                    keys[first] += REPEATED_LATER * REPEAT_UNIT
            seen[line] = i
        else:
            kind = _long_kind(line)
            last = line[-1]
            end = ENDS.get(line[-2] if last in CLOSING else last, 0)
            key = kind * KIND_UNIT + (SIZE_OF[size] if size <= LONG else 7) * SIZE_UNIT + end * END_UNIT + SEVERAL_UNIT
            if size <= LONG:
                first = seen.get(line, -9)
                if i - first <= 4:
                    key += (REPEATS_ABOVE if first == i - 1 else REPEATS) * REPEAT_UNIT
                seen[line] = i
        if line[:1] in "\"“‘'":
            key += QUOTE_UNIT
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
        if kind == Kind.MARKER:
            pitch = i - 1
            if pitch >= 0 and _is_advert(texts[pitch]):
                keys[pitch] |= ADVERT_UNIT
        elif not names:
            pitch = -1
        elif pitch != i - 2:
            pitch = i - 1
        if not spaced or (gap := gaps[i]) == 1:
            key += NORMAL * GAP_UNIT
        elif gap > 1:
            key += WIDE * GAP_UNIT
        keys.append(key)
        previous, named, opened = line, bool(names), opens
    return keys


def _is_advert(line: str) -> bool:
    return not ADVERT_WORDS.isdisjoint(line.lower().split()) and ADVERTISING.search(line) is not None


def _is_fragment(line: str) -> bool:
    """Has a sentence no everyday verb, neither finite nor, in the first place, a participle?"""
    words = line.lower().replace("’", "'").split()
    return FINITE.isdisjoint(words) and not words[0].endswith("ing")


def _short_line(line: str, size: int) -> tuple[int, int, int, bool]:
    """(kind, whose name, end, is it an unfinished credit) of a line that is short enough to be a head."""
    last = line[-1:]
    end = ENDS.get(last)
    if end is None:
        end = ENDS.get(line[-2:-1], 0) if last in CLOSING else 0
    if last == ".":
        if line.endswith("..."):
            end = 5
        elif line.endswith(ABBREVIATED):
            end = 0
    kind = 0
    if size <= LONGEST_FIXED:
        kind = FIXED.get(line.replace("’", "'").lower(), 0)
    if not kind:
        kind = _shape(line, size, end)
    if kind == Kind.CREDIT or kind == Kind.AGENCY_CREDIT:
        return kind, NO_NAME, end, line.endswith(CREDIT_OPEN) or "/" not in line
    if kind or size > 60 or (end and (last != "." or size > 40)):
        return kind, NO_NAME, end, False
    return kind, _name(line, size), end, False


def _shape(line: str, size: int, end: int) -> int:
    opening = OPENINGS.get(line[:1])
    if opening and (match := opening.match(line)):
        kind = int(match.lastgroup[1:])  # type: ignore[index]
        if kind != Kind.KICKER or not end:
            return kind
    if ("Getty" in line or "/" in line or " via " in line or " on " in line) and not end and AGENCY_CREDIT.match(line):
        return Kind.AGENCY_CREDIT
    if line[-1:] == ")" and SIGNOFF_LINKS.match(line):
        return Kind.SIGNOFF
    if line[:1] in "ASPBCIasp" and size <= 90 and SPONSOR_LABEL.fullmatch(line):
        return Kind.SPONSOR_LABEL
    if ("ign up" in line or "ubscri" in line or "inbox" in line) and PROMO_ENDING.search(line):
        return Kind.PROMO
    if size <= 75 and line[-1:] in "0123456789.mTM" and DATE.fullmatch(line):
        return Kind.DATE
    if " | " in line and not end and line.count(" | ") > 1:
        return Kind.DOCUMENT_TITLE
    if (line[-4:] == "None" or "None" in line or line[-1:] in "0123456789abcdef-" or " " not in line) and TRACKER.search(line):
        return Kind.TRACKER
    if line.endswith(" updates") and PAGE_TITLE.match(line):
        return Kind.CHROME
    return 0


def _long_kind(line: str) -> int:
    opening = OPENINGS.get(line[0])
    if opening and (match := opening.match(line)):
        kind = int(match.lastgroup[1:])  # type: ignore[index]
        if kind in _LONG_KINDS:
            return kind
    if line[-1] in "0123456789abcdef" and TRACKER.search(line):
        return Kind.TRACKER
    return 0


_LONG_KINDS: Final = frozenset({Kind.BULLET, Kind.NUMBERED, Kind.GREETING, Kind.CLOSER, Kind.CHROME})


def _name(line: str, size: int) -> int:
    if PERSON.fullmatch(line):
        return AN_ORGANISATION if ORGANISATION.search(line) else A_PERSON
    if size <= 45 and not line[0].isspace() and line.count(" ") <= 5 and (line[0].isupper() or line[:1].isdigit() or " " not in line):
        words = line.split()
        small = sum(word[0].islower() for word in words)
        if len(words) == 1 or ORGANISATION.search(line):
            return AN_ORGANISATION
        if small <= len(words) // 2 and all(w[0].isupper() or w in _JOINTS for w in words):
            return EITHER
    return NO_NAME


_JOINTS: Final = frozenset("of the and for in on & de".split())
