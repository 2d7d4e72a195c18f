"""The records of an export: articles with their origin, all text sanitized and on one line; and what exports say of it.

Formats can rely on this: there are no control characters, no line ends within a line and nothing that XML cannot
express. They only need to escape their own markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from reader.addresses import archive_address, clean_url, is_url, original_address
from reader.model import (
    DIGEST_FACT,
    HEADLINE_LINK,
    MERGED_FIELDS,
    REASONS,
    SPONSORED,
    UNSECTIONED,
    Article,
    Block,
    BlockKind,
    Figure,
    Link,
    Reason,
)
from reader.sanitize import sanitize

_ARCHIVE_NAME: Final = re.compile(
    r"\.(?:zip|tar|tgz|wacz|warc|arc|gz|zst|xz|bz2|7z)(?:$|[.:])", re.IGNORECASE
)
_OF_COMMON_CRAWL: Final = re.compile(r"(?:^|[\\/])(?:CC-MAIN|commoncrawl)-\d[^\\/]*\.warc\b")
"""Finds the name of a file of Common Crawl, or of one with what was fetched from there."""
_LOCAL_URL: Final = re.compile(r"(?:file|local)://", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_NUMBERED: Final = r"(\d{1,6})[.)] +(?=\S)"
_NOT_IN_URIS: Final = re.compile(r"[\[\]#]|%(?![0-9A-Fa-f]{2})")


class Occurrence(NamedTuple):
    """A capture that has the story."""

    source: str
    url: str | None
    captured: str | None
    truncated: bool
    """True if the story is cut off in that capture."""
    chosen: bool
    """True if the exported text comes from that capture."""


class Note(NamedTuple):
    """A reader's highlight with or without a note, or a note to the whole article."""

    quote: str
    """The highlighted words, a line for each block; "" for a note to the article."""
    before: str
    after: str
    """A few characters before and after the words."""
    color: str
    note: str
    """May have several lines."""
    made: str
    """When it was made, as ISO 8601."""
    source: str
    """The capture in which it was made, named as in `ExportItem.source`."""


class ExportItem(NamedTuple):
    """An article to export, made by `make_item`."""

    id: str
    """`Article.id` of the article as the library keeps it."""
    article: Article
    source: str
    """The address that its capture was read from, or the name of the file; its path only if that was asked for."""
    url: str | None
    """The page's own address as a URI, like all addresses here; None when it is unknown or not usable."""
    captured: str | None
    """When the page was captured, as ISO 8601; None when unknown."""
    partial: str | None
    """Why only a part of the capture was kept; None when it is whole."""
    occurrences: tuple[Occurrence, ...]
    """Every capture that has the story, this one included."""
    merged: tuple[tuple[str, str], ...] = ()
    """The fields of the article that another capture of the story has, each with the source of that capture."""
    archive_url: str | None = None
    """Where the Wayback Machine has the page as it was captured; None without an address and a day.

    None also for a capture from Common Crawl, which the Wayback Machine may not have.
    """
    digest: str | None = None
    """The SHA-256 of the capture's text, in hex; None if the library has none."""
    tags: tuple[str, ...] = ()
    """The reader's tags, in alphabetical order."""
    notes: tuple[Note, ...] = ()
    """The reader's note on the article, then the highlights in the order in which they were made."""
    pictures: Callable[[], Mapping[int, bytes]] = dict
    """Reads the picture files that the capture has, as they are, by the index of their figure in the article."""

    @property
    def own_url(self) -> str | None:
        """The address of the story's own page, if the captured page links to one."""
        return next((link.url for link in self.article.links if link.block == HEADLINE_LINK), None)

    @property
    def own_address(self) -> str | None:
        """The address of the story's own page: the link of its headline, or else the page that shows it first.

        A page with a single word in its path shows many stories: the front page of the site or of a section.
        """
        if self.own_url is not None or self.url is None:
            return self.own_url
        name = urlsplit(self.url).path.rstrip("/").rpartition("/")[2]
        return self.url if self.article.position == 0 and "-" in name else None

    @property
    def chapter(self) -> str:
        """The chapter that an article belongs to: its section, or one for paid and unsectioned articles."""
        return SPONSORED if self.article.sponsored else self.article.section or UNSECTIONED

    @property
    def completeness(self) -> str:
        """Say whether the text is complete and which capture it is from, or why it counts as cut off."""
        reason = self.article.truncated
        count = len(self.occurrences)
        if reason is not None:
            more = f"; none of the {count} captures has more" if count > 1 else ""
            return f"truncated: {_with_evidence(reason)}{more}"
        shorter = sum(occurrence.truncated for occurrence in self.occurrences if not occurrence.chosen)
        if shorter:
            others = (
                "another capture is truncated" if shorter == 1 else f"{shorter} other captures are truncated"
            )
            return f"whole, from this capture; {others}"
        return "whole, as far as the capture shows"

    @property
    def payment(self) -> str | None:
        """Who paid and the evidence for it; None if nobody did."""
        if self.article.sponsored is None:
            return None
        return f"paid for by {self.article.sponsor or UNNAMED}: {_with_evidence(self.article.sponsored)}"

    @property
    def note(self) -> str:
        """All facts on one line, for formats with a field for notes."""
        shown = (
            f"{fact.name}: {fact.text}"
            for fact in self.facts()
            if fact.url != fact.text or fact.name == SEEN_ON
        )
        return "; ".join(shown) + "."

    def facts(self) -> Iterator[Fact]:
        """Every statement about the item, in the order in which they are printed."""
        article = self.article
        yield Fact("Source", f"{self.source}, {lines_of(article)}")
        if self.url:
            yield Fact(SEEN_ON if self.own_address != self.url else "Address", self.url, self.url)
        if self.archive_url:
            yield Fact("Archived", self.archive_url, self.archive_url)
        if self.own_url and self.own_url != self.url:
            yield Fact("Story", self.own_url, self.own_url)
        yield Fact("Captured", self.captured or "at an unknown time")
        if self.digest:
            yield Fact(DIGEST_FACT, self.digest)
        yield Fact("Text", self.completeness)
        if self.partial:
            yield Fact("Capture", f"read only in part: {self.partial}")
        if (paid := self.payment) is not None:
            yield Fact("Sponsored", paid)
        for source in dict.fromkeys(source for _, source in self.merged):
            names = dict.fromkeys(MERGED_FIELDS[field] for field, other in self.merged if other == source)
            yield Fact("From another capture", f"{', '.join(names)} ({source})")
        for occurrence in self.occurrences:
            if not occurrence.chosen:
                details = [f"captured {occurrence.captured}"] if occurrence.captured else []
                details += ["truncated there"] if occurrence.truncated else []
                known = f" ({', '.join(details)})" if details else ""
                # The site is gone.
                archived = _archive_url(occurrence.source, occurrence.url, occurrence.captured)
                yield Fact("Also in", f"{occurrence.source}{known}", archived or occurrence.url)

    def body_parts(self) -> Iterator[BodyPart]:
        """The body in order, consecutive list items as one list; blocks without text are left out."""
        blocks = (
            (block.kind, list(self.text_runs(number)))
            for number, block in enumerate(self.article.body)
            if block.text
        )
        for kind, group in groupby(blocks, key=itemgetter(0)):
            texts = [runs for _, runs in group]
            if kind == "item":
                yield _list_part(texts)
            else:
                yield from (BodyPart(kind, [runs]) for runs in texts)

    def text_runs(self, block: int) -> Iterator[TextRun]:
        """The text of a block of the body, divided into linked and unlinked runs."""
        text = self.article.body[block].text
        done = 0
        for link in sorted(link for link in self.article.links if link.block == block):
            start, end = max(done, link.start), min(link.end, len(text))
            if start < end:
                if start > done:
                    yield TextRun(text[done:start])
                yield TextRun(text[start:end], link.url)
                done = end
        if done < len(text):
            yield TextRun(text[done:])


class Export(NamedTuple):
    """An export as a whole. The same title, date and items always give the same bytes."""

    title: str
    date: date
    items: Iterable[ExportItem]
    """The articles, in order; consumed once, one at a time."""


class TextRun(NamedTuple):
    """A stretch of a block's text, with its link if it has one."""

    text: str
    url: str | None = None


class BodyPart(NamedTuple):
    """A block of the body, or a list of consecutive list items."""

    kind: BlockKind
    texts: Sequence[Sequence[TextRun]]
    """The runs of the block, or of each list item; without the item's number if `start` is set."""
    start: int | None = None
    """The number of a numbered list's first item; None for other lists."""


def make_item(
    article: Article,
    source: str,
    url: str | None = None,
    captured: str | None = None,
    *,
    partial: str | None = None,
    occurrences: Iterable[Occurrence] = (),
    digest: bytes | None = None,
    tags: Iterable[str] = (),
    merged: Iterable[tuple[str, str]] = (),
    local_paths: bool = False,
) -> ExportItem:
    """Sanitize an article for export. `occurrences` lists every capture of its story; empty if this is the only one.

    Of a path on this machine only the file's name is kept, unless `local_paths` is set.

    Links are dropped when they point outside the body or when sanitizing changed their text.
    """

    def shown(source: str) -> str:
        return _sanitized(source if local_paths else without_folders(source))

    captured = _optional(captured)
    seen = [*occurrences] or [Occurrence(source, url, captured, article.truncated is not None, chosen=True)]
    return ExportItem(
        id=article.id,
        article=_sanitized_article(article),
        source=shown(source),
        url=_safe_uri(original_address(url)),
        captured=captured,
        partial=_optional(partial),
        occurrences=tuple(
            occurrence._replace(
                source=shown(occurrence.source),
                url=_safe_uri(original_address(occurrence.url)),
                captured=_optional(occurrence.captured),
            )
            for occurrence in seen
        ),
        merged=tuple((field, shown(source)) for field, source in merged),
        archive_url=_archive_url(source, url, captured),
        digest=None if digest is None else digest.hex(),
        tags=tuple(filter(None, map(_sanitized, tags))),
    )


def without_folders(source: str) -> str:
    """Return the source of a capture without the folders of this machine: from its archive or file on."""
    path = _LOCAL_URL.sub("", source)
    if is_url(path):
        return source
    # Without a drive, a backslash belongs to a name, or stands for an odd character in it.
    parts = re.split(r"[\\/]" if _DRIVE.match(path) else "/", path)
    archive = next(
        (place for place, part in enumerate(parts[:-1]) if _ARCHIVE_NAME.search(part)), len(parts) - 1
    )
    return "/".join(parts[archive:])


def figure_text(figure: Figure) -> str:
    """The caption and credit of a picture, else its alternative text; "" if it has none of them."""
    return " — ".join(filter(None, [figure.caption, figure.credit])) or figure.alt or ""


def parse_day(text: str | None) -> date | None:
    """The day of an ISO 8601 date or time; None if the text does not begin with one."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _list_part(items: Sequence[list[TextRun]]) -> BodyPart:
    """A numbered list if the numbers are consecutive; else the numbers stay in the text."""
    heads = [re.match(_NUMBERED, item[0].text) for item in items]
    first = int(heads[0][1]) if heads[0] else 0
    texts = []
    for offset, (item, head) in enumerate(zip(items, heads, strict=True)):
        # Compared as text: a list element would lose leading zeros.
        if head is None or head[1] != str(first + offset):
            return BodyPart("item", items)
        texts.append([item[0]._replace(text=item[0].text[head.end() :]), *item[1:]])
    return BodyPart("item", texts, first)


def _sanitized_article(article: Article) -> Article:
    clean: Article = _with_sanitized_texts(article)
    published = parse_day(clean.published)
    return clean._replace(
        kicker=clean.kicker or None,
        section=clean.section or None,
        headline=clean.headline or None,
        deck=clean.deck or None,
        sponsor=clean.sponsor or None,
        authors=tuple(filter(None, clean.authors)),
        published=published.isoformat() if published else None,
        figures=tuple(
            Figure(figure.alt or None, figure.caption or None, figure.credit or None, _safe_uri(figure.url))
            for figure in clean.figures
        ),
        bios=tuple(bio._replace(name=bio.name or None) for bio in clean.bios),
        links=tuple(_usable_links(article, clean.body)),
    )


def _with_sanitized_texts(value: Any) -> Any:
    """Return a value with all texts in it sanitized, also in the tuples and records inside."""
    if isinstance(value, str):
        return _sanitized(value)
    if isinstance(value, tuple):
        values = map(_with_sanitized_texts, value)
        return getattr(value, "_make", tuple)(values)
    return value


def _usable_links(article: Article, body: Sequence[Block]) -> Iterator[Link]:
    """The links with a usable address whose text sanitizing left as it was, so that their offsets still hold."""
    for link in article.links:
        url = _safe_uri(link.url) if clean_url(link.url) == link.url else None
        number = link.block
        in_body = 0 <= number < len(body) and body[number].text == article.body[number].text
        if url is not None and (in_body or number == HEADLINE_LINK):
            yield link._replace(url=url)


def _sanitized(text: str) -> str:
    return sanitize(text).strip()


def _optional(text: str | None) -> str | None:
    return (_sanitized(text) or None) if text else None


def _archive_url(source: str, url: str | None, captured: str | None) -> str | None:
    """Where the Wayback Machine has a page; see `ExportItem.archive_url`."""
    return _safe_uri(archive_address(url, None if _OF_COMMON_CRAWL.search(source) else captured))


def _safe_uri(url: str | None) -> str | None:
    """An address as a URI by RFC 3986; None if it cannot be used.

    The library keeps addresses as pages write them: browsers and archives accept `[`, `]` and a stray `%`, but
    validators of books and web pages do not.
    """
    cleaned = clean_url(url) if url else None
    if cleaned is None:
        return None
    parts = urlsplit(cleaned)
    path, query, fragment = (
        _NOT_IN_URIS.sub(lambda match: f"%{ord(match[0]):02X}", part) for part in parts[2:]
    )
    return urlunsplit((parts.scheme, parts.netloc, path, query, fragment))


# What every export says about an article: its origin, completeness and sponsor, with the evidence

SEEN_ON: Final = "Seen on"
"""The name of the fact about a page that is not the article's own."""
UNNAMED: Final = "an unnamed sponsor"


class Fact(NamedTuple):
    """One statement about an item."""

    name: str
    text: str
    url: str | None = None


def lines_of(article: Article) -> str:
    """The lines of an article in its capture: "lines 3–22"."""
    first, last = article.first_line, article.last_line
    return f"line {first}" if first == last else f"lines {first}–{last}"


def in_words(reason: Reason) -> str:
    """A reason in words; its name if this version does not know it."""
    return REASONS.get(reason.because, reason.because)


def badges(article: Article) -> list[str]:
    """The article's badges: TRUNCATED, and SPONSORED with the sponsor."""
    words = ["TRUNCATED"] if article.truncated else []
    if article.sponsored:
        words.append(f"SPONSORED · {article.sponsor}" if article.sponsor else "SPONSORED")
    return words


def chapter_order(name: str) -> tuple[int, str, str]:
    """Sections by name, then the unsectioned, then the paid articles."""
    last = (UNSECTIONED, SPONSORED)
    return last.index(name) + 1 if name in last else 0, name.casefold(), name


def _with_evidence(reason: Reason) -> str:
    shown = f" (“{reason.text}”)" if reason.text else ""
    return f"{in_words(reason)}, line {reason.line}{shown}"
