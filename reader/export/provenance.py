"""States what every export says about an article: its origin, completeness and sponsor, with the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from reader.export.items import ExportItem
from reader.model import MERGED_FIELDS, REASONS, Article, Reason

UNNAMED: Final = "an unnamed sponsor"
SPONSORED: Final = "Sponsored"
UNSECTIONED: Final = "Unsectioned"


class Fact(NamedTuple):
    """One statement about an item."""

    name: str
    text: str
    url: str | None = None


def lines_of(article: Article) -> str:
    """The lines of an article in its capture: "lines 3–22"."""
    first, last = article.first_line, article.last_line
    return f"line {first}" if first == last else f"lines {first}–{last}"


def facts(item: ExportItem) -> Iterator[Fact]:
    """Every statement about an item, in the order in which they are printed."""
    article = item.article
    yield Fact("Source", f"{item.source}, {lines_of(article)}")
    if item.url:
        yield Fact("Address", item.url, item.url)
    if item.archive_url:
        yield Fact("Archived", item.archive_url, item.archive_url)
    if item.own_url and item.own_url != item.url:
        yield Fact("Story", item.own_url, item.own_url)
    yield Fact("Captured", item.captured or "at an unknown time")
    if item.digest:
        yield Fact("SHA-256 of the capture’s text", item.digest)
    yield Fact("Text", completeness(item))
    if item.partial:
        yield Fact("Capture", f"read only in part: {item.partial}")
    if (paid := payment(article)) is not None:
        yield Fact("Sponsored", paid)
    for source in dict.fromkeys(source for _, source in item.merged):
        names = dict.fromkeys(MERGED_FIELDS[field] for field, other in item.merged if other == source)
        yield Fact("From another capture", f"{', '.join(names)} ({source})")
    for occurrence in item.occurrences:
        if not occurrence.chosen:
            details = [f"captured {occurrence.captured}"] if occurrence.captured else []
            details += ["truncated there"] if occurrence.truncated else []
            known = f" ({', '.join(details)})" if details else ""
            yield Fact("Also in", f"{occurrence.source}{known}", occurrence.url)


def note(item: ExportItem) -> str:
    """All facts on one line, for formats with a field for notes."""
    shown = [f"{fact.name}: {fact.text}" for fact in facts(item) if fact.url is None or fact.url != fact.text]
    return "; ".join(shown) + "."


def completeness(item: ExportItem) -> str:
    """Say whether the text is complete and which capture it is from, or why it counts as cut off."""
    reason = item.article.truncated
    count = len(item.occurrences)
    if reason is not None:
        more = f"; none of the {count} captures has more" if count > 1 else ""
        return f"truncated: {_with_evidence(reason)}{more}"
    shorter = sum(occurrence.truncated for occurrence in item.occurrences if not occurrence.chosen)
    if shorter:
        others = "another capture is truncated" if shorter == 1 else f"{shorter} other captures are truncated"
        return f"whole, from this capture; {others}"
    return "whole, as far as the capture shows"


def payment(article: Article) -> str | None:
    """Who paid and the evidence for it; None if nobody did."""
    if article.sponsored is None:
        return None
    return f"paid for by {article.sponsor or UNNAMED}: {_with_evidence(article.sponsored)}"


def in_words(reason: Reason) -> str:
    """A reason in words; its name if this version does not know it."""
    return REASONS.get(reason.because, reason.because)


def badges(article: Article) -> list[str]:
    """The article's badges: TRUNCATED, and SPONSORED with the sponsor."""
    words = ["TRUNCATED"] if article.truncated else []
    if article.sponsored:
        words.append(f"SPONSORED · {article.sponsor}" if article.sponsor else "SPONSORED")
    return words


def chapter(article: Article) -> str:
    """The chapter that an article belongs to: its section, or one for paid and unsectioned articles."""
    return SPONSORED if article.sponsored else article.section or UNSECTIONED


def chapter_order(name: str) -> tuple[int, str, str]:
    """Sections by name, then the unsectioned, then the paid articles."""
    last = (UNSECTIONED, SPONSORED)
    return last.index(name) + 1 if name in last else 0, name.casefold(), name


def _with_evidence(reason: Reason) -> str:
    shown = f" (“{reason.text}”)" if reason.text else ""
    return f"{in_words(reason)}, line {reason.line}{shown}"
