"""A page of HTML -> its capture: the text as a crawl would keep it, and hints from what the markup says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from reader.captures.html_head import Head, address, saved_from
from reader.captures.html_lines import Line
from reader.captures.html_text import PageText
from reader.model import Capture, LineHint

_FURNITURE: Final = "furniture"
_WITHOUT_LINKS: Final = frozenset("kicker author byline date credit marker alt aside button".split())
"""Roles of lines whose links lead to lists, to people and to nothing."""
_HEADINGS: Final = frozenset(("headline", "heading", "title"))
_PUBLISHED, _WRITER, _OPENS, _WITHIN, _SPONSORED, _LINK, _IMAGE = (
    "published writer opens within sponsored link image".split()
)

_GAPS: Final = ("", "\n", "\n\n")

# As quick as a tuple: a page has hundreds of hints.
_hint: Callable[[tuple[int, str, str]], LineHint] = partial(tuple.__new__, LineHint)


def read_page(
    html: bytes, source: str, *, url: str | None = None, captured: str | None = None, encoding: str = "utf-8"
) -> Capture:
    """The capture of a page in UTF-8; UnicodeDecodeError if it is in another encoding.

    `url` is where an archive found it, which counts before what the page says.
    """
    head = Head()
    page = PageText(head.tell)
    page.feed(html)
    own = head.url(saved_from(html))
    url = address(url) if url else None
    layout = _Layout(page, head, base=address(head.base or "", url or own) or url or own)
    return Capture(source, layout.text, url or own, captured, encoding, page.partial, layout.hints)


class _Layout:
    """The lines in their place, numbered, with their hints."""

    def __init__(self, page: PageText, head: Head, *, base: str | None) -> None:
        self._hints: list[tuple[int, str, str]] = []
        self._base = base
        lines = shown_lines(page)
        scopes, structured, say = page.scopes, page.structured, self._hints.append
        stories = set(range(len(scopes))) if structured else _stories(lines)
        lead = next((i for i in sorted(stories) if scopes[i].lead), None)
        if lead is None and stories and not any(scope.lead is False for scope in scopes):
            lead = min(stories)
        outside = _FURNITURE if structured and stories else ""
        paid = {i for i, one in enumerate(scopes) if one.sponsored} if structured else set()
        begun: set[int] = set()
        told, first = False, 0
        n = 1
        text: list[str] = []
        for words, gap, role, value, scope, links, images in lines:
            if gap:
                n += gap
                text.append(_GAPS[gap])
            text.append(words)
            if scope in begun:
                say((n, _WITHIN, ""))
            elif scope in stories:
                begun.add(scope)
                say((n, _OPENS, ""))
                self._hints += [(n, _WRITER, name) for name in scopes[scope].writers]
            else:
                scope = -1
                role = role or outside
            if paid and scope in paid:
                say((n, _SPONSORED, ""))
            if role:
                say((n, role, value))
            if not told:
                if scope == lead if lead is not None else not stories and role in _HEADINGS:
                    told = True
                    self._tell_page_data(n, head)
                elif not first and role not in (_FURNITURE, "aside"):
                    first = n
            if (links or images) and role != _FURNITURE:
                self._keep_addresses(n, role, links, images)
        if first and not told and not stories:
            self._tell_page_data(first, head)
        self.text = "".join(text)
        self.hints = tuple(map(_hint, self._hints))

    def _tell_page_data(self, n: int, head: Head) -> None:
        """What the head says of the story that the page is about."""
        if head.published:
            self._hints.append((n, _PUBLISHED, head.published))
        self._hints += [(n, _WRITER, name) for name in head.writers]

    def _keep_addresses(
        self, n: int, role: str, links: Sequence[tuple[int, int, str]], images: Sequence[str]
    ) -> None:
        for start, end, href in links if role not in _WITHOUT_LINKS else ():
            if url := address(href, self._base):
                self._hints.append((n, _LINK, f"{start} {end} {url}"))
        for image in images:
            if url := address(image, self._base):
                self._hints.append((n, _IMAGE, url))


def _stories(lines: list[Line]) -> set[int]:
    """The `article` elements of any page that hold a heading and more."""
    headed: set[int] = set()
    counts: dict[int, int] = {}
    for _, _, role, _, scope, *_ in lines:
        counts[scope] = counts.get(scope, 0) + 1
        if role in _HEADINGS:
            headed.add(scope)
    return {scope for scope in headed if scope >= 0 and counts[scope] > 1}


def shown_lines(page: PageText) -> list[Line]:
    """The lines of the capture: without the buttons of the stories whose hidden rest was found."""
    whole = {i for i, scope in enumerate(page.scopes) if scope.rest}
    if page.rest:
        whole.add(-1)
    if not whole:
        return page.lines
    return [line for line in page.lines if not (line[2] == "marker" and line[4] in whole)]
