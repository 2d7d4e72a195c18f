"""`export`: write articles of the library as Markdown, text, a web page, a book, data or citations.

`notes` writes the reader's highlights, notes and tags. What follows serves every command that exports.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from reader.commands.common import Status, complain, print_text
from reader.commands.libraries import existing_path, open_existing, with_what_is_intact
from reader.commands.parser import CommandParser, UsageError, add_library_option, path_word, whole_number
from reader.commands.progress import StatusLine, counted
from reader.export.formats import FORMATS, NOTE_FORMATS, Format, format_of_file
from reader.export.items import Export, ExportItem
from reader.export.saving import is_folder, save_export
from reader.library import Library

_FORMATS: Final = {form.name: form for form in FORMATS}
_NOTE_FORMATS: Final[dict[str, Format | None]] = {"text": None, **{form.name: form for form in NOTE_FORMATS}}
_EPILOG: Final = """\
Without a QUERY, all articles are exported, newest first; “protocol-reader search --help” describes queries. Every
export says where each article came from, whether it is whole, and who paid for it.

--volumes splits the export into several files: one per year (--volumes year) or one per N articles. The name of each
file ends in its year or number.

If --output is a folder or ends in /, each article gets its own file (markdown, text, html, json). Without --output,
everything goes to standard output as UTF-8; EPUB, Parquet and SQLite need a file. Existing files are overwritten only
with --force. If SOURCE_DATE_EPOCH is set, it is the date of the export. If no article matches, nothing is written and
the exit status is 1."""
_NOTES_EPILOG: Final = """\
Lists every article with a highlight, a note or a tag; with a QUERY, only those that match (see “protocol-reader search
--help”: tag:NAME, has:highlight, has:note, in:notes WORDS). Highlights whose captures were removed come last.

--format text      for reading (default)
--format markdown  with YAML front matter, for Obsidian, Logseq and Zotero
--format json      one object per article, one per line
--format csv       one row per highlight or note

If --output is a folder or ends in /, each article gets its own file (markdown, json). Existing files are overwritten
only with --force."""
_YEAR: Final = "year"
_EPOCH_DIGITS: Final = 11
"""The most digits of a date in SOURCE_DATE_EPOCH."""


def make_parser() -> CommandParser:
    """The parser of the words after `export`."""
    parser = CommandParser("export", "Export articles from the library.", _EPILOG)
    parser.words("query", "QUERY", "which articles to export (default: all)", nargs="*")
    add_output_options(parser, _FORMATS, "FILE-OR-FOLDER", " (default: chosen by the ending of --output)")
    volumes = "write one file per year, or one per N articles"
    parser.option("--volumes", "year|N", volumes, type=_volume_size)
    add_library_option(parser)
    return parser


def run(options: Namespace) -> int:
    """Write the articles to a file, a folder or standard output."""
    form = output_format(options, _FORMATS)
    if form is None:
        raise UsageError(f"choose a --format: one of {', '.join(_FORMATS)}")
    if options.volumes and (_is_standard_output(options.output) or is_folder(options.output)):
        raise UsageError("--volumes needs --output FILE")
    path = existing_path(options.library)
    return with_what_is_intact(path, lambda library: _export(library, form, options))


def _export(library: Library, form: Format, options: Namespace) -> int:
    with status_line(options.output) as line:
        report = FailureReport(line)
        keys: Sequence[int] = (
            array("q", library.found_keys(options.query)) if options.query else library.newest_keys()
        )
        # DamagedError, before anything is written, if damage hides some.
        if not options.query or not library.all_readable(keys):
            library.ensure_sound()
        found = library.export_items(keys, report, local_paths=options.local_paths)
        items = counted(found, len(keys), line)
        first = next(items, None)
        if first is None:
            if not report.failures:
                line.clear()
                complain("no article in the library matches" if options.query else "the library is empty")
            return Status.NOTHING_READ if report.failures else Status.IN_PART
        export = new_export(options.query, chain([first], items))
        if options.volumes:
            path = Path(options.output)
            for name, volume in _volumes_of(export, options.volumes):
                file = path.with_stem(f"{path.stem} {name}")
                save_export(str(file), volume, form, replace=options.force, report=report)
        else:
            write_export(export, form, options, report)
        return Status.IN_PART if report.failures else Status.DONE


def _volume_size(word: str) -> str | int:
    """The value of --volumes: "year", or a number of articles."""
    return _YEAR if word == _YEAR else whole_number(1)(word)


def _volumes_of(export: Export, size: str | int) -> Iterator[tuple[str, Export]]:
    """Yield the volumes of an export, each with the end of its name, while the articles are read, newest first."""

    def volume_of(entry: tuple[int, ExportItem]) -> str:
        if isinstance(size, int):
            return str(entry[0] // size + 1)
        return (entry[1].article.published or "undated").partition("-")[0]

    for name, entries in groupby(enumerate(export.items), volume_of):
        yield name, Export(f"{export.title} {name}", export.date, (item for _, item in entries))


# notes


def make_notes_parser() -> CommandParser:
    """The parser of the words after `notes`."""
    parser = CommandParser("notes", "List or export your highlights, notes and tags.", _NOTES_EPILOG)
    parser.words("query", "QUERY", "which articles to list (default: all)", nargs="*")
    add_output_options(parser, _NOTE_FORMATS, "FILE-OR-FOLDER")
    add_library_option(parser)
    return parser


def run_notes(options: Namespace) -> int:
    """List the notes, or write them to a file, a folder or standard output."""
    form = output_format(options, _NOTE_FORMATS)
    with open_existing(options.library) as library, status_line(options.output) as line:
        report = FailureReport(line)
        keys = library.found_keys(options.query) if options.query else None
        items = list(library.noted_items(keys, report, local_paths=options.local_paths))
        if not items and not report.failures:
            nothing = "no article found has a highlight, a note or a tag"
            complain(nothing if options.query else "there are no notes yet")
            return Status.NOTHING_READ if options.output else Status.DONE
        if form is None:
            print_text("\n".join("".join(f"{line}\n" for line in _note_lines(item)) for item in items))
        else:
            write_export(new_export("", items, "Notes"), form, options, report)
        return Status.IN_PART if report.failures else Status.DONE


def _note_lines(item: ExportItem) -> Iterator[str]:
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


# For all commands that export


class FailureReport:
    """Names what cannot be read or written, beside a status line, and counts it."""

    def __init__(self, line: StatusLine) -> None:
        self.failures = 0
        self._line = line

    def __call__(self, sentence: str) -> None:
        """Name one failure."""
        self.failures += 1
        self._line.clear()
        complain(sentence)


def add_output_options(
    parser: CommandParser, formats: Mapping[str, Format | None], output: str, default: str = ""
) -> None:
    """Add the options of an export; `output` is shown as the value of --output, `default` after the formats."""
    parser.option("--format", "FORMAT", f"one of %(choices)s{default}", choices=list(formats))
    parser.option("--output", output, "where to write; - is standard output", type=path_word)
    parser.flag("--local-paths", "give full paths of captures, not only file names")
    parser.flag("--force", "overwrite existing files")


def output_format(options: Namespace, formats: Mapping[str, Format | None]) -> Format | None:
    """The format that is named, or that the output's name ends with; None for text to read on the terminal.

    UsageError if it does not fit the output.
    """
    output = options.output
    known = {name: form for name, form in formats.items() if form is not None}
    form = known.get(options.format)
    if options.format is None and not _is_standard_output(output) and not is_folder(output):
        form = format_of_file(output, known.values())
    if form is None:
        if not _is_standard_output(output):
            raise UsageError(f"choose a --format: one of {', '.join(known)}")
    elif _is_standard_output(output):
        if not form.is_text:
            raise UsageError(f"{form.name} cannot be printed, so it needs --output FILE{form.suffix}")
    elif is_folder(output) and not form.single_suffix:
        raise UsageError(f"--output: {form.name} is written to a single file, not to a folder")
    return form


def status_line(output: str | None) -> StatusLine:
    """The status line of an export; not shown if it would be in the way of what is printed on the terminal."""
    return StatusLine(
        "checking the library…", shown=not (_is_standard_output(output) and sys.stdout.isatty())
    )


def new_export(query: str, items: Iterable[ExportItem], title: str = "Protocol") -> Export:
    """An export of the articles that match a query; its date is SOURCE_DATE_EPOCH, or today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS:
        day = datetime.fromtimestamp(int(epoch), UTC).date()
    else:
        day = date.today()
    return Export(f"{title}: {query}" if query else title, day, items)


def write_export(export: Export, form: Format, options: Namespace, report: Callable[[str], None]) -> None:
    """Write an export to the --output of the `options`, or to standard output; `report` names what fails."""
    if _is_standard_output(options.output):
        sys.stdout.flush()
        form.write(export, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        save_export(options.output, export, form, replace=options.force, report=report)


def _is_standard_output(output: str | None) -> bool:
    return output in (None, "-")
