"""Damage is found and named, and what follows from the rest is mended."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from reader.errors import LibraryError
from reader.library import Library
from reader.library.database.schema import PAGE_BYTES
from reader.library.repair import Damage, check, rebuild
from tests.filling import indexes_its_articles, sql
from tests.generated import build


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that no test changes."""
    path = tmp_path_factory.mktemp("original") / "library.db"
    build(path, 64)
    return path


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "library.db"))


def damages(path: Path) -> list[Damage]:
    return list(check(path))


def everything(path: Path) -> list[object]:
    """All that a reader of the library can come to see; no digest covers when a capture was made, and how encoded."""
    with Library.open(path) as library:
        rows = library.listing().rows(0, 1_000)
        stored = [library.article(row.key)._replace(captured=None, encoding="") for row in rows]
        return [
            rows,
            stored,
            [[one._replace(captured=None) for one in library.versions(row.key)] for row in rows],
            [library.capture(one.capture_key)._replace(captured=None, encoding="") for one in stored],
            (library.totals(), library.sections(), library.problems()),
        ]


def test_a_flipped_bit_anywhere_is_found_or_does_no_harm(path: Path, thorough: bool) -> None:
    random = Random(1)
    original, before = path.read_bytes(), everything(path)
    for _ in range(400 if thorough else 20):
        place = random.randrange(100, len(original))
        data = bytearray(original)
        data[place] ^= 1 << random.randrange(8)
        for beside in path.parent.glob("*-*"):
            beside.unlink()
        path.write_bytes(data)
        try:
            is_found = bool(damages(path))
        except LibraryError:
            is_found = True
        assert is_found or everything(path) == before, f"byte {place} of {len(original)}"


@pytest.mark.parametrize(
    ("statement", "where", "what", "advice"),
    [
        (
            "UPDATE records SET record = CAST(replace(record, 'story', 'stork') AS BLOB) WHERE key = 9",
            "article 9 of pile/", "has been altered", "remove pile/",
        ),
        ("DELETE FROM records WHERE key = 9", "article 9 of pile/", "missing", "remove pile/"),
        ("UPDATE articles SET title = 'Another' WHERE key = 9", "article 9 of pile/", "does not match", "remove"),
        ("UPDATE captures SET text = x'00' WHERE capture_key = 2", "capture 2 of pile/", "unpacked", "remove pile/"),
        ("UPDATE captures SET digest = x'00' WHERE capture_key = 2", "capture 2 of", "has been altered", "add it"),
        ("DELETE FROM articles WHERE key = 3", "capture 1 of pile/", "7 of its 8 articles", "remove pile/"),
        ("UPDATE counters SET last_article = 3", "counters", "the key of another", "--mend"),
        ("UPDATE groups SET articles = 0 WHERE name = 'China'", "counters", "China: 0 articles are counted", "--mend"),
        ("UPDATE groups SET truncated = 99 WHERE name = 'China'", "counters", "99 of them truncated", "--mend"),
        ("UPDATE articles SET listed = 0 WHERE key = 5", "counters", "0 of its versions are listed", "--mend"),
        ("UPDATE articles SET completed = 1 WHERE key = 5", "counters", "wrongly marked as completed", "--mend"),
        ("INSERT INTO search (search) VALUES ('delete-all')", "search index", "are missing from it", "--mend"),
    ],
)  # fmt: skip
def test_damage_is_named_with_what_to_do(
    path: Path, statement: str, where: str, what: str, advice: str
) -> None:
    sql(path, statement)
    assert any(
        damage.where.startswith(where) and what in damage.what and advice in damage.advice
        for damage in damages(path)
    ), damages(path)


def test_a_command_to_paste_quotes_the_path(path: Path) -> None:
    sql(path, "UPDATE captures SET source = '/it''s here/a page.txt', text = x'00' WHERE capture_key = 2")
    (advice,) = {damage.advice for damage in damages(path) if damage.where.startswith("capture 2 ")}
    assert shlex.split(advice.split("“")[1].split("”")[0])[:3] == [
        "protocol-reader", "remove", "/it's here/a page.txt"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE counters SET last_article = 0, last_capture = 0",
        "UPDATE articles SET listed = 0, completed = 1 WHERE key % 5 = 0",
        "INSERT INTO search (search) VALUES ('delete-all')",
    ],
)
def test_what_follows_from_the_rest_is_mended(path: Path, statement: str) -> None:
    before = everything(path)
    sql(path, statement)
    assert damages(path)
    if "listed = 0" in statement:
        with Library.open(path) as library, pytest.raises(LibraryError, match="not all articles are listed"):
            library.ensure_sound()
    rebuild(path, lambda _: None)
    assert damages(path) == []
    with Library.open(path) as library:
        assert indexes_its_articles(library)
    assert everything(path) == before


def test_captures_far_behind_a_damaged_page_are_kept(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table in ("captures", "articles"):
            connection.execute(f"UPDATE {table} SET capture_key = capture_key * 100000")
        connection.commit()
        connection.execute("VACUUM")
        digests = [row[0] for row in connection.execute("SELECT digest FROM captures ORDER BY capture_key")]
        (text,) = connection.execute("SELECT text FROM captures WHERE capture_key = 200000").fetchone()
    data = bytearray(path.read_bytes())
    start = data.index(text) // PAGE_BYTES * PAGE_BYTES
    data[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(data)
    assert damages(path)[0].where == "file"
    with Library.open(path) as library, pytest.raises(LibraryError, match="damaged"):
        library.ensure_sound()
    rebuild(path, lambda _: None)
    kept = [digest for (digest,) in sql(path, "SELECT digest FROM captures")]
    assert digests[1] not in kept
    assert set(digests[-4:]) <= set(kept)
