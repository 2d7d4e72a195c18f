"""Copies everything that is intact in a damaged library to another one, or sets a damaged file aside.

SQLite reads around the damage, and captures and articles are recognised by their digests. A capture with a damaged
article is parsed again. Adding the captures rebuilds counts, places, stories and the search index. Marks, positions,
saved searches, corrections, splits and the log are copied as far as they are readable.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar

from reader.errors import LibraryError
from reader.library.database.connection import Database, Row
from reader.library.database.errors import RAISED_BY_SQLITE, DamagedError, NewerError, library_errors
from reader.library.database.opening import is_foreign, log_of
from reader.library.database.records import decode_article, decode_hints, digest_of, to_bytes, unpack_text
from reader.library.database.schema import PAGE_BYTES, SCHEMA_VERSION
from reader.library.database.tables import open_database
from reader.library.ingest.engine import BATCH_ARTICLES, BATCH_BYTES
from reader.library.ingest.preparing import (
    PreparedArticle,
    PreparedPage,
    prepare,
    prepare_article,
    text_digest,
)
from reader.library.ingest.writing import add_prepared
from reader.library.state.corrections import corrected
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture

_MOST_ARTICLES: Final = 100_000
"""The most articles that a capture can plausibly claim."""
_FARTHEST: Final = 1 << 40
"""The farthest jump over damaged rows, in keys."""
_LOST_TEXT: Final = "its text was lost when the library was damaged"
_STATE: Final[dict[str, tuple[type, ...]]] = {
    "marks": (bytes, int, int),
    "places": (int, bytes, int, int),
    "searches": (str, str),
    "corrections": (bytes, int, str, str, str, str),
    "annotations": (int, *[str] * 8),
    "annotated": (bytes, int),
    "tags": (bytes, str),
    "apart": (bytes, bytes),
    "actions": (int, int, str, str, bytes),
    "archives": (int, str),
    "pictures": (bytes, int, int, int, int),
}
"""The tables that are copied as they are, and the types of their columns."""
_PROBLEM: Final = (int, str, str, str, int)
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
    path: Path,
    target: Database,
    on_loss: Callable[[str], None],
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Salvaged:
    """Add everything that is intact in the file at `path` to the empty library `target`. The file is only read.

    `on_loss` receives a sentence about each damage, `on_progress` the captures copied so far and the total.
    DamagedError if nothing is intact, NewerError if a newer program made the file.
    """
    with _DamagedFile(path) as file:
        return _Salvage(file, target, on_loss).run(on_progress)


class _DamagedFile(AbstractContextManager["_DamagedFile"]):
    """Reads the rows of a damaged file that SQLite can reach."""

    def __init__(self, path: Path) -> None:
        """If SQLite can read nothing, try a copy with the schema of a new library."""
        self.path = path
        self._open = ExitStack()
        self._connect(path, "immutable=1" if is_foreign(path) or not log_of(path).exists() else "mode=ro")
        if not self.has_content() and not self.is_empty():
            try:
                folder = Path(self._open.enter_context(TemporaryDirectory(prefix="protocol-reader-")))
                copy = folder / "copy"
                copyfile(path, copy)
                _graft(copy, folder / "new")
                self._connect(copy, "immutable=1")
            except OSError as error:
                self._open.close()
                raise LibraryError(
                    f"{path}: the library cannot be copied to read it ({error.strerror})"
                ) from error

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _connect(self, path: Path, mode: str) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
        self._open.enter_context(closing(self._connection))
        with suppress(*RAISED_BY_SQLITE):
            # Ignore the damaged parts of the schema.
            self._connection.execute("PRAGMA writable_schema=ON")

    def has_content(self) -> bool:
        """Can a capture or an article be read?"""
        return any(next(self.rows(table), None) is not None for table in ("captures", "records"))

    def is_empty(self) -> bool:
        """Is the file sound, and without captures?"""
        count = "SELECT (SELECT count(*) FROM captures) + (SELECT count(*) FROM records)"
        return self.first("PRAGMA quick_check(1)") == ("ok",) and self.first(count) == (0,)

    def first(self, query: str, *values: int) -> Row | None:
        """Return the first row of a query; None if there is none or it cannot be read."""
        with suppress(*RAISED_BY_SQLITE):
            row: Row | None = self._connection.execute(query, values).fetchone()
            return row
        return None

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the readable rows of a table with a key, which is their first value."""
        seen: set[int] = set()
        start, step = 0, 1
        while step < _FARTHEST:
            try:
                query = f"SELECT * FROM {table} WHERE rowid >= ? ORDER BY rowid"
                for row in self._connection.execute(query, (start,)):
                    if step > 1:
                        # These rows follow damage that the jump went beyond.
                        yield from self._before(table, start, seen)
                    if row[0] not in seen:
                        seen.add(row[0])
                        yield row
                    start, step = max(start, row[0] + 1), 1
            except RAISED_BY_SQLITE:
                start, step = start + step, step * 2
            else:
                return

    def _before(self, table: str, stop: int, seen: set[int]) -> Iterator[Row]:
        with suppress(*RAISED_BY_SQLITE):
            query = f"SELECT * FROM {table} WHERE rowid < ? ORDER BY rowid DESC"
            for row in self._connection.execute(query, (stop,)):
                if row[0] in seen:
                    return
                seen.add(row[0])
                yield row

    def state(self, table: str, types: Sequence[type]) -> list[Row]:
        """Return the rows of a table up to its first damage and from its last, if their values have these types."""
        rows: dict[Row, None] = {}
        for order in ("ASC", "DESC"):
            with suppress(*RAISED_BY_SQLITE):
                for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY 1 {order}"):
                    rows[row] = None
                break
        return [row for row in rows if len(row) == len(types) and all(map(isinstance, row, types))]


def _graft(copy: Path, new: Path) -> None:
    """Give a copy of a damaged file the header and the schema of a library that is made at `new`."""
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


class _Salvage:
    def __init__(self, file: _DamagedFile, target: Database, on_loss: Callable[[str], None]) -> None:
        self._file = file
        self._target = target
        self._on_loss = on_loss
        self._used: set[int] = set()
        """The keys of the articles that were copied or reported."""

    def run(self, on_progress: Callable[[int, int], None]) -> Salvaged:
        (newest,) = self._file.first("SELECT max(number) FROM migrations") or (None,)
        if isinstance(newest, int) and newest > SCHEMA_VERSION:
            raise NewerError(
                f"{self._file.path}: a newer Protocol Reader made this library; update the program. "
                "The file was not changed"
            )
        if not self._file.has_content() and not self._file.is_empty():
            raise DamagedError(
                f"{self._file.path}: no article in this file is intact; put a backup in its "
                "place, or choose another library with --library"
            )
        # Marks come before the articles, which are then read and starred as before.
        with self._target.writing():
            for table, types in _STATE.items():
                places = ", ".join("?" * len(types))
                self._target.run_many(
                    f"INSERT OR IGNORE INTO {table} VALUES ({places})", self._file.state(table, types)
                )
        (total,) = self._file.first("SELECT count(*) FROM captures") or (0,)
        captures = articles = waiting = size = 0
        batch: list[PreparedPage] = []
        for page in self._pages():
            batch.append(page)
            captures += 1
            articles += len(page.articles)
            waiting += len(page.articles)
            size += page.size
            if waiting >= BATCH_ARTICLES or size >= BATCH_BYTES:
                add_prepared(self._target, batch)
                batch = []
                waiting = size = 0
                on_progress(captures, max(captures, total))
        rows = self._file.state("problems", _PROBLEM)
        add_prepared(
            self._target,
            batch,
            [Problem(source, kind, reason, bool(partial)) for _, source, kind, reason, partial in rows],
        )
        return Salvaged(captures, articles)

    def _pages(self) -> Iterator[PreparedPage]:
        for row in self._file.rows("captures"):
            if len(row) > 10 and isinstance(row[1], bytes) and isinstance(row[10], bytes):
                yield self._page(*row)
        for key, *_ in self._file.rows("records"):
            if key not in self._used and (article := self._article(key)) is not None:
                self._used.add(key)
                self._report_loss(
                    f"the capture of article {key}, “{article.columns[6]}”, is lost; the article is intact"
                )
                yield _without_text(f"a capture that was lost, of article {key}", None, None, [article])
        for table in ("records", "articles"):
            for key, *_ in self._file.rows(table):
                if key not in self._used:
                    self._used.add(key)
                    self._report_loss(f"article {key}{self._title(key)} and its capture are damaged")

    def _page(
        self, key: int, digest: bytes, first: object, count: object, source: object, *columns: object
    ) -> PreparedPage:
        """Return a capture: with all its articles if its text is intact, else only with its intact articles."""
        url, captured, encoding, partial, hints, packed, *_ = columns
        url, captured, partial = (
            value if isinstance(value, str) else None for value in (url, captured, partial)
        )
        source = source if isinstance(source, str) else f"capture {key}"
        text, line_hints = _intact(unpack_text, packed, digest), _intact(decode_hints, hints) or ()
        keys = self._keys(key, first, count)
        articles = {number: self._article(number) for number in keys or ()}
        intact = [article for article in articles.values() if article is not None]
        self._used.update(articles)
        capture = Capture(
            source,
            text or "",
            url,
            captured,
            encoding if isinstance(encoding, str) else "utf-8",
            partial,
            line_hints,
        )
        page = None
        if text is not None and (keys is None or len(intact) < len(articles)):
            with suppress(Exception):  # The parser may never have seen such a text.
                page = prepare(capture, parse_capture(corrected(self._target, capture, digest)), digest)
        end = "is damaged" if page is None else "was damaged; it is read again from its capture"
        for number, article in articles.items():
            if article is None:
                self._report_loss(f"article {number}{self._title(number)} of {source} {end}")
        if page is not None:
            return page
        if text is None:
            self._report_loss(
                f"capture {key} of {source}: {_LOST_TEXT}; {len(intact)} of its articles are intact"
            )
            return _without_text(f"{source} (capture {key})", url, captured, intact, source)
        kept = (source, url, captured, capture.encoding, partial, hints if line_hints else None, packed)
        parser = columns[6] if len(columns) > 6 else 0
        return PreparedPage(digest, (*kept, parser), partial is not None, tuple(intact))

    def _keys(self, capture: int, first: object, count: object) -> range | None:
        """Return the keys of a capture's articles; None if its row or theirs do not say so."""
        if not isinstance(first, int) or not isinstance(count, int) or not 0 <= count <= _MOST_ARTICLES:
            return None
        keys = range(first, first + count)
        owners = (self._file.first("SELECT capture_key FROM articles WHERE key = ?", key) for key in keys)
        known = all(owner in (None, (capture,)) for owner in owners)
        return keys if known and self._used.isdisjoint(keys) else None

    def _article(self, key: int) -> PreparedArticle | None:
        """Return an article if it is intact."""
        digest, record = self._file.first("SELECT digest, record FROM records WHERE key = ?", key) or (
            b"",
            None,
        )
        if isinstance(record, bytes) and digest_of(record) == digest:
            return _intact(lambda: prepare_article(decode_article(record)))
        return None

    def _title(self, key: int) -> str:
        """Return the listed title of an article, to follow its key in a sentence."""
        (title,) = self._file.first("SELECT title FROM articles WHERE key = ?", key) or (None,)
        return f", “{title}”," if isinstance(title, str) else ""

    def _report_loss(self, sentence: str) -> None:
        self._on_loss(f"{self._file.path}: {sentence}")


def _intact(decode: Callable[..., _Decoded], *values: Any) -> _Decoded | None:
    """Decode values from a damaged file; None if they are invalid."""
    with suppress(ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        return decode(*values)
    return None


def _without_text(
    name: str,
    url: str | None,
    captured: str | None,
    articles: Sequence[PreparedArticle],
    source: str | None = None,
) -> PreparedPage:
    """Return a page with its articles, and a sentence in place of its lost text."""
    text = f"{name}: {_LOST_TEXT}"
    packed = zlib.compress(to_bytes(text), 1)
    columns = (source or name, url, captured, "utf-8", _LOST_TEXT, None, packed, PARSER_VERSION)
    return PreparedPage(text_digest(text), columns, True, tuple(articles))


def rebuild(
    path: Path,
    on_loss: Callable[[str], None],
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[Salvaged, Path]:
    """Replace a damaged library by its intact content. Return the counts, and the new name of the damaged file."""
    part = path.with_name(f"{path.name}.mending")
    try:
        _remove(part)
        with closing(open_database(part)) as target:
            salvaged = salvage(path, target, on_loss, on_progress)
            target.run("PRAGMA wal_checkpoint(TRUNCATE)")
        aside = set_aside(path)
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


def set_aside(path: Path) -> Path:
    """Rename a library file, with SQLite's files beside it, and return the new name. Nothing is deleted."""
    return _rename(path, "damaged", ("-wal", "-shm", ""))  # the file last: till then, it is still a library


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
