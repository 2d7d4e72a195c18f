"""`check`: looks for damage in the library, and says what to do about it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Final

from reader.commands.common import (
    DONE,
    IN_PART,
    add_library_option,
    complain,
    is_there,
    library_path,
    opened,
    parser_for,
    print_json,
    print_text,
)
from reader.commands.waiting import Waiting, amount
from reader.errors import LibraryError
from reader.library.mending import mend
from reader.library.upkeep import Damage, Part, check, set_aside
from reader.safe_text import clean

_EPILOG = """\
Nothing is changed unless you say so. Damage makes the exit status 1."""
_SAID: Final[dict[Part, str]] = {
    "pages": "looking at the pages of the file…",
    "captures": "looking at captures…",
    "articles": "looking at articles…",
    "counts": "counting…",
    "index": "looking at the search index…",
    "words": "making the search index anew, to compare…",
}
"""What is said while it cannot be said how much of it is done."""


def make_parser() -> ArgumentParser:
    """What may follow `check`."""
    parser = parser_for(
        "check", "Look for damage in the library, page by page and article by article.", _EPILOG
    )
    add_library_option(parser)
    parser.add_argument("--json", action="store_true", help="print each damage as one JSON object a line")
    parser.add_argument(
        "--words", action="store_true", help="compare the search index, word by word, with one made anew"
    )
    parser.add_argument(
        "--mend", action="store_true", help="make counts, places and the search index anew from what is kept"
    )
    parser.add_argument(
        "--set-aside",
        action="store_true",
        help="rename a library that is damaged, so that a new one can be made",
    )
    return parser


def run(words: Sequence[str]) -> int:
    """Check the library and name what is damaged; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    path = library_path(wanted.library)
    if not is_there(path):
        raise LibraryError(f"{path}: there is no library yet; “protocol-reader add PATH” makes one")
    count = 0
    line = Waiting()

    def on_progress(part: Part, done: int, total: int) -> None:
        line.say(amount(done, total, part) if total else _SAID[part])

    try:
        with line:
            for damage in check(path, on_progress, word_by_word=wanted.words):
                count += 1
                line.clear()
                _say(damage, wanted.json)
    except LibraryError as error:
        if not wanted.set_aside:
            raise
        complain(str(error))
        count += 1
    if not count:
        if not wanted.json:
            print_text(f"{path}: all is as it was written\n")
        return DONE
    if wanted.mend:
        with opened(path) as library, Waiting("making counts, places and the search index anew…"):
            mend(library.database)
        complain(f"{path}: counts, places and the search index are made anew; “check” again")
    elif wanted.set_aside:
        complain(f"{path}: the damaged library is now {set_aside(path)}")
    return IN_PART


def _say(damage: Damage, as_json: bool) -> None:
    if as_json:
        print_json(damage._asdict())
    else:
        print_text(f"{clean(damage.where)}: {clean(damage.what)}\n    {clean(damage.advice)}\n")
