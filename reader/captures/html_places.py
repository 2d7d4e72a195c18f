"""Where text stands in a page: the open elements around it, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from reader.captures import html_marks as marks
from reader.captures.html_marks import NONE
from reader.captures.html_tags import LISTS, NAMED, Tag

Ops = tuple[tuple[int, Any], ...]


class Context(NamedTuple):
    """What the open elements say of text."""

    role: str = ""
    strong: bool = False
    body: bool = False
    hidden: bool = False
    rest: bool = False
    """Whether this is the hidden rest of a story."""
    scoped: bool = False
    """Whether this is in a story."""
    lead: bool | None = None
    """Whether stories here are the page's own; None where the page does not say."""
    inline: marks.Mark | None = None
    links: int = 0
    """How many links are around; the innermost counts."""
    pre: bool = False


class Place:
    """An open element in those around it."""

    __slots__ = (
        "above",
        "alt",
        "begun",
        "breaks",
        "context",
        "depth",
        "floor",
        "fresh",
        "hidden",
        "inside",
        "name",
        "open",
        "plain",
        "steps",
    )

    def __init__(self, above: Place | None, name: str, breaks: int, context: Context, bit: int) -> None:
        self.above = above
        self.name = name
        self.breaks = breaks
        self.context = context
        self.depth: int = above.depth + 1 if above else 0
        self.floor: int = (self.depth if name == "#script" else above.floor) if above else 0
        """Elements up to this depth stay open whatever tags say."""
        self.open: int = above.open | bit if above else 0
        """Names of open elements, as bits."""
        self.hidden = context.hidden
        self.plain = not context.pre and context.inline is None and not context.links
        """Whether text here is nothing but text."""
        self.alt: Place | None = None
        """The place of descriptions of pictures here."""
        self.inside: dict[Tag, Place] = {}
        """The places of elements in this one."""
        self.steps: dict[Tag, Step] = {}
        self.fresh: dict[bytes, Run] = {}
        """What tags, and runs of them, do where no line has begun: by spelling, if they were met more than once."""
        self.begun: dict[bytes, Run] = {}
        """The same where one has."""


Step = tuple[Place, int, Ops]
"""Where a tag leads, how it parts the text before it from what follows, and what is to be done."""
Run = tuple[Place, int, tuple[tuple[int, Any, bytes, Place], ...]]
"""The same of tags that follow one another: (…, …, what is to be done, what with, the tag, the place it led to)."""


def passes_links(place: Place) -> bool:
    """Whether nobody follows a link here."""
    return place.hidden or place.context.role == "furniture"


def _up(place: Place, until: Place) -> Iterator[Place]:
    """The places below `until`, innermost first."""
    while place is not until and place.above is not None:
        yield place
        place = place.above


def left(place: Place, until: Place) -> tuple[Place, int, bool, int]:
    """(where it leads to leave all below `until`, how that parts text, whether lists or items end, counted lists)."""
    breaks, lists, counted = NONE, False, 0
    for one in _up(place, until):
        breaks = max(breaks, one.breaks)
        if one.name in LISTS:
            lists = True
            counted += one.name != "li"
    return until, breaks, lists, counted


def is_open(place: Place, tag: Tag) -> bool:
    """Whether an element of the tag's name is open."""
    if not place.open & tag.bit:
        return False
    if not tag.bit >> NAMED:
        return True
    at: Place | None = place
    while at is not None:
        if at.name == tag.name:
            return True
        at = at.above
    return False
