"""Shards, as `protocol-reader parse --into` writes them: captures with the articles that were told apart in them.

As JSON Lines, a shard has a first line that says what it is (`FIRST`), then one row a capture or problem, then a last
line with their count, by whose absence one that lost its end is known. A row is the page as `parse` prints it,
and "text", "encoding", "partial" and "hints" of the capture, and the "parser" that told its articles apart.
In Parquet, the rows are the same, with lists as JSON; the column `MARK` says what it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from reader.captures.json_values import lines
from reader.captures.shard_rows import BadRowError, capture_of, problem_of
from reader.captures.source import CutShortError, Source, explained
from reader.captures.tally import Tally
from reader.model import Capture, Problem

Made = TypeVar("Made")

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
"""The form of the rows."""
MAX_ROW: Final = 128 << 20
"""The most bytes of a row."""
_FREE_VALUES: Final = 1 << 20
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ENDS_EARLY: Final = "its end is missing; make it again, or copy it anew"
_TOO_LARGE: Final = "larger than a page is; left out, the rest was read"
_JSON_COLUMNS: Final = ("hints", "articles", "furniture", "lines", "problem")


def fits(row: bytes) -> bool:
    """Whether a row is one that `read` takes: not too long, and of so few values that they have room in memory."""
    return len(row) <= MAX_ROW and (len(row) <= _FREE_VALUES or len(_STRING.sub(b"", row)) <= _FREE_VALUES)


def read(source: Source) -> Iterator[Capture | Problem]:
    """The captures and problems in a shard of JSON Lines, in order, those that can be read."""
    tally = Tally(source.label, "line")
    whole = False
    for piece in source.parts(lines(source, MAX_ROW)):
        row = _counted(tally, piece.number, partial(_row, piece.data))
        if row is None:
            continue
        if MARK in row:
            whole = False  # Shards may be strung together.
        elif "end" in row:
            whole = True
        else:
            yield from _counted_item(row, source, tally, piece.number)
    yield from tally.problems()
    if source.cut:
        yield source.cut
    elif not whole:
        yield Problem(source.label, "damaged", _ENDS_EARLY, partial=True)


def read_columns(
    row: Mapping[str, Any], source: Source, tally: Tally, number: int
) -> Iterator[Capture | Problem]:
    """What is in row `number` of a shard in Parquet."""
    values = _counted(tally, number, partial(_columns, row))
    if values is not None:
        yield from _counted_item(values, source, tally, number)


def _counted_item(
    row: Mapping[str, Any], source: Source, tally: Tally, number: int
) -> Iterator[Capture | Problem]:
    item: Capture | Problem | None = _counted(tally, number, lambda: _item(row, source))
    if item is not None:
        yield item


def _counted(tally: Tally, number: int, make: Callable[[], Made]) -> Made | None:
    """What `make` makes of row `number`; None where that fails, which is counted."""
    try:
        return make()
    except Exception as error:
        cut = explained(error)
        tally.add(cut.kind, cut.reason, number)
        return None


def _row(data: bytes | None) -> dict[str, Any]:
    row = _loaded(data)
    if not isinstance(row, dict):
        raise BadRowError
    return row


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row, with what its columns hold as JSON."""
    values = {name: value for name, value in row.items() if value is not None or name not in _JSON_COLUMNS}
    for name in _JSON_COLUMNS:
        if name in values:
            values[name] = _loaded(str(values[name]).encode("utf-8", "replace"))
    return values


def _loaded(data: bytes | None) -> Any:
    if data is None or not fits(data):
        raise CutShortError("too large", _TOO_LARGE)
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadRowError from error


def _item(row: Mapping[str, Any], source: Source) -> Capture | Problem | None:
    """What is in a row, if it is wanted."""
    if "problem" in row:
        return problem_of(row["problem"])
    capture = capture_of(row)
    return capture if source.wants(capture.url) else None
