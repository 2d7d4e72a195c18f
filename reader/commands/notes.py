"""`notes`: list the reader's highlights, notes and tags, or export them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import Final

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    add_library_option,
    complain,
    options_first,
    parser_for,
    print_text,
)
from reader.commands.export import (
    add_output_options,
    export_date,
    export_status,
    list_format,
    write_export,
)
from reader.commands.libraries import open_existing
from reader.export.formats import NOTE_FORMATS, Format
from reader.export.items import Export, ExportItem
from reader.library import Library

_TEXT: Final = "text"
_FORMATS: Final = {form.name.removeprefix("notes-"): form for form in NOTE_FORMATS}
_EPILOG: Final = """\
Lists every article with a highlight, a note or a tag; with a QUERY, only those that match (see “protocol-reader search
--help”: tag:NAME, has:highlight, has:note, in:notes WORDS). Highlights whose captures were removed come last.

--format text      for reading (default)
--format markdown  with YAML front matter, for Obsidian, Logseq and Zotero
--format json      one object per article, one per line
--format csv       one row per highlight or note

If --output is a folder or ends in /, each article gets its own file (markdown, json). Existing files are overwritten
only with --force."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `notes`."""
    parser = parser_for("notes", "List or export your highlights, notes and tags.", _EPILOG)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="which articles to list (default: all)")
    parser.add_argument("--format", choices=[_TEXT, *_FORMATS], help="one of %(choices)s", metavar="FORMAT")
    add_output_options(parser, "FILE-OR-FOLDER")
    add_library_option(parser)
    return parser


def run(words: Sequence[str]) -> int:
    """List the notes, or write them to a file, a folder or standard output."""
    parser = make_parser()
    options = parser.parse_args(options_first(words, ("--library", "--format", "--output")))
    form = list_format(parser, options, _FORMATS)
    query = " ".join(options.query).strip()
    with open_existing(options.library) as library:
        return export_status(query, lambda: _write(library, query, form, options))


def _write(library: Library, query: str, form: Format | None, options: Namespace) -> int:
    problems: list[str] = []
    keys = library.found_keys(query) if query else None
    items = list(library.noted_items(keys, problems.append, local_paths=options.local_paths))
    if not items and not problems:
        complain("no article found has a highlight, a note or a tag" if query else "there are no notes yet")
        return NOTHING_READ if options.output else DONE
    export = Export("Notes", export_date(), items)
    if form is None:
        print_text("\n".join(map(_in_words, items)))
    else:
        write_export(export, form, options, problems.append)
    for problem in problems:
        complain(problem)
    return IN_PART if problems else DONE


def _in_words(item: ExportItem) -> str:
    """The notes to an article as lines for reading."""
    return "".join(f"{line}\n" for line in _lines(item))


def _lines(item: ExportItem) -> Iterator[str]:
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
