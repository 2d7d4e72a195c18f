"""`remove PATH…`: takes captures out of the library."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    complain,
    confirmed,
    open_kept,
    parser_for,
    plain_output,
    print_json,
)
from reader.library.removing import Removed, choose, remove

_EPILOG = """\
PATH is where a capture was added from: a file, a folder, which means all in it, or the page's address. The files
themselves are not touched. Read marks, stars and places stay, and are there again when the captures are added again."""


def make_parser() -> ArgumentParser:
    """What may follow `remove`."""
    parser = parser_for("remove", "Take captures out of the library.", _EPILOG)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    add_library_option(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print what was removed as one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Take the captures out, once the user has agreed; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    missing = 0
    with open_kept(wanted.library) as library:
        keys: dict[int, int] = {}
        for name, captures in choose(library.database, wanted.paths):
            if not captures:
                missing += 1
                complain(f"{name}: no capture in the library is from there")
            keys.update((one.key, one.articles) for one in captures)
        if not keys:
            return NOTHING_READ
        what = f"{len(keys):,} captures with {sum(keys.values()):,} articles"
        if not wanted.yes and not confirmed(f"Remove {what} from the library?"):
            complain(f"{what} would be removed; nothing was (--yes removes without asking)")
            return WRONG_USE
        removed: Removed = remove(library.database, sorted(keys))
    if wanted.json:
        print_json(removed._asdict())
    else:
        plain_output().write(
            f"{removed.captures:,} captures with {removed.articles:,} articles were removed\n"
        )
    return IN_PART if missing else DONE
