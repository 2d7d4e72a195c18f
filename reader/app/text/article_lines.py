"""Turns an article into a document of head, body and tail; the role of each part decides its look."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from reader.app.keys import key_for
from reader.app.text.document import NO_FIGURE, Document, Part, ReadingPosition
from reader.app.text.typesetting import StyledSpan
from reader.library import StoredArticle
from reader.library.state.notes import Annotation
from reader.model import CUT_OFF, MERGED_FIELDS, MONTHS, REASONS, Article, Block, Reason, minutes_to_read
from reader.sanitize import many, sanitize

_SEPARATOR: Final = " · "
_MAX_QUOTE: Final = 120
"""How many characters of a line a reason quotes, at most."""


class OtherVersions(NamedTuple):
    """Facts about the other versions of an article's story."""

    truncated: int = 0
    """In how many captures the story is cut off, if this version is complete."""
    listed: str | None = None
    """The source of the version in the list; None if that is this version."""


class Written(NamedTuple):
    """The reader's highlights, note and tags on an article."""

    annotations: tuple[Annotation, ...] = ()
    """Highlights and notes, the oldest first."""
    tags: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """The note on the whole article; "" for none."""
        return next((annotation.note for annotation in self.annotations if not annotation.is_highlight), "")


def article_document(
    stored: StoredArticle,
    others: OtherVersions = OtherVersions(),  # noqa: B008 (frozen)
    written: Written = Written(),  # noqa: B008 (frozen)
    *,
    spoken: bool = False,
) -> Document:
    """Make a document of an article, with what the page and the library say about it."""
    article, notice = stored.article, ""
    if others.listed is not None:
        here, there = file_names(stored.source, others.listed)
        go_back = f"{key_for('panes.back')} goes back to the listed one, from {there}."
        notice = f"This is the version from {here}. {go_back}"
    head = list(
        head_parts(article, completed=others.truncated > 0, notice=notice, tags=written.tags, spoken=spoken)
    )
    tail = list(_tail_parts(stored, others.truncated, written.note))
    return Document(head, article.body, tail, article.links, spoken=spoken)


def hint_document(hint: str) -> Document:
    """Make a document of a hint shown in place of an article."""
    return Document((Part("space", "", 0), Part("hint", hint)))


def head_parts(
    article: Article,
    *,
    completed: bool = False,
    notice: str = "",
    tags: Sequence[str] = (),
    spoken: bool = False,
) -> Iterator[Part]:
    """The parts above the body, after an empty one.

    `completed`: is the article cut off in other captures? The `notice` on its version and tags that have no place in
    the byline stand above the headline, since search hits count the parts from there to the body.
    """
    yield Part("space", "", 0)
    if article.sponsored:
        claim, reason = _paid(article)
        yield Part("paid", f"{claim} {reason}", styled=(StyledSpan(0, len(claim), "sponsored"),))
    kicker = (article.kicker or article.section or "").upper()
    badge, role = ("TRUNCATED", "truncated") if article.truncated else ("", "")
    if completed and not badge:
        badge, role = "WHOLE · from another capture", "whole"
    if badge and spoken:
        yield Part(role, "the end is missing" if article.truncated else "from another capture")
        badge = ""
    if kicker or badge:
        before = f"{kicker}   " if kicker and badge else kicker
        styled = (StyledSpan(len(before), len(before + badge), role),) if badge else ()
        yield Part("kicker", before + badge, styled=styled)
    if notice:
        yield Part("version", notice)
    tag_words = "  ".join(f"#{sanitize(tag)}" for tag in tags)
    has_byline = bool(article.authors or article.published)
    if tags and not has_byline:
        yield Part("tag", tag_words)
    if article.headline:
        yield Part("headline", article.headline, 0 if article.deck or has_byline else 1)
    if article.deck:
        yield Part("deck", article.deck)
    if has_byline:
        before = _byline(article) + (_SEPARATOR if tags else "")
        styled = (StyledSpan(len(before), len(before + tag_words), "tag"),) if tags else ()
        yield Part("byline", before + tag_words, styled=styled)
    for number, figure in enumerate(article.figures):
        alt = f"Picture: {figure.alt}" if figure.alt and not figure.credit else ""
        caption = figure.caption or alt
        # The picture stands above the first part only.
        if caption:
            yield Part("caption", caption, 0 if figure.credit else 1, figure=number)
        if figure.credit:
            yield Part("credit", figure.credit, figure=NO_FIGURE if caption else number)


def _tail_parts(stored: StoredArticle, truncated: int, note: str) -> Iterator[Part]:
    """The parts below the body: the note, why the body ends there, bios, source and notices."""
    article = stored.article
    yield from _note_parts(note)
    if article.truncated:
        claim, reason = "The capture ends here.", _sentence(why_words(article.truncated))
        yield Part("rule", "")
        yield Part("notice", f"{claim} {reason}.", styled=(StyledSpan(0, len(claim), "truncated"),))
    if article.bios:
        yield Part("rule", "")
    for bio in article.bios:
        name = bio.name or ""
        text = bio.text if bio.text.startswith(name) else f"{name}: {bio.text}"
        yield Part("bio", text, styled=(StyledSpan(0, len(name), "bio-name"),) if name else ())
    yield Part("rule", "")
    if truncated and not article.truncated:
        captures = "Another capture has" if truncated == 1 else f"{truncated:,} other captures have"
        yield Part("version", f"{captures} only the opening. This is the full text.", 0)
    yield from (Part("source", sentence, 0) for sentence in _sources(stored))
    if stored.partial:
        yield Part("notice", f"Only part of the file was read: {stored.partial}.", 0)
    yield Part("space", "", 0)


def _note_parts(note: str) -> Iterator[Part]:
    if note:
        yield Part("rule", "")
        yield Part("note-name", "Your note", 0)
        *lines, last = note.split("\n")
        yield from (Part("note", line, 0) for line in lines)
        yield Part("note", last)


def matches_around_note(
    matches: Iterable[tuple[int, int, int]], body: Sequence[Block], note: str
) -> list[tuple[ReadingPosition, int]]:
    """The places and lengths of search matches (block, start and end), with those below the `body` below the note.

    The library's search numbers the blocks of an article without a note (see `find_places`).
    """
    parts = sum(1 for _ in _note_parts(note))
    return [
        (ReadingPosition(block + parts * (block >= len(body)), start), end - start)
        for block, start, end in matches
    ]


def _sources(stored: StoredArticle) -> Iterator[str]:
    article, name = stored.article, file_name(stored.source)
    path = "" if name == sanitize(stored.source) else f"; {key_for('view.raw')} shows its path"
    first, last = article.first_line, article.last_line
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    yield f"Source: {name}, {lines}{path}"
    if stored.url:
        yield f"Address: {stored.url}"
    if article.links:
        seen = f"{key_for('out.links')} lists and opens them, “{key_for('out.follow')}” opens a visible one"
        yield f"{many(len(article.links), 'link')}: {seen}"
    if article.published:
        yield f"Published: {day(article.published)}"
    if stored.captured:
        yield f"Captured: {day(stored.captured)}"
    if stored.encoding.lower() not in ("utf-8", "utf8"):
        yield f"Encoding: {stored.encoding}, not UTF-8: some characters may be wrong"
    if stored.occurrences > 1:
        yield f"In {stored.occurrences:,} captures; {key_for('view.versions')} compares them"
    for version in dict.fromkeys(fact.version for fact in stored.merged):
        facts = [fact for fact in stored.merged if fact.version == version]
        names = ", ".join(dict.fromkeys(MERGED_FIELDS[fact.field] for fact in facts))
        yield f"{_sentence(names)} from another capture: {file_name(facts[0].source)}"


def file_name(source: str) -> str:
    """The last part of a capture's path, sanitized."""
    source = sanitize(source)
    return source.rstrip("/").rpartition("/")[2] or source


def file_names(*sources: str) -> list[str]:
    """The last parts of these paths if they differ, else the whole paths, sanitized."""
    names = [file_name(source) for source in sources]
    return names if len(set(names)) == len(names) else [sanitize(source) for source in sources]


def _paid(article: Article) -> tuple[str, str]:
    assert article.sponsored is not None
    claim = f"SPONSORED · Paid for by {article.sponsor or 'an unnamed sponsor'}."
    return claim, f"How this is known: {why_words(article.sponsored)}."


def why_words(reason: Reason) -> str:
    """Explain a reason in words, with the line that it is based on."""
    words = REASONS.get(reason.because, reason.because)
    text = " ".join(sanitize(reason.text).split())
    if not text or reason.because == CUT_OFF:
        return f"{words} (line {reason.line})"
    if len(text) > _MAX_QUOTE:
        text = text[:_MAX_QUOTE].rsplit(" ", 1)[0] + "…"
    return f"{words} (line {reason.line}: “{text}”)"


def name_at(article: Article, role: str, offset: int) -> str | None:
    """The author or sponsor named at a character of the "byline" or "paid" part; None if there is none.

    "" stands for a sponsor that the page does not name.
    """
    if role == "paid" and article.sponsored:
        return (article.sponsor or "") if offset < len(_paid(article)[0]) else None
    if role == "byline":
        text, start = sanitize(_byline(article)), 0
        for author in article.authors:
            name = sanitize(author)
            start = text.find(name, start)
            if start <= offset < start + len(name):
                return author
            start += len(name)
    return None


def _byline(article: Article) -> str:
    *others, last = article.authors or ("",)
    names = f"By {', '.join(others)} and {last}" if others else f"By {last}" if last else ""
    date = day(article.published) if article.published else ""
    return _SEPARATOR.join(filter(None, (names, date, f"{minutes_to_read(article.words)} min")))


def day(date: str) -> str:
    """Write the day of an ISO 8601 date as "May 1, 2020"; leave any other text unchanged."""
    match = re.match("([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})", date)
    if match is None:
        return date
    year, month, number = match.groups()
    return f"{MONTHS[int(month) - 1]} {int(number)}, {year}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
