"""Highlights, notes and tags: what a reader writes about articles. Every change can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from reader.errors import LibraryError
from reader.library.articles import gone_article
from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.state import log, marks, notes
from reader.library.state.anchors import Quote
from reader.library.state.log import Action
from reader.library.state.notes import Annotation, Color, Tag


@methods_raise_library_errors
class Annotations:
    """The highlights, notes and tags of a library, through one connection. Every write is one transaction.

    Methods that write return a description of the change, or None if nothing had to change. `State.undo` reverts them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, key: int) -> tuple[Annotation, ...]:
        """Return the highlights and notes of the story of version `key`, the oldest first."""
        return notes.of_story(self._database, self._story(key)[0])

    def all(self) -> tuple[tuple[Annotation, int | None], ...]:
        """Return all highlights and notes, the newest first, each with the key of its listed article.

        The key is None if no capture of the story is kept.
        """
        return notes.all_annotations(self._database)

    def highlight(self, key: int, quote: Quote, color: Color, note: str = "") -> str | None:
        """Highlight words of version `key`."""
        if not quote.text or len(quote.text) > notes.LONGEST_QUOTE:
            raise LibraryError(f"a highlight can have 1 to {notes.LONGEST_QUOTE:,} characters")
        return self._annotate(key, quote, color, note, f"highlighted “{log.short(quote.text)}”")

    def write_note(self, key: int, note: str) -> str | None:
        """Set the note to the whole article of version `key`; an empty one removes it."""
        before = next((written for written in self.of(key) if not written.is_highlight), None)
        if before is not None:
            return self.change(before.number, note=note)
        if not notes.clean_note(note):
            return None
        title = self._story(key)[1]
        return self._annotate(key, Quote(""), notes.COLORS[0], note, f"wrote a note on “{log.short(title)}”")

    def change(self, number: int, *, color: Color | None = None, note: str | None = None) -> str | None:
        """Change the color of a highlight, or a note; a note to an article is removed by an empty one."""
        with self._database.writing():
            before = self._annotation(number)
            after = before._replace(
                color=before.color if color is None else color,
                note=before.note if note is None else notes.clean_note(note),
            )
            if after == before:
                return None
            if not after.is_highlight and not after.note:
                return self._replace(before, None, f"removed the note on “{log.short(before.title)}”")
            named = log.short(before.quote.text or before.title)
            words = "changed the note on" if note is not None else f"highlighted in {after.color}:"
            return self._replace(before, after, f"{words} “{named}”")

    def remove(self, number: int) -> str | None:
        """Remove a highlight with its note, or a note."""
        with self._database.writing():
            before = self._annotation(number)
            what = "highlight" if before.is_highlight else "note on"
            named = log.short(before.quote.text or before.title)
            return self._replace(before, None, f"removed the {what} “{named}”")

    def tags(self, key: int) -> tuple[str, ...]:
        """Return the tags of the story of version `key`, in alphabetical order."""
        return notes.tags_of_story(self._database, self._story(key)[0])

    def all_tags(self) -> tuple[Tag, ...]:
        """Return all tags, in alphabetical order."""
        return notes.all_tags(self._database)

    def tagged(self, name: str) -> list[int]:
        """Return the keys of the listed articles with a tag."""
        return notes.keys_with(self._database, "tag", name)

    def set_tags(self, key: int, names: Iterable[str]) -> str | None:
        """Replace the tags of the story of version `key`."""
        after = notes.clean_tags(names)
        with self._database.writing():
            story, title = self._story(key)
            before = notes.tags_of_story(self._database, story)
            if before == tuple(sorted(after, key=str.casefold)):
                return None
            identities = marks.split_identities(marks.story_identities(self._database, story))
            notes.change_tags(self._database, identities, after, before)
            named = f"removed the tags of “{log.short(title)}”"
            if after:
                named = f"tagged “{log.short(title)}” {', '.join(after)}"
            change = json.dumps([[identity.hex() for identity in identities], before, after])
            return log.append(self._database, "tags", named, change.encode())

    def _story(self, key: int) -> tuple[int, str]:
        """Return the number and the title of a version's story."""
        row = self._database.first_row("SELECT story, title FROM articles WHERE key = ?", (key,))
        if row is None:
            raise gone_article(self._database, key)
        return row[0], row[1]

    def _annotation(self, number: int) -> Annotation:
        annotation = notes.find(self._database, number)
        if annotation is None:
            raise LibraryError("this highlight or note has been removed")
        return annotation

    def _annotate(self, key: int, quote: Quote, color: Color, note: str, words: str) -> str:
        database = self._database
        note = notes.clean_note(note)
        with database.writing():
            story, title = self._story(key)
            source = database.first_row(
                "SELECT source FROM articles JOIN captures USING (capture_key) WHERE key = ?", (key,)
            )
            made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            number = notes.next_number(database)
            annotation = Annotation(number, quote, color, note, title, source[0] if source else "", made)
            identities = marks.split_identities(marks.story_identities(database, story))
            notes.put(database, annotation, identities)
            return self._log_annotation(None, annotation, identities, words)

    def _replace(self, before: Annotation, after: Annotation | None, words: str) -> str:
        """In the open transaction, replace an annotation; None removes it."""
        identities = notes.identities_of(self._database, before.number)
        if after is None:
            notes.delete(self._database, before.number)
        else:
            notes.put(self._database, after, identities)
        return self._log_annotation(before, after, identities, words)

    def _log_annotation(
        self, before: Annotation | None, after: Annotation | None, identities: Iterable[bytes], words: str
    ) -> str:
        change = json.dumps([before, after, [identity.hex() for identity in identities]])
        return log.append(self._database, "annotation", words, change.encode())


def apply(database: Database, action: Action, *, redo: bool) -> None:
    """In the open transaction, redo or undo a logged change of a highlight, a note or tags."""
    if action.kind == "tags":
        identities, before, after = json.loads(action.change)
        add, remove = (after, before) if redo else (before, after)
        notes.change_tags(database, _from_hex(identities), add, remove)
        return
    before, after, identities = json.loads(action.change)
    old, new = (before, after) if redo else (after, before)
    if new is None:
        notes.delete(database, old[0])
    else:
        number, quote, *rest = new
        notes.put(database, Annotation(number, Quote(*quote), *rest), _from_hex(identities))


def _from_hex(identities: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(identity) for identity in identities]
