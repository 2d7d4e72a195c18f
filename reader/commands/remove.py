"""`remove PATH…`: takes captures out of the library."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    complain,
    confirmed,
    open_kept,
    parser_for,
    print_json,
    print_text,
)
from reader.commands.progress import StatusLine, amount
from reader.library import Library
from reader.library.ingest.removing import Removed, choose, remove
from reader.sanitize import many

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
        what = _what(len(keys), sum(keys.values()))
        if not wanted.yes and not confirmed(f"Remove {what} from the library?"):
            complain(f"{what} would be removed; nothing was (--yes removes without asking)")
            return WRONG_USE
        removed, stopped = _remove(library, sorted(keys))
    if wanted.json:
        print_json(removed._asdict())
    else:
        print_text(f"{_what(*removed)} {'was' if removed.captures == 1 else 'were'} removed\n")
    if stopped:
        complain("stopped: the same command goes on from there")
        return INTERRUPTED
    return IN_PART if missing else DONE


def _what(captures: int, articles: int) -> str:
    return f"{many(captures, 'capture')} with {many(articles, 'article')}"


def _remove(library: Library, keys: Sequence[int]) -> tuple[Removed, bool]:
    """Take captures out; how many are gone, and whether that was broken off."""
    gone = Removed(0, 0)

    def on_progress(removed: Removed) -> None:
        nonlocal gone
        gone = removed
        line.update(f"removing: {amount(gone.captures, len(keys), 'captures')}", gone.captures, len(keys))

    with StatusLine("removing…") as line:
        try:
            remove(library.database, keys, on_progress)
        except KeyboardInterrupt:
            return gone, True
    return gone, False
