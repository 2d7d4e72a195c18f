"""Reads JSON Lines and JSON of crawl corpora, one page per object. Lines are read from a stream that may be damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from reader.captures.results import Items, ReadPage, Tally
from reader.captures.rows import NAME_COLUMNS, is_parsed_page, read_row, without_text
from reader.captures.source import CutShortError, Source
from reader.model import NOT_A_CAPTURE, Problem
from reader.sanitize import many

MAX_LINE: Final = 32 << 20
MAX_JSON: Final = 64 << 20
"""The size of the largest file that is read if its objects are not one per line: it must be in memory as a whole."""
_MOST_VALUES: Final = 8 << 20
"""The most bytes of such a file outside of its texts."""
_FREE_VALUES = 1 << 20
"""Up to this size an object may contain any number of values. A value can take 60 bytes of memory per byte."""
_NO_JSON: Final = "not JSON, so skipped; the rest was read"
_TOO_LONG: Final = "longer than any page, so skipped; the rest was read"
_CUT_OFF: Final = "cut off by the end of the file or by damage, so skipped"
_TOO_MANY: Final = "too many values for a page, so skipped; the rest was read"
_TOO_LARGE: Final = "too large to be read at once; convert it to JSON Lines, for example with “jq -c .[]”"
_LINES_SUFFIXES: Final = (".jsonl", ".ndjson")
_BOM: Final = b"\xef\xbb\xbf"
_ARRAY: Final = b"[], \t\r"
"""What may stand around the objects of an array that has one per line."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_START: Final = re.compile(r"[^\s,\[\]]")


class RawLine(NamedTuple):
    """Bytes that should be one JSON value."""

    number: int
    data: bytes | None
    """None if it is too long."""
    cut_off: bool = False
    """True if its end is lost because the file is damaged."""


def read_json(source: Source, read_page: ReadPage) -> Items:
    """Read the captures in a JSON Lines or JSON file, then its problems, one of each kind.

    A file found in a folder is not a capture if none of its objects is a page.
    """
    by_lines = _one_a_line(source.head)
    tally = Tally(source.label, "line" if by_lines else "object")
    pages = 0

    def read(number: int, row: Any) -> Items:
        nonlocal pages
        loaded = load(row) if isinstance(row, RawLine) else row
        for columns in loaded if isinstance(loaded, list) else (loaded,):
            if isinstance(columns, dict) and (yield from read_row(columns, source, number, read_page)):
                pages += 1
            elif isinstance(columns, dict) and is_parsed_page(columns):
                tally.skip("with articles that are already separated")
            else:
                tally.skip(without_text(source.columns))

    for number, row in source.parts(_by_lines(source) if by_lines else _at_once(source)):
        yield from tally.collect(read(number, row), number)
    if not (pages or source.cut or source.explicit or source.name.lower().endswith(_LINES_SUFFIXES)):
        reason = "JSON without a page; name the file to see which columns are expected"
        yield Problem(source.label, NOT_A_CAPTURE, reason)
        return
    if not pages and tally.skipped:
        parts = " and ".join(f"{many(count, 'object')} {what}" for what, count in tally.skipped.items())
        yield Problem(source.label, "no page", f"{parts}; {NAME_COLUMNS}")
        tally.skipped.clear()
    yield from tally.problems()
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _one_a_line(head: bytes) -> bool:
    """Return whether a file that starts like this has one object per line, possibly in an array."""
    start = head.removeprefix(_BOM).lstrip()
    first, _, rest = start.lstrip(_ARRAY + b"\n").partition(b"\n")
    first = first.rstrip(_ARRAY)
    if start.startswith(b"["):
        try:
            objects = json.loads(b"[%s]" % first)
        except (ValueError, RecursionError):
            return False
        return bool(objects and rest.strip(_ARRAY)) and isinstance(objects[0], dict)
    is_whole = first.endswith(b"}") and first.count(b"{") == first.count(b"}")
    return is_whole or not rest or rest.lstrip(b"\r\n").startswith(b"{")


def _by_lines(source: Source) -> Iterator[tuple[int, RawLine]]:
    is_array = source.head.removeprefix(_BOM).lstrip().startswith(b"[")
    for line in lines(source):
        if not is_array or line.data is None:
            yield line.number, line
        elif data := line.data.removeprefix(_BOM).strip(_ARRAY):
            yield line.number, line._replace(data=b"[%s]" % data)


def _at_once(source: Source) -> Iterator[tuple[int, Any]]:
    """Yield the objects of a file that is parsed as a whole, by their numbers, up to the first damage."""
    data = bytes(source.read(MAX_JSON + 1))
    if len(data) > MAX_JSON or has_too_many_values(data, _MOST_VALUES):
        source.stop("too large", _TOO_LARGE)
        return
    text = data.removeprefix(_BOM).decode("utf-8", "replace")
    del data  # it and the text may be large
    decoder = json.JSONDecoder()
    number = at = 0
    while start := _START.search(text, at):
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            begun = f"not JSON after its first {many(number, 'object')}, so the rest was skipped"
            source.stop("damaged", f"{begun if number else 'not valid JSON'}; get a new copy")
            return
        number += 1
        yield number, value


def load(line: RawLine) -> Any:
    """Parse a line. CutShortError if that is impossible."""
    if line.data is None:
        raise CutShortError("too large", _TOO_LONG)
    if has_too_many_values(line.data):
        raise CutShortError("too large", _TOO_MANY)
    try:
        # Invalid UTF-8 damages a character, not the page.
        return json.loads(line.data.removeprefix(_BOM).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise CutShortError("damaged", _CUT_OFF if line.cut_off else _NO_JSON) from None


def has_too_many_values(data: bytes, most: int = _FREE_VALUES) -> bool:
    """Return whether parsing JSON would take too much memory, because over `most` bytes are outside of its texts."""
    return len(data) > most and len(_STRING.sub(b"", data).translate(None, b" \t\r\n")) > most


def lines(source: Source, most: int | None = None) -> Iterator[RawLine]:
    """Yield the non-empty lines of `source`. Lines over `most` bytes (by default `MAX_LINE`) have no data."""
    most = MAX_LINE if most is None else most
    number, parts, size = 1, [b""], 0
    while block := source.read_some():
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= most:
            parts.append(first)
        for line in rest:
            data = b"".join(parts).strip() if size <= most else None
            if data != b"":
                yield RawLine(number, data)
            number, parts, size = number + 1, [line], len(line)
    data = b"".join(parts).strip() if size <= most else None
    if data != b"":
        yield RawLine(number, data, cut_off=source.cut is not None)
