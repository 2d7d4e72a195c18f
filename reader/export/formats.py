"""The export formats, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from reader.export.citations import bibtex, csl_json, ris
from reader.export.data import (
    csv_table,
    json_lines,
    notes_csv,
    notes_json,
    openings_csv,
    openings_json,
    parquet,
    plain_database,
)
from reader.export.epub import write_book
from reader.export.items import Export
from reader.export.text import markdown, notes_markdown, notes_text, openings_text, plain_text
from reader.export.xhtml import atom, json_feed, web_page


class Format(NamedTuple):
    """A format of exports."""

    name: str
    """Its name in commands."""
    label: str
    """Its name on screens."""
    purpose: str
    """Its purpose, in a few words."""
    suffix: str
    """The end of file names, with its dot."""
    write: Callable[[Export, BinaryIO], None]
    """Writes an export, text as UTF-8, item by item."""
    single_suffix: str = ""
    """The suffix of a file with one article; "" if the format has no such files."""
    is_text: bool = True
    """True if it can be printed to a terminal."""

    def ending(self, name: str) -> str:
        """The suffix of this format that a file name ends with, as it is written there; "" if it has none."""
        suffixes = filter(name.lower().endswith, (self.suffix, self.single_suffix))
        return name[len(name) - len(max(suffixes, key=len, default="")) :]


def _utf8(render: Callable[[Export], Iterator[str]]) -> Callable[[Export, BinaryIO], None]:
    def write(export: Export, out: BinaryIO) -> None:
        for text in render(export):
            out.write(text.encode())

    return write


FORMATS: Final = (
    Format("markdown", "Markdown", "notes and websites", ".md", _utf8(markdown), ".md"),
    Format("text", "Plain text", "any editor, or mail", ".txt", _utf8(plain_text), ".txt"),
    Format("html", "HTML", "one web page, for any browser", ".html", _utf8(web_page), ".html"),
    Format("epub", "EPUB", "a book with a chapter per section", ".epub", write_book, is_text=False),
    Format("json", "JSON", "for programs, one article per line", ".jsonl", _utf8(json_lines), ".json"),
    Format("csv", "CSV", "a spreadsheet, one article per row", ".csv", _utf8(csv_table)),
    Format("parquet", "Parquet", "pandas, DuckDB, Spark", ".parquet", parquet, is_text=False),
    Format("sqlite", "SQLite", "SQL, datasette", ".sqlite", plain_database, is_text=False),
    Format("atom", "Atom", "news readers", ".atom", _utf8(atom)),
    Format("json-feed", "JSON Feed", "news readers", ".feed.json", _utf8(json_feed)),
    Format("bibtex", "BibTeX", "citations for LaTeX", ".bib", _utf8(bibtex)),
    Format("ris", "RIS", "citations for reference managers", ".ris", _utf8(ris)),
    Format("csl-json", "CSL-JSON", "citations for Pandoc and Zotero", ".csl.json", _utf8(csl_json)),
)
"""Every format of articles, in the order in which they are offered."""

OPENING_LIST: Final = Format("text", "Text", "for reading", "", _utf8(openings_text))
"""How a list of stories of which only the opening is known is printed."""

OPENING_FORMATS: Final = (
    Format("csv", "CSV", "a spreadsheet, one story per row", ".csv", _utf8(openings_csv)),
    Format("json", "JSON", "for programs, one line per story", ".jsonl", _utf8(openings_json)),
)
"""The formats for a list of stories of which only the opening is known."""

NOTE_LIST: Final = Format("text", "Text", "for reading", "", _utf8(notes_text))
"""How highlights, notes and tags are printed."""

NOTE_FORMATS: Final = (
    Format("markdown", "Markdown", "Obsidian, Logseq, Zotero", ".md", _utf8(notes_markdown), ".md"),
    Format("json", "JSON", "for programs, one line per article", ".jsonl", _utf8(notes_json), ".json"),
    Format("csv", "CSV", "a spreadsheet, one row per highlight or note", ".csv", _utf8(notes_csv)),
)
"""The formats for highlights, notes and tags."""


def format_of_file(name: str, formats: Iterable[Format] = FORMATS) -> Format | None:
    """The format whose suffix a file name ends with; the longest suffix decides. None if there is none."""
    endings = {form: len(form.ending(name)) for form in formats}
    form = max(endings, key=endings.__getitem__)
    return form if endings[form] else None


def format_suffix(name: str) -> str:
    """The end of a file name that names a format, as it is written there; "" if there is none."""
    return max((form.ending(name) for form in FORMATS), key=len)
