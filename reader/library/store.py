"""The library: every kept capture and its articles in one SQLite file, accessed only through `Library`.

The modules that the first screen does not need are imported when a method first uses them: search takes about 15 ms of
processor time, the parser and the capture formats 20 ms, counts of people 1 ms; opening a library takes 10 ms.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from reader.errors import LibraryError
from reader.library.articles import (
    LineRef,
    StoredArticle,
    Version,
    read_article,
    read_capture,
    read_version,
    read_versions,
)
from reader.library.database.connection import Database, open_database
from reader.library.database.errors import Interrupted, damaged, methods_raise_library_errors
from reader.library.database.schema import (
    DATE,
    IS_SKIPPED,
    SPONSORED_ID,
    decode_article,
)
from reader.library.listing import ArticleRow, Filters, Hit, Listing, Order, Sort, read_groups, rows_of
from reader.library.state import marks
from reader.model import NOT_A_CAPTURE, Problem
from reader.permissions import make_private_folder
from reader.sanitize import label_of

if TYPE_CHECKING:
    from reader.captures.pictures import Pictures
    from reader.export.items import ExportItem
    from reader.library import actions, exporting, overview, repair
    from reader.library.actions import State
    from reader.library.ingest import engine, files, removing
    from reader.library.ingest.removing import Removed
    from reader.library.ingest.writing import Summary
    from reader.library.listing import Results, SectionCount
    from reader.library.overview import NameCount, Overview, Profile, ProfileRow
    from reader.library.repair import Salvaged
    from reader.library.search import searcher
    from reader.library.search.searcher import Searcher
    from reader.library.state import corrections, notes
    from reader.library.state.corrections import Correction
    from reader.library.state.marks import StoredPosition
    from reader.library.state.notes import Annotations, GoneStory
    from reader.model import Article, Capture
else:

    class _Later:
        """A module of the library that is imported when it is first used."""

        def __init__(self, name: str) -> None:
            self._name = f"reader.library.{name}"

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    actions, exporting, overview, repair = map(_Later, ("actions", "exporting", "overview", "repair"))
    engine, files, removing = map(_Later, ("ingest.engine", "ingest.files", "ingest.removing"))
    searcher, corrections, notes = map(_Later, ("search.searcher", "state.corrections", "state.notes"))


_SKIPPED_KIND = f"CASE WHEN {IS_SKIPPED} THEN kind ELSE '' END"
_SKIPPED_REASON = f"CASE kind WHEN '{NOT_A_CAPTURE}' THEN reason ELSE '' END"


class Totals(NamedTuple):
    """How much a library holds."""

    captures: int
    articles: int
    truncated: int
    """Articles whose text is cut off, sponsored ones included."""
    sponsored: int
    problems: int
    """Files that could not be read, or only in part."""
    read: int = 0
    starred: int = 0
    skipped: int = 0
    """Files, and parts of files, that were skipped on purpose."""


class Stamps(NamedTuple):
    """Counters that grow with changes."""

    content: int
    """Counts changes of the articles that are kept or listed."""
    state: int
    """Counts changes of the reader's marks and saved searches."""


@methods_raise_library_errors
class Library(AbstractContextManager["Library"]):
    """One connection to a library file, for use in one thread. Every failure is a LibraryError."""

    def __init__(self, database: Database, folder: TemporaryDirectory[str] | None = None) -> None:
        """Use `open`, `temporary` or `another` instead. `close` removes `folder`."""
        self._database = database
        self._folder = folder
        self.stems = True
        """Do searches for a word find all words with the same stem?"""

    # The file

    @classmethod
    def open(cls, path: Path) -> Library:
        """Open the library at `path`. Create it, and its folder, if there is none."""
        path = path.absolute()
        try:
            make_private_folder(path.parent)
        except OSError as error:
            raise LibraryError(
                f"{path.parent}: cannot create the library's folder ({error.strerror})"
            ) from error
        return cls(open_database(path))

    @classmethod
    def temporary(cls) -> Library:
        """Create an empty library in a private folder. `close`, or the end of the program, removes it."""
        try:
            folder = TemporaryDirectory(prefix="protocol-reader-", ignore_cleanup_errors=True)
        except OSError as error:
            raise LibraryError(f"cannot create a folder for a temporary library: {error.strerror}") from error
        return cls(open_database(Path(folder.name) / "library.db", durable=False), folder)

    def another(self) -> Library:
        """Open a second connection to the same file. Call and close it in the thread that uses it."""
        other = Library(self._database.another())
        other.stems = self.stems
        return other

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and remove a temporary library. Closing twice is no error."""
        self._database.close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def path(self) -> Path:
        """The library's file."""
        return self._database.path

    @property
    def is_durable(self) -> bool:
        """Does the file outlive the program?"""
        return self._database.durable

    @property
    def can_write(self) -> bool:
        """May the file be changed? SQLite also needs files beside it."""
        return all(os.access(place, os.W_OK) for place in (self.path, self.path.parent))

    def interrupt(self) -> None:
        """From another thread: stop the running query, which then raises Interrupted."""
        self._database.interrupt()

    def retry_full_disk(self) -> None:
        """If the disk was full when this was opened, connect again: only then are later changes seen."""
        self._database.retry_full_disk()

    # Filling and emptying

    def ingest(
        self,
        paths: Iterable[str],
        *,
        jobs: int | None = None,
        on_progress: Callable[[Summary], None] = lambda _: None,
        on_problem: Callable[[Problem], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Summary:
        """Add the new captures at `paths`; see `ingest.engine.ingest`."""
        return engine.ingest(
            self._database, paths, jobs=jobs, on_progress=on_progress, on_problem=on_problem, stop=stop
        )

    def captures_from(self, names: Iterable[str]) -> dict[str, list[int]]:
        """Return the keys of the captures from each name (a path, folder or address), in order of arrival."""
        return removing.captures_from(self._database, names)

    def articles_only_in(self, captures: Sequence[int]) -> int:
        """Return how many articles leave the library with these captures."""
        return removing.articles_only_in(self._database, captures)

    def remove(
        self, captures: Sequence[int], on_progress: Callable[[Removed], None] = lambda _: None
    ) -> Removed:
        """Remove captures by their keys, in batches; `on_progress` receives the totals so far."""
        return removing.remove(self._database, captures, on_progress)

    def problems_from(self, path: str) -> list[int]:
        """Return the keys of the problems of a file or folder, and of what is in it."""
        # Shards name files as they were typed.
        labels = {label_of(os.path.abspath(path)), label_of(os.path.normpath(path))}  # noqa: PTH100
        return files.keys_of_problems(self._database, labels)

    def forget_problems(self, keys: Sequence[int]) -> None:
        """Forget problems by their keys."""
        with self._database.writing():
            files.forget_problems(self._database, keys)

    # Counts

    def stamps(self) -> Stamps:
        """Return the two counters of changes; reading positions do not count."""
        return Stamps(*self._database.numbers("SELECT content, state FROM counters"))

    def totals(self) -> Totals:
        """Return the size of the library, without looking at every article."""
        row = self._database.numbers(
            "SELECT (SELECT count(*) FROM captures), sum(articles), sum(truncated),"
            f" sum(articles) FILTER (WHERE group_id = {SPONSORED_ID}),"
            f" (SELECT count(*) FROM problems WHERE NOT {IS_SKIPPED}),"
            " (SELECT count(*) FROM read_articles), (SELECT count(*) FROM starred_articles),"
            f" (SELECT count(*) FROM problems WHERE {IS_SKIPPED}) FROM groups"
        )
        return Totals(*row)

    def sections(self, *, by_name: bool = False) -> tuple[SectionCount, ...]:
        """Return the groups that have articles: sections, most articles first, then Unsectioned, then Sponsored.

        `by_name`: sections in order of their names, which stays the same while articles are added.
        """
        return read_groups(self._database, by_name=by_name)

    def overview(self) -> Overview:
        """Count everything. A second at 1,000,000 articles."""
        return overview.overview(self._database)

    def authors(self) -> tuple[NameCount, ...]:
        """Return all authors of listed articles, most articles first. Under a second at 1,000,000 articles."""
        return overview.authors(self._database)

    def sponsors(self) -> tuple[NameCount, ...]:
        """Return all sponsors of listed articles, most articles first, "" last."""
        return overview.sponsors(self._database)

    def profile(self, name: str, *, sponsor: bool = False) -> Profile:
        """Return the profile of an author, or of a `sponsor`. A few tenths of a second at 1,000,000 articles."""
        return overview.profile(self._database, name, sponsor=sponsor)

    def profile_rows(self, keys: Sequence[int]) -> list[ProfileRow]:
        """Return the rows of articles in a profile."""
        return overview.profile_rows(self._database, keys)

    # Lists and searches

    @property
    def _searcher(self) -> Searcher:
        return searcher.Searcher(self._database, stems=self.stems)

    def listing(
        self,
        filters: Filters = Filters(),  # noqa: B008 (frozen)
        sort: Sort = Sort.ADDED,
        *,
        by_name: bool = False,
    ) -> Listing:
        """Return the articles that pass the filters, with each group sorted; the groups as in `sections`.

        Immediate if only section and sponsored are filtered and the order is ADDED. Otherwise it takes up to two
        seconds at 1,000,000 articles: call it in a thread with its own connection (see `bind`).
        """
        return Listing(self._database, filters, sort, by_name=by_name)

    def bind(self, listing: Listing) -> Listing:
        """Return a listing that another connection made, to read through this one."""
        return listing.through(self._database)

    def row(self, key: int) -> ArticleRow | None:
        """Return the row of an article in a list, given the key of any version; None if it is gone."""
        row = self._database.first_row(
            "SELECT f.key FROM articles a JOIN articles f ON f.story = a.story AND f.listed WHERE a.key = ?",
            (key,),
        )
        return None if row is None else rows_of(self._database, row)[0]

    def search(
        self,
        query: str,
        *,
        order: Order | None = None,
        limit: int = 50,
        after: int | None = None,
        typing: bool = False,
    ) -> Results:
        """Return a page of the articles that match a query; `search.parser` documents the language.

        The newest come first, unless `order` says otherwise. `after` comes from the previous page. With `typing`, the
        query may be unfinished, and matches are counted for a moment only. QueryError if the query cannot be parsed,
        Interrupted if `interrupt` stopped the search.
        """
        return self._searcher.search(query, order, limit, after, typing)

    def count_found(self, query: str, *, typing: bool = False) -> tuple[int, bool]:
        """Return how many articles match a query, up to `MOST_COUNTED`, and whether there may be more.

        Counts for at most half a second. With `typing`, the query may be unfinished. Raises what `search` raises.
        """
        return self._searcher.count(query, typing)

    def suggestion(self, query: str, *, typing: bool = False) -> str | None:
        """Return a query that matches nothing in the nearest spelling that does; None if there is none.

        Raises what `search` raises.
        """
        return self._searcher.suggestion(query, typing)

    # Articles and captures

    def article(self, key: int) -> StoredArticle:
        """Return an article with its text and, if it is listed, what other captures know of its story.

        GoneError if it is not kept, DamagedError if it was altered.
        """
        return read_article(self._database, key)

    def version(self, key: int) -> StoredArticle:
        """Return an article as its own capture has it. Raises the same errors as `article`."""
        return read_version(self._database, key)

    def versions(self, key: int) -> tuple[Version, ...]:
        """Return all versions of a story, given the key of any: the fullest first, which is the listed one."""
        return read_versions(self._database, key)

    def capture(self, capture_key: int) -> Capture:
        """Return a capture as it was read, for parsing it again. GoneError or DamagedError, as for `article`."""
        return read_capture(self._database, capture_key)

    def problems(self, start: int = 0, stop: int = 1_000) -> list[Problem]:
        """Return the problems from index `start` up to `stop`: failures in order of arrival, then what was skipped."""
        rows = self._database.all(
            "SELECT source, kind, reason, partial FROM problems"
            f" ORDER BY {_SKIPPED_KIND}, {_SKIPPED_REASON}, key LIMIT ? OFFSET ?",
            (max(0, stop - start), start),
        )
        return [Problem(source, kind, reason, bool(partial)) for source, kind, reason, partial in rows]

    def skipped(self) -> list[tuple[str, int]]:
        """Return the reasons why files, and parts of files, were skipped on purpose, with counts."""
        rows = self._database.all(
            f"SELECT {_SKIPPED_KIND}, {_SKIPPED_REASON}, count(*) FROM problems"
            f" WHERE {IS_SKIPPED} GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return [(Problem("", kind, reason).skip_reason, count) for kind, reason, count in rows]

    def pictures(self, source: str, article: Article) -> Pictures:
        """Find the pictures of an article of the capture `source`; none if its file is gone."""
        return exporting.pictures_of(self._database, source, article)

    # Exporting

    def newest_keys(self) -> Sequence[int]:
        """Return all listed articles by printed date, the newest first; eight bytes each."""
        rows = self._database.rows("SELECT key FROM articles WHERE listed ORDER BY published DESC, key DESC")
        return array("q", (key for (key,) in rows))

    def all_hits(self, query: str, order: Order = Order.NEWEST, *, typing: bool = False) -> Iterator[Hit]:
        """Yield every match of a query, in pages. Takes and raises what `search` does."""
        yield from self._searcher.all_hits(query, order, typing)

    def found_keys(self, query: str, order: Order = Order.NEWEST, *, typing: bool = False) -> Iterator[int]:
        """Yield all articles that match a query. QueryError if it cannot be parsed."""
        yield from (hit.row.key for hit in self.all_hits(query, order, typing=typing))

    def opening_keys(self, query: str = "") -> Sequence[int]:
        """Return the articles (that match a query) of which only the opening is known, the newest first."""
        if query:
            return array("q", (hit.row.key for hit in self.all_hits(query) if hit.row.truncated))
        rows = self._database.rows(
            f"SELECT key FROM articles a WHERE listed AND truncated ORDER BY {DATE} DESC, key DESC"
        )
        return array("q", (key for (key,) in rows))

    def all_readable(self, keys: Iterable[int]) -> bool:
        """Are all these articles intact?"""
        try:
            for key in keys:
                self.article(key)
        except Interrupted:
            raise
        except LibraryError:
            return False
        return True

    def export_item(self, stored: StoredArticle) -> ExportItem:
        """Make the export item of a kept article."""
        return exporting.export_item(self._database, stored)

    def export_items(
        self, keys: Iterable[int], on_damage: Callable[[str], None], *, local_paths: bool = False
    ) -> Iterator[ExportItem]:
        """Yield the export items of articles; see `exporting.export_items`."""
        yield from exporting.export_items(self._database, keys, on_damage, local_paths=local_paths)

    def noted_items(
        self,
        query: str,
        on_damage: Callable[[str], None],
        *,
        keys: Iterable[int] | None = None,
        local_paths: bool = False,
    ) -> Iterator[ExportItem]:
        """Yield the export items of articles with highlights, notes or tags; see `exporting.noted_items`.

        Those that match a query, or those of `keys`, or all. QueryError if the query cannot be parsed.
        """
        gone: Iterable[GoneStory] = ()
        if query:
            keys, gone = self.found_keys(query), self._searcher.gone_stories(query)
        elif keys is None:
            gone = self.annotations.gone()
        yield from exporting.noted_items(self._database, keys, gone, on_damage, local_paths=local_paths)

    # What the reader adds

    @property
    def state(self) -> State:
        """Marks, saved searches, splits, corrections and undo."""
        return actions.State(self._database)

    @property
    def annotations(self) -> Annotations:
        """Highlights, notes and tags."""
        return notes.Annotations(self._database)

    def last_position(self) -> StoredPosition | None:
        """Return where the reader stopped last, in any kept article."""
        return next(marks.newest_positions(self._database, 20), None)

    def article_at(self, line: LineRef) -> int | None:
        """Return the article that contains a line, or the nearest; None if its capture has none or is gone."""
        rows = self._database.all(
            "SELECT key, record FROM captures JOIN records ON key >= first_article AND key < first_article + articles"
            " WHERE captures.digest = ?",
            (line.capture,),
        )
        nearest: list[tuple[int, int, int]] = []
        for key, record in rows:
            with suppress(ValueError, TypeError):
                article = decode_article(record)
                away = max(article.first_line - line.line, line.line - article.last_line, 0)
                # If two articles contain the line, take the inner one: a message in a newsletter.
                nearest.append((away, article.last_line - article.first_line, key))
        return min(nearest)[2] if nearest else None

    def kept_capture(self, digest: bytes) -> tuple[int, str] | None:
        """Return the key and source of the capture whose text has this digest, or None if none is kept."""
        row = self._database.first_row("SELECT capture_key, source FROM captures WHERE digest = ?", (digest,))
        return None if row is None else (row[0], row[1])

    def corrections(self, digest: bytes | None = None) -> tuple[Correction, ...]:
        """Return the corrections of the text with this digest, by line; without a digest, those of all texts."""
        return corrections.read(self._database, digest)

    # Care

    def backup(self, target: Path, on_progress: Callable[[int, int], None]) -> None:
        """Copy the library to `target`, replacing any file. `on_progress` receives the bytes copied and the total."""
        self._database.copy_to(target, on_progress)

    def ensure_sound(self) -> None:
        """Check the structure of the file, in a fraction of the time of an export. DamagedError if it is damaged."""
        with self._database.reading(), self._database.stopped_by_signals():
            for (line,) in self._database.all("PRAGMA quick_check(1)"):
                if line != "ok":
                    raise damaged(self.path, str(line))
            listed = self._database.number("SELECT count(*) FROM articles WHERE listed")
            if listed != self._database.number("SELECT coalesce(sum(articles), 0) FROM groups"):
                raise damaged(self.path, "not all articles are listed")

    def salvage(
        self, path: Path, on_loss: Callable[[str], None], on_progress: Callable[[int, int], None]
    ) -> Salvaged:
        """Add everything that is intact in the damaged library at `path`; see `repair.salvage`."""
        return repair.salvage(path, self._database, on_loss, on_progress)
