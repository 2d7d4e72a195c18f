"""Articles as BibTeX: an entry each, with no brace or command in it that the article's words have made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from reader.export.citing import SITE, Citation, citation
from reader.export.facts import chapter, note
from reader.export.names import Name
from reader.export.piece import About, Piece

_COMMANDS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # A brace counts for BibTeX though a backslash stands before it.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        **{sign: f"\\{sign}" for sign in "$&%#_"},
    }
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """The entries, an empty line between them."""
    for number, one in enumerate(pieces):
        yield ("\n" if number else "") + entry(one)


def entry(one: Piece) -> str:
    """A piece as an entry of the kind that old styles know as well."""
    cited = citation(one)
    # Twice in braces: a title keeps its capital letters.
    fields = [f"  title = {{{{{escape(cited.title)}}}}}"]
    if cited.authors:
        fields.insert(0, f"  author = {{{' and '.join(map(_name, cited.authors))}}}")
    fields.append(f"  howpublished = {{{SITE}}}")
    if when := cited.published:
        fields += [
            f"  year = {{{when.year}}}",
            f"  month = {_MONTHS[when.month - 1]}",
            f"  day = {{{when.day}}}",
        ]
    else:
        fields.append("  year = {[n.d.]}")
    if cited.url:
        fields.append(f"  url = {{{cited.url}}}")
    if cited.captured:
        fields.append(f"  urldate = {{{cited.captured.isoformat()}}}")
    fields += [f"  keywords = {{{escape(chapter(one.article))}}}", f"  note = {{{escape(note(one))}}}"]
    body = ",\n".join(fields)
    return f"@misc{{{_key(cited, one.id)},\n{body}\n}}\n"


def escape(text: str) -> str:
    """A text as TeX for the same text."""
    return text.translate(_COMMANDS)


def _key(cited: Citation, identity: str) -> str:
    """A name for the entry that is the same in every export: author, year and the start of the article's id."""
    family = unicodedata.normalize("NFKD", cited.authors[0].family if cited.authors else SITE)
    word = re.sub("[^a-z]", "", family.lower()) or SITE.lower()
    return f"{word[:24]}{cited.published.year if cited.published else 'nd'}-{identity[:8]}"


def _name(name: Name) -> str:
    """With the family name first, or whole in braces where commas or “and” would take it apart."""
    words = [name.family, *filter(None, [name.suffix, name.given])]
    if not name.given or re.search(r",|\band\b", " ".join(words)):
        return f"{{{escape(' '.join(filter(None, [name.given, name.family, name.suffix])))}}}"
    return ", ".join(map(escape, words))
