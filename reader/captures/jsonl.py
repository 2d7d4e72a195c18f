"""JSON Lines and JSON: one page an object, as crawl corpora have them, from a stream that may be damaged."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from reader.captures.results import NOT_A_CAPTURE, Items, ReadPage, Tally, catch_failures, passed_over
from reader.captures.rows import NO_TEXT, is_parsed_page, read_row, row_of
from reader.captures.source import CutShortError, Source
from reader.model import Problem
from reader.sanitize import many

MAX_OBJECT: Final = 32 << 20
"""Bytes of the longest object that is read."""
_NO_JSON: Final = "no JSON; left out, the rest was read"
_TOO_LONG: Final = f"longer than {MAX_OBJECT >> 20} MB; left out, the rest was read"
_CUT_OFF: Final = "cut off by the end of the file or by damage; left out"
_TOO_MANY: Final = "more values in it than a page has; left out, the rest was read"
_PARSED: Final = "with articles that were told apart already"

_LINES_SUFFIXES: Final = (".jsonl", ".ndjson")
_FREE_VALUES = 1 << 20
"""Bytes of an object that may hold any number of values: a value takes up to 60 bytes of memory a byte."""
_BOM: Final = b"\xef\xbb\xbf"
_TOKEN: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|[{}"]', re.DOTALL)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class Piece(NamedTuple):
    """Bytes that should be one JSON value."""

    number: int
    """Number of its line, or of the object where they are not one a line; from 1."""
    data: bytes | None
    """None if it is longer than allowed."""
    cut_off: bool = False
    """True if damage of the file took its end."""


def read_json(source: Source, read_page: ReadPage) -> Items:
    """The captures in a JSON Lines or JSON file; its problems last, one of each kind.

    A file in a folder in which no object is a page is no capture.
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
        for piece in source.parts(lines(source) if by_lines else _objects(source)):
            yield from tally.collect(catch_failures(self._read_piece(piece), source.label), piece.number)
        if not self._pages and not source.explicit and not source.name.lower().endswith(_LINES_SUFFIXES):
            reason = "JSON in which nothing is a page; name it to read it all the same"
            yield Problem(source.label, NOT_A_CAPTURE, reason)
            return
        yield from tally.problems()
        if self._pages:
            yield from passed_over(source.label, "object", empty)
        elif empty:
            yield Problem(source.label, "no page", f"{_listed(empty)}; convert it first")
        if source.cut:
            yield source.cut._replace(partial=self._pages > 0)

    def _read_piece(self, piece: Piece) -> Items:
        for columns in _values(piece):
            if row := row_of(columns):
                self._pages += 1
                yield from read_row(row, self._source, piece.number, self._read_page)
            else:
                self._empty[_PARSED if is_parsed_page(columns) else NO_TEXT] += 1


def _listed(empty: Mapping[str, int]) -> str:
    return " and ".join(f"{many(count, 'object')} {what}" for what, count in empty.items())


def _values(piece: Piece) -> list[dict[str, Any]]:
    """The objects in a piece: one, or those of a list. CutShortError if it cannot be read."""
    data = piece.data
    if data is None:
        raise CutShortError("too large", _TOO_LONG)
    if len(data) > _FREE_VALUES and len(_STRING.sub(b"", data)) > _FREE_VALUES:
        raise CutShortError("too large", _TOO_MANY)
    data = data.strip().removeprefix(_BOM)
    if not data.strip(b"[], \t"):
        return []
    try:
        found = _loaded(data)
    except (ValueError, RecursionError):
        if piece.cut_off:
            raise CutShortError("damaged", _CUT_OFF) from None
        raise CutShortError("damaged", _NO_JSON) from None
    return [value for value in (found if isinstance(found, list) else [found]) if isinstance(value, dict)]


def _loaded(data: bytes) -> Any:
    # Bytes that are not UTF-8 spoil a character, not the page.
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        # This may be one line of an array over many.
        if not text.startswith(("[", "{")) or not text.endswith((",", "]", "}")):
            raise
        return json.loads(text.removeprefix("[").removesuffix("]").rstrip(", \t"))


def _one_a_line(head: bytes) -> bool:
    """Return whether there is one object a line, also with the commas and brackets of an array around them."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n", 40) if line.strip(b" \t\r[],")][:2]
    if len(lines) < 2:
        return bool(lines) and not head.removeprefix(_BOM).lstrip().startswith(b"[")
    first, second = (line.strip(b" \t\r[],") for line in lines)
    if second.startswith(b"{") and len(second) > 1 and not lines[1].startswith(b" "):
        return True
    return first.startswith(b"{") and first.endswith(b"}") and first.count(b"{") == first.count(b"}")


def lines(source: Source, most: int | None = None) -> Iterator[Piece]:
    """The lines of `source` that are not empty, without the data of those over `most` bytes (`MAX_OBJECT` if None)."""
    most = MAX_OBJECT if most is None else most
    number, parts, size = 1, [b""], 0
    while True:
        block = source.read_block()
        if not block:
            cut = source.cut is not None
            if size:
                yield Piece(number, _joined(parts, size, most), cut_off=cut)
            if not source.go_on():
                return
            number, parts, size = number + 1, [], 0
            continue
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= most:
            parts.append(first)
        for line in rest:
            if size:
                yield Piece(number, _joined(parts, size, most))
            number, parts, size = number + 1, [line], len(line)


def _joined(parts: list[bytes], size: int, most: int) -> bytes | None:
    return b"".join(parts) if size <= most else None


def _objects(source: Source) -> Iterator[Piece]:
    """The outermost objects in `source`, however they are broken into lines."""
    data = b""
    start = at = depth = 0  # Where the object begins, how far it was searched, and how deep that is.
    number, too_long = 1, False
    while True:
        block = source.read_block()
        data, start, at = data[start:] + block, 0, at - start
        while token := _TOKEN.search(data, at):
            what = token[0]
            if what == b'"':  # No string, as its line ends first, or as there is more to come.
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
                    yield Piece(number, None if too_long else data[start:at])
                    number, start, too_long = number + 1, at, False
        else:
            at = len(data)
        if not block:
            if depth:
                yield Piece(number, None if too_long else data[start:], cut_off=True)
                number += 1
            if not source.go_on():
                return
            data, start, at, depth, too_long = b"", 0, 0, 0, False
            continue
        too_long = depth > 0 and (too_long or len(data) - start > MAX_OBJECT)
        if len(data) - at > MAX_OBJECT:
            # Within a string longer than an object: only that it goes on, and whether an escape does, matters.
            backslashes = len(data) - len(data.rstrip(b"\\"))
            data, start, at = b'"' + b"\\" * (backslashes % 2), 0, 0
        elif not depth or too_long:
            start = at
