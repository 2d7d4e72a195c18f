"""A page of lines with hints: what only the hints say is put into the articles that the lines make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reader.model import CORRECTED, HEADLINE_LINK, Article, Block, Capture, Figure, LineHint, Link, Page
from reader.parsing import hints, verdicts
from reader.parsing.assembly import assembled
from reader.parsing.decoder import decode
from reader.parsing.lines import Lines
from reader.sanitize import clean_url

Hints = dict[int, list[LineHint]]
"""The hints of lines that say more than what kind of line they are, by index among the non-empty ones."""

_DAY: Final = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_BLOCKS: Final = frozenset(("paragraph", "subhead", "item", "signoff"))
_HEADS: Final = frozenset(("kicker", "headline", "deck"))
_FIGURE: Final = frozenset(("alt", "caption", "credit"))
_DATING: Final = frozenset(("date", hints.PUBLISHED, hints.WRITER))
_CORRECTING: Final = frozenset((hints.PAID, hints.NOT_PAID, hints.CUT, hints.NOT_CUT, hints.SECTION))


def assemble_hinted(capture: Capture, lines: Lines) -> Page:
    """The page that a capture's lines make, given its hints."""
    marked = hints.marked(lines, capture.hints)
    page, members = assembled(capture, lines, decode(marked.keys), marked.opening, marked.joining)
    labels = page.labels[1]
    articles = tuple(
        [
            _told(article, own, labels, lines, marked)
            for article, own in zip(page.articles, members, strict=True)
        ]
    )
    return page._replace(articles=articles)


def _told(
    article: Article, members: list[int], labels: Sequence[str], lines: Lines, marked: hints.Marked
) -> Article:
    """The article with what the hints of its lines say."""
    said: Hints = {}
    if not marked.said.keys().isdisjoint(members):
        said = {i: marked.said[i] for i in members if i in marked.said}
    if not said:
        if not article.figures or marked.labelled.isdisjoint(members):
            return article
        at = [i for i in members if labels[i] in _FIGURE]
        if at[-1] - at[0] < len(at):
            return article
        pictures = _parted(members, labels, lines.texts)
        return article if pictures == article.figures else article._replace(figures=pictures)
    changes: dict[str, Any] = {}
    links: list[Link] = []
    quoted: list[int] = []
    figures: list[dict[str, str]] = []
    heads: set[str] = set()
    roles: set[str] = set()
    block, pictured = -1, -2
    texts = lines.texts
    for i in members:
        label = labels[i]
        here = None
        if label in _BLOCKS or (label in heads and label in _HEADS):
            here = block = block + 1
        elif label in _FIGURE:
            # Text between two parts tells pictures apart, as a part that is there already does.
            if block != pictured or label in figures[-1]:
                figures.append({})
            figures[-1][label] = texts[i]
            pictured = block
        elif label == "headline":
            here = HEADLINE_LINK
        heads.add(label)
        if i not in said:
            continue
        for _, role, value in said[i]:
            roles.add(role)
            if role == hints.LINK and here is not None:
                text = (article.headline or "") if here < 0 else article.body[here].text
                links += _link(value, here, texts[i], text)
            elif role == hints.IMAGE and label in _FIGURE:
                if "url" not in figures[-1] and (url := clean_url(value)):
                    figures[-1]["url"] = url
            elif role == hints.SPONSORED:
                if article.sponsored is None and "sponsored" not in changes:
                    line = (lines.numbers[i], texts[i])
                    changes["sponsored"] = verdicts.sponsorship(line, None, None)
                if value and article.sponsor is None:
                    changes["sponsor"] = value
            elif role == "quote" and here is not None and here >= 0 and label == "paragraph":
                quoted.append(here)
    if not _DATING.isdisjoint(roles):
        changes |= _dated(article, said.values())
    if not _CORRECTING.isdisjoint(roles):
        changes |= _corrected(said, lines)
    if quoted:
        body = list(article.body)
        for here in quoted:
            body[here] = Block("quote", body[here].text)
        changes["body"] = tuple(body)
    if links:
        changes["links"] = tuple(links)
    if figures:
        changes["figures"] = tuple([Figure(**figure) for figure in figures])
    return article._replace(**changes) if changes else article


def _parted(members: list[int], labels: Sequence[str], texts: Sequence[str]) -> tuple[Figure, ...]:
    """The pictures of an article of whose lines nothing more is known, told apart as in `_told`."""
    figures: list[dict[str, str]] = []
    heads: set[str] = set()
    block, pictured = -1, -2
    for i in members:
        label = labels[i]
        if label in _BLOCKS:
            block += 1
        elif label in _FIGURE:
            if block != pictured or label in figures[-1]:
                figures.append({})
            figures[-1][label] = texts[i]
            pictured = block
        elif label in _HEADS:
            block += label in heads
            heads.add(label)
    return tuple([Figure(**figure) for figure in figures])


def _corrected(said: Hints, lines: Lines) -> dict[str, Any]:
    """What a reader has said of the whole article: the first word on each matter counts."""
    changes: dict[str, Any] = {}
    for i, of_line in said.items():
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


def _dated(article: Article, said: Iterable[list[LineHint]]) -> dict[str, Any]:
    """The date and the authors, where the page prints none."""
    found = [hint for hints_of_line in said for hint in hints_of_line]
    changes: dict[str, Any] = {}
    if article.published is None:
        days = [h.value for role in ("date", hints.PUBLISHED) for h in found if h.role == role]
        day = next((day for day in days if _DAY.fullmatch(day)), None)
        if day:
            changes["published"] = day
    if not article.authors and article.sponsor is None:
        writers = [h.value for h in found if h.role == hints.WRITER and h.value]
        if writers:
            changes["authors"] = tuple(dict.fromkeys(writers))
    return changes


def _link(value: str, block: int, line: str, text: str) -> list[Link]:
    """The link that a hint's value tells of; none when it tells of none."""
    match value.split(" ", 2):
        case [start, end, address] if start.isdecimal() and end.isdecimal() and len(start + end) < 18:
            # A block is its line without the bullet mark.
            shift = len(line) - len(text)
            first, last = max(int(start) - shift, 0), min(int(end) - shift, len(text))
            url = clean_url(address)
            return [Link(block, first, last, url)] if url and first < last else []
    return []
