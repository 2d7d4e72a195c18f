"""JSON Lines and JSON: one page an object, as crawl corpora have them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from reader.captures.items import Items
from reader.captures.json_values import MAX_OBJECT, Piece, lines, objects, one_a_line
from reader.captures.rows import NO_TEXT, is_parsed_page, read_row, row_of
from reader.captures.source import Source
from reader.captures.tally import NOT_A_CAPTURE, Tally, passed_over
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
    by_lines = one_a_line(source.head)
    tally = Tally(source.label, "line" if by_lines else "object")
    empty: Counter[str] = Counter()
    pages = 0
    for piece in lines(source) if by_lines else objects(source):
        try:
            found = _values(piece)
        except _UnusableError as error:
            tally.add(error.kind, error.reason, piece.number)
            continue
        for columns in found:
            if row := row_of(columns):
                pages += 1
                yield from tally.collect(read_row(row, source, piece.number), piece.number)
            else:
                empty[_PARSED if is_parsed_page(columns) else NO_TEXT] += 1
        del found
    if not pages and not source.explicit and not source.name.lower().endswith(LINES_SUFFIXES):
        reason = "JSON in which nothing is a page; name it to read it all the same"
        yield Problem(source.label, NOT_A_CAPTURE, reason)
        return
    yield tally
    if pages:
        yield from passed_over(source.label, "object", empty)
    elif empty:
        yield Problem(source.label, "no page", f"{_listed(empty)}; convert it first")
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _listed(empty: Mapping[str, int]) -> str:
    return " and ".join(f"{many(count, 'object')} {what}" for what, count in empty.items())


class _UnusableError(Exception):
    """Raised for a piece that gives no values."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def _values(piece: Piece) -> list[dict[str, Any]]:
    """The objects in a piece: one, or those of a list."""
    data = piece.data
    if data is None:
        raise _UnusableError("too large", _TOO_LONG)
    if len(data) > _FREE_VALUES and len(_STRING.sub(b"", data)) > _FREE_VALUES:
        raise _UnusableError("too large", _TOO_MANY)
    data = data.strip().removeprefix(b"\xef\xbb\xbf")
    if not data.strip(b"[], \t"):
        return []
    try:
        found = _loaded(data)
    except (ValueError, RecursionError):
        if piece.cut_off:
            raise _UnusableError("damaged", _CUT_OFF) from None
        raise _UnusableError("damaged", _NO_JSON) from None
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
