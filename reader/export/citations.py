"""Citations of articles in APA, MLA and Chicago style, and the author names in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from reader.export.items import ExportItem, parse_day

SITE: Final = "Protocol"
ARCHIVE_NAME: Final = "Internet Archive"
_MONTHS: Final = tuple(
    "January February March April May June July August September October November December".split()
)
_SHORT_MONTHS: Final = (
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
)  # fmt: skip
_PARTICLES: Final = frozenset(
    "af al ap av bin d da das de del della den der des di do dos du el la le van von zu zum zur ten ter".split()
)
_SUFFIXES: Final = frozenset("jr jr. sr sr. ii iii iv".split())
_ORGANISATION_WORDS: Final = frozenset(
    "agency and association board bureau co. company corporation desk editors foundation group inc inc. institute "
    "labs llc ltd ltd. media network newsroom partners press protocol reports service staff team the".split()
)
_LETTER: Final = r"[^\W\d_]"


class Name(NamedTuple):
    """A person or an organisation."""

    family: str
    """The family name with its particles ("van Haas"); the whole name of an organisation."""
    given: str = ""
    suffix: str = ""
    """For example "Jr."."""


def parse_name(text: str) -> Name:
    """Divide a printed name into its parts; the name of an organisation stays whole."""
    words = text.split()
    if len(words) < 2 or _ORGANISATION_WORDS & {word.casefold().strip(",") for word in words}:
        return Name(" ".join(words))
    if not all(re.search(_LETTER, word) for word in words) or "," in text.rstrip(","):
        before, _, after = text.partition(",")
        if after.strip().casefold() in _SUFFIXES and len(before.split()) > 1:
            return _split_name(before.split(), after.strip())
        return Name(" ".join(words))
    return _split_name(words, "")


def _split_name(words: list[str], suffix: str) -> Name:
    if not suffix and len(words) > 2 and words[-1].casefold() in _SUFFIXES:
        suffix = words.pop()
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return Name(" ".join(words[start:]), " ".join(words[:start]), suffix)


def family_first(name: Name) -> str:
    """For example "Haas, Bram" or "Haas, Bram, Jr."."""
    return ", ".join(filter(None, [name.family, name.given, name.suffix]))


def given_first(name: Name) -> str:
    """For example "Bram Haas" or "Bram Haas Jr."."""
    return " ".join(filter(None, [name.given, name.family, name.suffix]))


def with_initials(name: Name) -> str:
    """The family name and the initials: "Haas, B. J.", "Haas, J.-L."."""
    given = re.sub(r"\.(?=\S)(?!-)", ". ", name.given)
    initials = [
        "-".join(f"{part[0].upper()}." for part in word.split("-") if re.match(_LETTER, part))
        for word in given.split()
    ]
    return ", ".join(filter(None, [name.family, " ".join(filter(None, initials)), name.suffix]))


class Citation(NamedTuple):
    """The facts that a citation needs."""

    authors: tuple[Name, ...]
    """The sponsor if the article is paid for and unsigned; else empty if it is unsigned."""
    title: str
    published: date | None
    """None when the page prints no date: [n.d.]."""
    url: str | None
    """The story's own page, or the captured page, on the site."""
    archive: str | None
    """Where a web archive has the captured page."""
    captured: date | None
    """The day the page was captured; None when unknown."""
    source: str
    """The file or record of the capture: the only way to find the article when `url` is None."""
    truncated: bool
    sponsor: str | None
    """Who paid, or "" if the page does not say; None if nobody paid."""


def cite(item: ExportItem) -> Citation:
    """The citation of an article."""
    article = item.article
    sponsor = (article.sponsor or "") if article.sponsored else None
    authors = tuple(map(parse_name, article.authors))
    if not authors and sponsor:
        authors = (Name(sponsor),)
    return Citation(
        authors=authors,
        title=article.title,
        published=parse_day(article.published),
        url=item.own_url or item.url,
        archive=item.archive_url,
        captured=parse_day(item.captured),
        source=item.source,
        truncated=article.truncated is not None,
        sponsor=sponsor,
    )


def apa(citation: Citation) -> str:
    """The style of the APA Publication Manual (7th edition) for a page of a news site."""
    names = [with_initials(name) for name in citation.authors]
    many = len(names) > 20
    authors = f"{', '.join(names[:19])}, . . . {names[-1]}" if many else _joined(names, ", & ")
    day = citation.published
    dated = f"({day.year}, {_MONTHS[day.month - 1]} {day.day})" if day else "(n.d.)"
    title = citation.title + "".join(f" [{words}]" for words in _descriptions(citation))
    # Without an author the title takes the author's place.
    if authors:
        opening = f"{_with_full_stop(authors)} {dated}. {_with_full_stop(title)}"
    else:
        opening = f"{_with_full_stop(title)} {dated}."
    address = citation.archive or citation.url
    if address and (day := citation.captured):
        where = f"Retrieved {_MONTHS[day.month - 1]} {day.day}, {day.year}, from {address}"
    else:
        where = address or _capture(citation)
    return f"{opening} {SITE}. {where}"


def mla(citation: Citation) -> str:
    """The style of the MLA Handbook (9th edition)."""
    authors = _author_list(citation.authors, most=2, shown=1)
    container = [SITE]
    if day := citation.published:
        container.append(f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}")
    container += [citation.url] if citation.url else []
    end = [f"{words}." for words in _descriptions(citation)]
    end += [] if citation.url else [_capture(citation)]
    if citation.archive:
        end.append(f"{ARCHIVE_NAME}, {citation.archive}.")
    if citation.url and (day := citation.captured):
        end.append(f"Accessed {day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}.")
    start = [_with_full_stop(authors)] if authors else []
    return " ".join([*start, _quoted_title(citation), ", ".join(container) + ".", *end])


def chicago(citation: Citation) -> str:
    """A bibliography entry in the style of the Chicago Manual (17th edition, notes and bibliography)."""
    authors = _author_list(citation.authors, most=10, shown=7)
    day = citation.published
    dated = f"{_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "n.d."
    parts = [_with_full_stop(authors)] if authors else []
    parts += [_quoted_title(citation), _with_full_stop(f"{SITE}, {dated}")]
    parts += [f"{words}." for words in _descriptions(citation)]
    where = f"{citation.url}." if citation.url else _capture(citation)
    day = citation.captured
    archived = f"Archived {_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "Archived"
    if citation.archive:
        parts += [where, f"{archived}, at {citation.archive}."]
    else:
        parts += [f"{archived}.", where] if day else [where]
    return " ".join(parts)


STYLES: Final[dict[str, Callable[[Citation], str]]] = {"APA": apa, "MLA": mla, "Chicago": chicago}
"""Each style by its name."""


def _descriptions(citation: Citation) -> list[str]:
    """Notes on how the text differs from a complete, unpaid article."""
    words = []
    if citation.sponsor is not None:
        words.append(f"Sponsored content by {citation.sponsor}" if citation.sponsor else "Sponsored content")
    if citation.truncated:
        words.append("Only the beginning is kept")
    return words


def _author_list(names: Sequence[Name], *, most: int, shown: int) -> str:
    """The names, the first with its family name in front; only `shown` and "et al." if there are over `most`."""
    if not names:
        return ""
    written = [family_first(names[0]), *map(given_first, names[1:])]
    if len(written) > most:
        return f"{', '.join(written[:shown])}, et al."
    return _joined(written, ", and ")


def _joined(words: Sequence[str], last: str) -> str:
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _with_full_stop(text: str) -> str:
    """The text with a full stop, unless it already ends in a closing mark."""
    return text if re.search(r"[.?!…][”’\"')]*$", text) else f"{text}."


def _quoted_title(citation: Citation) -> str:
    """The title in quotation marks; quotation marks within it become single."""
    title = re.sub("[“”]", lambda mark: "‘" if mark[0] == "“" else "’", citation.title)
    title = re.sub(r'"([^"]*)"', r"‘\1’", title)
    return f"“{_with_full_stop(title)}”"


def _capture(citation: Citation) -> str:
    return f"Page capture “{citation.source}”."
