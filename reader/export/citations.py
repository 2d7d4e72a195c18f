"""Citations of articles: in APA, MLA and Chicago style, and as BibTeX, RIS and CSL-JSON for reference managers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
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


def cited_authors(item: ExportItem) -> list[Name]:
    """The authors; of an unsigned article that is paid for, the sponsor."""
    article = item.article
    names = list(map(parse_name, article.authors))
    if not names and article.sponsored and article.sponsor:
        return [Name(article.sponsor)]
    return names


def apa(item: ExportItem) -> str:
    """The style of the APA Publication Manual (7th edition) for a page of a news site."""
    names = [with_initials(name) for name in cited_authors(item)]
    many = len(names) > 20
    authors = f"{', '.join(names[:19])}, . . . {names[-1]}" if many else _joined(names, ", & ")
    day = parse_day(item.article.published)
    dated = f"({day.year}, {MONTHS[day.month - 1]} {day.day})" if day else "(n.d.)"
    title = item.article.title + "".join(f" [{words}]" for words in _descriptions(item))
    # Without an author the title takes the author's place.
    if authors:
        opening = f"{_with_full_stop(authors)} {dated}. {_with_full_stop(title)}"
    else:
        opening = f"{_with_full_stop(title)} {dated}."
    address = item.archive_url or item.own_address
    if address and (day := parse_day(item.captured)):
        where = f"Retrieved {MONTHS[day.month - 1]} {day.day}, {day.year}, from {address}"
    else:
        where = address or _capture(item)
    return f"{opening} {SITE}. {where}"


def mla(item: ExportItem) -> str:
    """The style of the MLA Handbook (9th edition)."""
    authors = _author_list(cited_authors(item), most=2, shown=1)
    container = [SITE]
    if day := parse_day(item.article.published):
        container.append(f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}")
    container += [item.own_address] if item.own_address else []
    end = [f"{words}." for words in _descriptions(item)]
    end += [] if item.own_address else [_capture(item)]
    if item.archive_url:
        end.append(f"{ARCHIVE_NAME}, {item.archive_url}.")
    if (item.own_address or item.url) and (day := parse_day(item.captured)):
        end.append(f"Accessed {day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}.")
    start = [_with_full_stop(authors)] if authors else []
    return " ".join([*start, _quoted_title(item), ", ".join(container) + ".", *end])


def chicago(item: ExportItem) -> str:
    """A bibliography entry in the style of the Chicago Manual (17th edition, notes and bibliography)."""
    authors = _author_list(cited_authors(item), most=10, shown=7)
    day = parse_day(item.article.published)
    dated = f"{MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "n.d."
    parts = [_with_full_stop(authors)] if authors else []
    parts += [_quoted_title(item), _with_full_stop(f"{SITE}, {dated}")]
    parts += [f"{words}." for words in _descriptions(item)]
    where = f"{item.own_address}." if item.own_address else _capture(item)
    day = parse_day(item.captured)
    archived = f"Archived {MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "Archived"
    if item.archive_url:
        parts += [where, f"{archived}, at {item.archive_url}."]
    else:
        parts += [f"{archived}.", where] if day else [where]
    return " ".join(parts)


STYLES: Final[dict[str, Callable[[ExportItem], str]]] = {"APA": apa, "MLA": mla, "Chicago": chicago}


def _descriptions(item: ExportItem) -> list[str]:
    article, words = item.article, []
    if article.sponsored:
        words.append(f"Sponsored content by {article.sponsor}" if article.sponsor else "Sponsored content")
    if article.truncated:
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


def _quoted_title(item: ExportItem) -> str:
    title = re.sub("[“”]", lambda mark: "‘" if mark[0] == "“" else "’", item.article.title)
    title = re.sub(r'"([^"]*)"', r"‘\1’", title)
    return f"“{_with_full_stop(title)}”"


def _capture(item: ExportItem) -> str:
    """Where an article without an address of its own can be found."""
    if item.url:
        return f"Seen on {item.url}."
    name = "from standard input" if item.source == "-" else f"“{item.source}”"
    return f"Page capture {name}."


# For reference managers


def bibtex_entry(item: ExportItem) -> str:
    """A `@misc` entry, which old styles know too."""
    authors = cited_authors(item)
    # Double braces keep the title's capitals.
    fields = [f"  title = {{{{{_escape_tex(item.article.title)}}}}}"]
    if authors:
        fields.insert(0, f"  author = {{{' and '.join(map(_bibtex_name, authors))}}}")
    archived = f", archived at \\url{{{item.archive_url}}}" if item.archive_url else ""
    fields.append(f"  howpublished = {{{SITE}{archived}}}")
    if day := parse_day(item.article.published):
        fields += [
            f"  year = {{{day.year}}}",
            f"  month = {MONTHS[day.month - 1][:3].lower()}",
            f"  day = {{{day.day}}}",
        ]
    if item.own_address:
        fields.append(f"  url = {{{item.own_address}}}")
    if day := parse_day(item.captured):
        fields.append(f"  urldate = {{{day.isoformat()}}}")
    if section := _section(item.article):
        fields.append(f"  keywords = {{{_escape_tex(section)}}}")
    fields.append(f"  note = {{{_escape_tex(item.note)}}}")
    # The key is the same in every export: author, year and the start of the article's id.
    family = unicodedata.normalize("NFKD", authors[0].family if authors else SITE)
    word = re.sub("[^a-z]", "", family.lower()) or SITE.lower()
    year = (item.article.published or "nd")[:4]
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
    article = item.article
    yield "TY", "ELEC"
    for name in cited_authors(item):
        yield "AU", family_first(name)
    yield "TI", article.title
    yield "T2", SITE
    if day := parse_day(article.published):
        yield "PY", str(day.year)
        yield "DA", f"{day:%Y/%m/%d}/"
    if article.deck:
        yield "AB", article.deck
    if section := _section(article):
        yield "KW", section
    if item.own_address:
        yield "UR", item.own_address
    if item.archive_url:
        yield "L2", item.archive_url
    if day := parse_day(item.captured):
        yield "Y2", f"{day:%Y/%m/%d}/"
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
    article = item.article
    fields: dict[str, Any] = {
        "id": item.id,
        "type": "webpage",
        "title": article.title,
        "author": [
            {part: value for part, value in name._asdict().items() if value}
            if name.given
            else {"literal": name.family}
            for name in cited_authors(item)
        ],
        "container-title": SITE,
        "issued": _csl_date(article.published),
        "accessed": _csl_date(item.captured),
        "URL": item.own_address,
        "archive": ARCHIVE_NAME if item.archive_url else None,
        "archive_location": item.archive_url,
        "abstract": article.deck,
        "section": _section(article),
        "genre": "Sponsored content" if article.sponsored else None,
        "note": item.note,
        "language": "en-US",
    }
    return {name: value for name, value in fields.items() if value}


def _csl_date(text: str | None) -> dict[str, Any] | None:
    day = parse_day(text)
    return None if day is None else {"date-parts": [[day.year, day.month, day.day]]}
