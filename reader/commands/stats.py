"""`stats`: how many articles the library has, by section, month and author, and how complete they are."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Final

from reader.app.view import bar
from reader.commands.inputs import open_existing
from reader.commands.output import Status, print_records, table
from reader.commands.parser import CommandParser
from reader.library.overview import TOP, Counts, Overview, Shares
from reader.sanitize import many

_BAR: Final = 40

Row = tuple[tuple[str, ...], Shares]
"""The cells of a row, and the parts of the bar beside it."""


def stats_parser() -> CommandParser:
    about = "Count the articles of the library by state, section, month, author and sponsor."
    parser = CommandParser("stats", about)
    parser.add_library_option()
    parser.flag("--json", "print one JSON object")
    return parser


def run_stats(options: Namespace) -> int:
    with open_existing(options.library) as library:
        overview = library.overview(top=None)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    print_records([_to_json(overview)], _report(overview, width), as_json=options.json)
    return Status.DONE


def _to_json(overview: Overview) -> dict[str, object]:
    """The numbers as a JSON object; the name of undated articles and of unknown sponsors is null."""
    counts = overview.counts._asdict()
    counts["shares"] = overview.counts.shares._asdict()
    for name in ("sections", "months"):
        counts[name] = [count._asdict() | {"shares": count.shares._asdict()} for count in counts[name]]
    counts["authors"] = [name._asdict() for name in overview.authors]
    counts["sponsors"] = [name._asdict() for name in overview.sponsors]
    for name in ("sections", "months", "authors", "sponsors"):
        counts[name] = [{**group, "name": group["name"] or None} for group in counts[name]]
    return counts


def _report(overview: Overview, width: int) -> Iterator[str]:
    """The numbers as lines; with bars if `width`, in columns, leaves room for them."""
    counts = overview.counts
    partial = f", {counts.partial_captures:,} of them only in part" if counts.partial_captures else ""
    skipped = f"; {counts.skipped:,} skipped on purpose" if counts.skipped else ""
    yield f"{many(counts.captures, 'capture')}{partial}; {many(counts.problems, 'problem')}{skipped}"
    yield f"{many(counts.articles, 'article')}, seen {many(counts.occurrences, 'time')}"
    yield f"{counts.unread:,} unread, {counts.starred:,} starred"
    if not counts.articles:
        return
    yield from _table(("share", "articles", ""), _share_rows(counts), width)
    for heading, groups in (("section", counts.sections), ("month", counts.months)):
        rows: list[Row] = [
            (
                (group.name or "no date", f"{group.articles:,}", f"{group.truncated:,}"),
                group.shares if group.name else Shares(),
            )
            for group in groups
        ]
        yield from _table((heading, "articles", "truncated"), rows, width)
    if overview.authors:
        rows = [
            ((name.name, f"{name.articles:,}", f"{name.truncated:,}"), Shares(name.whole, 0, name.truncated))
            for name in overview.authors
        ]
        yield from _table(("author", "articles", "truncated"), rows, width, "authors")
    if overview.sponsors:
        rows = [
            (
                (name.name or "sponsor unknown", f"{name.articles:,}", name.first or "", name.last or ""),
                Shares(sponsored=name.articles),
            )
            for name in overview.sponsors
        ]
        yield from _table(("sponsor", "articles", "first", "last"), rows, width, "sponsors")
    if counts.truncated:
        yield ""
        yield f"{counts.truncated:,} truncated in every capture; “protocol-reader missing” lists them"


def _share_rows(counts: Counts) -> list[Row]:
    shares, total = counts.shares, counts.articles
    cut_off = counts.truncated - shares.truncated  # of the sponsored ones, which no other share counts
    rows = (
        ("whole", Shares(whole=shares.whole, completed=shares.completed)),
        ("  of them from another capture", Shares(completed=shares.completed)),
        ("truncated", Shares(truncated=shares.truncated)),
        (
            f"sponsored, {cut_off:,} of them truncated" if cut_off else "sponsored",
            Shares(sponsored=shares.sponsored),
        ),
    )
    return [((name, f"{sum(part):,}", f"{100 * sum(part) / total:.0f}%"), part) for name, part in rows]


def _table(headings: tuple[str, ...], rows: Sequence[Row], width: int, names: str = "") -> Iterator[str]:
    """An empty line and a table, whose rows end in bars as long as their numbers. Of `names`, the first few."""
    shown = rows[:TOP] if names else rows
    lines = list(table([headings, *(cells for cells, _ in shown)]))
    used = max(map(len, lines))
    room = min(_BAR, width - used - 3)
    most = max((sum(shares) for _, shares in shown), default=0)
    yield ""
    yield lines[0]
    for line, (_, shares) in zip(lines[1:], shown, strict=True):
        cells = "".join(text for _, text in bar(shares, most, room))
        yield f"{line.ljust(used)}  {cells}" if cells else line
    if len(rows) > len(shown):
        yield f"and {len(rows) - len(shown):,} more {names}; --json has all"
