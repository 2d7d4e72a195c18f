"""Copies everything that is intact in a damaged library to another one.

Captures and articles are recognised by their digests anywhere in the file, so neither the schema nor any index has to
be sound. An article with a damaged record is parsed again from its capture. Adding the captures rebuilds counts,
places, stories and the search index. Marks, positions, saved searches, corrections, splits and the log are copied as
far as they are readable.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import DamagedError, NewerError
from reader.library.database.foreign_log import is_foreign
from reader.library.database.records import decode_article, decode_hints, digest_of, to_bytes, unpack_text
from reader.library.database.schema import SCHEMA_VERSION
from reader.library.ingest.preparing import (
    PreparedArticle,
    PreparedPage,
    prepare,
    prepare_article,
    text_digest,
)
from reader.library.ingest.writing import add_prepared
from reader.library.migrations import open_database
from reader.library.repair.mending import set_aside
from reader.library.repair.page_reading import PageReader, RawRow, RowRef
from reader.library.state.corrections import corrected
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture

_BATCH: Final = 1_000
"""Articles added in one transaction."""
_MOST_ARTICLES: Final = 100_000
"""The most articles that a capture can plausibly claim."""
_LOST_TEXT: Final = "its text was lost when the library was damaged"
_BYTES: Final = bytes
_OPTIONAL_TEXT: Final = (str, type(None))


class Salvaged(NamedTuple):
    """The counts of what was copied and lost."""

    captures: int
    articles: int
    lost: int
    """Damaged articles and captures; each was reported."""


class _Shape(NamedTuple):
    """The shape of the rows in a table of the reader's state."""

    columns: str
    types: tuple[type, ...]
    key: str | None = None
    """The name of the rowid, if rows have one."""
    unmistakable: bool = True
    """True if a row can be recognised by its shape alone, when the schema is damaged."""

    def fits(self, row: RawRow) -> bool:
        values = row.values
        if self.key is not None:
            values = values[1:] if row.key is not None and values[:1] == (None,) else ()
        elif row.key is not None:
            return False
        return len(values) == len(self.types) and all(map(isinstance, values, self.types))


_STATE: Final[dict[str, _Shape]] = {
    "marks": _Shape("identity, read, starred", (_BYTES, int, int)),
    "places": _Shape("identity, block, offset", (_BYTES, int, int), "turn"),
    "searches": _Shape("name, query", (str, str)),
    "corrections": _Shape("capture, line, kind, role, value, shown", (_BYTES, int, str, str, str, str)),
    "annotations": _Shape("quote, before, after, color, note, title, source, made", (str,) * 8, "number"),
    "annotated": _Shape("identity, number", (_BYTES, int), unmistakable=False),
    "tags": _Shape("identity, tag", (_BYTES, str), unmistakable=False),
    "apart": _Shape("one, other", (_BYTES, _BYTES), unmistakable=False),
    "renames": _Shape("old, new", (_BYTES, _BYTES), unmistakable=False),
    "actions": _Shape("undone, kind, words, change", (int, str, str, _BYTES), "number"),
}
_PROBLEM: Final = _Shape("source, kind, reason, partial", (str, str, str, int), "key")
_MIGRATION: Final = _Shape("name", (str,), "number")


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
    with PageReader(path, with_log=not is_foreign(path)) as pages:
        return _Salvage(path, pages, target, on_loss).run(on_progress)


class _Salvage:
    def __init__(
        self, path: Path, pages: PageReader, target: Database, on_loss: Callable[[str], None]
    ) -> None:
        self._path = path
        self._pages = pages
        self._target = target
        self._on_loss = on_loss
        self._lost = 0
        self._captures: dict[int, RowRef] = {}
        self._records: dict[int, RowRef] = {}
        self._damaged_records: set[int] = set()
        self._articles: dict[int, RowRef] = {}
        self._of_capture: dict[int, list[int]] = defaultdict(list)
        """The articles of each capture, according to their own rows."""
        self._state: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _STATE}
        self._problems: list[Problem] = []
        self._used: set[int] = set()

    def run(self, on_progress: Callable[[int, int], None]) -> Salvaged:
        self._find()
        if not self._captures and not self._records:
            raise DamagedError(
                f"{self._path}: no article in this file is intact; put a backup in its "
                "place, or choose another library with --library"
            )
        self._write_state()
        articles = 0
        batch: list[PreparedPage] = []
        size = captures = 0
        for page in self._all_pages():
            batch.append(page)
            size += len(page.articles)
            captures += 1
            articles += len(page.articles)
            if size >= _BATCH or len(batch) >= _BATCH:
                add_prepared(self._target, batch)
                batch, size = [], 0
                on_progress(captures, len(self._captures))
        add_prepared(self._target, batch, self._problems)
        return Salvaged(captures, articles, self._lost)

    def _find(self) -> None:
        """Read all rows of the file and note the positions of those that matter."""
        owners = self._pages.tables()
        for row in self._pages.rows():
            owner = owners.get(row.page)
            if row.key is not None and row.key > 0 and row.values[:1] == (None,):
                if self._find_content(row.key, row):
                    continue
                if owner in (None, "problems") and _PROBLEM.fits(row):
                    self._problems.append(_problem(row.values[1:]))
                if owner == "migrations" and _MIGRATION.fits(row) and row.key > SCHEMA_VERSION:
                    raise NewerError(
                        f"{self._path}: a newer Protocol Reader made this library; update the program. "
                        "The file was not changed"
                    )
            for table, shape in _STATE.items():
                if (owner == table or (owner is None and shape.unmistakable)) and shape.fits(row):
                    values = row.values if shape.key is None else (row.key, *row.values[1:])
                    self._state[table].append(values)

    def _find_content(self, key: int, row: RawRow) -> bool:
        """Note the position of a row if it is an article or a capture; return whether it is."""
        values = row.values
        if len(values) == 3 and _is_digest(values[1]) and isinstance(values[2], bytes):
            if digest_of(values[2]) == values[1]:
                self._records[key] = row.ref
            else:
                self._damaged_records.add(key)
        elif len(values) in (11, 12) and _is_digest(values[1]) and isinstance(values[10], bytes):
            self._captures[key] = row.ref
        elif len(values) >= 13 and isinstance(values[1], int) and isinstance(values[3], bytes):
            self._articles[key] = row.ref
            self._of_capture[values[1]].append(key)
        else:
            return False
        return True

    def _write_state(self) -> None:
        """Write the reader's state. Marks come before the articles, which are then read and starred as before."""
        database = self._target
        with database.writing():
            for table, shape in _STATE.items():
                columns = shape.columns if shape.key is None else f"{shape.key}, {shape.columns}"
                database.insert(table, columns, self._state[table], ignore_existing=True)

    def _all_pages(self) -> Iterator[PreparedPage]:
        for key in sorted(self._captures):
            row = self._pages.row(self._captures[key])
            if row is not None:
                yield self._page(key, row.values)
        for key in sorted(set(self._records) - self._used):
            article = self._article(key)
            if article is not None:
                self._report_loss(
                    f"the capture of article {key}, “{article.columns[6]}”, is lost; the article is intact"
                )
                yield _without_text(f"a capture that was lost, of article {key}", None, None, [article])
        for key in sorted((set(self._articles) | self._damaged_records) - self._used):
            self._report_loss(f"article {key}{self._title(key)} and its capture are damaged")

    def _page(self, key: int, values: Sequence[Any]) -> PreparedPage:
        """Return a capture with its intact articles."""
        _, digest, first, count, source, url, captured, encoding, partial, hints, text, *parser = values
        source = source if isinstance(source, str) else f"capture {key}"
        url, captured, partial = (
            value if isinstance(value, _OPTIONAL_TEXT) else None for value in (url, captured, partial)
        )
        encoding = encoding if isinstance(encoding, str) else "utf-8"
        keys = self._keys(key, first, count)
        articles = [self._article(number) for number in keys]
        intact = _unpacked(text, digest)
        missing = articles.count(None)
        if intact is None:
            self._report_loss(
                f"capture {key} of {source}: {_LOST_TEXT}; {len(articles) - missing} of its articles are intact"
            )
        elif missing:
            capture = Capture(source, intact, url, captured, encoding, partial, _hints(hints))
            articles = self._read_again(capture, digest, keys, articles)
        for number, article in zip(keys, articles, strict=True):
            if article is None:
                self._report_loss(f"article {number}{self._title(number)} of {source} is damaged")
        intact_articles = [article for article in articles if article is not None]
        if intact is None:
            return _without_text(source, url, captured, intact_articles, key)
        columns = (source, url, captured, encoding, partial, hints if _hints(hints) else None, text)
        version = parser[0] if parser and isinstance(parser[0], int) else 0
        return PreparedPage(digest, (*columns, version), partial is not None, tuple(intact_articles))

    def _keys(self, capture: int, first: object, count: object) -> list[int]:
        """Return the keys of a capture's articles."""
        claimed: set[int] = set()
        if isinstance(first, int) and isinstance(count, int) and 0 <= count <= _MOST_ARTICLES:
            claimed = set(range(first, first + count))
        others = {key for key in claimed if key in self._articles and key not in self._of_capture[capture]}
        keys = sorted((claimed - others | set(self._of_capture[capture])) - self._used)
        self._used.update(keys)
        return keys

    def _read_again(
        self,
        capture: Capture,
        digest: bytes,
        keys: Sequence[int],
        read_before: Sequence[PreparedArticle | None],
    ) -> list[PreparedArticle | None]:
        """Parse a capture again and return its articles, with the damaged ones replaced."""
        with suppress(Exception):  # if this fails, the articles are reported as damaged
            page = parse_capture(corrected(self._target, capture, digest))
            read_now = prepare(capture, page, digest).articles
            if len(read_now) == len(keys):
                for key, old, new in zip(keys, read_before, read_now, strict=True):
                    if old is None:
                        self._report_loss(
                            f"article {key}, “{new.columns[6]}”, of {capture.source} was damaged; "
                            "it is read again from its capture"
                        )
                return [old or new for old, new in zip(read_before, read_now, strict=True)]
        return list(read_before)

    def _article(self, key: int) -> PreparedArticle | None:
        """Return an article if it is intact."""
        if key not in self._records:
            return None
        row = self._pages.row(self._records[key])
        with suppress(ValueError, TypeError, RecursionError):
            if row is not None and isinstance(row.values[2], bytes):
                self._used.add(key)
                return prepare_article(decode_article(row.values[2]))
        return None

    def _title(self, key: int) -> str:
        """Return the listed title of an article, to follow its key in a sentence."""
        row = self._pages.row(self._articles[key]) if key in self._articles else None
        title = row.values[10] if row is not None else None
        return f", “{title}”," if isinstance(title, str) else ""

    def _report_loss(self, sentence: str) -> None:
        self._lost += 1
        self._on_loss(f"{self._path}: {sentence}")


def _is_digest(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 32


def _problem(values: Sequence[Any]) -> Problem:
    source, kind, reason, partial = values
    return Problem(source, kind, reason, bool(partial))


def _unpacked(text: bytes, digest: bytes) -> str | None:
    """Return the text of a capture, or None if it was altered."""
    with suppress(ValueError, MemoryError):
        return unpack_text(text, digest)
    return None


def _hints(data: object) -> tuple[Any, ...]:
    with suppress(ValueError, TypeError, RecursionError):
        if isinstance(data, bytes):
            return decode_hints(data)
    return ()


def _without_text(
    source: str,
    url: str | None,
    captured: str | None,
    articles: Sequence[PreparedArticle],
    key: int | None = None,
) -> PreparedPage:
    """Return a page with its articles, and a sentence in place of its lost text."""
    text = f"{source}{'' if key is None else f' (capture {key})'}: {_LOST_TEXT}"
    packed = zlib.compress(to_bytes(text), 1)
    columns = (source, url, captured, "utf-8", _LOST_TEXT, None, packed, PARSER_VERSION)
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
