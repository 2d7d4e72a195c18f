"""Whether mistakes are found among doubtful articles: `python -m tests.benchmarks.doubts [FOLDER …]`.

A folder holds captures (NNN.txt) with their truth (NNN.json), and is a row of the table. Without folders, the known
captures and each judged set are. An article that is wrong in any field is a mistake.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reader.model import Article
from reader.parsing import parse
from tests.parsing.truth import wrong_articles
from tests.paths import CAPTURES, JUDGED

_SHARES = (0.05, 0.1, 0.2)


def main(folders: Sequence[str]) -> None:
    """Print how many of the mistakes are among the least certain articles."""
    sets: dict[str, list[Path]] = {Path(folder).name: [*Path(folder).glob("*.txt")] for folder in folders}
    if not sets:
        sets["captures"] = [*CAPTURES.glob("*.txt")]
        for path in sorted(JUDGED.glob("*.txt")):
            sets.setdefault(f"set {path.name[0]}", []).append(path)
    sets["all"] = [path for paths in sets.values() for path in paths]
    head = (f"{share:.0%} least certain" for share in _SHARES)
    rows = [["captures", "articles", "wrong", *head, "doubtful"]]
    rows += [[name, *_cells(list(_articles(paths)))] for name, paths in sets.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("| " + " | ".join(map(str.ljust, row, widths)) + " |")


def _articles(paths: Iterable[Path]) -> Iterator[tuple[Article, bool]]:
    """The articles of captures whose truth is written down, and whether each is wrong."""
    for path in paths:
        truth = path.with_suffix(".json")
        if truth.exists():
            page = parse(path.read_bytes().decode("utf-8-sig", "replace"))
            wrong = wrong_articles(page, json.loads(truth.read_text(encoding="utf-8")))
            yield from zip(page.articles, wrong, strict=True)


def _cells(articles: Sequence[tuple[Article, bool]]) -> Iterator[str]:
    """How many mistakes there are, and how many of them are found."""
    ordered = sorted(articles, key=lambda entry: entry[0].confidence or 0)
    doubtful = [entry for entry in articles if entry[0].doubtful]
    mistakes = sum(wrong for _, wrong in articles)

    def share(part: int, whole: int) -> str:
        return f"{part / whole:.0%}" if whole else "–"

    yield f"{len(articles):,}"
    yield f"{mistakes:,}"
    for part in _SHARES:
        yield share(sum(wrong for _, wrong in ordered[: round(part * len(articles))]), mistakes)
    found = sum(wrong for _, wrong in doubtful)
    yield f"{share(found, mistakes)} in {share(len(doubtful), len(articles))}"


if __name__ == "__main__":
    main(sys.argv[1:])
