"""`protocol-reader [PATH…]`: opens captures or the kept library, or prints them where there is no terminal."""

from __future__ import annotations

import gc
import os
import stat
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, TextIO

from reader import __version__
from reader.commands.common import (
    DONE,
    NOTHING_READ,
    PATHS,
    add_library_option,
    add_site_option,
    check_theme,
    complain,
    is_there,
    library_path,
    open_kept,
    parser_for,
    paths_of,
    print_text,
    sample_captures,
    settings_in_force,
)
from reader.commands.listed import usage_lines

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from reader.app.watchdog import Watchdog
    from reader.library import Library

SCREEN_READER_VARIABLE = "PROTOCOL_READER_SCREEN_READER"
"""The environment variable that asks for words in place of signs, as --screen-reader does."""
_USAGE = """protocol-reader [--theme NAME] [--screen-reader] [--library FILE]
       protocol-reader [--theme NAME] [--screen-reader] [--site HOST] PATH ...
       protocol-reader COMMAND ...

commands:
{commands}
  (more: protocol-reader COMMAND --help, or the manual: protocol-reader help)"""
_EPILOG = f"""\
{PATHS}
Without a PATH the library opens, or the sample captures while there is none.
Where there is no terminal, the articles come as plain text."""


def make_parser() -> ArgumentParser:
    """What may follow the program's own name, besides commands."""
    parser = parser_for(
        "", "Read what is left of Protocol: captures of its pages, as a publication in the terminal.", _EPILOG
    )
    parser.usage = _USAGE.format(commands=usage_lines())
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument(
        "--theme",
        metavar="NAME",
        help="paper (light), ink (dark), auto (as the terminal is) or one of Textual's; else that of the settings",
    )
    parser.add_argument(
        "--screen-reader",
        action="store_true",
        help="one pane, words for every sign, and each change announced in a line",
    )
    add_site_option(parser)
    add_library_option(parser)
    parser.add_argument("--version", action="version", version=f"protocol-reader {__version__}")
    return parser


def run(words: Sequence[str], *, served: bool = False) -> int:
    """Read captures, or the library, in a browser where that is `served`; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    if wanted.library and wanted.paths:
        parser.error(
            "--library opens a library; to keep captures in it: protocol-reader add --library FILE PATH"
        )
    from reader.app import terminal

    check_theme(parser, wanted.theme)
    on_screen = served or not terminal.obstacles(terminal.look())
    fed = not served and not wanted.library and _is_fed(sys.stdin)
    paths = wanted.paths or (["-"] if fed else [])
    library = None if paths else _kept(wanted.library)
    if library is not None:
        with library:
            if not on_screen:
                return _print_library(library)
            return _show(library, "Library", wanted, served=served)
    paths = paths_of(parser, paths or sample_captures(), wanted.site)
    if on_screen:
        return _open(paths, title=_title(wanted.paths), wanted=wanted, served=served)
    from reader.commands.parse import print_articles

    return print_articles(paths)


def _kept(named: str | None) -> Library | None:
    """The library to open when no path is given; None when there is none, or nothing in it."""
    if named:
        return open_kept(named)
    path = library_path(None)
    if not is_there(path):
        return None
    library = open_kept(None)
    if library.totals().captures:
        return library
    library.close()
    return None


def _show(
    library: Library, title: str, wanted: Namespace, paths: Sequence[str] | None = None, *, served: bool
) -> int:
    if served:
        return _run_app(library, title, wanted, paths, None)
    from reader.app.watchdog import Watchdog

    with Watchdog() as watchdog:
        return _run_app(library, title, wanted, paths, watchdog)


def _run_app(
    library: Library,
    title: str,
    wanted: Namespace,
    paths: Sequence[str] | None,
    watchdog: Watchdog | None,
) -> int:
    """Open the app: in the terminal, which `watchdog` puts back, or without one in a browser."""
    # Nothing that is imported for the first screen is garbage; the app turns the collector on again.
    gc.disable()
    given: dict[str, tuple[str, str | int | bool]] = {}
    if wanted.theme:
        given["screen.theme"] = ("--theme", wanted.theme)
    if wanted.screen_reader:
        given["screen.screen_reader"] = ("--screen-reader", True)
    elif _is_spoken():
        given["screen.screen_reader"] = (f"${SCREEN_READER_VARIABLE}", True)
    found = settings_in_force(given)
    served = watchdog is None
    if served:
        # They name files and are for the owner, whom `serve` tells.
        found = found._replace(faults=())
    asked = None
    # Without colours no theme is seen.
    if found.settings.theme == "auto" and "NO_COLOR" not in os.environ and watchdog is not None:
        from reader.app.background import ask

        asked = ask()
    with asked or nullcontext():
        from reader.app.app import run as run_app
        from reader.settings import user_paths
        from reader.settings.session_store import SessionStore, name_of_captures, name_of_library

        # Not remembered in a browser; see `reader.permissions`.
        name = "" if served else name_of_library(library.path) if paths is None else name_of_captures(paths)
        memory = SessionStore(user_paths().state, name, windows=found.settings.remember)
        return run_app(
            library, paths=paths, title=title, in_force=found, asked=asked, memory=memory, watchdog=watchdog
        )


def _is_spoken() -> bool:
    """Whether the environment says that a screen reader is to be heard."""
    return os.environ.get(SCREEN_READER_VARIABLE, "").lower() not in ("", "0", "no", "off", "false")


def _open(paths: Sequence[str], *, title: str, wanted: Namespace, served: bool) -> int:
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        complain(f"{path}: there is no such file or folder")
    if len(missing) == len(paths):
        return NOTHING_READ
    if "-" in paths:
        if sys.stdin.isatty():
            complain("-: standard input is the keyboard; pipe a capture in, or name a file")
            return NOTHING_READ
        from reader.app.terminal import take_standard_input

        take_standard_input()
    gc.disable()
    from reader.library import Library
    from reader.library.ingest.engine import is_quick  # Not needed to open the library.

    with Library.temporary() as library:
        if is_quick(paths):
            # The first screen then shows the text. The app reads the same paths again and says what was wrong.
            with suppress(Exception):
                library.ingest(paths)
        return _show(library, title, wanted, paths, served=served)


def _print_library(library: Library) -> int:
    """Every article, section by section, as plain text."""
    from reader.export.text import RULE, article_text

    listing = library.listing()
    for index in range(len(listing)):
        for row in listing.rows(index, index + 1):
            stored = library.article(row.key)
            print_text(f"{RULE}\n{article_text(stored.article, stored.url or stored.source)}\n")
    return DONE


def _title(paths: Sequence[str]) -> str:
    if not paths:
        return "Samples"
    if len(paths) > 1:
        return f"{len(paths)} paths"
    return "Standard input" if paths[0] == "-" else os.path.basename(os.path.realpath(paths[0])) or paths[0]  # noqa: PTH119


def _is_fed(stream: TextIO | None) -> bool:
    """Is something piped or redirected into standard input?"""
    try:
        mode = os.fstat(stream.fileno()).st_mode if stream else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
