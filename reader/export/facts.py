"""What every export says of an article: where it came from, whether it is whole, who paid, and how that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reader.export.piece import Piece, Sighting
from reader.model import REASONS, Article, Reason

UNNAMED = "somebody the page does not name"
SPONSORED, UNSECTIONED = "Sponsored", "Unsectioned"
"""Where articles stand that were paid for, and those without a section."""


class Fact(NamedTuple):
    """One thing to know about a piece."""

    name: str
    text: str
    url: str | None = None
    """Where the text leads; None for nowhere."""


def facts(one: Piece) -> Iterator[Fact]:
    """All there is to say, in the order it is said."""
    article = one.article
    yield Fact("Source", f"{one.source}, lines {article.first_line}–{article.last_line}")
    if one.url:
        yield Fact("Address", one.url, one.url)
    if one.own_url and one.own_url != one.url:
        yield Fact("Story", one.own_url, one.own_url)
    yield Fact("Captured", one.captured or "at a time that is not known")
    yield Fact("Text", completeness(one))
    if one.partial:
        yield Fact("Capture", f"kept only in part: {one.partial}")
    if (paid := payment(article)) is not None:
        yield Fact("Sponsored", paid)
    for other in one.sightings:
        if not other.chosen:
            yield Fact("Also in", _elsewhere(other), other.url)


def completeness(one: Piece) -> str:
    """Whether the text is whole, from which capture, or why it is taken to be cut off."""
    cut = one.article.truncated
    count = len(one.sightings)
    if cut is not None:
        more = f"; none of the {count} captures has more" if count > 1 else ""
        return f"truncated: {_seen(cut)}{more}"
    shorter = sum(other.truncated for other in one.sightings if not other.chosen)
    if shorter:
        others = "another capture breaks it off" if shorter == 1 else f"{shorter} other captures break it off"
        return f"whole, from this capture; {others}"
    return "whole, as far as the capture shows"


def payment(article: Article) -> str | None:
    """Who paid and how that is known; None when nobody did."""
    if article.sponsored is None:
        return None
    return f"paid for by {article.sponsor or UNNAMED}: {_seen(article.sponsored)}"


def in_words(reason: Reason) -> str:
    """Why, in words; the name of a reason that only a later version knows."""
    return REASONS.get(reason.because, reason.because)


def badges(article: Article) -> list[str]:
    """TRUNCATED and SPONSORED as far as they are so, with who paid."""
    words = ["TRUNCATED"] if article.truncated else []
    if article.sponsored:
        words.append(f"SPONSORED · {article.sponsor}" if article.sponsor else "SPONSORED")
    return words


def chapter(article: Article) -> str:
    """Under which heading it stands."""
    return SPONSORED if article.sponsored else article.section or UNSECTIONED


def note(one: Piece) -> str:
    """The same in one line, for formats that have a field for notes."""
    return (
        "; ".join(
            f"{fact.name}: {fact.text}" for fact in facts(one) if fact.url is None or fact.url != fact.text
        )
        + "."
    )


def _seen(reason: Reason) -> str:
    shown = f" (“{reason.text}”)" if reason.text else ""
    return f"{in_words(reason)}, line {reason.line}{shown}"


def _elsewhere(other: Sighting) -> str:
    about = [f"captured {other.captured}"] if other.captured else []
    about += ["cut off there"] if other.truncated else []
    return f"{other.source} ({', '.join(about)})" if about else other.source
