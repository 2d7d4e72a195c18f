"""`stats`: how many articles the library has, by section, month and author, and how complete they are."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from reader.app.overview.bars import bar
from reader.commands.common import DONE, add_library_option, parser_for, print_json, print_text, table
from reader.commands.libraries import open_existing
from reader.library.listings.overview import TOP, Count, Counts, Overview, Shares
from reader.library.listings.people import Name
from reader.sanitize import many

_BAR: Final = 40
"""Columns of the longest bar, at most."""
_JSON_NAMES: Final = {"occurrences": "sightings"}
"""Names in JSON that differ from those of `Counts`."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `stats`."""
    parser = parser_for(
        "stats",
        "Count the articles of the library by state, section, month, author and sponsor.",
    )
    add_library_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Print the numbers."""
    options = make_parser().parse_args(words)
    with open_existing(options.library) as library:
        overview = library.overview(top=None)
    if options.json:
        print_json(_to_json(overview))
        return DONE
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    print_text("".join(f"{line}\n" for line in _report(overview, width)))
    return DONE


def _to_json(overview: Overview) -> dict[str, object]:
    """The numbers as a JSON object; the name of undated articles and of unknown sponsors is null."""
    counts = overview.counts
    return {
        **{_JSON_NAMES.get(name, name): value for name, value in counts._asdict().items()},
        "shares": counts.shares._asdict(),
        "sections": [_count_to_json(count) for count in counts.sections],
        "months": [_count_to_json(count) for count in counts.months],
        "authors": [{**name._asdict(), "name": name.name or None} for name in overview.authors],
        "sponsors": [{**name._asdict(), "name": name.name or None} for name in overview.sponsors],
    }


def _count_to_json(count: Count) -> dict[str, object]:
    return {**count._asdict(), "name": count.name or None, "shares": count.shares._asdict()}


class _Row(NamedTuple):
    """A row of a table with a bar beside it."""

    cells: tuple[str, ...]
    shares: Shares
    """The parts of the bar."""


def _report(overview: Overview, width: int) -> Iterator[str]:
    """The numbers as lines; with bars if `width`, in columns, leaves room for them."""
    counts = overview.counts
    partial = f", {counts.partial_captures:,} of them only in part" if counts.partial_captures else ""
    skipped = f"; {counts.skipped:,} skipped on purpose" if counts.skipped else ""
    yield f"{many(counts.captures, 'capture')}{partial}; {many(counts.problems, 'problem')}{skipped}"
    yield f"{many(counts.articles, 'article')}, captured {many(counts.occurrences, 'time')}"
    yield f"{counts.unread:,} unread, {counts.starred:,} starred"
    yield ""
    yield from _table_with_bars(("share", "articles", ""), _share_rows(counts), width)
    for heading, groups in (("section", counts.sections), ("month", counts.months)):
        rows = [
            _Row((count.name or "no date", f"{count.articles:,}", f"{count.truncated:,}"), count.shares)
            for count in groups
        ]
        yield ""
        yield from _table_with_bars((heading, "articles", "truncated"), rows, width)
    if overview.authors:
        yield ""
        rows = [_author_row(name) for name in overview.authors[:TOP]]
        yield from _table_with_bars(("author", "articles", "truncated"), rows, width)
        yield from _more(len(overview.authors), "authors")
    if overview.sponsors:
        yield ""
        rows = [_sponsor_row(name) for name in overview.sponsors[:TOP]]
        yield from _table_with_bars(("sponsor", "articles", "first", "last"), rows, width)
        yield from _more(len(overview.sponsors), "sponsors")
    if counts.truncated:
        yield ""
        yield f"{counts.truncated:,} truncated in every capture; “protocol-reader missing” lists them"


def _share_rows(counts: Counts) -> list[_Row]:
    """The shares as the overview has them, each in the shade that it has in every bar."""
    shares, total = counts.shares, counts.articles
    nothing = Shares()
    rows = (
        ("whole", nothing._replace(whole=shares.whole, completed=shares.completed)),
        ("  of them from another capture", nothing._replace(completed=shares.completed)),
        ("truncated", nothing._replace(truncated=shares.truncated)),
        (counts.sponsored_words, nothing._replace(sponsored=shares.sponsored)),
    )
    return [
        _Row((name, f"{sum(part):,}", f"{100 * sum(part) / total:.0f}%" if total else ""), part)
        for name, part in rows
    ]


def _author_row(name: Name) -> _Row:
    shares = Shares(name.whole, 0, name.truncated)
    return _Row((name.name, f"{name.articles:,}", f"{name.truncated:,}"), shares)


def _sponsor_row(name: Name) -> _Row:
    cells = (name.name or "sponsor unknown", f"{name.articles:,}", name.first or "", name.last or "")
    return _Row(cells, Shares(sponsored=name.articles))


def _more(number: int, nouns: str) -> Iterator[str]:
    if number > TOP:
        yield f"and {number - TOP:,} more {nouns}; --json has all"


def _table_with_bars(headings: tuple[str, ...], rows: Sequence[_Row], width: int) -> Iterator[str]:
    """A table whose rows end in bars, as long as their numbers."""
    lines = list(table([headings, *(row.cells for row in rows)]))
    used = max(map(len, lines))
    room = min(_BAR, width - used - 3)
    most = max((sum(row.shares) for row in rows), default=0)
    yield lines[0]
    for line, row in zip(lines[1:], rows, strict=True):
        cells = "".join(text for _, text in bar(row.shares, most, room))
        yield f"{line.ljust(used)}  {cells}" if cells else line
