"""The tool that makes libraries for benchmarks makes the library it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.library import UNSECTIONED, Library
from tests.generated import SECTIONS, build, pages


def test_a_generated_library_has_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    build(path, 1_003)
    with Library.open(path) as library:
        totals = library.totals()
        assert (totals.articles, len(library.listing()), totals.captures) == (1_003, 1_003, 126)
        assert 0.25 < totals.truncated / totals.articles < 0.31
        assert 0.03 < totals.sponsored / totals.articles < 0.05
        assert {section.name for section in library.sections()} >= {*SECTIONS, UNSECTIONED}
        stored = library.article(1)
        assert all(block.text in library.raw(stored.capture_key) for block in stored.article.body)
    with pytest.raises(FileExistsError):
        build(path, 1)


def test_line_numbers_point_into_the_capture() -> None:
    for capture, page in pages(800):
        lines = capture.text.split("\n")
        for article in page.articles:
            own = lines[article.first_line - 1 : article.last_line]
            assert all(block.text in own for block in article.body)
            assert article.headline is None or article.headline in own
            for reason in filter(None, (article.truncated, article.sponsored)):
                assert lines[reason.line - 1] == reason.text


def test_the_same_seed_gives_the_same_articles() -> None:
    assert list(pages(100, seed=3)) == list(pages(100, seed=3))
    assert list(pages(100, seed=3)) != list(pages(100, seed=4))
