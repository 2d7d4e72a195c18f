"""Reads single articles and captures, and the versions of a story."""

import json
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.errors import GoneError, damaged
from reader.library.database.schema import FULLEST_FIRST, decode_article, decode_hints, digest_of, unpack_text
from reader.library.stories.representatives import read_facts, with_facts
from reader.model import Article, Capture


class LineRef(NamedTuple):
    """A line of a capture, which need not be kept."""

    capture: bytes
    """The digest of the capture's text, as `ingest.reading.text_digest` makes it."""
    line: int
    """Number of the line, from 1."""


class MergedFact(NamedTuple):
    """A field that an article takes from another capture of its story."""

    field: str
    """The field of `Article`: "authors", "published", …."""
    source: str
    version: int


class StoredArticle(NamedTuple):
    """A kept article, and the capture it is from."""

    key: int
    article: Article
    source: str
    url: str | None
    captured: str | None
    capture_key: int
    encoding: str
    partial: str | None
    """Why only a part of the capture was kept; None if it is complete."""
    occurrences: int = 1
    """How many versions of its story are kept, itself included."""
    completed: bool = False
    """True if the listed version is complete, and another capture has only its start."""
    merged: tuple[MergedFact, ...] = ()
    """Facts that `article` has from other captures; only for the listed version of a story."""
    digest: bytes = b""
    """The digest of the capture's text."""

    @property
    def line(self) -> LineRef:
        """The line where it begins."""
        return LineRef(self.digest, self.article.first_line)

    def _repr_html_(self) -> str:
        """The article as a notebook shows it."""
        return self.article._repr_html_()


class Version(NamedTuple):
    """An article as one capture shows it."""

    key: int
    source: str
    url: str | None
    captured: str | None
    truncated: bool
    words: int
    why: str | None
    """Why it belongs to the story, in words for a reader; None for the first that was kept."""
    listed: bool
    """True for the fullest version, which is listed."""
    identity: str


def read_article(database: Database, key: int) -> StoredArticle:
    """Return an article with its text and, if it is listed, what other captures know of its story.

    GoneError if it is not kept, DamagedError if it was altered.
    """
    stored = read_version(database, key)
    facts = read_facts(database, [key]).get(key, ())
    if not facts:
        return stored
    sources: dict[int, str] = dict(
        database.all(
            "SELECT a.key, source FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
            " JOIN captures USING (capture_key)",
            (json.dumps([fact.version for fact in facts]),),
        )
    )
    merged = (MergedFact(fact.field, sources.get(fact.version, "…"), fact.version) for fact in facts)
    try:
        article = with_facts(stored.article, facts)
    except (ValueError, TypeError) as error:
        raise damaged(
            database.path, f"what other captures say about article {key} has been altered"
        ) from error
    return stored._replace(article=article, merged=tuple(merged))


def read_version(database: Database, key: int) -> StoredArticle:
    """Return an article as its own capture has it. Raises the same errors as `read_article`."""
    row = database.first_row(
        "SELECT record, r.digest, c.source, c.url, c.captured, c.capture_key, c.encoding, c.partial,"
        " (SELECT count(*) FROM articles v WHERE v.story = a.story), f.completed, c.digest"
        " FROM articles a JOIN records r USING (key) JOIN captures c USING (capture_key)"
        " JOIN articles f ON f.story = a.story AND f.listed WHERE a.key = ?",
        (key,),
    )
    if row is None:
        if database.first_row("SELECT 1 FROM articles WHERE key = ?", (key,)) is not None:
            raise damaged(database.path, f"article {key} is incomplete")
        raise gone_article(database)
    record, digest, source, url, captured, capture_key, encoding, partial, *versions, of_text = row
    # The article may be intact even if the row of its capture is damaged.
    source = source if isinstance(source, str) else f"capture {capture_key}"
    encoding = encoding if isinstance(encoding, str) else ""
    url, captured, partial = (value if isinstance(value, str) else None for value in (url, captured, partial))
    if not isinstance(record, bytes) or digest_of(record) != digest:
        raise damaged(database.path, f"article {key} of {source} has been altered")
    try:
        article = decode_article(record)
    except (ValueError, TypeError) as error:
        raise damaged(database.path, f"article {key} of {source}: {error}") from error
    origin = (source, url, captured, capture_key, encoding, partial)
    occurrences, completed = versions
    return StoredArticle(key, article, *origin, occurrences, bool(completed), digest=of_text)


def read_capture(database: Database, capture_key: int) -> Capture:
    """Return a capture as it was read. GoneError if it is not kept, DamagedError if its text was altered."""
    row = database.first_row(
        "SELECT source, text, digest, url, captured, encoding, partial, hints FROM captures WHERE capture_key = ?",
        (capture_key,),
    )
    if row is None:
        raise GoneError(f"{database.path} no longer has this capture")
    source, packed, digest, url, captured, encoding, partial, hints = row
    text = unpacked(database, capture_key, packed, digest)
    return Capture(source, text, url, captured, encoding, partial, decode_hints(hints))


def unpacked(database: Database, capture_key: int, packed: bytes, digest: bytes) -> str:
    """Return the text of a capture from its row. DamagedError if it was altered."""
    try:
        return unpack_text(packed, digest)
    except ValueError as error:
        raise damaged(database.path, f"the text of capture {capture_key} {error}") from error


def gone_article(database: Database) -> GoneError:
    """Return the error for an article that is not kept. A reader does not know its key."""
    return GoneError(f"{database.path} no longer has this article")


def read_versions(database: Database, key: int) -> tuple[Version, ...]:
    """Return all versions of a story, given the key of any: the fullest first, which is the listed one."""
    rows = database.all(
        "SELECT a.key, c.source, c.url, c.captured, a.truncated, a.words, a.why, a.listed, lower(hex(a.identity))"
        " FROM articles a JOIN captures c USING (capture_key)"
        f" WHERE a.story = (SELECT story FROM articles WHERE key = ?) ORDER BY {FULLEST_FIRST}",
        (key,),
    )
    return tuple(
        Version(version, source, url, captured, bool(truncated), words, why, bool(listed), identity)
        for version, source, url, captured, truncated, words, why, listed, identity in rows
    )
