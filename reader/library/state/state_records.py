"""What the reader's state is told in; apart, since the first screen may need these and nothing else of it."""

from __future__ import annotations

from typing import NamedTuple


class ReadingPlace(NamedTuple):
    """A place in an article."""

    key: int
    """A version of the article's story."""
    block: int
    """Which block of the body, from 0; what stands above the body is negative."""
    offset: int
    """Offset of a character in the block."""


class SavedSearch(NamedTuple):
    """A search under a name."""

    name: str
    query: str


class Spot(NamedTuple):
    """A line of a capture that is kept, or was."""

    capture: bytes
    """The digest of the capture's text, as `preparing.text_digest` makes it."""
    line: int
    """Number of the line, from 1."""
