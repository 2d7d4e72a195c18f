"""Joins the texts of a page into lines with roles, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from reader.captures.html.marks import LINE, NONE, Mark
from reader.sanitize import is_sanitized, sanitize

MAX_PREFORMATTED: Final = 200_000
"""After this many lines of a page, line ends in preformatted text count as spaces."""
MAX_LINKS: Final = 1_000
_SEPARATORS: Final = " |·•,;–—-/"
_BULLETS: Final = ("•", "◦", "▪", "‣", "·", "●", "–", "—", "- ", "* ")
_NUMBERED: Final = re.compile(r"\d{1,2}[.)]\s").match
_BY: Final = re.compile(
    r"(?:(?:written |posted |published |updated |last updated |story )?(?:by|on|at)?:?)", re.I
).fullmatch


class Link:
    """An `a` element. Consecutive elements stay separate, even with the same address."""

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address


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


class Story:
    """The element of one story."""

    def __init__(self, *, lead: bool | None, sponsored: bool) -> None:
        self.lead = lead
        self.sponsored = sponsored
        self.rest = False
        """True once its hidden text was found."""
        self.writers: list[str] = []


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
        self.rest = False
        """True once hidden text was found outside stories."""
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
        role, value, cut = context.role, "", 0
        if self._inline is not None:
            text, role, value, cut = _read_inline(text, role, runs, self._inline)
        if self.bullet:
            if not text.startswith(_BULLETS) and not _NUMBERED(text):
                text = self.bullet + text
                cut -= len(self.bullet)
            self.bullet = ""
        elif role in ("item", "entry"):
            role = "body" if context.body else "text"
        links: Sequence[tuple[int, int, str]] = ()
        if role != "furniture" and any(run.link for run in runs):
            links = list(islice(_places(runs, cut, text), MAX_LINKS))
        if context.rest:
            if context.story >= 0:
                self.stories[context.story].rest = True
            else:
                self.rest = True
        pictures, self._pictures = self._pictures, []
        gap = (self._gap or LINE) if self.lines else NONE
        self._gap = NONE
        self.lines.append(Line(text, gap, role, value, context.story, links, pictures))


def _read_inline(text: str, role: str, runs: list[_Run], mark: Mark) -> tuple[str, str, str, int]:
    """Return text, role, value, and the number of characters cut off at the start, of a line with inline marks."""
    others = "".join([run.text for run in runs if run.inline is None or run.inline.role != mark.role])
    others = _tidied(others.strip(_SEPARATORS + "\n\t\r"))
    if not _BY(others):
        return text, role, "", 0
    cut = len(text) - len(text.lstrip(_SEPARATORS))
    role = "byline" if mark.role == "author" and others else mark.role
    return text.strip(_SEPARATORS) or text, role, mark.value, cut


def _places(runs: list[_Run], cut: int, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, address) of the links in a line, with their offsets in its sanitized text."""
    most = len(text)
    if not is_sanitized(text):
        runs, most = [run._replace(text=sanitize(run.text)) for run in runs], len(sanitize(text))
    width, spaced = 0, False
    held: tuple[int, int, Link] | None = None
    for run in runs:
        words = run.text.split()
        if not words:
            spaced = spaced or bool(run.text)
            continue
        start = width + 1 if width and (spaced or run.text[0].isspace()) else width
        width = start + sum(map(len, words)) + len(words) - 1
        spaced = run.text[-1].isspace()
        if held and (run.link is not held[2] or start - held[1] > 1):
            yield held[0], held[1], held[2].address
            held = None
        if run.link and run.link.address:
            first, last = max((held[0] if held else start - cut), 0), min(width - cut, most)
            held = (first, last, run.link) if first < last else None
    if held:
        yield held[0], held[1], held[2].address


def _tidied(text: str) -> str:
    return " ".join(text.split())
