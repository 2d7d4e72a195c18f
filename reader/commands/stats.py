"""`stats`: how much the library holds, by section, by month and by completeness."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reader.app.overview.charts import stack
from reader.commands.common import (
    DONE,
    add_library_option,
    open_kept,
    parser_for,
    print_json,
    print_text,
    table,
)
from reader.library.listings.counts import Count, Shares
from reader.library.listings.names import Name
from reader.library.listings.overview import TOP, Overview, overview

_BAR = 40
"""Columns of the longest bar, at most."""


def make_parser() -> ArgumentParser:
    """What may follow `stats`."""
    parser = parser_for(
        "stats",
        "How much the library holds: by section, by month and by author, how much of it is whole, and who paid.",
    )
    add_library_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Print the numbers; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    with open_kept(wanted.library) as library:
        found = overview(library.database, top=None)
    if wanted.json:
        print_json(to_json(found))
        return DONE
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    print_text("".join(f"{line}\n" for line in report(found, width)))
    return DONE


def to_json(found: Overview) -> dict[str, object]:
    """The numbers as a JSON object; a name is null for articles without a date and for sponsors nobody knows."""
    counts = found.counts
    return {
        **counts._asdict(),
        "shares": counts.shares._asdict(),
        "sections": [_named(one) for one in counts.sections],
        "months": [_named(one) for one in counts.months],
        "authors": [{**one._asdict(), "name": one.name or None} for one in found.authors],
        "sponsors": [{**one._asdict(), "name": one.name or None} for one in found.sponsors],
    }


def _named(count: Count) -> dict[str, object]:
    return {**count._asdict(), "name": count.name or None, "shares": count.shares._asdict()}


class _Row(NamedTuple):
    """A name, what is said of it, and the parts of its bar."""

    name: str
    says: tuple[str, ...]
    parts: Shares


def report(found: Overview, width: int) -> Iterator[str]:
    """The numbers as lines; with a `width` in columns, bars beside them where there is room."""
    counts = found.counts
    partial = f", {counts.partial_captures:,} of them only in part" if counts.partial_captures else ""
    yield f"{counts.captures:,} captures{partial}; {counts.problems:,} problems"
    yield f"{counts.articles:,} articles, seen {counts.sightings:,} times"
    yield f"{counts.unread:,} unread, {counts.starred:,} starred"
    yield ""
    yield from _bars(("share", "articles", ""), _shares(counts.shares), width)
    yield ""
    yield from _bars(("section", "articles", "truncated"), _counted(counts.sections), width)
    yield ""
    yield from _bars(("month", "articles", "truncated"), _counted(counts.months), width)
    if found.authors:
        yield ""
        yield from _bars(("author", "articles", "truncated"), _people(found.authors[:TOP]), width)
        yield from _more(len(found.authors), "authors")
    if found.sponsors:
        yield ""
        rows = [
            _Row(
                one.name or "sponsor unknown",
                (f"{one.articles:,}", one.first or "", one.last or ""),
                _paid(one),
            )
            for one in found.sponsors[:TOP]
        ]
        yield from _bars(("sponsor", "pieces", "first", "last"), rows, width)
        yield from _more(len(found.sponsors), "sponsors")
    if counts.truncated:
        yield ""
        yield f"{counts.truncated:,} known only by their openings: “protocol-reader missing” lists them"


def _shares(shares: Shares) -> list[_Row]:
    """The four parts, each with the shade that it has in all bars."""
    total = sum(shares)
    names = ("whole", "whole · from another capture", "truncated", "sponsored")
    rows = []
    for at, (name, number) in enumerate(zip(names, shares, strict=True)):
        parts = Shares(*(number if other == at else 0 for other in range(len(names))))
        rows.append(_Row(name, (f"{number:,}", f"{100 * number / total:.0f} %" if total else ""), parts))
    return rows


def _counted(counts: Sequence[Count]) -> list[_Row]:
    return [
        _Row(one.name or "no date", (f"{one.articles:,}", f"{one.truncated:,}"), one.shares) for one in counts
    ]


def _people(names: Sequence[Name]) -> list[_Row]:
    return [
        _Row(one.name, (f"{one.articles:,}", f"{one.truncated:,}"), Shares(one.whole, 0, one.truncated))
        for one in names
    ]


def _paid(name: Name) -> Shares:
    return Shares(sponsored=name.articles)


def _more(number: int, nouns: str) -> Iterator[str]:
    if number > TOP:
        yield f"and {number - TOP:,} more {nouns}; --json has all"


def _bars(headings: tuple[str, ...], rows: Sequence[_Row], width: int) -> Iterator[str]:
    """A table of names and numbers, each row with a bar of its length."""
    lines = list(table([headings, *((row.name, *row.says) for row in rows)]))
    used = max(map(len, lines))
    room = min(_BAR, width - used - 3)
    most = max((sum(row.parts) for row in rows), default=0)
    yield lines[0]
    for line, row in zip(lines[1:], rows, strict=True):
        bar = "".join(cell.wide(True) for cell in stack(row.parts, most, room, True))
        yield f"{line.ljust(used)}  {bar}" if bar else line
