"""A library to look over, and the overview on a stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reader.library import Library
from reader.model import Article, Block
from tests.app.stage import KEEP_READING, PAID
from tests.filling import add_pages
from tests.generated import a_page, an_article

STORIES: tuple[tuple[str, str | None, str | None], ...] = (
    ("2020-11-02", "China", None), ("2020-11-20", "China", "cut"), ("2020-12-05", "Fintech", "cut"),
    ("2021-03-01", "China", None), ("2021-03-02", "Fintech", None), ("2021-03-09", "Fintech", "Nimbuspay"),
    ("2021-03-30", None, None), ("2021-05-01", "China", "Kestrel & Sons"), ("2021-05-02", "Policy", ""),
    ("2021-06-30", "Policy", "Nimbuspay"), ("2021-07-01", "China", None), ("", "Policy", "cut"),
)  # fmt: skip
"""Date, section, and what is the matter: cut off, or paid for by whom ("": nobody knows)."""
AUTHORS = (("Lian Huarong",), ("Anders Whitlock", "Lian Huarong"), ())


def stories(turn: int) -> Iterator[Article]:
    """An article for each of `STORIES`, each with a text of its own."""
    for number, (day, section, matter) in enumerate(STORIES):
        paid = matter is not None and matter != "cut"
        lamp = Block("paragraph", f"The {number}th lamp of {number} went out on a day nobody wrote down.")
        yield an_article(
            number % 4,
            headline=f"Headline {number} of {turn}",
            section=section,
            kicker=section,
            published=day or None,
            authors=() if paid else AUTHORS[number % 3],
            truncated=KEEP_READING if matter == "cut" else None,
            sponsored=PAID if paid else None,
            sponsor=(matter or None) if paid else None,
            body=(lamp, Block("item", f"Turn {turn}")),
        )


def fill(library: Library, times: int = 1) -> None:
    """Add captures with the stories, four in each."""
    for turn in range(times):
        articles = tuple(stories(turn))
        for start in range(0, len(articles), 4):
            add_pages(library, [a_page(f"pile/{turn}-{start}.txt", *articles[start : start + 4])])


@contextmanager
def a_library(path: Path | None = None, times: int = 1) -> Iterator[Library]:
    """A library with the stories, at `path` or in a folder of its own."""
    with Library.temporary() if path is None else Library.open(path) as library:
        fill(library, times)
        yield library
