"""Turns an article into a document of head, body and tail; the role of each part decides its look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reader.app.keys import key_for
from reader.app.text.flow import StyledSpan
from reader.app.text.parts import NO_FIGURE, Part, PartsDocument
from reader.app.view import MONTHS
from reader.library import StoredArticle
from reader.library.state.notes import Annotation
from reader.model import CUT_OFF, MERGED_FIELDS, REASONS, Article, Bio, Figure, Reason
from reader.sanitize import sanitize

TRUNCATED = "TRUNCATED"
SPONSORED = "SPONSORED"
WHOLE = "WHOLE · from another capture"
"""The texts of badges. An article that was paid for has a box instead."""

NOTE_NAME = "Your note"
WORDS_A_MINUTE = 230
SEPARATOR = " · "

_BADGE_ROLES = {TRUNCATED: "truncated", WHOLE: "whole"}
_MAX_QUOTE = 120
"""How many characters of a line a reason quotes, at most."""


class OtherVersions(NamedTuple):
    """Facts about the other versions of an article's story."""

    cut_off: int = 0
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
) -> PartsDocument:
    """Make a document of an article, with what the page and the library say about it."""
    head = list(head_parts(stored.article, completed=others.cut_off > 0))
    if others.listed is not None:
        # Insert above the headline: search hits count the parts from the headline to the body.
        roles = ("headline", "deck", "byline", "caption", "credit")
        above = next((n for n, part in enumerate(head) if part.role in roles), len(head))
        head.insert(above, _other_version(stored.source, others.listed))
    article = stored.article
    head = _with_tags(head, written.tags)
    tail = (*_note_parts(written.note), *tail_parts(stored, others.cut_off))
    return PartsDocument(head, article.body, tail, article.links, spoken=spoken)


def hint_document(hint: str) -> PartsDocument:
    """Make a document of a hint shown in place of an article."""
    return PartsDocument((Part("space", "", 0), Part("hint", hint)))


def head_parts(article: Article, *, completed: bool = False) -> Iterator[Part]:
    """The parts above the body, after an empty one. `completed`: is the article cut off in other captures?"""
    yield Part("space", "", 0)
    if article.sponsored:
        yield _paid(article.sponsored, article.sponsor)
    kicker = (article.kicker or article.section or "").upper()
    badges = [TRUNCATED] if article.truncated else [WHOLE] if completed else []
    if kicker or badges:
        yield _kicker(kicker, badges)
    has_byline = bool(article.authors or article.published)
    if article.headline:
        yield Part("headline", article.headline, 0 if article.deck or has_byline else 1)
    if article.deck:
        yield Part("deck", article.deck)
    if has_byline:
        yield Part("byline", SEPARATOR.join(_byline(article)))
    for number, figure in enumerate(article.figures):
        for part in _figure(figure):
            yield part._replace(figure=number)
            number = NO_FIGURE  # The picture stands above the first part only.


def tail_parts(stored: StoredArticle, cut_off: int = 0) -> Iterator[Part]:
    """The parts below the body: why it ends there, bios, source and notices. `cut_off`: see `OtherVersions`."""
    article = stored.article
    if article.truncated:
        yield Part("rule", "")
        yield _ending(article.truncated)
    if article.bios:
        yield Part("rule", "")
        yield from map(_bio, article.bios)
    yield Part("rule", "")
    if cut_off and not article.truncated:
        captures = "Another capture has" if cut_off == 1 else f"{cut_off:,} other captures have"
        compare = f"{key_for('view.versions')} compares them."
        yield Part("version", f"{captures} only the opening. This is the full text. {compare}", 0)
    lines = f"lines {article.first_line} to {article.last_line}"
    name = file_name(stored.source)
    path = "" if name == sanitize(stored.source) else f"; {key_for('view.raw')} shows its path"
    yield Part("source", f"Source: {name}, {lines}{path}", 0)
    if stored.url:
        yield Part("source", f"Address: {stored.url}", 0)
    if article.links:
        links = "1 link" if len(article.links) == 1 else f"{len(article.links):,} links"
        seen = f"{key_for('out.links')} lists and opens them, “{key_for('out.follow')}” opens a visible one"
        yield Part("source", f"{links}: {seen}", 0)
    if article.published:
        yield Part("source", f"Published: {day(article.published)}", 0)
    if stored.captured:
        yield Part("source", f"Captured: {day(stored.captured)}", 0)
    if stored.encoding.lower() not in ("utf-8", "utf8"):
        yield Part("source", f"Encoding: {stored.encoding}, not UTF-8: some characters may be wrong", 0)
    if stored.occurrences > 1:
        yield Part(
            "source",
            f"In {stored.occurrences:,} captures; {key_for('view.versions')} compares them",
            0,
        )
    for version in dict.fromkeys(fact.version for fact in stored.merged):
        facts = [fact for fact in stored.merged if fact.version == version]
        names = _sentence(", ".join(dict.fromkeys(MERGED_FIELDS[fact.field] for fact in facts)))
        yield Part("source", f"{names} from another capture: {file_name(facts[0].source)}", 0)
    if stored.partial:
        yield Part("notice", f"Only part of the file was read: {stored.partial}.", 0)
    yield Part("space", "", 0)


def file_name(source: str) -> str:
    """The last part of a capture's path, sanitized."""
    source = sanitize(source)
    return source.rstrip("/").rpartition("/")[2] or source


def _other_version(source: str, listed: str) -> Part:
    """Say that the list has another version of the story; with the paths if the file names are the same."""
    here, there = file_name(source), file_name(listed)
    if here == there:
        here, there = sanitize(source), sanitize(listed)
    go_back = f"{key_for('panes.back')} goes back to the listed one, from {there}."
    return Part("version", f"This is the version from {here}. {go_back}")


def _with_tags(head: list[Part], tags: Sequence[str]) -> list[Part]:
    """Add tags to the end of the byline, or above the headline without one, so that search hits stay in place."""
    if not tags:
        return head
    words = "  ".join(f"#{sanitize(tag)}" for tag in tags)
    byline = next((number for number, part in enumerate(head) if part.role == "byline"), None)
    if byline is None:
        above = next((n for n, part in enumerate(head) if part.role in ("headline", "deck")), len(head))
        return [*head[:above], Part("tag", words), *head[above:]]
    before = head[byline].text + (SEPARATOR if head[byline].text else "")
    tagged = StyledSpan(len(before), len(before) + len(words), "tag")
    head[byline] = head[byline]._replace(text=before + words, styled=(*head[byline].styled, tagged))
    return head


def _note_parts(note: str) -> Iterator[Part]:
    """The note on the article, below its body."""
    if note:
        yield Part("rule", "")
        yield Part("note-name", NOTE_NAME, 0)
        lines = note.split("\n")
        yield from (Part("note", line, int(number == len(lines))) for number, line in enumerate(lines, 1))


def _kicker(kicker: str, badges: list[str]) -> Part:
    text = kicker
    styled: list[StyledSpan] = []
    for badge in badges:
        text += "   " if text else ""
        role = _BADGE_ROLES.get(badge, "sponsored")
        styled.append(StyledSpan(len(text), len(text) + len(badge), role))
        text += badge
    return Part("kicker", text, styled=tuple(styled))


def _paid(reason: Reason, sponsor: str | None) -> Part:
    claim = f"{SPONSORED} · Paid for by {sponsor or 'an unnamed sponsor'}."
    text = f"{claim} How this is known: {why_words(reason)}."
    return Part("paid", text, styled=(StyledSpan(0, len(claim), "sponsored"),))


def _ending(reason: Reason) -> Part:
    claim = "The capture ends here."
    return Part(
        "notice", f"{claim} {_sentence(why_words(reason))}.", styled=(StyledSpan(0, len(claim), "truncated"),)
    )


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
        claim = _paid(article.sponsored, article.sponsor).styled[0]
        return (article.sponsor or "") if offset < claim.end else None
    if role == "byline":
        text = sanitize(SEPARATOR.join(_byline(article)))
        start = 0
        for name in article.authors:
            start = text.find(sanitize(name), start)
            if start <= offset < start + len(sanitize(name)):
                return name
            start += len(sanitize(name))
    return None


def _byline(article: Article) -> Iterator[str]:
    *others, last = article.authors or ("",)
    if last:
        yield "By " + (f"{', '.join(others)} and {last}" if others else last)
    if article.published:
        yield day(article.published)
    yield f"{max(1, round(article.words / WORDS_A_MINUTE))} min"


def day(date: str) -> str:
    """Write the day of an ISO 8601 date as "May 1, 2020"; leave any other text unchanged."""
    year, month, number = date[:4], date[5:7], date[8:10]
    is_date = f"{year}-{month}-{number}" == date[:10] and len(number) == 2
    digits = year + month + number
    if not (is_date and digits.isascii() and digits.isdigit() and 1 <= int(month) <= len(MONTHS)):
        return date
    return f"{MONTHS[int(month) - 1]} {int(number)}, {year}"


def _figure(figure: Figure) -> Iterator[Part]:
    if figure.caption:
        yield Part("caption", figure.caption, 0 if figure.credit else 1)
    if figure.credit:
        yield Part("credit", figure.credit)
    if figure.alt and not (figure.caption or figure.credit):
        yield Part("caption", f"Picture: {figure.alt}")


def _bio(bio: Bio) -> Part:
    name = bio.name or ""
    text = bio.text if bio.text.startswith(name) else f"{name}: {bio.text}"
    return Part("bio", text, styled=(StyledSpan(0, len(name), "bio-name"),) if name else ())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
