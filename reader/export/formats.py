"""The formats by name, and how to write one; a format is imported when it is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, BinaryIO, Final, NamedTuple

from reader.export.piece import About, Piece


class Format(NamedTuple):
    """A form in which articles can be taken out."""

    name: str
    """As commands call it."""
    shown: str
    """As people call it."""
    says: str
    """What it is good for, in a few words."""
    suffix: str
    """How a file's name ends, with its dot."""
    single: str = ""
    """How the name of a file with one article ends; "" where a file an article makes no sense."""
    text: bool = True
    """Whether it can be read as it is; a book cannot."""


FORMATS: Final = (
    Format("markdown", "Markdown", "notes and websites", ".md", ".md"),
    Format("text", "Plain text", "any editor, mail", ".txt", ".txt"),
    Format("html", "HTML", "one web page, for any browser", ".html", ".html"),
    Format("epub", "EPUB", "a book, chapters by section", ".epub", text=False),
    Format("json", "JSON", "programs, an object a line", ".jsonl", ".json"),
    Format("csv", "CSV", "a spreadsheet, without the texts", ".csv"),
    Format("bibtex", "BibTeX", "citations for LaTeX", ".bib"),
    Format("ris", "RIS", "citations for reference managers", ".ris"),
    Format("csl-json", "CSL-JSON", "citations for Pandoc and Zotero", ".csl.json"),
)
"""Every format, in the order they are offered."""

OPENINGS: Final = (
    Format("openings-csv", "CSV", "a list for a spreadsheet", ".csv"),
    Format("openings-json", "JSON", "a list for programs, an object a line", ".jsonl"),
    Format("openings-urls", "Addresses", "their own pages, as far as known, one a line", ".txt"),
)
"""The forms in which stories known only by their openings are listed, to be looked for elsewhere."""


def find(name: str) -> Format:
    """The format of that name."""
    return next(one for one in FORMATS if one.name == name)


def ending(name: str) -> str:
    """The ending by which a file's name tells a format, as it is written there; "" when it tells none."""
    known = sorted({end for form in FORMATS for end in (form.suffix, form.single) if end}, key=len)
    return next((name[-len(end) :] for end in reversed(known) if name.lower().endswith(end)), "")


def of_file(name: str) -> Format | None:
    """The format that a file's name tells; None when it tells none."""
    end = ending(name).lower()
    return next((form for form in FORMATS if end and end in (form.suffix, form.single)), None)


def write(form: Format, pieces: Iterable[Piece], about: About, out: BinaryIO) -> None:
    """Write the pieces to `out` as they come, texts as UTF-8."""
    module: Any = import_module(f"reader.export.{form.name.replace('-', '_')}")
    if not form.text:
        module.write(pieces, about, out)
        return
    for chunk in module.chunks(pieces, about):
        out.write(chunk.encode())
