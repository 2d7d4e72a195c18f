"""Articles for programs and spreadsheets: JSON Lines and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any, Final

from reader.export.items import Export, ExportItem, text_of
from reader.export.provenance import completeness, payment

CSV_COLUMNS: Final = (
    "id", "title", "section", "authors", "published", "words", "truncated", "sponsored", "sponsor", "deck",
    "text", "completeness", "payment", "source", "url", "captured", "captures", "tags",
)  # fmt: skip
"""`completeness` says whether the text is whole, `payment` who paid, each with its evidence; `captures` is a number."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters that make a spreadsheet read a cell as a formula; some accept the wide forms too."""


def json_lines(export: Export) -> Iterator[str]:
    """One object per line: the article as `parse` prints it, and its origin."""
    for item in export.items:
        yield json.dumps(_to_json(item), ensure_ascii=False) + "\n"


def _to_json(item: ExportItem) -> dict[str, Any]:
    return {
        **item.article.to_json(),
        "id": item.id,
        "source": item.source,
        "url": item.url,
        "captured": item.captured,
        "partial": item.partial,
        "merged": dict(item.merged),
        "sightings": [occurrence._asdict() for occurrence in item.occurrences],
    }


def csv_table(export: Export) -> Iterator[str]:
    """A row of headings, then one row per article; blank lines separate the paragraphs of its text."""
    yield csv_row(CSV_COLUMNS)
    for item in export.items:
        article = item.article
        yield csv_row(
            (
                item.id,
                article.title,
                article.section or "",
                "; ".join(article.authors),
                article.published or "",
                str(article.words),
                "yes" if article.truncated else "no",
                "yes" if article.sponsored else "no",
                article.sponsor or "",
                article.deck or "",
                text_of(item),
                completeness(item),
                payment(article) or "",
                item.source,
                item.url or "",
                item.captured or "",
                str(len(item.occurrences)),
                "; ".join(item.tags),
            )
        )


def csv_row(cells: Sequence[str]) -> str:
    """A row with its line end; no cell of it is a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_plain_cell, cells))
    return out.getvalue()


def _plain_cell(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet might take it for a formula."""
    return (
        f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) else text
    )
