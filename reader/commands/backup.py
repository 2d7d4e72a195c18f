"""`backup FILE`: a copy of the library."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from reader.commands.common import (
    DONE,
    WRONG_USE,
    add_library_option,
    complain,
    open_kept,
    parser_for,
    path_word,
)
from reader.commands.progress import StatusLine, amount
from reader.settings import make_folder

_EPILOG = """\
The copy is made at one moment, also while others write, and takes its name once it is whole.
To use it, put it in the place of the library, or name it with --library."""


def make_parser() -> ArgumentParser:
    """What may follow `backup`."""
    parser = parser_for("backup", "Copy the library to another file.", _EPILOG)
    parser.add_argument("file", metavar="FILE", type=path_word)
    add_library_option(parser)
    parser.add_argument("--replace", action="store_true", help="replace FILE if it is there already")
    return parser


def run(words: Sequence[str]) -> int:
    """Copy the library; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    with open_kept(wanted.library) as library:
        target = Path(os.path.expanduser(wanted.file)).absolute()  # noqa: PTH111 (Path raises for an unknown user)
        if target.is_dir():
            target = target / library.path.name
        if target.exists() and (not wanted.replace or target.samefile(library.path)):
            complain(f"{target}: there is such a file already; name another, or say --replace")
            return WRONG_USE
        make_folder(target.parent)
        with StatusLine() as line:
            library.backup(
                target,
                lambda done, total: line.update(
                    amount(done // 1_000_000, total // 1_000_000, "MB"), done, total
                ),
            )
    complain(f"the library is copied to {target}")
    return DONE
