"""Captures taken out of a library and put back, and captures that a newer parser reads again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reader import parsing
from reader.library import Library, StoredPosition
from reader.library.ingest import files, reading, removing
from reader.library.ingest.removing import Removed
from reader.library.repair import check
from reader.model import Capture, Page
from reader.sanitize import sanitize
from tests.filling import add_pages, marked, sql
from tests.generated import a_page, an_article, page_texts


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    for number, text in enumerate(page_texts(160)):
        path = folder / str(number // 10) / f"{number:02}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return folder


def shown(library: Library) -> list[tuple[str, str]]:
    """What is listed, whatever its order."""
    listing = library.listing()
    return sorted((row.group, row.title) for row in listing.rows(0, len(listing)))


def chosen(library: Library, *names: str) -> dict[str, list[str]]:
    places = dict(sql(library, "SELECT capture_key, source FROM captures"))
    return {name: [places[key] for key in keys] for name, keys in library.captures_from(names).items()}


def found_from(library: Library, path: Path) -> list[int]:
    return library.captures_from([str(path)])[str(path)]


def sources(library: Library) -> list[str]:
    return [source for (source,) in sql(library, "SELECT source FROM captures ORDER BY capture_key")]


LINES = ["pile/lines.jsonl:1", "pile/lines.jsonl:12"]


def test_captures_are_chosen_by_file_folder_and_address(library: Library) -> None:
    for source, url in [
        ("pile/a.txt", "https://protocol.example/a"),
        ("pile/sub/b.txt", None),
        ("pileup/c.txt", None),
        *((line, None) for line in LINES),
        ("/else/where/d.txt", "https://protocol.example/d/"),
    ]:
        capture, page = a_page(source, an_article(), text=source)
        add_pages(library, [(capture._replace(url=url), page)])
    assert chosen(library, "pile/a.txt") == {"pile/a.txt": ["pile/a.txt"]}
    assert chosen(library, "./pile/") == {"./pile/": ["pile/a.txt", "pile/sub/b.txt", *LINES]}
    assert chosen(library, "pile/lines.jsonl", "pile/lines.jsonl:1") == {
        "pile/lines.jsonl": LINES[1:],
        "pile/lines.jsonl:1": LINES[:1],
    }
    absolute = str(Path("pile/sub").resolve())
    assert chosen(library, absolute) == {absolute: ["pile/sub/b.txt"]}
    assert chosen(library, "https://protocol.example/a/", "/else") == {
        "https://protocol.example/a/": ["pile/a.txt"],
        "/else": ["/else/where/d.txt"],
    }
    for name in "protocol.example/a", "www.protocol.example/a", "http://protocol.example/a":
        assert chosen(library, name) == {name: ["pile/a.txt"]}
    assert chosen(library, "pil", "https://protocol.example/") == {"pil": [], "https://protocol.example/": []}
    assert chosen(library, "//") == {"//": []}


ODD_NAMES = (
    "x\ny.txt", "x\x1by.txt", "x\udcffy.txt", "x\xa0y.txt", "x\u200by.txt", "x\\ny.txt", "x y.txt", "xy.txt", "x␛y.txt",
    "x\ufffdy.txt", "x\\\\ny.txt",
)  # fmt: skip


def test_names_that_cannot_be_shown_as_they_are_are_told_apart(library: Library, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("x", "x\ny")]
    paths = [folder / name for folder in folders for name in ODD_NAMES]
    for path, text in zip(paths, page_texts(8 * len(paths)), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    binary = tmp_path / "a\nb.txt"
    binary.write_bytes(b"\0" * 100)
    library.ingest([str(tmp_path)])
    found = [key for path in paths for key in found_from(library, path)]
    assert len(set(found)) == len(found) == len(paths)
    assert [len(found_from(library, folder)) for folder in folders] == [len(ODD_NAMES)] * 2
    assert all(source == sanitize(source) for source in sources(library))
    assert len(library.problems_from(str(binary))) == 1


def test_only_articles_that_no_other_capture_has_leave_the_library(library: Library) -> None:
    same, own = an_article(), an_article(headline="Only here")
    add_pages(library, [a_page("one.txt", same), a_page("two.txt", same, own, text="two")])
    captures = [library.article(key).capture_key for key in (1, 2)]
    assert [library.articles_only_in(keys) for keys in (captures[:1], captures[1:], captures)] == [0, 1, 2]
    assert library.remove(captures[1:]) == Removed(1, 1)
    assert library.remove(captures[:1]) == Removed(1, 1)


def test_what_is_removed_is_gone_and_comes_back_as_it_was(library: Library, pile: Path) -> None:
    library.ingest([str(pile)])
    before, totals, names = shown(library), library.totals(), sources(library)
    steps: list[Removed] = []
    removed = library.remove(found_from(library, pile / "1"), steps.append)
    assert removed == Removed(10, totals.articles - library.totals().articles)
    assert steps == [removed]
    assert list(check(library.path)) == []
    assert sources(library) == names[:10]
    with Library.open(pile.parent / "other.db") as other:
        other.ingest([str(pile / "0")])
        assert shown(library) == shown(other)
        assert library.totals() == other.totals()
    again = library.ingest([str(pile)])
    assert (again.new, again.known, again.unchanged) == (10, 10, 0)
    assert (shown(library), library.totals(), sources(library)) == (before, totals, names)
    assert list(check(library.path)) == []
    # So can a capture that is damaged.
    sql(library, "UPDATE records SET record = x'00' WHERE key IN (9, 10)")
    library.remove([key for (key,) in sql(library, "SELECT capture_key FROM articles WHERE key = 9")])
    library.ingest([str(pile)])
    assert shown(library) == before


class NewerParser:
    """A parser of the next version, which reads headlines in capitals."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        for module in (reading, removing, files):
            patch.setattr(module, "PARSER_VERSION", parsing.PARSER_VERSION + 1)
        patch.setattr(reading, "parse_capture", self.parse)

    def parse(self, capture: Capture) -> Page:
        self.read.append(capture.source)
        page = parsing.parse_capture(capture)
        number = int(Path(capture.source).stem)
        if number % 2:
            return page
        articles = [one._replace(headline=one.headline and one.headline.upper()) for one in page.articles]
        return page._replace(articles=tuple(articles))


@pytest.fixture
def few(pile: Path) -> list[str]:
    """So few captures that they are read in this process."""
    return sorted(map(str, (pile / "0").iterdir()))


def test_a_newer_parser_reads_what_is_known_again_once(
    library: Library, few: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.ingest(few)
    parser = NewerParser(monkeypatch)
    again = library.ingest(few)
    assert (again.captures, again.new, again.known, again.again) == (10, 0, 10, 5)
    assert again.articles == first.articles
    assert sorted(parser.read) == few
    assert list(check(library.path)) == []
    assert sorted(sources(library)) == few
    for (key,) in sql(library, "SELECT key FROM articles"):
        stored = library.article(key)
        headline = stored.article.headline
        assert headline is None or headline.isupper() is (int(Path(stored.source).stem) % 2 == 0)
    assert library.ingest(few).unchanged == 10
    assert sorted(parser.read) == few


def test_marks_go_along_when_words_are_read_otherwise(
    library: Library, few: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(key: int) -> tuple[str, int]:
        stored = library.article(key)
        return stored.source, stored.article.first_line

    library.ingest(few)
    keys = [key for (key,) in sql(library, "SELECT key FROM articles ORDER BY key LIMIT 12")]
    for key in keys:
        library.state.set_read(key, True)
    library.state.save_positions([StoredPosition(keys[0], 2, 5)])
    counts, read, left_at = marked(library), set(map(place, keys)), place(keys[0])
    NewerParser(monkeypatch)
    library.ingest(few)
    assert marked(library) == counts
    assert {place(key) for (key,) in sql(library, "SELECT key FROM read_articles")} == read
    position = library.last_position()
    assert position is not None
    assert (place(position.key), position.block, position.offset) == (left_at, 2, 5)
    # The actions were about the words as they were read before.
    assert library.state.undo() is None
    assert list(check(library.path)) == []
