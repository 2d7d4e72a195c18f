"""What the reader does to a library: marks, stars, saved searches, splits and corrections, each of which can be undone.

One log for each library, whoever reads in it. An action stands in it with what it changed, not with what was there
before, so undoing it leaves alone whatever else has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from reader.errors import LibraryError
from reader.library.articles import gone_article
from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.listings.listing import Listing
from reader.library.search import indexing
from reader.library.state import marks, positions
from reader.library.state.marks import IDENTITY_BYTES, Flag
from reader.library.state.positions import LineRef, SavedSearch, StoredPosition
from reader.library.stories import stories
from reader.library.stories.fingerprints import representative_key
from reader.library.stories.placing import Changes

if (
    TYPE_CHECKING
):  # Corrections are in the parser's words; marking and searching must not wait for the parser.
    from reader.library.state import corrections
    from reader.library.state.corrections import Correction, Statement

MOST_ACTIONS = 1_000
MOST_BYTES = 64_000_000
"""How much the log keeps; the newest action stays whatever its size."""
_TITLE = 60
"""The most characters of a title that the log repeats."""

Kind = Literal["read", "unread", "star", "unstar", "searches", "split", "unsplit", "correction"]
_FLAGS: dict[str, tuple[Flag, bool, str]] = {
    "read": ("read", True, "marked “{}” read"),
    "unread": ("read", False, "marked “{}” unread"),
    "star": ("starred", True, "starred “{}”"),
    "unstar": ("starred", False, "took the star from “{}”"),
}
"""The kinds that set a flag or clear it, and what the log says of them."""


class Action(NamedTuple):
    """One entry of the log."""

    number: int
    kind: Kind
    words: str
    """What was done, for a reader: "starred “…”"."""
    change: bytes
    """What it changed, as the kind has it."""


@methods_raise_library_errors
class State:
    """What the reader adds to the library of one connection; every write is one transaction.

    A write waits at most five seconds for another program's, then it is a LibraryError and nothing has changed.
    A method that writes returns in words what was done, or None when nothing had to change. `undo` takes back the
    last action in the library, whoever did it and when, and returns its words.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # Marks

    def counts(self) -> tuple[int, int]:
        """How many stories are unread, and how many starred."""
        unread, starred = self._database.numbers(
            "SELECT (SELECT coalesce(sum(articles), 0) FROM groups) - (SELECT count(*) FROM read_faces),"
            " (SELECT count(*) FROM starred_faces)"
        )
        return unread, starred

    def set_read(self, key: int, read: bool) -> str | None:
        """Mark the story of version `key` read, or unread."""
        return self._set_flag(key, "read" if read else "unread")

    def set_starred(self, key: int, starred: bool) -> str | None:
        """Star the story of version `key`, or take the star away."""
        return self._set_flag(key, "star" if starred else "unstar")

    def mark_listed_read(self, listing: Listing) -> int:
        """Mark all that a listing lists as read; how many of its stories were not.

        About a second at 1,000,000 articles, for a thread with its own connection (see `Library.bind`).
        """
        with self._database.writing():
            identities, count = marks.mark_representatives_read(self._database, listing.sources())
            if count:
                self._log("read", f"marked {count:,} article{'' if count == 1 else 's'} read", identities)
        return count

    def _set_flag(self, key: int, kind: Kind) -> str | None:
        database = self._database
        flag, on, words = _FLAGS[kind]
        with database.writing():
            row = database.one(
                f"SELECT f.title, f.story, EXISTS (SELECT 1 FROM {marks.FLAG_TABLES[flag]} t WHERE t.key = f.key)"
                " FROM articles a CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL"
                " WHERE a.key = ?",
                (key,),
            )
            if row is None:
                raise gone_article(database, key)
            title, story, is_on = row
            if on == bool(is_on):
                return None
            identities = marks.changing(database, flag, marks.story_identities(database, story), on)
            marks.change(database, flag, identities, on)
            return self._log(kind, words.format(_short(title)), identities)

    # Splits

    def split(self, key: int) -> str | None:
        """Take version `key` out of its story, for good: the reader knows that it is another one."""
        return self._change_story(key, "split", stories.split, "split “{}” off")

    def unsplit(self, key: int) -> str | None:
        """Put version `key` back: what it agrees with may be its story again."""
        return self._change_story(key, "unsplit", stories.unsplit, "put “{}” back")

    def _change_story(
        self, key: int, kind: Kind, change: Callable[[Database, int], Changes], words: str
    ) -> str | None:
        database = self._database
        with database.writing():
            row = database.one("SELECT title FROM articles WHERE key = ?", (key,))
            if row is None:
                raise gone_article(database, key)
            before = _split_pairs(database, key)
            changes = change(database, key)
            changed = before ^ _split_pairs(database, key)
            _update_after(database, changes)
            if not changed:
                return None
            return self._log(kind, words.format(_short(row[0])), b"".join(sorted(changed)))

    # Corrections

    def correct(self, line: LineRef, statement: Statement, shown: str) -> str | None:
        """Correct a line, whose text is `shown`; its capture is read again at once. See `corrections`."""
        from reader.library.state import corrections

        words = f"said that {corrections.in_words(statement, shown)}"
        return self._change_correction(line, corrections.kind_of(statement), statement, shown, words)

    def take_back(self, correction: Correction) -> str | None:
        """Remove a correction; the capture is read again at once."""
        line = LineRef(correction.capture, correction.line)
        words = f"no longer said that {correction.sentence}"
        return self._change_correction(line, correction.kind, None, correction.shown, words)

    def _change_correction(
        self, line: LineRef, kind: corrections.Kind, statement: Statement | None, shown: str, words: str
    ) -> str | None:
        from reader.library.ingest.rereading import reread
        from reader.library.state import corrections

        with self._database.writing():
            before = corrections.statement_of(self._database, line, kind)
            if before == statement:
                return None
            corrections.put(self._database, line, kind, statement, shown)
            reread(self._database, line.capture)
            change = json.dumps([line.capture.hex(), line.line, kind, before, statement, shown])
            return self._log("correction", words, change.encode())

    # Searches

    def searches(self) -> tuple[SavedSearch, ...]:
        """The saved searches, by name."""
        saved = [SavedSearch(*row) for row in self._database.all("SELECT name, query FROM searches")]
        return tuple(sorted(saved, key=lambda search: (search.name.casefold(), search.name)))

    def save_search(self, name: str, query: str) -> str | None:
        """Keep a query under a name, in place of the one that has it; LibraryError for an empty name."""
        name = " ".join(name.split())
        if not name:
            raise LibraryError("a saved search needs a name")
        return self._save(name, query, f"saved the search “{_short(name)}”")

    def remove_search(self, name: str) -> str | None:
        """Forget the search of a name."""
        return self._save(name, None, f"removed the search “{_short(name)}”")

    def _save(self, name: str, query: str | None, words: str) -> str | None:
        with self._database.writing():
            row = self._database.one("SELECT query FROM searches WHERE name = ?", (name,))
            before = None if row is None else row[0]
            if before == query:
                return None
            self._write_search(name, query)
            return self._log("searches", words, json.dumps((name, before, query)).encode())

    def _write_search(self, name: str, query: str | None) -> None:
        if query is None:
            self._database.run("DELETE FROM searches WHERE name = ?", (name,))
        else:
            self._database.run("INSERT OR REPLACE INTO searches VALUES (?, ?)", (name, query))

    # Positions

    def positions(self, most: int) -> list[StoredPosition]:
        """Where the reader stopped in the last `most` articles, the newest first."""
        return list(positions.newest(self._database, most))

    def save_positions(self, stored: Iterable[StoredPosition]) -> None:
        """Keep where the reader stopped in these versions, the newest last; not logged, and changes no listing."""
        with self._database.writing():
            positions.write(self._database, stored)

    # Undo

    def undo(self) -> str | None:
        """Undo the last action; its words, None when there is none."""
        return self._travel(undo=True)

    def redo(self) -> str | None:
        """Redo the action that was undone last; its words, None when there is none."""
        return self._travel(undo=False)

    def _travel(self, *, undo: bool) -> str | None:
        database = self._database
        order = "NOT undone ORDER BY number DESC" if undo else "undone ORDER BY number"
        with database.writing():
            row = database.one(f"SELECT number, kind, words, change FROM actions WHERE {order} LIMIT 1")
            if row is None:
                return None
            action = Action(*row)
            self._apply(action, forth=not undo)
            database.run("UPDATE actions SET undone = ? WHERE number = ?", (undo, action.number))
            self._count()
        return action.words

    def _apply(self, action: Action, *, forth: bool) -> None:
        database = self._database
        match action.kind:
            case "searches":
                name, before, after = json.loads(action.change)
                self._write_search(name, after if forth else before)
            case "correction":
                _apply_correction(database, action.change, forth=forth)
            case "split" | "unsplit":
                _set_apart(database, action.change, (action.kind == "split") is forth)
            case kind if kind in _FLAGS:
                flag, on, _ = _FLAGS[kind]
                marks.change(database, flag, marks.present(database, action.change), on is forth)

    def _log(self, kind: Kind, words: str, change: bytes) -> str:
        """Log an action; what was undone before it can no longer be redone. Returns its words."""
        database = self._database
        database.run("DELETE FROM actions WHERE undone")
        database.run("INSERT INTO actions (kind, words, change) VALUES (?, ?, ?)", (kind, words, change))
        # Only sizes are looked at: SQLite finds the length of a blob without reading it.
        database.run(
            "DELETE FROM actions WHERE number IN (SELECT number FROM (SELECT number,"
            " row_number() OVER newest place, sum(length(change)) OVER newest size"
            " FROM actions WINDOW newest AS (ORDER BY number DESC))"
            " WHERE place > ? OR (place > 1 AND size > ?))",
            (MOST_ACTIONS, MOST_BYTES),
        )
        self._count()
        return words

    def _count(self) -> None:
        """Have other connections see that what lists show of the reader's state is out of date."""
        self._database.run("UPDATE counters SET state = state + 1")


def _apply_correction(database: Database, change: bytes, *, forth: bool) -> None:
    """In the open transaction: redo a logged correction, or undo it."""
    from reader.library.ingest.rereading import reread
    from reader.library.state import corrections

    capture, line, kind, before, after, shown = json.loads(change)
    statement = after if forth else before
    ref = LineRef(bytes.fromhex(capture), line)
    corrections.put(
        database, ref, kind, None if statement is None else corrections.Statement(*statement), shown
    )
    # What was marked since has been undone before: the articles from before still have their own marks.
    reread(database, ref.capture, positions_alone=not forth)


def _set_apart(database: Database, pairs: bytes, apart: bool) -> None:
    """In the open transaction: set pairs of identities apart, or together again, and regroup their stories."""
    identities = [
        marks.present(database, pairs[start : start + IDENTITY_BYTES])
        for start in range(0, len(pairs), IDENTITY_BYTES)
    ]
    database.run_many(
        "INSERT OR IGNORE INTO apart VALUES (?, ?)"
        if apart
        else "DELETE FROM apart WHERE one = ? AND other = ?",
        list(zip(identities[::2], identities[1::2], strict=True)),
    )
    representatives = {representative_key(database, identity) for identity in dict.fromkeys(identities)}
    _update_after(database, stories.regroup(database, [key for key in representatives if key is not None]))


def _split_pairs(database: Database, key: int) -> set[bytes]:
    """The identities that version `key` is apart from, as pairs of sixteen bytes."""
    rows = database.all(
        "SELECT one, other FROM articles JOIN apart ON identity IN (one, other) WHERE key = ?", (key,)
    )
    return {one + other for one, other in rows}


def _update_after(database: Database, changes: Changes) -> None:
    """Bring the index and the marks of listed articles up to date."""
    indexing.update(database, changes)
    marks.update(database, changes)


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"
