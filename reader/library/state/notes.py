"""Highlights, notes and tags: what a reader adds to an article. Every change can be undone.

They belong to a story, through the identities of its versions, and outlive its captures. A highlight keeps the words
that it marks and a few characters around them, so that `anchors.locate` finds them again in any version.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args

from reader.errors import LibraryError
from reader.library.articles import StoredArticle, gone_article
from reader.library.database.connection import Database, Row
from reader.library.database.errors import GoneError, methods_raise_library_errors
from reader.library.database.schema import column
from reader.library.state import marks
from reader.library.state.anchors import Quote
from reader.library.stories.representatives import representative_key, representatives_of
from reader.sanitize import sanitize

Color = Literal["yellow", "green", "blue"]
COLORS: Final[tuple[Color, ...]] = get_args(Color)
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


class NoteChangedError(LibraryError):
    """A note is no longer the one that the reader saw; `note` is what it is now, "" if it was removed."""

    def __init__(self, note: str) -> None:
        super().__init__("the note was changed elsewhere")
        self.note = note


class Tag(NamedTuple):
    """A tag, and the keys of the listed articles that have it."""

    name: str
    keys: list[int]


class GoneStory(NamedTuple):
    """A story with annotations or tags of which no capture is kept."""

    identity: bytes
    """That of the version that the reader added to first."""
    title: str
    source: str
    tags: tuple[str, ...]
    annotations: tuple[Annotation, ...]
    """The oldest first."""


def clean_note(text: str) -> str:
    """Return a note as it is stored."""
    note = "\n".join(line.rstrip() for line in sanitize(text, multiline=True).strip().splitlines())
    return column(note)


def clean_tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are stored: without `#`, each once whatever its case. LibraryError if one is unusable."""
    clean: dict[str, str] = {}
    for name in names:
        tag = column(" ".join(sanitize(name).replace(",", " ").split()).lstrip("#").strip())
        if '"' in tag:  # A search could not name it.
            raise LibraryError(f"a tag has no double quotes: {tag}")
        if len(tag) > LONGEST_TAG:
            raise LibraryError(f"a tag has at most {LONGEST_TAG} characters; this is longer: {tag[:20]}…")
        if tag:
            clean.setdefault(tag.casefold(), tag)
    if len(clean) > MOST_TAGS:
        raise LibraryError(f"an article has at most {MOST_TAGS} tags")
    return tuple(clean.values())


def _merged_tags(now: Iterable[str], wanted: Iterable[str], seen: Iterable[str]) -> tuple[str, ...]:
    """Return the tags as they are `now`, with the additions and removals of a reader who saw other ones."""
    kept, known, chosen = ({tag.casefold() for tag in tags} for tags in (now, seen, wanted))
    own = [tag for tag in wanted if tag.casefold() in kept or tag.casefold() not in known]
    return clean_tags([*own, *(tag for tag in now if tag.casefold() not in known | chosen)])


# Reading


def tagged_keys(database: Database, matches: Callable[[str], bool]) -> list[int]:
    """Return the listed articles with a tag that matches."""
    rows = database.all("SELECT tag, identity FROM tags")
    return representatives_of(database, [identity for name, identity in rows if matches(name)])


def is_tag(name: str, tag: str) -> bool:
    """Is this tag meant by `tag` in a query? It may end in `*` for any ending, and have hyphens for spaces."""
    wanted = tag.rstrip("*").casefold()
    spellings = name.casefold(), name.casefold().replace(" ", "-")
    return wanted in spellings or (tag.endswith("*") and any(s.startswith(wanted) for s in spellings))


def annotated_keys(database: Database, matches: Callable[[str, str], bool]) -> list[int]:
    """Return the listed articles with an annotation whose highlighted words and note match."""
    rows = database.all("SELECT identity, quote, note FROM annotated JOIN annotations USING (number)")
    return representatives_of(database, [identity for identity, words, note in rows if matches(words, note)])


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


class _Story(NamedTuple):
    """A story that a reader adds to."""

    title: str
    source: str
    identity: bytes
    """That of the version that the reader sees."""
    identities: list[bytes]


def _placeholders(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _named(quote: Quote, title: str) -> str:
    """Name highlighted words and their article, or only the article if there are none."""
    article = f"“{marks.short_title(title)}”"
    return f"“{marks.short_title(quote.text)}” in {article}" if quote.text else article


def _check_seen(now: str, wanted: str, seen: str | None) -> None:
    """Raise NoteChangedError if a note is neither the one that the reader saw nor the one to write."""
    if seen is not None and now not in (seen, wanted):
        raise NoteChangedError(now)


@methods_raise_library_errors
class Annotations:
    """The highlights, notes and tags of a library, through one connection. Every write is one transaction.

    Methods that write return a description of the change, or None if nothing had to change. `State.undo` reverts them.
    They find a story by the key of a version, or by a StoredArticle even if its captures have been removed since.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, key: int) -> tuple[Annotation, ...]:
        """Return the highlights and notes of the story of version `key`, the oldest first."""
        return self._of(marks.story_identities(self._database, key))

    def _of(self, identities: Sequence[bytes]) -> tuple[Annotation, ...]:
        owned = f"SELECT number FROM annotated WHERE identity IN ({_placeholders(identities)})"
        return _read(self._database, f"WHERE number IN ({owned})", identities)

    def all(self) -> tuple[tuple[Annotation, int | None], ...]:
        """Return all highlights and notes, the newest first, each with the listed version of its story.

        The key is None if no capture of the story is kept.
        """
        keys: dict[int, int] = {}
        for number, identity in self._database.all("SELECT number, identity FROM annotated"):
            if number not in keys and (key := representative_key(self._database, identity)) is not None:
                keys[number] = key
        return tuple((each, keys.get(each.number)) for each in reversed(_read(self._database)))

    def tags(self, key: int) -> tuple[str, ...]:
        """Return the tags of the story of version `key`, in alphabetical order."""
        return self._tags_of(marks.story_identities(self._database, key))

    def _tags_of(self, identities: Sequence[bytes]) -> tuple[str, ...]:
        query = f"SELECT DISTINCT tag FROM tags WHERE identity IN ({_placeholders(identities)})"
        rows = self._database.all(query, identities)
        return tuple(sorted({tag.casefold(): tag for (tag,) in rows}.values(), key=str.casefold))

    def all_tags(self) -> tuple[Tag, ...]:
        """Return all tags, in alphabetical order."""
        names: dict[str, str] = {}
        identities: dict[str, list[bytes]] = {}
        for tag, identity in self._database.all("SELECT tag, identity FROM tags ORDER BY tag"):
            names.setdefault(tag.casefold(), tag)
            identities.setdefault(tag.casefold(), []).append(identity)
        return tuple(
            Tag(names[folded], representatives_of(self._database, identities[folded]))
            for folded in sorted(names)
        )

    def gone(self) -> tuple[GoneStory, ...]:
        """Return the stories with annotations or tags of which no capture is kept, the oldest first."""
        stories: dict[bytes, list[Row]] = {}
        for row in self._database.all("SELECT story, identity, title, source FROM noted ORDER BY rowid"):
            stories.setdefault(row[0], []).append(row)
        gone = []
        for story, rows in stories.items():
            identities = [identity for _, identity, *_ in rows]
            if any(representative_key(self._database, identity) is not None for identity in identities):
                continue
            _, _, title, source = rows[-1]
            tags, annotations = self._tags_of(identities), self._of(identities)
            if tags or annotations:
                gone.append(GoneStory(story, title, source, tags, annotations))
        return tuple(gone)

    def highlight(
        self, version: int | StoredArticle, quote: Quote, color: Color, note: str = ""
    ) -> str | None:
        """Highlight words of a version."""
        if not quote.text or len(quote.text) > LONGEST_QUOTE:
            raise LibraryError(f"a highlight can have 1 to {LONGEST_QUOTE:,} characters")
        with self._database.writing():
            story, note = self._story(version), clean_note(note)
            words = f"highlighted {_named(quote, story.title)}{', with a note' if note else ''}"
            return self._add(story, quote, color, note, words)

    def write_note(self, version: int | StoredArticle, note: str, *, seen: str | None = None) -> str | None:
        """Set the note to the whole article of a version; an empty one removes it.

        `seen`: the note that the reader saw. NoteChangedError if it has been changed since.
        """
        note = clean_note(note)
        with self._database.writing():
            story = self._story(version)
            notes = (written for written in self._of(story.identities) if not written.is_highlight)
            before = next(notes, None)
            if before is not None:
                return self._change(before.number, note=note, seen=seen)
            _check_seen("", note, seen)
            if not note:
                return None
            words = f"wrote a note on “{marks.short_title(story.title)}”"
            return self._add(story, Quote(""), COLORS[0], note, words)

    def change(
        self, number: int, *, color: Color | None = None, note: str | None = None, seen: str | None = None
    ) -> str | None:
        """Change the color of a highlight, or a note; a note to an article is removed by an empty one.

        `seen`: the note that the reader saw. NoteChangedError if it has been changed since.
        """
        with self._database.writing():
            return self._change(number, color, None if note is None else clean_note(note), seen)

    def _change(
        self, number: int, color: Color | None = None, note: str | None = None, seen: str | None = None
    ) -> str | None:
        before, named = self._annotation(number)
        after = before._replace(
            color=before.color if color is None else color,
            note=before.note if note is None else note,
        )
        _check_seen(before.note, after.note, seen)
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
            kind = "highlight" if before.is_highlight else "note on"
            its_note = " and its note" if before.is_highlight and before.note else ""
            return self._replace(before, None, f"removed the {kind} {named}{its_note}")

    def set_tags(
        self, version: int | StoredArticle, names: Iterable[str], *, seen: Iterable[str] | None = None
    ) -> str | None:
        """Replace the tags of the story of a version.

        `seen`: the tags that the reader saw. Then tags that others have added since stay, and those that others have
        removed do not come back.
        """
        after = clean_tags(names)
        with self._database.writing():
            story = self._story(version)
            title, identities = story.title, story.identities
            before = self._tags_of(identities)
            if seen is not None:
                after = _merged_tags(before, after, seen)
            if before == tuple(sorted(after, key=str.casefold)):
                return None
            self._note_story(story)
            words = f"removed the tags of “{marks.short_title(title)}”"
            if after:
                words = f"tagged “{marks.short_title(title)}” with {', '.join(after)}"
            return self._log("tags", words, before, after, identities)

    def remove_tags(self, story: GoneStory) -> str | None:
        """Remove the tags of a story of which no capture is kept."""
        with self._database.writing():
            rows = self._database.all("SELECT identity FROM noted WHERE story = ?", (story.identity,))
            identities = [identity for (identity,) in rows]
            words = f"removed the tags of “{marks.short_title(story.title)}”"
            return self._log("tags", words, story.tags, (), identities) if story.tags else None

    def _story(self, version: int | StoredArticle) -> _Story:
        database = self._database
        if isinstance(version, int):
            key: int | None = version
        else:
            identity = bytes.fromhex(version.article.id)
            # Its capture may have been removed, or parsed again, since it was read.
            row = database.first_row(
                "SELECT key FROM articles WHERE key = ? AND identity = ?", (version.key, identity)
            )
            key = representative_key(database, identity) if row is None else row[0]
        row = database.first_row(
            "SELECT title, coalesce(source, ''), identity"
            " FROM articles LEFT JOIN captures USING (capture_key) WHERE key = ?",
            (key,),
        )
        if row is not None and key is not None:
            title, source, identity = row
            return _Story(title, source, identity, marks.story_identities(database, key))
        if isinstance(version, int):
            raise gone_article(database)
        return _Story(version.article.title, version.source, identity, [identity])

    def _annotation(self, number: int) -> tuple[Annotation, str]:
        """Return an annotation, and the name of what it is on."""
        for annotation in _read(self._database, "WHERE number = ?", (number,)):
            return annotation, _named(annotation.quote, annotation.title)
        raise GoneError("this highlight or note has been removed")

    def _add(self, story: _Story, quote: Quote, color: Color, note: str, words: str) -> str:
        self._note_story(story)
        # Numbers are never reused.
        number = self._database.number(
            "SELECT 1 + coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'annotations'"
        )
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        annotation = Annotation(number, quote, color, note, column(story.title), column(story.source), made)
        return self._log("annotation", words, None, annotation, story.identities)

    def _note_story(self, story: _Story) -> None:
        """In the open transaction, note a story for `gone`."""
        noted = self._database.first_row(
            f"SELECT story FROM noted WHERE identity IN ({_placeholders(story.identities)})", story.identities
        )
        first = noted[0] if noted else story.identity
        self._database.run_many(
            "INSERT OR REPLACE INTO noted VALUES (?, ?, ?, ?)",
            [(identity, first, column(story.title), column(story.source)) for identity in story.identities],
        )

    def _replace(self, before: Annotation, after: Annotation | None, words: str) -> str:
        """In the open transaction, replace an annotation; None removes it."""
        rows = self._database.all("SELECT identity FROM annotated WHERE number = ?", (before.number,))
        return self._log("annotation", words, before, after, [identity for (identity,) in rows])

    def _log(
        self, kind: marks.ActionKind, words: str, before: object, after: object, identities: list[bytes]
    ) -> str:
        """In the open transaction, make a change of an annotation or of tags, and log it."""
        change = json.dumps([before, after, [identity.hex() for identity in identities]]).encode()
        apply(self._database, kind, change, redo=True)
        return marks.log_action(self._database, kind, words, change)


def apply(database: Database, kind: marks.ActionKind, change: bytes, *, redo: bool) -> None:
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
