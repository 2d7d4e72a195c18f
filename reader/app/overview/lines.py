"""The overview as lines for a width, and what on them opens something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from reader.app.overview.charts import GROUND, Cell, Run, chart, is_month, lying, months_between, split, stack
from reader.app.text.cells import fit, pad
from reader.app.text.wrapping import drawn, width_of, wrap
from reader.app.view import month_words
from reader.library import Filters, Show
from reader.library.listings.counts import Count, Shares
from reader.library.listings.overview import Overview
from reader.permissions import Permission, permitted
from reader.sanitize import many, sanitize


def ends(articles: int, truncated: int, detailed: bool) -> tuple[str, ...]:
    """What is said at the end of a row: how many, and, where there is room, how many of them are cut off."""
    cut = f"{truncated:,} truncated" if truncated else ""
    return (f"{articles:,}", cut) if detailed else (f"{articles:,}",)


def in_words(count: Count) -> str:
    """How many articles, and how many of them are whole, truncated and sponsored."""
    shares: Shares = count.shares
    told = (
        (shares.whole + shares.completed, "whole"),
        (shares.truncated, "truncated"),
        (shares.sponsored, "sponsored"),
    )
    parts = ", ".join(f"{number:,} {name}" for number, name in told if number)
    return f"{many(count.articles, 'article')} · {parts}"


def dates(first: str | None, last: str | None, detailed: bool) -> str:
    """From when till when, by days or by months."""
    days = [(day or "")[: None if detailed else 7] for day in (first, last)]
    return " – ".join(dict.fromkeys(filter(None, days))) or "no date"


def percent(number: int, total: int) -> str:
    """A share; nothing but all is 100 %, and nothing but none is 0 %."""
    share = 100 * number / total if total else 0
    if number and share < 1:
        return "under 1 %"
    return f"{min(share, 99) if number < total else share:.0f} %"


WIDEST: Final = 120
"""The most cells of a line."""
CHARTED: Final = 60
"""From so many cells on months stand side by side."""
DETAILED: Final = 70
"""From so many cells on rows say more than a number."""
_LEAST_BAR: Final = 5
_NAMES: Final = 28
"""The most cells of a name."""

AUTHORS, SPONSORS, SAVE, FETCH = "authors", "sponsors", "save_openings", "fetch_openings"
"""What opens no choice of articles: actions of the main screen."""

Opens = Filters | str
"""The articles that something opens, or the name of an action."""
Line = list[Run]


class Target(NamedTuple):
    """Something that opens something, and the cells it takes up."""

    opens: Opens
    top: int
    bottom: int
    """The line after its last."""
    start: int
    end: int
    """The cell after its last."""
    says: tuple[int, str] | None = None
    """Where and what more is said of it while it is under the cursor."""


class Sheet(NamedTuple):
    """All lines, and what on them opens something, from above to below and from left to right."""

    lines: list[Line]
    targets: list[Target]


class _Row(NamedTuple):
    """A name with a bar and what is said at its end."""

    name: str
    parts: Sequence[int]
    ends: tuple[str, ...]
    opens: Opens


def lay_out(overview: Overview, width: int, height: int, shaded: bool) -> Sheet:
    """The overview for a view of `width` cells and `height` lines.

    `shaded`: no colours tell the parts of bars apart.
    """
    made = _Making(max(20, min(width, WIDEST)), height, shaded)
    counts = overview.counts
    made.shares(overview)
    made.months(counts.months)
    detailed = made.width >= DETAILED
    made.rows(
        "by section",
        [_counted(one, Filters(section=one.name), detailed) for one in counts.sections],
    )
    made.rows(
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
        made.option(f"all {overview.all_authors:,} authors", AUTHORS)
    made.rows(
        "sponsors and what they paid for",
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
        made.option(f"all {overview.all_sponsors:,} sponsors", SPONSORS)
    made.openings(counts.truncated)
    return Sheet(made.lines, made.targets)


class _Making:
    """Lines that are being made."""

    def __init__(self, width: int, height: int, shaded: bool) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.targets: list[Target] = []
        self._height = height
        self._shaded = shaded

    # Parts

    def shares(self, overview: Overview) -> None:
        """How much there is, and how much of it is whole."""
        counts = overview.counts
        seen = f", seen {counts.sightings:,} times" if counts.sightings != counts.articles else ""
        lost = f"; {many(counts.problems, 'file')} not read, or in part" if counts.problems else ""
        self._text(
            f"{many(counts.articles, 'article')} in {many(counts.captures, 'capture')}{seen}{lost}", "text"
        )
        self._add([])
        self._add([Run(" "), *lying(split(counts.shares, self.width - 2), self._shaded)])
        shares = counts.shares
        whole = Filters(truncated=Show.HIDE, sponsored=Show.HIDE)
        cut = Filters(truncated=Show.ONLY, sponsored=Show.HIDE)
        elsewhere = "of them from another capture" if self.width >= DETAILED else "from another capture"
        rows: tuple[tuple[int, str, int, Opens | None], ...] = (
            (0, "whole", shares.whole + shares.completed, whole),
            (1, elsewhere, shares.completed, None),
            (2, "truncated", shares.truncated, cut),
            (3, "sponsored", shares.sponsored, Filters(sponsored=Show.ONLY)),
        )
        rows = tuple(row for row in rows if row[2] or row[0] != 1)
        names = max(width_of(name) for _, name, _, _ in rows)
        numbers = max(len(f"{number:,}") for _, _, number, _ in rows)
        for part, name, number, opens in rows:
            said = f" {name:{names}}  {number:{numbers},}"
            share = Run(f"  {percent(number, counts.articles):>4}", "muted")
            self._add(
                [
                    Run(" "),
                    *lying([Cell(part)], self._shaded),
                    Run(said, "text" if opens else "muted"),
                    share,
                ],
                opens if number else None,
            )

    def months(self, months: Sequence[Count]) -> None:
        """The months as a chart where there is room, else as rows; what has no date as a row."""
        dated = [month for month in months if is_month(month.name)]
        detailed = self.width >= DETAILED
        others = [
            _counted(month, Filters(month=month.name), detailed)
            for month in months
            if not is_month(month.name)
        ]
        rows = max(4, min(10, self._height // 4))
        made = chart(dated, self.width - 1, rows, self._shaded) if self.width >= CHARTED else None
        if made is None:
            self._month_rows(dated, others)
            return
        self._heading("by month")
        top = len(self.lines)
        said = top + len(made.lines)
        for line in made.lines:
            self._add(line)
        self._add([Run(" ← → go from month to month", "muted")])
        self.targets += [
            Target(
                Filters(month=column.month.name),
                top,
                said - 1,
                column.start,
                column.end,
                (said, f" {month_words(column.month.name)}: {in_words(column.month)}"),
            )
            for column in made.columns
        ]
        self._bars(others)

    def _month_rows(self, dated: Sequence[Count], others: list[_Row]) -> None:
        """A row a month; where months without articles are between, how many."""
        rows: list[_Row | str] = []
        for before, month in zip([None, *dated], dated, strict=False):
            if before is not None and (gap := months_between(before.name, month.name)):
                rows.append(f"· {many(gap, 'month')} without articles")
            rows.append(_counted(month, Filters(month=month.name), self.width >= DETAILED))
        self.rows("by month", [*rows, *others])

    def rows(self, heading: str, rows: Sequence[_Row | str]) -> None:
        """Names with bars under a heading; a text among them stands by itself. Nothing where there is none."""
        if rows:
            self._heading(heading)
            self._bars(rows)

    def openings(self, number: int) -> None:
        """The stories known only by their openings, and what can be done about them."""
        self._heading("known only by their openings")
        if not number:
            self._text("None: every article is whole in some capture.", "muted")
            return
        self._text(
            f"{many(number, 'article')} of which no capture in the library has more than the start.", "text"
        )
        self.option("list them", Filters(truncated=Show.ONLY))
        self.option("save the list as a file", SAVE)
        if permitted(Permission.FETCH):
            self.option("look for them in the Wayback Machine", FETCH)

    def option(self, does: str, opens: Opens) -> None:
        """A row that does something."""
        self._add([Run(" › ", "strong"), Run(fit(does, self.width - 3))], opens)

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
        own = [row for row in rows if isinstance(row, _Row)]
        if not own:
            return
        columns = [max(map(width_of, column)) for column in zip(*(row.ends for row in own), strict=True)]
        taken = sum(columns) + 2 * len(columns)
        names = min(
            max(width_of(sanitize(row.name)) for row in own),
            _NAMES,
            max(8, (self.width - taken - 2) * 3 // 5),
        )
        room = self.width - names - taken - 4
        if room < _LEAST_BAR:
            names, room = max(4, self.width - taken - 2), 0
        most = max(sum(row.parts) for row in own)
        for row in rows:
            if isinstance(row, str):
                self._add([Run(f"   {row}", "muted")])
                continue
            line = [Run(f" {pad(sanitize(row.name), names)}")]
            if room:
                bar = lying(stack(row.parts, most, room, self._shaded), self._shaded)
                used = sum(width_of(run.text) for run in bar)
                line += [Run("  "), *bar, Run(" " * (room - used), GROUND)]
            for number, (end, width) in enumerate(zip(row.ends, columns, strict=True)):
                line.append(Run(f"  {end:>{width}}", "muted" if number else "text"))
            self._add(line, row.opens)


def _cut(line: Line, width: int) -> Line:
    """A line in at most `width` cells."""
    done: Line = []
    for run in line:
        if width_of(run.text) > width:
            return [*done, Run(fit(run.text, width), run.look)]
        done.append(run)
        width -= width_of(run.text)
    return done


def _counted(count: Count, opens: Opens, detailed: bool) -> _Row:
    return _Row(count.name or "no date", count.shares, ends(count.articles, count.truncated, detailed), opens)
