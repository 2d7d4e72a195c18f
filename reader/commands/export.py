"""`export`: write articles of the library as Markdown, text, a web page, a book, data or citations."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    complain,
    options_first,
    parser_for,
    path_word,
    whole_number,
)
from reader.commands.libraries import existing_path, with_what_is_intact
from reader.commands.progress import StatusLine, count_on, is_printed
from reader.commands.search import complain_of_query
from reader.errors import ExportError, QueryError
from reader.export.formats import FORMATS, Format, format_named, format_of_file
from reader.export.items import Export, ExportItem
from reader.export.saving import is_folder, save_export
from reader.library import Library

_EPILOG: Final = """\
Without a QUERY, all articles are exported, newest first; “protocol-reader search --help” describes queries. Every
export says where each article came from, whether it is whole, and who paid for it.

--volumes splits the export into several files: one per year (--volumes year) or one per N articles. The name of each
file ends in its year or number.

If --output is a folder or ends in /, each article gets its own file (markdown, text, html, json). Without --output,
everything goes to standard output as UTF-8; EPUB, Parquet and SQLite need a file. Existing files are overwritten only
with --force. If SOURCE_DATE_EPOCH is set, it is the date of the export. If no article matches, nothing is written and
the exit status is 1."""

_YEAR: Final = "year"
_EPOCH_DIGITS: Final = 11
"""The most digits of a date in SOURCE_DATE_EPOCH."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `export`."""
    parser = parser_for("export", "Export articles from the library.", _EPILOG)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="which articles to export (default: all)")
    parser.add_argument(
        "--format",
        choices=[form.name for form in FORMATS],
        help="one of %(choices)s (default: chosen by the ending of --output)",
        metavar="FORMAT",
    )
    add_output_options(parser, "FILE-OR-FOLDER")
    parser.add_argument(
        "--volumes",
        type=_volumes,
        metavar="year|N",
        help="write one file per year, or one per N articles",
    )
    add_library_option(parser)
    return parser


def run(words: Sequence[str]) -> int:
    """Write the articles to a file, a folder or standard output."""
    parser = make_parser()
    options = parser.parse_args(options_first(words, ("--library", "--format", "--output", "--volumes")))
    form = _format(parser, options)
    query = " ".join(options.query).strip()
    path = existing_path(options.library)
    return export_status(
        query,
        lambda: with_what_is_intact(path, lambda library: _export(library, query, form, options)),
    )


def add_output_options(parser: ArgumentParser, output: str) -> None:
    """Add the options of every command that exports; `output` is shown as the value of --output."""
    parser.add_argument(
        "--output", type=path_word, metavar=output, help="where to write; - is standard output"
    )
    parser.add_argument(
        "--local-paths", action="store_true", help="give full paths of captures, not only file names"
    )
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def list_format(parser: ArgumentParser, options: Namespace, formats: Mapping[str, Format]) -> Format | None:
    """The format of a list: the named one, or that of the output's name; None for text to read."""
    output: str = options.output or "-"
    form = formats.get(options.format)
    if options.format is None and output != "-" and not is_folder(output):
        form = next((form for form in formats.values() if output.lower().endswith(form.suffix)), None)
    if output != "-" and form is None:
        parser.error(f"--output {output}: choose a --format too, one of {', '.join(formats)}")
    if form is not None and is_folder(output) and not form.single_suffix:
        parser.error(f"--output: {form.label} is written to a single file, not to a folder")
    return form


def export_status(query: str, run: Callable[[], int]) -> int:
    """Return the exit status of `run`; report a faulty query, or why a file cannot be written."""
    try:
        return run()
    except QueryError as error:
        complain_of_query(query, error)
        return WRONG_USE
    except ExportError as error:
        complain(f"{error}; --force overwrites it" if error.exists else str(error))
        return WRONG_USE if error.exists else NOTHING_READ


def write_export(export: Export, form: Format, options: Namespace, report: Callable[[str], None]) -> None:
    """Write an export to the --output of the `options`, or to standard output; `report` names what fails."""
    if options.output in (None, "-"):
        sys.stdout.flush()
        form.write(export, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        save_export(options.output, export, form, replace=options.force, report=report)


def _format(parser: ArgumentParser, options: Namespace) -> Format:
    """The format that is named, or that the output's name ends with; a parser error if it does not fit the output."""
    output: str | None = options.output
    by_name = None if output is None or is_folder(output) else format_of_file(output)
    form = format_named(options.format) if options.format else by_name
    if form is None:
        parser.error(f"choose a --format: one of {', '.join(form.name for form in FORMATS)}")
    if not form.is_text and output in (None, "-"):
        parser.error(f"{form.name} cannot be printed, so it needs --output FILE{form.suffix}")
    if options.volumes and (output in (None, "-") or is_folder(output)):
        parser.error("--volumes needs --output FILE")
    if output is not None and is_folder(output) and not form.single_suffix:
        parser.error(f"--output: {form.name} is written to a single file, not to a folder")
    return form


def _export(library: Library, query: str, form: Format, options: Namespace) -> int:
    # What is printed shows by itself how far it is.
    line = StatusLine("checking the library…")
    with nullcontext() if is_printed(options.output) else line:
        return _export_with_status(library, query, form, options, line)


def _export_with_status(
    library: Library, query: str, form: Format, options: Namespace, line: StatusLine
) -> int:
    failures = 0

    def report(sentence: str) -> None:
        nonlocal failures
        failures += 1
        line.clear()
        complain(sentence)

    keys = _keys(library, query)
    items = count_on(line, library.export_items(keys, report, local_paths=options.local_paths), len(keys))
    first = next(items, None)
    if first is None:
        if not failures:
            line.clear()
            complain("no article in the library matches" if query else "the library is empty")
        return NOTHING_READ if failures else IN_PART
    export = Export(f"Protocol: {query}" if query else "Protocol", export_date(), chain([first], items))
    if options.volumes:
        path = Path(options.output)
        for name, volume in _volumes_of(export, options.volumes):
            save_export(
                str(path.with_stem(f"{path.stem} {name}")), volume, form, replace=options.force, report=report
            )
    else:
        write_export(export, form, options, report)
    return IN_PART if failures else DONE


def _volumes(word: str) -> str | int:
    """The value of --volumes: "year", or a number of articles."""
    return _YEAR if word == _YEAR else whole_number(1)(word)


def _volumes_of(export: Export, size: str | int) -> Iterator[tuple[str, Export]]:
    """Yield the volumes of an export, each with the end of its name, while the articles are read, newest first."""
    numbered = enumerate(export.items)

    def volume_of(entry: tuple[int, ExportItem]) -> str:
        if isinstance(size, int):
            return str(entry[0] // size + 1)
        return (entry[1].article.published or "undated").partition("-")[0]

    for name, entries in groupby(numbered, volume_of):
        yield name, Export(f"{export.title} {name}", export.date, (item for _, item in entries))


def _keys(library: Library, query: str) -> Sequence[int]:
    """The keys of the articles; DamagedError, before anything is written, if damage hides some."""
    keys = array("q", library.found_keys(query)) if query else library.newest_keys()
    if not query or not library.all_readable(keys):
        library.ensure_sound()
    return keys


def export_date() -> date:
    """The date of an export: SOURCE_DATE_EPOCH, or today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    return datetime.now().astimezone().date()
