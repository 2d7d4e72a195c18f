"""Documents of paragraphs in roles, such as an article, a manual page or a hint, and their layout near the screen.

A document is a sequence of units, which are laid out one by one. Until then a unit has an estimated height. So rows
can be counted and found at once, and the count becomes exact as the reader goes on.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.addresses import clean_url
from reader.app.text.typesetting import (
    INDENT,
    PLAIN,
    Insertion,
    Row,
    StyledSpan,
    UnitLayout,
    typeset_rows,
)
from reader.app.text.wrapping import pieces, width_of
from reader.model import Block, BlockKind, Link
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.pictures import Pictures


class ReadingPosition(NamedTuple):
    """A position in a document that does not depend on the width."""

    block: int
    """The number of the block: an article's body counts from 0, parts above it are negative."""
    offset: int
    """Offset of a character in the block."""


class Place(NamedTuple):
    """A character of an article's body, in one document."""

    unit: int
    offset: int
    """The number of the character in the unit's text."""


BULLET = "• "
BAR = "│ "
STAR = "★ "
RULE = "─"
HEADLINE_RULE = "━"
_NARROWEST_BOX = 12
"""In fewer cells, the notice of a sponsor has no box."""
NO_FIGURE = -1
_PREFIXES: dict[BlockKind, tuple[str, str]] = {"item": (BULLET, "  "), "quote": (BAR, BAR)}
"""Prefixes of the first row and of the others, for the kinds of blocks that have them."""
SPOKEN_ROLES: Final[Mapping[str, str]] = {
    "truncated": "Truncated: ",
    "whole": "Whole: ",
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
    "tag": "Tags: ",
}
"""The prefix of each role for a screen reader; plain paragraphs have none."""
_RAGGED: tuple[BlockKind, ...] = ("subhead", "signoff")
"""Kinds whose lines are neither justified nor hyphenated."""


class Part(NamedTuple):
    """A paragraph of a document."""

    role: str
    text: str
    gap: int = 1
    """Empty rows after it."""
    first: str = ""
    """Prefix of the first row."""
    rest: str = ""
    """Prefix of the other rows, as wide as `first`."""
    styled: tuple[StyledSpan, ...] = ()
    figure: int = NO_FIGURE
    """Number of the figure whose picture is drawn above it."""
    prefix_role: str = "mark"
    """The role in which its prefixes are drawn."""


class VisibleLink(NamedTuple):
    """A link on the screen."""

    x: int
    """Column of its first visible character in the view."""
    y: int
    url: str


class Document:
    """The parts of a head, the blocks of a body and the parts of a tail.

    Units are laid out one by one: a unit is a part, or a piece of a very long part.
    """

    def __init__(
        self,
        head: Sequence[Part],
        body: Sequence[Block] = (),
        tail: Sequence[Part] = (),
        links: Sequence[Link] = (),
        *,
        spoken: bool = False,
    ) -> None:
        """At least one of head and tail has a part; `links` are in the body.

        `spoken`: prefix parts for a screen reader.
        """
        blocks = (Part(kind, text, 1, *_PREFIXES.get(kind, ("", ""))) for kind, text in body)
        self._parts = (*head, *blocks, *tail)
        self._body = range(len(head), len(head) + len(body))
        """The numbers of the parts of the body."""
        self._links: dict[int, list[Link]] = {}
        """By block of the body."""
        for link in sorted(links, key=lambda link: link.start):
            self._links.setdefault(link.block, []).append(link)
        self._spoken = spoken
        self._starred = False
        roles = [part.role for part in head]
        self._star_role = next((role for role in ("byline", "headline") if role in roles), "")
        """The role of the part that has the star; "" if there is none."""
        self.typesetting = PLAIN
        """That of the body. After a change, lay out the document again."""
        self._units = [
            (number, start, end)
            for number, part in enumerate(self._parts)
            for start, end in pieces(part.text)
        ]
        """Each with the number of its part, start and end."""
        self.pictures: Pictures | None = None
        """The heights of pictures above captions. After a change, lay out the document again."""
        self.insertions: Mapping[int, Sequence[Insertion]] = {}
        """By unit, words drawn within its text, in order. After a change, lay out the document again."""

    def star(self, starred: bool) -> bool:
        """Add or remove the star before the byline, or else the headline; False if nothing changes.

        Text and positions stay the same. After a change, lay out the document again.
        """
        changed = starred != self._starred and bool(self._star_role)
        self._starred = starred
        return changed

    def role(self, unit: int) -> str:
        return self._parts[self._units[unit][0]].role

    def figure(self, unit: int) -> int:
        """The figure whose picture stands above a unit's text, or `NO_FIGURE`."""
        return self._parts[self._units[unit][0]].figure

    # Units

    def __len__(self) -> int:
        """How many units there are, at least 1."""
        return len(self._units)

    def estimates(self, width: int) -> list[int]:
        """Estimate by length how many rows each unit has at `width` cells, at least 1 each."""
        # A line that ends with a word is on average half a word shorter than the width.
        cells, height = max(1, width - 3), 1 + self.typesetting.line_spacing
        return [
            ((end - start) // cells + 1) * height + self._gap(number) for number, start, end in self._units
        ]

    def text(self, unit: int) -> str:
        """The sanitized text of a unit."""
        number, start, end = self._units[unit]
        return sanitize(self._parts[number].text[start:end])

    def lay_out(self, unit: int, width: int) -> UnitLayout:
        """Lay out a unit at `width` cells, with a picture above its rows and empty rows below.

        Of a very long part, the first unit begins and the last one ends what is drawn around it.
        """
        number, start, end = self._units[unit]
        part, text = self._parts[number], self.text(unit)
        is_last = end == len(part.text)
        if part.role == "rule":
            return UnitLayout("", [Row(0, 0, RULE * width), Row(0, 0)], "rule", "rule")
        typesetting = self.typesetting if number in self._body else PLAIN
        if part.role in _RAGGED:
            typesetting = typesetting._replace(justified=False, hyphenate=None)
        has_box = part.role == "paid" and not self._spoken and width >= _NARROWEST_BOX
        first, rest = self._prefixes(number)
        rows = typeset_rows(
            text,
            width - 4 if has_box else width,
            typesetting,
            first=first,
            rest=rest,
            begins=not start,
            insertions=self.insertions.get(unit, ()),
        )
        after = Row(len(text), len(text))
        if has_box:
            rows = [row._replace(prefix="│ ", suffix=" │") for row in rows]
            rows[:0] = [] if start else [Row(0, 0, f"╭{RULE * (width - 2)}╮")]
            rows += [after._replace(prefix=f"╰{RULE * (width - 2)}╯")] * is_last
        elif part.role == "headline" and not self._spoken and is_last:
            longest = max(width_of(row.prefix + text[row.start : row.end].rstrip()) for row in rows)
            rows.append(after._replace(prefix=HEADLINE_RULE * min(width, longest)))
        if not start and self.pictures is not None and part.figure != NO_FIGURE:
            # Negative offsets, so that a row of the picture has a reading position like any other row.
            box = self.pictures.box(part.figure, width)
            rows[:0] = [Row(offset, offset) for offset in range(0 if box is None else -box.rows, 0)]
        if is_last:
            rows += [after] * self._gap(number)
        links = [StyledSpan(link.start, link.end, f"link-{part.role}") for link in self.links(unit)]
        return UnitLayout(
            text, rows, part.role, "paid" if has_box else part.prefix_role, links or part.styled
        )

    def position(self, unit: int, offset: int) -> ReadingPosition:
        """The position of an offset in a unit's text. Blocks of the body count from 0; parts above it are negative."""
        number, start, _ = self._units[unit]
        return ReadingPosition(number - self._body.start, start + offset)

    def find(self, position: ReadingPosition) -> tuple[int, int]:
        """The unit of a position and the offset in its text, or the nearest that exist."""
        number = min(max(0, position.block + self._body.start), len(self._parts) - 1)
        place = number, max(0, position.offset)
        unit = bisect_right(self._units, place, key=lambda unit: unit[:2]) - 1
        start = self._units[unit][1]
        # Rows of a picture come before the first character.
        return unit, max(0, position.offset - start) if start or position.offset >= 0 else position.offset

    # How parts are drawn

    def _prefixes(self, number: int) -> tuple[str, str]:
        part = self._parts[number]
        has_star = self._starred and part.role == self._star_role
        if self._spoken:
            word = SPOKEN_ROLES.get(part.role, "")
            return f"Starred. {word}" if has_star else word, ""
        if has_star:
            return STAR, " " * len(STAR)
        is_second = number in self._body and number - 1 in self._body
        is_tight = is_second and not self.typesetting.paragraph_spacing
        if is_tight and part.role == self._parts[number - 1].role == "paragraph":
            return INDENT, ""
        return part.first, part.rest

    def _gap(self, number: int) -> int:
        """Empty rows after a part; none between list items or after a subhead."""
        part = self._parts[number]
        if part.role == "subhead":
            return 0
        if number not in self._body:
            return part.gap
        next_role = self._parts[number + 1].role if number + 1 in self._body else None
        if part.role == next_role == "item":
            return 0
        gap = self.typesetting.paragraph_spacing
        # Even with tight paragraphs, leave a gap before subheads, around lists and after the body.
        return max(1, gap) if next_role in (None, "subhead") or "item" in (part.role, next_role) else gap

    def links(self, unit: int) -> list[Link]:
        """The links in a unit's text, in order, including the rest of a link that began in the unit before.

        Links from a library file are not trusted: bad addresses and offsets are left out, and of overlapping links
        only the first is used.
        """
        number, start, end = self._units[unit]
        of_block = self._links.get(number - self._body.start, ()) if number in self._body else ()
        text = self._parts[number].text if of_block else ""
        # If sanitizing removes characters, offsets are no longer valid.
        if not of_block or len(sanitize(text[start:end])) != end - start:
            return []
        links: list[Link] = []
        reached = 0
        for link in of_block:
            url = clean_url(link.url)
            if url is not None and reached <= link.start < link.end <= len(text):
                reached = link.end
                if link.start < end and link.end > start:
                    first, last = max(link.start, start) - start, min(link.end, end) - start
                    links.append(link._replace(start=first, end=last, url=url))
        return links

    # The body

    @cached_property
    def body_texts(self) -> list[str]:
        """The texts of the units; "" for those above and below the body."""
        return [
            self.text(unit) if number in self._body else "" for unit, (number, _, _) in enumerate(self._units)
        ]

    def place_in_body(self, unit: int, offset: int) -> Place | None:
        """The place of a character of a unit; None outside the body."""
        return Place(unit, offset) if self._units[unit][0] in self._body else None

    @property
    def below_body(self) -> Place:
        """The start of the first part below the body."""
        return Place(*self.find(ReadingPosition(len(self._body), 0)))


NOTHING: Final = Document((Part("space", "", 0),))
"""The document of a view that has none yet."""


class Flow:
    """The layout of a document at one width, made as rows are needed."""

    def __init__(self, document: "Document", width: int) -> None:
        """`width` is in cells."""
        self.document = document
        self.width = width
        self._heights = document.estimates(width)
        """How many rows each unit has, estimated until it has been laid out."""
        self._starts: list[int] = []
        """The row at which each unit starts, and last the number of rows; empty until they are needed."""
        self._layouts: dict[int, UnitLayout] = {}

    @property
    def total(self) -> int:
        """How many rows there are, estimated until `complete`."""
        return self._all_starts()[-1]

    @property
    def complete(self) -> bool:
        """Has every unit been laid out, so that `total` is exact?"""
        return len(self._layouts) == len(self._heights)

    def layout(self, unit: int) -> UnitLayout:
        """Lay out a unit once, and correct its height."""
        layout = self._layouts.get(unit)
        if layout is None:
            layout = self._layouts[unit] = self.document.lay_out(unit, self.width)
            if self._heights[unit] != len(layout.rows):
                self._heights[unit] = len(layout.rows)
                self._starts = []
        return layout

    def locate(self, row: int) -> tuple[int, int]:
        """The unit of a row and the row's number in it; the last row for a row beyond the end."""
        starts = self._all_starts()
        row = max(0, min(row, starts[-1] - 1))
        unit = bisect_right(starts, row) - 1
        return unit, row - starts[unit]

    def row_at(self, row: int) -> tuple[int, UnitLayout, Row]:
        """The unit of a row, its layout and the row itself; lays out the unit."""
        unit, number = self.locate(row)
        layout = self.layout(unit)
        return unit, layout, layout.rows[min(number, len(layout.rows) - 1)]

    def row(self, unit: int, offset: int) -> int:
        """The row of a character in a unit's text, by the heights known so far; lays out the unit."""
        rows = self.layout(unit).rows
        number = next((i for i in range(len(rows) - 1, 0, -1) if rows[i].start <= offset), 0)
        return self._all_starts()[unit] + number

    def lay_out_around(self, row: int, above: int, below: int) -> int:
        """Lay out all units up to `above` rows above and `below` rows below a row.

        Returns the new number of the same row, which changes with the heights of the units above it.
        """
        unit, number = self.locate(row)
        height = len(self.layout(unit).rows)
        number = min(number, height - 1)
        reached, other = number, unit
        while reached < above and other:
            other -= 1
            reached += len(self.layout(other).rows)
        reached, other = height - number, unit + 1
        while reached < below and other < len(self._heights):
            reached += len(self.layout(other).rows)
            other += 1
        return self._all_starts()[unit] + number

    def _all_starts(self) -> list[int]:
        if not self._starts:
            self._starts = list(accumulate(self._heights, initial=0))
        return self._starts
