"""Damaged libraries: what is intact comes out, and the rest is named.

The usual run takes one of each kind of the copies of `tests.library.damaging`, for the app only
of two kinds that can be opened; `--thorough` takes all of them.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from reader.app.app import ReaderApp
from reader.errors import LibraryError
from reader.library import Library
from reader.library.database.schema import digest_of, encode_article
from tests.commands.stage import Run
from tests.filling import sql
from tests.generated import build
from tests.library.damaging import COPIES, Copy, Original, make_copy, make_original

KINDS = 10


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        count = COPIES if metafunc.config.getoption("--thorough") else KINDS
        metafunc.parametrize("number", range(count))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return make_original(tmp_path_factory.mktemp("original"))


@pytest.fixture
def copy(original: Original, number: int, tmp_path: Path) -> Copy:
    return make_copy(original, number, tmp_path / "damaged")


def test_check_finds_it_and_all_that_reads_gives_what_is_intact_and_changes_nothing(
    copy: Copy, original: Original, run: Run, number: int, thorough: bool
) -> None:
    before = copy.path.read_bytes()
    here = ("--library", copy.path)
    assert run("check", *here).status in (1, 3)
    export = ["export", "--format", "json", *here]
    search = ["search", "--json", "--limit", "1000", *here, "the OR a OR -the"]
    for words in (export, search) if thorough or number % 2 else (export,):
        done = run(*words)
        ids = [article["id"] for article in done.objects]
        assert len(ids) == len(set(ids))
        assert copy.intact <= set(ids), (
            f"{copy.kind}: {len(copy.intact - set(ids))} intact articles are missing"
        )
        assert set(ids) <= set(original.ids.values()), "what is damaged was given out as if it were intact"
        assert done.status in (0, 1), done.err
        if words[0] == "export" and not original.listed <= set(ids):
            assert (done.status, str(copy.path) in done.err) == (1, True), done.err
    assert copy.path.read_bytes() == before


def test_mending_keeps_what_is_intact_and_the_file_as_it_was(
    copy: Copy, original: Original, run: Run
) -> None:
    before = copy.path.read_bytes()
    loses = copy.kind in ("bytes", "zeroed", "cut", "articles", "log")
    assert run("check", "--mend", "--library", copy.path).status in ((1,) if loses else (0, 1))
    kept = [path for path in copy.path.parent.iterdir() if path != copy.path]
    assert copy.kind == "log" or any(path.read_bytes() == before for path in kept)
    assert run("check", "--library", copy.path).status == 0
    with Library.open(copy.path) as library:
        listing = library.listing()
        stored = [library.article(row.key) for row in listing.rows(0, len(listing))]
        assert copy.intact <= {one.article.id for one in stored} <= set(original.ids.values())
        for one in stored:
            library.capture(one.capture_key)
    if copy.kind not in ("bytes", "zeroed", "schema", "header", "first page"):
        marks = sql(copy.path, "SELECT identity FROM marks WHERE starred")
        assert {identity for (identity,) in marks} == original.marks


def test_originals_that_are_added_again_replace_what_was_left_of_them(tmp_path: Path, run: Run) -> None:
    original = make_original(tmp_path)
    count = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM articles)"
    before = sql(original.path, count)
    sql(original.path, "DELETE FROM captures WHERE capture_key = 3")
    sql(original.path, "UPDATE captures SET text = x'00' WHERE capture_key = 5")
    assert run("check", "--mend", "--library", original.path).status == 1
    assert run("add", "--library", original.path, tmp_path / "pile").status == 0
    assert sql(original.path, count) == before
    assert not sql(original.path, "SELECT 1 FROM captures WHERE partial IS NOT NULL")
    assert run("check", "--library", original.path).status == 0


async def test_the_app_works_on_it_or_leaves_with_a_sentence(copy: Copy, thorough: bool) -> None:
    if copy.kind not in ("articles", "odd values") and not thorough:
        pytest.skip("most of them cannot be opened, or are like these: --thorough")
    # The app turns any ReaderError that ends it into a sentence; what else ended it would be raised here.
    with suppress(LibraryError), Library.open(copy.path) as library:
        app = ReaderApp(library, title="Library")
        async with app.run_test(size=(110, 30)) as pilot:
            for key in "down enter tab end m asterisk v escape o escape i escape".split():
                await pilot.press(key)
                await pilot.pause()
        app.finish(6)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "library.db"
    build(path, 16)
    with Library.open(path) as library:
        library.state.save_search("Tides", "tide")
    return path


@pytest.mark.parametrize("damage", ["UPDATE captures SET text = 'text'", ""])
def test_advice_names_the_library_unless_it_is_the_default(
    sound: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    path = tmp_path / "my library.db"
    if damage:
        shutil.copy(sound, path)
        sql(path, damage)
    else:
        path.write_bytes(b"not a library")
    option = f" --library '{path}'"
    named = run("check", "--library", path)
    advised = re.findall(r"“(protocol-reader .*?)”", named.out + named.err)
    assert advised
    assert all(command.endswith(option) for command in advised)
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(path))
    default = run("check")
    assert default.out + default.err == (named.out + named.err).replace(option, "")


@pytest.mark.parametrize("command", ["search the", "export --format=text"])
def test_damage_is_reported_before_the_search_for_what_is_intact(
    sound: Path, tmp_path: Path, run: Run, command: str
) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(bytes(4096) + sound.read_bytes()[4096:])
    done = run(*command.split(), "--library", path)
    damage, search, *_ = done.err.splitlines()
    assert (done.status, str(path) in damage, "check --mend" in damage) == (1, True, True)
    assert "looking for what is intact" in search
    assert done.out


@pytest.mark.parametrize("command", ["search the", "export --format=text"])
def test_no_backup_is_advised_in_place_of_what_another_program_made(
    tmp_path: Path, run: Run, command: str
) -> None:
    path = tmp_path / "other.db"
    sql(path, "CREATE TABLE theirs (x)")
    done = run(*command.split(), "--library", path)
    assert (done.status, done.out) == (3, "")
    assert "belongs to another program" in done.err
    assert done.err.endswith("nothing of a library was found in it\n")


def test_mending_a_file_without_anything_intact_does_not_advise_mending(
    sound: Path, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(sound.read_bytes()[:20_000])
    status, _, err = run("check", "--mend", "--library", path)
    assert (status, err.count("\n")) == (3, 1)
    assert "no article in this file is intact; put a backup in its place" in err


@pytest.mark.parametrize(("field", "value"), [("headline", 5), ("body", [[1, 2]])])
def test_an_article_with_odd_values_and_the_right_checksum_is_read_again_from_its_capture(
    sound: Path, tmp_path: Path, run: Run, field: str, value: Any
) -> None:
    path = Path(shutil.copy(sound, tmp_path / "library.db"))
    with Library.open(path) as library:
        article = library.article(3).article
    record = encode_article(article._replace(**{field: value}))
    sql(path, "UPDATE records SET record = ?, digest = ? WHERE key = 3", (record, digest_of(record)))
    status, _, err = run("check", "--mend", "--library", path)
    assert (status, "was damaged; it is read again from its capture" in err) == (1, True)
    assert run("check", "--library", path).status == 0


def test_mending_through_a_link_mends_the_file_with_its_log_and_keeps_its_mode(
    sound: Path, tmp_path: Path, run: Run
) -> None:
    path, link = tmp_path / "disk" / "library.db", tmp_path / "link.db"
    path.parent.mkdir()
    shutil.copy(sound, path)
    path.chmod(0o664)
    link.symlink_to(path)
    log = path.with_name("library.db-wal")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "UPDATE records SET record = x'00' WHERE key = 3; UPDATE searches SET name = 'in the log'"
        )
        file, changes = path.read_bytes(), log.read_bytes()
    path.write_bytes(file)
    log.write_bytes(changes)
    run("check", "--mend", "--library", link)
    assert run("check", "--library", path).status == 0
    assert link.readlink() == path
    assert path.stat().st_mode & 0o777 == 0o664
    with Library.open(path) as library:
        assert [search.name for search in library.state.searches()] == ["in the log"]
