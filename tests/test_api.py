"""The Python interface: captures and a library as records."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import reader
from reader.library import Library
from reader.library.state.anchors import Quote
from reader.model import Problem
from reader.workers import SMALL
from tests.app.features.corrections_stage import (
    BANK_TITLE,
    FERRY_TITLE,
    HARBOR,
    HARBOR_TITLE,
    a_library,
    key_of,
    write_captures,
)
from tests.captures.archives import tarred, zipped
from tests.paths import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with a_library(tmp_path) as library:
        return library.path


def test_captures_are_read_and_problems_are_named(tmp_path: Path) -> None:
    write_captures(tmp_path)
    (tmp_path / "captures" / "broken.json").write_text("{")
    problems: list[Problem] = []
    pages = list(reader.read_captures(tmp_path / "captures", problems.append))
    assert sorted(article.title for page in pages for article in page.articles) == sorted(
        [HARBOR_TITLE, BANK_TITLE, FERRY_TITLE]
    )
    assert [Path(problem.source).name for problem in problems] == ["broken.json"]
    for path in (str(tmp_path / "captures"), os.fsencode(tmp_path / "captures")):
        assert len(list(reader.read_captures(path))) == len(list(reader.read_captures([path]))) == len(pages)
    nowhere = tmp_path / "nowhere"
    with pytest.raises(reader.CaptureError, match="nowhere: there is no such file"):
        list(reader.read_captures(nowhere))
    assert list(reader.read_captures([nowhere], problems.append)) == []
    assert problems[1].source == str(nowhere)


@pytest.mark.parametrize("page", [b"A page", None])
def test_only_a_text_is_parsed(page: object) -> None:
    with pytest.raises(TypeError, match=f"not {type(page).__name__}; save HTML or bytes to a file"):
        reader.parse(page)  # type: ignore[arg-type]


def test_every_name_is_offered_before_its_first_use_and_no_file_stays_open(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": b"A page"}))
    (tmp_path / "a.tar").write_bytes(tarred({"a.txt": b"A page"}))
    code = (
        "import sys, reader; assert set(reader.__all__) <= set(dir(reader))\n"
        "print(len(list(reader.read_captures(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_a_library_has_articles_versions_and_texts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with reader.open_library(path) as library:
        assert len(library) == 3
        titles = [stored.article.title for stored in library]
        assert sorted(titles) == sorted([HARBOR_TITLE, BANK_TITLE, FERRY_TITLE])
        (harbor,) = library.articles("in:headline harbor")
        assert library.text_of_capture(harbor.capture_key) == HARBOR
        assert [version.key for version in library.versions(harbor.key)] == [harbor.key]
        assert library.article(harbor.key) == harbor
    with pytest.raises(reader.ReaderError, match="there is no library"):
        reader.open_library(path.with_name("none.db"))
    with pytest.raises(reader.LibraryError, match=f"{path.parent}: not a file"):
        reader.open_library(path.parent)
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(path.with_name("other.db")))
    with pytest.raises(reader.LibraryError, match=r"other\.db: there is no library"):
        reader.open_library()


def test_a_search_gives_passages_and_stops_at_its_limit(path: Path) -> None:
    with reader.open_library(str(path)) as library:
        (found,) = library.search("tablet ridden")
        assert found.stored.article.title == BANK_TITLE
        assert "ridden up a valley" in found.passage
        assert len(list(library.search("in OR the"))) == 3
        assert len(list(library.search("in OR the", 2))) == 2
        assert list(library.search("in OR the", 0)) == []
        assert len(list(library.search("in OR the", 2, by_relevance=True))) == 2
        with pytest.raises(reader.QueryError):
            list(library.search("is:odd"))
        with pytest.raises(ValueError, match="limit must be None, 0 or more, not -1"):
            library.search("in OR the", -1)


def test_a_closed_library_and_another_thread_are_explained(path: Path) -> None:
    with reader.open_library(path) as library, ThreadPoolExecutor(1) as other:
        begun = library.articles()
        next(begun)
        with pytest.raises(reader.LibraryError, match="only be used in the thread that opened it"):
            other.submit(len, library).result()
    for use in (lambda: len(library), lambda: next(begun), lambda: list(library.search("the"))):
        with pytest.raises(reader.LibraryError, match="the library is closed"):
            use()


_SCRIPT = """
import sys
from pathlib import Path
import reader
from reader.library import Library

print("begun", flush=True)
folder, file = sys.argv[1:]
with Library.open(Path(file)) as library:
    print(library.ingest([folder]).new)
print(len(list(reader.read_captures(folder))))
with reader.open_library(file) as library:
    print(len(library))
"""


def test_a_script_needs_no_main_guard_to_start_workers(tmp_path: Path) -> None:
    folder, script = tmp_path / "many", tmp_path / "script.py"
    folder.mkdir()
    for town in ("Vellmouth", "Harrow"):
        # Long enough to be read by workers.
        bridges = "\n\n".join(
            f"The {number}th bridge of {town} was counted." for number in range(SMALL // 30)
        )
        (folder / f"{town}.txt").write_text(f"Policy\n\n{town} counts its bridges\n\n{bridges}\n")
    script.write_text(_SCRIPT)
    done = subprocess.run(
        [sys.executable, script, folder, tmp_path / "library.db"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout.split(), done.stderr) == (["begun", "2", "2", "2"], "")


def test_highlights_and_tags(path: Path) -> None:
    with Library.open(path) as kept:
        key = key_of(kept, HARBOR_TITLE)
        kept.annotations.highlight(key, Quote("a blue spine"), "blue", "Which blue?")
        kept.annotations.set_tags(key, ["ports"])
    with reader.open_library(path) as library:
        assert [note.note for note in library.highlights(key)] == ["Which blue?"]
        assert library.tags(key) == library.tags() == ("ports",)


def test_notebooks_show_text_and_no_markup_of_a_page(path: Path) -> None:
    page = reader.parse(HARBOR.replace("The tablet is named", "<script>The tablet</script> is named"))
    assert BANK_TITLE in page._repr_html_()
    assert page.articles[0]._repr_html_().count("<p>") >= 2
    assert "<script>" not in "".join(article._repr_html_() for article in page.articles)
    with reader.open_library(path) as library:
        assert all("<h3>" in stored._repr_html_() for stored in library)
