"""Rows of shards, as `protocol-reader parse --into` writes them: a capture with its articles, or a problem.

A row is the page as `parse` prints it, with "text", "encoding", "partial" and "hints" of the capture and the "parser"
version that read it. In JSON Lines a first row with `MARK` says that the file is a shard; in Parquet a column of that
name does, and lists are JSON. A row may be anybody's: if its articles are not sound, they are parsed again.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from reader.captures import text as plain_text
from reader.captures.json_values import lines
from reader.captures.source import CutShortError, Source, explained
from reader.captures.tally import Tally
from reader.captures.times import time_of
from reader.model import (
    HEADLINE_LINK,
    REASONS,
    Article,
    Bio,
    Block,
    Capture,
    Figure,
    LineHint,
    Link,
    Page,
    Problem,
    Reason,
    Told,
)
from reader.safe_text import clean, clean_url

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
"""The version of the rows."""
_MAX_ROW: Final = 128 << 20
"""The longest row, in bytes."""
_FREE_VALUES: Final = 1 << 20
"""Bytes in which any number of values may stand: a value takes up to 60 bytes of memory a byte."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TOO_LARGE: Final = "larger than a page is; left out, the rest was read"
_JSON_COLUMNS: Final = ("hints", "articles", "furniture", "lines", "problem")
_BLOCKS: Final = frozenset({"paragraph", "subhead", "item", "quote", "signoff"})
_KINDS: Final = frozenset({"story", "newsletter"})
_COLUMNS: Final = frozenset(
    "id position kind kicker section headline title deck authors published figures body bios truncated sponsored"
    " sponsor reasons first_line last_line links".split()
)
"""The fields that `_article` reads. A page whose articles have others is parsed again, so that nothing is lost."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_NAME: Final = 100


class BadRowError(CutShortError):
    """Raised for what is no row of a shard."""

    def __init__(self) -> None:
        super().__init__("damaged", "no row of a shard; left out, the rest was read")


def fits(row: bytes) -> bool:
    """Whether a row can be read back: neither too long nor of too many values."""
    return len(row) <= _MAX_ROW and (len(row) <= _FREE_VALUES or len(_STRING.sub(b"", row)) <= _FREE_VALUES)


def read(source: Source) -> Iterator[Capture | Problem]:
    """The captures and problems in a shard of JSON Lines, in order."""
    tally = Tally(source.label, "line")
    for piece in source.parts(lines(source, _MAX_ROW)):
        yield from _read_row(functools.partial(_loaded, piece.data), source, tally, piece.number)
    yield from tally.problems()
    if source.cut:
        yield source.cut


def read_columns(rows: Iterator[Mapping[str, Any]], source: Source) -> Iterator[Capture | Problem]:
    """The captures and problems in the rows of a shard in Parquet, in order."""
    tally = Tally(source.label, "row")
    for number, row in enumerate(rows, 1):
        yield from _read_row(functools.partial(_values, row), source, tally, number)
    yield from tally.problems()


def _read_row(
    load: Callable[[], Any], source: Source, tally: Tally, number: int
) -> Iterator[Capture | Problem]:
    """What is in one row, if it is wanted; a row that cannot be read is counted."""
    try:
        row = load()
        if not isinstance(row, dict):
            raise BadRowError
        if "program" in row or "end" in row:
            return  # The first line, or the last one that earlier versions wrote.
        item = _problem(row["problem"]) if row.get("problem") is not None else _capture(row)
    except Exception as error:
        cut = explained(error)
        tally.add(cut.kind, cut.reason, number)
        return
    if isinstance(item, Problem) or source.wants(item.url):
        yield item


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row, with the values of its columns of JSON."""
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


def _capture(row: Mapping[str, Any]) -> Capture:
    """The capture in a row, with its articles if they are sound. BadRowError if it is none."""
    try:
        text = _text(row["text"])
        url, partial = _optional(row.get("url")), _optional(row.get("partial"))
        hints = tuple(LineHint(_number(n), *map(_text, rest)) for n, *rest in row.get("hints") or ())
        capture = Capture(
            source=clean(_text(row["source"])),
            text=plain_text.fit(text, plain_text.MAX_CAPTURE),
            url=clean_url(url) if url else None,
            captured=time_of(row.get("captured")),
            encoding=clean(_text(row["encoding"]))[:_LONGEST_NAME],
            partial=None if partial is None else clean(partial),
            hints=hints,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise BadRowError from error
    try:
        return capture._replace(told=Told(_number(row["parser"]), _page(row, capture)))
    except (AttributeError, LookupError, TypeError, ValueError):
        return capture


def _problem(value: Any) -> Problem:
    """A problem met when the shard was made. BadRowError if it is none."""
    try:
        return Problem(
            clean(_text(value["source"])),
            clean(_text(value["kind"]))[:_LONGEST_NAME],
            clean(_text(value["reason"])),
            partial=value["partial"] is True,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise BadRowError from error


def _page(row: Mapping[str, Any], capture: Capture) -> Page:
    return Page(
        capture.source,
        capture.url,
        capture.captured,
        tuple(map(_article, row["articles"])),
        tuple(map(_text, row["furniture"])),
        ((), (), ()),
    )


def _article(value: Mapping[str, Any]) -> Article:
    if value.keys() != _COLUMNS:
        raise ValueError
    reasons = value["reasons"]
    body = tuple(Block(_one_of(block["kind"], _BLOCKS), _text(block["text"])) for block in value["body"])
    headline = _optional(value["headline"])
    return Article(
        position=_number(value["position"]),
        kind=_one_of(value["kind"], _KINDS),
        kicker=_optional(value["kicker"]),
        section=_optional(value["section"]),
        headline=headline,
        deck=_optional(value["deck"]),
        authors=tuple(map(_text, value["authors"])),
        published=_date(value["published"]),
        figures=tuple(map(_figure, value["figures"])),
        body=body,
        bios=tuple(Bio(_optional(bio["name"]), _text(bio["text"])) for bio in value["bios"]),
        truncated=_reason(reasons.get("truncated")),
        sponsored=_reason(reasons.get("sponsored")),
        sponsor=_optional(value["sponsor"]),
        first_line=_number(value["first_line"]),
        last_line=_number(value["last_line"]),
        links=tuple(_link(link, headline or "", body) for link in value["links"]),
    )


def _figure(value: Mapping[str, Any]) -> Figure:
    figure = Figure(**{name: _optional(text) for name, text in value.items()})
    return figure if figure.url is None else figure._replace(url=_address(figure.url))


def _link(value: Mapping[str, Any], headline: str, body: tuple[Block, ...]) -> Link:
    block = HEADLINE_LINK if value["block"] == HEADLINE_LINK else _number(value["block"])
    text = headline if block == HEADLINE_LINK else body[block].text
    start, end = _number(value["start"]), _number(value["end"])
    if not start < end <= len(text):
        raise ValueError(value)
    return Link(block, start, end, _address(value["url"]))


def _address(value: Any) -> str:
    address = clean_url(_text(value))
    if address is None:
        raise ValueError(value)
    return address


def _reason(value: Any) -> Reason | None:
    if value is None:
        return None
    return Reason(_one_of(value["because"], REASONS), _number(value["line"]), _text(value["text"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise ValueError(value)
    return value


def _date(value: Any) -> str | None:
    if value is not None and not _DATE.fullmatch(_text(value)):
        raise ValueError(value)
    return _optional(value)


def _one_of(value: Any, known: Any) -> Any:
    if _text(value) not in known:
        raise ValueError(value)
    return value
