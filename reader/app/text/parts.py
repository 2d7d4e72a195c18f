"""A document made of paragraphs, each with a role: an article, a manual page, or a hint in their place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from reader.app.text.flow import Document, Laid, ReadingPosition, Row, Styled
from reader.app.text.typesetting import INDENT, PLAIN, Setting, set_rows
from reader.app.text.wrapping import PIECE, estimates, pieces
from reader.model import Block, BlockKind, Link
from reader.sanitize import clean_url, sanitize

BULLET = "• "
BAR = "│ "
STAR = "★ "
RULE = "─"
NO_FIGURE = -1

_BODY: dict[BlockKind, tuple[str, str]] = {"item": (BULLET, "  "), "quote": (BAR, BAR)}
"""Prefixes of the first and the other rows, of the kinds that have some."""
SPOKEN_ROLES: Final[Mapping[str, str]] = {
    "kicker": "Section: ",
    "headline": "Headline: ",
    "deck": "Summary: ",
    "byline": "Byline: ",
    "caption": "Caption: ",
    "credit": "Photo credit: ",
    "subhead": "Subheading: ",
    "item": "Item: ",
    "quote": "Quote: ",
    "signoff": "Sign-off: ",
    "bio": "About the author: ",
    "notice": "Notice: ",
    "paid": "Notice: ",
    "version": "Notice: ",
}
"""What a screen reader says before a paragraph of each role; nothing before a plain one."""
_RAGGED: tuple[BlockKind, ...] = ("subhead", "signoff")
"""Kinds whose lines are neither filled nor broken within words."""


class Part(NamedTuple):
    """One paragraph of the page that is drawn."""

    role: str
    text: str
    gap: int = 1
    """Empty rows after it."""
    first: str = ""
    """What stands before its first row."""
    rest: str = ""
    """What stands before its other rows, as wide as `first`."""
    styled: tuple[Styled, ...] = ()
    figure: int = NO_FIGURE
    """Number of the figure whose picture stands above it."""


class BodyLink(NamedTuple):
    """Words of one text that lead somewhere."""

    start: int
    end: int
    """Offsets of its characters in the text, up to, not including, `end`."""
    url: str
    """As `clean_url` makes it."""


class LinkInSight(NamedTuple):
    """A link in sight."""

    x: int
    """The first cell of the view that shows it."""
    y: int
    url: str


class PictureRoom(Protocol):
    """How much room the pictures of an article take."""

    def rows_of(self, figure: int, columns: int) -> int:
        """The rows that the picture of a figure takes in at most so many columns; 0 without a picture."""


class PartsDocument(Document):
    """Paragraphs in roles: the parts of a head, the blocks of a body, which become parts on demand, and a tail."""

    def __init__(
        self,
        head: Sequence[Part],
        body: Sequence[Block] = (),
        tail: Sequence[Part] = (),
        links: Sequence[Link] = (),
        *,
        spoken: bool = False,
    ) -> None:
        """`head` has at least one part; `links` are those of the body. `spoken`: words say what each part is."""
        self._head = head
        self._body = body
        self._tail = tail
        self._all_links = links
        self._links_by_block: dict[int, list[Link]] | None = None
        self._spoken = spoken
        self._starred = False
        self._setting = PLAIN
        # A unit is a part or a piece of a very long one: number of the part, first character, end.
        self._units: list[tuple[int, int, int]] = []
        for number, text in enumerate(self._texts()):
            if len(text) <= PIECE:
                self._units.append((number, 0, len(text)))
            else:
                self._units += [(number, start, end) for start, end in pieces(text)]
        self._has_pieces = len(self._units) > len(head) + len(body) + len(tail)
        self.pictures: PictureRoom | None = None
        """The room for pictures above captions. After a change the document must be laid out again."""

    def star(self, starred: bool) -> bool:
        """Put a star before the byline, or take it away; False where nothing changes.

        The text and every position in it stay the same, but the document must be laid out again.
        """
        changed = starred != self._starred and any(part.role == "byline" for part in self._head)
        self._starred = starred
        return changed

    def typeset(self, setting: Setting) -> None:
        """Set the body in another way. The document must be laid out again."""
        self._setting = setting

    def role(self, unit: int) -> str:
        """The role of the part that a unit is of."""
        return self._part(self._units[unit][0]).role

    def __len__(self) -> int:
        return len(self._units)

    def estimates(self, width: int) -> list[int]:
        """By length alone, which is known without reading the text."""
        sample = self._body[len(self._body) // 2].text[:200] if self._body else ""
        lengths = (end - start for _, start, end in self._units)
        high, gap = 1 + self._setting.line_spacing, self._setting.paragraph_spacing
        return [rows * high + gap for rows in estimates(lengths, sample, width)]

    def text(self, unit: int) -> str:
        """The part's text, or the piece of it."""
        number, start, end = self._units[unit]
        return sanitize(self._part(number).text[start:end])

    def lay_out(self, unit: int, width: int) -> Laid:
        """The part's rows and the empty ones after it; a bullet stands before the first alone."""
        number, start, _ = self._units[unit]
        part = self._part(number)
        if part.role == "rule":
            return Laid("", [Row(0, 0, RULE * width), Row(0, 0)], "rule", "rule")
        text = self.text(unit)
        setting = self._setting if self._in_body(number) else PLAIN
        if part.role in _RAGGED:
            setting = setting._replace(justified=False, hyphenate=None)
        rows = set_rows(text, width, setting, first=part.first, rest=part.rest, begins=not start)
        if not start and self.pictures is not None and part.figure != NO_FIGURE:
            # Offsets before the first character, so that a row of a picture is a position like any other.
            picture_rows = self.pictures.rows_of(part.figure, width)
            rows[:0] = [Row(offset, offset) for offset in range(-picture_rows, 0)]
        if not self.goes_on(unit):
            rows += [Row(len(text), len(text))] * self._gap(number, part)
        styled = part.styled
        if links := self.links(unit):
            role = f"link-{part.role}"
            styled = tuple(Styled(first, end, role) for first, end, _ in links)
        return Laid(text, rows, part.role, "mark", styled)

    def links(self, unit: int) -> list[BodyLink]:
        """The links in a unit's text, in order; of one that began in the unit before, the rest.

        Anybody may have made the records: none is trusted, and of overlapping links only the first counts.
        """
        number, start, end = self._units[unit]
        if not self._all_links or not self._in_body(number):
            return []
        if self._links_by_block is None:
            self._links_by_block = {}
            for link in self._all_links:
                self._links_by_block.setdefault(link.block, []).append(link)
        of_block = self._links_by_block.get(number - len(self._head))
        text = self._part(number).text
        # Where sanitizing removes something, all that follows it has moved.
        if not of_block or len(sanitize(text[start:end])) != end - start:
            return []
        links: list[BodyLink] = []
        reached = 0
        for link in sorted(of_block, key=lambda link: link.start):
            url = clean_url(link.url)
            if url is not None and reached <= link.start < link.end <= len(text):
                reached = link.end
                if link.start < end and link.end > start:
                    links.append(BodyLink(max(link.start, start) - start, min(link.end, end) - start, url))
        return links

    def figure(self, unit: int) -> int:
        """The figure whose picture stands above a unit's text, or `NO_FIGURE`."""
        return self._part(self._units[unit][0]).figure

    def goes_on(self, unit: int) -> bool:
        """Whether the next unit is of the same part."""
        return (
            self._has_pieces
            and unit + 1 < len(self._units)
            and self._units[unit][0] == self._units[unit + 1][0]
        )

    def position(self, unit: int, offset: int) -> ReadingPosition:
        """Blocks of the body count from 0, the parts above it are negative."""
        number, start, _ = self._units[unit]
        return ReadingPosition(number - len(self._head), start + offset)

    def find(self, position: ReadingPosition) -> tuple[int, int]:
        """The unit of a position and the offset in it."""
        number = min(max(0, position.block + len(self._head)), self._units[-1][0])
        # Units before a part's are at least one each, so its unit is not before its number.
        unit = number
        if self._has_pieces:
            while self._units[unit][0] < number:
                unit += 1
            while self.goes_on(unit) and self._units[unit][2] <= position.offset:
                unit += 1
        start = self._units[unit][1]
        # Rows of a picture stand before the first character.
        return unit, max(0, position.offset - start) if start or position.offset >= 0 else position.offset

    def _texts(self) -> Iterator[str]:
        yield from (part.text for part in self._head)
        yield from (block.text for block in self._body)
        yield from (part.text for part in self._tail)

    def _part(self, number: int) -> Part:
        part = self._plain_part(number)
        star = self._starred and part.role == "byline"
        if self._spoken:
            word = SPOKEN_ROLES.get(part.role, "")
            return part._replace(first=f"Starred. {word}" if star else word, rest="")
        return part._replace(first=STAR, rest=" " * len(STAR)) if star else part

    def _plain_part(self, number: int) -> Part:
        if number < len(self._head):
            return self._head[number]
        number -= len(self._head)
        if number < len(self._body):
            kind, text = self._body[number]
            first, rest = _BODY.get(kind, ("", ""))
            close = not self._setting.paragraph_spacing and number and self._body[number - 1].kind == kind
            if close and kind == "paragraph":
                first = INDENT
            return Part(kind, text, 1, first, rest)
        return self._tail[number - len(self._body)]

    def _in_body(self, number: int) -> bool:
        return len(self._head) <= number < len(self._head) + len(self._body)

    def _gap(self, number: int, part: Part) -> int:
        """Empty rows after a part: items of a list stand together, a subhead with what it heads."""
        if part.role == "subhead":
            return 0
        if not self._in_body(number):
            return part.gap
        following = number + 1 - len(self._head)
        kind = self._body[following].kind if following < len(self._body) else None
        if part.role == kind == "item":
            return 0
        gap = self._setting.paragraph_spacing
        # However close the paragraphs: what heads or follows a body is set off.
        return max(1, gap) if kind in (None, "subhead") else gap
