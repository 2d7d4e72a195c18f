"""Captures to correct, and the screen on which that is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reader.library import Library
from reader.library.articles import LineRef
from reader.library.ingest.reading import text_digest
from reader.model import Article
from tests.filling import sql

HARBOR = """\
Protocol | Enterprise

The harbor that counts its own ships

Forty cameras and no ledger.

The fish hall of Vellmouth, where the cameras stood in their boxes.

Photo: Ines Albrecht/Getty Images

For nine years the harbor of Vellmouth has counted its ships by hand, in a ledger with a blue spine.

In May a company from the hills offered to do it with cameras and asked for nothing but the pictures.

Keep ReadingShow less
Ines Albrecht

Ines Albrecht is a reporter at Protocol covering ports, ledgers and the people who keep them.

Fintech

The last bank in the valley is a tablet

Branches are closing. One credit union has found a way to keep visiting hours.

The tablet is named Ledger.

Photo: Tomas Reuel/Getty Images

On Mondays the tablet is ridden up a valley where the nearest branch closed in 2016 and nobody has a signal.

By ten there is a line at the fence, with deposits on the right and loans around the back of the truck.

Keep ReadingShow less
Tomas Reuel

Tomas Reuel is a reporter at Protocol covering banks, lenders and payments.

Latest Stories
"""
FERRY = """\
Policy

A timetable printed on both sides

On Mondays the ferry is late, and nobody on the pier has ever asked the council for a reason.

In May the council answered all the same, in a letter that came with the ferry and so was late too.
"""

HARBOR_TITLE = "The harbor that counts its own ships"
BANK_TITLE = "The last bank in the valley is a tablet"
FERRY_TITLE = "A timetable printed on both sides"


@contextmanager
def a_library(folder: Path) -> Iterator[Library]:
    """A library with what is in `folder`/captures, which is made."""
    write_captures(folder)
    with Library.open(folder / "library.sqlite") as library:
        library.ingest([str(folder / "captures")])
        yield library


def write_captures(folder: Path) -> None:
    captures = folder / "captures"
    captures.mkdir(exist_ok=True)
    (captures / "harbor.txt").write_text(HARBOR, encoding="utf-8")
    (captures / "ferry.txt").write_text(FERRY, encoding="utf-8")


def line_of(words: str) -> int:
    """The number of the first line of `HARBOR` that begins with `words`."""
    return next(n for n, line in enumerate(HARBOR.split("\n"), 1) if line.startswith(words))


def spot(words: str) -> LineRef:
    """The first line of `HARBOR` that begins with `words`."""
    return LineRef(text_digest(HARBOR), line_of(words))


def key_of(library: Library, title: str) -> int:
    """The article whose title begins with `title`."""
    listing = library.listing()
    return next(row.key for row in listing.rows(0, len(listing)) if row.title.startswith(title))


def articles(library: Library) -> list[Article]:
    """The articles of `HARBOR` in page order."""
    keys = sql(
        library,
        "SELECT a.key FROM articles a JOIN captures c USING (capture_key) WHERE c.digest = ? ORDER BY a.key",
        (text_digest(HARBOR),),
    )
    return [library.article(key).article for (key,) in keys]
