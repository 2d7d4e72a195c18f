"""The section picker, with the saved searches below the sections."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.fuzzy import Matcher

from reader.app.keys import key_for
from reader.app.notices import errors_shown, show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.cells import fit, pad
from reader.app.text.wrapping import width_of
from reader.app.widgets.chooser import Chooser, GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.app.write_queue import Write
from reader.library import SavedSearch, SectionCount
from reader.sanitize import sanitize

Choice = SectionCount | SavedSearch


class SectionList(GroupedList[Choice]):
    """Sections and searches, a line each: name and count, or name and query."""

    ROW_LINES = 1

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """What it is called, and how much or what it finds."""
        if isinstance(row, SectionCount):
            count = f"{row.count:,}"
            name = sanitize(row.name) or "All sections"
            return [("list--title", pad(name, max(0, width - width_of(count)))), ("list--detail", count)]
        name, query = fit(sanitize(row.name), width), sanitize(row.query)
        room = width - width_of(name) - 2
        if query == sanitize(row.name) or room < 8:
            return [("list--title", name)]
        return [("list--title", f"{name}  "), ("list--detail", fit(query, room))]


class SectionsScreen(Chooser[Choice, Choice]):
    """Answers with a section, one without a name for all of them, with a saved search, or with None."""

    TITLE = "Sections"
    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("sections")

    def __init__(
        self,
        sections: Sequence[SectionCount],
        chosen: str | None,
        searches: Sequence[SavedSearch],
        write: Write,
    ) -> None:
        """`searches` are the saved ones, which `write` can remove."""
        super().__init__(SectionList())
        self._sections = sections
        self._chosen = chosen
        self._searches = list(searches)
        self._write = write

    def matching(self, text: str) -> GroupedRows[Choice]:
        """What has the letters of `text` in its name, in order, the best first."""
        if not text.strip():
            everything = SectionCount("", sum(section.count for section in self._sections))
            return GroupedRows([("", [everything, *self._sections]), ("saved searches", self._searches)])
        matcher = Matcher(text.strip())
        return GroupedRows(
            [("", _best(matcher, self._sections)), ("saved searches", _best(matcher, self._searches))]
        )

    def start(self) -> int:
        """The section that is shown now."""
        names = [section.name for section in self._sections]
        return names.index(self._chosen) + 1 if self._chosen in names else 0

    def detail(self, row: Choice) -> str:
        """What a saved search looks for, and that it can be removed."""
        return (
            f"{sanitize(row.query)} ({key_for('sections.remove')} removes this search)"
            if isinstance(row, SavedSearch)
            else ""
        )

    def result(self, row: Choice) -> Choice:
        """The row itself."""
        return row

    def action_remove(self, cut: bool) -> None:
        """Forget the saved search under the cursor, unless there is text to cut or to delete."""
        entry, cursor = self.entry, self.rows.cursor
        if cut and not entry.selection.is_empty:
            entry.action_cut()
        elif not cut and not (entry.selection.is_empty and entry.cursor_at_end):
            entry.action_delete_right()
        elif cursor is not None:
            row = self.rows.row(cursor)
            if isinstance(row, SavedSearch):
                writing = self._write(lambda own: own.state.remove_search(row.name))
                self.app.run_worker(self._show_removed(row, writing))

    async def _show_removed(self, search: SavedSearch, writing: Awaitable[object]) -> None:
        with errors_shown(self):
            await writing
            if search in self._searches and self.is_current:
                self._searches.remove(search)
                self.show(self.entry.value, self.rows.cursor or 0)
            show_notice(self, f"“{search.name}” is removed; {key_for('state.undo')} brings it back")


def _best(matcher: Matcher, rows: Sequence[Choice]) -> list[Choice]:
    scored = [(matcher.match(row.name), row) for row in rows]
    return [row for _, row in sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])]
