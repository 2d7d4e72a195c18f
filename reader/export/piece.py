"""What is exported: an article with where it came from, every text of it clean and on one line.

A format that has its text from here need not fear control characters, line ends within a line or anything that
XML cannot say: only its own markup is left to escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from reader.export.uris import uri
from reader.model import HEADLINE_LINK, Article, Bio, Block, Link, Reason
from reader.sanitize import clean_url, sanitize


class Run(NamedTuple):
    """A stretch of a block's text, and where it leads; None for nowhere."""

    text: str
    url: str | None = None


class Sighting(NamedTuple):
    """A capture that has the story."""

    source: str
    url: str | None
    captured: str | None
    truncated: bool
    """Whether that capture breaks it off."""
    chosen: bool
    """Whether the exported text is that capture's."""


class Piece(NamedTuple):
    """An article to be exported. `piece` makes it."""

    id: str
    """`Article.id` of the article as it is kept."""
    article: Article
    source: str
    """The path or address its capture was read from."""
    url: str | None
    """The page's own address, as `uris.uri` gives it, as all addresses here; None when unknown or not usable."""
    captured: str | None
    """When the page was kept, as ISO 8601; None when unknown."""
    partial: str | None
    """Why only a part of the capture was kept; None when it is whole."""
    sightings: tuple[Sighting, ...]
    """Every capture that has the story, this one included."""

    @property
    def own_url(self) -> str | None:
        """The story's own page, where the page that was kept leads to one; None else."""
        return next((link.url for link in self.article.links if link.block == HEADLINE_LINK), None)


class About(NamedTuple):
    """What an export is of, as a whole."""

    title: str
    """What to call it, on one line."""
    date: date
    """The day it is made; the same pieces with the same date give the same bytes."""


def piece(
    article: Article,
    source: str,
    url: str | None = None,
    captured: str | None = None,
    *,
    partial: str | None = None,
    sightings: Iterable[Sighting] = (),
) -> Piece:
    """An article made ready: `sightings` are all captures of its story, or none when this is the only one.

    Links to places that are no text of the body, or not the text they were made for, are left out.
    """
    tidy = _tidy_article(article)
    seen = tuple(
        Sighting(_tidy(one.source), _address(one.url), _maybe(one.captured), one.truncated, one.chosen)
        for one in sightings
    )
    alone = Sighting(_tidy(source), _address(url), _maybe(captured), article.truncated is not None, True)
    return Piece(article.id, tidy, alone.source, alone.url, alone.captured, _maybe(partial), seen or (alone,))


def runs(one: Piece, block: int) -> Iterator[Run]:
    """The text of a block of the body, piece by piece: what is linked and what is not."""
    text = one.article.body[block].text
    done = 0
    for link in sorted(link for link in one.article.links if link.block == block):
        start, end = max(done, link.start), min(link.end, len(text))
        if start < end:
            if start > done:
                yield Run(text[done:start])
            yield Run(text[start:end], link.url)
            done = end
    if done < len(text):
        yield Run(text[done:])


def day(text: str | None) -> date | None:
    """The day that a date or time in ISO 8601 begins with; None when it does not begin with one."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _tidy_article(article: Article) -> Article:
    figures = [
        figure._replace(
            alt=_maybe(figure.alt),
            caption=_maybe(figure.caption),
            credit=_maybe(figure.credit),
            url=_address(figure.url),
        )
        for figure in article.figures
    ]
    published = day(article.published)
    body = tuple(block._replace(text=_tidy(block.text)) for block in article.body)
    return article._replace(
        kicker=_maybe(article.kicker),
        section=_maybe(article.section),
        headline=_maybe(article.headline),
        deck=_maybe(article.deck),
        authors=tuple(filter(None, map(_tidy, article.authors))),
        published=published.isoformat() if published else None,
        figures=tuple(figures),
        body=body,
        bios=tuple(Bio(_maybe(bio.name), _tidy(bio.text)) for bio in article.bios),
        truncated=_tidy_reason(article.truncated),
        sponsored=_tidy_reason(article.sponsored),
        sponsor=_maybe(article.sponsor),
        links=tuple(_links(article, body)),
    )


def _links(article: Article, body: Sequence[Block]) -> Iterator[Link]:
    """The links that lead somewhere, from a text that is as it was: else their places are not those of the link."""
    for link in article.links:
        url = _address(link.url) if clean_url(link.url) == link.url else None
        if url is not None and (link.block == HEADLINE_LINK or _is_unchanged(link.block, article, body)):
            yield link._replace(url=url)


def _is_unchanged(block: int, article: Article, body: Sequence[Block]) -> bool:
    return 0 <= block < len(body) and body[block].text == article.body[block].text


def _tidy_reason(reason: Reason | None) -> Reason | None:
    return None if reason is None else reason._replace(because=_tidy(reason.because), text=_tidy(reason.text))


def _tidy(text: str) -> str:
    return sanitize(text).strip()


def _maybe(text: str | None) -> str | None:
    return (_tidy(text) or None) if text else None


def _address(url: str | None) -> str | None:
    kept = clean_url(url) if url else None
    return None if kept is None else uri(kept)
