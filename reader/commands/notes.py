"""`notes`: list the reader's highlights, notes and tags, or export them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Final

from reader.commands.common import DONE, IN_PART, NOTHING_READ, complain, print_text
from reader.commands.export import (
    FailureReport,
    add_output_options,
    new_export,
    output_format,
    status_line,
    write_export,
)
from reader.commands.libraries import open_existing
from reader.commands.parser import CommandParser, add_library_option
from reader.export.formats import NOTE_FORMATS, Format
from reader.export.items import ExportItem

_FORMATS: Final[dict[str, Format | None]] = {"text": None, **{form.name: form for form in NOTE_FORMATS}}
_EPILOG: Final = """\
Lists every article with a highlight, a note or a tag; with a QUERY, only those that match (see “protocol-reader search
--help”: tag:NAME, has:highlight, has:note, in:notes WORDS). Highlights whose captures were removed come last.

--format text      for reading (default)
--format markdown  with YAML front matter, for Obsidian, Logseq and Zotero
--format json      one object per article, one per line
--format csv       one row per highlight or note

If --output is a folder or ends in /, each article gets its own file (markdown, json). Existing files are overwritten
only with --force."""


def make_parser() -> CommandParser:
    """The parser of the words after `notes`."""
    parser = CommandParser("notes", "List or export your highlights, notes and tags.", _EPILOG)
    parser.words("query", "QUERY", "which articles to list (default: all)", nargs="*")
    add_output_options(parser, _FORMATS, "FILE-OR-FOLDER")
    add_library_option(parser)
    return parser


def run(options: Namespace) -> int:
    """List the notes, or write them to a file, a folder or standard output."""
    form = output_format(options, _FORMATS)
    with open_existing(options.library) as library, status_line(options.output) as line:
        report = FailureReport(line)
        keys = library.found_keys(options.query) if options.query else None
        items = list(library.noted_items(keys, report, local_paths=options.local_paths))
        if not items and not report.failures:
            nothing = "no article found has a highlight, a note or a tag"
            complain(nothing if options.query else "there are no notes yet")
            return NOTHING_READ if options.output else DONE
        if form is None:
            print_text("\n".join("".join(f"{line}\n" for line in _lines(item)) for item in items))
        else:
            write_export(new_export("", items, "Notes"), form, options, report)
        return IN_PART if report.failures else DONE


def _lines(item: ExportItem) -> Iterator[str]:
    """The notes to an article as lines for reading."""
    yield item.article.title
    byline = " · ".join(filter(None, [", ".join(item.article.authors), item.article.published, item.source]))
    yield f"  {byline}"
    if item.tags:
        yield f"  {' '.join(f'#{tag}' for tag in item.tags)}"
    for note in item.notes:
        if note.quote:
            quote = note.quote.replace("\n", " ¶ ")
            yield f"  {note.color}: {note.before and '…'}{note.before}[{quote}]{note.after}{note.after and '…'}"
        yield from (f"    {line}" for line in note.text.splitlines())
