"""JSON Lines and JSON: one page an object, as crawl corpora have them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from reader.captures.json_values import MAX_OBJECT, Piece, lines, objects, one_a_line
from reader.captures.results import NOT_A_CAPTURE, Items, Tally, catch_failures, passed_over
from reader.captures.rows import NO_TEXT, is_parsed_page, read_row, row_of
from reader.captures.source import CutShortError, Source
from reader.model import Problem
from reader.wording import many

_NO_JSON: Final = "no JSON; left out, the rest was read"
_TOO_LONG: Final = f"longer than {MAX_OBJECT >> 20} MB; left out, the rest was read"
_CUT_OFF: Final = "cut off by the end of the file or by damage; left out"
_TOO_MANY: Final = "more values in it than a page has; left out, the rest was read"
_PARSED: Final = "with articles that were told apart already"

LINES_SUFFIXES: Final = (".jsonl", ".ndjson")
_FREE_VALUES = 1 << 20
"""Bytes of an object in which any number of values may stand: a value takes up to 60 bytes of memory a byte."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def read(source: Source) -> Items:
    """The captures in a JSON Lines or JSON file; its problems last, each kind once.

    A file in a folder in which no object is a page is no capture.
    """
    return _Reading(source).read()


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._empty: Counter[str] = Counter()
        self._pages = 0

    def read(self) -> Items:
        source, empty = self._source, self._empty
        by_lines = one_a_line(source.head)
        tally = Tally(source.label, "line" if by_lines else "object")
        for piece in source.parts(lines(source) if by_lines else objects(source)):
            yield from tally.collect(catch_failures(self._read_piece(piece), source.label), piece.number)
        if not self._pages and not source.explicit and not source.name.lower().endswith(LINES_SUFFIXES):
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
                yield from read_row(row, self._source, piece.number)
            else:
                self._empty[_PARSED if is_parsed_page(columns) else NO_TEXT] += 1


def _listed(empty: Mapping[str, int]) -> str:
    return " and ".join(f"{many(count, 'object')} {what}" for what, count in empty.items())


def _values(piece: Piece) -> list[dict[str, Any]]:
    """The objects in a piece: one, or those of a list. CutShortError when it cannot be read."""
    data = piece.data
    if data is None:
        raise CutShortError("too large", _TOO_LONG)
    if len(data) > _FREE_VALUES and len(_STRING.sub(b"", data)) > _FREE_VALUES:
        raise CutShortError("too large", _TOO_MANY)
    data = data.strip().removeprefix(b"\xef\xbb\xbf")
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
    # Bytes that are no UTF-8 spoil a character, not the page.
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        # One line of an array over many.
        if not text.startswith(("[", "{")) or not text.endswith((",", "]", "}")):
            raise
        return json.loads(text.removeprefix("[").removesuffix("]").rstrip(", \t"))
