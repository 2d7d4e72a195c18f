"""The parser of every command: shared arguments, help that wraps to the terminal, and errors of one line.

The app's first screen waits for this module. An import inside a function is of `reader.captures`, which takes
20 ms and is needed only for --site and --columns.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError, HelpFormatter, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from textwrap import fill
from typing import Any, Final, NoReturn

from reader.addresses import is_url
from reader.commands.output import Status, complain, complain_of_query, print_text
from reader.errors import ExportError, QueryError, ReaderError, SettingsError
from reader.sanitize import sanitize_message
from reader.settings.config import fault_of, in_force
from reader.settings.options import BY_NAME

STATUSES: Final = (
    "exit status: 0 done; 1 partly done (stderr names each failure); 2 wrong usage, or the file to write exists;"
    " 3 nothing could be read, or the result could not be written; 130 interrupted with Ctrl-C"
)
PATHS: Final = """\
PATH is a file with one or more pages, a folder with such files, or - for standard input. Formats are recognised by
content: plain text, HTML and pages saved by browsers, JSON and JSON Lines from crawl corpora, Parquet, WARC, WET, WACZ,
ARC and HAR, and any of these in a zip or tar archive or packed with gzip, bzip2, xz or Zstandard. Parquet and Zstandard
need the extras parquet and zstd."""
_LOCAL_ONLY: Final = "only “parse” reads and writes remote storage; name a path on this machine"
_MOST_JOBS: Final = 1_000
_WIDEST: Final = 100
"""The most columns of help, however wide the terminal is."""
_OPTION_COLUMN: Final = 26
_PLAINER_ERRORS: Final = (
    (r"argument ([^:]+): expected .*argument.*", r"\1 needs a value"),
    (r"argument ([^:]+): ignored explicit argument .*", r"\1 takes no value"),
    (r"unrecognized arguments: (\S+).*", r"unexpected word \1"),
    (r"argument [A-Z]+: (.*)", r"\1"),
    (r"argument ([^:]+): (.*)", r"\1: \2"),
    (r"the following arguments are required: (.*)", r"\1 is missing"),
)


class UsageError(Exception):
    """Options that contradict each other; reported like an error of the parser."""


class CommandParser(ArgumentParser):
    """Wraps help to the terminal, prints errors as one line, and sanitizes the words that they quote."""

    def __init__(self, name: str, description: str, epilog: str = "") -> None:
        """`name`: the command; "" for none. The exit statuses follow the `epilog`."""
        super().__init__(
            prog=f"protocol-reader {name}".strip(),
            description=description,
            epilog=f"{epilog}\n\n{STATUSES}".strip(),
            formatter_class=_Help,
            allow_abbrev=False,
        )

    def flag(self, name: str, about: str) -> None:
        """Add an option without a value."""
        self.add_argument(name, action="store_true", help=about)

    def option(self, name: str, value: str, about: str, **more: Any) -> None:
        """Add an option whose value is shown as `value`; `more` is for `add_argument`."""
        self.add_argument(name, metavar=value, help=about, **more)

    def positional(self, name: str, value: str, about: str, **more: Any) -> None:
        """Add arguments that are shown as `value`, one at least unless `nargs` says otherwise."""
        self.add_argument(name, metavar=value, help=about, **{"nargs": "+", **more})

    def add_library_option(self) -> None:
        """Add the option that names the library file."""
        about = "the library to use, instead of PROTOCOL_READER_LIBRARY or the default"
        self.option("--library", "FILE", about, type=path_word)

    def add_paths(self, about: str = "captures to read; see below", nargs: str = "+") -> None:
        """Add the paths of captures, and the options that say which pages to read from them."""
        self.positional("paths", "PATH", about, nargs=nargs)
        site = "read only pages from this site, such as protocol.com; count and skip the others"
        self.option("--site", "HOST", site)
        columns = "which columns of JSON and Parquet to read, if their names are unusual"
        self.option("--columns", "NAMES", f"{columns}: text=body,url=page.link,date=seen")

    def add_archive_options(self) -> None:
        """Add the options that say which web archive to ask, and where to store captures."""
        archives = "wayback (the default), commoncrawl or wayback,commoncrawl"
        self.option("--from", "ARCHIVES", archives, action="append")
        folder = "where to store the captures (default: “wayback” in the data folder)"
        self.option("--into", "FOLDER", folder, type=path_word)
        self.option("--server", "URL", "the web archive to use in place of the Wayback Machine")
        self.option("--limit", "N", "fetch at most N pages this time", type=whole_number(1))

    def add_jobs_option(self, about: str) -> None:
        """Add the option that says how many processes read."""
        self.option("--jobs", "N", about, type=whole_number(1, _MOST_JOBS))

    def run(self, command: Callable[[Namespace], int], words: Sequence[str]) -> int:
        """Run a command with the options in `words`; return its exit status."""
        takes_query = any(action.metavar == "QUERY" for action in self._actions)
        if takes_query:
            words = self._options_first(words)
        self._refuse_unknown(words)
        options = self.parse_args(words)
        if takes_query:
            options.query = " ".join(options.query).strip()
        try:
            if takes_query and options.query and (faults := in_force().faults_of("search.stems")):
                raise UsageError("; ".join(faults))
            return command(options)
        except UsageError as error:
            self.error(str(error))
        except QueryError as error:
            complain_of_query(options.query, error)
            return Status.WRONG_USE
        except ExportError as error:
            complain(with_advice(error))
            return Status.WRONG_USE if error.existing else Status.FAILED

    def _refuse_unknown(self, words: Sequence[str]) -> None:
        """Name an unknown option, even if an argument is missing too, which argparse would name instead."""
        for word in takewhile("--".__ne__, words):
            # As argparse decides it: not “-”, -5, or words with a space. The only short option is -h.
            is_option = re.match(r"-[^\d ][^ ]*$", word) is not None and word != "-h"
            if is_option and word.partition("=")[0] not in self._option_string_actions:
                self.error(f"unrecognized arguments: {word}")

    def _options_first(self, words: Sequence[str]) -> list[str]:
        """Move options before the query, whose words may begin with "-"."""
        options: list[str] = []
        query: list[str] = []
        rest = iter(words)
        for word in rest:
            if word == "--":
                query += rest
            elif word == "-h" or word.startswith("--"):
                options.append(word)
                action = self._option_string_actions.get(word)
                if action and action.nargs != 0 and (value := next(rest, None)) is not None:
                    options.append(value)
            else:
                query.append(word)
        return [*options, "--", *query] if query else options

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stdout:
            print_text(message)  # argparse would hide that this fails.
        else:
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        """Print the message, and where to find help, on one line; exit with status 2."""
        plain = sanitize_message(self._plainer(message))
        end = " See" if plain.endswith("?") else "; see"
        self.exit(Status.WRONG_USE, f"{self.prog}: {plain}{end} {self.prog} --help\n")

    def _plainer(self, message: str) -> str:
        if unknown := re.fullmatch(r"unrecognized arguments: (-\S*).*", message, re.DOTALL):
            near = nearest(unknown[1].partition("=")[0], self._option_string_actions)
            if near is None and os.path.lexists(unknown[1]):
                return f"unknown option {unknown[1]}; write ./{unknown[1]} for the file of this name"
            return f"unknown option {unknown[1]}" + (f" (did you mean {near}?)" if near else "")
        choice = re.fullmatch(
            r"argument ([^:]+): invalid choice: (.+) \(choose from (.*)\)", message, re.DOTALL
        )
        if choice:
            names = choice[3].replace("'", "")  # Python before 3.14 quotes every choice.
            return f"{choice[1]}: “{choice[2][1:-1]}” is not one of {names}"
        for pattern, plainer in _PLAINER_ERRORS:
            if match := re.fullmatch(pattern, message, re.DOTALL):
                return match.expand(plainer)
        return message


def with_advice(error: ExportError) -> str:
    """The sentence of an error, and how to overwrite what exists already."""
    advice = f"; --force overwrites {'them' if error.existing > 1 else 'it'}" if error.existing else ""
    return f"{error}{advice}"


class _Help(HelpFormatter):
    def __init__(self, prog: str) -> None:
        width = min(_WIDEST, shutil.get_terminal_size().columns) - 2
        super().__init__(prog, max_help_position=_OPTION_COLUMN, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002
        return "\n\n".join("\n".join(_block(block, width)) for block in text.split("\n\n"))


def _block(block: str, width: int) -> Iterator[str]:
    """The lines of a paragraph, or of a table: its rows have two spaces between the columns."""
    if not re.search(r"\S {2,}\S", block):
        yield wrapped(" ".join(block.split()), width)
        return
    for row in block.splitlines():
        columns = re.match(r"(.*?\S {2,})(?=\S)", row)
        start = row[: len(row) - len(row.lstrip())]
        yield wrapped(row, width, start, " " * len(columns[1] if columns else f"{start}  "))


def wrapped(text: str, width: int, first: str = "", other: str = "") -> str:
    """A text wrapped to a width, behind `first` on its first line and `other` on all others."""
    return fill(
        text.strip(),
        max(width, len(other) + 11),
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that a mistyped word probably means."""
    from difflib import get_close_matches  # Imported here: the first screen does not need it.

    return next(iter(get_close_matches(word, list(names), n=1, cutoff=0.7)), None)


# Types of arguments


def path_word(word: str) -> str:
    """The name of a file or folder on this machine."""
    if is_url(word):
        raise ArgumentTypeError(f"{word}: {_LOCAL_ONLY}")
    return path_or_url(word)


def path_or_url(word: str) -> str:
    """The name, or the URL, of a file or folder."""
    if not word:
        raise ArgumentTypeError("the name is empty; give the name of a file or folder")
    try:
        if b"\0" not in os.fsencode(word):
            return word
    except UnicodeEncodeError:
        pass
    raise ArgumentTypeError(f"{word}: a file name cannot contain these characters here")


def whole_number(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """A whole number in this range."""

    def number(word: str) -> int:
        with suppress(ValueError):
            if least <= (value := int(word)) <= most:
                return value
        raise ArgumentTypeError(f"“{word[:20]}” is not a whole number from {least} to {most:,}")

    return number


def paths_of(options: Namespace, paths: Sequence[str], *, remote: bool = False) -> Sequence[str]:
    """The paths, with the site and columns that the options name; UsageError if they are invalid.

    Raises ReaderError for a URL, unless the command reads `remote` storage.
    """
    for path in () if remote else filter(is_url, paths):
        fetch = "; “protocol-reader fetch” gets pages from web archives" if path.startswith("http") else ""
        raise ReaderError(f"{path}: {_LOCAL_ONLY}{fetch}")
    if options.site is None and options.columns is None:
        return paths
    from reader.captures import Columns, SelectedPaths

    try:
        columns = Columns() if options.columns is None else Columns.parse(options.columns)
        return SelectedPaths(paths, options.site, columns)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def check_reading(options: Namespace) -> None:
    """Raise UsageError if the options of a command that opens the reader contradict each other or name no theme."""
    if options.library and options.paths:
        raise UsageError(
            "--library and PATH cannot be used together; to add captures to a library: "
            "protocol-reader add --library FILE PATH"
        )
    option = BY_NAME["screen.theme"]._replace(name="--theme")
    if options.theme and (fault := fault_of(option, options.theme)) is not None:
        raise UsageError(fault)
