"""Lays out the overview as lines for a width, with targets that open lists or screens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from reader.app.overview.charts import (
    GROUND,
    Cell,
    Run,
    chart,
    horizontal_bar,
    is_month,
    months_between,
    split,
    stack,
)
from reader.app.text.wrapping import drawn, fit, pad, width_of, wrap
from reader.app.view import month_words
from reader.library import Filters, Show
from reader.library.listings.overview import Count, Overview, Shares
from reader.permissions import Permission, permitted
from reader.sanitize import many, sanitize

WIDEST: Final = 120
"""Cells of the widest line."""
CHARTED: Final = 60
"""From this many cells on, months are a chart; below, they are rows."""
DETAILED: Final = 70
"""From this many cells on, rows have more than a number."""
_LEAST_BAR: Final = 5
_NAMES: Final = 28
"""Cells of the longest name."""

AUTHORS, SPONSORS, SAVE, FETCH = "authors", "sponsors", "save_openings", "fetch_openings"
"""Actions of the main screen that can be opened."""

Opens = Filters | str
"""The articles to list, or the name of an action."""
Line = list[Run]


class Target(NamedTuple):
    """An area that opens a list of articles or a screen."""

    opens: Opens
    top: int
    bottom: int
    """The line after its last line."""
    start: int
    end: int
    """The cell after its last cell."""
    note: tuple[int, str] | None = None
    """A line and its text while the cursor is here."""


class Sheet(NamedTuple):
    """All lines, and the targets from top to bottom and left to right."""

    lines: list[Line]
    targets: list[Target]


class _Row(NamedTuple):
    """A name, a bar and the columns after it."""

    name: str
    parts: Sequence[int]
    ends: tuple[str, ...]
    opens: Opens


def lay_out(overview: Overview, width: int, height: int, shaded: bool) -> Sheet:
    """Lay out the overview for a view of `width` cells and `height` lines; `shaded`: there are no colours."""
    sheet = _SheetBuilder(max(20, min(width, WIDEST)), height, shaded)
    counts = overview.counts
    sheet.add_shares(overview)
    sheet.add_months(counts.months)
    detailed = sheet.width >= DETAILED
    sheet.add_rows(
        "by section",
        [_counted(section, Filters(section=section.name), detailed) for section in counts.sections],
    )
    sheet.add_rows(
        "authors",
        [
            _Row(
                author.name,
                (author.articles - author.truncated, 0, author.truncated, 0),
                ends(author.articles, author.truncated, detailed),
                Filters(author=author.name),
            )
            for author in overview.authors
        ],
    )
    if overview.all_authors > len(overview.authors):
        sheet.add_option(f"all {overview.all_authors:,} authors", AUTHORS)
    sheet.add_rows(
        "by sponsor",
        [
            _Row(
                sponsor.name or "Sponsor unknown",
                (0, 0, 0, sponsor.articles),
                (f"{sponsor.articles:,}", dates(sponsor.first, sponsor.last, detailed)),
                Filters(sponsor=sponsor.name),
            )
            for sponsor in overview.sponsors
        ],
    )
    if overview.all_sponsors > len(overview.sponsors):
        sheet.add_option(f"all {overview.all_sponsors:,} sponsors", SPONSORS)
    sheet.add_openings(counts.truncated)
    return Sheet(sheet.lines, sheet.targets)


class _SheetBuilder:
    """Adds one part of the overview after the other."""

    def __init__(self, width: int, height: int, shaded: bool) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.targets: list[Target] = []
        self._height = height
        self._shaded = shaded

    # Parts

    def add_shares(self, overview: Overview) -> None:
        """Add how many articles there are, and how many are whole, truncated and sponsored."""
        counts = overview.counts
        seen = f", captured {counts.occurrences:,} times" if counts.occurrences != counts.articles else ""
        lost = f"; {many(counts.problems, 'problem')}" if counts.problems else ""
        self._text(
            f"{many(counts.articles, 'article')} in {many(counts.captures, 'capture')}{seen}{lost}", "text"
        )
        self._add([])
        self._add([Run(" "), *horizontal_bar(split(counts.shares, self.width - 2), self._shaded)])
        shares = counts.shares
        whole = Filters(truncated=Show.HIDE, sponsored=Show.HIDE)
        cut = Filters(truncated=Show.ONLY, sponsored=Show.HIDE)
        elsewhere = "of them from another capture" if self.width >= DETAILED else "from another capture"
        rows: tuple[tuple[int, str, int, Opens | None], ...] = (
            (0, "whole", shares.whole + shares.completed, whole),
            (1, elsewhere, shares.completed, None),
            (2, "truncated", shares.truncated, cut),
            (
                3,
                counts.sponsored_words if self.width >= DETAILED else "sponsored",
                shares.sponsored,
                Filters(sponsored=Show.ONLY),
            ),
        )
        rows = tuple(row for row in rows if row[2] or row[0] != 1)
        names = max(width_of(name) for _, name, _, _ in rows)
        numbers = max(len(f"{number:,}") for _, _, number, _ in rows)
        for part, name, number, opens in rows:
            text = f" {name:{names}}  {number:{numbers},}"
            share = Run(f"  {percent(number, counts.articles):>4}", "muted")
            self._add(
                [
                    Run(" "),
                    *horizontal_bar([Cell(part)], self._shaded),
                    Run(text, "text" if opens else "muted"),
                    share,
                ],
                opens if number else None,
            )

    def add_months(self, months: Sequence[Count]) -> None:
        """Add the months, as a chart if there is room, and a row for articles without a date."""
        dated = [month for month in months if is_month(month.name)]
        detailed = self.width >= DETAILED
        others = [
            _counted(month, Filters(month=month.name), detailed)
            for month in months
            if not is_month(month.name)
        ]
        rows = max(4, min(10, self._height // 4))
        month_chart = chart(dated, self.width - 1, rows, self._shaded) if self.width >= CHARTED else None
        if month_chart is None:
            self._month_rows(dated, others)
            return
        self._heading("by month")
        top = len(self.lines)
        note = top + len(month_chart.lines)
        for line in month_chart.lines:
            self._add(line)
        self._add([Run(" ← → move between months", "muted")])
        self.targets += [
            Target(
                Filters(month=column.month.name),
                top,
                note - 1,
                column.start,
                column.end,
                (note, f" {month_words(column.month.name)}: {count_words(column.month)}"),
            )
            for column in month_chart.columns
        ]
        self._bars(others)

    def _month_rows(self, dated: Sequence[Count], others: list[_Row]) -> None:
        """Add a row for each month, and one for each gap of months without articles."""
        rows: list[_Row | str] = []
        for before, month in zip([None, *dated], dated, strict=False):
            if before is not None and (gap := months_between(before.name, month.name)):
                rows.append(f"· {many(gap, 'month')} without articles")
            rows.append(_counted(month, Filters(month=month.name), self.width >= DETAILED))
        self.add_rows("by month", [*rows, *others])

    def add_rows(self, heading: str, rows: Sequence[_Row | str]) -> None:
        """Add names with bars under a heading, if there are any; a string is a row without a bar."""
        if rows:
            self._heading(heading)
            self._bars(rows)

    def add_openings(self, number: int) -> None:
        """Add the number of articles known only by their openings, and the ways to complete them."""
        self._heading("only an opening")
        if not number:
            self._text("None. Every article is whole in some capture.", "muted")
            return
        self._text(f"No capture in the library has more than the start of {many(number, 'article')}.", "text")
        self.add_option("list them", Filters(truncated=Show.ONLY))
        self.add_option("save the list as a file", SAVE)
        if permitted(Permission.FETCH):
            self.add_option("look for them in the Wayback Machine", FETCH)

    def add_option(self, text: str, opens: Opens) -> None:
        """Add a row that opens a list of articles or a screen."""
        self._add([Run(" › ", "strong"), Run(fit(text, self.width - 3))], opens)

    # Lines

    def _add(self, line: Line, opens: Opens | None = None) -> None:
        if opens is not None:
            top = len(self.lines)
            self.targets.append(Target(opens, top, top + 1, 0, self.width))
        self.lines.append(_cut(line, self.width))

    def _heading(self, text: str) -> None:
        if self.lines:
            self._add([])
        self._add([Run(f" {text.upper()}", "heading")])

    def _text(self, text: str, look: str) -> None:
        for span in wrap(text, self.width - 2):
            self._add([Run(" " + drawn(text, span), look)])

    def _bars(self, rows: Iterable[_Row | str]) -> None:
        with_bars = [row for row in rows if isinstance(row, _Row)]
        if not with_bars:
            return
        columns = [
            max(map(width_of, column)) for column in zip(*(row.ends for row in with_bars), strict=True)
        ]
        taken = sum(columns) + 2 * len(columns)
        names = min(
            max(width_of(sanitize(row.name)) for row in with_bars),
            _NAMES,
            max(8, (self.width - taken - 2) * 3 // 5),
        )
        room = self.width - names - taken - 4
        if room < _LEAST_BAR:
            names, room = max(4, self.width - taken - 2), 0
        most = max(sum(row.parts) for row in with_bars)
        for row in rows:
            if isinstance(row, str):
                self._add([Run(f"   {row}", "muted")])
                continue
            line = [Run(f" {pad(sanitize(row.name), names)}")]
            if room:
                bar = horizontal_bar(stack(row.parts, most, room, self._shaded), self._shaded)
                used = sum(width_of(run.text) for run in bar)
                line += [Run("  "), *bar, Run(" " * (room - used), GROUND)]
            for number, (end, width) in enumerate(zip(row.ends, columns, strict=True)):
                line.append(Run(f"  {end:>{width}}", "muted" if number else "text"))
            self._add(line, row.opens)


def _cut(line: Line, width: int) -> Line:
    """Cut a line to `width` cells."""
    result: Line = []
    for run in line:
        if width_of(run.text) > width:
            return [*result, Run(fit(run.text, width), run.look)]
        result.append(run)
        width -= width_of(run.text)
    return result


def _counted(count: Count, opens: Opens, detailed: bool) -> _Row:
    return _Row(count.name or "no date", count.shares, ends(count.articles, count.truncated, detailed), opens)


def ends(articles: int, truncated: int, detailed: bool) -> tuple[str, ...]:
    """The columns after a bar: how many articles, and if `detailed` how many of them are truncated."""
    cut = f"{truncated:,} truncated" if truncated else ""
    return (f"{articles:,}", cut) if detailed else (f"{articles:,}",)


def count_words(count: Count) -> str:
    """How many articles, and how many are whole, truncated and sponsored."""
    shares: Shares = count.shares
    parts = (
        (shares.whole + shares.completed, "whole"),
        (shares.truncated, "truncated"),
        (shares.sponsored, "sponsored"),
    )
    words = ", ".join(f"{number:,} {name}" for number, name in parts if number)
    return f"{many(count.articles, 'article')} · {words}"


def dates(first: str | None, last: str | None, detailed: bool) -> str:
    """The first and the last date, as days if `detailed`, else as months."""
    days = [(day or "")[: None if detailed else 7] for day in (first, last)]
    return " – ".join(dict.fromkeys(filter(None, days))) or "no date"


def percent(number: int, total: int) -> str:
    """A share in percent; 100% only for all, 0% only for none."""
    share = 100 * number / total if total else 0
    if number and share < 1:
        return "under 1%"
    return f"{min(share, 99) if number < total else share:.0f}%"
