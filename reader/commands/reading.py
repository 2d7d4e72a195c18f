"""`protocol-reader [PATH…]`: open captures or the library in the app, or print them if there is no terminal.

The first screen must not wait for what it does not need, so these are imported inside functions: the app with Textual
(120 ms, and only once the terminal can be put back), what reads and parses captures (30 ms), and what prints articles
(2 ms).
"""

from __future__ import annotations

import gc
import os
import stat
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Final

from reader import __version__
from reader.app import terminal
from reader.commands import COMMANDS, usage_lines
from reader.commands.inputs import (
    open_library,
    path_unless_new,
    sample_captures,
    settings_in_force,
)
from reader.commands.output import Status, complain, print_text
from reader.commands.parser import PATHS, CommandParser, check_reading, nearest, paths_of
from reader.errors import ReaderError, SettingsError, is_switched_on
from reader.library import Library
from reader.settings import user_paths
from reader.settings.session_store import SessionStore

SCREEN_READER_VARIABLE: Final = "PROTOCOL_READER_SCREEN_READER"
"""The environment variable that does the same as --screen-reader."""
_USAGE: Final = """protocol-reader [OPTIONS] [PATH ...]
       protocol-reader COMMAND ..."""
_DESCRIPTION: Final = """Read what is left of Protocol, from captures of its pages.

commands:
{commands}

“protocol-reader COMMAND --help” describes a command, and “protocol-reader help” shows the manual."""
_EPILOG: Final = f"""\
{PATHS}

Without a PATH, the library opens, or the sample captures if you have no library. Without a terminal, the articles are
printed as plain text."""


class _ReadingParser(CommandParser):
    def run(self, command: Callable[[Namespace], int], words: Sequence[str]) -> int:
        # The first word may be a mistyped command: then its options are not ours.
        may_be_command = words and words[0].isalpha() and not os.path.lexists(words[0])
        if may_be_command and (meant := nearest(words[0], COMMANDS)):
            self.error(f"there is no command, file or folder “{words[0]}”; did you mean “{meant}”?")
        return super().run(command, words)


def reading_parser() -> CommandParser:
    """The parser of the words after the program's name, if they are no command."""
    parser = _ReadingParser("", _DESCRIPTION.format(commands=usage_lines()), _EPILOG)
    parser.usage = _USAGE
    parser.add_paths(nargs="*")
    theme = (
        "paper (light), ink (dark), auto (like the terminal), or a Textual theme (default: from the settings)"
    )
    parser.option("--theme", "THEME", theme)
    spoken = "for screen readers: one pane, words instead of symbols, and a line that announces each change"
    parser.flag("--screen-reader", spoken)
    parser.add_library_option()
    version = f"protocol-reader {__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version and exit")
    parser.set_defaults(served=False)
    return parser


def session_parser() -> CommandParser:
    """The same parser, for the app in a browser."""
    parser = reading_parser()
    parser.set_defaults(served=True)
    return parser


def run_reading(options: Namespace) -> int:
    """Open captures or the library in the app, or print them."""
    check_reading(options)
    on_screen = options.served or not terminal.obstacles()
    paths = options.paths
    if not (options.served or paths or options.library) and _is_fed():
        paths = ["-"]
    library = None if paths else _library(options.library)
    if library is not None:
        with library:
            if not on_screen:
                return _print_library(library)
            return _run_app(library, options, "Library", None)
    captures = paths_of(options, paths or sample_captures())
    if on_screen:
        return _open_captures(captures, _title(paths), options)
    from reader.commands.parse import print_articles

    return print_articles(captures)


run_session = run_reading


def _library(named: str | None) -> Library | None:
    """The library to open if there are no paths; None if there is none, or nothing in it."""
    path = path_unless_new(named)
    if path is None:
        return None
    library = open_library(path)
    if named or library.totals().captures:
        return library
    library.close()
    return None


def _print_library(library: Library) -> int:
    from reader.export.documents import RULE, article_text

    listing = library.listing()
    for index in range(len(listing)):
        for row in listing.rows(index, index + 1):
            stored = library.article(row.key)
            print_text(f"{RULE}\n{article_text(stored.article, stored.url or stored.source)}\n")
    return Status.DONE


def _open_captures(paths: Sequence[str], title: str, options: Namespace) -> int:
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        complain(f"{path}: there is no such file or folder")
    if len(missing) == len(paths):
        return Status.FAILED
    if "-" in paths:
        if sys.stdin.isatty():
            raise ReaderError("-: standard input is the keyboard; pipe a capture in, or name a file")
        terminal.read_keys_from_terminal()
    gc.disable()
    from reader.library.ingest.engine import is_quick

    with Library.temporary() as library:
        if is_quick(paths):
            # The first screen then shows the text. The app reads the same paths again and reports problems.
            with suppress(Exception):
                library.ingest(paths)
        status = _run_app(library, options, title, paths)
        totals = library.totals()
        if not (status or totals.articles) and (totals.captures or totals.problems or totals.skipped):
            complain("no article was found in what was read")
            status = Status.FAILED
    return status or (Status.IN_PART if missing else Status.DONE)


def _run_app(library: Library, options: Namespace, title: str, paths: Sequence[str] | None) -> int:
    """Run the app in the terminal or for a browser; return its exit status.

    `paths`: captures to read into the library.
    """
    with nullcontext() if options.served else terminal.Watchdog() as watchdog:
        # Nothing that is imported for the first screen is garbage; the app enables the collector again.
        gc.disable()
        given: dict[str, tuple[str, str | int | bool]] = {}
        if options.theme:
            given["screen.theme"] = ("--theme", options.theme)
        if options.screen_reader:
            given["screen.screen_reader"] = ("--screen-reader", True)
        elif is_switched_on(SCREEN_READER_VARIABLE):
            given["screen.screen_reader"] = (f"${SCREEN_READER_VARIABLE}", True)
        in_force = settings_in_force(given)
        question = None
        if options.served:
            # Faults name files; only the owner of the machine, to whom `serve` reports them, may see those.
            in_force = in_force._replace(faults=())
        # Without colours all themes look the same.
        elif in_force.settings.theme == "auto" and "NO_COLOR" not in os.environ:
            question = terminal.ask_background()
        with question or nullcontext():
            terminal.import_asyncio()
            from reader.app.running import run as run_app

            # What is open is remembered for each library, but not for captures, nor for a browser.
            name = os.path.realpath(library.path) if library.is_durable and not options.served else ""
            return run_app(
                library,
                paths=paths,
                title=title,
                in_force=in_force,
                background_query=question,
                session_store=_session_store(name),
                watchdog=watchdog,
            )


def _session_store(name: str) -> SessionStore | None:
    """What is remembered for the library of a name; None without a home folder."""
    try:
        return SessionStore(user_paths().state, name)
    except SettingsError:
        return None


def _title(paths: Sequence[str]) -> str:
    if not paths:
        return "Samples"
    if len(paths) > 1:
        return f"{len(paths)} paths"
    return "Standard input" if paths[0] == "-" else os.path.basename(os.path.realpath(paths[0])) or paths[0]  # noqa: PTH119


def _is_fed() -> bool:
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):  # It may be closed, or None.
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
