"""Reads the shards that `protocol-reader parse --into` writes. Each row is a capture with its articles, or a problem.

A row is a page as `parse` prints it, plus "text", "encoding", "partial" and "hints" of the capture and the version of
the "parser". JSON Lines is a shard if its first row has `MARK`, Parquet if it has a column of that name; there, lists
are JSON. Rows are not trusted: pages with invalid articles are parsed again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from types import UnionType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from reader.captures.jsonl import lines
from reader.captures.results import Tally
from reader.captures.source import CutShortError, Source, explained
from reader.captures.text import MAX_CAPTURE, fit
from reader.captures.times import time_of
from reader.model import (
    HEADLINE_LINK,
    REASONS,
    Article,
    Capture,
    LineHint,
    Page,
    ParsedPage,
    Problem,
)
from reader.sanitize import clean_url, sanitize

Kind = TypeVar("Kind")

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
"""The version of the rows."""
_MAX_ROW: Final = 128 << 20
"""The longest row, in bytes."""
_FREE_VALUES: Final = 1 << 20
"""Up to this size a row may contain any number of values. A value can take 60 bytes of memory per byte."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TOO_LARGE: Final = "larger than a page is; left out, the rest was read"
_JSON_COLUMNS: Final = ("hints", "articles", "furniture", "lines", "problem")
_COLUMNS: Final = frozenset({*Article._fields, "id", "title", "reasons", "doubtful"})
"""The fields of an article in a row. A page with other fields in its articles is parsed again, so nothing is lost."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_NAME: Final = 100


class BadRowError(CutShortError):
    """A row that does not belong in a shard."""

    def __init__(self) -> None:
        super().__init__("damaged", "no row of a shard; left out, the rest was read")


def fits(row: bytes) -> bool:
    """Return whether a row can be read back, because it is not too long and has not too many values."""
    return len(row) <= _MAX_ROW and (len(row) <= _FREE_VALUES or len(_STRING.sub(b"", row)) <= _FREE_VALUES)


def read(source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in a JSON Lines shard, in order."""
    pieces = source.parts(lines(source, _MAX_ROW))
    yield from _read_rows(((piece.number, partial(_loaded, piece.data)) for piece in pieces), source, "line")
    if source.cut:
        yield source.cut


def read_columns(rows: Iterator[Mapping[str, Any]], source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in the rows of a Parquet shard, in order."""
    yield from _read_rows(
        ((number, partial(_values, row)) for number, row in enumerate(rows, 1)), source, "row"
    )


def _read_rows(
    rows: Iterable[tuple[int, Callable[[], Any]]], source: Source, unit: str
) -> Iterator[Capture | Problem]:
    """Read rows, given as numbers and functions that load them; count unreadable rows."""
    tally = Tally(source.label, unit)
    for number, load in rows:
        try:
            row = load()
            if not isinstance(row, dict):
                raise BadRowError
            if MARK in row or "end" in row:
                continue  # The first line, or the last one that earlier versions wrote.
            item = _problem(row["problem"]) if row.get("problem") is not None else _capture(row)
        except Exception as error:
            cut = explained(error)
            tally.add(cut.kind, cut.reason, number)
            continue
        if isinstance(item, Problem) or (source.filter.accepts(item.url) and source.filter.begin_page()):
            yield item
    yield from tally.problems()


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Decode the JSON columns of a row."""
    values = {name: value for name, value in row.items() if value is not None or name not in _JSON_COLUMNS}
    del values[MARK]
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


def _capture(row: Mapping[str, Any]) -> Capture:
    """Return the capture in a row, with its articles if they are valid. BadRowError if the capture is not."""
    try:
        url = _checker(str | None)(row.get("url"))
        cut = _checker(str | None)(row.get("partial"))
        capture = Capture(
            source=sanitize(_of_type(str, row["source"])),
            text=fit(_of_type(str, row["text"]), MAX_CAPTURE),
            url=clean_url(url) if url else None,
            captured=time_of(row.get("captured")),
            encoding=sanitize(_of_type(str, row["encoding"]))[:_LONGEST_NAME],
            partial=None if cut is None else sanitize(cut),
            hints=tuple(
                _checker(LineHint)(dict(zip(LineHint._fields, hint, strict=True)))
                for hint in row.get("hints") or ()
            ),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise BadRowError from error
    try:
        articles = tuple(_article(article) for article in _of_type(list, row["articles"]))
        furniture = _checker(tuple[str, ...])(row["furniture"])
        page = Page(capture.source, capture.url, capture.captured, articles, furniture, ((), (), ()))
        return capture._replace(parsed=ParsedPage(_of_type(int, row["parser"]), page))
    except (AttributeError, LookupError, TypeError, ValueError):
        return capture


def _problem(value: Any) -> Problem:
    """Return the problem in a row. BadRowError if it is invalid."""
    try:
        return Problem(
            sanitize(_of_type(str, value["source"])),
            sanitize(_of_type(str, value["kind"]))[:_LONGEST_NAME],
            sanitize(_of_type(str, value["reason"])),
            partial=value["partial"] is True,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise BadRowError from error


def _article(value: Mapping[str, Any]) -> Article:
    if value.keys() != _COLUMNS:
        raise ValueError(value)
    reasons = {name: value["reasons"].get(name) for name in ("truncated", "sponsored")}
    article: Article = _checker(Article)({name: value[name] for name in Article._fields} | reasons)
    if article.published is not None and not _DATE.fullmatch(article.published):
        raise ValueError(article.published)
    if any(reason and reason.because not in REASONS for reason in (article.truncated, article.sponsored)):
        raise ValueError(reasons)
    for link in article.links:
        text = article.headline or "" if link.block == HEADLINE_LINK else article.body[link.block].text
        if not (link.block >= HEADLINE_LINK and 0 <= link.start < link.end <= len(text)):
            raise ValueError(link)
    addresses = [figure.url for figure in article.figures if figure.url is not None]
    addresses += [link.url for link in article.links]
    if any(clean_url(address) != address for address in addresses):
        raise ValueError(addresses)
    return article


@cache
def _checker(kind: Any) -> Callable[[Any], Any]:
    """Return a function that converts a JSON value to this type: a record, or a type that records contain.

    The function raises ValueError or TypeError if the value has another type.
    """
    parts = get_args(kind)
    if get_origin(kind) is UnionType:  # `kind | None`
        check = _checker(parts[0])
        return lambda value: None if value is None else check(value)
    if get_origin(kind) is tuple:
        check = _checker(parts[0])
        return lambda value: tuple([check(part) for part in _of_type(list, value)])
    if get_origin(kind) is Literal:
        return lambda value: _check(value, _of_type(str, value) in parts)
    if kind is str:
        return lambda value: _of_type(str, value)
    if kind is int:
        return lambda value: _check(value, abs(_of_type(int, value)) < 1 << 53)
    if kind is float:  # A share.
        return lambda value: _check(value, 0 <= _of_type(float, value) <= 1)
    fields = {name: _checker(field) for name, field in get_type_hints(kind).items()}

    def record(value: Any) -> Any:
        _check(value, _of_type(dict, value).keys() == fields.keys())
        return kind(*[check(value[name]) for name, check in fields.items()])

    return record


def _check(value: Any, is_sound: bool) -> Any:
    if not is_sound:
        raise ValueError(value)
    return value


def _of_type(kind: type[Kind], value: Any) -> Kind:
    if type(value) is not kind:  # so a bool is no int
        raise TypeError(value)
    return value
