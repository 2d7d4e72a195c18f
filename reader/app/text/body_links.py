"""The links in an article's body, by the block they stand in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reader.model import Link
from reader.sanitize import clean_url


class BodyLink(NamedTuple):
    """Words of one text that lead somewhere."""

    start: int
    end: int
    """Offsets of its characters in the text, up to, not including, `end`."""
    url: str
    """As `clean_url` makes it."""


class Seen(NamedTuple):
    """A link in sight."""

    x: int
    """The first cell of the view that shows it."""
    y: int
    url: str


class BodyLinks:
    """The links of a body. Records may be anybody's: none is trusted, and what is overlapped is left out."""

    def __init__(self, links: Sequence[Link]) -> None:
        """They are looked through when the first is asked for."""
        self._links = links
        self._by_block: dict[int, list[Link]] | None = None

    def of(self, block: int, length: int) -> list[BodyLink]:
        """Those of a block with so many characters, in order."""
        if self._by_block is None:
            self._by_block = {}
            for link in self._links:
                self._by_block.setdefault(link.block, []).append(link)
        found: list[BodyLink] = []
        end = 0
        for link in sorted(self._by_block.get(block, ()), key=lambda link: link.start):
            url = clean_url(link.url)
            if url is not None and end <= link.start < link.end <= length:
                found.append(BodyLink(link.start, link.end, url))
                end = link.end
        return found
