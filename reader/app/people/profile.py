"""The profile screen of an author or a sponsor: facts about them, and their articles by year."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen

from reader.app.people.descriptions import about, facts, why_sponsored
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.article_list import STARRED, UNREAD, badge_of
from reader.app.widgets.bars import HELP, Bar, Hint, key_line, title_line
from reader.app.widgets.bars import Piece as Words
from reader.app.widgets.grouped_list import GroupedList, Heading
from reader.app.widgets.line_view import LineView
from reader.library import Library
from reader.library.listings.people import Profile, ProfileRow
from reader.sanitize import many, sanitize

WIDE = 90
"""From this many columns on, both parts are side by side."""
ROOMY = 18
"""From this many lines on, there is a rule between them."""
_READ: Hint = ("{panes.read}", "read", "open")
_OTHERS: tuple[Hint, ...] = (
    ("{browse.authors}", "authors", "names(False)"),
    ("{browse.sponsors}", "sponsors", "names(True)"),
)
_BACK: Hint = ("{panes.back}", "back", "close")


class ProfileRows:
    """The articles of a profile, under years, as the rows of a list."""

    def __init__(self, library: Library, shown: Profile) -> None:
        self._library = library
        self._keys = shown.keys
        self.groups: list[Heading] = []
        first = 0
        for year, count in shown.years:
            self.groups.append(Heading(year or "Without a date", count, first))
            first += count

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, start: int, stop: int) -> Sequence[ProfileRow]:
        """The articles from `start` up to `stop` (excluded)."""
        return self._library.profile_rows(self._keys[start:stop])


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


class ProfileScreen(Screen[int | None]):
    """Closes with the key of an article to read, or with None."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    ProfileScreen {
        overflow: hidden;
        & > #parts { height: 1fr; }
        & > #parts > AboutView { height: 3; scrollbar-size-vertical: 1; }
        & > #parts > ProfileList { height: 1fr; }
        & > #parts.roomy > AboutView { border-bottom: solid $panel-lighten-2; }
        & > #parts.wide { layout: horizontal; }
        & > #parts.wide > AboutView { width: 40%; max-width: 64; height: 100%; border-right: solid $panel-lighten-2; }
        & > #parts.wide > ProfileList { width: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("profile")

    def __init__(
        self,
        library: Library,
        queries: QueryWorker,
        name: str,
        choose_another: Callable[[bool], None],
        *,
        sponsor: bool,
    ) -> None:
        """The profile of an author, or of a `sponsor`.

        `choose_another` opens the dialog of all authors, or with True of all sponsors.
        """
        super().__init__()
        self.library = library
        self.listed = ProfileList(sponsor=sponsor, id="articles")
        self.about = AboutView(id="about")
        self._queries = queries
        self._subject = name
        self._choose_another = choose_another
        self._sponsor = sponsor
        self.companions: tuple[str, ...] = ()
        """The co-authors, once the profile is loaded."""
        self._parts = Container(id="parts")
        self._foot = Bar(_keys, False, id="below")
        self._head = Bar(_heading, (self._kind, ""), id="above")

    @property
    def _kind(self) -> str:
        return f"{'Sponsor' if self._sponsor else 'Author'} ─ {sanitize(self._subject) or 'unknown'}"

    def compose(self) -> ComposeResult:
        """Name, the two parts, and keys."""
        yield self._head
        with self._parts:
            yield from (self.about, self.listed)
        yield self._foot

    def on_mount(self) -> None:
        """Start to load the profile."""
        self.set_focus(self.listed, scroll_visible=False)
        self.listed.show(self.listed.model, 0, ("Looking…",))
        loading = self._queries.ask("profile", lambda own: own.profile(self._subject, sponsor=self._sponsor))
        self.run_worker(self._show_profile(loading))

    async def _show_profile(self, loading: Awaitable[Profile]) -> None:
        shown = self.listed.profile = await loading
        self.companions = tuple(name for name, _ in shown.companions)
        self.about.set_document(about(shown, sponsor=self._sponsor))
        note = () if shown.keys else ("None of their articles is in the library any more.",)
        self.listed.show(ProfileRows(self.library, shown), 0, note)
        self._head.state = (self._kind, many(len(shown.keys), "article"))
        self._arrange(self.size.width, self.size.height)

    def on_resize(self, event: events.Resize) -> None:
        """Put the parts side by side if there is room, else one above the other."""
        self._arrange(*event.size)

    def _arrange(self, width: int, height: int) -> None:
        wide, roomy = width >= WIDE, width < WIDE and height >= ROOMY
        self._parts.set_class(wide, "wide")
        self._parts.set_class(roomy, "roomy")
        if wide:
            self.about.styles.height = None
        else:
            most = max(2, (height - 2) * 2 // 5)
            self.about.styles.height = min(self.about.rows_at(width), most) + roomy

    async def action_move(self, how: str) -> None:
        """Move to another article, or scroll the other part."""
        if self.focused is self.about:
            self.about.scroll_by_key(how)
        else:
            self.listed.move_by_key(how)

    def action_other(self) -> None:
        """Move focus to the other part."""
        self.set_focus(self.listed if self.focused is self.about else self.about, scroll_visible=False)

    def action_open(self) -> None:
        """Close with the article under the cursor."""
        if self.listed.cursor is not None:
            self.dismiss(self.listed.row(self.listed.cursor).row.key)

    def action_names(self, sponsors: bool) -> None:
        """Choose another author or sponsor."""
        self._choose_another(sponsors)

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.listed.move(message.index)
        self.action_open()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Show in the keys which part Tab leads to."""
        self._foot.state = self.focused is self.about


def _heading(state: tuple[str, str], width: int) -> list[Words]:
    title, count = state
    return title_line(f" {title} ", width, Words(f" {count} " if count else ""))


def _keys(in_about: bool, width: int) -> list[Words]:
    other: Hint = ("{panes.other}", "list" if in_about else "about", "other")
    return key_line((_READ, other, *_OTHERS), (_BACK, HELP), "", width)
