"""The sections dialog, with the saved searches below the sections."""

from __future__ import annotations

from collections.abc import Sequence

from reader.app.keys import key_for
from reader.app.notices import errors_shown, show_notice
from reader.app.text.wrapping import fit, width_of
from reader.app.threads import Write
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedRows
from reader.library import SavedSearch, SectionCount, fold, folded_words
from reader.sanitize import sanitize

Choice = SectionCount | SavedSearch


class SectionsScreen(Chooser[Choice], keys="sections"):
    """Closes with a section (without a name: all sections), a saved search, or None."""

    TITLE = "Sections"
    COUNTS = True
    PLACEHOLDER = "Type to filter"

    def __init__(
        self,
        sections: Sequence[SectionCount],
        chosen: str | None,
        searches: Sequence[SavedSearch],
        write: Write,
    ) -> None:
        """`chosen`: the section that is listed now; `searches`: the saved searches; `write` removes one."""
        names = [section.name for section in sections]
        super().__init__(start=names.index(chosen) + 1 if chosen in names else 0)
        self._sections = sections
        self._searches = list(searches)
        self._write = write

    def draw(self, row: ChooserRow[Choice], part: int, width: int) -> list[tuple[str, str]]:
        """Draw the name, with the count or the query."""
        if isinstance(row.result, SectionCount):
            return super().draw(row, part, width)
        name, query = fit(row.text, width), sanitize(row.result.query)
        room = width - width_of(name) - 2
        if query == row.text or room < 8:
            return [("list--title", name)]
        return [("list--title", f"{name}  "), ("list--detail", fit(query, room))]

    def matching(self, text: str) -> GroupedRows[ChooserRow[Choice]]:
        """The sections and searches with every word of `text` in their names, those that begin with it first."""
        everything = SectionCount("", sum(section.count for section in self._sections))
        sections: Sequence[Choice] = [everything, *self._sections]
        searches: Sequence[Choice] = self._searches
        if words := folded_words(text):
            sections, searches = _matching(words, self._sections), _matching(words, self._searches)
        return GroupedRows([("", map(_row, sections)), ("saved searches", map(_row, searches))])

    def action_remove(self, cut: bool) -> None:
        """Remove the saved search under the cursor, unless there is text to cut or to delete."""
        entry, chosen = self.entry, self.chosen
        if cut and not entry.selection.is_empty:
            entry.action_cut()
        elif not cut and not (entry.selection.is_empty and entry.cursor_at_end):
            entry.action_delete_right()
        elif isinstance(chosen, SavedSearch):
            self.app.run_worker(self._remove(chosen))

    async def _remove(self, search: SavedSearch) -> None:
        with errors_shown(self):
            await self._write(lambda own: own.state.remove_search(search.name))
            if search in self._searches and self.is_current:
                self._searches.remove(search)
                self.show(self.entry.value, self.rows.cursor or 0)
            show_notice(self, f"“{search.name}” removed; {key_for('state.undo')} brings it back")


def _matching(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    matches = [choice for choice in choices if all(word in fold(choice.name) for word in words)]
    return sorted(matches, key=lambda choice: not fold(choice.name).startswith(words[0]))


def _row(choice: Choice) -> ChooserRow[Choice]:
    if isinstance(choice, SectionCount):
        return ChooserRow(choice, choice.name or "All sections", f"{choice.count:,}")
    name, query = sanitize(choice.name), sanitize(choice.query)
    return ChooserRow(choice, name, detail=f"{query} ({key_for('sections.remove')} removes this search)")
