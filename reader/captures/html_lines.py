"""The texts of a page, one after the other -> its lines, with their roles, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reader.captures import html_marks as marks
from reader.captures.html_marks import LINE, NONE
from reader.captures.html_places import Context
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


class Scope:
    """One story's element."""

    def __init__(self, *, lead: bool | None, sponsored: bool) -> None:
        self.lead = lead
        self.sponsored = sponsored
        self.rest = False
        """Whether the text that the page hides was found."""
        self.writers: list[str] = []


Line = tuple[str, int, str, str, int, Sequence[tuple[int, int, str]], Sequence[str]]
"""A line of the page: its text; the line ends before it (1, or 2 after an empty line; 0 at the start of the page); its
role and what that says besides; the index of its story (-1 outside all); start, end and address of each link; pictures.
No record, since a page has hundreds and they are short-lived."""


class LineWriter:
    """Puts texts together to lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.scopes: list[Scope] = []
        self.rest = False
        """Whether hidden text was found outside all stories."""
        self._gap = 0
        self._pieces: list[str] = []
        self._context = Context()
        """That of the first piece of the line."""
        self._before: int | None = None
        """The story that piece is of, where another has begun since."""
        self._addresses: list[str] = []
        """Where the links around lead, as far as `Context.links` counts them."""
        self._links: dict[int, str] = {}
        """Where pieces of the line lead, by their index."""
        self._inline: list[tuple[int, marks.Mark]] = []
        self._images: list[str] = []
        self._bullet = ""

    def _add(self, text: str, context: Context) -> None:
        """Text that may be more than words."""
        pieces = self._pieces
        if not pieces:
            self._context = context
        if "&" in text:
            text = plain(text)
        if context.pre and "\n" in text:
            first, *others = text.split("\n")
            pieces.append(first)
            for other in others:
                self._flush(LINE)
                if other and not other.isspace():
                    self._context = context
                    pieces.append(other)
            return
        if (inline := context.inline) is not None:
            if self._inline and inline.role == "date" and self._inline[0][1].role == "author":
                # "By A | March 4" are two lines of a page, as author and date are two things.
                self._flush(LINE)
                self._context = context
            self._inline.append((len(pieces), inline))
        if context.links and (href := self._addresses[context.links - 1]) and len(self._links) < MAX_LINKS:
            self._links[len(pieces)] = href
        pieces.append(text)

    def _flush(self, breaks: int) -> None:
        """End the line, if there is one."""
        pieces = self._pieces
        if pieces:
            text = (pieces[0] if len(pieces) == 1 else "".join(pieces)).strip()
            if text:
                # Of all blanks, only the plain space is printable.
                if not text.isprintable() or "  " in text:
                    text = " ".join(text.split())
                context = self._context
                role, value = context.role, ""
                links: Sequence[tuple[int, int, str]] = ()
                if self._inline or self._links or self._bullet:
                    text, role, value, links = self._told(text, role)
                elif role == "item" or role == "entry":
                    role = "body" if context.body else "text"
                images: Sequence[str] = ()
                if self._images:
                    images, self._images = self._images, []
                scope = -1
                if context.scoped:
                    scope = len(self.scopes) - 1 if self._before is None else self._before
                if context.rest:
                    if scope >= 0:
                        self.scopes[scope].rest = True
                    else:
                        self.rest = True
                gap = (self._gap or LINE) if self.lines else NONE
                self.lines.append((text, gap, role, value, scope, links, images))
                self._gap = NONE
            elif self._links or self._inline:
                self._links.clear()
                self._inline.clear()
            pieces.clear()
            self._before = None
        if breaks > self._gap:
            self._gap = breaks

    def _told(self, text: str, role: str) -> tuple[str, str, str, Sequence[tuple[int, int, str]]]:
        """(text, role, value, links) of a line with marked words, links or a bullet."""
        value, shift = "", 0
        if self._inline:
            text, role, value, shift = self._told_inline(text, role)
            self._inline.clear()
        if self._bullet:
            if not text.startswith(_BULLETS) and not _NUMBERED(text):
                text = self._bullet + text
                shift -= len(self._bullet)
            self._bullet = ""
        elif role == "item" or role == "entry":
            role = "body" if self._context.body else "text"
        links: Sequence[tuple[int, int, str]] = ()
        if self._links:
            if role != "furniture":
                links = self._placed_links(text, shift)
            self._links.clear()
        return text, role, value, links

    def _told_inline(self, text: str, role: str) -> tuple[str, str, str, int]:
        """(text, role, value, how much was cut off its start) of a line whose words may be all it says."""
        pieces = self._pieces
        mark = self._inline[0][1]
        told = {i for i, own in self._inline if own.role == mark.role}
        others = "".join(piece for i, piece in enumerate(pieces) if i not in told).strip(
            _SEPARATORS + "\n\t\r"
        )
        if not _BY(" ".join(others.split())):
            return text, role, "", 0
        shift = len(text) - len(text.lstrip(_SEPARATORS))
        role = "byline" if mark.role == "author" and others else mark.role
        return text.strip(_SEPARATORS) or text, role, mark.value, shift

    def _placed_links(self, text: str, shift: int) -> Sequence[tuple[int, int, str]]:
        """The links of the line, by where they stand in its text as the parser cleans it."""
        pieces, links = self._pieces, self._links
        if len(pieces) == 1 and not shift:
            places = [(0, len(text), links[0])]
        elif not shift and (joined := "".join(pieces)).strip() == text:
            places = list(_places_as_they_stand(pieces, links, len(joined.lstrip()) - len(joined)))
        else:
            places = list(_places(pieces, links, shift, len(text)))
        if not is_clean(text):
            if len(text) > _LONGEST_UNCLEAN:
                return ()
            places = [(_width(text[:a]), len(_tidy(text[:b])), href) for a, b, href in places]
        return places


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


def _places_as_they_stand(
    pieces: list[str], links: dict[int, str], at: int
) -> Iterator[tuple[int, int, str]]:
    """The same where all have single spaces already; the first begins at `at`, 0 or less by the blanks before it."""
    held: tuple[int, int, str] | None = None
    for i, piece in enumerate(pieces):
        size = len(piece)
        if words := piece.strip():
            href = links.get(i)
            start = at + size - len(piece.lstrip())
            if held and (href is not held[2] or start - held[1] > 1):
                yield held
                held = None
            if href:
                held = (held[0] if held else start, start + len(words), href)
        at += size
    if held:
        yield held


def _width(text: str) -> int:
    """How many characters stand before what follows `text` in its line, once it is cleaned."""
    kept = _tidy(text)
    return len(kept) + (1 if kept and text[-1:] == " " else 0)


def _tidy(text: str) -> str:
    return " ".join(clean(text).split())
