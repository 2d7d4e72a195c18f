"""A capture's text -> its non-empty lines, each with its key: what it shows, and what stands around it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from reader.parsing.features import (
    ADVERT_UNIT,
    BIO_OF,
    BIO_UNIT,
    GAP_UNIT,
    KIND_UNIT,
    LONG,
    MENTIONS,
    NEW,
    NO_NAME,
    NORMAL,
    OPEN_UNIT,
    REPEAT_UNIT,
    REPEATED_LATER,
    REPEATS,
    REPEATS_ABOVE,
    SHORT,
    STAFF_UNIT,
    WIDE,
)
from reader.parsing.shapes import Shape, is_advert, long_line, short_line
from reader.parsing.vocabulary import CREDIT_REST, STAFF, Kind
from reader.safe_text import clean, is_clean

_MARKER: Final = int(Kind.MARKER)
_BYLINE: Final = int(Kind.BYLINE)
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
INVISIBLE_LINE: Final = "\u2060"
_LINE_END: Final = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
NORMAL_GAP: Final = NORMAL * GAP_UNIT
WIDE_GAP: Final = WIDE * GAP_UNIT

REMEMBERED: Final = 10_000
"""How many short lines are kept with what they show: captures of one site share most of their teasers."""
_INVISIBLE_SHAPE: Final = Shape(Kind.NOTHING * KIND_UNIT, NO_NAME, False)
_known: dict[str, Shape] = {INVISIBLE_LINE: _INVISIBLE_SHAPE}


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
    text = with_plain_ends(text)
    lines = text.split("\n")
    # Three looks at the whole text spare most pages a look at each line.
    if (
        not is_clean(text)
        or "  " in text
        or " \n" in text
        or "\n " in text
        or text[:1] == " "
        or text[-1:] == " "
    ):
        lines = [_tidy(line) for line in lines]
    numbers = [n for n, line in enumerate(lines, 1) if line]
    texts = [line for line in lines if line]
    keys = _keys(texts, [n - before - 1 for before, n in zip([0, *numbers], numbers, strict=False)])
    if INVISIBLE_LINE in texts:
        texts = [line.strip(INVISIBLE_LINE) for line in texts]
    return Lines(numbers, texts, keys)


def _tidy(raw: str) -> str:
    """A line through the gate, with single spaces; INVISIBLE_LINE where something stands but nothing shows."""
    if not raw.translate(_INVISIBLE).strip():
        return ""
    return " ".join(clean(raw).split()) or INVISIBLE_LINE


def _keys(texts: list[str], gaps: list[int]) -> list[int]:
    global _known
    if len(_known) > REMEMBERED:
        # A new one: another thread may be looking something up in the old.
        _known = {INVISIBLE_LINE: _INVISIBLE_SHAPE}
    known = _known
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
            key = long_line(line, size)
        else:
            shape = known.get(line)
            if shape is None:
                shape = known[line] = short_line(line, size)
            key, name, opens = shape
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
        if key // KIND_UNIT == _MARKER:
            pitch = i - 1
            if pitch >= 0 and is_advert(texts[pitch]):
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
        # After "By NAME", it is the name that a biography opens with.
        previous = line[3:] if key // KIND_UNIT == _BYLINE else line
        named, opened = name, opens
    return keys
