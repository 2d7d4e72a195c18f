"""The dialogs of all authors and of all sponsors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from reader.app.people.descriptions import how_much, months, years
from reader.app.query_worker import QueryWorker
from reader.app.screen_keys import screen_bindings
from reader.app.text.cells import fit, pad
from reader.app.widgets.bar_texts import Hint, Piece, key_line
from reader.app.widgets.bars import Bar
from reader.app.widgets.chooser import Chooser, GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.library import Library, fold, folded_words
from reader.library.listings.names import Name
from reader.sanitize import sanitize

Known = dict[bool, tuple[int, Sequence[Name]]]
"""The last count of authors (False) and sponsors (True), each with the stamp of the content that was counted."""
SPONSOR_UNKNOWN = "Sponsor unknown"
_COUNT, _YEARS = 9, 11
_WIDE = 48
"""From this many cells on, there is room for the years."""
_CLOSE: Hint = ("{panes.back}", "close", "dismiss(None)")


class NameList(GroupedList[Name]):
    """Names, one line each, with years and number of articles."""

    ROW_LINES = 1

    def draw(self, row: Name, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw name, years and number."""
        facts = years(row).rjust(_YEARS) if width >= _WIDE else ""
        facts += f"{row.articles:,}".rjust(_COUNT if facts else 0)
        room = max(0, width - len(facts) - 1)
        name = pad(sanitize(row.name) or SPONSOR_UNKNOWN, room)
        return [("list--title" if row.name else "list--untitled", f"{name} "), ("list--detail", facts)]


class NamesScreen(Chooser[Name, Name]):
    """Closes with an author or a sponsor."""

    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("names")
    NOTHING: ClassVar[str] = "Nobody has that in the name."
    TITLES: ClassVar[dict[bool, str]] = {False: "Authors", True: "Sponsors"}

    class Counted(Message):
        """The names have been counted, most articles first."""

        def __init__(self, stamp: int, names: Sequence[Name]) -> None:
            super().__init__()
            self.stamp = stamp
            self.names = names

    def __init__(
        self,
        queries: QueryWorker,
        known: Known,
        stamp: int,
        first: tuple[str, Sequence[str]],
        chosen: str | None,
        *,
        sponsors: bool,
    ) -> None:
        """`known`: the last counts, which this dialog renews; `stamp`: that of the library's content now.

        `first`: a heading, and the folded names to list under it; `chosen`: the name that the list is filtered by.
        """
        super().__init__(NameList(), self.TITLES[sponsors])
        self._queries = queries
        self._known = known
        self._stamp = stamp
        self._first = first
        self._chosen = chosen
        self._sponsors = sponsors
        self._by_name = False
        self._keys = Bar(_keys, False, id="keys")
        self._names: Sequence[tuple[str, Name]] | None = None
        """Names with their folded forms; None until they are counted."""

    def foot(self) -> Iterable[Widget]:
        """The keys."""
        yield self._keys

    def on_mount(self) -> None:
        """Show the names, or count them."""
        super().on_mount()
        stamp, names = self._known.get(self._sponsors, (None, ()))
        if stamp == self._stamp:
            self._show_names(names)
            return

        def question(own: Library) -> None:
            stamp = own.stamps().content
            self.post_message(self.Counted(stamp, own.sponsors() if self._sponsors else own.authors()))

        self._queries.ask("names", question)

    def on_names_screen_counted(self, message: Counted) -> None:
        """Keep and show the names."""
        self._known[self._sponsors] = message.stamp, message.names
        self._show_names(message.names)

    def _show_names(self, names: Sequence[Name]) -> None:
        self._names = [(fold(name.name), name) for name in names]
        typed = self.entry.value
        self.show(typed, 0 if typed else self.start())

    def matching(self, text: str) -> GroupedRows[Name]:
        """The names with every word of `text`, those that begin with it first."""
        words = folded_words(text)
        matches = [pair for pair in self._names or () if all(word in pair[0] for word in words)]
        if self._by_name:
            matches.sort(key=lambda pair: (not pair[1].name, pair[0]))
        elif words:
            matches.sort(key=lambda pair: not pair[0].startswith(words[0]))
        heading, first = self._first
        listed_first = [name for folded, name in matches if folded in first]
        others = [name for folded, name in matches if folded not in first]
        return GroupedRows(
            [
                (heading, listed_first),
                (f"all {self.TITLES[self._sponsors]}" if listed_first else "", others),
            ]
        )

    def start(self) -> int:
        """The first name under the heading, or else the name that the list is filtered by."""
        rows = self.matching("")
        listed = [fold(row.name) for row in rows.rows(0, len(rows))]
        if self._chosen is None or listed[:1] == [""] or (listed and listed[0] in self._first[1]):
            return 0
        chosen = fold(self._chosen)
        return listed.index(chosen) if chosen in listed else 0

    def nothing(self) -> str:
        """Why there are no names."""
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        if self._sponsors:
            return "No article here is marked as paid for."
        return "No article here names its author."

    def detail(self, row: Name) -> str:
        """Number of articles, and first and last month."""
        return " · ".join(
            filter(None, (how_much(row, "piece" if self._sponsors else "article"), months(row)))
        )

    def action_order(self) -> None:
        """Switch between sorted by name and most articles first; the cursor stays on its row."""
        self._by_name = not self._by_name
        row = self.chosen
        typed = self.entry.value
        rows = self.matching(typed)
        listed = list(rows.rows(0, len(rows)))
        # The row may not match the text that was typed last.
        self.show(typed, listed.index(row) if row in listed else 0)
        self._keys.state = self._by_name


def _keys(by_name: bool, width: int) -> list[Piece]:
    order = "most first" if by_name else "by name"
    hints: tuple[Hint, ...] = (("{panes.read}", "show", "choose"), ("{browse.order}", order, "order"))
    return [Piece(fit(piece.text, width), *piece[1:]) for piece in key_line(hints, _CLOSE, "", width)]
