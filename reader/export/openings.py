"""Lists the stories of which only the opening is known: what to search for, and which captures show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from reader.export.data import csv_row
from reader.export.items import Export, ExportItem, Occurrence
from reader.export.provenance import in_words

_CSV_COLUMNS: Final = (
    "title", "section", "authors", "published", "words", "why", "sponsor", "address", "captures", "seen_at",
    "seen_in",
)  # fmt: skip
"""`words` is how many are known, `address` the story's own page; `seen_at` lists the pages that show its opening."""


class Opening(NamedTuple):
    """A story of which only the opening is known."""

    title: str
    headline: str | None
    section: str | None
    authors: tuple[str, ...]
    published: str | None
    words: int
    """The number of known words."""
    because: str
    """Why it counts as cut off, in words."""
    evidence: str
    """The line that shows it."""
    sponsor: str | None
    sponsored: bool
    address: str | None
    """The address of its own page, if a capture tells or suggests it."""
    seen: tuple[Occurrence, ...]
    """The captures that have the opening."""


def to_opening(item: ExportItem) -> Opening:
    """Extract what an item says about its story. Its text need not be cut off."""
    article, cut = item.article, item.article.truncated
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
        address=own_address(item),
        seen=item.occurrences,
    )


def own_address(item: ExportItem) -> str | None:
    """Return the address of the story's own page: the link of its headline, or else the page that shows it first.

    A page with a single word in its path shows many stories: the front page of the site or of a section.
    """
    if item.own_url is not None or item.url is None:
        return item.own_url
    name = urlsplit(item.url).path.rstrip("/").rpartition("/")[2]
    return item.url if item.article.position == 0 and "-" in name else None


def openings_csv(export: Export) -> Iterator[str]:
    """A row of headings, then a row a story."""
    yield csv_row(_CSV_COLUMNS)
    for opening in map(to_opening, export.items):
        yield csv_row(
            (
                opening.title,
                opening.section or "",
                "; ".join(opening.authors),
                opening.published or "",
                str(opening.words),
                opening.because,
                opening.sponsor or ("unknown" if opening.sponsored else ""),
                opening.address or "",
                str(len(opening.seen)),
                " ".join(dict.fromkeys(seen.url for seen in opening.seen if seen.url)),
                "; ".join(dict.fromkeys(seen.source for seen in opening.seen)),
            )
        )


def openings_json(export: Export) -> Iterator[str]:
    """One object, on one line, per story."""
    for opening in map(to_opening, export.items):
        seen = [{"source": seen.source, "url": seen.url, "captured": seen.captured} for seen in opening.seen]
        yield json.dumps({**opening._asdict(), "seen": seen}, ensure_ascii=False) + "\n"


def openings_urls(export: Export) -> Iterator[str]:
    """The known addresses, one a line, each once."""
    listed = set()
    for item in export.items:
        address = own_address(item)
        if address is not None and address not in listed:
            listed.add(address)
            yield f"{address}\n"
