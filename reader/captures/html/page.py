"""A page of HTML -> its capture: the text as a crawl would keep it, and hints from what the markup says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from reader.captures.html.lines import Line
from reader.captures.html.page_data import PageData, address, saved_from
from reader.captures.html.text import PageText, read_text
from reader.model import Capture, LineHint

_FURNITURE: Final = "furniture"
_WITHOUT_LINKS: Final = frozenset("kicker author byline date credit marker alt aside button".split())
"""Roles of lines whose links lead to lists, to people and to nothing."""
_HEADINGS: Final = frozenset(("headline", "heading", "title"))


def read_page(
    html: bytes, source: str, *, url: str | None = None, captured: str | None = None, encoding: str = "utf-8"
) -> Capture:
    """Return the capture of a page in UTF-8, which was in `encoding`.

    `url` is where an archive found it, which counts before what the page says.
    """
    page = read_text(html)
    data = PageData(page.tree)
    own = data.url(saved_from(html))
    url = address(url) if url else None
    base = address(data.base or "", url or own) or url or own
    text = "".join(["\n" * line.gap + line.text for line in page.lines])
    hints = tuple(_hints(page, data, base))
    return Capture(source, text, url or own, captured, encoding, page.partial, hints)


def _hints(page: PageText, data: PageData, base: str | None) -> Iterator[LineHint]:
    """What is known of each line."""
    lines, stories = page.lines, page.stories
    shown = set(range(len(stories))) if page.structured else _headed_stories(lines)
    about = _line_about(page, shown)
    begun: set[int] = set()
    n = 1
    for line in lines:
        n += line.gap
        role = line.role
        if line.story in begun:
            yield LineHint(n, "within")
        elif line.story in shown:
            begun.add(line.story)
            yield LineHint(n, "opens")
            yield from (LineHint(n, "writer", name) for name in stories[line.story].writers)
        elif page.structured and shown:
            role = role or _FURNITURE
        if page.structured and line.story >= 0 and stories[line.story].sponsored:
            yield LineHint(n, "sponsored")
        if role:
            yield LineHint(n, role, line.value)
        if line is about:
            if data.published:
                yield LineHint(n, "published", data.published)
            yield from (LineHint(n, "writer", name) for name in data.writers)
        if role != _FURNITURE:
            yield from _address_hints(n, role, line, base)


def _address_hints(n: int, role: str, line: Line, base: str | None) -> Iterator[LineHint]:
    for start, end, href in line.links if role not in _WITHOUT_LINKS else ():
        if url := address(href, base):
            yield LineHint(n, "link", f"{start} {end} {url}")
    for picture in line.pictures:
        if url := address(picture.address, base):
            yield LineHint(n, "image", url)


def _headed_stories(lines: Sequence[Line]) -> set[int]:
    """The `article` elements of any page that hold a heading and more."""
    counts = Counter(line.story for line in lines)
    return {
        line.story for line in lines if line.role in _HEADINGS and line.story >= 0 and counts[line.story] > 1
    }


def _line_about(page: PageText, shown: set[int]) -> Line | None:
    """The line that opens the story that the page's head speaks of."""
    lines, stories = page.lines, page.stories
    if shown:
        lead = next((i for i in sorted(shown) if stories[i].lead), None)
        if lead is None and not any(story.lead is False for story in stories):
            lead = min(shown)
        return next((line for line in lines if line.story == lead), None)
    heading = next((line for line in lines if line.role in _HEADINGS), None)
    return heading or next((line for line in lines if line.role not in (_FURNITURE, "aside")), None)
