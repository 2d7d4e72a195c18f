"""Doubtful articles: kept, found by `is:doubtful` in list and search, and settled by a correction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.library import Filters, Library, Sort
from reader.library.articles import LineRef
from reader.library.ingest.reading import text_digest
from reader.library.repair import check
from reader.library.state import corrections
from tests.app.features.corrections_stage import BANK_TITLE, HARBOR
from tests.parsing.test_confidence import UNCLEAR

TRAIN = LineRef(text_digest(UNCLEAR), 7)
FARMS = "Jinhe’s rooftop farms are not feeding anyone yet"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    clear = HARBOR[HARBOR.index("Fintech") : HARBOR.index("By ten")]
    for name, text in (("clear.txt", clear), ("unclear.txt", UNCLEAR)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library.db") as library:
        library.ingest([str(tmp_path / "clear.txt"), str(tmp_path / "unclear.txt")])
        yield library


def listed(library: Library, words: str) -> list[str]:
    listing = library.listing(Filters(words=words), Sort.ADDED)
    return [row.title for row in listing.rows(0, len(listing))]


def found(library: Library, query: str) -> list[str]:
    return [match.row.title for match in library.search(query).hits]


def test_the_list_has_the_states_of_a_search(library: Library) -> None:
    assert listed(library, "is:doubtful") == found(library, "is:doubtful") == [FARMS]
    assert listed(library, "is:doubtful farms") == [FARMS]
    assert listed(library, "is:doubtful tablet") == listed(library, "is:doubtfully") == []
    assert found(library, "-is:doubtful") == [BANK_TITLE]
    assert len(listed(library, "is:doubt")) == len(listed(library, "is:")) == 2  # It is being typed.
    library.state.set_starred(next(iter(library.listing().keys())), True)
    for state in ("truncated", "whole", "sponsored", "unread", "read", "starred"):
        for query in (f"is:{state}", f"-is:{state}"):
            assert sorted(listed(library, query)) == sorted(found(library, query))


def test_a_corrected_article_is_no_longer_doubtful_until_that_is_undone(library: Library) -> None:
    library.state.correct(TRAIN, corrections.label("subhead"), "The lettuce comes by train")
    assert listed(library, "is:doubtful") == found(library, "is:doubtful") == []
    library.state.undo()
    assert listed(library, "is:doubtful") == found(library, "is:doubtful") == [FARMS]
    assert list(check(library.path)) == []
