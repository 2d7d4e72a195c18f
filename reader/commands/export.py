"""`export`, `notes` and `missing`: write articles, your notes, or openings to standard output, a file or a folder."""

from __future__ import annotations

import os
import shutil
import sys
from argparse import ArgumentTypeError, Namespace
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from itertools import chain, groupby
from math import ceil
from pathlib import Path
from typing import Final

from reader.commands.inputs import existing_path, open_existing, with_what_is_intact
from reader.commands.output import Status, StatusLine, complain, lacks_characters, print_lines
from reader.commands.parser import CommandParser, UsageError, path_word, whole_number, with_advice, wrapped
from reader.errors import ExportError
from reader.export.formats import (
    FORMATS,
    NOTE_FORMATS,
    NOTE_LIST,
    OPENING_FORMATS,
    OPENING_LIST,
    Format,
    format_of_file,
    is_folder,
    save_export,
)
from reader.export.items import Export, ExportItem
from reader.library import Library
from reader.sanitize import many
from reader.settings import command_for

_EXPORT_EPILOG: Final = """\
Without a QUERY, all articles are exported, newest first; “protocol-reader search --help” describes queries. Every
export says where each article came from, whether it is whole, and who paid for it.

--volumes splits the export into several files: one per year (--volumes year) or one per N articles. The name of each
file ends in its year or number.

If --output is a folder or ends in /, each article gets its own file (markdown, text, html, json). Without --output,
everything goes to standard output as UTF-8; EPUB, Parquet and SQLite need a file. Existing files are overwritten only
with --force. If SOURCE_DATE_EPOCH is set, it is the date of the export. If no article matches, nothing is written and
the exit status is 1."""
_NOTES_EPILOG: Final = """\
Lists every article with a highlight, a note or a tag; with a QUERY, only those that match, such as tag:NAME,
has:highlight, has:note or in:notes WORDS. Articles whose captures were removed come last. If --output is a folder or
ends in /, each article gets its own file (markdown, json). “protocol-reader help commands” describes the formats. If
there is nothing to list, no file is written, and with --output the exit status is 1."""
_MISSING_EPILOG: Final = """\
Lists every story that is truncated in all captures of the library; with a QUERY, only those that match. If there is
none, no file is written, and with --output the exit status is 1.

--fetch looks for the stories in the Wayback Machine (--from chooses Common Crawl, or both) and adds what it finds to
the library. It fetches only pages whose addresses are known to belong to the stories, or fit their headlines. After an
interruption, run the same command again. “protocol-reader help library” says more."""
_YEAR: Final = "year"
_EPOCH_DIGITS: Final = 11


# export


def export_parser() -> CommandParser:
    parser = CommandParser("export", "Export articles from the library.", _EXPORT_EPILOG)
    parser.positional("query", "QUERY", "which articles to export (default: all)", nargs="*")
    _add_output_options(parser, FORMATS, "FILE-OR-FOLDER", " (default: chosen by the ending of --output)")
    volumes = "write one file per year, or one per N articles"
    parser.option("--volumes", "year|N", volumes, type=_volume_size)
    parser.add_library_option()
    return parser


def _volume_size(word: str) -> str | int:
    if word == _YEAR:
        return _YEAR
    try:
        return whole_number(1)(word)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}, and not “{_YEAR}”") from None


def run_export(options: Namespace) -> int:
    form = _output_format(options, FORMATS)
    if options.volumes and (_is_standard_output(options.output) or is_folder(options.output)):
        raise UsageError("--volumes needs --output FILE")

    def write(library: Library) -> int:
        with _status_line(options) as line:
            keys: Sequence[int] = (
                array("q", library.found_keys(options.query)) if options.query else library.newest_keys()
            )
            # DamagedError, before anything is written, if damage hides some.
            if not options.query or not library.all_readable(keys):
                library.ensure_sound()
            items = library.export_items(keys, line.complain, local_paths=options.local_paths)
            nothing = "no article in the library matches" if options.query else "the library is empty"
            return _export("Protocol", items, form, options, line, nothing, total=len(keys))

    return with_what_is_intact(existing_path(options.library), write)


def _volume_of(size: str | int, total: int, entry: tuple[int, ExportItem]) -> str:
    """The year or number of an article's volume; numbers have as many digits as the last one."""
    if isinstance(size, int):
        return str(entry[0] // size + 1).zfill(len(str(ceil(total / size))))
    return (entry[1].article.published or "undated").partition("-")[0]


# notes


def notes_parser() -> CommandParser:
    parser = CommandParser("notes", "List or export your highlights, notes and tags.", _NOTES_EPILOG)
    parser.positional("query", "QUERY", "which articles to list (default: all)", nargs="*")
    _add_output_options(parser, (NOTE_LIST, *NOTE_FORMATS), "FILE-OR-FOLDER")
    parser.add_library_option()
    return parser


def run_notes(options: Namespace) -> int:
    form = _output_format(options, (NOTE_LIST, *NOTE_FORMATS), NOTE_LIST)
    with open_existing(options.library) as library, _status_line(options) as line:
        items = library.noted_items(options.query, line.complain, local_paths=options.local_paths)
        nothing = (
            "no article found has a highlight, a note or a tag" if options.query else "there are no notes yet"
        )
        return _export("Notes", items, form, options, line, nothing, may_be_empty=True)


# missing


def missing_parser() -> CommandParser:
    about = "List the truncated stories, or look for their full text in web archives."
    parser = CommandParser("missing", about, _MISSING_EPILOG)
    parser.positional("query", "QUERY", "which stories to list (default: all)", nargs="*")
    _add_output_options(parser, (OPENING_LIST, *OPENING_FORMATS), "FILE")
    parser.flag("--fetch", "look for the stories in web archives, and add what is found")
    parser.flag("--dry-run", "with --fetch: only print which pages fit which stories")
    within = "which pages to consider (default: protocol.com/*); see “fetch --help”"
    parser.option("--within", "PATTERN", within, action="append")
    parser.add_archive_options()
    parser.set_defaults(since=None, until=None)
    parser.flag("--progress", "report progress even if stderr is not a terminal")
    parser.add_library_option()
    return parser


def run_missing(options: Namespace) -> int:
    if options.fetch and (options.format or options.output):
        raise UsageError(
            "--fetch adds stories to the library, so --format and --output cannot be used with it"
        )
    for name in ("dry_run", "from", "within", "into", "limit", "server", "progress"):
        if getattr(options, name) and not options.fetch:
            raise UsageError(f"--{name.replace('_', '-')} needs --fetch")
    form = _output_format(options, (OPENING_LIST, *OPENING_FORMATS), OPENING_LIST)
    with open_existing(options.library) as library:
        keys = library.opening_keys(options.query)
        if options.query:
            nothing = "no story that matches is truncated"
        elif library.totals().articles:
            nothing = "no story is truncated: all are whole"
        else:
            nothing = f"the library has no articles yet; “{command_for(library.path, 'add PATH')}” adds some"
        if options.fetch:
            if not keys:
                complain(nothing)
            from reader.commands.fetch import fetch_missing  # 60 ms: urllib3 and warcio.

            return fetch_missing(library, keys, options)
        with _status_line(options) as line:
            items = library.export_items(keys, line.complain, local_paths=options.local_paths)
            return _export(
                "Protocol", items, form, options, line, nothing, total=len(keys), may_be_empty=True
            )


# For all of them


def _add_output_options(
    parser: CommandParser, formats: Iterable[Format], output: str, default: str = ""
) -> None:
    """Add the options of an export; `output` is shown as the value of --output, `default` after the formats."""
    names = [form.name for form in formats]
    parser.option("--format", "FORMAT", f"one of %(choices)s{default}", choices=names)
    parser.option("--output", output, "where to write; - is standard output", type=path_word)
    parser.flag("--local-paths", "give full paths of captures, not only file names")
    parser.flag("--force", "overwrite existing files")


def _output_format(options: Namespace, formats: Sequence[Format], default: Format | None = None) -> Format:
    """The format that is named, or that the output's name ends with; else `default`, unless it has another ending.

    UsageError if there is none, or if it does not fit the output.
    """
    to_terminal = _is_standard_output(options.output)
    to_folder = not to_terminal and is_folder(options.output)
    form = next((form for form in formats if form.name == options.format), None)
    if form is None and not (to_terminal or to_folder):
        form = format_of_file(options.output, formats)
    if form is None and (to_terminal or not (to_folder or Path(options.output).suffix)):
        form = default
    if form is None:
        ending = "" if to_terminal or to_folder else Path(options.output).suffix
        unknown = f"--output: no format has the ending {ending}; " if ending else ""
        names = ", ".join(f"{form.name} ({form.suffix})" for form in formats)
        raise UsageError(f"{unknown}choose a --format: one of {names}")
    if to_terminal and not form.is_text:
        raise UsageError(f"{form.name} cannot be printed, so it needs --output FILE{form.suffix}")
    if to_folder and not form.single_suffix:
        raise UsageError(f"--output: {form.name} is written to a single file, not to a folder")
    return form


def _status_line(options: Namespace) -> StatusLine:
    """The status line of an export; not shown if it would be in the way of what is printed on the terminal."""
    is_printed = _is_standard_output(options.output) and sys.stdout.isatty()
    return StatusLine("checking the library…", shown=not is_printed)


def _new_export(title: str, query: str, items: Iterable[ExportItem]) -> Export:
    """An export of the articles that match a query; its date is SOURCE_DATE_EPOCH, or today.

    UsageError if that is not a number.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not (epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS):
        raise UsageError(f"SOURCE_DATE_EPOCH must be a number of seconds since 1970, not “{epoch}”")
    day = datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()
    return Export(f"{title}: {query}" if query else title, day, items)


def _export(
    title: str,
    export_items: Iterable[ExportItem],
    form: Format,
    options: Namespace,
    line: StatusLine,
    nothing: str,
    total: int | None = None,
    *,
    may_be_empty: bool = False,
) -> Status:
    """Write items where the options say, or say `nothing` if there is none; return the exit status.

    A list that `may_be_empty` is complete without items, unless a file was asked for.
    """
    items = line.counted(export_items, total)
    first = next(items, None)
    if first is None:
        if line.failures:
            return Status.FAILED
        line.complain(nothing)
        if not may_be_empty or options.output:
            return Status.IN_PART
        if form.name == "csv":  # Programs that read a table expect its header, also without rows.
            _write(_new_export(title, options.query, ()), form, options, line, 0)
        return Status.DONE
    _write(_new_export(title, options.query, chain([first], items)), form, options, line, total or 0)
    return Status.IN_PART if line.failures else Status.DONE


def _write(export: Export, form: Format, options: Namespace, line: StatusLine, total: int) -> None:
    """Write an export of `total` articles where the options say."""
    volumes = getattr(options, "volumes", None)

    if _is_standard_output(options.output):
        sys.stdout.flush()
        if form in (NOTE_LIST, OPENING_LIST) and (sys.stdout.isatty() or lacks_characters(sys.stdout)):
            _print_list(export, form)
            return
        form.write(export, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif volumes:
        path = Path(options.output)
        for name, entries in groupby(enumerate(export.items), partial(_volume_of, volumes, total)):
            volume = Export(f"{export.title} {name}", export.date, (item for _, item in entries))
            _save(str(path.with_stem(f"{path.stem} {name}")), volume, form, options, line)
    else:
        _save(options.output, export, form, options, line)


def _print_list(export: Export, form: Format) -> None:
    """Print a list for reading in the encoding of the terminal, wrapped to its width."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for number, item in enumerate(export.items):
        listed = BytesIO()
        form.write(export._replace(items=[item]), listed)
        lines = listed.getvalue().decode().splitlines()
        if columns:
            indents = [line[: len(line) - len(line.lstrip())] for line in lines]
            lines = [
                wrapped(line, columns, indent, f"{indent}  ")
                for line, indent in zip(lines, indents, strict=True)
            ]
        print_lines([*([""] if number else []), *lines])


def _save(output: str, export: Export, form: Format, options: Namespace, line: StatusLine) -> None:
    """Save a file or a folder, and say so; ExportError if nothing was saved because all files exist already."""
    existing: list[ExportError] = []

    def report(error: ExportError) -> None:
        if error.existing:
            existing.append(error)
        else:
            line.complain(str(error))

    picture_count = 0

    def pictures_of(item: ExportItem) -> Mapping[int, bytes]:
        nonlocal picture_count
        pictures = item.pictures()
        picture_count += len(pictures)
        return pictures

    items = (item._replace(pictures=partial(pictures_of, item)) for item in export.items)
    export = export._replace(items=items)
    saved, where = save_export(output, export, form, replace=options.force, report=report)
    for error in existing:
        if not saved:
            raise error
        line.complain(with_advice(error))
    line.clear()
    # The captures may have been moved, with their pictures.
    pictures = f"; {many(picture_count, 'picture')} found" if form.name == "epub" else ""
    complain(f"{many(saved, 'article')} written to {where}{pictures}")


def _is_standard_output(output: str | None) -> bool:
    return output in (None, "-")
