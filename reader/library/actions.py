"""What the reader adds to a library: marks, stars, places, saved searches, splits, and a way back from each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from reader.errors import LibraryError
from reader.library.changes import Changes
from reader.library.database.connection import Database
from reader.library.database.errors import GoneError, methods_raise_library_errors
from reader.library.listings.listing import Listing
from reader.library.state import marks, state_log
from reader.library.state import positions as state_places
from reader.library.state.marks import Flag
from reader.library.state.state_records import ReadingPlace, SavedSearch, Spot

if TYPE_CHECKING:  # What is said of lines is in the parser's words, which the first screen needs not.
    from reader.library.state.corrections import Correction, Word

_TITLE = 60
"""The most characters of a title that the log repeats."""
_DONE: dict[tuple[Flag, bool], str] = {
    ("read", True): "marked “{}” read",
    ("read", False): "marked “{}” unread",
    ("starred", True): "starred “{}”",
    ("starred", False): "took the star from “{}”",
}
_KINDS: dict[str, tuple[Flag, bool]] = {
    "read": ("read", True),
    "unread": ("read", False),
    "star": ("starred", True),
    "unstar": ("starred", False),
}
_KIND_OF = {change: kind for kind, change in _KINDS.items()}
_SEARCHES, _SPLIT, _UNSPLIT, _CORRECTION = "searches", "split", "unsplit", "correction"


@methods_raise_library_errors
class State:
    """The reader's state in the library of one connection; every write is one transaction.

    A write waits at most five seconds for another program's, then it is a LibraryError and nothing has changed.
    What a method that writes returns says in words what was done; None when all was so already. `undo` takes
    the words back to the last action in the library, whoever did it and when.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # Marks

    def counts(self) -> tuple[int, int]:
        """How many stories are unread, and how many starred."""
        row = self._database.one(
            "SELECT (SELECT coalesce(sum(articles), 0) FROM groups) - (SELECT count(*) FROM read_faces),"
            " (SELECT count(*) FROM starred_faces)"
        )
        return (0, 0) if row is None else (row[0], row[1])

    def set_read(self, key: int, read: bool) -> str | None:
        """Mark the story of version `key` read, or unread."""
        return self._set(key, "read", read)

    def set_starred(self, key: int, starred: bool) -> str | None:
        """Star the story of version `key`, or take the star away."""
        return self._set(key, "starred", starred)

    def mark_listed_read(self, listing: Listing) -> int:
        """Mark all that a listing lists as read; how many of its stories were not.

        About a second at 1,000,000 articles, for a thread with its own connection (see `Library.bind`).
        """
        database = self._database
        with database.writing():
            identities, count = marks.mark_faces_read(database, listing.sources())
            if count:
                words = f"marked {count:,} article{'' if count == 1 else 's'} read"
                self._log("read", words, identities)
        return count

    def _set(self, key: int, flag: Flag, on: bool) -> str | None:
        database = self._database
        with database.writing():
            row = database.one(
                f"SELECT f.title, f.story, EXISTS (SELECT 1 FROM {marks.FACES[flag]} t WHERE t.key = f.key)"
                " FROM articles a CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL"
                " WHERE a.key = ?",
                (key,),
            )
            if row is None:
                raise self._no_article(key)
            title, story, now = row
            if on == bool(now):
                return None
            identities = marks.story_identities(database, story)
            identities = marks.changing(database, flag, identities, on)
            marks.change(database, flag, identities, on)
            words = _DONE[flag, on].format(_short(title))
            self._log(_KIND_OF[flag, on], words, identities)
        return words

    # Splits

    def split(self, key: int) -> str | None:
        """Take version `key` out of its story, for good: the reader knows that it is another one."""
        from reader.library.stories import (
            stories,  # Here, as in the others: only what is split needs to be compared.
        )

        return self._change_story(key, _SPLIT, stories.split, "split “{}” off")

    def unsplit(self, key: int) -> str | None:
        """Put version `key` back: what it agrees with may be its story again."""
        from reader.library.stories import stories

        return self._change_story(key, _UNSPLIT, stories.unsplit, "put “{}” back")

    def _change_story(
        self, key: int, kind: str, how: Callable[[Database, int], Changes], words: str
    ) -> str | None:
        from reader.library.state import state_splits

        database = self._database
        with database.writing():
            row = database.one("SELECT title FROM articles WHERE key = ?", (key,))
            if row is None:
                raise self._no_article(key)
            pairs = state_splits.change(database, key, how)
            if not pairs:
                return None
            words = words.format(_short(row[0]))
            self._log(kind, words, pairs)
        return words

    # Corrections

    def correct(self, spot: Spot, word: Word, shown: str) -> str | None:
        """Say something of a line, which reads `shown`; its capture is read again at once. See `corrections`."""
        from reader.library.state import correcting

        with self._database.writing():
            return self._said(correcting.correct(self._database, spot, word, shown))

    def take_back(self, correction: Correction) -> str | None:
        """Say that no longer; the capture is read again at once."""
        from reader.library.state import correcting

        with self._database.writing():
            return self._said(correcting.take_back(self._database, correction))

    def _said(self, done: tuple[str, bytes] | None) -> str | None:
        if done is None:
            return None
        words, change = done
        self._log(_CORRECTION, words, change)
        return words

    # Searches

    def searches(self) -> tuple[SavedSearch, ...]:
        """The saved searches, by name."""
        found = [SavedSearch(*row) for row in self._database.all("SELECT name, query FROM searches")]
        return tuple(sorted(found, key=lambda search: (search.name.casefold(), search.name)))

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
            self._log(_SEARCHES, words, json.dumps((name, before, query)).encode())
        return words

    def _write_search(self, name: str, query: str | None) -> None:
        if query is None:
            self._database.run("DELETE FROM searches WHERE name = ?", (name,))
        else:
            self._database.run("INSERT OR REPLACE INTO searches VALUES (?, ?)", (name, query))

    # Places

    def place(self) -> ReadingPlace | None:
        """Where the reader was last, in any article that is kept."""
        return state_places.last(self._database)

    def places(self, most: int) -> list[ReadingPlace]:
        """Where the reader was in the last `most` articles, the newest first."""
        return list(state_places.newest(self._database, most))

    def place_of(self, key: int) -> ReadingPlace | None:
        """Where the reader was last in the story of version `key`."""
        return state_places.of_story(self._database, key)

    def set_places(self, places: Iterable[ReadingPlace]) -> None:
        """Keep where the reader is in these versions, the newest last; not logged, and no listing changes with it."""
        with self._database.writing():
            state_places.write(self._database, places)

    # Back and forth

    def undo(self) -> str | None:
        """Take back the last action that stands; its words, None when there is none."""
        return self._travel(undo=True)

    def redo(self) -> str | None:
        """Do the action again that was undone last; its words, None when there is none."""
        return self._travel(undo=False)

    def _travel(self, *, undo: bool) -> str | None:
        database = self._database
        with database.writing():
            action = state_log.latest(database) if undo else state_log.latest_undone(database)
            if action is None:
                return None
            self._apply(action.kind, action.change, forth=not undo)
            state_log.set_undone(database, action, undo)
            self._count()
        return action.words

    def _apply(self, kind: str, change: bytes, *, forth: bool) -> None:
        if kind in _KINDS:
            flag, on = _KINDS[kind]
            marks.change(self._database, flag, marks.present(self._database, change), on is forth)
        elif kind == _SEARCHES:
            name, before, after = json.loads(change)
            self._write_search(name, after if forth else before)
        elif kind == _CORRECTION:
            from reader.library.state import correcting

            correcting.travel(self._database, change, forth=forth)
        elif kind in (_SPLIT, _UNSPLIT):
            from reader.library.state import state_splits

            state_splits.set_apart(self._database, change, (kind == _SPLIT) is forth)

    def _log(self, kind: str, words: str, change: bytes) -> None:
        state_log.record(self._database, kind, words, change)
        self._count()

    def _count(self) -> None:
        """What lists state is out of date."""
        self._database.run("UPDATE counters SET state = state + 1")

    def _no_article(self, key: int) -> LibraryError:
        return GoneError(f"{self._database.path}: there is no article {key} any more")


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"
