"""Finds the page in a row of a crawl corpus (JSON or Parquet) by the names of its columns."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from typing import Any, Final

from reader.captures.results import Item, ReadPage
from reader.captures.source import Columns, Source, encoded
from reader.captures.times import time_of
from reader.sanitize import clean_url

HTML_COLUMNS: Final = ("html", "raw_html")
"""Preferred: a story that is cut off in the text is often complete in the HTML."""
TEXT_COLUMNS: Final = ("text", "raw_content", "content")
URL_COLUMNS: Final = ("url", "warc-target-uri")
TIME_COLUMNS: Final = ("date", "timestamp", "crawl_date", "warc-date", "date_download", "created")
NESTED: Final = ("metadata", "meta", "warc_headers")
"""Columns that may contain the address and time, as an object or as JSON."""
COLUMNS: Final = (*HTML_COLUMNS, *TEXT_COLUMNS, *URL_COLUMNS, *TIME_COLUMNS, *NESTED)
"""The default names, in lower case."""

NAME_COLUMNS: Final = "name its columns with --columns text=NAME,url=NAME,date=NAME, or convert the file"


def without_text(named: Columns) -> str:
    """Return the reason why a row has no page."""
    if named.text:
        return f"without text in {named.text}"
    return f"without text in {', '.join(TEXT_COLUMNS + HTML_COLUMNS[:1])} or {HTML_COLUMNS[1]}"


def read_row(
    columns: Mapping[str, Any], source: Source, place: object, read_page: ReadPage
) -> Generator[Item, None, bool]:
    """Read the capture in a row of `source`, if it passes the filter. Return whether the row has a page.

    Problems name its `place`, such as its number. Capitals in the names of columns do not matter.
    """
    columns = {name.lower(): value for name, value in columns.items()}
    named = source.columns
    name, text = "page.html", None if named.text else _first_text(columns, HTML_COLUMNS)
    if text is None:
        name, text = "page.txt", _first_text(columns, (named.text,) if named.text else TEXT_COLUMNS)
    if text is None:
        return False
    about = [columns, *filter(None, (_object(columns.get(name)) for name in NESTED))]
    url_names = (named.url,) if named.url else URL_COLUMNS
    time_names = (named.date,) if named.date else TIME_COLUMNS
    urls = (_value(place, name) for place in about for name in url_names)
    times = (time_of(_value(place, name)) for place in about for name in time_names)
    address = next((url for url in urls if isinstance(url, str) and url.strip()), None)
    captured = next(filter(None, times), None)
    if not source.filter.accepts(address):
        return True
    page = source.page(place, name, encoded(text))
    page.url, page.captured, page.charset = clean_url(address) if address else None, captured, "utf-8"
    yield from read_page(page)
    return True


def _value(columns: Mapping[str, Any], name: str) -> Any:
    """Return the value of a column, which may be nested if its name has dots; None if there is none."""
    name = name.lower()
    if name in columns:
        return columns[name]
    for dot in re.finditer(r"\.", name):
        if inner := _object(columns.get(name[: dot.start()])):
            return _value(inner, name[dot.end() :])
    return None


def _object(value: Any) -> Mapping[str, Any] | None:
    """Return the columns in a value that is an object, or the JSON of one; None if it is neither."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return {name.lower(): inner for name, inner in value.items()} if isinstance(value, Mapping) else None


def is_parsed_page(columns: Mapping[str, Any]) -> bool:
    """Return whether a row is a parsed page, as `protocol-reader parse` prints it."""
    return isinstance(columns.get("articles"), list)


def _first_text(columns: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _value(columns, name)
        if isinstance(value, bytes | bytearray):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value and not value.isspace():
            return value.replace("\0", "")
    return None
