"""Rows of a shard -> the records they were made of. They may be anybody's, so nothing in them is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from reader.captures import text as plain_text
from reader.captures.source import CutShortError
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

_BLOCKS: Final = frozenset({"paragraph", "subhead", "item", "quote", "signoff"})
_KINDS: Final = frozenset({"story", "newsletter"})
_COLUMNS: Final = frozenset(
    "id position kind kicker section headline title deck authors published figures body bios truncated sponsored"
    " sponsor reasons first_line last_line links".split()
)
"""What `_article` knows of an article: one that has more is told apart again, lest any of it be lost."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_NAME: Final = 100


class BadRowError(CutShortError):
    """Raised for what is no row of a shard."""

    def __init__(self) -> None:
        super().__init__("damaged", "no row of a shard; left out, the rest was read")


def capture_of(row: Mapping[str, Any]) -> Capture:
    """The capture in a row, with its articles if they are all there. BadRowError if it is none."""
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


def problem_of(value: Any) -> Problem:
    """A problem that was met when the shard was made. BadRowError if it is none."""
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
    labels: tuple[list[int], list[str], list[int | None]] = ([], [], [])
    for line in row.get("lines") or ():
        article = line["article"]
        labels[0].append(_number(line["n"]))
        labels[1].append(_text(line["label"]))
        labels[2].append(None if article is None else _number(article))
    return Page(
        capture.source,
        capture.url,
        capture.captured,
        tuple(map(_article, row["articles"])),
        tuple(map(_text, row["furniture"])),
        labels,
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
