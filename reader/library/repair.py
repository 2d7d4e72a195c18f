"""Finds damage in a library file, with advice for each, and copies what is intact to another one.

SQLite reads around the damage, and captures and articles are recognised by their digests. A capture with a damaged
article is parsed again. Adding the captures rebuilds counts, stories and the search index. Marks, positions,
highlights, notes, tags, saved searches, corrections, splits and the log are copied as far as they are readable; the
log of another version of the program is not.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from itertools import islice
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, NamedTuple, TypeVar

from reader.errors import LibraryError
from reader.library.database.connection import Database, Row, is_foreign, log_of, open_database
from reader.library.database.errors import (
    RAISED_BY_SQLITE,
    DamagedError,
    NewerError,
    library_errors,
    rebuild_advice,
    sqlite_code,
)
from reader.library.database.schema import (
    COMPLETES,
    KEY_MASK,
    LOST_TEXT,
    PAGE_BYTES,
    SCHEMA_VERSION,
    decode_article,
    decode_hints,
    digest_of,
    unpack_text,
)
from reader.library.ingest.files import note_problems
from reader.library.ingest.reading import PreparedArticle, PreparedPage, prepare, prepare_article
from reader.library.ingest.writing import add_pages
from reader.library.state.corrections import corrected
from reader.library.stories import representatives
from reader.library.stories.representatives import Facts
from reader.model import Capture, Page, Problem
from reader.parsing import PARSER_VERSION, parse_capture
from reader.sanitize import many
from reader.settings import command_for

# Checking

_REPORTED: Final = 500
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
        yield from _with_advice(path, _check_structure(database), "file")
        yield from _with_advice(path, _check_captures(database, on_progress), "captures")
        yield from _with_advice(path, _check_articles(database, on_progress), "articles")
        yield from _with_advice(path, _check_merged(database), "merged facts")
        on_progress("counts", 0, 0)
        yield from _with_advice(path, _check_counts(database), "counters")
        on_progress("index", 0, 0)
        yield from _with_advice(path, _check_index(database), "search index")


def _with_advice(path: Path, damages: Iterator[Damage], where: str) -> Iterator[Damage]:
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


def _rows(database: Database, table: Part, query: str, on_progress: OnProgress) -> Iterator[Row]:
    total = database.number(f"SELECT count(*) FROM {table}")
    for number, row in enumerate(database.rows(query)):
        if number % _REPORTED == 0:
            on_progress(table, number, total)
        yield row


def _check_captures(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    query = (
        "SELECT capture_key, source, digest, text, articles, (SELECT count(*) FROM articles a WHERE a.capture_key"
        " = c.capture_key AND key >= first_article AND key < first_article + c.articles) FROM captures c"
    )
    for key, source, digest, text, count, present in _rows(database, "captures", query, on_progress):
        where, advice = f"capture {key} of {source}", _add_again(database, source)
        try:
            unpack_text(text, digest)
        except ValueError as error:
            yield Damage(where, f"its text {error}", advice)
        if present != count:
            yield Damage(where, f"{present} of its {count} articles are there", advice)


def _add_again(database: Database, source: str) -> str:
    return f"“{command_for(database.path, 'remove', source)}”, then add it again: your marks stay"


def _check_articles(database: Database, on_progress: OnProgress) -> Iterator[Damage]:
    query = (
        "SELECT key, position, identity, truncated, published, words, untitled, title, authors, sponsor, doubtful,"
        " source, r.digest, record FROM articles LEFT JOIN records r USING (key) LEFT JOIN captures USING (capture_key)"
    )
    merged = {key for (key,) in database.rows("SELECT DISTINCT key FROM merged")}
    for key, *shown, source, digest, record in _rows(database, "articles", query, on_progress):
        facts = representatives.read_facts(database, [key])[key] if key in merged else ()
        if damage := _article_damage(shown, digest, record, facts):
            yield Damage(f"article {key} of {source}", damage, _add_again(database, source))


def _article_damage(shown: list[object], digest: object, record: object, facts: Facts) -> str | None:
    if not isinstance(record, bytes):
        return "its text is missing"
    if digest_of(record) != digest:
        return "it has been altered"
    try:
        article = representatives.with_facts(decode_article(record), facts)
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
        if representatives.facts_of_story(database, key) != representatives.read_facts(database, [key]).get(
            key, ()
        ):
            yield Damage(f"article {key} of {source}", "what other captures say about it is out of date")


def _check_counts(database: Database) -> Iterator[Damage]:
    for sentence, query in _COUNTS.items():
        for row in database.all(query):
            yield Damage("counters", sentence.format(*row))


def _check_index(database: Database) -> Iterator[Damage]:
    """Check the structure of the index, and that it contains exactly the representatives of stories."""
    try:
        with database.writing():
            database.run("INSERT INTO search (search) VALUES ('integrity-check')")
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
    "story {}: it is wrongly marked as completed or not": f"""
        SELECT f.story FROM articles f JOIN articles v ON v.story = f.story WHERE f.listed
        GROUP BY f.key HAVING f.completed <> max({COMPLETES.format("f", "v")})""",
}


# Salvaging

_BATCH: Final = 50
"""How many captures are copied in one transaction."""
_MOST_ARTICLES: Final = 100_000
"""The most articles that a capture can plausibly claim."""
_MOST_UNREADABLE: Final = 10_000_000
"""How many keys in a row may be unreadable before the rest of a table is given up."""
_NEAR: Final = 1_000
"""How many of them are tried one by one; then the steps grow with the distance."""
_STATE: Final = (
    "marks", "places", "searches", "corrections", "annotations", "annotated", "tags", "noted", "apart", "actions",
    "archives", "pictures",
)  # fmt: skip
"""The tables that are copied as they are."""
_TYPES: Final = {"INTEGER": int, "TEXT": str, "BLOB": bytes}
_LEAF: Final = 13
"""The first byte of a page of rows."""
_SIZE_STAMP: Final = 92
"""Four zeros here in the header make SQLite measure the size of the file."""
_Decoded = TypeVar("_Decoded")


class Salvaged(NamedTuple):
    """The counts of what was copied."""

    captures: int
    articles: int


@library_errors
def salvage(
    path: Path, target: Database, on_loss: Callable[[str], None], on_progress: Callable[[int, int], None]
) -> Salvaged:
    """Add everything that is intact in the file at `path` to the empty library `target`. The file is only read.

    `on_loss` receives a sentence about each damage, `on_progress` the captures copied so far and the total.
    DamagedError if nothing is intact, NewerError if a newer program made the file.
    """
    without_log = is_foreign(path) or not log_of(path).exists()
    with ExitStack() as until_copied:
        file = until_copied.enter_context(
            closing(_DamagedFile(path, "immutable=1" if without_log else "mode=ro"))
        )
        if not file.is_usable():
            try:
                folder = until_copied.enter_context(TemporaryDirectory(prefix="protocol-reader-"))
                copy = _grafted(path, Path(folder))
            except OSError as error:
                raise LibraryError(
                    f"{path}: the library cannot be copied to read it ({error.strerror})"
                ) from error
            file = until_copied.enter_context(closing(_DamagedFile(copy, "immutable=1")))
        (newest,) = file.first("SELECT max(number) FROM migrations") or (None,)
        if isinstance(newest, int) and newest > SCHEMA_VERSION:
            raise NewerError(
                f"{path}: a newer Protocol Reader made this library; update the program. The file was not changed"
            )
        if not file.is_usable():
            raise DamagedError(
                f"{path}: no article in this file is intact; put a backup in its "
                "place, or choose another library with --library"
            )
        return _copy(file, target, lambda loss: on_loss(f"{path}: {loss}"), on_progress)


class _DamagedFile:
    def __init__(self, path: Path, mode: str) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
        with suppress(*RAISED_BY_SQLITE):
            # Ignore the damaged parts of the schema.
            self._connection.execute("PRAGMA writable_schema=ON")

    def close(self) -> None:
        self._connection.close()

    def is_usable(self) -> bool:
        """Can a capture or an article be read, or is the file sound and without captures?"""
        if any(next(self.rows(table), None) is not None for table in ("captures", "records")):
            return True
        count = "SELECT (SELECT count(*) FROM captures) + (SELECT count(*) FROM records)"
        return self.first("PRAGMA quick_check(1)") == ("ok",) and self.first(count) == (0,)

    def first(self, query: str, *values: int) -> Row | None:
        with suppress(*RAISED_BY_SQLITE):
            row: Row | None = self._connection.execute(query, values).fetchone()
            return row
        return None

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the readable rows of a table with a key, which is their first value."""
        start = origin = 0
        step = 1
        query = f"SELECT * FROM {table} WHERE rowid >= ? ORDER BY rowid"
        while start - origin < _MOST_UNREADABLE:
            try:
                rows = self._connection.execute(query, (start,))  # Reads the first of them.
                if step > 1:  # The keys that were skipped may be readable too.
                    start = origin = start - step + 1
                    step = 1
                    continue
                for row in rows:
                    if row[0] >= start:
                        yield row
                        start = origin = row[0] + 1
            except RAISED_BY_SQLITE:
                step = 1 + (start - origin) // _NEAR
                start += step
            else:
                return

    def state(self, table: str, types: Sequence[type]) -> list[Row]:
        """Return the rows of a table up to its first damage and from its last, if their values have these types."""
        rows: dict[Row, None] = {}
        for order in ("ASC", "DESC"):
            with suppress(*RAISED_BY_SQLITE):
                for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY 1 {order}"):
                    rows[row] = None
                break
        return [row for row in rows if len(row) == len(types) and all(map(isinstance, row, types))]


def _grafted(path: Path, folder: Path) -> Path:
    """Copy a damaged file, and give the copy the header and the schema of a new library."""
    copy, new = folder / "copy", folder / "new"
    copyfile(path, copy)
    with closing(open_database(new)) as database:
        roots = {root for (root,) in database.all("SELECT rootpage FROM sqlite_schema")}
        database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    data = new.read_bytes()
    with copy.open("r+b") as file:
        for start in range(0, len(data), PAGE_BYTES):
            if start == 0 or (data[start] == _LEAF and start // PAGE_BYTES + 1 not in roots):
                file.seek(start)
                file.write(data[start : start + PAGE_BYTES])
        file.seek(_SIZE_STAMP)
        file.write(bytes(4))
    return copy


def _copy(
    file: _DamagedFile,
    target: Database,
    on_loss: Callable[[str], None],
    on_progress: Callable[[int, int], None],
) -> Salvaged:
    # Marks come before the articles, which are then read and starred as before.
    with target.writing():
        same_version = file.first("PRAGMA user_version") == (SCHEMA_VERSION,)
        for table in _STATE:
            if table == "actions" and not same_version:
                continue  # Another version may write changes in another form: they could not be undone.
            types = _column_types(target, table)
            places = ", ".join("?" * len(types))
            target.run_many(f"INSERT OR IGNORE INTO {table} VALUES ({places})", file.state(table, types))
        # A version before the first release kept no list of them.
        target.run(
            "INSERT OR IGNORE INTO noted SELECT identity, min(identity) OVER (PARTITION BY number), title, source"
            " FROM annotated JOIN annotations USING (number)"
        )
    (total,) = file.first("SELECT count(*) FROM captures") or (0,)
    captures = articles = 0
    pages = _Captures(file, target, on_loss).pages()
    while batch := list(islice(pages, _BATCH)):
        with target.writing():
            add_pages(target, {page.digest: page for page in batch}.values())
        captures += len(batch)
        articles += sum(len(page.articles) for page in batch)
        on_progress(captures, max(captures, total))
    problems = [
        Problem(source, kind, reason, bool(partial))
        for _, source, kind, reason, partial in file.state("problems", _column_types(target, "problems"))
    ]
    with target.writing():
        note_problems(target, problems)
    return Salvaged(captures, articles)


def _column_types(database: Database, table: str) -> list[type]:
    return [_TYPES[name] for (name,) in database.all(f"SELECT type FROM pragma_table_info('{table}')")]


class _Captures:
    def __init__(self, file: _DamagedFile, target: Database, on_loss: Callable[[str], None]) -> None:
        self._file = file
        self._target = target
        self._on_loss = on_loss
        self._used: set[int] = set()
        """The keys of the articles that were copied or reported."""

    def pages(self) -> Iterator[PreparedPage]:
        for row in self._file.rows("captures"):
            if len(row) > 10 and isinstance(row[1], bytes) and isinstance(row[10], bytes):
                yield self._page(*row)
        for key, *_ in self._file.rows("records"):
            if key not in self._used and (article := self._article(key)) is not None:
                self._used.add(key)
                self._on_loss(
                    f"the capture of article {key}, “{article.columns[6]}”, is lost; the article is intact"
                )
                name = f"a capture that was lost, of article {key}"
                yield _prepared(_without_text(Capture(name, ""), name), [article])
        for table in ("records", "articles"):
            for key, *_ in self._file.rows(table):
                if key not in self._used:
                    self._used.add(key)
                    self._on_loss(f"article {key}{self._title(key)} and its capture are damaged")

    def _page(
        self, key: int, digest: bytes, first: object, count: object, source: object, *columns: object
    ) -> PreparedPage:
        """Return a capture: with all its articles if its text is intact, else only with its intact articles."""
        url, captured, encoding, partial = (
            value if isinstance(value, str) else None for value in columns[:4]
        )
        hints, packed, *rest = columns[4:]
        source = source if isinstance(source, str) else f"capture {key}"
        text = _intact(unpack_text, packed, digest)
        known = _intact(decode_hints, hints) or ()
        capture = Capture(source, text or "", url, captured, encoding or "utf-8", partial, known)
        keys = self._keys(key, first, count)
        articles = {number: self._article(number) for number in keys or ()}
        self._used.update(articles)
        intact = [article for article in articles.values() if article is not None]
        page = None
        if text is not None and (keys is None or len(intact) < len(articles)):
            with suppress(Exception):  # The parser may never have seen such a text.
                page = prepare(capture, parse_capture(corrected(self._target, capture, digest)), digest)
        end = "is damaged" if page is None else "was damaged; it is read again from its capture"
        for number, article in articles.items():
            if article is None:
                self._on_loss(f"article {number}{self._title(number)} of {source} {end}")
        if page is not None:
            return page
        if text is None:
            kept = many(len(intact), "article of it is", "articles of it are")
            self._on_loss(f"capture {key} of {source}: {LOST_TEXT}; {kept} intact")
            return _prepared(_without_text(capture, f"{source} (capture {key})"), intact)
        parser = rest[0] if rest and isinstance(rest[0], int) else 0
        return _prepared(capture, intact, parser)

    def _keys(self, capture: int, first: object, count: object) -> range | None:
        """Return the keys of a capture's articles; None if its row or theirs do not say so."""
        if not isinstance(first, int) or not isinstance(count, int) or not 0 <= count <= _MOST_ARTICLES:
            return None
        keys = range(first, first + count)
        owners = (self._file.first("SELECT capture_key FROM articles WHERE key = ?", key) for key in keys)
        known = all(owner in (None, (capture,)) for owner in owners)
        return keys if known and self._used.isdisjoint(keys) else None

    def _article(self, key: int) -> PreparedArticle | None:
        """Return an article if it is intact; another program may have stored values that cannot be prepared."""
        row = self._file.first("SELECT digest, record FROM records WHERE key = ?", key)
        if row is not None and isinstance(row[1], bytes) and digest_of(row[1]) == row[0]:
            return _intact(lambda record: prepare_article(decode_article(record)), row[1])
        return None

    def _title(self, key: int) -> str:
        """Return the listed title of an article, to follow its key in a sentence."""
        (title,) = self._file.first("SELECT title FROM articles WHERE key = ?", key) or (None,)
        return f", “{title}”," if isinstance(title, str) else ""


def _intact(decode: Callable[..., _Decoded], *values: Any) -> _Decoded | None:
    """Decode values from a damaged file; None if they are invalid."""
    with suppress(ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        return decode(*values)
    return None


def _without_text(capture: Capture, name: str) -> Capture:
    return capture._replace(text=f"{name}: {LOST_TEXT}", encoding="utf-8", partial=LOST_TEXT, hints=())


def _prepared(
    capture: Capture, articles: Iterable[PreparedArticle], parser: int = PARSER_VERSION
) -> PreparedPage:
    page = prepare(capture, Page(capture.source, capture.url, capture.captured, (), (), ((), (), ())))
    return page._replace(columns=(*page.columns[:-1], parser), articles=tuple(articles))


def rebuild(
    path: Path,
    on_loss: Callable[[str], None],
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[Salvaged, Path]:
    """Replace a damaged library by its intact content. Return the counts, and the new name of the damaged file.

    The new file has the mode of the old one, and its owner and group if the system permits it. `path` is no link.
    """
    part = path.with_name(f"{path.name}.mending")
    try:
        _remove(part)
        with closing(open_database(part)) as target:
            salvaged = salvage(path, target, on_loss, on_progress)
            target.run("PRAGMA wal_checkpoint(TRUNCATE)")
        status = path.stat()
        for owner in (-1, status.st_gid), (status.st_uid, -1):
            with suppress(PermissionError):
                os.chown(part, *owner)
        part.chmod(stat.S_IMODE(status.st_mode))
        # The file last: till then, it is still a library.
        aside = _rename(path, "damaged", ("-wal", "-shm", ""))
        part.rename(path)
    except OSError as error:
        raise LibraryError(
            f"{path}: cannot put the mended library in its place ({error.strerror})"
        ) from error
    finally:
        with suppress(OSError):
            _remove(part)
    return salvaged, aside


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def set_log_aside(path: Path) -> Path:
    """Rename a write-ahead log that belongs to another library, and return its new name."""
    target = _rename(log_of(path), "foreign", ("",))
    with suppress(OSError):  # SQLite makes a new one.
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return target


def _rename(path: Path, word: str, suffixes: Sequence[str]) -> Path:
    """Rename a file, and those with a suffix, to an unused name with a word in it."""
    number = 1
    while (target := path.with_name(f"{path.name}.{word}-{number}")).exists():
        number += 1
    try:
        for suffix in suffixes:
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(target.with_name(target.name + suffix))
    except OSError as error:
        raise LibraryError(f"{path}: the file cannot be renamed ({error.strerror})") from error
    return target
