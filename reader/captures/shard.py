"""Reads the captures in the shards that `protocol-reader parse --into` writes. Each row is a page, or a problem.

A row is a page as `parse` prints it, plus "text", "encoding", "partial" and "hints" of the capture. JSON Lines is a
shard if its first row has `MARK`, Parquet if it has a column of that name; there, lists are JSON. Rows are not trusted:
their captures are checked, and parsed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from reader.captures.jsonl import RawLine, has_too_many_values, lines, load
from reader.captures.results import Tally
from reader.captures.source import Source, explained
from reader.captures.text import MAX_CAPTURE, fit
from reader.model import Capture, LineHint, Problem
from reader.sanitize import clean_url, sanitize, time_of

_Kind = TypeVar("_Kind")

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
MAX_ROW: Final = 128 << 20
_JSON_COLUMNS: Final = ("hints", "problem")
_LONGEST_NAME: Final = 100
_BAD_ROW: Final = "not a row of a shard, so skipped; the rest was read"


def fits(row: bytes) -> bool:
    """Return whether a row can be read back, because it is not too long and has not too many values."""
    return len(row) <= MAX_ROW and not has_too_many_values(row)


def read(source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in a JSON Lines shard, in order."""
    rows = ((line.number, partial(load, line)) for line in lines(source, MAX_ROW))
    yield from _read_rows(source.parts(rows), source, "line")
    if source.cut:
        yield source.cut


def read_columns(rows: Iterator[Mapping[str, Any]], source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in the rows of a Parquet shard, in order."""

    def decoded(row: Mapping[str, Any]) -> dict[str, Any]:
        lists = {name: str(row[name]).encode("utf-8", "replace") for name in _JSON_COLUMNS if row.get(name)}
        parsed = {name: load(RawLine(0, data)) for name, data in lists.items()}
        return {name: value for name, value in row.items() if name != MARK} | parsed

    numbered = ((number, partial(decoded, row)) for number, row in enumerate(rows, 1))
    yield from _read_rows(numbered, source, "row")


def _read_rows(
    rows: Iterable[tuple[int, Callable[[], Any]]], source: Source, unit: str
) -> Iterator[Capture | Problem]:
    """Read rows, given as numbers and functions that load them; count unreadable rows."""
    tally = Tally(source.label, unit)
    for number, loaded in rows:
        try:
            row = loaded()
            if MARK in row:
                continue  # the first line
            item = _problem(row["problem"]) if row.get("problem") is not None else _capture(row)
        except (LookupError, TypeError, ValueError, AttributeError):
            tally.add("damaged", _BAD_ROW, number)
            continue
        except Exception as error:
            cut = explained(error)
            tally.add(cut.kind, cut.reason, number)
            continue
        if isinstance(item, Problem) or (source.filter.accepts(item.url) and source.filter.begin_page()):
            yield item
    yield from tally.problems()


def _capture(row: Mapping[str, Any]) -> Capture:
    url, cut = (row.get(name) and _checked(str, row[name]) for name in ("url", "partial"))
    return Capture(
        source=sanitize(_checked(str, row["source"])),
        text=fit(_checked(str, row["text"]), MAX_CAPTURE),
        url=clean_url(url) if url else None,
        captured=time_of(row.get("captured")),
        encoding=sanitize(_checked(str, row["encoding"]))[:_LONGEST_NAME],
        partial=sanitize(cut) if cut else None,
        hints=tuple(
            LineHint(min(_checked(int, line), MAX_CAPTURE), _checked(str, role), _checked(str, value))
            for line, role, value in row.get("hints") or ()
        ),
    )


def _problem(value: Any) -> Problem:
    return Problem(
        sanitize(_checked(str, value["source"])),
        sanitize(_checked(str, value["kind"]))[:_LONGEST_NAME],
        sanitize(_checked(str, value["reason"])),
        partial=value["partial"] is True,
    )


def _checked(kind: type[_Kind], value: Any) -> _Kind:
    """Return a value. TypeError if it is of another type."""
    if type(value) is not kind:  # so a bool is no int
        raise TypeError(value)
    return value
