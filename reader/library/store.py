"""The library: every kept capture and its articles in one SQLite file."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from reader.errors import LibraryError
from reader.library import pictures
from reader.library.database.connection import Database, Row
from reader.library.database.errors import GoneError, damaged, methods_raise_library_errors
from reader.library.database.records import decode_article, decode_hints, is_intact, unpack_text
from reader.library.database.schema import SPONSORED_ID
from reader.library.listings.filters import Filters, Sort, chosen_groups, needs_picking, pick, read_groups
from reader.library.listings.kept_listing import KeptListing
from reader.library.listings.listing import ArticleRow, Listing
from reader.library.listings.picked_listing import PickedListing
from reader.library.migrations import open_database
from reader.permissions import make_private_folder

if TYPE_CHECKING:  # Imported where used: the first screen neither writes nor needs a folder of its own.
    from tempfile import TemporaryDirectory

    from reader.export.items import ExportItem
    from reader.library.actions import State
    from reader.library.articles import StoryVersions, Version
    from reader.library.ingest.engine import Progress, Summary
    from reader.library.ingest.preparing import PreparedPage
    from reader.library.ingest.removing import Chosen, Removed
    from reader.library.ingest.writing import Added
    from reader.library.listings import people as profiles
    from reader.library.listings.names import Name
    from reader.library.listings.overview import Overview
    from reader.library.search.results import Order, Results
    from reader.library.state.corrections import Correction
    from reader.library.state.state_records import ReadingPlace, Spot
    from reader.model import Article, Capture, LineHint, Page, Problem


class Totals(NamedTuple):
    """How much a library holds."""

    captures: int
    partial_captures: int
    """Captures of which only a part was kept; counted in `captures` too."""
    articles: int
    truncated: int
    """Articles whose text is cut off, sponsored ones included."""
    sponsored: int
    problems: int
    partial_problems: int
    """Problems of files that were read all the same but for a part; counted in `problems` too."""
    read: int = 0
    """Articles the reader has read."""
    starred: int = 0


class Stamps(NamedTuple):
    """Numbers that grow with changes."""

    content: int
    """Of what is kept and of what is listed of it."""
    state: int
    """Of the reader's marks and saved searches."""


class SectionCount(NamedTuple):
    """A group of the library and how many articles it has."""

    name: str
    count: int  # type: ignore[assignment]  # it hides the method of tuples


class StoredArticle(NamedTuple):
    """An article as kept, and the capture it is from."""

    key: int
    article: Article
    source: str
    url: str | None
    captured: str | None
    capture_key: int
    encoding: str
    partial: str | None
    """Why only a part of the capture was kept; None when it is whole."""
    story: int = 0
    """What its versions have in common."""
    sightings: int = 1
    """How many versions of its story are kept, itself included."""
    completed: bool = False
    """True when its story is listed as a whole text and another capture has only its start."""


class StoryFace(NamedTuple):
    """What an article's story is listed as."""

    key: int
    """Of the version that is listed: the fullest."""
    source: str
    """Where that is from."""
    sightings: int
    """How many versions there are."""
    cut_off: int
    """How many of them are cut off."""


@methods_raise_library_errors
class Library:
    """One connection to a library file, for use in one thread. Every failure is a LibraryError."""

    def __init__(self, database: Database, folder: TemporaryDirectory[str] | None = None) -> None:
        """`open`, `temporary` and `another` make it; `folder` is removed by `close`."""
        self._database = database
        self._folder = folder

    @classmethod
    def open(cls, path: Path) -> Library:
        """The library at `path`, made if there is none, its folder too."""
        path = path.absolute()
        try:
            make_private_folder(path.parent)
        except OSError as error:
            raise LibraryError(
                f"{path.parent}: the library's folder cannot be made ({error.strerror})"
            ) from error
        return cls(open_database(path))

    @classmethod
    def temporary(cls) -> Library:
        """An empty library in a private folder, which `close` removes, and so does the end of the program."""
        try:
            from tempfile import TemporaryDirectory

            folder = TemporaryDirectory(prefix="protocol-reader-", ignore_cleanup_errors=True)
        except OSError as error:
            raise LibraryError(f"no folder for a temporary library: {error.strerror}") from error
        return cls(open_database(Path(folder.name) / "library.db", durable=False), folder)

    def another(self) -> Library:
        """A second connection to the same file, for another thread; made in that thread, closed there."""
        return Library(open_database(self.path, durable=self._database.durable))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and remove a temporary library; again is no error."""
        self._database.close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def path(self) -> Path:
        """The library's file."""
        return self._database.path

    @property
    def database(self) -> Database:
        """The connection, for what else the rooms of the library do with it."""
        return self._database

    def interrupt(self) -> None:
        """From another thread: end the query that runs now, which then raises Interrupted."""
        self._database.interrupt()

    def add(self, pages: Iterable[tuple[Capture, Page]], problems: Iterable[Problem] = ()) -> Added:
        """Keep captures with their pages, and problems, in one transaction; nothing known is kept twice."""
        from reader.library.ingest import writing

        return writing.add(self._database, pages, problems)

    def add_prepared(self, pages: Iterable[PreparedPage], problems: Iterable[Problem] = ()) -> Added:
        """The same for pages that `preparing.prepare` has made, here or in another process."""
        from reader.library.ingest import writing

        return writing.add_prepared(self._database, pages, problems)

    def picture_offsets(
        self, source: str, file: str, keys: Sequence[bytes]
    ) -> dict[bytes, list[tuple[int, int, int]]]:
        """Where the pictures of a capture may be in its archive: see `pictures.offsets`."""
        return pictures.offsets(self._database, source, file, keys)

    def knows(self, text: str) -> bool:
        """Whether a capture with exactly this text is kept."""
        from reader.library.ingest import preparing, writing

        return writing.knows(self._database, preparing.text_digest(text))

    def version(self) -> int:
        """A number that is another after every change by this or any other connection; costs microseconds."""
        return self._database.moment()

    def stamps(self) -> Stamps:
        """What has changed since they were other numbers; reading places count for nothing."""
        return Stamps(
            self._database.number("SELECT content FROM counters"),
            self._database.number("SELECT state FROM counters"),
        )

    @property
    def kept(self) -> bool:
        """Whether the file outlives the program."""
        return self._database.durable

    @property
    def state(self) -> State:
        """What the reader adds: marks, places, saved searches, undo."""
        from reader.library.actions import State

        return State(self._database)

    def last_place(self) -> ReadingPlace | None:
        """The same as `state.place`, without the rest of what state is: the first screen waits for it."""
        from reader.library.state import positions as state_places

        return state_places.last(self._database)

    def totals(self) -> Totals:
        """How much there is, from kept counters."""
        row = self._database.numbers(
            "SELECT captures, partial_captures, articles, truncated, sponsored, problems, partial_problems,"
            " (SELECT count(*) FROM read_faces), (SELECT count(*) FROM starred_faces)"
            " FROM counters, (SELECT sum(articles) articles, sum(truncated) truncated,"
            f" sum(articles) FILTER (WHERE group_id = {SPONSORED_ID}) sponsored FROM groups)"
        )
        return Totals(*row)

    def sections(self) -> tuple[SectionCount, ...]:
        """The groups that have articles: sections by name, then Unsectioned, then Sponsored."""
        return tuple(SectionCount(group.name, group.articles) for group in read_groups(self._database))

    def listing(self, filters: Filters = Filters(), sort: Sort = Sort.KEPT) -> Listing:  # noqa: B008 (frozen)
        """The articles the filters leave, each group sorted.

        At once where only section and sponsored filter and the order is KEPT; else a matter of up to a second
        or two at 1,000,000 articles, for a thread with its own connection (see `bind`).
        """
        database = self._database
        if not needs_picking(filters, sort):
            groups = chosen_groups(read_groups(database), filters)
            return KeptListing(database, filters, sort, groups, [group.articles for group in groups])
        with database.reading():
            groups = chosen_groups(read_groups(database), filters)
            counts, keys = pick(database, groups, filters, sort)
        return PickedListing(database, filters, sort, groups, counts, keys)

    def search(
        self,
        query: str,
        *,
        order: Order | None = None,
        limit: int = 50,
        after: int | None = None,
        typing: bool = False,
    ) -> Results:
        """A page of the articles that match a query; `search.parser` documents the language.

        The newest come first, unless `order` says otherwise. `after` is that of the page before. With `typing` the
        query may be unfinished, and the search gives what it finds in some tens of milliseconds: `until` and `capped`
        say if that is not all. QueryError if the query cannot be parsed, Interrupted if `interrupt` ended the search.
        """
        from reader.library.search.searcher import Searcher  # The first screen does not wait for it.

        return Searcher(self._database).search(query, order, limit, after, typing)

    def count_found(self, query: str, *, typing: bool = False) -> tuple[int, bool]:
        """How many articles match a query, up to `MOST_COUNTED`, and whether there may be more.

        It counts for at most half a second. With `typing` the query may be unfinished; it raises what `search` does.
        """
        from reader.library.search.searcher import Searcher

        return Searcher(self._database).count(query, typing)

    def bind(self, listing: Listing) -> Listing:
        """A listing made by another connection, to be read through this one."""
        return listing.through(self._database)

    def row(self, key: int) -> ArticleRow | None:
        """An article as a list shows it, by the key of any version; None when there is none any more."""
        listing = self.listing()
        index = listing.index_of(key)
        return None if index is None else listing.rows(index, index + 1)[0]

    def article(self, key: int) -> StoredArticle:
        """The whole article; LibraryError when there is none or its bytes are not those that were written."""
        row = self._database.one(
            "SELECT record, r.digest, c.source, c.url, c.captured, c.capture_key, c.encoding, c.partial, a.story,"
            " f.sightings, f.completed FROM articles a JOIN records r USING (key) JOIN captures c USING (capture_key)"
            " JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL WHERE a.key = ?",
            (key,),
        )
        if row is None:
            if self._database.one("SELECT 1 FROM articles WHERE key = ?", (key,)) is not None:
                raise damaged(self.path, f"article {key} is not all there")
            raise GoneError(f"{self.path}: there is no article {key} any more")
        record, digest, source, url, captured, capture_key, encoding, partial, *story = row
        # The article may be intact where what is kept of its capture is not.
        source = source if isinstance(source, str) else f"capture {capture_key}"
        encoding = encoding if isinstance(encoding, str) else ""
        url, captured, partial = (
            value if isinstance(value, str) else None for value in (url, captured, partial)
        )
        if not isinstance(record, bytes) or not is_intact(record, digest):
            raise damaged(self.path, f"article {key} of {source} is not as it was written")
        try:
            article = decode_article(record)
        except (ValueError, TypeError) as error:
            raise damaged(self.path, f"article {key} of {source}: {error}") from error
        stored = StoredArticle(key, article, source, url, captured, capture_key, encoding, partial, *story)
        return stored._replace(completed=bool(stored.completed))

    def face(self, key: int) -> StoryFace | None:
        """What the story of an article is listed as, by the key of any version; None when it is kept no more."""
        row = self._database.one(
            "SELECT f.key, source, f.sightings,"
            " (SELECT count(*) FROM articles v WHERE v.story = f.story AND v.truncated = 1)"
            " FROM articles a CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL"
            " JOIN captures c ON c.capture_key = f.capture_key WHERE a.key = ?",
            (key,),
        )
        return None if row is None else StoryFace(*row)

    def story(self, key: int) -> StoryVersions:
        """The versions of an article's story, by the key of any, to be read some at a time."""
        from reader.library.articles import StoryVersions

        return StoryVersions(self._database, key)

    def versions(self, key: int) -> tuple[Version, ...]:
        """Every version of an article's story, by the key of any: the fullest first, which is the one listed."""
        story = self.story(key)
        return tuple(story.rows(0, len(story)))

    def raw(self, capture_key: int) -> str:
        """The text of a capture as it was read."""
        packed, digest = self._capture(capture_key, "text, digest")
        try:
            return unpack_text(packed, digest)
        except ValueError as error:
            raise damaged(self.path, f"the text of capture {capture_key} {error}") from error

    def hints(self, capture_key: int) -> tuple[LineHint, ...]:
        """What the capture's format knew about its lines, to parse `raw` again with."""
        return decode_hints(self._capture(capture_key, "hints")[0])

    def problems(self, start: int = 0, stop: int = 1_000) -> list[Problem]:
        """The problems from index `start` up to `stop`, in order of arrival."""
        rows = self._database.all(
            "SELECT source, kind, reason, partial FROM problems WHERE key > ? AND key <= ? ORDER BY key",
            (start, stop),
        )
        from reader.model import Problem

        return [Problem(source, kind, reason, bool(partial)) for source, kind, reason, partial in rows]

    # Filling and emptying

    def ingest(
        self,
        paths: Iterable[str],
        *,
        jobs: int | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_problem: Callable[[Problem], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Summary:
        """Add the captures at `paths` that are new: see `ingest.engine.ingest`."""
        from reader.library.ingest import engine

        return engine.ingest(
            self, paths, jobs=jobs, on_progress=on_progress, on_problem=on_problem, stop=stop
        )

    def captures_from(self, names: Iterable[str]) -> Iterator[tuple[str, list[Chosen]]]:
        """Yield each name, a path, a folder or an address, with the captures that come from there."""
        from reader.library.ingest import removing

        yield from removing.choose(self._database, names)

    def remove(
        self, captures: Sequence[int], on_progress: Callable[[Removed], None] = lambda _: None
    ) -> Removed:
        """Remove captures by their keys, in batches; `on_progress` takes what is removed so far."""
        from reader.library.ingest import removing

        return removing.remove(self._database, captures, on_progress)

    # Counts and people

    def overview(self, top: int | None = 10) -> Overview:
        """Count all of it, with `top` authors and sponsors, or all; about a second at 1,000,000 articles."""
        from reader.library.listings import overview

        return overview.overview(self._database, top)

    def authors(self) -> tuple[Name, ...]:
        """Everybody who signed a listed article, most articles first."""
        from reader.library.listings import names

        return names.authors(self._database)

    def sponsors(self) -> tuple[Name, ...]:
        """Everybody who paid for a listed article, most articles first, "" last."""
        from reader.library.listings import names

        return names.sponsors(self._database)

    def profile(self, name: str, *, sponsor: bool = False) -> profiles.Profile:
        """What is listed of an author, or of a `sponsor`."""
        from reader.library.listings import people as profiles

        return profiles.profile(self._database, name, sponsor=sponsor)

    def profile_pieces(self, keys: Sequence[int]) -> list[profiles.Piece]:
        """A row for each of `keys` as a profile lists them."""
        from reader.library.listings import people as profiles

        return profiles.pieces(self._database, keys)

    # Choices of articles, and articles to export

    def newest_keys(self) -> array[int]:
        """All listed articles by printed date, the latest first; eight bytes each."""
        from reader.library import exporting as taking

        return taking.newest_keys(self)

    def listed_keys(self, listing: Listing) -> Iterator[int]:
        """What a listing lists, in its order."""
        from reader.library import exporting as taking

        yield from taking.listed_keys(self, listing)

    def found_keys(self, query: str, order: Order | None = None) -> Iterator[int]:
        """What a query finds, newest first unless `order` says otherwise; QueryError if it cannot be parsed."""
        from reader.library import exporting as taking
        from reader.library.search.results import Order

        yield from taking.found_keys(self, query, order or Order.NEWEST)

    def opening_keys(self, query: str = "") -> Sequence[int]:
        """Articles known only by their openings, newest first; with a query those it finds."""
        from reader.library.listings import openings

        return array("q", openings.found_openings(self, query)) if query else openings.opening_keys(self)

    def whole_now(self, keys: Iterable[int]) -> set[int]:
        """Which of these articles are whole in another capture now."""
        from reader.library.listings import openings

        return openings.whole_now(self, keys)

    def all_readable(self, keys: Iterable[int]) -> bool:
        """Is every article of `keys` as it was written?"""
        from reader.library import exporting as taking

        return taking.all_readable(self, keys)

    def piece(self, stored: StoredArticle) -> ExportItem:
        """A kept article, ready to be exported."""
        from reader.library import exporting as taking

        return taking.piece_of(self, stored)

    def pieces(self, keys: Iterable[int], on_damage: Callable[[str], None]) -> Iterator[ExportItem]:
        """Yield the articles of `keys`; `on_damage` takes a sentence about each that cannot be read."""
        from reader.library import exporting as taking

        yield from taking.pieces(self, keys, on_damage)

    # Lines of captures, and corrections

    def line_of(self, key: int) -> Spot | None:
        """The line where article `key` begins; None when it is gone or cannot be read."""
        from reader.library.state import line_refs

        return line_refs.spot_of(self._database, key)

    def article_at(self, line: Spot) -> int | None:
        """The key of the article that has the line, or the nearest; None when its capture has none or is gone."""
        from reader.library.state import line_refs

        return line_refs.key_at(self._database, line)

    def capture_digest(self, capture_key: int) -> bytes | None:
        """The digest of a capture's text; None when it is not kept any more."""
        from reader.library.state import line_refs

        return line_refs.capture_of(self._database, capture_key)

    def kept_capture(self, digest: bytes) -> tuple[int, str] | None:
        """The key and source of the capture whose text has this digest; None when none is kept."""
        from reader.library.state import line_refs

        return line_refs.kept_at(self._database, digest)

    def corrections(self, digest: bytes | None = None) -> tuple[Correction, ...]:
        """The corrections of the text with this digest, by line; without one all, text by text."""
        from reader.library.state import corrections

        if digest is None:
            return corrections.every(self._database)
        return corrections.of_capture(self._database, digest)

    # Care

    def backup(
        self, target: Path, on_progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> None:
        """Copy the library to `target`, replacing what is there; `on_progress` takes bytes done and in all."""
        self._database.copy_to(target, on_progress)

    def ensure_sound(self) -> None:
        """Raise DamagedError if the structure of the file is damaged."""
        from reader.library.repair import checking as upkeep

        upkeep.ensure_sound(self)

    def mend(self) -> Path:
        """Copy the file aside, then rebuild counts, places and the search index; the copy's path."""
        from reader.library.repair import mending

        aside = mending.copy_aside(self._database)
        mending.mend(self._database)
        return aside

    def added_path(self, path: str) -> str | None:
        """The absolute path of a file that was added, by the end of it; None if none or several match."""
        from reader.library import paths

        return paths.path_of(self._database, path)

    def _capture(self, capture_key: int, columns: str) -> Row:
        row = self._database.one(f"SELECT {columns} FROM captures WHERE capture_key = ?", (capture_key,))
        if row is None:
            raise GoneError(f"{self.path}: there is no capture {capture_key} any more")
        return row
