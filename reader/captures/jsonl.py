"""Reads JSON Lines and JSON of crawl corpora, one page per object, from a stream that may be damaged."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from reader.captures.results import Items, ReadPage, Tally, catch_failures, skipped_parts
from reader.captures.rows import NAME_COLUMNS, is_parsed_page, read_row, row_of, without_text
from reader.captures.source import CutShortError, Source
from reader.model import NOT_A_CAPTURE, Problem
from reader.sanitize import many

MAX_OBJECT: Final = 32 << 20
"""The size of the longest object that is read."""
_NO_JSON: Final = "not JSON, so skipped; the rest was read"
_TOO_LONG: Final = f"longer than {MAX_OBJECT >> 20} MB, so skipped; the rest was read"
_CUT_OFF: Final = "cut off by the end of the file or by damage, so skipped"
_TOO_MANY: Final = "too many values for a page, so skipped; the rest was read"
_PARSED: Final = "with articles that are already separated"

_LINES_SUFFIXES: Final = (".jsonl", ".ndjson")
_FREE_VALUES = 1 << 20
"""Up to this size an object may contain any number of values. A value can take 60 bytes of memory per byte."""
_BOM: Final = b"\xef\xbb\xbf"
_TOKEN: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|[{}"]', re.DOTALL)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class RawValue(NamedTuple):
    """Bytes that should be one JSON value."""

    number: int
    """The number of its line, or of the object if objects are not one per line; from 1."""
    data: bytes | None
    """None if it is too long."""
    cut_off: bool = False
    """True if its end is lost because the file is damaged."""


def read_json(source: Source, read_page: ReadPage) -> Items:
    """Read the captures in a JSON Lines or JSON file, then its problems, one of each kind.

    A file found in a folder is not a capture if none of its objects is a page.
    """
    return _JsonReader(source, read_page).read()


class _JsonReader:
    def __init__(self, source: Source, read_page: ReadPage) -> None:
        self._source = source
        self._read_page = read_page
        self._empty: Counter[str] = Counter()
        self._pages = 0

    def read(self) -> Items:
        source, empty = self._source, self._empty
        by_lines = _one_a_line(source.head)
        tally = Tally(source.label, "line" if by_lines else "object")
        for value in source.parts(lines(source) if by_lines else _objects(source)):
            yield from tally.collect(catch_failures(self._read_value(value), source.label), value.number)
        if not self._pages and not source.explicit and not source.name.lower().endswith(_LINES_SUFFIXES):
            reason = "JSON without a page; name the file to see which columns are expected"
            yield Problem(source.label, NOT_A_CAPTURE, reason)
            return
        yield from tally.problems()
        if self._pages:
            yield from skipped_parts(source.label, "object", empty)
        elif empty:
            yield Problem(source.label, "no page", f"{_listed(empty)}; {NAME_COLUMNS}")
        if source.cut:
            yield source.cut._replace(partial=self._pages > 0)

    def _read_value(self, value: RawValue) -> Items:
        for columns in _values(value):
            if row := row_of(columns, self._source.columns):
                self._pages += 1
                yield from read_row(row, self._source, value.number, self._read_page)
            else:
                self._empty[_PARSED if is_parsed_page(columns) else without_text(self._source.columns)] += 1


def _listed(empty: Mapping[str, int]) -> str:
    return " and ".join(f"{many(count, 'object')} {what}" for what, count in empty.items())


def _values(value: RawValue) -> list[dict[str, Any]]:
    """Parse a raw value, and return its object or list of objects. CutShortError if it cannot be parsed."""
    data = value.data
    if data is None:
        raise CutShortError("too large", _TOO_LONG)
    if has_too_many_values(data):
        raise CutShortError("too large", _TOO_MANY)
    data = data.strip().removeprefix(_BOM)
    if not data.strip(b"[], \t"):
        return []
    try:
        parsed = _loaded(data)
    except (ValueError, RecursionError):
        if value.cut_off:
            raise CutShortError("damaged", _CUT_OFF) from None
        raise CutShortError("damaged", _NO_JSON) from None
    return [item for item in (parsed if isinstance(parsed, list) else [parsed]) if isinstance(item, dict)]


def has_too_many_values(data: bytes, most: int = _FREE_VALUES) -> bool:
    """Return whether parsing JSON would take too much memory, because over `most` bytes are outside of its texts."""
    return len(data) > most and len(_STRING.sub(b"", data).translate(None, b" \t\r\n")) > most


def _loaded(data: bytes) -> Any:
    # Invalid UTF-8 damages a character, not the page.
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        # It may be a line of an array that spans many lines.
        if not text.startswith(("[", "{")) or not text.endswith((",", "]", "}")):
            raise
        return json.loads(text.removeprefix("[").removesuffix("]").rstrip(", \t"))


def _one_a_line(head: bytes) -> bool:
    """Return whether there is one object per line, possibly with an array's commas and brackets around them."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n", 40) if line.strip(b" \t\r[],")][:2]
    if len(lines) < 2:
        return bool(lines) and not head.removeprefix(_BOM).lstrip().startswith(b"[")
    first, second = (line.strip(b" \t\r[],") for line in lines)
    if second.startswith(b"{") and len(second) > 1 and not lines[1].startswith(b" "):
        return True
    return first.startswith(b"{") and first.endswith(b"}") and first.count(b"{") == first.count(b"}")


def lines(source: Source, most: int | None = None) -> Iterator[RawValue]:
    """Yield the non-empty lines of `source`. Lines over `most` bytes (by default `MAX_OBJECT`) have no data."""
    most = MAX_OBJECT if most is None else most
    number, parts, size = 1, [b""], 0
    while True:
        block = source.read_some()
        if not block:
            if size:
                yield RawValue(number, _joined(parts, size, most), cut_off=source.cut is not None)
            return
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= most:
            parts.append(first)
        for line in rest:
            if size:
                yield RawValue(number, _joined(parts, size, most))
            number, parts, size = number + 1, [line], len(line)


def _joined(parts: list[bytes], size: int, most: int) -> bytes | None:
    return b"".join(parts) if size <= most else None


def _objects(source: Source) -> Iterator[RawValue]:
    """Yield the outermost objects in `source`, regardless of line breaks."""
    data = b""
    start = at = depth = 0  # the object's start, the scan's position, and its depth
    number, too_long = 1, False
    while True:
        block = source.read_some()
        data, start, at = data[start:] + block, 0, at - start
        while token := _TOKEN.search(data, at):
            what = token[0]
            if what == b'"':  # an unfinished string: its line ends first, or more data follows
                end = data.find(b"\n", token.start())
                at = token.start() if end < 0 and block else len(data) if end < 0 else end
                if at == token.start():
                    break
                continue
            at = token.end()
            if what == b"{":
                start = start if depth else token.start()
                depth += 1
            elif what == b"}" and depth:
                depth -= 1
                if not depth:
                    yield RawValue(number, None if too_long else data[start:at])
                    number, start, too_long = number + 1, at, False
        else:
            at = len(data)
        if not block:
            if depth:
                yield RawValue(number, None if too_long else data[start:], cut_off=True)
            return
        too_long = depth > 0 and (too_long or len(data) - start > MAX_OBJECT)
        if len(data) - at > MAX_OBJECT:
            # Inside an overlong string, only its end and escapes matter.
            backslashes = len(data) - len(data.rstrip(b"\\"))
            data, start, at = b'"' + b"\\" * (backslashes % 2), 0, 0
        elif not depth or too_long:
            start = at
