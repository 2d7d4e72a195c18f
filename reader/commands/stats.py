"""`stats`: how much the library holds, by section, by month and by completeness."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence

from reader.commands.common import (
    DONE,
    add_library_option,
    open_kept,
    parser_for,
    plain_output,
    print_json,
    table,
)
from reader.library.counts import Count, Counts, count

_BAR = 40
"""Columns of the longest bar, at most."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def make_parser() -> ArgumentParser:
    """What may follow `stats`."""
    parser = parser_for(
        "stats", "How much the library holds: by section, by month, and how much of it is whole."
    )
    add_library_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Print the numbers; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    with open_kept(wanted.library) as library:
        counts = count(library.database)
    if wanted.json:
        print_json(to_json(counts))
        return DONE
    out = plain_output()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    out.write("".join(f"{line}\n" for line in report(counts, width)))
    return DONE


def to_json(counts: Counts) -> dict[str, object]:
    """The numbers as a JSON object; a month's name is null for articles without a date."""
    groups = {
        name: [{**one._asdict(), "name": one.name or None} for one in rows]
        for name, rows in (("sections", counts.sections), ("months", counts.months))
    }
    return {**counts._asdict(), **groups}


def report(counts: Counts, width: int) -> Iterator[str]:
    """The numbers as lines; with a `width` in columns, bars beside them where there is room."""
    partial = f", {counts.partial_captures:,} of them only in part" if counts.partial_captures else ""
    yield f"{counts.captures:,} captures{partial}; {counts.problems:,} problems"
    yield f"{counts.articles:,} articles, seen {counts.sightings:,} times"
    yield f"{counts.unread:,} unread, {counts.starred:,} starred"
    yield ""
    cut = counts.truncated
    whole = counts.whole - counts.completed
    yield from _bars(
        ("completeness", "articles"),
        [
            ("whole", (whole,), whole),
            ("whole · from another capture", (counts.completed,), counts.completed),
            ("truncated", (cut,), cut),
        ],
        width,
    )
    yield ""
    yield from _bars(("section", "articles", "truncated"), _rows(counts.sections), width)
    yield ""
    yield from _bars(("month", "articles", "truncated"), _rows(counts.months), width)


def _rows(groups: Sequence[Count]) -> list[tuple[str, tuple[int, ...], int]]:
    return [(one.name or "no date", (one.articles, one.truncated), one.articles) for one in groups]


def _bars(
    headings: tuple[str, ...], rows: Sequence[tuple[str, tuple[int, ...], int]], width: int
) -> Iterator[str]:
    """A table of names and numbers, each row with a bar of its length."""
    lines = list(table([headings, *((name, *(f"{n:,}" for n in numbers)) for name, numbers, _ in rows)]))
    used = max(map(len, lines))
    room = min(_BAR, width - used - 3)
    most = max((length for *_, length in rows), default=0)
    yield lines[0]
    for line, (*_, length) in zip(lines[1:], rows, strict=True):
        yield f"{line.ljust(used)}  {_bar(length, most, room)}".rstrip() if room > 0 and most else line


def _bar(length: int, most: int, room: int) -> str:
    full, part = divmod(round(8 * room * length / most), 8)
    return "█" * full + _EIGHTHS[part].strip()
