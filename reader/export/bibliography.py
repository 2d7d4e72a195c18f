"""Articles for reference managers: BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from reader.export.citations import ARCHIVE_NAME, SITE, Citation, Name, cite, family_first, given_first
from reader.export.items import Export, ExportItem
from reader.export.provenance import chapter, note

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
_BIBTEX_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_RIS_LINE_END: Final = "\r\n"


def bibtex(export: Export) -> Iterator[str]:
    """BibTeX entries with an empty line between them."""
    for number, item in enumerate(export.items):
        yield ("\n" if number else "") + bibtex_entry(item)


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
            f"  month = {_BIBTEX_MONTHS[day.month - 1]}",
            f"  day = {{{day.day}}}",
        ]
    if citation.url:
        fields.append(f"  url = {{{citation.url}}}")
    if citation.captured:
        fields.append(f"  urldate = {{{citation.captured.isoformat()}}}")
    fields += [
        f"  keywords = {{{_escape_tex(chapter(item.article))}}}",
        f"  note = {{{_escape_tex(note(item))}}}",
    ]
    body = ",\n".join(fields)
    return f"@misc{{{_bibtex_key(citation, item.id)},\n{body}\n}}\n"


def _escape_tex(text: str) -> str:
    # BibTeX counts braces, also those after a backslash.
    is_paired = not re.search("[{}]", re.sub(r"\{[^{}]*\}", "", text))
    return text.translate(_TEX_ESCAPES | (_TEX_BRACES if is_paired else _TEX_UNPAIRED_BRACES))


def _bibtex_key(citation: Citation, article_id: str) -> str:
    """Author, year and the start of the article's id: the same in every export."""
    family = unicodedata.normalize("NFKD", citation.authors[0].family if citation.authors else SITE)
    word = re.sub("[^a-z]", "", family.lower()) or SITE.lower()
    return f"{word[:24]}{citation.published.year if citation.published else 'nd'}-{article_id[:8]}"


def _bibtex_name(name: Name) -> str:
    """The family name first; in braces if a comma or "and" would divide the name wrongly."""
    words = [name.family, *filter(None, [name.suffix, name.given])]
    if not name.given or re.search(r",|\band\b", " ".join(words)):
        return f"{{{_escape_tex(given_first(name))}}}"
    return ", ".join(map(_escape_tex, words))


def ris(export: Export) -> Iterator[str]:
    """RIS records with an empty line between them."""
    for number, item in enumerate(export.items):
        lines = [f"{tag}  - {value}" for tag, value in _ris_fields(item)]
        yield (_RIS_LINE_END if number else "") + _RIS_LINE_END.join([*lines, "ER  - ", ""])


def _ris_fields(item: ExportItem) -> Iterator[tuple[str, str]]:
    """Tags with their values, each on one line."""
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
    yield "KW", chapter(article)
    if citation.url:
        yield "UR", citation.url
    if citation.archive:
        yield "L2", citation.archive
    if citation.captured:
        yield "Y2", f"{citation.captured:%Y/%m/%d}/"
    yield "N1", note(item)
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
        "author": [_csl_name(name) for name in citation.authors],
        "container-title": SITE,
        "issued": _csl_date(citation.published),
        "accessed": _csl_date(citation.captured),
        "URL": citation.url,
        "archive": ARCHIVE_NAME if citation.archive else None,
        "archive_location": citation.archive,
        "abstract": article.deck,
        "section": chapter(article),
        "genre": "Sponsored content" if article.sponsored else None,
        "note": note(item),
        "language": "en-US",
    }
    return {name: value for name, value in fields.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    return {part: value for part, value in name._asdict().items() if value}


def _csl_date(day: date | None) -> dict[str, Any] | None:
    return None if day is None else {"date-parts": [[day.year, day.month, day.day]]}
