"""The profile screen of an author or a sponsor: facts about them, and their articles by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.geometry import Size

from reader.app.people.descriptions import about, facts, why_sponsored
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.article_list import STARRED, UNREAD, badge_of
from reader.app.widgets.bars import HELP, Hint, Piece, key_line, title_line
from reader.app.widgets.grouped_list import GroupedList, PagedRows
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import TwoPaneScreen, has_one_pane
from reader.library import Library
from reader.library.listings.people import Profile, ProfileRow
from reader.sanitize import many, sanitize

WIDEST = 64
"""Columns of the facts beside the list, at most."""
ROOMY = 18
"""From this many lines on, there is a rule between the two parts."""


class ProfileList(GroupedList[ProfileRow]):
    """Articles: title and badge, then date and more, and for a sponsor how each was recognised as sponsored."""

    MARGIN = 2
    profile: Profile | None = None
    """Whose articles they are."""

    def __init__(self, *, sponsor: bool, id: str) -> None:
        self.ROW_LINES = 3 if sponsor else 2
        self._sponsor = sponsor
        super().__init__(id=id)

    def margin(self, row: ProfileRow, part: int) -> str:
        """Signs for unread and, below, for starred."""
        sign = (UNREAD if row.row.unread else "", STARRED if row.row.starred else "", "")[part]
        return sign or " " * self.MARGIN

    def draw(self, row: ProfileRow, part: int, width: int) -> list[tuple[str, str]]:
        """Draw one of the lines."""
        if part == 2:
            return [("list--detail", fit(why_sponsored(row), width))]
        if part:
            assert self.profile is not None
            return [("list--detail", fit(facts(row, self.profile, sponsor=self._sponsor), width))]
        style = "list--untitled" if row.row.untitled else "list--title"
        badge, badge_style = badge_of(row.row)
        if self._sponsor:
            badge = "TRUNCATED" if row.row.truncated else ""
        room = max(0, width - width_of(badge) - 2) if badge else width
        title = sanitize(row.row.title)
        if not badge:
            return [(style, fit(title, room))]
        return [(style, f"{pad(title, room)}  "), (badge_style, badge)]


class AboutView(LineView):
    """Shows the facts about an author or a sponsor."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "fact": "foreground",
        "label": "foreground bold",
        "said": "foreground italic",
        "note": "text-muted",
        "mark": "text-accent",
    }

    def column(self, width: int) -> tuple[int, int]:
        """Leave a cell on both sides."""
        return 1, max(2, width - 2)

    def rows_at(self, width: int) -> int:
        """How many rows the text needs in a view of `width` cells, including the scrollbar."""
        document = self.document
        if document is None:
            return 1
        text = self.column(max(0, width - self.styles.scrollbar_size_vertical))[1]
        return sum(len(document.lay_out(unit, text).rows) for unit in range(len(document)))


class ProfileScreen(TwoPaneScreen[int | None]):
    """Closes with the key of an article to read, or with None."""

    AUTO_FOCUS = "ProfileList"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("profile")

    def __init__(
        self, library: Library, name: str, choose_another: Callable[[bool], None], *, sponsor: bool
    ) -> None:
        """The profile of an author, or of a `sponsor`.

        `choose_another` opens the dialog of all authors, or with True of all sponsors.
        """
        self.listed = ProfileList(sponsor=sponsor, id="articles")
        self.about = AboutView(id="about")
        super().__init__(library, self.about, self.listed)
        self._subject = name
        self._choose_another = choose_another
        self._sponsor = sponsor
        self.companions: tuple[str, ...] = ()
        """The co-authors, once the profile is loaded."""

    def heading(self, width: int) -> list[Piece]:
        """The name and the number of articles."""
        profile = self.listed.profile
        count = "" if profile is None else f" {many(len(profile.keys), 'article')} "
        kind = "Sponsor" if self._sponsor else "Author"
        return title_line(f" {kind} ─ {sanitize(self._subject) or 'unknown'} ", width, Piece(count))

    def legend(self, width: int) -> list[Piece]:
        """A rule between the parts."""
        return [Piece("─" * width, "bar--rule")]

    def legend_rows(self, size: Size) -> int:
        """The rule needs room, and only stands between parts that are one above the other."""
        return has_one_pane(self, size.width) and size.height >= ROOMY

    def footer(self, width: int) -> list[Piece]:
        """The keys, with the part that Tab leads to."""
        hints: list[Hint] = [
            ("{panes.read}", "read", "open"),
            ("{panes.other}", "list" if self.focused is self.about else "about", "other"),
            ("{browse.authors}", "authors", "names(False)"),
            ("{browse.sponsors}", "sponsors", "names(True)"),
        ]
        return key_line(hints, (("{panes.back}", "back", "close"), HELP), "", width)

    def left(self, width: int) -> int:
        """Columns of the facts."""
        return min(WIDEST, width * 2 // 5) - 1

    def upper(self, rows: int) -> int:
        """Rows of the facts above the list."""
        return min(self.about.rows_at(self.app.size.width), max(2, rows * 2 // 5))

    def on_mount(self) -> None:
        """Start to load the profile."""
        self.listed.show(self.listed.model, 0, ("Looking…",))
        self.run_worker(self._show_profile())

    async def _show_profile(self) -> None:
        shown = await self.queries.ask(
            "profile", lambda own: own.profile(self._subject, sponsor=self._sponsor)
        )
        self.listed.profile = shown
        self.companions = tuple(name for name, _ in shown.companions)
        self.about.set_document(about(shown, sponsor=self._sponsor))
        note = () if shown.keys else ("None of their articles is in the library any more.",)
        years = [(year or "Without a date", count) for year, count in shown.years]
        rows = PagedRows(years, lambda start, stop: self.library.profile_rows(shown.keys[start:stop]))
        self.listed.show(rows, 0, note)
        self.refresh_bars()
        self.refresh(layout=True)

    def action_move(self, how: str) -> None:
        """Move to another article, or scroll the other part."""
        if self.focused is self.about:
            self.about.scroll_by_key(how)
        else:
            self.listed.move_by_key(how)

    def action_open(self) -> None:
        """Close with the article under the cursor."""
        if (row := self.listed.chosen) is not None:
            self.dismiss(row.row.key)

    def action_names(self, sponsors: bool) -> None:
        """Choose another author or sponsor."""
        self._choose_another(sponsors)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.listed.move(message.index)
        self.action_open()
