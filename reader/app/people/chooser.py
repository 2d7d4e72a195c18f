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
from reader.app.widgets.chooser import Chooser
from reader.app.widgets.grouped_list import GroupedRows
from reader.library import Library, fold, folded_words
from reader.library.listings.people import Name
from reader.sanitize import sanitize

SPONSOR_UNKNOWN = "Sponsor unknown"
_COUNT, _YEARS = 9, 11
_WIDE = 48
"""From this many cells on, there is room for the years."""


class NamesScreen(Chooser[Name, Name]):
    """Closes with an author or a sponsor."""

    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    COUNTS = True
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("names")
    NOTHING: ClassVar[str] = "No name contains that."
    TITLES: ClassVar[dict[bool, str]] = {False: "Authors", True: "Sponsors"}

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
        super().__init__(self.TITLES[sponsors])
        self._queries = queries
        self._heading = heading
        self._first = first
        self._chosen = chosen
        self._sponsors = sponsors
        self._by_name = False
        self._show_keys()
        self._names: Sequence[tuple[str, Name]] | None = None
        """Names with their folded forms; None until they are counted."""

    def on_mount(self) -> None:
        """Count the names."""
        self.run_worker(self._count())

    async def _count(self) -> None:
        names = await self._queries.ask("names", Library.sponsors if self._sponsors else Library.authors)
        self._names = [(fold(name.name), name) for name in names]
        typed = self.entry.value
        self.show(typed, 0 if typed else self.start())

    def draw(self, row: Name, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw name, years and number."""
        facts = years(row).rjust(_YEARS) if width >= _WIDE else ""
        facts += f"{row.articles:,}".rjust(_COUNT if facts else 0)
        room = max(0, width - len(facts) - 1)
        name = pad(sanitize(row.name) or SPONSOR_UNKNOWN, room)
        return [("list--title" if row.name else "list--untitled", f"{name} "), ("list--detail", facts)]

    def matching(self, text: str) -> GroupedRows[Name]:
        """The names with every word of `text`, those that begin with it first."""
        words = folded_words(text)
        matches = [pair for pair in self._names or () if all(word in pair[0] for word in words)]
        if self._by_name:
            matches.sort(key=lambda pair: (not pair[1].name, pair[0]))
        elif words:
            matches.sort(key=lambda pair: not pair[0].startswith(words[0]))
        listed_first = [name for folded, name in matches if folded in self._first]
        others = [name for folded, name in matches if folded not in self._first]
        rest = f"all {self.TITLES[self._sponsors]}" if listed_first else ""
        return GroupedRows([(self._heading, listed_first), (rest, others)])

    def start(self) -> int:
        """The first name under the heading, or else the name that the list is filtered by."""
        rows = self.matching("")
        listed = [fold(row.name) for row in rows.rows(0, len(rows))]
        chosen = None if self._chosen is None or listed[0:1] == [""] else fold(self._chosen)
        if chosen is None or chosen not in listed or listed[0] in self._first:
            return 0
        return listed.index(chosen)

    def nothing(self) -> str:
        """Explain why there are no names."""
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        return "No article here is sponsored." if self._sponsors else "No article here names an author."

    def detail(self, row: Name) -> str:
        """Number of articles, and first and last month."""
        return " · ".join(filter(None, (article_counts(row, "article"), months(row))))

    def action_order(self) -> None:
        """Switch between sorted by name and most articles first; the cursor stays on its row."""
        self._by_name = not self._by_name
        row = self.chosen
        typed = self.entry.value
        rows = self.matching(typed)
        listed = list(rows.rows(0, len(rows)))
        # The row may not match the text that was typed last.
        self.show(typed, listed.index(row) if row in listed else 0)
        self._show_keys()

    def _show_keys(self) -> None:
        order = "most first" if self._by_name else "by name"
        self.box.show_keys(hint(f"{{panes.read}} shows · {{browse.order}} {order} · {{panes.back}} closes"))
