"""Makes the capture of a page from its text, its markup and the metadata in its head."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from reader.addresses import clean_url
from reader.captures.html.text import Line, PageText, read_text
from reader.captures.source import Source
from reader.model import IMAGE, IS_SPONSORED, LINK, OPENS, PUBLISHED, WITHIN, WRITER, Capture, LineHint
from reader.sanitize import sanitize

MAX_DATA: Final = 1 << 20
"""The most characters of metadata in a script that are read."""
_MAX_NODES: Final = 2_000
_MAX_WRITERS: Final = 20
_ARTICLE: Final = (
    "article",
    "newsarticle",
    "reportagenewsarticle",
    "blogposting",
    "opinionnewsarticle",
    "webpage",
)
_DATES: Final = ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date.issued",
                 "parsely-pub-date", "sailthru.date")  # fmt: skip
_DAY: Final = re.compile(r"\s*((?:19|20)\d\d-\d\d-\d\d)(?!\d)").match
_SAVED: Final = r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->|Page saved with SingleFile\s+url:\s*(\S+)"
"""What a browser notes when it saves a page."""
_ITEM: Final = "rebelltitem"
"""The URL parameter that names an item of the same page."""
_FURNITURE: Final = "furniture"
_WITHOUT_LINKS: Final = frozenset("kicker author byline date credit marker alt aside button".split())
"""Roles of lines whose links lead to lists or people, and are dropped."""
_HEADINGS: Final = frozenset(("headline", "heading", "title"))


def capture_of(html: bytes, source: Source, encoding: str) -> Capture:
    """Make the capture of a page in UTF-8, originally in `encoding`.

    The address in the archive of a `source` overrides the page's own.
    """
    page = read_text(html)
    data = _PageData(page.tree)
    match = re.search(_SAVED, html[:2_000].decode("utf-8", "replace"))
    own = data.url((match[1] or match[2]) if match else "")
    url = _address(source.url) if source.url else None
    base = _address(data.base or "", url or own) or url or own
    text = "".join(["\n" * line.gap + line.text for line in page.lines])
    hints = tuple(_hints(page, data, base))
    return Capture(source.label, text, url or own, source.captured, encoding, page.partial, hints)


def _hints(page: PageText, data: _PageData, base: str | None) -> Iterator[LineHint]:
    lines, stories = page.lines, page.stories
    shown = set(range(len(stories)))
    if not page.structured:  # the `article` elements that contain a heading and more
        counts = Counter(line.story for line in lines)
        shown &= {line.story for line in lines if line.role in _HEADINGS and counts[line.story] > 1}
    about = _line_about(page, shown)
    begun: set[int] = set()
    n = 1
    for line in lines:
        n += line.gap
        role = line.role
        if line.story in begun:
            yield LineHint(n, WITHIN)
        elif line.story in shown:
            begun.add(line.story)
            yield LineHint(n, OPENS)
            yield from (LineHint(n, WRITER, name) for name in stories[line.story].writers)
        elif page.structured and shown:
            role = role or _FURNITURE
        if page.structured and line.story >= 0 and stories[line.story].sponsored:
            yield LineHint(n, IS_SPONSORED)
        if role:
            yield LineHint(n, role, line.value)
        if line is about:
            if data.published:
                yield LineHint(n, PUBLISHED, data.published)
            yield from (LineHint(n, WRITER, name) for name in data.writers)
        if role == _FURNITURE:
            continue
        for start, end, href in line.links if role not in _WITHOUT_LINKS else ():
            if url := _address(href, base):
                yield LineHint(n, LINK, f"{start} {end} {url}")
        for picture in line.pictures:
            if url := _address(picture.address, base):
                yield LineHint(n, IMAGE, url)


def _line_about(page: PageText, shown: set[int]) -> Line | None:
    lines, stories = page.lines, page.stories
    if shown:
        lead = next((i for i in sorted(shown) if stories[i].lead), None)
        if lead is None and not any(story.lead is False for story in stories):
            lead = min(shown)
        return next((line for line in lines if line.story == lead), None)
    heading = next((line for line in lines if line.role in _HEADINGS), None)
    return heading or next((line for line in lines if line.role not in (_FURNITURE, "aside")), None)


def _address(url: str, base: str | None = None) -> str | None:
    """Resolve and clean a `url` of the page at `base`; None if it is not a web address."""
    url = url.strip()
    if not url or url[0] == "#":
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        if _ITEM in url:
            query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != _ITEM]
            fragment = "" if parts.fragment.startswith(_ITEM) else parts.fragment
            parts = parts._replace(query=urlencode(query), fragment=fragment)
        return clean_url(urlunsplit(parts))
    except ValueError:
        return None


class _PageData:
    def __init__(self, tree: LexborHTMLParser) -> None:
        self.base: str | None = None
        self.writers: tuple[str, ...] = ()
        self._addresses: dict[str, str] = {}
        self._days: dict[str, str] = {}
        for node in tree.css("meta, link, base, script"):
            attributes = {name: value or "" for name, value in node.attributes.items()}
            if node.tag == "meta":
                names = (attributes.get(name) for name in ("property", "name", "itemprop"))
                key, content = next(filter(None, names), "").lower(), attributes.get("content", "")
                if key == "og:url":
                    self._addresses.setdefault(key, content)
                elif key in _DATES and (match := _DAY(content)):
                    self._days.setdefault(key, match[1])
            elif node.tag == "link" and "canonical" in attributes.get("rel", "").lower().split():
                self._addresses.setdefault("canonical", attributes.get("href", ""))
            elif node.tag == "base" and self.base is None:
                self.base = attributes.get("href")
            elif attributes.get("type", "").strip().lower().startswith("application/ld+json"):
                self._read_data(node.text())

    def _read_data(self, text: str) -> None:
        try:
            data = json.loads(text.strip().rstrip(";"), strict=False) if len(text) <= MAX_DATA else None
        except (ValueError, RecursionError):
            return
        for node in _nodes(data):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if not any(isinstance(kind, str) and kind.lower() in _ARTICLE for kind in kinds):
                continue
            day = node.get("datePublished")
            if isinstance(day, str) and (match := _DAY(day)):
                self._days.setdefault("data", match[1])
            for key in ("url", "mainEntityOfPage"):
                value = node.get(key)
                if isinstance(value, dict):
                    value = value.get("@id") or value.get("url")
                if isinstance(value, str):
                    self._addresses.setdefault("data", value)
            self.writers = self.writers or tuple(dict.fromkeys(_writers(node.get("author"))))

    def url(self, saved: str = "") -> str | None:
        """Return the page's address: the canonical link, or else the next best."""
        ways = (*(self._addresses.get(key, "") for key in ("canonical", "og:url", "data")), saved)
        return next((url for way in ways if (url := _address(way, saved or None))), None)

    @property
    def published(self) -> str | None:
        return next((self._days[key] for key in ("data", *_DATES) if key in self._days), None)


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    waiting = deque([data])
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.popleft()
        if isinstance(node, dict):
            yield node
            waiting += [
                value for key in ("@graph", "mainEntity") if isinstance(value := node.get(key), dict | list)
            ]
        elif isinstance(node, list):
            waiting += node[:_MAX_NODES]


def _writers(author: Any) -> Iterator[str]:
    for entry in author[:_MAX_WRITERS] if isinstance(author, list) else [author]:
        person = entry if isinstance(entry, dict) else {"name": entry}
        name = person.get("name")
        if isinstance(name, str) and person.get("@type", "Person") == "Person":
            name = " ".join(sanitize(name).split())
            if 0 < len(name) < 100:
                yield name
