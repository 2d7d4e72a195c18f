"""Whether mistakes are found among doubtful articles: `python -m tests.benchmarks.doubts [FOLDER …]`.

A folder holds captures (NNN.txt) with their truth (NNN.json), and is a row of the table. Without folders, the known
captures and each judged set are. An article that is wrong in any field is a mistake.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from reader.parsing import parse
from tests.parsing.truth import wrong_articles
from tests.paths import CAPTURES, JUDGED

SHARES = (0.05, 0.1, 0.2)
_HEAD = ("captures", "articles", "wrong", *(f"{share:.0%} least certain" for share in SHARES), "doubtful")


class ReadArticle(NamedTuple):
    """An article as the parser read it."""

    confidence: float
    wrong: bool
    doubtful: bool


def main(folders: Sequence[str]) -> None:
    """Print how many of the mistakes are among the least certain articles."""
    sets = {Path(folder).name: Path(folder).glob("*.txt") for folder in folders} or _own_sets()
    rows: list[Sequence[str]] = [_HEAD]
    everything: list[ReadArticle] = []
    for name, paths in sets.items():
        articles = [article for path in sorted(paths) for article in read_articles(path)]
        rows.append(row(name, articles))
        everything += articles
    rows.append(row("all", everything))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |")


def _own_sets() -> dict[str, Iterable[Path]]:
    judged = groupby(sorted(JUDGED.glob("*.txt")), key=lambda path: path.name[0])
    return {"captures": CAPTURES.glob("*.txt")} | {f"set {letter}": list(paths) for letter, paths in judged}


def read_articles(path: Path) -> list[ReadArticle]:
    """Read a capture and hold its articles against the truth; none if nobody has written it down."""
    truth = path.with_suffix(".json")
    if not truth.exists():
        return []
    page = parse(path.read_bytes().decode("utf-8-sig", "replace"))
    wrong = wrong_articles(page, json.loads(truth.read_text(encoding="utf-8")))
    return [
        ReadArticle(article.confidence or 0.0, is_wrong, article.doubtful)
        for article, is_wrong in zip(page.articles, wrong, strict=True)
    ]


def row(name: str, articles: Sequence[ReadArticle]) -> Sequence[str]:
    """A row of the table: how many mistakes there are, and how many of them are found."""
    mistakes = sum(article.wrong for article in articles)
    cells = [name, f"{len(articles):,}", f"{mistakes:,}"]
    ordered = sorted(articles, key=lambda article: article.confidence)
    for share in SHARES:
        found = sum(article.wrong for article in ordered[: round(share * len(articles))])
        cells.append(_share(found, mistakes))
    doubtful = [article for article in articles if article.doubtful]
    found = sum(article.wrong for article in doubtful)
    return [*cells, f"{_share(found, mistakes)} in {_share(len(doubtful), len(articles))}"]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


if __name__ == "__main__":
    main(sys.argv[1:])
