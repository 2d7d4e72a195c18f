"""Citations of articles: in APA, MLA and Chicago style, and as BibTeX, RIS and CSL-JSON for reference managers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from reader.export.items import Export, ExportItem, parse_day
from reader.model import MONTHS, SPONSORED, Article

SITE: Final = "Protocol"
ARCHIVE_NAME: Final = "Internet Archive"
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
_TEX_ESCAPES: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        '"': r"\textquotedbl{}",
        **{sign: f"\\{sign}" for sign in "$&%#_"},
    }
)
_TEX_BRACES: Final = str.maketrans({"{": r"\{", "}": r"\}"})
_TEX_UNPAIRED_BRACES: Final = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})
"""Names of braces that BibTeX does not count. Pandoc does not know them."""


class Name(NamedTuple):
    """A person or an organisation."""

    family: str
    """The family name with its particles ("van Haas"); the whole name of an organisation."""
    given: str = ""
    suffix: str = ""


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
    """The story's own page on the site."""
    archive: str | None
    """Where a web archive has the captured page."""
    captured: date | None
    """The day the page was captured; None when unknown."""
    source: str
    """The file or record of the capture: the only way to find an article without an address."""
    truncated: bool
    sponsor: str | None
    """Who paid, or "" if the page does not say; None if nobody paid."""
    seen_on: str | None = None
    """The captured page, if `url` is None and its address is known."""


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
        url=item.own_address,
        archive=item.archive_url,
        captured=parse_day(item.captured),
        source=item.source,
        truncated=article.truncated is not None,
        sponsor=sponsor,
        seen_on=None if item.own_address else item.url,
    )


def apa(citation: Citation) -> str:
    """The style of the APA Publication Manual (7th edition) for a page of a news site."""
    names = [with_initials(name) for name in citation.authors]
    many = len(names) > 20
    authors = f"{', '.join(names[:19])}, . . . {names[-1]}" if many else _joined(names, ", & ")
    day = citation.published
    dated = f"({day.year}, {MONTHS[day.month - 1]} {day.day})" if day else "(n.d.)"
    title = citation.title + "".join(f" [{words}]" for words in _descriptions(citation))
    # Without an author the title takes the author's place.
    if authors:
        opening = f"{_with_full_stop(authors)} {dated}. {_with_full_stop(title)}"
    else:
        opening = f"{_with_full_stop(title)} {dated}."
    address = citation.archive or citation.url
    if address and (day := citation.captured):
        where = f"Retrieved {MONTHS[day.month - 1]} {day.day}, {day.year}, from {address}"
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
    if (citation.url or citation.seen_on) and (day := citation.captured):
        end.append(f"Accessed {day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}.")
    start = [_with_full_stop(authors)] if authors else []
    return " ".join([*start, _quoted_title(citation), ", ".join(container) + ".", *end])


def chicago(citation: Citation) -> str:
    """A bibliography entry in the style of the Chicago Manual (17th edition, notes and bibliography)."""
    authors = _author_list(citation.authors, most=10, shown=7)
    day = citation.published
    dated = f"{MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "n.d."
    parts = [_with_full_stop(authors)] if authors else []
    parts += [_quoted_title(citation), _with_full_stop(f"{SITE}, {dated}")]
    parts += [f"{words}." for words in _descriptions(citation)]
    where = f"{citation.url}." if citation.url else _capture(citation)
    day = citation.captured
    archived = f"Archived {MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "Archived"
    if citation.archive:
        parts += [where, f"{archived}, at {citation.archive}."]
    else:
        parts += [f"{archived}.", where] if day else [where]
    return " ".join(parts)


STYLES: Final[dict[str, Callable[[Citation], str]]] = {"APA": apa, "MLA": mla, "Chicago": chicago}


def _descriptions(citation: Citation) -> list[str]:
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
    return text if re.search(r"[.?!…][”’\"')]*$", text) else f"{text}."


def _quoted_title(citation: Citation) -> str:
    title = re.sub("[“”]", lambda mark: "‘" if mark[0] == "“" else "’", citation.title)
    title = re.sub(r'"([^"]*)"', r"‘\1’", title)
    return f"“{_with_full_stop(title)}”"


def _capture(citation: Citation) -> str:
    if citation.seen_on:
        return f"Seen on {citation.seen_on}."
    name = "from standard input" if citation.source == "-" else f"“{citation.source}”"
    return f"Page capture {name}."


# For reference managers


def bibtex_entry(item: ExportItem) -> str:
    """A `@misc` entry, which old styles know too."""
    citation = cite(item)
    # Double braces keep the title's capitals.
    fields = [f"  title = {{{{{_escape_tex(citation.title)}}}}}"]
    if citation.authors:
        fields.insert(0, f"  author = {{{' and '.join(map(_bibtex_name, citation.authors))}}}")
    archived = f", archived at \\url{{{citation.archive}}}" if citation.archive else ""
    fields.append(f"  howpublished = {{{SITE}{archived}}}")
    if day := citation.published:
        fields += [
            f"  year = {{{day.year}}}",
            f"  month = {MONTHS[day.month - 1][:3].lower()}",
            f"  day = {{{day.day}}}",
        ]
    if citation.url:
        fields.append(f"  url = {{{citation.url}}}")
    if citation.captured:
        fields.append(f"  urldate = {{{citation.captured.isoformat()}}}")
    if section := _section(item.article):
        fields.append(f"  keywords = {{{_escape_tex(section)}}}")
    fields.append(f"  note = {{{_escape_tex(item.note)}}}")
    # The key is the same in every export: author, year and the start of the article's id.
    family = unicodedata.normalize("NFKD", citation.authors[0].family if citation.authors else SITE)
    word = re.sub("[^a-z]", "", family.lower()) or SITE.lower()
    year = citation.published.year if citation.published else "nd"
    body = ",\n".join(fields)
    return f"@misc{{{word[:24]}{year}-{item.id[:8]},\n{body}\n}}\n"


def _section(article: Article) -> str | None:
    """What a citation has as keyword: the section, or that the article was paid for."""
    return SPONSORED if article.sponsored else article.section


def _escape_tex(text: str) -> str:
    # BibTeX counts braces, also those after a backslash.
    is_paired = not re.search("[{}]", re.sub(r"\{[^{}]*\}", "", text))
    return text.translate(_TEX_ESCAPES | (_TEX_BRACES if is_paired else _TEX_UNPAIRED_BRACES))


def _bibtex_name(name: Name) -> str:
    """The family name first; in braces if a comma or "and" would divide the name wrongly."""
    words = [name.family, *filter(None, [name.suffix, name.given])]
    if not name.given or re.search(r",|\band\b", " ".join(words)):
        return f"{{{_escape_tex(given_first(name))}}}"
    return ", ".join(map(_escape_tex, words))


def ris_record(item: ExportItem) -> str:
    """A RIS record."""
    return "\r\n".join([*(f"{tag}  - {value}" for tag, value in _ris_fields(item)), "ER  - ", ""])


def _ris_fields(item: ExportItem) -> Iterator[tuple[str, str]]:
    article, citation = item.article, cite(item)
    yield "TY", "ELEC"
    for name in citation.authors:
        yield "AU", family_first(name)
    yield "TI", citation.title
    yield "T2", SITE
    if day := citation.published:
        yield "PY", str(day.year)
        yield "DA", f"{day:%Y/%m/%d}/"
    if article.deck:
        yield "AB", article.deck
    if section := _section(article):
        yield "KW", section
    if citation.url:
        yield "UR", citation.url
    if citation.archive:
        yield "L2", citation.archive
    if citation.captured:
        yield "Y2", f"{citation.captured:%Y/%m/%d}/"
    yield "N1", item.note
    yield "ID", item.id


def csl_json(export: Export) -> Iterator[str]:
    """A JSON array with one item a line."""
    empty = True
    for item in export.items:
        yield ("[\n" if empty else ",\n") + json.dumps(_csl_item(item), ensure_ascii=False)
        empty = False
    yield "[]\n" if empty else "\n]\n"


def _csl_item(item: ExportItem) -> dict[str, Any]:
    """An article as a CSL item; unknown fields are left out."""
    article, citation = item.article, cite(item)
    fields: dict[str, Any] = {
        "id": item.id,
        "type": "webpage",
        "title": citation.title,
        "author": [
            {part: value for part, value in name._asdict().items() if value}
            if name.given
            else {"literal": name.family}
            for name in citation.authors
        ],
        "container-title": SITE,
        "issued": _csl_date(citation.published),
        "accessed": _csl_date(citation.captured),
        "URL": citation.url,
        "archive": ARCHIVE_NAME if citation.archive else None,
        "archive_location": citation.archive,
        "abstract": article.deck,
        "section": _section(article),
        "genre": "Sponsored content" if article.sponsored else None,
        "note": item.note,
        "language": "en-US",
    }
    return {name: value for name, value in fields.items() if value}


def _csl_date(day: date | None) -> dict[str, Any] | None:
    return None if day is None else {"date-parts": [[day.year, day.month, day.day]]}
