"""Finds damage in a library file, with advice for each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from reader.errors import LibraryError
from reader.library.database.connection import Database, is_foreign, log_of
from reader.library.database.errors import DamagedError, library_errors, rebuild_advice, sqlite_code
from reader.library.database.records import decode_article, digest_of, unpack_text
from reader.library.database.schema import KEY_MASK
from reader.library.ingest.preparing import prepare_article
from reader.library.stories import merging
from reader.library.stories.merging import Facts
from reader.settings import command_for

_ROWS: Final = 500
"""How many rows are read between two reports of the progress."""
_PAGE_ERRORS: Final = 100
LOG: Final = "write-ahead log"

Part = Literal["pages", "captures", "articles", "counts", "index"]
"""The steps of a check, in order: the file's pages, captures, articles, counts and the search index."""
OnProgress = Callable[[Part, int, int], None]
"""Receives the step, how many items are done and the total; 0 and 0 if unknown."""


class Damage(NamedTuple):
    """One damaged place."""

    where: str
    """"article 12 of page.txt", "file", "counters", …."""
    what: str
    advice: str = ""
    """What to do; never empty in what `check` yields."""


@library_errors
def check(path: Path, on_progress: OnProgress = lambda _part, _done, _all: None) -> Iterator[Damage]:
    """Yield all damage in the library at `path`. LibraryError if it is not a library or cannot be opened.

    Changes nothing.
    """
    on_progress("pages", 0, 0)
    if is_foreign(path):  # check before SQLite writes the log into the file
        yield Damage(
            LOG,
            f"{log_of(path)} does not belong to this library; without it the library is sound",
            f"“{command_for(path, 'check --mend')}” moves it aside",
        )
        return
    with closing(Database(path)) as database, database.stopped_by_signals():
        # Go on after damage: check everything that can still be read.
        with suppress(DamagedError):
            if not database.version():
                return  # an unfinished file without tables
        yield from _guarded(path, _check_structure(database), "file")
        yield from _guarded(path, _check_captures(database, on_progress), "captures")
        yield from _guarded(path, _check_articles(database, on_progress), "articles")
        yield from _guarded(path, _check_merged(database), "merged facts")
        on_progress("counts", 0, 0)
        yield from _guarded(path, _check_counts(database), "counters")
        on_progress("index", 0, 0)
        yield from _guarded(path, _check_index(database), "search index")


def _guarded(path: Path, damages: Iterator[Damage], where: str) -> Iterator[Damage]:
    """Yield damage, always with advice; an error that ends the check counts as damage too."""
    rebuild = f"{rebuild_advice(path)}; or put a backup in its place"
    try:
        for damage in damages:
            yield damage if damage.advice else damage._replace(advice=rebuild)
    except DamagedError as error:
        yield Damage(where, str(error.__cause__ or error), rebuild)


def _check_structure(database: Database) -> Iterator[Damage]:
    for (line,) in database.all(f"PRAGMA integrity_check({_PAGE_ERRORS})"):
        if line != "ok":
            yield Damage("file", str(line))


def _check_captures(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    total = database.number("SELECT count(*) FROM captures")
    query = (
        "SELECT capture_key, source, digest, text, articles, (SELECT count(*) FROM articles a WHERE a.capture_key"
        " = c.capture_key AND key >= first_article AND key < first_article + c.articles) FROM captures c"
    )
    for number, (key, source, digest, text, count, present) in enumerate(database.rows(query)):
        if number % _ROWS == 0:
            on_progress("captures", number, total)
        try:
            unpack_text(text, digest)
        except ValueError as error:
            yield Damage(f"capture {key} of {source}", f"its text {error}", _add_again(database, source))
        if present != count:
            yield Damage(
                f"capture {key} of {source}",
                f"{present} of its {count} articles are there",
                _add_again(database, source),
            )


def _add_again(database: Database, source: str) -> str:
    return f"“{command_for(database.path, f'remove {source}')}”, then add it again: your marks stay"


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
            yield Damage(f"article {key} of {source}", damage, _add_again(database, source))


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
    if database.number(
        "SELECT count(*) FROM merged m LEFT JOIN articles a USING (key) WHERE a.listed IS NOT 1"
    ):
        yield Damage("merged facts", "some belong to articles that are not listed")
    for key, source in database.rows(
        "SELECT key, source FROM articles a LEFT JOIN captures USING (capture_key) WHERE listed"
        " AND (EXISTS (SELECT 1 FROM articles v WHERE v.story = a.story AND v.key <> a.key)"
        " OR EXISTS (SELECT 1 FROM merged m WHERE m.key = a.key))"
    ):
        if merging.facts_of_story(database, key) != merging.read_facts(database, [key]).get(key, ()):
            yield Damage(f"article {key} of {source}", "what other captures say about it is out of date")


def _check_counts(database: Database) -> Iterator[Damage]:
    for sentence, query in _COUNTS.items():
        for row in database.all(query):
            yield Damage("counters", sentence.format(*row))


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
    listed, indexed = ("SELECT key FROM articles WHERE listed", f"SELECT id & {KEY_MASK} FROM search_docsize")
    for sentence, query in (
        ("{} articles are missing from it", f"{listed} EXCEPT {indexed}"),
        ("it has {} articles that are not listed", f"{indexed} EXCEPT {listed}"),
    ):
        if count := database.number(f"SELECT count(*) FROM ({query})"):
            yield Damage("search index", sentence.format(f"{count:,}"))


class _RollBackError(Exception):
    """Rolls back a transaction that changed nothing."""


_COUNTS: Final = {
    "the next article would get the key of another": """
        SELECT 1 FROM counters c WHERE c.last_article < (SELECT max(key) FROM articles)
        OR c.last_capture < (SELECT max(capture_key) FROM captures)""",
    "{}: {} articles are counted, {} of them truncated; {} are listed, {} of them truncated": """
        SELECT g.name, g.articles, g.truncated, count(a.key) n, coalesce(sum(a.truncated), 0) cut
        FROM groups g LEFT JOIN articles a ON a.group_id = g.group_id AND a.listed
        GROUP BY g.group_id HAVING (g.articles, g.truncated) <> (n, cut)""",
    "story {}: {} of its versions are listed, not one": """
        SELECT story, sum(listed) n FROM articles GROUP BY story HAVING n <> 1""",
    "story {}: it is wrongly marked as completed or not": """
        SELECT f.story FROM articles f JOIN articles v ON v.story = f.story WHERE f.listed
        GROUP BY f.key HAVING f.completed <> (f.truncated = 0 AND max(v.truncated) = 1)""",
}
