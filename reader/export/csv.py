"""A list of articles as CSV for a spreadsheet, in which no cell is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from reader.export.facts import completeness, payment
from reader.export.piece import About, Piece

COLUMNS = (
    "id", "title", "section", "authors", "published", "words", "truncated", "sponsored", "sponsor", "text",
    "payment", "source", "url", "captured", "captures",
)  # fmt: skip
"""`text` says whether it is whole and `payment` who paid, each with how that is known; `captures` is their number."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes spreadsheets take a cell for a formula, the wide forms in some."""


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """A line of headings, then one an article."""
    yield line(COLUMNS)
    for one in pieces:
        article = one.article
        yield line(
            (
                one.id,
                article.title,
                article.section or "",
                "; ".join(article.authors),
                article.published or "",
                str(article.words),
                "yes" if article.truncated else "no",
                "yes" if article.sponsored else "no",
                article.sponsor or "",
                completeness(one),
                payment(article) or "",
                one.source,
                one.url or "",
                one.captured or "",
                str(len(one.sightings)),
            )
        )


def cell(text: str) -> str:
    """A text that a spreadsheet shows and does not compute: an apostrophe in front where it might."""
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) or text.startswith(_FORMULAS) else text


def line(cells: Sequence[str]) -> str:
    """A line of a file, every cell as `cell` makes it."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(cell, cells))
    return out.getvalue()
