"""Prepares pages for writing without the library, so that another process can do it."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

from reader.library.database.records import column, digest_of, encode_article, encode_hints, fold, to_bytes
from reader.library.database.schema import SPONSORED, UNSECTIONED
from reader.library.search import indexing
from reader.library.stories.fingerprints import fingerprints_of
from reader.model import Article, Capture, Page
from reader.parsing import PARSER_VERSION

_SHOWN = 300
"""The most characters of a title, author line or sponsor that a list holds; the record has them all."""
_FOLDED = 2_000
"""The most characters of title, deck or authors that can be found by."""
_SPECIAL = frozenset((fold(UNSECTIONED), fold(SPONSORED)))


class PreparedArticle(NamedTuple):
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
    fingerprints: tuple[int, ...]
    """By which other versions of its story are found: see `fingerprints.clues_of`."""
    texts: tuple[str, ...]
    """What the index makes of it: see `indexing.texts`."""

    @property
    def published(self) -> str | None:
        """The printed date."""
        published: str | None = self.columns[3]
        return published


class PreparedPage(NamedTuple):
    """A capture and its articles, ready to be written: numbers, texts and bytes only, so it pickles fast."""

    digest: bytes
    """Of the capture's text: see `text_digest`."""
    columns: tuple[Any, ...]
    """source, url, captured, encoding, partial, hints, text (compressed), parser."""
    partial: bool
    """Was the capture read only in part?"""
    articles: tuple[PreparedArticle, ...]


def text_digest(text: str) -> bytes:
    """The SHA-256 of a capture's text, by which the library knows it again."""
    return digest_of(to_bytes(text))


def prepare(capture: Capture, page: Page, digest: bytes | None = None) -> PreparedPage:
    """Encode and compress a page, and make its digests, fingerprints and index texts.

    Pure, so it may run in another process; `digest` is that of the capture's text where it is at hand.
    """
    columns = (
        column(capture.source),
        _optional(capture.url),
        _optional(capture.captured),
        capture.encoding,
        _optional(capture.partial),
        encode_hints(capture.hints),
        zlib.compress(to_bytes(capture.text), 1),
        PARSER_VERSION,
    )
    articles = tuple(prepare_article(article) for article in page.articles)
    return PreparedPage(
        text_digest(capture.text) if digest is None else digest,
        columns,
        capture.partial is not None,
        articles,
    )


def seen_on(page: PreparedPage) -> str | None:
    """The day of a capture; None when it does not say."""
    captured: str | None = page.columns[2]
    return captured and captured[:10]


def _optional(text: str | None) -> str | None:
    return None if text is None else column(text)


def _shown(text: str) -> str:
    return column(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def prepare_article(article: Article) -> PreparedArticle:
    """Prepare one article."""
    title = article.title
    authors = ", ".join(article.authors)
    sponsored = article.sponsored is not None
    truncated = article.truncated is not None
    identity = bytes.fromhex(article.id)
    columns = (
        article.position,
        identity,
        truncated,
        _optional(article.published),
        article.words,
        article.headline is None,
        _shown(title),
        _shown(authors),
        None if article.sponsor is None else _shown(article.sponsor),
    )
    record = encode_article(article)  # last: of a huge article there should be few copies at any time
    return PreparedArticle(
        group=None if sponsored else _group_name(article.section),
        sponsored=sponsored,
        truncated=truncated,
        columns=columns,
        record=record,
        digest=digest_of(record),
        title=column(fold(title[:_FOLDED])),
        rest=column(fold(f"{(article.deck or '')[:_FOLDED]}\n{authors[:_FOLDED]}")),
        fingerprints=fingerprints_of(article, identity),
        texts=indexing.texts(article),
    )


def _group_name(section: str | None) -> str | None:
    """The section to list under; None also for one with the name of a special group."""
    if section is None or fold(section) in _SPECIAL:
        return None
    return _shown(section)
