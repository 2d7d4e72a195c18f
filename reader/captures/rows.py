"""Finds the page in a row of a crawl corpus (JSON or Parquet) by the names of its columns."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from reader.captures.results import Items, ReadPage
from reader.captures.source import Source
from reader.captures.text import MAX_CAPTURE, fit, too_long
from reader.captures.times import time_of
from reader.model import Capture, Problem
from reader.sanitize import clean_url

HTML_COLUMNS: Final = ("html", "raw_html")
"""Preferred: a story that is cut off in the text is often complete in the HTML."""
TEXT_COLUMNS: Final = ("text", "raw_content", "content")
URL_COLUMNS: Final = ("url",)
TIME_COLUMNS: Final = ("date", "timestamp", "crawl_date")
NESTED: Final = ("metadata", "meta")
"""Columns that may contain the address and time, as an object or as JSON."""
COLUMNS: Final = (*HTML_COLUMNS, *TEXT_COLUMNS, *URL_COLUMNS, *TIME_COLUMNS, *NESTED)

NO_TEXT: Final = f"without text in {', '.join(TEXT_COLUMNS + HTML_COLUMNS[:1])} or {HTML_COLUMNS[1]}"
_HTML_STARTS: Final = ("<!doctype html", "<html")


class Row(NamedTuple):
    """A page in a row."""

    text: str
    is_html: bool
    url: str | None
    """Unchecked, as in the row."""
    captured: str | None


def row_of(columns: Mapping[str, Any]) -> Row | None:
    """Return the page in a row, or None if there is none."""
    value, is_html = _first_text(columns, HTML_COLUMNS), True
    if value is None:
        value = _first_text(columns, TEXT_COLUMNS)
        is_html = value is not None and value[:200].lstrip()[:14].lower().startswith(_HTML_STARTS)
    if value is None:
        return None
    about = [columns, *_nested(columns)]
    urls = (place.get(name) for place in about for name in URL_COLUMNS)
    times = (time_of(place.get(name)) for place in about for name in TIME_COLUMNS)
    url = next((url for url in urls if isinstance(url, str) and url.strip()), None)
    return Row(value, is_html, url, next(filter(None, times), None))


def is_parsed_page(columns: Mapping[str, Any]) -> bool:
    """Return whether a row is a parsed page, as `protocol-reader parse` prints it."""
    return isinstance(columns.get("articles"), list)


def read_row(row: Row, source: Source, place: object, read_page: ReadPage) -> Items:
    """Read the capture in a row of `source`, if it passes the filter. Problems name its `place`, such as its number."""
    if not source.filter.accepts(row.url):
        return
    label = f"{source.label}:{place}"
    url = clean_url(row.url) if row.url else None
    if row.is_html:
        feed = io.BytesIO(row.text.encode("utf-8", "surrogatepass")).read
        page = source.inside(label, "page.html", feed, explicit=True)
        page.url, page.captured, page.charset = url, row.captured, "utf-8"
        yield from read_page(page)
        return
    if not source.filter.begin_page():
        return
    fitting = fit(row.text, MAX_CAPTURE)
    partial = None if fitting is row.text else too_long(MAX_CAPTURE)
    yield Capture(label, fitting, url, row.captured, partial=partial)
    if partial:
        yield Problem(label, "too large", partial, partial=True)


def _first_text(columns: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = columns.get(name)
        if isinstance(value, bytes | bytearray):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value and not value.isspace():
            return value
    return None


def _nested(columns: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in NESTED:
        value = columns.get(name)
        if isinstance(value, str) and value.lstrip().startswith("{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                continue
        if isinstance(value, Mapping):
            yield value
