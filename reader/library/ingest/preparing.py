"""Prepares pages for writing. Needs no library, so that another process can do it."""

import zlib
from typing import Any, NamedTuple

from reader.library.database.records import (
    MOST_FOLDED,
    column,
    digest_of,
    encode_article,
    encode_hints,
    filter_text,
    fold,
    shown,
    shown_columns,
    to_bytes,
)
from reader.library.database.schema import SPONSORED, UNSECTIONED
from reader.library.search import indexing
from reader.library.stories.comparing import fingerprints_of
from reader.model import Article, Capture, Page
from reader.parsing import PARSER_VERSION

_SPECIAL = frozenset((fold(UNSECTIONED), fold(SPONSORED)))


class PreparedArticle(NamedTuple):
    """An article that is ready to be written once its key and place are known."""

    group: str | None
    """The name of its section; None in the two special groups."""
    sponsored: bool
    truncated: bool
    columns: tuple[Any, ...]
    """position, identity, truncated, published, words, untitled, title, authors, sponsor, doubtful."""
    record: bytes
    digest: bytes
    title: str
    """The folded title."""
    rest: str
    """Deck and authors, folded, on a line each."""
    fingerprints: tuple[int, ...]
    """The result of `comparing.fingerprints_of`."""
    texts: tuple[str, ...]
    """The result of `indexing.texts`."""

    @property
    def published(self) -> str | None:
        """The printed date."""
        published: str | None = self.columns[3]
        return published


class PreparedPage(NamedTuple):
    """A capture and its articles, ready to be written. Only numbers, texts and bytes, so that it pickles fast."""

    digest: bytes
    """The `text_digest` of the capture."""
    columns: tuple[Any, ...]
    """source, url, captured, encoding, partial, hints, text (compressed), parser."""
    partial: bool
    """True if the capture was read only in part."""
    articles: tuple[PreparedArticle, ...]

    @property
    def size(self) -> int:
        """Bytes of its packed text and its articles."""
        return len(self.columns[-2]) + sum(len(article.record) for article in self.articles)

    @property
    def seen(self) -> str | None:
        """The day of the capture, or None if unknown."""
        captured: str | None = self.columns[2]
        return captured and captured[:10]


def text_digest(text: str) -> bytes:
    """Return the SHA-256 of a capture's text, by which the library recognises it."""
    return digest_of(to_bytes(text))


def prepare(capture: Capture, page: Page, digest: bytes | None = None) -> PreparedPage:
    """Encode and compress a page, and compute its digests, fingerprints and index texts.

    Pure, so it can run in another process. Pass the `digest` of the capture's text if it is known.
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


def _optional(text: str | None) -> str | None:
    return None if text is None else column(text)


def prepare_article(article: Article) -> PreparedArticle:
    """Prepare one article."""
    published, authors, sponsor = shown_columns(article)
    group = None
    # A section may be named like a special group.
    if article.sponsored is None and article.section is not None and fold(article.section) not in _SPECIAL:
        group = shown(article.section)
    identity = bytes.fromhex(article.id)
    columns = (
        article.position,
        identity,
        article.truncated is not None,
        published,
        article.words,
        article.headline is None,
        shown(article.title),
        authors,
        sponsor,
        article.doubtful,
    )
    record = encode_article(article)  # last, so that few copies of a huge article exist at once
    return PreparedArticle(
        group=group,
        sponsored=article.sponsored is not None,
        truncated=article.truncated is not None,
        columns=columns,
        record=record,
        digest=digest_of(record),
        title=column(fold(article.title[:MOST_FOLDED])),
        rest=filter_text(article),
        fingerprints=fingerprints_of(article, identity),
        texts=indexing.texts(article),
    )
