"""The search screen: a query, what it finds as it is typed, and what a search can begin with."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from reader.app.keys import key_for
from reader.app.notices import errors_shown, show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.search.finds import LABEL, ORDERS, Finds
from reader.app.search.hit_list import EXAMPLES, Start
from reader.app.search.texts import RuleState
from reader.app.widgets.chooser import InMemory
from reader.app.widgets.entry_bar import EntryBar
from reader.app.widgets.grouped_list import GroupedList
from reader.library.search.results import Order


class SearchScreen(Finds):
    """Installed in the app, so that it is as it was left when it is shown again."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    SearchScreen {
        overflow: hidden;
        & > #query { height: 1; background: $panel; }
        & > #query > Static { width: auto; color: $text-accent; background: $panel; text-style: bold; }
        & > GroupedList { height: 1fr; }
        & > EntryBar { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("search")
    TAKES_CTRL_P = True
    """See `ReaderApp.check_action`."""
    entry: EntryBar

    def compose(self) -> ComposeResult:
        """The query, the rule, one of the two lists, the footer or the line for a name."""
        self.entry = EntryBar(id="entry")
        with Horizontal(id="query"):
            yield Static(LABEL, markup=False)
            yield self.line
        yield from (self.rule, self.hits, self.starts, self.footer, self.entry)

    def on_mount(self) -> None:
        """Begin with what a search can begin with."""
        self.hits.display = False
        self.set_focus(self.line, scroll_visible=False)
        self.list_starts()

    def on_screen_resume(self) -> None:
        """What is saved, read or starred may have changed meanwhile."""
        if self.starts.display:
            self.list_starts(self.starts.cursor or 0)
        else:
            self.renew_hits()

    # What a search can begin with

    def list_starts(self, cursor: int = 0) -> None:
        """Show saved searches, recent ones and examples."""
        recent = [Start("recent", query) for query in self.recent]
        examples = [Start("example", *example) for example in EXAMPLES]
        rows = InMemory([("saved searches", self._saved()), ("recent", recent), ("how to search", examples)])
        self.starts.show(rows, cursor)
        self.line.blame(None)
        self.rule.state = RuleState(said=self.starts.said)
        self.show_list(self.starts)
        self.update_footer()

    def _saved(self) -> Sequence[Start]:
        with errors_shown(self):
            return [Start("saved", search.query, search.name) for search in self.library.state.searches()]
        return ()

    @on(GroupedList.Clicked, "#starts")
    def _start_clicked(self, message: GroupedList.Clicked) -> None:
        self.starts.move(message.index)
        self.action_open()

    def action_remove(self) -> None:
        """Forget the saved search under the cursor."""
        cursor = self.starts.cursor if self.starts.display else None
        row = None if cursor is None else self.starts.row(cursor)
        if row is None or row.kind != "saved":
            return
        name = row.about
        done = f"“{name}” is removed; {key_for('state.undo')} on the main screen brings it back"
        self.app.run_worker(self._say_written(self.write(lambda own: own.state.remove_search(name)), done))

    async def _say_written(self, writing: Awaitable[object], done: str) -> None:
        with errors_shown(self):
            await writing
            if self.starts.display:
                self.list_starts()
            self.notice(done)

    def action_save(self) -> None:
        """Ask for a name and keep the search under it."""
        query = " ".join(self.line.value.split())
        if query and self.rule.state.fault is None and not self.entry.purpose:
            self.footer.display = False
            self.entry.open("save", "save as", query)

    def on_entry_bar_submitted(self, message: EntryBar.Submitted) -> None:
        """The name stands."""
        name, query = " ".join(message.text.split()), " ".join(self.line.value.split())
        self._stop_naming()
        if name:
            writing = self.write(lambda own: own.state.save_search(name, query))
            done = f"Saved as “{name}”: {key_for('filter.sections')} lists it below the sections"
            self.app.run_worker(self._say_written(writing, done))

    def _stop_naming(self) -> None:
        self.entry.close()
        self.footer.display = True
        self.set_focus(self.line, scroll_visible=False)

    def notice(self, sentence: str) -> None:
        """Say something in passing."""
        show_notice(self, sentence, seconds=4)

    # Keys

    def action_move(self, how: str) -> None:
        """Move the cursor of the list in sight."""
        if not self.entry.purpose:
            self.in_sight.move_by_key(how)
            self.moved()

    def action_other(self) -> None:
        """Give the keys to the list, or back to the query."""
        if not self.entry.purpose:
            self.set_focus(
                self.line if self.focused is self.in_sight else self.in_sight, scroll_visible=False
            )

    def action_query(self) -> None:
        """Type another query over the one there is."""
        if not self.entry.purpose:
            self.set_focus(self.line, scroll_visible=False)
            self.line.action_select_all()

    def action_order(self) -> None:
        """Newest first, or by relevance."""
        self.order = Order.RELEVANCE if self.order is Order.NEWEST else Order.NEWEST
        self.ask_again()
        if self._asked is None:
            self.notice(f"Searches are shown {ORDERS[self.order]}")

    def action_export(self) -> None:
        """Put the results, or the hit under the cursor, into a file."""
        from reader.app.dialogs.export import ExportScreen, an_article, what_is_found

        cursor = self.hits.cursor if self.hits.display else None
        if self.entry.purpose or self.answered is None or cursor is None:
            return
        with errors_shown(self):
            choices = [
                what_is_found(*self.answered),
                an_article(self.library.article(self.hits.row(cursor).row.key)),
            ]
            self.app.push_screen(ExportScreen(self.library, choices))

    def action_close(self) -> None:
        """Back to the main screen; out of the name first."""
        if self.entry.purpose:
            self._stop_naming()
        else:
            self.dismiss()

    def on_resize(self, _: events.Resize) -> None:
        """What an example finds is said elsewhere in a narrow terminal."""
        if self.starts.display:
            self.moved()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Other keys matter now."""
        self.update_footer()
