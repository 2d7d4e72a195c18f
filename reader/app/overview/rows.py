"""The rows of the overview: what is counted, its bar, and what it opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple

from reader.app.overview.bars import bar
from reader.app.text.wrapping import fit, pad
from reader.app.view import month_words
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.library import Filters, Show
from reader.library.listings.overview import Counts, Overview, Shares
from reader.permissions import Permission, permitted
from reader.sanitize import many, sanitize

AUTHORS, SPONSORS, SAVE, FETCH = "authors", "sponsors", "save_openings", "fetch_openings"
"""Actions of the main screen that rows open."""
Opens = Filters | str
"""The articles to list, or the name of an action."""

_NAME, _NUMBER, _NOTE = 28, 8, 28
"""Cells of the columns beside the bar."""
_DETAILED, _LEAST_BAR, _WIDEST_BAR = 70, 5, 60
"""From how many cells on rows have a note; the fewest and the most cells of a bar."""


class OverviewRow(NamedTuple):
    """Articles that are counted together, or an action."""

    name: str
    """Empty for the articles without a date."""
    opens: Opens
    shares: Shares = Shares()
    note: str = ""
    scale: int = 0
    """How many articles the longest bar of its group shows; 0 for an action."""


def overview_rows(overview: Overview) -> GroupedRows[OverviewRow]:
    """Lay out an overview as rows under headings."""
    counts = overview.counts
    sections = [
        OverviewRow(count.name, Filters(section=count.name), count.shares, _truncated(count.truncated))
        for count in counts.sections
    ]
    months = [
        OverviewRow(
            month_words(count.name).capitalize() if count.name else "",
            Filters(month=count.name),
            count.shares,
            _truncated(count.truncated),
        )
        for count in counts.months
    ]
    authors = _scaled(
        OverviewRow(
            author.name,
            Filters(author=author.name),
            Shares(whole=author.whole, truncated=author.truncated),
            _truncated(author.truncated),
        )
        for author in overview.authors
    )
    if overview.all_authors > len(authors):
        authors.append(OverviewRow(f"all {overview.all_authors:,} authors", AUTHORS))
    sponsors = _scaled(
        OverviewRow(
            sponsor.name or "Sponsor unknown",
            Filters(sponsor=sponsor.name),
            Shares(sponsored=sponsor.articles),
            " – ".join(dict.fromkeys(filter(None, (sponsor.first, sponsor.last)))) or "no date",
        )
        for sponsor in overview.sponsors
    )
    if overview.all_sponsors > len(sponsors):
        sponsors.append(OverviewRow(f"all {overview.all_sponsors:,} sponsors", SPONSORS))
    openings = []
    if counts.truncated:
        openings.append(OverviewRow("list them", Filters(truncated=Show.ONLY)))
        openings.append(OverviewRow("save the list as a file", SAVE))
        if permitted(Permission.FETCH):
            openings.append(OverviewRow("look for them in the Wayback Machine", FETCH))
    totals = f"{many(counts.articles, 'article')} in {many(counts.captures, 'capture')}"
    if counts.occurrences != counts.articles:
        totals += f", captured {counts.occurrences:,} times"
    if counts.problems:
        totals += f"; {many(counts.problems, 'problem')}"
    return GroupedRows(
        [
            (totals, _scaled(_kinds(counts))),
            ("by section", _scaled(sections)),
            ("authors", authors),
            ("by sponsor", sponsors),
            ("by month", _scaled(months)),
            (f"{counts.truncated:,} with only an opening", openings),
        ]
    )


def _kinds(counts: Counts) -> list[OverviewRow]:
    """How many articles are whole, truncated and sponsored; together all there are."""
    shares = counts.shares
    elsewhere = f", {shares.completed:,} from another capture" if shares.completed else ""
    cut_off = counts.truncated - shares.truncated
    paid = f", {cut_off:,} of them truncated" if cut_off else ""
    whole, truncated, sponsored = (
        _percent(number, counts.articles)
        for number in (shares.whole + shares.completed, shares.truncated, shares.sponsored)
    )
    return [
        OverviewRow(
            "whole",
            Filters(truncated=Show.HIDE, sponsored=Show.HIDE),
            Shares(whole=shares.whole, completed=shares.completed),
            f"{whole}{elsewhere}",
        ),
        OverviewRow(
            "truncated",
            Filters(truncated=Show.ONLY, sponsored=Show.HIDE),
            Shares(truncated=shares.truncated),
            truncated,
        ),
        OverviewRow(
            "sponsored",
            Filters(sponsored=Show.ONLY),
            Shares(sponsored=shares.sponsored),
            f"{sponsored}{paid}",
        ),
    ]


def _scaled(group: Iterable[OverviewRow]) -> list[OverviewRow]:
    """The rows, their bars on one scale. Without a date there is no bar, which would dwarf those of the months."""
    rows = list(group)
    scale = max((sum(row.shares) for row in rows if row.name), default=1)
    return [row._replace(scale=scale) for row in rows]


def _truncated(number: int) -> str:
    return f"{number:,} truncated" if number else ""


def _percent(number: int, total: int) -> str:
    """A share in percent; 100% only for all, 0% only for none."""
    share = 100 * number / total if total else 0
    if number and share < 1:
        return "under 1%"
    return f"{min(share, 99) if number < total else share:.0f}%"


class OverviewList(GroupedList[OverviewRow]):
    """One line each: name, number, bar and note."""

    ROW_LINES = 1
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {
        **GroupedList.LOOKS,
        "whole": "success",
        "completed": "primary",
        "truncated": "warning",
        "sponsored": "secondary",
    }

    def draw(self, row: OverviewRow, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw as many columns as there is room for."""
        if not row.scale:
            return [("list--mark", "› "), ("list--title", fit(row.name, width - 2))]
        name = min(_NAME, width // 2)
        number = f"{sum(row.shares):>{_NUMBER},}"
        note = _NOTE if width >= _DETAILED else 0
        room = min(_WIDEST_BAR, width - name - len(number) - 2 - note - 2)
        if room < _LEAST_BAR:
            name, room = max(4, width - len(number)), 0
        pieces = [("list--title", pad(sanitize(row.name) or "Without a date", name)), ("list--title", number)]
        if room and row.name:
            pieces += [("list--title", "  "), *bar(row.shares, row.scale, room)]
        if note and row.note:
            used = sum(len(text) for _, text in pieces[2:])
            pieces.append(("list--detail", " " * (room + 4 - used) + fit(row.note, note)))
        return pieces
