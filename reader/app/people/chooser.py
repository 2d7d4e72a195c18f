"""The dialogs of all authors and of all sponsors."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import ClassVar, NamedTuple

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


class NamesRequest(NamedTuple):
    """Which names to offer."""

    sponsors: bool
    """Offer sponsors, not authors?"""
    heading: str
    first: Sequence[str]
    """Folded names to list first, under the heading."""
    chosen: str | None
    """The name that the list of articles is filtered by."""


class NamesScreen(Chooser[Name, Name]):
    """Closes with an author or a sponsor."""

    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    COUNTS = True
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("names")
    NOTHING: ClassVar[str] = "No name contains that."
    TITLES: ClassVar[dict[bool, str]] = {False: "Authors", True: "Sponsors"}

    def __init__(self, queries: QueryWorker, request: NamesRequest) -> None:
        super().__init__(self.TITLES[request.sponsors])
        self._queries = queries
        self._request = request
        self._by_name = False
        self._show_keys()
        self._names: Sequence[tuple[str, Name]] | None = None
        """Names with their folded forms; None until they are counted."""

    def on_mount(self) -> None:
        """Count the names."""
        super().on_mount()
        count = Library.sponsors if self._request.sponsors else Library.authors
        self.run_worker(self._show_counted(self._queries.ask("names", count)))

    async def _show_counted(self, counting: Awaitable[Sequence[Name]]) -> None:
        self._names = [(fold(name.name), name) for name in await counting]
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
        heading, first = self._request.heading, self._request.first
        listed_first = [name for folded, name in matches if folded in first]
        others = [name for folded, name in matches if folded not in first]
        return GroupedRows(
            [
                (heading, listed_first),
                (f"all {self.TITLES[self._request.sponsors]}" if listed_first else "", others),
            ]
        )

    def start(self) -> int:
        """The first name under the heading, or else the name that the list is filtered by."""
        rows = self.matching("")
        listed = [fold(row.name) for row in rows.rows(0, len(rows))]
        if (
            self._request.chosen is None
            or listed[:1] == [""]
            or (listed and listed[0] in self._request.first)
        ):
            return 0
        chosen = fold(self._request.chosen)
        return listed.index(chosen) if chosen in listed else 0

    def nothing(self) -> str:
        """Explain why there are no names."""
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        if self._request.sponsors:
            return "No article here is sponsored."
        return "No article here names an author."

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
