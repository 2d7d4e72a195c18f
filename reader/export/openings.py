"""What is known of a story of which there is only the opening: what to look for, and where it was seen."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from reader.export.facts import in_words
from reader.export.piece import Piece, Sighting


class Opening(NamedTuple):
    """A story known only by its opening."""

    title: str
    headline: str | None
    section: str | None
    authors: tuple[str, ...]
    published: str | None
    words: int
    """How many words of it are known."""
    because: str
    """Why it counts as cut off, in words."""
    evidence: str
    """The line that shows it."""
    sponsor: str | None
    sponsored: bool
    address: str | None
    """The address of its own page, where a capture tells or suggests it."""
    seen: tuple[Sighting, ...]
    """The captures that have the opening."""


def opening(one: Piece) -> Opening:
    """What a piece tells; its text need not be cut off."""
    article, cut = one.article, one.article.truncated
    return Opening(
        title=article.title,
        headline=article.headline,
        section=article.section,
        authors=article.authors,
        published=article.published,
        words=article.words,
        because=in_words(cut) if cut else "",
        evidence=cut.text if cut else "",
        sponsor=article.sponsor,
        sponsored=article.sponsored is not None,
        address=own_address(one),
        seen=one.sightings,
    )


def own_address(one: Piece) -> str | None:
    """Where the story has its own page: where its headline leads, else the page that it stands first on.

    A page that is called by a single word is one of many stories: the site's first page, or that of a section.
    """
    if one.own_url is not None or one.url is None:
        return one.own_url
    name = urlsplit(one.url).path.rstrip("/").rpartition("/")[2]
    return one.url if one.article.position == 0 and "-" in name else None
