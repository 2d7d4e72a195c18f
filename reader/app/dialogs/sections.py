"""The sections dialog, with the saved searches below the sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.fuzzy import Matcher

from reader.app.keys import key_for
from reader.app.notices import errors_shown, show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.chooser import Chooser
from reader.app.widgets.grouped_list import GroupedRows
from reader.app.write_queue import Write
from reader.library import SavedSearch, SectionCount
from reader.sanitize import sanitize

Choice = SectionCount | SavedSearch


class SectionsScreen(Chooser[Choice, Choice]):
    """Closes with a section (without a name: all sections), a saved search, or None."""

    TITLE = "Sections"
    COUNTS = True
    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("sections")

    def __init__(
        self,
        sections: Sequence[SectionCount],
        chosen: str | None,
        searches: Sequence[SavedSearch],
        write: Write,
    ) -> None:
        """`searches`: the saved searches; `write` removes one."""
        super().__init__()
        self._sections = sections
        self._chosen = chosen
        self._searches = list(searches)
        self._write = write

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the name with the count or the query."""
        if isinstance(row, SectionCount):
            count = f"{row.count:,}"
            name = sanitize(row.name) or "All sections"
            return [("list--title", pad(name, max(0, width - width_of(count)))), ("list--detail", count)]
        name, query = fit(sanitize(row.name), width), sanitize(row.query)
        room = width - width_of(name) - 2
        if query == sanitize(row.name) or room < 8:
            return [("list--title", name)]
        return [("list--title", f"{name}  "), ("list--detail", fit(query, room))]

    def matching(self, text: str) -> GroupedRows[Choice]:
        """The sections and searches whose names have the letters of `text` in order, the best first."""
        if not text.strip():
            everything = SectionCount("", sum(section.count for section in self._sections))
            return GroupedRows([("", [everything, *self._sections]), ("saved searches", self._searches)])
        matcher = Matcher(text.strip())
        return GroupedRows(
            [("", _best(matcher, self._sections)), ("saved searches", _best(matcher, self._searches))]
        )

    def start(self) -> int:
        """The section that is listed now."""
        names = [section.name for section in self._sections]
        return names.index(self._chosen) + 1 if self._chosen in names else 0

    def detail(self, row: Choice) -> str:
        """The query of a saved search, and the key that removes it."""
        if not isinstance(row, SavedSearch):
            return ""
        return f"{sanitize(row.query)} ({key_for('sections.remove')} removes this search)"

    def action_remove(self, cut: bool) -> None:
        """Remove the saved search under the cursor, unless there is text to cut or to delete."""
        entry, row = self.entry, self.chosen
        if cut and not entry.selection.is_empty:
            entry.action_cut()
        elif not cut and not (entry.selection.is_empty and entry.cursor_at_end):
            entry.action_delete_right()
        elif isinstance(row, SavedSearch):
            self.app.run_worker(self._remove(row))

    async def _remove(self, search: SavedSearch) -> None:
        with errors_shown(self):
            await self._write(lambda own: own.state.remove_search(search.name))
            if search in self._searches and self.is_current:
                self._searches.remove(search)
                self.show(self.entry.value, self.rows.cursor or 0)
            show_notice(self, f"“{search.name}” removed; {key_for('state.undo')} brings it back")


def _best(matcher: Matcher, rows: Sequence[Choice]) -> list[Choice]:
    scored = [(matcher.match(row.name), row) for row in rows]
    return [row for _, row in sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])]
