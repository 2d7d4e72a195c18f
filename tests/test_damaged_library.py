"""Of a damaged library, all that is intact comes out and the rest is named; the file itself is never lost.

The usual run takes a dozen of the copies of `tests.damaging`, one of each kind; `--thorough` takes all of them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from reader.app.app import ReaderApp
from reader.cli import main
from reader.errors import LibraryError
from reader.library import Library
from tests.damaging import COPIES, Copy, Original, make_copy, make_original

DOZEN = 12


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        count = COPIES if metafunc.config.getoption("--thorough") else DOZEN
        metafunc.parametrize("number", range(count))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return make_original(tmp_path_factory.mktemp("original"))


@pytest.fixture
def copy(original: Original, number: int, tmp_path: Path) -> Copy:
    return make_copy(original, number, tmp_path / "damaged")


def exported(path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> tuple[int, set[str], str]:
    """The status, the ids of what came out, and what was said."""
    status = main(["export", "--format", "json", "--library", str(path)])
    out, said = capsysbinary.readouterr()
    return status, {json.loads(line)["id"] for line in out.splitlines()} if out else set(), said.decode()


def ids_of(original: Original) -> set[str]:
    return set(original.ids.values())


def test_export_gives_what_is_intact_and_names_the_rest(
    copy: Copy, original: Original, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    status, ids, said = exported(copy.path, capsysbinary)
    assert copy.intact <= ids, f"{copy.kind}: {len(copy.intact - ids)} intact articles are missing"
    assert ids <= ids_of(original), "what is damaged was given out as if it were intact"
    assert "Traceback" not in said
    if ids >= original.listed:
        assert status in (0, 1)
    else:
        assert status == 1, said
        assert str(copy.path) in said


def test_search_gives_what_is_intact(
    copy: Copy, original: Original, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ["search", "--json", "--limit", "1000", "--library", str(copy.path), "the OR a OR -the"]
    status = main(words)
    out, said = capsysbinary.readouterr()
    ids = [json.loads(line)["id"] for line in out.splitlines()]
    assert len(ids) == len(set(ids))
    assert set(ids) <= ids_of(original)
    assert copy.intact <= set(ids)
    assert status in (0, 1), said


def test_mending_keeps_what_is_intact_and_the_file_as_it_was(
    copy: Copy, original: Original, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy.path.read_bytes()
    assert main(["check", "--mend", "--library", str(copy.path)]) == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    kept = [path for path in copy.path.parent.iterdir() if path != copy.path]
    assert copy.kind == "log" or any(
        hashlib.sha256(path.read_bytes()).digest() == _sum(before) for path in kept
    )
    assert main(["check", "--words", "--library", str(copy.path)]) == 0, capsys.readouterr()
    with Library.open(copy.path) as library:
        listing = library.listing()
        stored = [library.article(row.key) for row in listing.rows(0, len(listing))]
        assert copy.intact <= {one.article.id for one in stored} <= ids_of(original)
        for one in stored:
            library.raw(one.capture_key)
    if copy.kind not in ("bytes", "swapped", "zeroed", "schema", "header"):
        with closing(sqlite3.connect(copy.path)) as connection:
            marks = {
                identity for (identity,) in connection.execute("SELECT identity FROM marks WHERE starred")
            }
        assert marks == original.marks


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_check_finds_each_damage_and_changes_nothing(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    before = copy.path.read_bytes()
    assert main(["check", "--library", str(copy.path)]) in (1, 3)
    assert copy.path.read_bytes() == before
    assert "Traceback" not in "".join(capsys.readouterr())


async def test_the_app_works_on_it_or_leaves_with_a_sentence(copy: Copy) -> None:
    # The app turns any ReaderError that ends it into a sentence; what else ended it would be raised here.
    with suppress(LibraryError), Library.open(copy.path) as library:
        app = ReaderApp(library, title="Library")
        async with app.run_test(size=(110, 30)) as pilot:
            for key in (
                "down",
                "enter",
                "tab",
                "end",
                "m",
                "asterisk",
                "v",
                "escape",
                "o",
                "escape",
                "i",
                "escape",
            ):
                await pilot.press(key)
                await pilot.pause(0.02)
        app.finish(6)
