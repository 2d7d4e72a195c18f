"""Labelled lines and their hints -> the articles of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final, NamedTuple

import reader.parsing.hints as hints
import reader.parsing.verdicts as verdicts
from reader.addresses import clean_url
from reader.model import (
    CORRECTED,
    CUT_CAPTURE,
    CUT_OFF,
    HEADLINE_LINK,
    IMAGE,
    IS_SPONSORED,
    LINK,
    MARKER,
    MONTHS,
    PUBLISHED,
    WRITER,
    Article,
    Bio,
    Block,
    BlockKind,
    Capture,
    Figure,
    LineHint,
    Link,
    Page,
    Reason,
)
from reader.parsing.confidence import confidences
from reader.parsing.decoder import Labelling, decode
from reader.parsing.expressions import Steps, Turn
from reader.parsing.features import after_by, looked_at
from reader.parsing.lines import Lines
from reader.parsing.openings import BYLINE, SIGNOFF
from reader.parsing.states import BREAKS, FURNITURE, NEWSLETTER_SIGNS, OUTSIDE, STATES, STEPS
from reader.parsing.vocabulary import (
    DATE,
    FUSED_SIGNOFF,
    INTRODUCTION,
    LINK_TO_SPONSOR,
    LINKS_OF_A_NAME,
    PEOPLE_JOINT,
    PERSON,
    SIGNED_AT_END,
    SIGNOFF_LINKS,
    SPONSOR_LABEL,
    TEAM,
    WRITTEN_BY,
    canonical_section,
)
from reader.patterns import Pattern

_LABELS: Final = tuple(state.label for state in STATES)
_NEWSLETTER: Final = frozenset(i for i, state in enumerate(STATES) if state.scorer in NEWSLETTER_SIGNS)
_ADVERT: Final = frozenset(i for i, state in enumerate(STATES) if state.scorer == "advert")
_TEASER: Final = frozenset(i for i, state in enumerate(STATES) if state.scorer == "teaser")
_SPONSORED_KICKER: Final = frozenset(i for i, state in enumerate(STATES) if state.scorer == "sponsor kicker")
_NO_ARTICLE: Final = min(OUTSIDE)
_NO_STEPS: Final[Steps] = {}
_KINDS: Final[dict[str, BlockKind]] = {
    "paragraph": "paragraph",
    "subhead": "subhead",
    "item": "item",
    "signoff": "signoff",
}
_BLOCK_OF: Final = tuple(_KINDS.get(state.label) for state in STATES)
"""The kind of block that a line in each state makes; None where it makes none."""

_CLOSING: Final = ("author", "bio", "sponsor")
"""Labels of the lines that close a text."""
_MOST_AUTHORS: Final = 100
"""A biography is about one of the last authors above it, up to this many."""
_PICTURE_END: Final = ("", "")
"""Separates the lines of two pictures with text between them."""
_MARK: Final = Pattern(r"^[•◦▪‣*\-–·●]\s+")
_ATTRIBUTED: Final = Pattern(r"[\"“].{2,}[\"”]\s?[—–]\s?\w.*|[\"“][^\"“”]+[\"”]$")


def segments(
    states: list[int], opening: frozenset[int] = frozenset(), joining: frozenset[int] = frozenset()
) -> tuple[list[int], list[list[int]]]:
    """(indexes of the furniture's lines, those of each article's), in page order.

    A newsletter's lines after a sponsor's message belong to the newsletter again. Lines of `opening` begin an article
    whatever the layouts say of the step; those of `joining` never do, but for the first.
    """
    furniture: list[int] = []
    articles: list[list[int]] = []
    current: list[int] | None = None
    around: list[int] | None = None
    steps = _NO_STEPS
    for i, state in enumerate(states):
        if state in FURNITURE:
            furniture.append(i)
        else:
            step = steps.get(state)
            turn = step.turn if step else Turn.OPENS if state in BREAKS else None
            if opening and turn != Turn.INTERRUPTS and i in opening:
                turn = Turn.OPENS
            if turn == Turn.OPENS and i in joining:
                turn = None
            if turn:
                if turn == Turn.OPENS:
                    current = around = None
                elif turn == Turn.INTERRUPTS:
                    around, current = around or current, None
                elif around is not None:
                    current, around = around, None
            if current is None:
                articles.append(current := [])
            current.append(i)
        steps = STEPS[state]
    return furniture, articles


def assemble(
    capture: Capture, lines: Lines, labelling: Labelling, marked: hints.Marked | None = None
) -> tuple[Page, list[list[int]]]:
    """Assemble a page. Return it with the indexes of each article's lines; `marked` if the lines have hints."""
    numbers, texts = lines.numbers, lines.texts
    states = labelling.states
    if not capture.hints and verdicts.holds_no_article(texts):
        states = [_NO_ARTICLE] * len(states)
    owner: list[int | None] = [None] * len(states)
    articles: list[Article] = []
    apart, segmented = segments(states, marked.opening, marked.joining) if marked else segments(states)
    # A kicker alone is no article.
    kickers = {i for i, *rest in segmented if not rest and _LABELS[states[i]] == "kicker"}
    if kickers and not marked:
        states = [_NO_ARTICLE if i in kickers else state for i, state in enumerate(states)]
        apart, segmented = segments(states)
    furniture = tuple([texts[i] for i in apart if texts[i]])
    confident = confidences(segmented, labelling, marked.checked if marked else frozenset())
    for position, members in enumerate(segmented):
        for i in members:
            owner[i] = position
        article = _article(position, members, lines, states, confident[position])
        if capture.partial and members[-1] == len(states) - 1:
            article = _cut_short(article, _LABELS[states[-1]], texts[-1])
        articles.append(article)
    labels = tuple(numbers), tuple([_LABELS[state] for state in states]), tuple(owner)
    return Page(capture.source, capture.url, capture.captured, tuple(articles), furniture, labels), segmented


class _Parts:
    """The parts of an article, collected line by line."""

    def __init__(self) -> None:
        self.heads: dict[str, str] = {}
        """Kicker, headline and deck, by label."""
        self.body: list[Block] = []
        self.end = 0
        """The index of the body's last line."""
        self.figures: list[tuple[str, str]] = []
        self.authors: list[str] = []
        self.bios: list[Bio] = []
        self.published: str | None = None
        self.sponsor: str | None = None
        self.newsletter = False
        self.marker: Reason | None = None
        self.label: tuple[int, str] | None = None
        """The number and text of the line that calls it paid, and so for the next two."""
        self.slot: tuple[int, str] | None = None
        self.advert: tuple[int, str] | None = None
        self._name: str | None = None
        """The last name that a biography may be about."""

    def add_text(self, i: int, n: int, state: int, kind: BlockKind, text: str) -> None:
        """Add a line of the body with its index and number."""
        self.end = i
        self._add_block(_block(kind, text))
        if state in _NEWSLETTER:
            self.newsletter = True
        elif state in _ADVERT:
            self.advert = self.advert or (n, text)
        elif state in _TEASER:
            self.marker = verdicts.reason(CUT_OFF, n, text)
        if kind == "signoff":
            self.authors += _people(_signer(text))
        elif text[0] in "—–-" and (fused := FUSED_SIGNOFF.match(text)):
            self.authors += _people((fused["linked"] or fused["bare"]).strip())

    def add(self, n: int, state: int, text: str) -> None:
        """Add a line beside the body with its number."""
        match role := _LABELS[state]:
            case "alt" | "caption" | "credit":
                self.figures.append((role, text))
            case "kicker" | "headline" | "deck":
                self._add_head(role, text)
                self.newsletter = self.newsletter or state in _NEWSLETTER
                if state in _SPONSORED_KICKER:
                    self.label = n, text
            case "marker":
                self.marker = Reason(MARKER, n, text)
            case "author" | "byline":
                self._name = text
                self.authors += _people(TEAM.sub("", after_by(text)))
                if role == "byline":
                    self.published = _date(text) or self.published
            case "bio":
                self.bios.append(Bio(_described(self._name, self.authors, text), text))
            case "sponsor":
                self._name = self.sponsor = text
                self.slot = n, text
            case "sponsor label":
                self.label = n, text
                named = SPONSOR_LABEL.fullmatch(text) or LINK_TO_SPONSOR.fullmatch(text)
                self.sponsor = self.sponsor or (named and named["sponsor"])
            case "date":
                self.published = _date(text) or self.published

    def _add_head(self, role: str, text: str) -> None:
        if role in self.heads:
            # A second one is kept in the text, where nobody misses it.
            self._add_block(Block("subhead", text))
        else:
            self.heads[role] = text

    def _add_block(self, block: Block) -> None:
        self.body.append(block)
        if self.figures and self.figures[-1] is not _PICTURE_END:
            self.figures.append(_PICTURE_END)

    @property
    def sponsored(self) -> Reason | None:
        """The reason for calling it paid for, if there is one."""
        return verdicts.sponsorship(self.label, self.slot, self.advert)


def _article(
    position: int, members: list[int], lines: Lines, states: list[int], confidence: float
) -> Article:
    numbers, texts = lines.numbers, lines.texts
    last, page_end = members[-1], len(states) - 1
    parts = _Parts()
    for i in members:
        state, text = states[i], texts[i]
        if (kind := _BLOCK_OF[state]) is not None:
            parts.add_text(i, numbers[i], state, kind, text)
        # The page may end in the name that a biography opens with.
        elif not (i == page_end and _LABELS[state] == "author" and _begins_one_of(text, parts.authors)):
            parts.add(numbers[i], state, text)
    body, marker, end = parts.body, parts.marker, parts.end
    if marker is None and body and (end == last or last != page_end):
        marker = verdicts.cut_off(numbers[end], texts[end], body, page_ends=last == page_end)
    kicker = parts.heads.get("kicker")
    authors = _introduced(body, parts.authors) if parts.newsletter else parts.authors
    return Article(
        position,
        "newsletter" if parts.newsletter else "story",
        kicker,
        canonical_section(kicker) if kicker else None,
        parts.heads.get("headline"),
        parts.heads.get("deck"),
        tuple(dict.fromkeys(authors)),
        parts.published,
        _figures(parts.figures) if parts.figures else (),
        tuple(body),
        tuple(parts.bios),
        marker,
        parts.sponsored,
        parts.sponsor,
        numbers[members[0]],
        numbers[last],
        confidence=confidence,
    )


def _cut_short(article: Article, label: str, text: str) -> Article:
    """The last article of a capture that is cut off, given its last line: truncated, unless it was closed above."""
    if article.truncated or (article.body and label in _CLOSING):
        return article
    return article._replace(truncated=verdicts.reason(CUT_CAPTURE, article.last_line, text))


def _begins_one_of(text: str, names: list[str]) -> bool:
    return any(name.startswith(text) for name in names)


def _block(kind: BlockKind, text: str) -> Block:
    if kind == "paragraph":
        if text[0] in '"“' and _ATTRIBUTED.fullmatch(text):
            kind = "quote"
    elif kind == "item":
        text = _MARK.sub("", text) or text
    return Block(kind, text)


def _figures(parts: list[tuple[str, str]]) -> tuple[Figure, ...]:
    """Pictures from their lines: the next one begins with a part that is there already, and below text."""
    figures: list[dict[str, str]] = [{}]
    for role, text in parts:
        if not role or role in figures[-1]:
            figures.append({})
        if role:
            figures[-1][role] = text
    return tuple(Figure(f.get("alt"), f.get("caption"), f.get("credit")) for f in figures if f)


def _described(name: str | None, authors: list[str], text: str) -> str | None:
    """The name of the person in a biography: the last name above it, or the author that it names."""
    if name is None or name in text:
        return name
    text = looked_at(text)
    return next((author for author in authors[-_MOST_AUTHORS:] if author in text), name)


def _signer(text: str) -> str:
    match = SIGNOFF_LINKS.match(text) or SIGNOFF.match(text)
    return LINKS_OF_A_NAME.sub("", match["who"]).strip().lstrip("—–- ") if match else ""


def _people(text: str) -> list[str]:
    """The names in an author line: "A and B" are two, when each of them could be a name; "A, staff writer" is one."""
    parts = [part.strip() for part in PEOPLE_JOINT.split(text) if part.strip()]
    names = parts[:1] + [part for part in parts[1:] if not part[0].islower()]
    return names if all(PERSON.fullmatch(name) for name in names) else [text.strip()]


def _introduced(body: Sequence[Block], signed: list[str]) -> list[str]:
    """A newsletter's authors: from its greeting and its signatures, or else from its last lines."""
    for block in body[:4]:
        if match := INTRODUCTION.search(block.text):
            return [match[1] or match[2], *signed]
    if not signed:
        for block in body[-4:]:
            if match := WRITTEN_BY.search(block.text) or SIGNED_AT_END.search(block.text):
                return _people(match[1])
    return signed


def _date(text: str) -> str | None:
    match = DATE.fullmatch(text) or BYLINE.match(text)
    if match is None:
        return None
    if match["iso"]:
        return _calendar_day(match["iso"])
    name = match["month"]
    months = [month[:3] for month in MONTHS]
    month = months.index(name[:3].title()) + 1 if name else int(match["month3"] or 0)
    day = int(match["day"] or match["day2"] or match["day3"] or 0)
    year = match["year"] or match["year3"]
    return _calendar_day(f"{year}-{month:02}-{day:02}")


def _calendar_day(iso: str) -> str | None:
    """Return a day as YYYY-MM-DD; None if the calendar has no such day."""
    with suppress(ValueError):
        return date.fromisoformat(iso).isoformat()
    return None


Hints = dict[int, list[LineHint]]
"""The hints of lines that say more than what kind of line they are, by index among the non-empty ones."""

_DAY: Final = Pattern(r"(?:19|20)\d\d-\d\d-\d\d")
_BLOCKS: Final = frozenset(("paragraph", "subhead", "item", "signoff"))
_HEADS: Final = frozenset(("kicker", "headline", "deck"))
_FIGURE: Final = frozenset(("alt", "caption", "credit"))
_DATING: Final = frozenset(("date", PUBLISHED, WRITER))
_CORRECTING: Final = frozenset((hints.PAID, hints.NOT_PAID, hints.CUT, hints.NOT_CUT, hints.SECTION))


class _Place(NamedTuple):
    """Where a line of an article stands in it."""

    line: int
    """Its index on the page."""
    label: str
    block: int | None
    """The block of the body that it is; HEADLINE_LINK for the headline."""
    figure: int | None
    """The figure that it is part of."""


_PlacedHints = list[tuple[_Place, LineHint]]


def assemble_with_hints(capture: Capture, lines: Lines) -> Page:
    """Assemble a page from the lines of a capture with hints."""
    marked = hints.apply_hints(lines, capture.hints)
    page, members = assemble(capture, lines, decode(marked.keys), marked)
    labels = page.labels[1]
    articles = tuple(
        [
            _apply_hints(article, own, labels, lines, marked)
            for article, own in zip(page.articles, members, strict=True)
        ]
    )
    return page._replace(articles=articles)


def _apply_hints(
    article: Article, members: list[int], labels: Sequence[str], lines: Lines, marked: hints.Marked
) -> Article:
    """Add what the hints of its lines say to an article."""
    detailed = {i: marked.detailed[i] for i in members if i in marked.detailed}
    if not detailed:
        return article
    placed = [(place, hint) for place in _places(members, labels) for hint in detailed.get(place.line, ())]
    roles = {hint.role for _, hint in placed}
    changes: dict[str, Any] = {}
    if IS_SPONSORED in roles:
        changes |= _paid(article, placed, lines)
    if not _DATING.isdisjoint(roles):
        changes |= _dated(article, detailed.values())
    if not _CORRECTING.isdisjoint(roles):
        changes |= _corrected(detailed, lines)
    if "quote" in roles:
        quoted = {
            place.block for place, hint in placed if hint.role == "quote" and place.label == "paragraph"
        }
        changes["body"] = tuple(
            [Block("quote", block.text) if i in quoted else block for i, block in enumerate(article.body)]
        )
    if links := _links(article, placed, lines.texts):
        changes["links"] = links
    if IMAGE in roles:
        changes["figures"] = _pictured(article, placed)
    return article._replace(**changes) if changes else article


def _places(members: list[int], labels: Sequence[str]) -> list[_Place]:
    """Where each line of an article stands in it."""
    places: list[_Place] = []
    seen: set[str] = set()
    parts: set[str] = set()
    block, figure, pictured = -1, -1, -2
    for i in members:
        label = labels[i]
        own_block = own_figure = None
        if label in _BLOCKS or (label in seen and label in _HEADS):
            own_block = block = block + 1
        elif label in _FIGURE:
            # Text between two parts tells pictures apart, as a part that is there already does.
            if block != pictured or label in parts:
                figure, pictured, parts = figure + 1, block, set()
            parts.add(label)
            own_figure = figure
        elif label == "headline":
            own_block = HEADLINE_LINK
        seen.add(label)
        places.append(_Place(i, label, own_block, own_figure))
    return places


def _paid(article: Article, placed: _PlacedHints, lines: Lines) -> dict[str, Any]:
    """That the article was paid for, and by whom, as far as its lines do not show it."""
    paid = [(place.line, hint.value) for place, hint in placed if hint.role == IS_SPONSORED]
    changes: dict[str, Any] = {}
    if article.sponsored is None:
        i = paid[0][0]
        changes["sponsored"] = verdicts.sponsorship((lines.numbers[i], lines.texts[i]), None, None)
    sponsors = [value for _, value in paid if value]
    if sponsors and article.sponsor is None:
        changes["sponsor"] = sponsors[-1]
    return changes


def _links(article: Article, placed: _PlacedHints, texts: Sequence[str]) -> tuple[Link, ...]:
    links: list[Link] = []
    for (line, _, block, _), hint in placed:
        if hint.role == LINK and block is not None:
            text = (article.headline or "") if block == HEADLINE_LINK else article.body[block].text
            links += _link(hint.value, block, texts[line], text)
    return tuple(links)


def _pictured(article: Article, placed: _PlacedHints) -> tuple[Figure, ...]:
    """The figures with the addresses of their pictures."""
    figures = list(article.figures)
    for place, hint in placed:
        i = place.figure
        if hint.role == IMAGE and i is not None and figures[i].url is None:
            figures[i] = figures[i]._replace(url=clean_url(hint.value))
    return tuple(figures)


def _corrected(detailed: Hints, lines: Lines) -> dict[str, Any]:
    """The reader's corrections of the whole article: the first of each kind counts."""
    changes: dict[str, Any] = {}
    for i, of_line in detailed.items():
        shown = verdicts.reason(CORRECTED, lines.numbers[i], lines.texts[i])
        for role, value in ((hint.role, hint.value) for hint in of_line):
            if role in (hints.PAID, hints.NOT_PAID) and "sponsored" not in changes:
                changes["sponsored"] = shown if role == hints.PAID else None
                if value or role == hints.NOT_PAID:
                    changes["sponsor"] = value or None
            elif role in (hints.CUT, hints.NOT_CUT):
                changes.setdefault("truncated", shown if role == hints.CUT else None)
            elif role == hints.SECTION and value:
                changes.setdefault("section", value)
    return changes


def _dated(article: Article, detailed: Iterable[list[LineHint]]) -> dict[str, Any]:
    """The date and the authors, where the page prints none."""
    all_hints = [hint for hints_of_line in detailed for hint in hints_of_line]
    changes: dict[str, Any] = {}
    if article.published is None:
        days = [h.value for role in ("date", PUBLISHED) for h in all_hints if h.role == role]
        if day := next(filter(None, (_calendar_day(day) for day in days if _DAY.fullmatch(day))), None):
            changes["published"] = day
    if not article.authors and article.sponsor is None:
        writers = [h.value for h in all_hints if h.role == WRITER and h.value]
        if writers:
            changes["authors"] = tuple(dict.fromkeys(writers))
    return changes


def _link(value: str, block: int, line: str, text: str) -> list[Link]:
    """Parse a link from a hint's value, "START END ADDRESS"; an empty list if it has none."""
    match value.split(" ", 2):
        case [start, end, address] if start.isdecimal() and end.isdecimal() and len(start + end) < 18:
            # A block is its line without the bullet mark.
            shift = len(line) - len(text)
            first, last = max(int(start) - shift, 0), min(int(end) - shift, len(text))
            url = clean_url(address)
            return [Link(block, first, last, url)] if url and first < last else []
    return []
