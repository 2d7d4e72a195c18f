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
from tests.generated import page_texts, pages

COPIES: Final = 30
ARTICLES: Final = 96
PAGE: Final = 8192


class Original(NamedTuple):
    """A sound library, and what is in it."""

    path: Path
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
    path: Path
    kind: str
    intact: frozenset[str]
    """The ids of the articles that lie in pages that are as they were."""


def make_original(folder: Path) -> Original:
    """A library of invented articles, some of them marked."""
    pile, path = folder / "pile", folder / "library.db"
    pile.mkdir(parents=True)
    for number, text in enumerate(page_texts(ARTICLES)):
        (pile / f"{number:03}.txt").write_text(text, "utf-8")
    with Library.open(path) as library:
        library.ingest([str(pile)], jobs=1)
        for row in library.listing().rows(0, 9):
            library.state.set_starred(row.key, True)
        library.state.save_search("Tides", "tide OR harbor")
    with closing(sqlite3.connect(path)) as connection:
        articles = connection.execute("SELECT key, lower(hex(identity)), listed FROM articles").fetchall()
        marks = connection.execute("SELECT identity FROM marks WHERE starred").fetchall()
        return Original(
            path,
            {key: identity for key, identity, _ in articles},
            frozenset(identity for _, identity, listed in articles if listed),
            dict(connection.execute("SELECT key, CAST(digest || record AS BLOB) FROM records")),
            dict(connection.execute("SELECT rootpage, name FROM sqlite_schema WHERE rootpage")),
            _log_of_another(folder / "another.db"),
            frozenset(identity for (identity,) in marks),
        )


def _log_of_another(path: Path) -> bytes:
    """The log of a library of other articles, as it lies beside it while that is written."""
    with Library.open(path) as library:
        add_pages(library, pages(40, seed=5))
        add_pages(library, pages(80, seed=6))
        return path.with_name(f"{path.name}-wal").read_bytes()


def make_copy(original: Original, number: int, folder: Path) -> Copy:
    """The damaged copy of a number; the same number gives the same damage."""
    kind, damage = list(_KINDS.items())[number % len(_KINDS)]
    folder.mkdir(parents=True)
    path = Path(shutil.copy(original.path, folder / "library.db"))
    before = original.path.read_bytes()
    data = bytearray(before)
    damage(data, original, Random(number))
    path.write_bytes(data)
    if kind == "log":
        path.with_name(f"{path.name}-wal").write_bytes(original.log)
    if kind == "odd values":
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in Random(number).sample(_ODD_VALUES, 4):
                connection.execute(statement)
    after = path.read_bytes()
    sound = {after[start : start + PAGE] for start in range(0, len(after), PAGE)}
    intact = {
        original.ids[key]
        for key, record in original.records.items()
        if (at := before.find(record)) >= 0 and before[at - at % PAGE : at - at % PAGE + PAGE] in sound
    }
    return Copy(path, kind, frozenset(intact))


def _flip_bytes(data: bytearray, original: Original, random: Random) -> None:
    for _ in range(20):
        data[random.randrange(100, len(data))] ^= random.randrange(1, 256)


def _overwrite(data: bytearray, numbers: list[int], content: bytes) -> None:
    """Put a content in the place of pages, which are counted from 1."""
    for number in numbers:
        data[(number - 1) * PAGE : number * PAGE] = content


def _zero_pages(data: bytearray, original: Original, random: Random) -> None:
    _overwrite(data, random.sample(range(2, len(data) // PAGE + 1), 4), bytes(PAGE))


def _truncate(data: bytearray, original: Original, random: Random) -> None:
    del data[random.randrange(len(data) // 2, len(data)) :]


def _damage_the_schema(data: bytearray, original: Original, random: Random) -> None:
    statements = [match.start() for match in re.finditer(rb"CREATE (?:TABLE|INDEX|VIRTUAL|VIEW) ", data)]
    places = [
        at
        for start in statements
        for at in range(start, start + 200)
        if bytes(data[at : at + 6]) in (b"CREATE", b"articl", b"record")
    ]
    for at in random.sample(places, 3):
        data[at : at + 4] = random.choice((b"\xff\xfe\xe9\x80", b"\0\0\0\0", b"DROP", b"\xc3(\xc3("))


def _damage_indexes(data: bytearray, original: Original, random: Random) -> None:
    indexes = ("articles_", "sqlite_", "captures_", "search_")
    own = [page for page, owner in original.owners.items() if owner.startswith(indexes)]
    _overwrite(data, random.sample(own, 4), random.choice((bytes(PAGE), random.randbytes(PAGE))))


_HEADERS: Final = (
    (0, b"SQLite format 4\0"), (16, b"\x10\0"), (18, b"\7\7"), (20, b"\x40"), (28, b"\0\0\0\3"),
    (44, b"\0\0\0\x09"), (56, b"\0\0\0\2"), (68, b"GIF8"), (60, b"\0\0\0\2"), (100, b"\x02"),
)  # fmt: skip
"""Where in the file, and what is put there: each says something wrong of the file."""


def _damage_the_header(data: bytearray, original: Original, random: Random) -> None:
    at, wrong = random.choice(_HEADERS)
    data[at : at + len(wrong)] = wrong


def _zero_the_first_page(data: bytearray, original: Original, random: Random) -> None:
    _overwrite(data, [1], bytes(PAGE))


def _damage_the_articles(data: bytearray, original: Original, random: Random) -> None:
    for record in random.sample(list(original.records.values()), 5):
        data[data.find(record) + random.randrange(32, len(record))] ^= 1 << random.randrange(8)


def _change_no_bytes(data: bytearray, original: Original, random: Random) -> None:
    """`make_copy` itself damages the copy."""


_ODD_VALUES: Final = (
    "UPDATE articles SET title = x'ff00' WHERE key % 9 = 0",
    "UPDATE articles SET words = 'many', position = 1e300 WHERE key % 9 = 0",
    "UPDATE captures SET source = 7, captured = x'80', first_article = 'first' WHERE capture_key % 3 = 0",
    "UPDATE groups SET name = x'fffe', articles = 'few' WHERE group_id = 3",
    "UPDATE counters SET last_article = 'none', content = 2.5, state = 9223372036854775807",
    "UPDATE records SET record = CAST(replace(record, 'the', 'tho') AS BLOB) WHERE key % 7 = 0",
    "UPDATE articles SET published = '2021-99-99', authors = 3 WHERE key % 5 = 0",
    "UPDATE articles SET listed = 9223372036854770000 WHERE key % 5 = 0 AND listed",
)
_KINDS: Final[dict[str, Callable[[bytearray, Original, Random], None]]] = {
    "bytes": _flip_bytes,
    "zeroed": _zero_pages,
    "cut": _truncate,
    "schema": _damage_the_schema,
    "indexes": _damage_indexes,
    "header": _damage_the_header,
    "first page": _zero_the_first_page,
    "log": _change_no_bytes,
    "odd values": _change_no_bytes,
    "articles": _damage_the_articles,
}
