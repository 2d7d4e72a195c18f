"""Damaged copies of a library: ten kinds of damage, seeded, and what must survive each."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from reader.library import Library
from tests.filling import add_pages
from tests.generated import pages

COPIES: Final = 30
ARTICLES: Final = 160
PAGE: Final = 8192


class Original(NamedTuple):
    """A sound library, and what is in it."""

    path: Path
    folder: Path
    """Where its captures are."""
    ids: dict[int, str]
    """`Article.id` by key."""
    listed: frozenset[str]
    """The ids of those that are listed."""
    records: dict[int, bytes]
    """Digest and record of each article, as they lie in a page."""
    owners: dict[int, str]
    """The table or index that begins in a page."""
    log: bytes
    """A log of another library."""
    marks: frozenset[bytes]
    """The identities of what is starred."""


class Copy(NamedTuple):
    """A damaged copy."""

    path: Path
    kind: str
    intact: frozenset[str]
    """The ids of the articles that lie in pages that are as they were."""


def make_original(folder: Path) -> Original:
    """A library of invented articles, some of them marked."""
    pile = folder / "pile"
    pile.mkdir(parents=True)
    for number, (capture, _) in enumerate(pages(ARTICLES)):
        (pile / f"{number:03}.txt").write_text(capture.text, "utf-8")
    path = folder / "library.db"
    with Library.open(path) as library:
        library.ingest([str(pile)], jobs=1)
        for row in library.listing().rows(0, 9):
            library.state.set_starred(row.key, True)
        library.state.save_search("Tides", "tide OR harbor")
    with closing(sqlite3.connect(path)) as connection:
        ids = {
            key: identity.hex() for key, identity in connection.execute("SELECT key, identity FROM articles")
        }
        listed = frozenset(
            identity.hex()
            for (identity,) in connection.execute("SELECT identity FROM articles WHERE seq IS NOT NULL")
        )
        rows = connection.execute("SELECT key, digest, record FROM records").fetchall()
        marks = frozenset(
            identity for (identity,) in connection.execute("SELECT identity FROM marks WHERE starred")
        )
        owners = dict(connection.execute("SELECT rootpage, name FROM sqlite_schema WHERE rootpage"))
    records = {key: digest + record for key, digest, record in rows}
    return Original(path, pile, ids, listed, records, owners, _log_of_another(folder), marks)


def make_copy(original: Original, number: int, folder: Path) -> Copy:
    """The damaged copy of a number; the same number gives the same damage."""
    kinds = list(_KINDS)
    kind = kinds[number % len(kinds)]
    folder.mkdir(parents=True)
    path = folder / "library.db"
    shutil.copy(original.path, path)
    before = original.path.read_bytes()
    _KINDS[kind](path, original, Random(number))
    after = path.read_bytes()
    sound = {after[start : start + PAGE] for start in range(0, len(after), PAGE)}
    sound &= {before[start : start + PAGE] for start in range(0, len(before), PAGE)}
    intact = {
        original.ids[key]
        for key, record in original.records.items()
        if (at := before.find(record)) >= 0 and before[at - at % PAGE : at - at % PAGE + PAGE] in sound
    }
    return Copy(path, kind, frozenset(intact))


def _change(path: Path, change: Callable[[bytearray], object]) -> None:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def _flip_bytes(path: Path, original: Original, random: Random) -> None:
    def change(data: bytearray) -> None:
        for _ in range(20):
            data[random.randrange(100, len(data))] ^= random.randrange(1, 256)

    _change(path, change)


def _zero_pages(path: Path, original: Original, random: Random) -> None:
    _overwrite(path, random.sample(range(2, _page_count(path) + 1), 4), bytes(PAGE))


def _truncate(path: Path, original: Original, random: Random) -> None:
    _change(path, lambda data: data.__delitem__(slice(random.randrange(len(data) // 2, len(data)), None)))


def _damage_the_schema(path: Path, original: Original, random: Random) -> None:
    def change(data: bytearray) -> None:
        statements = [match.start() for match in re.finditer(rb"CREATE (?:TABLE|INDEX|VIRTUAL|VIEW) ", data)]
        places = [
            at
            for start in statements
            for at in range(start, start + 200)
            if bytes(data[at : at + 6]) in (b"CREATE", b"articl", b"record")
        ]
        for at in random.sample(places, 3):
            data[at : at + 4] = random.choice((b"\xff\xfe\xe9\x80", b"\0\0\0\0", b"DROP", b"\xc3(\xc3("))

    _change(path, change)


def _damage_indexes(path: Path, original: Original, random: Random) -> None:
    own = [
        page
        for page, owner in original.owners.items()
        if owner.startswith(("articles_", "sqlite_", "captures_", "search_"))
    ]
    _overwrite(path, random.sample(own, 4), random.choice((bytes(PAGE), random.randbytes(PAGE))))


_HEADERS: Final = (
    (0, b"SQLite format 4\0"), (16, b"\x10\0"), (18, b"\7\7"), (20, b"\x40"), (28, b"\0\0\0\3"),
    (44, b"\0\0\0\x09"), (56, b"\0\0\0\2"), (60, b"\0\0\0\x63"), (68, b"GIF8"), (60, b"\0\0\0\2"), (100, b"\x02"),
)  # fmt: skip
"""Where in the file, and what is put there: each says something wrong of the file."""


def _damage_the_header(path: Path, original: Original, random: Random) -> None:
    at, wrong = _HEADERS[random.randrange(len(_HEADERS))]
    _change(path, lambda data: data.__setitem__(slice(at, at + len(wrong)), wrong))


def _zero_the_first_page(path: Path, original: Original, random: Random) -> None:
    _overwrite(path, [1], bytes(PAGE))


def _put_a_foreign_log_beside(path: Path, original: Original, random: Random) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(original.log)


_ODD_VALUES: Final = (
    "UPDATE articles SET title = x'ff00' WHERE key % 9 = 0",
    "UPDATE articles SET words = 'many', position = 1e300 WHERE key % 9 = 0",
    "UPDATE captures SET source = 7, captured = x'80', first_article = 'first' WHERE capture_key % 3 = 0",
    "UPDATE groups SET name = x'fffe', articles = 'few' WHERE group_id = 3",
    "UPDATE counters SET last_article = 'none', content = 2.5, captures = 9223372036854775807",
    "UPDATE records SET record = CAST(replace(record, 'the', 'tho') AS BLOB) WHERE key % 7 = 0",
    "UPDATE articles SET published = '2021-99-99', authors = 3 WHERE key % 5 = 0",
    "UPDATE articles SET seq = seq + 9223372036854770000 WHERE key % 5 = 0 AND seq IS NOT NULL",
)


def _put_in_odd_values(path: Path, original: Original, random: Random) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in random.sample(_ODD_VALUES, 2):
            connection.execute(statement)


def _damage_the_articles(path: Path, original: Original, random: Random) -> None:
    def change(data: bytearray) -> None:
        for record in random.sample(list(original.records.values()), 5):
            at = data.find(record)
            data[at + 32 + random.randrange(len(record) - 32)] ^= 1 << random.randrange(8)

    _change(path, change)


def _page_count(path: Path) -> int:
    return path.stat().st_size // PAGE


def _overwrite(path: Path, numbers: list[int], content: bytes) -> None:
    def change(data: bytearray) -> None:
        for number in numbers:
            data[(number - 1) * PAGE : number * PAGE] = content

    _change(path, change)


_KINDS: Final[dict[str, Callable[[Path, Original, Random], None]]] = {
    "bytes": _flip_bytes,
    "zeroed": _zero_pages,
    "cut": _truncate,
    "schema": _damage_the_schema,
    "indexes": _damage_indexes,
    "header": _damage_the_header,
    "first page": _zero_the_first_page,
    "log": _put_a_foreign_log_beside,
    "odd values": _put_in_odd_values,
    "articles": _damage_the_articles,
}


def _log_of_another(folder: Path) -> bytes:
    """The log of a library of other articles, as it lies beside it while that is written."""
    path = folder / "another.db"
    with Library.open(path) as library:
        add_pages(library, pages(40, seed=5))
        add_pages(library, pages(80, seed=6))
        return path.with_name("another.db-wal").read_bytes()
