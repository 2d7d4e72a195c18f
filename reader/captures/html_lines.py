"""The texts of a page, one after the other -> its lines, with their roles, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from reader.captures import html_marks as marks
from reader.captures.html_marks import LINE
from reader.captures.html_tokens import plain
from reader.safe_text import clean, is_clean

MAX_LINKS: Final = 1_000
"""Links of one line that are kept."""
_LONGEST_UNCLEAN: Final = 10_000
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
        self._links: dict[int, str] = {}
        """Where pieces of the line lead, by their index."""
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
        if (inline := context.inline) is not None:
            if self._inline and inline.role == "date" and self._inline[0][1].role == "author":
                # "By A | March 4" are two lines of a page, as author and date are two things.
                self._flush(LINE)
                self._line_context = context
            self._inline.append((len(pieces), inline))
        if context.href and len(self._links) < MAX_LINKS:
            self._links[len(pieces)] = context.href
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
        shift = len(line.text) - len(line.text.lstrip(_SEPARATORS))
        line.text = line.text.strip(_SEPARATORS) or line.text
        line.role = "byline" if mark.role == "author" and others else mark.role
        line.value = mark.value
        return shift

    def _place_links(self, line: Line, shift: int) -> None:
        """The links of the line, by where they stand in its text as the parser cleans it."""
        pieces, links = self._pieces, self._links
        if len(pieces) == 1 and not shift:
            places = [(0, len(line.text), links[0])]
        else:
            places = list(_places(pieces, links, shift, len(line.text)))
        if not is_clean(line.text):
            if len(line.text) > _LONGEST_UNCLEAN:
                return
            places = [(_width(line.text[:a]), len(_tidy(line.text[:b])), href) for a, b, href in places]
        line.links = places


def _places(
    pieces: list[str], links: dict[int, str], shift: int, most: int
) -> Iterator[tuple[int, int, str]]:
    """(start, end, address) of the pieces that lead somewhere, once all have single spaces."""
    width, spaced = 0, False
    held: tuple[int, int, str] | None = None
    for i, piece in enumerate(pieces):
        words = piece.split()
        href = links.get(i)
        if not words:
            spaced = True
            continue
        start = width + 1 if width and (spaced or piece[0].isspace()) else width
        width = start + sum(map(len, words)) + len(words) - 1
        spaced = piece[-1].isspace()
        if held and (href is not held[2] or start - held[1] > 1):
            yield held
            held = None
        if href:
            first, last = max((held[0] if held else start - shift), 0), min(width - shift, most)
            held = (first, last, href) if first < last else None
    if held:
        yield held


def _width(text: str) -> int:
    """How many characters stand before what follows `text` in its line, once it is cleaned."""
    kept = _tidy(text)
    return len(kept) + (1 if kept and text[-1:] == " " else 0)


def _tidy(text: str) -> str:
    return " ".join(clean(text).split())
