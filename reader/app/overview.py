"""The overview screen: counts of articles as bars; each bar opens its articles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from reader.app.keymap import screen_bindings
from reader.app.messages import errors_shown, report_error
from reader.app.text.wrapping import fit, pad
from reader.app.threads import POLL_SECONDS, QueryWorker
from reader.app.view import month_words, why_empty
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.panes import HELP, Bar, Piece, key_line, title_line
from reader.errors import LibraryError
from reader.library import Filters, Library, Show
from reader.library.overview import TOP, Count, Overview, Shares, bar
from reader.permissions import Permission, permitted
from reader.sanitize import many, sanitize

Opens = Filters | str
"""The articles to list, or a name for `Dialogs.open`."""

_NAME, _LONG_NAME, _NUMBER, _NOTE = 28, 40, 8, 28
"""Cells of the columns beside the bar; on a wide screen, a name may be longer."""
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
    shares = overview.shares
    seen = f", seen {overview.occurrences:,} times" if overview.occurrences != overview.articles else ""
    totals = f"{many(overview.articles, 'article')}{seen} in {many(overview.captures, 'capture')}"
    if overview.problems:
        totals += f"; {many(overview.problems, 'problem')}"
    # How many articles are whole, truncated and sponsored; together all there are.
    whole, truncated, sponsored = (
        _percent(number, overview.articles)
        for number in (shares.whole + shares.completed, shares.truncated, shares.sponsored)
    )
    if shares.completed:
        whole += f", {shares.completed:,} from another capture"
    if cut_off := overview.truncated - shares.truncated:
        sponsored += f", {cut_off:,} of them truncated"
    kinds = [
        OverviewRow(
            "whole",
            Filters(truncated=Show.HIDE, sponsored=Show.HIDE),
            Shares(whole=shares.whole, completed=shares.completed),
            whole,
        ),
        OverviewRow(
            "truncated",
            Filters(truncated=Show.ONLY, sponsored=Show.HIDE),
            Shares(truncated=shares.truncated),
            truncated,
        ),
        OverviewRow("sponsored", Filters(sponsored=Show.ONLY), Shares(sponsored=shares.sponsored), sponsored),
    ]
    sections = [_counted(count.name, Filters(section=count.name), count) for count in overview.sections]
    months = [
        _counted(month_words(count.name).capitalize() if count.name else "", Filters(month=count.name), count)
        for count in overview.months
    ]
    authors = [
        OverviewRow(
            author.name,
            Filters(author=author.name),
            Shares(whole=author.whole, truncated=author.truncated),
            _truncated(author.truncated),
        )
        for author in overview.authors[:TOP]
    ]
    sponsors = [
        OverviewRow(
            sponsor.name or "Sponsor unknown",
            Filters(sponsor=sponsor.name),
            Shares(sponsored=sponsor.articles),
            " – ".join(dict.fromkeys(filter(None, (sponsor.first, sponsor.last)))) or "no date",
        )
        for sponsor in overview.sponsors[:TOP]
    ]
    all_authors, all_sponsors, openings = [], [], []
    if len(overview.authors) > TOP:
        all_authors.append(OverviewRow(f"all {len(overview.authors):,} authors", "authors"))
    if len(overview.sponsors) > TOP:
        all_sponsors.append(OverviewRow(f"all {len(overview.sponsors):,} sponsors", "sponsors"))
    if overview.truncated:
        openings.append(OverviewRow("list them", Filters(truncated=Show.ONLY)))
        openings.append(OverviewRow("save the list as a file", "save_openings"))
        if permitted(Permission.FETCH):
            openings.append(OverviewRow("look for them in the Wayback Machine", "fetch_openings"))
    return GroupedRows(
        [
            (totals, _scaled(kinds)),
            ("by section", _scaled(sections)),
            ("by author", [*_scaled(authors), *all_authors]),
            ("by sponsor", [*_scaled(sponsors), *all_sponsors]),
            ("by month", _scaled(months)),
            (many(overview.truncated, "truncated story", "truncated stories"), openings),
        ]
    )


def _scaled(rows: Sequence[OverviewRow]) -> list[OverviewRow]:
    """The rows, their bars on one scale. Without a date there is no bar, which would dwarf those of the months."""
    scale = max((sum(row.shares) for row in rows if row.name), default=1)
    return [row._replace(scale=scale) for row in rows]


def _counted(name: str, filters: Filters, count: Count) -> OverviewRow:
    return OverviewRow(name, filters, count.shares, _truncated(count.truncated))


def _truncated(number: int) -> str:
    return f"{number:,} truncated" if number else ""


def _percent(number: int, total: int) -> str:
    """A share in percent; 100% only for all, 0% only for none."""
    share = 100 * number / total if total else 0
    if number and share < 1:
        return "under 1%"
    return f"{min(share, 99) if number < total else share:.0f}%"


def _shown_name(row: OverviewRow) -> str:
    return sanitize(row.name) or "Without a date"


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
        if not row.scale:
            return [("list--mark", "› "), ("list--title", fit(row.name, width - 2))]
        if is_spoken(self):
            words = [
                f"{_shown_name(row)}: {many(sum(row.shares), 'article')}",
                row.note.replace("%", " percent"),
            ]
            return [("list--title", fit(", ".join(filter(None, words)), width))]
        name = min(_NAME, width // 2) if width < 4 * _NAME else min(_LONG_NAME, width // 4)
        number = f"{sum(row.shares):>{_NUMBER},}"
        note = _NOTE if width >= _DETAILED else 0
        room = min(_WIDEST_BAR, width - name - len(number) - 2 - note - 2)
        if room < _LEAST_BAR:
            name, room = max(4, width - len(number)), 0
        pieces = [("list--title", pad(_shown_name(row), name)), ("list--title", number)]
        if room and row.name:
            pieces += [("list--title", "  "), *bar(row.shares, row.scale, room)]
        if note and row.note:
            used = sum(len(text) for _, text in pieces[2:])
            pieces.append(("list--detail", " " * (room + 4 - used) + fit(row.note, note)))
        return pieces


class OverviewScreen(Screen[Filters | None]):
    """Closes with the chosen articles, or None. Its other actions open over it."""

    AUTO_FOCUS = "OverviewList"
    DEFAULT_CSS = """
    OverviewScreen {
        overflow: hidden;
        & > OverviewList { height: 1fr; }
    }
    """
    BINDINGS = screen_bindings("overview")

    def __init__(
        self,
        library: Library,
        title: str,
        opens: Opens | None,
        filling: Callable[[], bool],
        open_above: Callable[[str], None],
    ) -> None:
        """`opens`: what the row under the cursor opened last time; `filling`: are captures being read?

        `open_above` runs an action, given its name for `Dialogs.open`.
        """
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, self._show_failure)
        self.list = OverviewList(id="overview")
        self._opened = opens
        self._title = title
        self._filling = filling
        self._open_above = open_above
        self._content = -1
        """The stamp of the content that was counted last."""

    def compose(self) -> ComposeResult:
        yield Bar(self._heading, id="above")
        yield self.list
        yield Bar(_footer, id="below")

    def on_mount(self) -> None:
        self.list.show(GroupedRows(()), 0, ("Counting…",))
        self.recount()
        self.set_interval(POLL_SECONDS, self.recount)

    def on_unmount(self) -> None:
        self.queries.close()

    def recount(self) -> None:
        with errors_shown(self):
            content = self.library.stamps().content
            if content != self._content and not self.queries.busy():
                self._content = content
                self.run_worker(self._show_count(self.queries.ask("overview", Library.overview)))

    async def _show_count(self, counting: Awaitable[Overview]) -> None:
        counted = await counting
        if not counted.articles:
            note = why_empty(self.library, self.library.totals(), filling=self._filling(), filtered=False)
            self.list.show(GroupedRows(()), 0, note)
            return
        rows = overview_rows(counted)
        opened = [row.opens for row in rows.all]
        cursor = opened.index(self.opens) if self.opens in opened else self.list.cursor or 0
        self.list.show(rows, cursor)

    def _show_failure(self, error: LibraryError) -> None:
        """In the query worker's thread: show why nothing was counted, also in place of “Counting…”."""
        report_error(self, error)
        self.app.call_from_thread(self.list.reread, (str(error),))

    def _heading(self, width: int) -> list[Piece]:
        return title_line(f" Overview ─ {sanitize(self._title)} ", width)

    @property
    def opens(self) -> Opens | None:
        """What the row under the cursor opens; until there are rows, what was opened last time."""
        return self._opened if (row := self.list.chosen) is None else row.opens

    def action_move(self, how: str) -> None:
        self.list.move_by_key(how)

    def action_choose(self) -> None:
        if (row := self.list.chosen) is None:
            return
        if isinstance(row.opens, str):
            self._open_above(row.opens)
        else:
            self.dismiss(row.opens)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.list.move(message.index)
        self.action_choose()


def _footer(width: int) -> list[Piece]:
    hints = (("{panes.read}", "show", "choose"), ("{move.down}/{move.up}", "move", "move('down')"))
    return key_line(hints, (("{panes.back}", "back", "dismiss(None)"), HELP), "", width)
