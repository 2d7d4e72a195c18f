"""Finds damage in a library file, with advice for each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import REBUILD, DamagedError, damaged, library_errors, sqlite_code
from reader.library.database.foreign_log import is_foreign, log_of
from reader.library.database.records import decode_article, digest_of, unpack_text
from reader.library.database.schema import INDEX, KEY_MASK, SCHEMA_VERSION
from reader.library.ingest.preparing import prepare_article
from reader.library.search.indexing import index_beside
from reader.library.stories import merging
from reader.library.stories.merging import Facts

_ROWS: Final = 500
"""How many rows are read between two reports of the progress."""
_PAGE_ERRORS: Final = 100
"""The most structural errors that SQLite reports."""

WHOLE_FILE: Final = f"{REBUILD}; or put a backup in its place"
LOG: Final = "write-ahead log"
MOVE_LOG: Final = "“protocol-reader check --mend” moves it aside"

Part = Literal["pages", "captures", "articles", "counts", "index", "words", "comparison"]
"""The steps of a check, in order: the file's pages, captures, articles, counts and the search index.

Then, if asked for, the words of a second index, and its comparison with the search index.
"""
OnProgress = Callable[[Part, int, int], None]
"""Receives the step, how many items are done and the total; 0 and 0 if unknown."""


class Damage(NamedTuple):
    """One damaged place."""

    where: str
    """"article 12 of page.txt", "file", "counters", …."""
    what: str
    advice: str
    """The remedy, without a full stop."""


@library_errors
def check(
    path: Path,
    on_progress: OnProgress = lambda _part, _done, _all: None,
    *,
    word_by_word: bool = False,
) -> Iterator[Damage]:
    """Yield all damage in the library at `path`. LibraryError if it is not a library or cannot be opened.

    Changes nothing. A library of an older version is not upgraded: only its structure is checked. `word_by_word`
    compares the search index with a new one, which takes about twice as long as building one.
    """
    on_progress("pages", 0, 0)
    if is_foreign(path):  # check before SQLite writes the log into the file
        yield Damage(
            LOG, f"{log_of(path)} does not belong to this library; without it the library is sound", MOVE_LOG
        )
        return
    with closing(Database(path)) as database:
        yield from _guarded(_check_structure(database), "file", WHOLE_FILE)
        # Go on after damage: check everything that can still be read.
        version = _version(database)
        if version != SCHEMA_VERSION:
            if version:  # an empty, unfinished file has none
                yield from _guarded(_check_version(database, version), "file", WHOLE_FILE)
            return
        yield from _guarded(_check_captures(database, on_progress), "captures", WHOLE_FILE)
        yield from _guarded(_check_articles(database, on_progress), "articles", WHOLE_FILE)
        yield from _guarded(_check_merged(database), "merged facts", WHOLE_FILE)
        on_progress("counts", 0, 0)
        yield from _guarded(_check_counts(database), "counters", WHOLE_FILE)
        on_progress("index", 0, 0)
        yield from _guarded(_check_index(database), "search index", WHOLE_FILE)
        if word_by_word:
            yield from _guarded(_check_words(database, on_progress), "search index", WHOLE_FILE)


@library_errors
def ensure_sound(database: Database) -> None:
    """Check the structure of the file, in a fraction of the time of an export. DamagedError if it is damaged."""
    with database.reading():
        for (line,) in database.all("PRAGMA quick_check(1)"):
            if line != "ok":
                raise damaged(database.path, str(line))
        listed = database.number("SELECT count(*) FROM articles WHERE seq IS NOT NULL")
        if listed != database.number("SELECT coalesce(sum(articles), 0) FROM groups"):
            raise damaged(database.path, "not all articles are listed")


def _guarded(damages: Iterator[Damage], where: str, advice: str) -> Iterator[Damage]:
    """Yield damage; an error that ends the check counts as damage too."""
    try:
        yield from damages
    except DamagedError as error:
        yield Damage(where, str(error.__cause__ or error), advice)


def _version(database: Database) -> int:
    try:
        return database.number("PRAGMA user_version")
    except DamagedError:
        return 0


def _check_structure(database: Database) -> Iterator[Damage]:
    for (line,) in database.all(f"PRAGMA integrity_check({_PAGE_ERRORS})"):
        if line != "ok":
            yield Damage("file", str(line), WHOLE_FILE)


def _check_version(database: Database, version: int) -> Iterator[Damage]:
    """Compare the version of an older library with its list of migrations."""
    steps = database.number("SELECT coalesce(max(number), 0) FROM migrations")
    if steps != version:
        yield Damage(
            "file", f"its header says version {version}, but it has the tables of version {steps}", WHOLE_FILE
        )


def _check_captures(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    total = database.number("SELECT count(*) FROM captures")
    query = "SELECT capture_key, source, digest, text, first_article, articles FROM captures"
    for number, (key, source, digest, text, first, count) in enumerate(database.rows(query)):
        if number % _ROWS == 0:
            on_progress("captures", number, total)
        if damage := _capture_damage(digest, text):
            yield Damage(f"capture {key} of {source}", damage, _add_again_advice(source))
        present = database.number(
            "SELECT count(*) FROM articles WHERE capture_key = ?1 AND key >= ?2 AND key < ?2 + ?3",
            (key, first, count),
        )
        if present != count:
            yield Damage(
                f"capture {key} of {source}",
                f"{present} of its {count} articles are there",
                _add_again_advice(source),
            )


def _capture_damage(digest: bytes, text: object) -> str | None:
    if not isinstance(text, bytes):
        return "its text has the wrong type"
    try:
        unpack_text(text, digest)
    except ValueError as error:
        return f"its text {error}"
    return None


def _add_again_advice(source: str) -> str:
    return f"“protocol-reader remove {source}”, then add it again: your marks stay"


def _check_articles(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    total = database.number("SELECT count(*) FROM articles")
    query = (
        "SELECT key, position, identity, truncated, published, words, untitled, title, authors, sponsor, doubtful,"
        " source, r.digest, record FROM articles LEFT JOIN records r USING (key) LEFT JOIN captures USING (capture_key)"
    )
    merged = {key for (key,) in database.rows("SELECT DISTINCT key FROM merged")}
    for number, (key, *shown, source, digest, record) in enumerate(database.rows(query)):
        if number % _ROWS == 0:
            on_progress("articles", number, total)
        facts = merging.read_facts(database, [key])[key] if key in merged else ()
        if damage := _article_damage(shown, digest, record, facts):
            yield Damage(f"article {key} of {source}", damage, _add_again_advice(source))


def _article_damage(shown: list[object], digest: object, record: object, facts: Facts) -> str | None:
    if not isinstance(record, bytes):
        return "its text is missing"
    if digest_of(record) != digest:
        return "it has been altered"
    try:
        article = merging.with_facts(decode_article(record), facts)
    except (ValueError, TypeError) as error:
        return f"it cannot be read ({error})"
    if shown != list(prepare_article(article).columns):
        return "its row in the list does not match its text"
    return None


def _check_merged(database: Database) -> Iterator[Damage]:
    """Check that what stories take from their other versions is what these say now."""
    stray = "SELECT count(*) FROM merged m LEFT JOIN articles a USING (key) WHERE a.seq IS NULL"
    if database.number(stray):
        yield Damage("merged facts", "some belong to articles that are not listed", WHOLE_FILE)
    for key, source in database.rows(
        "SELECT key, source FROM articles a LEFT JOIN captures USING (capture_key) WHERE seq IS NOT NULL"
        " AND (sightings > 1 OR EXISTS (SELECT 1 FROM merged m WHERE m.key = a.key))"
    ):
        if merging.facts_of_story(database, key) != merging.read_facts(database, [key]).get(key, ()):
            yield Damage(
                f"article {key} of {source}", "what other captures say about it is out of date", WHOLE_FILE
            )


def _check_counts(database: Database) -> Iterator[Damage]:
    for sentence, query in _COUNTS.items():
        for row in database.all(query):
            yield Damage("counters", sentence.format(*row), WHOLE_FILE)


def _check_index(database: Database) -> Iterator[Damage]:
    """Check the structure of the index, and that it contains exactly the representatives of stories."""
    try:
        with suppress(_RollBackError), database.writing():
            database.run("INSERT INTO search (search) VALUES ('integrity-check')")
            raise _RollBackError
    except LibraryError as error:
        # The index checks its structure by a write, which is skipped for a read-only library.
        if sqlite_code(error.__cause__) != sqlite3.SQLITE_READONLY:
            raise
    for sentence, query in _INDEXED.items():
        if count := database.number(f"SELECT count(*) FROM ({query})"):
            yield Damage("search index", sentence.format(count), WHOLE_FILE)


def _check_words(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    """Check that the index has exactly the words of the articles, which its structure check does not show."""
    database.run(f"CREATE VIRTUAL TABLE temp.rebuilt USING {INDEX}")
    database.run("CREATE VIRTUAL TABLE temp.rebuilt_words USING fts5vocab(temp, rebuilt, instance)")
    index_beside(database, "temp.rebuilt", lambda _, done, total: on_progress("words", done, total))
    on_progress("comparison", 0, 0)
    indexed, expected = (
        f"SELECT term, doc, col, offset FROM {table}" for table in ("search_words", "temp.rebuilt_words")
    )
    for sentence, query in (
        ("{} words of articles are missing from it", f"{expected} EXCEPT {indexed}"),
        ("it has {} words that no article has there", f"{indexed} EXCEPT {expected}"),
    ):
        if count := database.number(f"SELECT count(*) FROM ({query})"):
            yield Damage("search index", sentence.format(f"{count:,}"), WHOLE_FILE)


class _RollBackError(Exception):
    """Rolls back a transaction that changed nothing."""


_INDEXED: Final = {
    "{} articles are missing from it": "SELECT key FROM articles WHERE seq IS NOT NULL"
    f" EXCEPT SELECT id & {KEY_MASK} FROM search_docsize",
    "it has {} articles that are not listed": f"SELECT id & {KEY_MASK} FROM search_docsize"
    " EXCEPT SELECT key FROM articles WHERE seq IS NOT NULL",
}
_COUNTS: Final = {
    "{} captures are counted, {} are there": """
        SELECT c.captures, n FROM counters c, (SELECT count(*) n FROM captures) WHERE c.captures <> n""",
    "the captures kept in part, or the problems, are counted wrongly": """
        SELECT 1 FROM counters WHERE (partial_captures, problems, partial_problems) <> (
        (SELECT count(partial) FROM captures), (SELECT count(*) FROM problems),
        (SELECT count(*) FROM problems WHERE partial))""",
    "the next article would get the key of another": """
        SELECT 1 FROM counters c WHERE c.last_article < (SELECT max(key) FROM articles)
        OR c.last_capture < (SELECT max(capture_key) FROM captures)""",
    "{}: {} articles are counted, {} of them truncated; {} are listed, {} of them truncated": """
        SELECT g.name, g.articles, g.truncated, count(a.seq) n, coalesce(sum(a.truncated), 0) cut
        FROM groups g LEFT JOIN articles a ON a.group_id = g.group_id AND a.seq IS NOT NULL
        GROUP BY g.group_id HAVING (g.articles, g.truncated) <> (n, cut)""",
    "{}: its places are not consecutive": """
        SELECT g.name FROM groups g JOIN articles a ON a.group_id = g.group_id AND a.seq IS NOT NULL
        GROUP BY g.group_id HAVING min(a.seq) <> 0 OR max(a.seq) <> count(*) - 1
        OR count(DISTINCT a.seq) <> count(*)""",
    "story {}: {} of its versions are listed, not one": """
        SELECT story, count(seq) n FROM articles GROUP BY story HAVING n <> 1""",
    "story {}: its versions are counted wrongly, or it is wrongly marked as completed or not": """
        SELECT f.story FROM articles f JOIN articles v ON v.story = f.story WHERE f.seq IS NOT NULL
        GROUP BY f.key HAVING f.sightings <> count(*)
        OR f.completed <> (f.truncated = 0 AND max(v.truncated) = 1)""",
}
