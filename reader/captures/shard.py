"""Shards, as `protocol-reader parse --into` writes them: captures with the articles that were told apart in them.

As JSON Lines, a shard has a first line that says what it is (`FIRST`), then one row a capture or problem, then a last
line with their count, by whose absence one that lost its end is known. A row is the page as `parse` prints it,
and "text", "encoding", "partial" and "hints" of the capture, and the "parser" that told its articles apart.
In Parquet, the rows are the same, with lists as JSON; the column `MARK` says what it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reader.captures.json_values import lines
from reader.captures.shard_rows import BadRowError, capture_of, problem_of
from reader.captures.source import Source
from reader.captures.tally import Tally
from reader.model import Capture, Problem

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
"""The form of the rows."""
MAX_ROW: Final = 128 << 20
"""The most bytes of a row."""
_FREE_VALUES: Final = 1 << 20
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ENDS_EARLY: Final = "its end is missing; make it again, or copy it anew"
_NO_ROW: Final = "no row of a shard; left out, the rest was read"
_TOO_LARGE: Final = "larger than a page is; left out, the rest was read"
_JSON_COLUMNS: Final = ("hints", "articles", "furniture", "lines", "problem")


def fits(row: bytes) -> bool:
    """Whether a row is one that `read` takes: not too long, and of so few values that they have room in memory."""
    return len(row) <= MAX_ROW and (len(row) <= _FREE_VALUES or len(_STRING.sub(b"", row)) <= _FREE_VALUES)


def read(source: Source) -> Iterator[Capture | Problem]:
    """The captures and problems in a shard of JSON Lines, in order, those that can be read."""
    tally = Tally(source.label, "line")
    whole = False
    for piece in lines(source, MAX_ROW):
        if piece.data is None or not fits(piece.data):
            tally.add("too large", _TOO_LARGE, piece.number)
            continue
        try:
            row = json.loads(piece.data.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            tally.add("damaged", _NO_ROW, piece.number)
            continue
        if not isinstance(row, dict):
            tally.add("damaged", _NO_ROW, piece.number)
        elif MARK in row:
            whole = False  # Shards may be strung together.
        elif "end" in row:
            whole = True
        else:
            yield from _read_row(row, source, tally, piece.number)
    yield from tally.problems()
    if source.cut:
        yield source.cut
    elif not whole:
        yield Problem(source.label, "damaged", _ENDS_EARLY, partial=True)


def read_columns(
    row: Mapping[str, Any], source: Source, tally: Tally, number: int
) -> Iterator[Capture | Problem]:
    """What is in row `number` of a shard in Parquet."""
    values = dict(row)
    for name in _JSON_COLUMNS:
        found = values.get(name)
        if found is None:
            values.pop(name, None)
            continue
        data = str(found).encode("utf-8", "replace")
        if not fits(data):
            tally.add("too large", _TOO_LARGE, number)
            return
        try:
            values[name] = json.loads(data)
        except (ValueError, RecursionError):
            tally.add("damaged", _NO_ROW, number)
            return
    yield from _read_row(values, source, tally, number)


def _read_row(
    row: Mapping[str, Any], source: Source, tally: Tally, number: int
) -> Iterator[Capture | Problem]:
    try:
        if "problem" in row:
            yield problem_of(row["problem"])
            return
        capture = capture_of(row)
    except BadRowError:
        tally.add("damaged", _NO_ROW, number)
        return
    if source.wants(capture.url):
        yield capture
