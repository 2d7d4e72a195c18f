"""`check`: looks for damage in the library, and says what to do about it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
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
from reader.commands.damage import reports
from reader.commands.progress import StatusLine, amount
from reader.errors import LibraryError
from reader.library.database.errors import DamagedError, ForeignError, NewerError
from reader.library.database.foreign_log import move_aside
from reader.library.repair.checking import LOG, MEND, Damage, Part, check, set_aside
from reader.library.repair.mending import copy_aside, mend
from reader.library.repair.salvaging import rebuild
from reader.sanitize import sanitize

BEYOND_OPENING: Final = (DamagedError, ForeignError, NewerError)
"""What may be damage that a new library of what is intact helps against."""
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
        "--mend",
        action="store_true",
        help="make counts, places and the search index anew; where more is damaged, make a new library"
        " of what is intact. The library as it was is kept beside it",
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
    line = StatusLine()
    damages: list[Damage] = []

    def on_progress(part: Part, done: int, total: int) -> None:
        line.update(amount(done, total, part) if total else _SAID[part], done, total)

    unopened: LibraryError | None = None
    try:
        with line:
            for damage in check(path, on_progress, word_by_word=wanted.words):
                damages.append(damage)
                line.clear()
                _say(damage, wanted.json)
    except LibraryError as error:
        if not wanted.set_aside and not (wanted.mend and isinstance(error, BEYOND_OPENING)):
            raise
        complain(str(error))
        unopened = error
    if not damages and unopened is None:
        if not wanted.json:
            print_text(f"{path}: all is as it was written\n")
        return DONE
    if wanted.mend:
        if any(damage.where == LOG for damage in damages):
            complain(f"{path}: the log that is not its own is now {move_aside(path)}; “check” again")
        else:
            _mend(path, in_place=unopened is None and all(damage.advice == MEND for damage in damages))
    elif wanted.set_aside:
        complain(f"{path}: the damaged library is now {set_aside(path)}")
    return IN_PART


def _mend(path: Path, *, in_place: bool) -> None:
    """Mend the library, where that is enough `in_place`; else make a new one of what is intact."""
    if in_place:
        try:
            with opened(path) as library, StatusLine("making counts, places and the search index anew…"):
                aside = copy_aside(library.database)
                mend(library.database)
        except BEYOND_OPENING as error:
            complain(str(error))
        else:
            complain(
                f"{path}: counts, places and the search index are made anew; “check” again. "
                f"The library as it was is {aside}"
            )
            return
    with reports() as (on_loss, on_progress):
        salvaged, aside = rebuild(path, on_loss, on_progress)
    complain(
        f"{path}: a new library of {salvaged.articles:,} intact articles from {salvaged.captures:,} captures; "
        f"the damaged one is now {aside}"
    )


def _say(damage: Damage, as_json: bool) -> None:
    if as_json:
        print_json(damage._asdict())
    else:
        print_text(f"{sanitize(damage.where)}: {sanitize(damage.what)}\n    {sanitize(damage.advice)}\n")
