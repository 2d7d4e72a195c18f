"""An article as a document to be laid out: head, body and tail, each part with the role it is drawn in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reader.app.flow import Document, Laid, Place, Row, Styled
from reader.app.keys import key_for
from reader.app.layout import PIECE, estimates, pieces
from reader.app.typesetting import INDENT, PLAIN, Setting, set_rows
from reader.article import CUT_OFF, REASONS, Article, Bio, Block, BlockKind, Figure, Link, Reason
from reader.library import StoredArticle
from reader.safe_text import clean

if TYPE_CHECKING:
    from reader.app.body_links import BodyLink, BodyLinks
    from reader.app.picture_boxes import Box, Pictures

TRUNCATED = "TRUNCATED"
SPONSORED = "SPONSORED"
WHOLE = "WHOLE · from another capture"
"""The words of the badges."""

WORDS_A_MINUTE = 230
BULLET = "• "
BAR = "│ "
STAR = "★ "
RULE = "─"
SEPARATOR = " · "

_BODY: dict[BlockKind, tuple[str, str]] = {"item": (BULLET, "  "), "quote": (BAR, BAR)}
"""Prefixes of the first and the other rows, of the kinds that have some."""
_RAGGED: tuple[BlockKind, ...] = ("subhead", "signoff")
"""Kinds whose lines are neither filled nor broken within words."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_BADGE_ROLES = {TRUNCATED: "truncated", WHOLE: "whole"}
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
NO_FIGURE = -1
_QUOTED = 120
"""The most characters of a line that a reason quotes."""


class Part(NamedTuple):
    """One paragraph of the page that is drawn."""

    role: str
    text: str
    gap: int = 1
    """Empty rows after it."""
    first: str = ""
    """What stands before its first row."""
    rest: str = ""
    """What stands before its other rows, as wide as `first`."""
    styled: tuple[Styled, ...] = ()
    figure: int = NO_FIGURE
    """Number of the figure whose picture stands above it."""


class Sightings(NamedTuple):
    """What else the library has of the story an article belongs to."""

    cut_off: int = 0
    """In how many other captures it is cut off while this one is whole."""
    listed: str | None = None
    """Where the version is from that the list shows; None when it is this one."""


class PartsDocument(Document):
    """Paragraphs in roles: some parts, then the blocks of a body, made parts on demand, then some parts."""

    def __init__(
        self,
        head: Sequence[Part],
        body: Sequence[Block] = (),
        tail: Sequence[Part] = (),
        links: Sequence[Link] = (),
    ) -> None:
        """`head` has at least one part; `links` are those of the body."""
        self._head = head
        self._body = body
        self._tail = tail
        self._article_links = links
        self._links: BodyLinks | None = None
        self._setting = PLAIN
        # A unit is a part or a piece of a very long one: number of the part, first character, end.
        self._units: list[tuple[int, int, int]] = []
        for number, text in enumerate(self._texts()):
            if len(text) <= PIECE:
                self._units.append((number, 0, len(text)))
            else:
                self._units += [(number, start, end) for start, end in pieces(text)]
        self._has_pieces = len(self._units) > len(head) + len(body) + len(tail)
        self.pictures: Pictures | None = None
        """What stands above captions; what is laid out has to be laid out again when it changes."""

    def star(self, starred: bool) -> bool:
        """Put a star before the byline, or take it away; False where there was nothing to do.

        The text stays the same, and with it every place; what is laid out has to be laid out again.
        """
        first, rest = (STAR, " " * len(STAR)) if starred else ("", "")
        for number, part in enumerate(self._head):
            if part.role == "byline" and part.first != first:
                head = list(self._head)
                head[number] = part._replace(first=first, rest=rest)
                self._head = head
                return True
        return False

    def typeset(self, setting: Setting) -> None:
        """Set the body in another way; what is laid out has to be laid out again."""
        self._setting = setting

    def role(self, unit: int) -> str:
        """The role of the part that a unit is of."""
        return self._part(self._units[unit][0]).role

    def __len__(self) -> int:
        return len(self._units)

    def estimates(self, width: int) -> list[int]:
        """By length alone, which is known without reading the text."""
        sample = self._body[len(self._body) // 2].text[:200] if self._body else ""
        lengths = (end - start for _, start, end in self._units)
        high, gap = 1 + self._setting.line_spacing, self._setting.paragraph_spacing
        return [rows * high + gap for rows in estimates(lengths, sample, width)]

    def text(self, unit: int) -> str:
        """The part's text, or the piece of it."""
        number, start, end = self._units[unit]
        return clean(self._part(number).text[start:end])

    def lay_out(self, unit: int, width: int) -> Laid:
        """The part's rows and the empty ones after it; a bullet stands before the first alone."""
        number, start, _ = self._units[unit]
        part = self._part(number)
        if part.role == "rule":
            return Laid("", [Row(0, 0, RULE * width), Row(0, 0)], "rule", "rule")
        text = self.text(unit)
        setting = self._setting if self._in_body(number) else PLAIN
        if part.role in _RAGGED:
            setting = setting._replace(justified=False, hyphenate=None)
        rows = set_rows(text, width, setting, first=part.first, rest=part.rest, begins=not start)
        if not start and (box := self._box(part, width)) is not None:
            # Places before the text's first character, so that a row of a picture is a place like any other.
            rows[:0] = [Row(place, place) for place in range(-box.rows, 0)]
        if not self.goes_on(unit):
            rows += [Row(len(text), len(text))] * self._gap(number, part)
        styled = part.styled
        if links := self.links(unit):
            role = f"link-{part.role}"
            styled = tuple(Styled(first, end, role) for first, end, _ in links)
        return Laid(text, rows, part.role, "mark", styled)

    def links(self, unit: int) -> list[BodyLink]:
        """The links in a unit's text, in order; of one that began in the unit before, the rest."""
        number, start, end = self._units[unit]
        if not self._article_links or not self._in_body(number):
            return []
        if self._links is None:
            from reader.app.body_links import BodyLinks  # Most captures keep no links.

            self._links = BodyLinks(self._article_links)
        text = self._part(number).text
        links = self._links.of(number - len(self._head), len(text))
        # What is cleaned away here has moved all that follows.
        if not links or len(clean(text[start:end])) != end - start:
            return []
        return [
            link._replace(start=max(link.start, start) - start, end=min(link.end, end) - start)
            for link in links
            if link.start < end and link.end > start
        ]

    def picture(self, unit: int, width: int) -> tuple[int, Box] | None:
        """The figure and the cells of the picture that stands above a unit's text."""
        part = self._part(self._units[unit][0])
        box = self._box(part, width)
        return None if box is None else (part.figure, box)

    def _box(self, part: Part, width: int) -> Box | None:
        if self.pictures is None or (size := self.pictures.sizes.get(part.figure)) is None:
            return None
        from reader.app.picture_boxes import box_of  # Only here: most articles are shown without pictures.

        return box_of(size, self.pictures.cell, width, self.pictures.rows)

    def goes_on(self, unit: int) -> bool:
        """Whether the next unit is of the same part."""
        return (
            self._has_pieces
            and unit + 1 < len(self._units)
            and self._units[unit][0] == self._units[unit + 1][0]
        )

    def place(self, unit: int, offset: int) -> Place:
        """Blocks of the body count from 0, the parts above it are negative."""
        number, start, _ = self._units[unit]
        return Place(number - len(self._head), start + offset)

    def find_place(self, place: Place) -> tuple[int, int]:
        """The unit of a place and the offset in it."""
        number = min(max(0, place.block + len(self._head)), self._units[-1][0])
        # Units before a part's are at least one each, so its unit is not before its number.
        unit = number
        if self._has_pieces:
            while self._units[unit][0] < number:
                unit += 1
            while self.goes_on(unit) and self._units[unit][2] <= place.offset:
                unit += 1
        start = self._units[unit][1]
        # Rows of a picture stand before the first character.
        return unit, max(0, place.offset - start) if start or place.offset >= 0 else place.offset

    def _texts(self) -> Iterator[str]:
        yield from (part.text for part in self._head)
        yield from (block.text for block in self._body)
        yield from (part.text for part in self._tail)

    def _part(self, number: int) -> Part:
        if number < len(self._head):
            return self._head[number]
        number -= len(self._head)
        if number < len(self._body):
            kind, text = self._body[number]
            first, rest = _BODY.get(kind, ("", ""))
            close = not self._setting.paragraph_spacing and number and self._body[number - 1].kind == kind
            if close and kind == "paragraph":
                first = INDENT
            return Part(kind, text, 1, first, rest)
        return self._tail[number - len(self._body)]

    def _in_body(self, number: int) -> bool:
        return len(self._head) <= number < len(self._head) + len(self._body)

    def _gap(self, number: int, part: Part) -> int:
        """Empty rows after a part: items of a list stand together, a subhead with what it heads."""
        if part.role == "subhead":
            return 0
        if not self._in_body(number):
            return part.gap
        following = number + 1 - len(self._head)
        kind = self._body[following].kind if following < len(self._body) else None
        if part.role == kind == "item":
            return 0
        gap = self._setting.paragraph_spacing
        # However close the paragraphs: what heads or follows a body is set off.
        return max(1, gap) if kind in (None, "subhead") else gap


def article_document(
    shown: StoredArticle,
    sightings: Sightings = Sightings(),  # noqa: B008 (frozen)
    make: type[PartsDocument] = PartsDocument,
) -> PartsDocument:
    """An article with what the page and the library say about it, as a document of the class `make`."""
    head = list(head_parts(shown.article, completed=sightings.cut_off > 0))
    # Above the headline: a search names what it finds by the number of parts between that and the body.
    above = next((n for n, part in enumerate(head) if part.role in ("headline", "deck", "byline")), 0)
    head[above:above] = _sightings(shown, sightings)
    article = shown.article
    return make(tuple(head), article.body, tuple(tail_parts(shown)), article.links)


def hint_document(hint: str) -> PartsDocument:
    """A hint in the place of an article."""
    return PartsDocument((Part("space", "", 0), Part("hint", hint)))


def head_parts(article: Article, *, completed: bool = False) -> Iterator[Part]:
    """What stands above the body; starts with an empty row. `completed`: other captures have it cut off."""
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
    """What stands below the body: why it ends there, who wrote it, where it is from."""
    article = shown.article
    if article.truncated:
        yield Part("rule", "")
        yield _ending(article.truncated)
    if article.bios:
        yield Part("rule", "")
        yield from map(_bio, article.bios)
    yield Part("rule", "")
    lines = f"lines {article.first_line} to {article.last_line}"
    yield Part("source", f"Source: {clean(shown.source)}, {lines}", 0)
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
    if shown.sightings > 1:
        yield Part(
            "source",
            f"Seen in {shown.sightings:,} captures: "
            f"{key_for('view.versions')} shows them, and how they differ",
            0,
        )
    if shown.partial:
        yield Part("notice", f"Only a part of the file was kept: {shown.partial}.", 0)
    yield Part("space", "", 0)


def _sightings(shown: StoredArticle, sightings: Sightings) -> Iterator[Part]:
    """Which version this is, where that is not plain."""
    source = clean(shown.source)
    if sightings.listed is not None:
        listed = clean(sightings.listed)
        back = f"{key_for('panes.back')} goes back to the one in the list, from {listed}."
        yield Part("sighting", f"This is the version from {source}. {back}")
    elif sightings.cut_off:
        captures = "another capture" if sightings.cut_off == 1 else f"{sightings.cut_off:,} other captures"
        them = f"{key_for('view.versions')} shows them."
        yield Part("sighting", f"Cut off in {captures}; this is the whole text from {source}. {them}")


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
    """The reason in plain words, with the line that shows it."""
    words = REASONS.get(reason.because, reason.because)
    text = " ".join(clean(reason.text).split())
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
        text = clean(SEPARATOR.join(_byline(article)))
        start = 0
        for name in article.authors:
            start = text.find(clean(name), start)
            if start <= offset < start + len(clean(name)):
                return name
            start += len(clean(name))
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
    found = _DATE.match(date)
    if not found or not 1 <= int(found[2]) <= len(_MONTHS):
        return date
    return f"{_MONTHS[int(found[2]) - 1]} {int(found[3])}, {found[1]}"


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
