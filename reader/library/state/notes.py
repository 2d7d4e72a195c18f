"""Highlights, notes and tags: what a reader adds to an article.

They belong to a story, through the identities of its versions, and outlive its captures. A highlight keeps the words
that it marks and a few characters around them, so that `anchors.locate` finds them again in any version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.records import column
from reader.library.state.anchors import Quote
from reader.library.stories.fingerprints import representative_key
from reader.sanitize import sanitize

Color = Literal["yellow", "green", "blue"]
COLORS: Final[tuple[Color, ...]] = get_args(Color)
LONGEST_NOTE: Final = 20_000
LONGEST_QUOTE: Final = 20_000
LONGEST_TAG: Final = 60
MOST_TAGS: Final = 50
"""The most tags of one story."""

_COLUMNS: Final = "number, quote, before, after, color, note, title, source, made"


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
    """The capture in which it was made."""
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


def of_story(database: Database, story: int) -> tuple[Annotation, ...]:
    """Return the annotations of a story, the oldest first."""
    return _read(
        database,
        "WHERE number IN (SELECT d.number FROM articles a JOIN annotated d ON d.identity = a.identity"
        " WHERE a.story = ?)",
        (story,),
    )


def all_annotations(database: Database) -> tuple[tuple[Annotation, int | None], ...]:
    """Return all annotations, the newest first, each with the key of the listed version of its story.

    The key is None if no capture of the story is kept.
    """
    keys = _representatives(database, database.all("SELECT number, identity FROM annotated"))
    found = reversed(_read(database))
    return tuple((annotation, keys.get(annotation.number)) for annotation in found)


def find(database: Database, number: int) -> Annotation | None:
    """Return an annotation, or None if there is none with this number."""
    return next(iter(_read(database, "WHERE number = ?", (number,))), None)


def tags_of_story(database: Database, story: int) -> tuple[str, ...]:
    """Return the tags of a story in alphabetical order."""
    rows = database.all(
        "SELECT DISTINCT t.tag FROM articles a JOIN tags t ON t.identity = a.identity WHERE a.story = ?",
        (story,),
    )
    return tuple(sorted({tag.casefold(): tag for (tag,) in rows}.values(), key=str.casefold))


def all_tags(database: Database) -> tuple[Tag, ...]:
    """Return all tags in alphabetical order."""
    stories: dict[str, set[int]] = {}
    names: dict[str, str] = {}
    for tag, identity in database.all("SELECT tag, identity FROM tags ORDER BY tag"):
        key = representative_key(database, identity)
        names.setdefault(tag.casefold(), tag)
        stories.setdefault(tag.casefold(), set()).update(() if key is None else (key,))
    return tuple(Tag(names[folded], len(stories[folded])) for folded in sorted(names))


def keys_with(database: Database, kind: str, tag: str = "") -> list[int]:
    """Return the listed articles with a "highlight", a "note" or a "tag", which may end in `*` for any ending."""
    if kind == "tag":
        wanted = tag.rstrip("*").casefold()
        identities = [
            identity
            for name, identity in database.all("SELECT tag, identity FROM tags")
            if name.casefold() == wanted or (tag.endswith("*") and name.casefold().startswith(wanted))
        ]
        return sorted(set(_representatives(database, enumerate(identities)).values()))
    condition = "note" if kind == "note" else "quote"
    query = f"SELECT number, identity FROM annotated JOIN annotations USING (number) WHERE {condition} != ''"
    return sorted(set(_representatives(database, database.all(query)).values()))


def keys_where(database: Database, matches: Callable[[str], bool]) -> list[int]:
    """Return the listed articles with a highlight or a note whose words match."""
    query = "SELECT number, identity, quote, note FROM annotated JOIN annotations USING (number)"
    rows = [
        (number, identity) for number, identity, *words in database.all(query) if any(map(matches, words))
    ]
    return sorted(set(_representatives(database, rows).values()))


def _read(database: Database, where: str = "", values: Sequence[object] = ()) -> tuple[Annotation, ...]:
    rows = database.all(f"SELECT {_COLUMNS} FROM annotations {where} ORDER BY number", values)
    return tuple(
        Annotation(number, Quote(quote, before, after), color if color in COLORS else COLORS[0], *rest)
        for number, quote, before, after, color, *rest in rows
    )


def _representatives(database: Database, rows: Iterable[tuple[Any, ...]]) -> dict[int, int]:
    """Return the listed version of each number's story, given numbers and identities."""
    keys: dict[int, int] = {}
    for number, identity in rows:
        if number not in keys and (key := representative_key(database, identity)) is not None:
            keys[number] = key
    return keys


# Writing


def next_number(database: Database) -> int:
    """Return the first number that no annotation has had."""
    return database.number("SELECT 1 + coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'annotations'")


def put(database: Database, annotation: Annotation, identities: Iterable[bytes]) -> None:
    """In the open transaction, add or replace an annotation of these identities."""
    number, quote, color, note, title, source, made = annotation
    values = (number, *quote, color, note, column(title), column(source), made)
    database.run("INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.run_many(
        "INSERT OR IGNORE INTO annotated VALUES (?, ?)", [(identity, number) for identity in identities]
    )


def delete(database: Database, number: int) -> None:
    """In the open transaction, remove an annotation."""
    database.run("DELETE FROM annotations WHERE number = ?", (number,))
    database.run("DELETE FROM annotated WHERE number = ?", (number,))


def identities_of(database: Database, number: int) -> tuple[bytes, ...]:
    """Return the identities that an annotation belongs to."""
    rows = database.all("SELECT identity FROM annotated WHERE number = ? ORDER BY identity", (number,))
    return tuple(identity for (identity,) in rows)


def change_tags(
    database: Database, identities: Sequence[bytes], add: Iterable[str], remove: Iterable[str]
) -> None:
    """In the open transaction, remove tags from identities, then add others."""
    gone = {tag.casefold() for tag in remove}
    for identity in identities:
        for (tag,) in database.all("SELECT tag FROM tags WHERE identity = ?", (identity,)):
            if tag.casefold() in gone:
                database.run("DELETE FROM tags WHERE identity = ? AND tag = ?", (identity, tag))
    database.run_many(
        "INSERT OR IGNORE INTO tags VALUES (?, ?)",
        [(identity, tag) for tag in add for identity in identities],
    )


def rename(database: Database, old: bytes, new: bytes) -> None:
    """In the open transaction, transfer all annotations and tags of identity `old` to `new`."""
    share(database, old, new)
    for table in ("annotated", "tags"):
        database.run(f"DELETE FROM {table} WHERE identity = ?", (old,))


def share(database: Database, old: bytes, new: bytes) -> None:
    """In the open transaction, let identity `new` have the annotations and tags of `old` too."""
    for table, value in (("annotated", "number"), ("tags", "tag")):
        database.run(
            f"INSERT OR IGNORE INTO {table} SELECT ?, {value} FROM {table} WHERE identity = ?", (new, old)
        )
