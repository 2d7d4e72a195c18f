"""What a citation needs of an article, and citations in the styles that people are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from reader.export.names import Name, initials, inverted, straight, to_name
from reader.export.piece import Piece, day

SITE: Final = "Protocol"
_MONTHS: Final = tuple(
    "January February March April May June July August September October November December".split()
)
_SHORT_MONTHS: Final = (
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
)  # fmt: skip


class Citation(NamedTuple):
    """What there is to cite."""

    authors: tuple[Name, ...]
    """Of a piece that somebody paid for and nobody signed, the sponsor; else empty when nobody signed."""
    title: str
    published: date | None
    """None when the page prints no date: [n.d.]."""
    url: str | None
    """The story's own page, or the page that it was found on."""
    captured: date | None
    """The day the page was kept; None when unknown."""
    source: str
    """What the capture was read from, which is all there is to find it by when `url` is None."""
    truncated: bool
    sponsor: str | None
    """Who paid, or "" when the page does not say; None when nobody did."""


def citation(one: Piece) -> Citation:
    """What to cite a piece by."""
    article = one.article
    sponsor = (article.sponsor or "") if article.sponsored else None
    authors = tuple(map(to_name, article.authors))
    if not authors and sponsor:
        authors = (Name(sponsor),)
    truncated = article.truncated is not None
    url = one.own_url or one.url
    published, captured = day(article.published), day(one.captured)
    return Citation(authors, article.title, published, url, captured, one.source, truncated, sponsor)


def apa(cited: Citation) -> str:
    """As the Publication Manual of the APA has it (7th edition), for a page of a news site."""
    shown = [initials(name) for name in cited.authors]
    many = len(shown) > 20
    authors = f"{', '.join(shown[:19])}, . . . {shown[-1]}" if many else _joined(shown, ", & ", ", & ")
    when = cited.published
    dated = f"({when.year}, {_MONTHS[when.month - 1]} {when.day})" if when else "(n.d.)"
    title = cited.title + "".join(f" [{word}]" for word in _descriptions(cited))
    # Without an author the title takes the author's place.
    opening = f"{_stopped(authors)} {dated}. {_stopped(title)}" if authors else f"{_stopped(title)} {dated}."
    if cited.url and cited.captured:
        kept = cited.captured
        found = f"Retrieved {_MONTHS[kept.month - 1]} {kept.day}, {kept.year}, from {cited.url}"
    else:
        found = cited.url or _capture(cited)
    return f"{opening} {SITE}. {found}"


def mla(cited: Citation) -> str:
    """As the MLA Handbook has it (9th edition)."""
    authors = _in_list(cited.authors, most=2, shown=1)
    parts = [SITE]
    if when := cited.published:
        parts.append(f"{when.day} {_SHORT_MONTHS[when.month - 1]} {when.year}")
    parts += [cited.url] if cited.url else []
    end = [f"{word}." for word in _descriptions(cited)]
    end += [] if cited.url else [_capture(cited)]
    if cited.url and (kept := cited.captured):
        end.append(f"Accessed {kept.day} {_SHORT_MONTHS[kept.month - 1]} {kept.year}.")
    return " ".join([*([_stopped(authors)] if authors else []), _quoted(cited), ", ".join(parts) + ".", *end])


def chicago(cited: Citation) -> str:
    """As an entry of a bibliography in the Chicago Manual of Style (17th edition, notes and bibliography)."""
    authors = _in_list(cited.authors, most=10, shown=7)
    when, kept = cited.published, cited.captured
    dated = f"{_MONTHS[when.month - 1]} {when.day}, {when.year}" if when else "n.d."
    parts = [*([_stopped(authors)] if authors else []), _quoted(cited), _stopped(f"{SITE}, {dated}")]
    parts += [f"{word}." for word in _descriptions(cited)]
    if kept:
        parts.append(f"Archived {_MONTHS[kept.month - 1]} {kept.day}, {kept.year}.")
    parts.append(f"{cited.url}." if cited.url else _capture(cited))
    return " ".join(parts)


STYLES: Final[dict[str, Callable[[Citation], str]]] = {"APA": apa, "MLA": mla, "Chicago": chicago}
"""Each style by its name."""


def _descriptions(cited: Citation) -> list[str]:
    """What the cited text is, where it is not simply an article."""
    words = []
    if cited.sponsor is not None:
        words.append(f"Sponsored content by {cited.sponsor}" if cited.sponsor else "Sponsored content")
    if cited.truncated:
        words.append("Only the beginning is kept")
    return words


def _in_list(names: Sequence[Name], *, most: int, shown: int) -> str:
    """Names of which the first is inverted; more than `most` are the first `shown` and others."""
    if not names:
        return ""
    written = [inverted(names[0]), *map(straight, names[1:])]
    if len(written) > most:
        return f"{', '.join(written[:shown])}, et al."
    return _joined(written, ", and ", ", and ")


def _joined(words: Sequence[str], two: str, last: str) -> str:
    if len(words) < 3:
        return two.join(words)
    return ", ".join(words[:-1]) + last + words[-1]


def _stopped(text: str) -> str:
    """With a full stop, unless it ends in a mark that stands for one."""
    return text if re.search(r"[.?!…][”’\"')]*$", text) else f"{text}."


def _quoted(cited: Citation) -> str:
    """The title in quotation marks, those within it single ones."""
    title = re.sub("[“”]", lambda mark: "‘" if mark[0] == "“" else "’", cited.title)
    title = re.sub(r'"([^"]*)"', r"‘\1’", title)
    return f"“{_stopped(title)}”"


def _capture(cited: Citation) -> str:
    return f"Page capture “{cited.source}”."
