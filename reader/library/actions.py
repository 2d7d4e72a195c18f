"""The reader's actions on a library: marks, stars, saved searches, splits and corrections. Each can be undone.

Each library has one log, shared by everyone who reads in it. An entry records what an action changed, not the state
before it, so undoing it does not affect later changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reader.errors import LibraryError
from reader.library.articles import LineRef, gone_article
from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.listing import Listing, SavedSearch
from reader.library.search import indexing
from reader.library.state import marks, notes
from reader.library.state.marks import Flag, StoredPosition
from reader.library.stories import matching, representatives
from reader.sanitize import many

if TYPE_CHECKING:  # Corrections import the parser's vocabulary; marking and searching must not wait for that.
    from reader.library.state import corrections
    from reader.library.state.corrections import Correction, Statement

_FLAGS: dict[str, tuple[Flag, bool, str]] = {
    "read": ("read", True, "marked “{}” as read"),
    "unread": ("read", False, "marked “{}” as unread"),
    "star": ("starred", True, "starred “{}”"),
    "unstar": ("starred", False, "removed the star from “{}”"),
}
"""The kinds that set or clear a flag, with their wording in the log."""


@methods_raise_library_errors
class State:
    """The user's changes to a library, through one connection.

    Every write is one transaction. It waits at most five seconds for another program to finish writing, then raises
    LibraryError and changes nothing. Methods that write return a description of the change, or None if nothing had to
    change. `undo` reverts the last action in the library, whoever did it, and returns its description.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # Marks

    def set_read(self, key: int, read: bool) -> str | None:
        """Mark the story of version `key` read, or unread."""
        return self._set_flag(key, "read" if read else "unread")

    def set_starred(self, key: int, starred: bool) -> str | None:
        """Star the story of version `key`, or take the star away."""
        return self._set_flag(key, "star" if starred else "unstar")

    def mark_listed_read(self, listing: Listing) -> int:
        """Mark everything in a listing as read. Return how many of its stories were unread.

        Takes some seconds for 100,000 articles: call it in a thread with its own connection (see `Library.bind`).
        """
        with self._database.writing():
            stories = marks.unread_stories(self._database, listing.keys())
            if stories:
                identities = marks.changing(self._database, "read", stories, True)
                self._make("read", f"marked {many(len(stories), 'article')} as read", b"".join(identities))
        return len(stories)

    def _set_flag(self, key: int, kind: marks.ActionKind) -> str | None:
        database = self._database
        flag, on, words = _FLAGS[kind]
        with database.writing():
            row = database.first_row(
                f"SELECT f.title, f.story, EXISTS (SELECT 1 FROM {marks.FLAG_TABLES[flag]} t WHERE t.key = f.key)"
                " FROM articles a CROSS JOIN articles f ON f.story = a.story AND f.listed"
                " WHERE a.key = ?",
                (key,),
            )
            if row is None:
                raise gone_article(database)
            title, story, is_on = row
            if on == bool(is_on):
                return None
            identities = marks.changing(database, flag, [story], on)
            return self._make(kind, words.format(marks.short_title(title)), b"".join(identities))

    # Splits

    def split(self, key: int) -> str | None:
        """Take version `key`, and all with the same words, out of its story for good, even if it is added again."""
        database = self._database
        with database.writing():
            row = database.first_row("SELECT title, identity FROM articles WHERE key = ?", (key,))
            if row is None:
                raise gone_article(database)
            title, identity = row
            others = [other for other in marks.story_identities(database, key) if other != identity]
            if not others:
                return None
            pairs = [*(identity + other for other in others), *(other + identity for other in others)]
            return self._make("split", f"split “{marks.short_title(title)}” off", b"".join(pairs))

    # Corrections

    def correct(self, line: LineRef, statement: Statement, shown: str) -> str | None:
        """Correct a line or its article, and parse the capture again; `shown`: what `Correction.shown` keeps."""
        from reader.library.state import corrections

        words = f"said that {corrections.in_words(statement, shown)}"
        return self._change_correction(line, corrections.kind_of(statement), statement, shown, words)

    def take_back(self, correction: Correction) -> str | None:
        """Remove a correction, and parse the capture again."""
        line = LineRef(correction.capture, correction.line)
        words = f"withdrew the correction that {correction.sentence}"
        return self._change_correction(line, correction.kind, None, correction.shown, words)

    def _change_correction(
        self, line: LineRef, kind: corrections.Kind, statement: Statement | None, shown: str, words: str
    ) -> str | None:
        from reader.library.ingest.removing import keys_of
        from reader.library.state import corrections

        with self._database.writing():
            before = corrections.statement_of(self._database, line, kind)
            if before == statement:
                return None
            keys = keys_of(self._database, line.capture)
            change = [line.capture.hex(), line.line, kind, before, statement, shown, keys]
            return self._make("correction", words, json.dumps(change).encode())

    # Searches

    def searches(self) -> tuple[SavedSearch, ...]:
        """The saved searches, by name."""
        saved = [SavedSearch(*row) for row in self._database.all("SELECT name, query FROM searches")]
        return tuple(sorted(saved, key=lambda search: (search.name.casefold(), search.name)))

    def save_search(self, name: str, query: str) -> str | None:
        """Save a query under a name, replacing any with that name. LibraryError if the name is empty."""
        name = " ".join(name.split())
        if not name:
            raise LibraryError("a saved search needs a name")
        return self._change_search(name, query, f"saved the search “{marks.short_title(name)}”")

    def remove_search(self, name: str) -> str | None:
        """Remove the saved search with a name."""
        return self._change_search(name, None, f"removed the search “{marks.short_title(name)}”")

    def _change_search(self, name: str, query: str | None, words: str) -> str | None:
        with self._database.writing():
            row = self._database.first_row("SELECT query FROM searches WHERE name = ?", (name,))
            before = None if row is None else row[0]
            if before == query:
                return None
            return self._make("searches", words, json.dumps((name, before, query)).encode())

    # Positions

    def positions(self, most: int) -> list[StoredPosition]:
        """Return where the reader stopped in the last `most` articles, the newest first."""
        return list(marks.newest_positions(self._database, most))

    def save_positions(self, stored: Iterable[StoredPosition]) -> None:
        """Store where the reader stopped in these versions, the newest last. Not logged; changes no listing."""
        with self._database.writing():
            marks.write_positions(self._database, stored)

    # The log

    def warn_of_undo(self) -> str | None:
        """Describe the action to undo next if this connection has neither made nor described it, else return None."""
        action, known = marks.latest_action(self._database, undone=False), self._database.known_actions
        if action is None or hash(action) in known:
            return None
        known.add(hash(action))
        return action.words

    def undo(self) -> str | None:
        """Undo the last action. Return its description, or None if there is none."""
        return self._undo_or_redo(redo=False)

    def redo(self) -> str | None:
        """Redo the action that was undone last. Return its description, or None if there is none."""
        return self._undo_or_redo(redo=True)

    def _undo_or_redo(self, *, redo: bool) -> str | None:
        database = self._database
        with database.writing():
            action = marks.latest_action(database, undone=redo)
            if action is None:
                return None
            _apply(database, action.kind, action.change, redo=redo)
            marks.set_undone(database, action, not redo)
        return action.words

    def _make(self, kind: marks.ActionKind, words: str, change: bytes) -> str:
        _apply(self._database, kind, change, redo=True)
        return marks.log_action(self._database, kind, words, change)


def _apply(database: Database, kind: marks.ActionKind, change: bytes, *, redo: bool) -> None:
    match kind:
        case "searches":
            name, before, after = json.loads(change)
            database.run("DELETE FROM searches WHERE name = ?", (name,))
            if (query := after if redo else before) is not None:
                database.run("INSERT INTO searches VALUES (?, ?)", (name, query))
        case "correction":
            _apply_correction(database, change, redo=redo)
        case "annotation" | "tags":
            notes.apply(database, kind, change, redo=redo)
        case "split":
            _apply_split(database, marks.split_identities(change), redo=redo)
        case _:
            flag, on, _ = _FLAGS[kind]
            marks.change(database, flag, marks.split_identities(change), on is redo)


def _apply_correction(database: Database, change: bytes, *, redo: bool) -> None:
    from reader.library.ingest.removing import reread
    from reader.library.state import corrections

    capture, line, kind, before, after, shown, keys = json.loads(change)
    statement = after if redo else before
    ref = LineRef(bytes.fromhex(capture), line)
    corrections.put(
        database, ref, kind, None if statement is None else corrections.Statement(*statement), shown
    )
    # When this is undone, later marks have been undone before, so the old articles still have their own.
    reread(database, ref.capture, undoing=not redo, first=None if redo or keys is None else keys[1])


def _apply_split(database: Database, identities: list[bytes], *, redo: bool) -> None:
    """Split pairs of identities or undo that, and regroup their stories."""
    database.run_many(
        "INSERT OR IGNORE INTO apart VALUES (?, ?)"
        if redo
        else "DELETE FROM apart WHERE one = ? AND other = ?",
        list(zip(identities[::2], identities[1::2], strict=True)),
    )
    indexing.update(
        database, matching.regroup(database, representatives.representatives_of(database, identities))
    )
