"""Walks the tree of a page and writes its lines like a text crawl does, with roles, links and pictures.

Blocks become lines; paragraphs and headings are surrounded by empty lines, `div` elements are not. Roles come from
`marks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import groupby, islice
from operator import attrgetter
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reader.captures.html.bounds import bounded, parse
from reader.captures.html.marks import (
    BODY_ROLES,
    BREAKS,
    ITEMS,
    LINE,
    LISTS,
    NO_TEXT,
    NONE,
    PARAGRAPH,
    Kind,
    Mark,
    mark_of,
)
from reader.sanitize import sanitize

MAX_PREFORMATTED: Final = 200_000
"""After this many lines of a page, line ends in preformatted text count as spaces."""
MAX_LINKS: Final = 1_000
_MOST_BETWEEN: Final = 16
_SEPARATORS: Final = " |·•,;–—-/"
_BULLETS: Final = ("•", "◦", "▪", "‣", "·", "●", "–", "—", "- ", "* ")
_NUMBERED: Final = re.compile(r"\d{1,2}[.)]\s").match
_BY: Final = re.compile(
    r"(?:(?:written |posted |published |updated |last updated |story )?(?:by|on|at)?:?)", re.I
).fullmatch


@dataclass(eq=False)
class Link:
    """An `a` element. Consecutive elements stay separate, even with the same address."""

    address: str


class Context(NamedTuple):
    """The context of a text: what the elements around it say about it."""

    role: str = ""
    strong: bool = False
    """True if the role overrides those of tags inside."""
    body: bool = False
    rest: bool = False
    """True in the hidden rest of a story."""
    story: int = -1
    """The index of the story; -1 outside stories."""
    lead: bool | None = None
    """True if stories here are the page's main story; None if unknown."""
    inline: Mark | None = None
    link: Link | None = None
    pre: bool = False
    items: list[int] | None = None
    """The number of items so far in a numbered list, in a one-element list so that all items share it."""


@dataclass
class Story:
    """The element of one story."""

    lead: bool | None
    sponsored: bool
    writers: list[str] = field(default_factory=list)


class Picture(NamedTuple):
    """A picture's location."""

    address: str
    """"" if unknown."""
    data: str
    """The picture itself, as a data: address, or its name in a style sheet of SingleFile; "" if it is not embedded."""


class Line(NamedTuple):
    """A line of the page."""

    text: str
    gap: int
    """The number of line ends before it: 1, or 2 after an empty line; 0 at the start of the page."""
    role: str
    value: str
    """A detail of the role: the day of a date."""
    story: int
    """The index of its story; -1 outside stories."""
    links: Sequence[tuple[int, int, str]]
    pictures: Sequence[Picture]


class _Run(NamedTuple):
    text: str
    inline: Mark | None
    link: Link | None


class LineWriter:
    """Joins texts into lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.stories: list[Story] = []
        self.expanded: set[int] = set()
        """The indexes of the stories whose hidden text was found; -1 for such text outside stories."""
        self.bullet = ""
        """The bullet or number for the next line, if a list item starts there."""
        self._gap = NONE
        self._runs: list[_Run] = []
        self._context = Context()
        """The context of the line's first run."""
        self._inline: Mark | None = None
        """The first of the line."""
        self._pictures: list[Picture] = []

    @property
    def begun(self) -> bool:
        """True if the current line has words."""
        return any(run.text.strip() for run in self._runs)

    def add_text(self, text: str, context: Context) -> None:
        """Add text to the line; preformatted text may be several lines."""
        if not context.pre:
            self._add(text, context)
            return
        first, *others = text.split("\n", max(MAX_PREFORMATTED - len(self.lines), 0))
        self._add(first, context)
        for other in others:
            self.end_line(LINE)
            self._add(other, context)

    def add_picture(self, picture: Picture) -> None:
        """Add a picture to the line, or to the next one if this has no words."""
        if picture.address or picture.data:
            self._pictures.append(picture)

    def _add(self, text: str, context: Context) -> None:
        if not self._runs:
            if not text or text.isspace():
                return
            self._context = context
        if (inline := context.inline) is not None:
            if self._inline and inline.role == "date" and self._inline.role == "author":
                # "By A | March 4" becomes two lines, since author and date have different roles.
                self.end_line(LINE)
                self._context = context
            self._inline = self._inline or inline
        self._runs.append(_Run(text, inline, context.link))

    def end_line(self, gap: int) -> None:
        """End the line, if there is one, and leave a gap before the next."""
        if self._runs:
            runs, self._runs = self._runs, []
            if text := _tidied("".join([run.text for run in runs])):
                self._write(text, runs)
            self._inline = None
        if gap > self._gap:
            self._gap = gap

    def _write(self, text: str, runs: list[_Run]) -> None:
        context = self._context
        role, value = context.role, ""
        if self._inline is not None:
            text, role, value = _read_inline(text, role, runs, self._inline)
        if self.bullet:
            if not text.startswith(_BULLETS) and not _NUMBERED(text):
                text = self.bullet + text
            self.bullet = ""
        elif role in ("item", "entry"):
            role = "body" if context.body else "text"
        links: Sequence[tuple[int, int, str]] = ()
        if role != "furniture" and any(run.link for run in runs):
            links = list(islice(_places(runs, text), MAX_LINKS))
        if context.rest:
            self.expanded.add(context.story)
        pictures, self._pictures = self._pictures, []
        gap = (self._gap or LINE) if self.lines else NONE
        self._gap = NONE
        self.lines.append(Line(text, gap, role, value, context.story, links, pictures))


def _read_inline(text: str, role: str, runs: list[_Run], mark: Mark) -> tuple[str, str, str]:
    """Return text, role and value of a line with inline marks."""
    others = "".join([run.text for run in runs if run.inline is None or run.inline.role != mark.role])
    others = _tidied(others.strip(_SEPARATORS + "\n\t\r"))
    if not _BY(others):
        return text, role, ""
    role = "byline" if mark.role == "author" and others else mark.role
    return text.strip(_SEPARATORS) or text, role, mark.value


def _places(runs: list[_Run], text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, address) of the links in a line, with their offsets in its sanitized text."""
    text = _tidied(sanitize(text))
    end = 0
    for link, linked_runs in groupby(runs, attrgetter("link")):
        words = _tidied(sanitize("".join([run.text for run in linked_runs])))
        # Only a bullet or spaces are between two runs, so a search in the whole line would take quadratic time.
        start = text.find(words, end, end + len(words) + _MOST_BETWEEN)
        if words and start >= 0:
            end = start + len(words)
            if link and link.address:
                yield start, end, link.address


def _tidied(text: str) -> str:
    return " ".join(text.split())


# The tree

_MAX_SCRIPTS: Final = 3
"""How deeply hidden text may be nested in hidden text."""
_ADDRESSES: Final = ("src", "data-runner-src", "data-src", "data-original", "data-lazy-src")
_DATA_PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp)[;,\s]", re.IGNORECASE)
_PLACEHOLDER: Final = 200
"""The most characters of a placeholder for a picture that a script loads: real pictures are longer."""
_GROUPED: Final = re.compile(r"var\((--sf-img-\d{1,9})\)")
"""The name of a picture that SingleFile stores once for all its places, in a style sheet."""
_WITHOUT_PICTURES: Final = frozenset("furniture aside author bio".split())
_LONG_NUMBER: Final = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,};?")


class PageText(NamedTuple):
    """The lines of a page, and other findings."""

    tree: LexborHTMLParser
    lines: list[Line]
    """Without the "keep reading" buttons of stories whose hidden rest was found."""
    stories: list[Story]
    structured: bool
    """True for a RebelMouse page."""
    partial: str | None
    """Why a part was left out; None if nothing was."""


def read_text(html: bytes) -> PageText:
    """Read the text of a page in UTF-8, in linear time."""
    reader = _Reader()
    tree = reader.read_document(html, Context())
    writer = reader.writer
    writer.end_line(PARAGRAPH)
    lines = [line for line in writer.lines if not (line.role == "marker" and line.story in writer.expanded)]
    return PageText(tree, lines, writer.stories, reader.structured, reader.partial)


class _Open(NamedTuple):
    node: LexborNode
    name: str
    gap: int
    """How it separates its text from its surroundings."""
    context: Context


class _Reader:
    def __init__(self) -> None:
        self.writer = LineWriter()
        self.structured = False
        self.partial: str | None = None
        self._scripts = 0

    def read_document(self, html: bytes, context: Context) -> LexborHTMLParser:
        html, reason = bounded(html)
        self.partial = self.partial or reason
        tree = parse(html)
        if tree.root is not None:
            self._walk(tree.root, context)
        return tree

    def _walk(self, root: LexborNode, context: Context) -> None:
        """Read the content of a node, without recursion because elements may be deeply nested."""
        writer = self.writer
        opened: list[_Open] = []
        node = root.first_child
        while node is not None or opened:
            if node is None:
                node, name, gap, context = opened.pop()
                if gap:
                    writer.end_line(gap)
                if name in ITEMS:
                    writer.bullet = ""
            elif (name := node.tag or "") == "-text":
                writer.add_text(node.text_content or "", context)
            elif name == "img":
                self._read_picture(node.attributes, context)
            elif name == "script":
                self._read_script(node, context)
            elif name not in NO_TEXT:
                gap, inner = self._open(node, name, context)
                if gap:
                    writer.end_line(gap)
                opened.append(_Open(node, name, gap, context))
                if inner is None:
                    node = None
                    continue
                if name == "template":
                    # It stores its children apart, unless it is inside of `svg`.
                    node = next(iter(node.template_fragments()), node) if inner.rest else None
                node = node and node.first_child
                context = inner
                continue
            node = node.next

    def _open(self, node: LexborNode, name: str, context: Context) -> tuple[int, Context | None]:
        """Return how an element separates texts, and the context inside; None if it contains no page text."""
        gap = BREAKS.get(name, NONE)
        if name in ("head", "body") or (name == "a" and context.role == "furniture"):
            return gap, context
        attributes = node.attributes
        if mark := mark_of(name, attributes):
            if mark.strong:
                gap = max(gap, LINE)
            inner = self._marked(mark, name, context)
            if inner is None:
                return gap, None
            context = inner
        if name == "a":
            address = attributes.get("href") or ""
            if context.story >= 0 and context.role == "headline" and "/a-message-from" in address:
                self.writer.stories[context.story].sponsored = True
            context = context._replace(link=Link(address))
        elif name == "pre":
            context = context._replace(pre=True)
        elif name in LISTS:
            context = context._replace(items=[0] if name == "ol" else None)
        elif name == "li" and not (context.strong and context.role == "furniture"):
            self.writer.bullet = "• "
            if context.items is not None:
                context.items[0] += 1
                self.writer.bullet = f"{context.items[0]}. "
        return gap, context

    def _marked(self, mark: Mark, name: str, context: Context) -> Context | None:
        """Return the context inside an element with this mark; None if it contains no page text."""
        kind = mark.kind
        if kind is Kind.ROLE:
            return _with_role(mark, name, context)
        if kind is Kind.INLINE:
            return context if context.strong else context._replace(inline=mark)
        if kind is Kind.BODY:
            self.structured = True
            return context._replace(role="body", strong=False, body=True)
        if kind is Kind.REST:
            return context._replace(role="body", strong=False, body=True, rest=True)
        if kind is Kind.TEMPLATE:
            return context if context.rest else None
        if kind is Kind.DROP:
            return None
        if kind in (Kind.LEAD, Kind.STREAM):
            self.structured = True
            return context._replace(lead=kind is Kind.LEAD)
        return self._in_story(mark, context)

    def _in_story(self, mark: Mark, context: Context) -> Context:
        stories = self.writer.stories
        if context.story < 0:
            if mark.kind is not Kind.STORY:
                return context
            stories.append(Story(lead=context.lead, sponsored=mark.sponsored))
            return context._replace(story=len(stories) - 1)
        story = stories[context.story]
        story.sponsored = story.sponsored or mark.sponsored
        if mark.kind is Kind.WRITERS:
            story.writers = [name.strip() for name in mark.value.split(",") if name.strip()]
        return context

    def _read_script(self, node: LexborNode, context: Context) -> None:
        kind = node.attributes.get("type") or ""
        if kind.strip().lower() != "keep-reading-content" or self._scripts == _MAX_SCRIPTS:
            return
        self.writer.end_line(LINE)
        self._scripts += 1
        try:
            html = unescape(node.text())
        except ValueError:  # a number with thousands of digits
            html = unescape(_LONG_NUMBER.sub("\ufffd", node.text()))
        context = context._replace(role="body", strong=False, body=True, rest=True)
        self.read_document(html.encode("utf-8", "replace"), context)
        self._scripts -= 1
        self.writer.end_line(LINE)

    def _read_picture(self, attributes: Mapping[str, str | None], context: Context) -> None:
        if context.role in _WITHOUT_PICTURES:
            return
        addresses = [value for name in _ADDRESSES if (value := attributes.get(name))]
        embedded = (value for value in addresses if len(value) > _PLACEHOLDER and _DATA_PICTURE.match(value))
        data = next(embedded, "")
        if not data and (grouped := _GROUPED.search(attributes.get("style") or "")):
            data = grouped[1]
        picture = Picture(next((value for value in addresses if value[:5] != "data:"), ""), data)
        description = " ".join((attributes.get("alt") or "").split())
        if description and not self.writer.begun:
            # An alternative text becomes a line of its own.
            self.writer.end_line(LINE)
            self.writer.add_text(description, context._replace(role="alt", inline=None, link=None))
            self.writer.add_picture(picture)
            self.writer.end_line(PARAGRAPH)
        else:
            self.writer.add_picture(picture)


def _with_role(mark: Mark, name: str, context: Context) -> Context:
    if context.body and not mark.strong:
        role = BODY_ROLES.get(name)
        return context._replace(role=role) if role else context
    if (context.strong and not mark.strong) or (name == "footer" and context.story >= 0):
        return context
    return context._replace(role=mark.role, strong=mark.strong)
