"""Joins the texts of a page to lines, with their roles, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from reader.captures.html.marks import LINE, NONE, Mark
from reader.sanitize import is_sanitized, sanitize

MAX_PREFORMATTED: Final = 200_000
"""Lines of a page after which a line end in preformatted text counts as a space."""
MAX_LINKS: Final = 1_000
"""Links of one line that are kept."""
_LONGEST_UNCLEAN: Final = 10_000
_SEPARATORS: Final = " |·•,;–—-/"
_BULLETS: Final = ("•", "◦", "▪", "‣", "·", "●", "–", "—", "- ", "* ")
_NUMBERED: Final = re.compile(r"\d{1,2}[.)]\s").match
_BY: Final = re.compile(
    r"(?:(?:written |posted |published |updated |last updated |story )?(?:by|on|at)?:?)", re.I
).fullmatch


class Link:
    """An `a` element. Two that follow each other stay apart, even with the same address."""

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address


class Context(NamedTuple):
    """What the elements around a text say about it."""

    role: str = ""
    strong: bool = False
    """True if the role wins over those of tags inside."""
    body: bool = False
    rest: bool = False
    """True if it is the hidden rest of a story."""
    story: int = -1
    """Index of the story; -1 outside of stories."""
    lead: bool | None = None
    """True if stories here are the page's own; None if the page does not say."""
    inline: Mark | None = None
    link: Link | None = None
    pre: bool = False
    items: list[int] | None = None
    """How many items a numbered list has so far, in a list of one so that its items share it."""


class Story:
    """The element of one story."""

    def __init__(self, *, lead: bool | None, sponsored: bool) -> None:
        self.lead = lead
        self.sponsored = sponsored
        self.rest = False
        """True if its hidden text was found."""
        self.writers: list[str] = []


class Picture(NamedTuple):
    """Where a picture of a page is."""

    address: str
    """"" if the page does not say."""
    data: str
    """The picture itself as a data: address; "" if it is not in the page."""


class Line(NamedTuple):
    """A line of the page."""

    text: str
    gap: int
    """Line ends before it: 1, or 2 after an empty line; 0 at the start of the page."""
    role: str
    value: str
    """More about the role: the day of a date."""
    story: int
    """Index of its story; -1 outside of stories."""
    links: Sequence[tuple[int, int, str]]
    """(start, end, address) of each."""
    pictures: Sequence[Picture]


class _Piece(NamedTuple):
    text: str
    inline: Mark | None
    link: Link | None


class LineWriter:
    """Joins texts to lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.stories: list[Story] = []
        self.rest = False
        """True if hidden text was found outside of stories."""
        self.bullet = ""
        """The start of the next line, if it is the first of a list's item."""
        self._gap = NONE
        self._pieces: list[_Piece] = []
        self._context = Context()
        """That of the line's first piece."""
        self._inline: Mark | None = None
        """The first of the line."""
        self._pictures: list[Picture] = []

    @property
    def begun(self) -> bool:
        """True if the current line has words."""
        return any(piece.text.strip() for piece in self._pieces)

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
        if not self._pieces:
            if not text or text.isspace():
                return
            self._context = context
        if (inline := context.inline) is not None:
            if self._inline and inline.role == "date" and self._inline.role == "author":
                # "By A | March 4" are two lines of a page, as author and date are two things.
                self.end_line(LINE)
                self._context = context
            self._inline = self._inline or inline
        self._pieces.append(_Piece(text, inline, context.link))

    def end_line(self, gap: int) -> None:
        """End the line, if there is one, and leave a gap before the next."""
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            if text := _tidied("".join([piece.text for piece in pieces])):
                self._write(text, pieces)
            self._inline = None
        if gap > self._gap:
            self._gap = gap

    def _write(self, text: str, pieces: list[_Piece]) -> None:
        context = self._context
        role, value, cut = context.role, "", 0
        if self._inline is not None:
            text, role, value, cut = _read_inline(text, role, pieces, self._inline)
        if self.bullet:
            if not text.startswith(_BULLETS) and not _NUMBERED(text):
                text = self.bullet + text
                cut -= len(self.bullet)
            self.bullet = ""
        elif role in ("item", "entry"):
            role = "body" if context.body else "text"
        links: Sequence[tuple[int, int, str]] = ()
        if role != "furniture" and any(piece.link for piece in pieces):
            links = _links(pieces, cut, text)
        if context.rest:
            if context.story >= 0:
                self.stories[context.story].rest = True
            else:
                self.rest = True
        pictures, self._pictures = self._pictures, []
        gap = (self._gap or LINE) if self.lines else NONE
        self._gap = NONE
        self.lines.append(Line(text, gap, role, value, context.story, links, pictures))


def _read_inline(text: str, role: str, pieces: list[_Piece], mark: Mark) -> tuple[str, str, str, int]:
    """Return text, role, value, and characters cut off the start, of a line that may have only marked words."""
    others = "".join(
        [piece.text for piece in pieces if piece.inline is None or piece.inline.role != mark.role]
    )
    others = _tidied(others.strip(_SEPARATORS + "\n\t\r"))
    if not _BY(others):
        return text, role, "", 0
    cut = len(text) - len(text.lstrip(_SEPARATORS))
    role = "byline" if mark.role == "author" and others else mark.role
    return text.strip(_SEPARATORS) or text, role, mark.value, cut


def _links(pieces: list[_Piece], cut: int, text: str) -> Sequence[tuple[int, int, str]]:
    """The links of a line, by their places in its text once that is sanitized."""
    places = list(islice(_places(pieces, cut, len(text)), MAX_LINKS))
    if not is_sanitized(text):
        if len(text) > _LONGEST_UNCLEAN:
            return ()
        places = [(_width(text[:a]), len(_cleaned(text[:b])), address) for a, b, address in places]
    return places


def _places(pieces: list[_Piece], cut: int, most: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, address) of the pieces with a link, once spaces are single."""
    width, spaced = 0, False
    held: tuple[int, int, Link] | None = None
    for piece in pieces:
        words = piece.text.split()
        if not words:
            spaced = spaced or bool(piece.text)
            continue
        start = width + 1 if width and (spaced or piece.text[0].isspace()) else width
        width = start + sum(map(len, words)) + len(words) - 1
        spaced = piece.text[-1].isspace()
        if held and (piece.link is not held[2] or start - held[1] > 1):
            yield held[0], held[1], held[2].address
            held = None
        if piece.link and piece.link.address:
            first, last = max((held[0] if held else start - cut), 0), min(width - cut, most)
            held = (first, last, piece.link) if first < last else None
    if held:
        yield held[0], held[1], held[2].address


def _width(text: str) -> int:
    """Where the text after `text` begins in its line, once that is sanitized."""
    kept = _cleaned(text)
    return len(kept) + (1 if kept and text[-1:] == " " else 0)


def _cleaned(text: str) -> str:
    return _tidied(sanitize(text))


def _tidied(text: str) -> str:
    return " ".join(text.split())
