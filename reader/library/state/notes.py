"""Highlights, notes and tags: what a reader adds to an article. Every change can be undone.

They belong to a story, through the identities of its versions, and outlive its captures. A highlight keeps the words
that it marks and a few characters around them, so that `anchors.locate` finds them again in any version.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args

from reader.errors import LibraryError
from reader.library.articles import gone_article
from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.records import column
from reader.library.state import log, marks
from reader.library.state.anchors import Quote
from reader.library.stories.placing import representative_key
from reader.sanitize import sanitize

Color = Literal["yellow", "green", "blue"]
COLORS: Final[tuple[Color, ...]] = get_args(Color)
LONGEST_NOTE: Final = 20_000
LONGEST_QUOTE: Final = 20_000
LONGEST_TAG: Final = 60
MOST_TAGS: Final = 50


class Annotation(NamedTuple):
    """A highlight with or without a note, or a note to a whole article."""

    number: int
    quote: Quote
    """The highlighted words; empty for a note to the whole article."""
    color: Color
    note: str
    """May have several lines; empty for a highlight without a note."""
    title: str
    """The article's title when this was made."""
    source: str
    made: str
    """When it was made, in UTC: YYYY-MM-DDThh:mm:ssZ."""

    @property
    def is_highlight(self) -> bool:
        """False for a note to the whole article."""
        return bool(self.quote.text)


class Tag(NamedTuple):
    """A tag, and how many of the listed stories have it."""

    name: str
    stories: int


def clean_note(text: str) -> str:
    """Return a note as it is stored. LibraryError if it is too long."""
    note = "\n".join(line.rstrip() for line in sanitize(text, multiline=True).strip().splitlines())
    if len(note) > LONGEST_NOTE:
        raise LibraryError(f"a note has at most {LONGEST_NOTE:,} characters; this one has {len(note):,}")
    return column(note)


def clean_tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are stored: without `#`, each once whatever its case. LibraryError if one is unusable."""
    clean: dict[str, str] = {}
    for name in names:
        tag = column(" ".join(sanitize(name).replace(",", " ").replace('"', " ").split()).lstrip("#").strip())
        if len(tag) > LONGEST_TAG:
            raise LibraryError(f"a tag has at most {LONGEST_TAG} characters; this is longer: {tag[:20]}…")
        if tag:
            clean.setdefault(tag.casefold(), tag)
    if len(clean) > MOST_TAGS:
        raise LibraryError(f"an article has at most {MOST_TAGS} tags")
    return tuple(clean.values())


# Reading


def tagged_keys(database: Database, tag: str) -> list[int]:
    """Return the listed articles with a tag, which may end in `*` for any ending."""
    wanted = tag.rstrip("*").casefold()
    identities = [
        identity
        for name, identity in database.all("SELECT tag, identity FROM tags")
        if name.casefold() == wanted or (tag.endswith("*") and name.casefold().startswith(wanted))
    ]
    return marks.representatives_of(database, identities)


def annotated_keys(database: Database, matches: Callable[[str, str], bool]) -> list[int]:
    """Return the listed articles with an annotation whose highlighted words and note match."""
    rows = database.all("SELECT identity, quote, note FROM annotated JOIN annotations USING (number)")
    return marks.representatives_of(
        database, [identity for identity, words, note in rows if matches(words, note)]
    )


def _read(database: Database, where: str = "", values: Sequence[object] = ()) -> tuple[Annotation, ...]:
    rows = database.all(
        "SELECT number, quote, before, after, color, note, title, source, made"
        f" FROM annotations {where} ORDER BY number",
        values,
    )
    return tuple(
        Annotation(number, Quote(quote, before, after), color if color in COLORS else COLORS[0], *rest)
        for number, quote, before, after, color, *rest in rows
    )


# Writing


@methods_raise_library_errors
class Annotations:
    """The highlights, notes and tags of a library, through one connection. Every write is one transaction.

    Methods that write return a description of the change, or None if nothing had to change. `State.undo` reverts them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, key: int) -> tuple[Annotation, ...]:
        """Return the highlights and notes of the story of version `key`, the oldest first."""
        return _read(
            self._database,
            "WHERE number IN (SELECT d.number FROM articles a JOIN annotated d ON d.identity = a.identity"
            " WHERE a.story = (SELECT story FROM articles WHERE key = ?))",
            (key,),
        )

    def all(self) -> tuple[tuple[Annotation, int | None], ...]:
        """Return all highlights and notes, the newest first, each with the listed version of its story.

        The key is None if no capture of the story is kept.
        """
        keys: dict[int, int] = {}
        for number, identity in self._database.all("SELECT number, identity FROM annotated"):
            if number not in keys and (key := representative_key(self._database, identity)) is not None:
                keys[number] = key
        return tuple((one, keys.get(one.number)) for one in reversed(_read(self._database)))

    def tags(self, key: int) -> tuple[str, ...]:
        """Return the tags of the story of version `key`, in alphabetical order."""
        rows = self._database.all(
            "SELECT DISTINCT t.tag FROM articles a JOIN tags t ON t.identity = a.identity"
            " WHERE a.story = (SELECT story FROM articles WHERE key = ?)",
            (key,),
        )
        return tuple(sorted({tag.casefold(): tag for (tag,) in rows}.values(), key=str.casefold))

    def all_tags(self) -> tuple[Tag, ...]:
        """Return all tags, in alphabetical order."""
        names: dict[str, str] = {}
        identities: dict[str, list[bytes]] = {}
        for tag, identity in self._database.all("SELECT tag, identity FROM tags ORDER BY tag"):
            names.setdefault(tag.casefold(), tag)
            identities.setdefault(tag.casefold(), []).append(identity)
        return tuple(
            Tag(names[folded], len(marks.representatives_of(self._database, identities[folded])))
            for folded in sorted(names)
        )

    def tagged(self, name: str) -> list[int]:
        """Return the keys of the listed articles with a tag."""
        return tagged_keys(self._database, name)

    def highlight(self, key: int, quote: Quote, color: Color, note: str = "") -> str | None:
        """Highlight words of version `key`."""
        if not quote.text or len(quote.text) > LONGEST_QUOTE:
            raise LibraryError(f"a highlight can have 1 to {LONGEST_QUOTE:,} characters")
        with self._database.writing():
            return self._add(key, quote, color, clean_note(note), f"highlighted “{log.short(quote.text)}”")

    def write_note(self, key: int, note: str) -> str | None:
        """Set the note to the whole article of version `key`; an empty one removes it."""
        before = next((written for written in self.of(key) if not written.is_highlight), None)
        if before is not None:
            return self.change(before.number, note=note)
        note = clean_note(note)
        if not note:
            return None
        with self._database.writing():
            _, title = self._story(key)
            return self._add(key, Quote(""), COLORS[0], note, f"wrote a note on “{log.short(title)}”")

    def change(self, number: int, *, color: Color | None = None, note: str | None = None) -> str | None:
        """Change the color of a highlight, or a note; a note to an article is removed by an empty one."""
        with self._database.writing():
            before, named = self._annotation(number)
            after = before._replace(
                color=before.color if color is None else color,
                note=before.note if note is None else clean_note(note),
            )
            if after == before:
                return None
            if not after.is_highlight and not after.note:
                return self._replace(before, None, f"removed the note on {named}")
            if note is None:
                return self._replace(before, after, f"highlighted in {after.color}: {named}")
            return self._replace(before, after, f"changed the note on {named}")

    def remove(self, number: int) -> str | None:
        """Remove a highlight with its note, or a note."""
        with self._database.writing():
            before, named = self._annotation(number)
            what = "highlight" if before.is_highlight else "note on"
            return self._replace(before, None, f"removed the {what} {named}")

    def set_tags(self, key: int, names: Iterable[str]) -> str | None:
        """Replace the tags of the story of version `key`."""
        after = clean_tags(names)
        with self._database.writing():
            story, title = self._story(key)
            before = self.tags(key)
            if before == tuple(sorted(after, key=str.casefold)):
                return None
            identities = marks.story_identities(self._database, story)
            words = f"removed the tags of “{log.short(title)}”"
            if after:
                words = f"tagged “{log.short(title)}” with {', '.join(after)}"
            return self._log("tags", words, before, after, identities)

    def _story(self, key: int) -> tuple[int, str]:
        row = self._database.first_row("SELECT story, title FROM articles WHERE key = ?", (key,))
        if row is None:
            raise gone_article(self._database)
        return row[0], row[1]

    def _annotation(self, number: int) -> tuple[Annotation, str]:
        """Return an annotation, and the quoted start of its words or of its article's title."""
        for annotation in _read(self._database, "WHERE number = ?", (number,)):
            return annotation, f"“{log.short(annotation.quote.text or annotation.title)}”"
        raise LibraryError("this highlight or note has been removed")

    def _add(self, key: int, quote: Quote, color: Color, note: str, words: str) -> str:
        database = self._database
        story, title = self._story(key)
        (source,) = database.first_row(
            "SELECT source FROM articles JOIN captures USING (capture_key) WHERE key = ?", (key,)
        ) or ("",)
        # Numbers are never reused.
        number = database.number(
            "SELECT 1 + coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'annotations'"
        )
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        annotation = Annotation(number, quote, color, note, column(title), column(source), made)
        identities = marks.story_identities(database, story)
        return self._log("annotation", words, None, annotation, identities)

    def _replace(self, before: Annotation, after: Annotation | None, words: str) -> str:
        """In the open transaction, replace an annotation; None removes it."""
        rows = self._database.all("SELECT identity FROM annotated WHERE number = ?", (before.number,))
        return self._log("annotation", words, before, after, [identity for (identity,) in rows])

    def _log(self, kind: log.Kind, words: str, before: object, after: object, identities: list[bytes]) -> str:
        """In the open transaction, make a change of an annotation or of tags, and log it."""
        change = json.dumps([before, after, [identity.hex() for identity in identities]]).encode()
        apply(self._database, kind, change, redo=True)
        return log.append(self._database, kind, words, change)


def apply(database: Database, kind: log.Kind, change: bytes, *, redo: bool) -> None:
    """In the open transaction, redo or undo a logged change of a highlight, a note or tags."""
    before, after, owners = json.loads(change)
    old, new = (before, after) if redo else (after, before)
    identities = [bytes.fromhex(identity) for identity in owners]
    if kind == "tags":
        database.run_many("DELETE FROM tags WHERE identity = ?", [(identity,) for identity in identities])
        rows = [(identity, tag) for identity in identities for tag in new]
        database.run_many("INSERT INTO tags VALUES (?, ?)", rows)
    elif new is None:
        for table in ("annotations", "annotated"):
            database.run(f"DELETE FROM {table} WHERE number = ?", old[:1])
    else:
        number, quote, *rest = new
        database.run(
            "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, *quote, *rest)
        )
        database.run_many(
            "INSERT OR IGNORE INTO annotated VALUES (?, ?)", [(identity, number) for identity in identities]
        )
