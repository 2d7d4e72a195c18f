"""Reads HAR, the log of a browser's network tools: each response with a page is a capture."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from reader.captures.jsonl import has_too_many_values
from reader.captures.results import Items, ReadPage, Tally, catch_failures
from reader.captures.source import Source
from reader.captures.times import time_of
from reader.captures.warc.http import media_of
from reader.model import Problem
from reader.sanitize import clean_url, sanitize

MAX_LOG: Final = 64 << 20
"""The size of the largest log that is read, which must be in memory as a whole."""
_MAX_VALUES: Final = 4 << 20
"""The most bytes of a log outside of its texts."""
_PAGES: Final = {"text/html": "page.html", "application/xhtml+xml": "page.html", "text/plain": "page.txt"}
_OK: Final = 200


def read_har(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in a log, in order, then one problem for each kind of damage and one for all other responses."""
    data = bytes(source.read(MAX_LOG + 1))
    if len(data) > MAX_LOG or has_too_many_values(data, _MAX_VALUES):
        yield Problem(
            source.label, "too large", f"a log of over {MAX_LOG >> 20} MB; save fewer pages at once"
        )
        return
    if source.cut:
        yield source.cut._replace(partial=False)
        return
    tally = Tally(source.label, "response")
    pages = 0
    try:
        entries = list(json.loads(data.decode("utf-8-sig", "replace"))["log"]["entries"])
    except (ValueError, LookupError, TypeError, RecursionError):
        yield Problem(source.label, "damaged", "no network log that can be read; save it again")
        return
    for number, entry in enumerate(entries, 1):
        try:
            page = _page_of(source, number, entry, tally)
        except (ValueError, LookupError, TypeError, AttributeError):
            tally.add("damaged", "damaged, so skipped; the rest was read", number)
            continue
        if page:
            pages += 1
            yield from tally.collect(catch_failures(read_page(page), page.label), number)
    yield from tally.problems()
    if not (pages or tally):
        yield Problem(source.label, "no page", "none of its responses is a page")


def _page_of(source: Source, number: int, entry: Mapping[str, Any], tally: Tally) -> Source | None:
    """Return the page in an entry; None if it is none of the site's, or another response, which is counted."""
    response = entry["response"]
    content = response.get("content") or {}
    media = media_of(str(content.get("mimeType") or "").encode())
    if response["status"] != _OK:
        tally.skip(f"with status {sanitize(str(response['status']))[:10]}")
        return None
    if media.name not in _PAGES or not content.get("text"):
        name = media.name or "of no declared type"
        name = f"{name} without content" if media.name in _PAGES else name
        tally.skip(name)
        return None
    url = str(entry["request"]["url"])
    if not source.filter.accepts(url):
        return None
    text, is_packed = content["text"], content.get("encoding") == "base64"
    data = b64decode(text) if is_packed else text.encode("utf-8", "surrogatepass")
    page = source.page(number, _PAGES[media.name], data)
    page.url = clean_url(url)
    page.captured = time_of(entry.get("startedDateTime"))
    page.charset = media.charset if is_packed else "utf-8"
    return page
