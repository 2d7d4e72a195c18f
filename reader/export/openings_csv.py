"""Stories known only by their openings, as CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reader.export.csv import line
from reader.export.openings import opening
from reader.export.piece import About, Piece

COLUMNS = (
    "title", "section", "authors", "published", "words", "why", "sponsor", "address", "captures", "seen_at",
    "seen_in",
)  # fmt: skip
"""`words` are those that are known, `address` is that of its own page; it was seen on the pages `seen_at`."""


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """A line of headings, then one a story."""
    yield line(COLUMNS)
    for one in map(opening, pieces):
        yield line(
            (
                one.title,
                one.section or "",
                "; ".join(one.authors),
                one.published or "",
                str(one.words),
                one.because,
                one.sponsor or ("unknown" if one.sponsored else ""),
                one.address or "",
                str(len(one.seen)),
                " ".join(dict.fromkeys(seen.url for seen in one.seen if seen.url)),
                "; ".join(dict.fromkeys(seen.source for seen in one.seen)),
            )
        )
