"""Turns an article into a document: head, body and tail, each part with the role it is drawn in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reader.app.keys import key_for
from reader.app.text.flow import Styled
from reader.app.text.parts import NO_FIGURE, Part, PartsDocument
from reader.app.view import MONTHS
from reader.library import StoredArticle
from reader.model import CUT_OFF, REASONS, Article, Bio, Figure, Reason
from reader.sanitize import sanitize

TRUNCATED = "TRUNCATED"
SPONSORED = "SPONSORED"
WHOLE = "WHOLE · from another capture"
"""The words of the badges."""

WORDS_A_MINUTE = 230
SEPARATOR = " · "

_BADGE_ROLES = {TRUNCATED: "truncated", WHOLE: "whole"}
_QUOTED = 120
"""The most characters of a line that a reason quotes."""


class OtherVersions(NamedTuple):
    """What else the library has of the story that an article belongs to."""

    cut_off: int = 0
    """In how many other captures the story is cut off while this version is whole."""
    listed: str | None = None
    """The source of the version that the list shows; None when it is this one."""


def article_document(
    shown: StoredArticle,
    others: OtherVersions = OtherVersions(),  # noqa: B008 (frozen)
    *,
    spoken: bool = False,
) -> PartsDocument:
    """Make a document of an article and of what the page and the library say about it."""
    head = list(head_parts(shown.article, completed=others.cut_off > 0))
    # Above the headline: a search names what it finds by the number of parts between that and the body.
    above = next((n for n, part in enumerate(head) if part.role in ("headline", "deck", "byline")), 0)
    head[above:above] = _version_parts(shown, others)
    article = shown.article
    return PartsDocument(head, article.body, tuple(tail_parts(shown)), article.links, spoken=spoken)


def hint_document(hint: str) -> PartsDocument:
    """Make a document of a hint that stands in place of an article."""
    return PartsDocument((Part("space", "", 0), Part("hint", hint)))


def head_parts(article: Article, *, completed: bool = False) -> Iterator[Part]:
    """The parts above the body, the first of them empty. `completed`: other captures have it cut off."""
    yield Part("space", "", 0)
    if article.sponsored:
        yield _paid(article.sponsored, article.sponsor)
    kicker = (article.kicker or article.section or "").upper()
    badges = [TRUNCATED] if article.truncated else [WHOLE] if completed else []
    if article.sponsored:
        badges.append(SEPARATOR.join(filter(None, (SPONSORED, article.sponsor))))
    if kicker or badges:
        yield _kicker(kicker, badges)
    if article.headline:
        yield Part("headline", article.headline)
    if article.deck:
        yield Part("deck", article.deck)
    yield Part("byline", SEPARATOR.join(_byline(article)))
    for number, figure in enumerate(article.figures):
        for part in _figure(figure):
            yield part._replace(figure=number)
            number = NO_FIGURE  # Above its first part alone.


def tail_parts(shown: StoredArticle) -> Iterator[Part]:
    """The parts below the body: why it ends there, who wrote it, where it is from."""
    article = shown.article
    if article.truncated:
        yield Part("rule", "")
        yield _ending(article.truncated)
    if article.bios:
        yield Part("rule", "")
        yield from map(_bio, article.bios)
    yield Part("rule", "")
    lines = f"lines {article.first_line} to {article.last_line}"
    yield Part("source", f"Source: {sanitize(shown.source)}, {lines}", 0)
    if shown.url:
        yield Part("source", f"Address: {shown.url}", 0)
    if article.links:
        links = "1 link" if len(article.links) == 1 else f"{len(article.links):,} links"
        seen = f"{key_for('out.links')} shows and opens them, “{key_for('out.follow')}” those in sight"
        yield Part("source", f"{links}: {seen}", 0)
    if article.published:
        yield Part("source", f"Published: {day(article.published)}", 0)
    if shown.captured:
        yield Part("source", f"Captured: {day(shown.captured)}", 0)
    if shown.encoding.lower() not in ("utf-8", "utf8"):
        yield Part("source", f"Encoding: {shown.encoding}, not UTF-8: some characters may be wrong", 0)
    if shown.occurrences > 1:
        yield Part(
            "source",
            f"Seen in {shown.occurrences:,} captures: "
            f"{key_for('view.versions')} shows them, and how they differ",
            0,
        )
    if shown.partial:
        yield Part("notice", f"Only a part of the file was kept: {shown.partial}.", 0)
    yield Part("space", "", 0)


def _version_parts(shown: StoredArticle, others: OtherVersions) -> Iterator[Part]:
    """Say which version this is, where the list shows another or others are cut off."""
    source = sanitize(shown.source)
    if others.listed is not None:
        listed = sanitize(others.listed)
        back = f"{key_for('panes.back')} goes back to the one in the list, from {listed}."
        yield Part("version", f"This is the version from {source}. {back}")
    elif others.cut_off:
        captures = "another capture" if others.cut_off == 1 else f"{others.cut_off:,} other captures"
        them = f"{key_for('view.versions')} shows them."
        yield Part("version", f"Cut off in {captures}; this is the whole text from {source}. {them}")


def _kicker(kicker: str, badges: list[str]) -> Part:
    text = kicker
    styled: list[Styled] = []
    for badge in badges:
        text += "   " if text else ""
        role = _BADGE_ROLES.get(badge, "sponsored")
        styled.append(Styled(len(text), len(text) + len(badge), role))
        text += badge
    return Part("kicker", text, styled=tuple(styled))


def _paid(reason: Reason, sponsor: str | None) -> Part:
    claim = f"PAID FOR BY {(sponsor or 'a sponsor it does not name').upper()}"
    return Part("paid", f"{claim}: {why_words(reason)}.", styled=(Styled(0, len(claim), "sponsored"),))


def _ending(reason: Reason) -> Part:
    claim = "The capture ends here."
    return Part(
        "notice", f"{claim} {_sentence(why_words(reason))}.", styled=(Styled(0, len(claim), "truncated"),)
    )


def why_words(reason: Reason) -> str:
    """Put a reason in plain words, with the line that shows it."""
    words = REASONS.get(reason.because, reason.because)
    text = " ".join(sanitize(reason.text).split())
    if not text or reason.because == CUT_OFF:
        return f"{words} (line {reason.line})"
    if len(text) > _QUOTED:
        text = text[:_QUOTED].rsplit(" ", 1)[0] + "…"
    return f"{words} (line {reason.line}: “{text}”)"


def signed_at(article: Article, role: str, offset: int) -> str | None:
    """The name at a character of the line in a role that says who wrote or paid; None where none stands.

    "" for a sponsor that the page does not name.
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
    """The day of an ISO 8601 date as people write it; anything else as it is."""
    year, month, number = date[:4], date[5:7], date[8:10]
    parted = f"{year}-{month}-{number}" == date[:10] and len(number) == 2
    digits = year + month + number
    if not (parted and digits.isascii() and digits.isdigit() and 1 <= int(month) <= len(MONTHS)):
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
    return Part("bio", text, styled=(Styled(0, len(name), "bio-name"),) if name else ())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
