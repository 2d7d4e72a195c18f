"""Code that the commands share: exit statuses, parts of parsers, and printing.

The app's first screen waits for this module. Imports inside its functions are of `reader.captures`, which takes 20 ms
and is needed only for --site, --columns and URLs.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

from reader.app.keymap import with_checked_keys
from reader.commands.parser import CommandHelp, CommandParser
from reader.errors import ReaderError, SettingsError
from reader.sanitize import escape_json, is_sanitized, many, sanitize
from reader.settings import InForce, in_force
from reader.settings.checking import fault_of
from reader.settings.loading import Given
from reader.settings.options import BY_NAME

DONE, IN_PART, WRONG_USE, NOTHING_READ = range(4)
"""The exit statuses: done; done in part, with failures on stderr; wrong use; nothing could be read."""
INTERRUPTED: Final = 130
MOST_JOBS: Final = 1_000
"""The most processes that may read at once."""

LOCAL_ONLY: Final = "only “parse” reads and writes remote storage; name a path on this machine"

STATUSES: Final = (
    "exit status: 0 done, 1 partly done (stderr names each failure), 2 wrong usage, 3 nothing could be read"
)
PATHS: Final = """\
PATH is a file with one or more pages, a folder with such files, or - for standard input. Formats are recognised by
content: plain text, HTML and pages saved by browsers, JSON and JSON Lines from crawl corpora, Parquet, WARC, WET, WACZ,
ARC and HAR, and any of these in a zip or tar archive or packed with gzip, bzip2, xz or Zstandard. Parquet and Zstandard
need the extras parquet and zstd."""
_LONGEST_NUMBER: Final = 20
_NAMED_ENDINGS: Final = 5


# Parsers


def parser_for(name: str, description: str, epilog: str = "") -> ArgumentParser:
    """A parser of the words after a command's name; the exit statuses follow the `epilog`."""
    return CommandParser(
        prog=f"protocol-reader {name}".strip(),
        description=description,
        epilog="\n\n".join(filter(None, [epilog, STATUSES])),
        formatter_class=CommandHelp,
    )


def path_word(word: str) -> str:
    """An argument type: the name of a file or folder on this machine."""
    if "://" in word and is_url(word):
        raise ArgumentTypeError(f"{word}: {LOCAL_ONLY}")
    return path_or_url(word)


def path_or_url(word: str) -> str:
    """An argument type: the name, or the URL, of a file or folder."""
    if not word:
        raise ArgumentTypeError("the name is empty; give the name of a file or folder")
    if "\0" in word:
        raise ArgumentTypeError(f"{word}: the name contains a NUL character; leave it out")
    try:
        os.fsencode(word)
    except UnicodeEncodeError as error:
        raise ArgumentTypeError(
            f"{word}: a file name cannot contain these characters here ({error.encoding})"
        ) from error
    return word


def whole_number(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """An argument type: a whole number in this range."""

    def number(word: str) -> int:
        try:
            # Python takes long to read a very long number.
            value = int(word) if len(word) <= _LONGEST_NUMBER else None
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            shown = word if len(word) <= _LONGEST_NUMBER else f"{word[:_LONGEST_NUMBER]}…"
            raise ArgumentTypeError(f"{shown!r} is not a whole number from {least} to {most:,}")
        return value

    return number


def add_library_option(parser: ArgumentParser) -> None:
    """Add the option that names the library file."""
    parser.add_argument(
        "--library",
        type=path_word,
        metavar="FILE",
        help="the library to use, instead of PROTOCOL_READER_LIBRARY or the default",
    )


def add_page_options(parser: ArgumentParser) -> None:
    """Add the options that say which pages to read: those of a site, from named columns."""
    parser.add_argument(
        "--site",
        metavar="HOST",
        help="read only pages from this site, such as protocol.com; count and skip the others",
    )
    parser.add_argument(
        "--columns",
        metavar="NAMES",
        help="which columns of JSON and Parquet to read, if their names are unusual: text=body,url=page.link,date=seen",
    )


def options_first(words: Sequence[str], with_value: Sequence[str]) -> list[str]:
    """Move options before the query, whose words may begin with "-"; the options in `with_value` take a word along."""
    options: list[str] = []
    query: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            query += rest
        elif word == "-h" or word.startswith("--"):
            options.append(word)
            if word in with_value and (value := next(rest, None)) is not None:
                options.append(value)
        else:
            query.append(word)
    return [*options, "--", *query] if query else options


def paths_of(
    parser: ArgumentParser, paths: Sequence[str], options: Namespace, *, remote: bool = False
) -> Sequence[str]:
    """The paths, with the site and columns that the options name; a parser error if those are none.

    Raises ReaderError for a URL, unless the command reads `remote` storage.
    """
    if not remote:
        refuse_urls(paths)
    if options.site is None and options.columns is None:
        return paths
    from reader.captures import Columns, SelectedPaths

    try:
        columns = Columns() if options.columns is None else Columns.parse(options.columns)
        return SelectedPaths(paths, options.site, columns)
    except SettingsError as error:
        parser.error(str(error))


def refuse_urls(paths: Iterable[str]) -> None:
    """Raise ReaderError if a path is a URL, in commands that read only files of this machine."""
    for path in paths:
        if "://" in path and is_url(path):
            raise ReaderError(f"{path}: {LOCAL_ONLY}")


def is_url(path: str) -> bool:
    """Is a path the URL of a file or folder on remote storage?"""
    from reader.captures import is_url as is_capture_url

    return is_capture_url(path)


def check_theme(parser: ArgumentParser, theme: str | None) -> None:
    """Exit with a parser error if there is no such theme."""
    if theme and (fault := fault_of(BY_NAME["screen.theme"], theme)) is not None:
        parser.error(f"--theme: {fault}")


def settings_in_force(given: Given | None = None) -> InForce:
    """The settings with all their faults; `given` is what the command line sets (see `loading.in_force`)."""
    found = in_force(given)
    return with_checked_keys(found) if found.settings.keys else found


def sample_captures() -> list[str]:
    """The paths of the sample captures: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "sample_data"
    folder = installed if installed.is_dir() else package.parent / "sample_data"
    # The .json file beside a capture holds the articles that it should give.
    files = [path for path in folder.iterdir() if path.suffix in (".txt", ".html", ".gz", ".jsonl")]
    return sorted(map(str, files))


# Output


def plain_output() -> TextIO:
    """Standard output, made to accept any text."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """Print one line of JSON, in ASCII if the output has no other characters."""
    out = plain_output()
    out.write(escape_json(json.dumps(value, ensure_ascii=lacks_characters(out))) + "\n")


def lacks_characters(out: TextIO) -> bool:
    """Can `out` not encode some characters? Then JSON is written in ASCII, which loses nothing."""
    return out.encoding.lower().replace("-", "") != "utf8"


def print_text(text: str) -> None:
    """Print sanitized text, which has its own line ends."""
    plain_output().write(text if is_sanitized(text) else sanitize(text, multiline=True))


def table(rows: Iterable[tuple[str, ...]], *, numbers_from: int = 1) -> Iterator[str]:
    """The lines of a table; the columns from `numbers_from` on are aligned right."""
    cells = [[sanitize(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            cell.rjust(width) if number >= numbers_from else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()


def complain(sentence: str) -> None:
    """Print a message on stderr, if that can be written."""
    with suppress(OSError):
        print(f"protocol-reader: {sanitize(sentence)}", file=sys.stderr)


def confirmed(question: str) -> bool:
    """Does the person at the terminal say yes? False if there is no terminal."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    print(f"{sanitize(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class SkippedFiles:
    """Counts the files in folders that are not captures, by file name ending."""

    def __init__(self) -> None:
        self._first = ""
        self._counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """Count one file."""
        self._first = self._first or name
        self._counts[os.path.splitext(name)[1] or "no ending"] += 1  # noqa: PTH122

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        """Describe them in one sentence."""
        named = self._counts.most_common(_NAMED_ENDINGS)
        kinds = [f"{count:,} {ending}" for ending, count in named]
        if rest := self._counts.total() - sum(count for _, count in named):
            kinds.append(f"{rest:,} more")
        files = many(self._counts.total(), "file that is not a capture", "files that are not captures")
        return (
            f"skipped in folders: {files} ({', '.join(kinds)}), such as {self._first};"
            " if one of them is a capture, name it on the command line"
        )
