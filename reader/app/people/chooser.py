"""The dialogs of all authors and of all sponsors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.binding import BindingType

from reader.app.keys import hint
from reader.app.people.descriptions import article_counts, months, years
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import pad
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedRows
from reader.library import Library, fold, folded_words
from reader.library.listings.people import Name
from reader.sanitize import sanitize

_COUNT, _YEARS = 9, 11
_WIDE = 48
"""From this many cells on, there is room for the years."""


class NamesScreen(Chooser[Name]):
    """Closes with an author or a sponsor."""

    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    COUNTS = True
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("names")
    NOTHING: ClassVar[str] = "No name contains that."

    def __init__(
        self,
        queries: QueryWorker,
        heading: str,
        first: Collection[str],
        chosen: str | None,
        *,
        sponsors: bool,
    ) -> None:
        """Offer `sponsors`, else authors.

        `first`: folded names to list first, under the heading; `chosen`: the name that the articles are filtered by.
        """
        super().__init__("Sponsors" if sponsors else "Authors")
        self._queries = queries
        self._heading = heading
        self._first = first
        self._chosen = chosen
        self._sponsors = sponsors
        self._by_name = False
        self._show_keys()
        self._names: Sequence[tuple[str, ChooserRow[Name]]] | None = None
        """The rows with the folded names; None until they are counted."""

    def on_mount(self) -> None:
        """Count the names."""
        self.run_worker(self._count())

    async def _count(self) -> None:
        names = await self._queries.ask("names", Library.sponsors if self._sponsors else Library.authors)
        self._names = [(fold(name.name), _row(name)) for name in names]
        typed, cursor = self.entry.value, 0
        if not typed and self._chosen is not None:
            # The name that the list is filtered by, unless there are names under the heading.
            listed = [fold(row.result.name) for row in self.matching("").all]
            chosen = fold(self._chosen)
            if chosen in listed and listed[0] not in self._first:
                cursor = listed.index(chosen)
        self.show(typed, cursor)

    def draw(self, row: ChooserRow[Name], part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw name, years and number."""
        name = row.result
        facts = years(name).rjust(_YEARS) if width >= _WIDE else ""
        facts += f"{name.articles:,}".rjust(_COUNT if facts else 0)
        look = "list--title" if name.name else "list--untitled"
        return [(look, f"{pad(row.text, max(0, width - len(facts) - 1))} "), ("list--detail", facts)]

    def matching(self, text: str) -> GroupedRows[ChooserRow[Name]]:
        """The names with every word of `text`, those that begin with it first."""
        words = folded_words(text)
        matches = [pair for pair in self._names or () if all(word in pair[0] for word in words)]
        if self._by_name:
            matches.sort(key=lambda pair: (not pair[0], pair[0]))
        elif words:
            matches.sort(key=lambda pair: not pair[0].startswith(words[0]))
        listed_first = [row for name, row in matches if name in self._first]
        others = [row for name, row in matches if name not in self._first]
        everybody = "all Sponsors" if self._sponsors else "all Authors"
        return GroupedRows([(self._heading, listed_first), (everybody if listed_first else "", others)])

    def nothing(self) -> str:
        """Say why there are no names."""
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        return "No article here is sponsored." if self._sponsors else "No article here names an author."

    def action_order(self) -> None:
        """Switch between sorted by name and most articles first; the cursor stays on its row."""
        self._by_name = not self._by_name
        typed, chosen = self.entry.value, self.chosen
        listed = [row.result for row in self.matching(typed).all]
        # The row may not match the text that was typed last.
        self.show(typed, listed.index(chosen) if chosen in listed else 0)
        self._show_keys()

    def _show_keys(self) -> None:
        order = "most first" if self._by_name else "by name"
        self.box.show_keys(hint(f"{{panes.read}} shows · {{browse.order}} {order} · {{panes.back}} closes"))


def _row(name: Name) -> ChooserRow[Name]:
    facts = (article_counts(name, "article"), months(name))
    return ChooserRow(name, sanitize(name.name) or "Sponsor unknown", detail=" · ".join(filter(None, facts)))
