"""The texts of a page, one after the other -> its lines, with their roles, links and pictures."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from reader.captures import html_marks as marks
from reader.captures.html_marks import LINE
from reader.captures.html_tokens import plain
from reader.safe_text import clean, is_clean

_SEPARATORS: Final = " |·•,;–—-/"
_BULLETS: Final = ("•", "◦", "▪", "‣", "·", "●", "–", "—", "- ", "* ")
_NUMBERED: Final = re.compile(r"\d{1,2}[.)]\s").match
_BY: Final = re.compile(
    r"(?:(?:written |posted |published |updated |last updated |story )?(?:by|on|at)?:?)", re.I
).fullmatch


class Context(NamedTuple):
    """What the open elements say of text."""

    role: str = ""
    strong: bool = False
    body: bool = False
    hidden: bool = False
    rest: bool = False
    """Whether this is the hidden rest of a story."""
    scope: int = -1
    """Index of the story; -1 outside all."""
    lead: bool | None = None
    """Whether stories here are the page's own; None where the page does not say."""
    inline: marks.Mark | None = None
    href: str | None = None
    pre: bool = False


class Scope:
    """One story's element."""

    def __init__(self, *, lead: bool | None, sponsored: bool) -> None:
        self.lead = lead
        self.sponsored = sponsored
        self.rest = False
        """Whether the text that the page hides was found."""
        self.writers: list[str] = []


class Line:
    """A line of the page."""

    __slots__ = ("gap", "images", "links", "rest", "role", "scope", "text", "value")

    def __init__(self, text: str, gap: int, context: Context) -> None:
        self.text = text
        self.gap = gap
        """Line ends before it: 1, or 2 after an empty line."""
        self.role = context.role
        self.value = ""
        self.scope = context.scope
        self.rest = context.rest
        self.links: list[tuple[int, int, str]] = []
        self.images: list[str] = []


class LineWriter:
    """Puts texts together to lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.scopes: list[Scope] = []
        self.rest = False
        """Whether hidden text was found outside all stories."""
        self._context = Context()
        self._gap = 0
        self._pieces: list[str] = []
        self._line_context = self._context
        self._links: list[tuple[int, int, str]] = []
        self._inline: list[tuple[int, marks.Mark]] = []
        self._images: list[str] = []
        self._bullet = ""

    def _add(self, text: str) -> None:
        pieces = self._pieces
        if not pieces:
            self._line_context = self._context
        if "&" in text:
            text = plain(text)
        context = self._context
        if context.pre and "\n" in text:
            first, *others = text.split("\n")
            pieces.append(first)
            for other in others:
                self._flush(LINE)
                if other and not other.isspace():
                    self._line_context = context
                    pieces.append(other)
            return
        if context.href:
            self._links.append((len(pieces), len(pieces) + 1, context.href))
        if context.inline is not None or self._inline:
            inline = context.inline
            if (
                inline
                and self._inline
                and inline.role == "date"
                and any(m.role == "author" for _, m in self._inline)
            ):
                self._flush(LINE)
                self._line_context = context
            if inline:
                self._inline.append((len(pieces), inline))
        pieces.append(text)

    def _flush(self, breaks: int) -> None:
        """End the line, if there is one."""
        pieces = self._pieces
        if pieces:
            text = " ".join("".join(pieces).split())
            if text:
                self._end_line(text)
            pieces.clear()
            if self._links:
                self._links.clear()
            if self._inline:
                self._inline.clear()
        if breaks > self._gap:
            self._gap = breaks

    def _end_line(self, text: str) -> None:
        context = self._line_context
        line = Line(text, max(self._gap, 1) if self.lines else 0, context)
        shift = 0
        if self._inline:
            shift = self._tell_inline(line)
        if self._bullet:
            if not line.text.startswith(_BULLETS) and not _NUMBERED(line.text):
                line.text = self._bullet + line.text
                shift -= len(self._bullet)
            self._bullet = ""
        elif line.role in ("item", "entry"):
            line.role = "body" if context.body else "text"
        if self._links and line.role != "furniture":
            self._place_links(line, shift)
        if self._images:
            line.images = self._images
            self._images = []
        if context.rest:
            if context.scope >= 0:
                self.scopes[context.scope].rest = True
            else:
                self.rest = True
        self.lines.append(line)
        self._gap = 0

    def _tell_inline(self, line: Line) -> int:
        """Give the line the role of its words, if they are all it says; return how much was cut off its start."""
        pieces = self._pieces
        mark = self._inline[0][1]
        told = {i for i, own in self._inline if own.role == mark.role}
        others = "".join(piece for i, piece in enumerate(pieces) if i not in told).strip(
            _SEPARATORS + "\n\t\r"
        )
        if not _BY(" ".join(others.split())):
            return 0
        before = len(line.text)
        line.text = line.text.lstrip(_SEPARATORS)
        shift = before - len(line.text)
        line.text = line.text.rstrip(_SEPARATORS)
        line.role = "byline" if mark.role == "author" and others else mark.role
        line.value = mark.value
        return shift

    def _place_links(self, line: Line, shift: int) -> None:
        """The links of the line, by where they stand in its text as the parser cleans it."""
        joined = ""
        done = 0
        places: list[tuple[int, int, str]] = []
        for first, last, href in self._links:
            joined += "".join(self._pieces[done:first])
            start = _width(joined, following=self._pieces[first])
            joined += "".join(self._pieces[first:last])
            done = last
            end = _width(joined) - shift
            start = max(start - shift, 0)
            if places and places[-1][2] is href and start - places[-1][1] <= 1:
                start = places.pop()[0]
            if start < end:
                places.append((start, min(end, len(line.text)), href))
        if not is_clean(line.text):
            places = [
                (len(_tidy(line.text[:a])) + (line.text[:a][-1:] == " "), len(_tidy(line.text[:b])), href)
                for a, b, href in places
            ]
        line.links = places


def _width(text: str, following: str = "") -> int:
    """How many characters `text` has with single spaces, and a space before what follows it if there is one."""
    words = text.split()
    width = sum(map(len, words)) + max(len(words) - 1, 0)
    return width + (1 if following and words and (text[-1].isspace() or following[:1].isspace()) else 0)


def _tidy(text: str) -> str:
    return " ".join(clean(text).split())
