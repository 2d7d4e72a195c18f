"""Pages into the library: prepared without a lock, then written in one short transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reader.library.database import Database
from reader.library.folding import fold
from reader.library.records import column, digest_of, encode_article, encode_hints, to_bytes
from reader.library.schema import SPONSORED, SPONSORED_ID, UNSECTIONED, UNSECTIONED_ID
from reader.model import Article, Capture, Page, Problem

_SHOWN = 300
"""The most characters of a title, author line or sponsor that a list holds; the record has them all."""
_FOLDED = 2_000
"""The most characters of title, deck or authors that can be found by."""
_CAPTURE_COLUMNS = (
    "capture_key, digest, first_article, articles, source, url, captured, encoding, partial, hints, text"
)
_ARTICLE_COLUMNS = (
    "key, capture_key, group_id, seq, position, identity, truncated, published, words, untitled, title, "
    "authors, sponsor"
)
_SPECIAL = frozenset((fold(UNSECTIONED), fold(SPONSORED)))


class Added(NamedTuple):
    """What one call of `Library.add` changed."""

    captures: int = 0
    """Captures that were new and are now kept."""
    known: int = 0
    """Captures whose text the library had already; nothing of them was stored again."""
    partial: int = 0
    """New captures of which only a part was kept."""
    articles: int = 0
    truncated: int = 0
    sponsored: int = 0
    problems: int = 0
    """Problems that were new."""


class _Prepared(NamedTuple):
    """An article ready to be written once its key and place are known."""

    group: str | None
    """The name of its section; None for the two special groups."""
    sponsored: bool
    truncated: bool
    columns: tuple[Any, ...]
    """position, identity, truncated, published, words, untitled, title, authors, sponsor."""
    record: bytes
    digest: bytes
    title: str
    """Folded, as is the rest: deck and authors."""
    rest: str


@dataclass(slots=True)
class PreparedPage:
    """A capture and its articles, ready to be written."""

    digest: bytes
    columns: tuple[Any, ...]
    """source, url, captured, encoding, partial, hints, text."""
    partial: bool
    articles: list[_Prepared]


def text_digest(text: str) -> bytes:
    """The SHA-256 of a capture's text, by which the library knows it again."""
    return digest_of(to_bytes(text))


def knows(database: Database, digest: bytes) -> bool:
    """Whether the library keeps a capture whose text has this digest."""
    return database.one("SELECT 1 FROM captures WHERE digest = ?", (digest,)) is not None


def add(database: Database, pages: Iterable[tuple[Capture, Page]], problems: Iterable[Problem]) -> Added:
    """Write all of it in one transaction, but for captures that are known already."""
    known = 0
    fresh: dict[bytes, PreparedPage] = {}
    for capture, page in pages:
        digest = text_digest(capture.text)
        if digest in fresh or knows(database, digest):
            known += 1
        else:
            fresh[digest] = prepare(capture, page)
    added = add_prepared(database, fresh.values(), problems)
    return added._replace(known=added.known + known)


def add_prepared(database: Database, pages: Iterable[PreparedPage], problems: Iterable[Problem]) -> Added:
    """Write all of it in one transaction, but for captures that are known already."""
    pages = list(pages)
    fresh = {page.digest: page for page in pages if not knows(database, page.digest)}
    problem_rows = _new_problems(database, problems)
    if not fresh and not problem_rows:
        return Added(known=len(pages))
    with database.writing():
        # Asked again under the lock: another program may have kept some of them meanwhile.
        new = [page for page in fresh.values() if not knows(database, page.digest)]
        new_problems = _write_problems(database, problem_rows)
        _Writer(database).write(new)
    articles = [article for page in new for article in page.articles]
    return Added(
        captures=len(new),
        known=len(pages) - len(new),
        partial=sum(page.partial for page in new),
        articles=len(articles),
        truncated=sum(article.truncated for article in articles),
        sponsored=sum(article.sponsored for article in articles),
        problems=new_problems,
    )


def _optional(text: str | None) -> str | None:
    return None if text is None else column(text)


def _shown(text: str) -> str:
    return column(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def prepare(capture: Capture, page: Page) -> PreparedPage:
    """A page ready to be written; costs no lock and can be sent to another process."""
    digest = text_digest(capture.text)
    columns = (
        column(capture.source),
        _optional(capture.url),
        _optional(capture.captured),
        capture.encoding,
        _optional(capture.partial),
        encode_hints(capture.hints),
        zlib.compress(to_bytes(capture.text), 1),
    )
    articles = [prepare_article(article) for article in page.articles]
    return PreparedPage(digest, columns, capture.partial is not None, articles)


def prepare_article(article: Article) -> _Prepared:
    """An article ready to be written."""
    title = article.title
    authors = ", ".join(article.authors)
    sponsored = article.sponsored is not None
    truncated = article.truncated is not None
    columns = (
        article.position,
        bytes.fromhex(article.id),
        truncated,
        _optional(article.published),
        article.words,
        article.headline is None,
        _shown(title),
        _shown(authors),
        None if article.sponsor is None else _shown(article.sponsor),
    )
    record = encode_article(article)  # last: of a huge article there should be few copies at any time
    return _Prepared(
        group=None if sponsored else _group_name(article.section),
        sponsored=sponsored,
        truncated=truncated,
        columns=columns,
        record=record,
        digest=digest_of(record),
        title=column(fold(title[:_FOLDED])),
        rest=column(fold(f"{(article.deck or '')[:_FOLDED]}\n{authors[:_FOLDED]}")),
    )


def _group_name(section: str | None) -> str | None:
    """The section to list under; None too for one that takes the name of a special group."""
    if section is None or fold(section) in _SPECIAL:
        return None
    return _shown(section)


def _new_problems(database: Database, problems: Iterable[Problem]) -> list[tuple[str, str, str, bool]]:
    """The rows of those problems that the library does not have."""
    query = "SELECT 1 FROM problems WHERE source = ? AND kind = ? AND reason = ? AND partial = ?"
    rows = [(column(p.source), p.kind, column(p.reason), p.partial) for p in problems]
    return [row for row in rows if database.one(query, row) is None]


def _write_problems(database: Database, rows: Sequence[tuple[str, str, str, bool]]) -> int:
    if not rows:
        return 0
    before = database.number("SELECT coalesce(max(key), 0) FROM problems")
    database.run_many(
        "INSERT OR IGNORE INTO problems (source, kind, reason, partial) VALUES (?, ?, ?, ?)", rows
    )
    partial = database.number("SELECT count(*) FROM problems WHERE key > ? AND partial", (before,))
    after = database.number("SELECT coalesce(max(key), 0) FROM problems")
    database.run(
        "UPDATE counters SET problems = problems + ?, partial_problems = partial_problems + ?",
        (after - before, partial),
    )
    return after - before


class _Writer:
    """Gives keys and places in the open transaction and writes the rows table by table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups: dict[str, int] = {}
        self._counts: dict[int, int] = {}
        self._truncated: dict[int, int] = {}

    def write(self, pages: Sequence[PreparedPage]) -> None:
        """Write the pages, in their order, and what the counters make of them."""
        if not pages:
            return
        self._read_groups()
        capture_key = self._database.number("SELECT last_capture FROM counters")
        key = self._database.number("SELECT last_article FROM counters") + 1
        captures: list[tuple[Any, ...]] = []
        articles: list[tuple[Any, ...]] = []
        records: list[tuple[Any, ...]] = []
        folded: list[tuple[Any, ...]] = []
        for page in pages:
            capture_key += 1
            captures.append((capture_key, page.digest, key, len(page.articles), *page.columns))
            for article in page.articles:
                articles.append((key, capture_key, *self._place(article), *article.columns))
                records.append((key, article.digest, article.record))
                folded.append((key, article.title, article.rest))
                key += 1
        self._database.insert("captures", _CAPTURE_COLUMNS, captures)
        self._database.insert("articles", _ARTICLE_COLUMNS, articles)
        self._database.insert("records", "key, digest, record", records)
        self._database.insert("folded", "key, title, rest", folded)
        self._count(pages, capture_key, key - 1)

    def _count(self, pages: Sequence[PreparedPage], last_capture: int, last_article: int) -> None:
        self._database.run(
            "UPDATE counters SET captures = captures + ?, partial_captures = partial_captures + ?,"
            " last_capture = ?, last_article = ?",
            (len(pages), sum(page.partial for page in pages), last_capture, last_article),
        )
        self._database.run_many(
            "UPDATE groups SET articles = ?, truncated = ? WHERE group_id = ?",
            [(count, self._truncated[group], group) for group, count in self._counts.items()],
        )

    def _read_groups(self) -> None:
        for group, name, count, truncated in self._database.all(
            "SELECT group_id, name, articles, truncated FROM groups"
        ):
            self._groups[name] = group
            self._counts[group] = count
            self._truncated[group] = truncated

    def _place(self, article: _Prepared) -> tuple[int, int]:
        """The group of an article and its ordinal there, counted in."""
        if article.group is None:
            group = SPONSORED_ID if article.sponsored else UNSECTIONED_ID
        else:
            group = self._groups.get(article.group) or self._new_group(article.group)
        seq = self._counts[group]
        self._counts[group] = seq + 1
        self._truncated[group] += article.truncated
        return group, seq

    def _new_group(self, name: str) -> int:
        group = max(self._counts) + 1
        self._database.run("INSERT INTO groups (group_id, name) VALUES (?, ?)", (group, name))
        self._groups[name] = group
        self._counts[group] = self._truncated[group] = 0
        return group
