"""The choosers of authors and sponsors: everybody, narrowed down as one types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from reader.app.people.texts import how_much, months, years
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
"""Authors, and by True sponsors, as they were counted last, with the stamp of the library's content then."""
SPONSOR_UNKNOWN = "Sponsor unknown"
_COUNT, _YEARS = 9, 11
_WIDE = 48
"""From so many cells on there is room for the years."""
_CLOSE: Hint = ("{panes.back}", "close", "dismiss(None)")


class NameList(GroupedList[Name]):
    """Names, a line each: since when and until when, and how many articles."""

    ROW_LINES = 1

    def draw(self, row: Name, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The name, the years, the number."""
        said = years(row).rjust(_YEARS) if width >= _WIDE else ""
        said += f"{row.articles:,}".rjust(_COUNT if said else 0)
        room = max(0, width - len(said) - 1)
        name = pad(sanitize(row.name) or SPONSOR_UNKNOWN, room)
        return [("list--title" if row.name else "list--untitled", f"{name} "), ("list--detail", said)]


class NamesScreen(Chooser[Name, Name]):
    """Answers with an author or a sponsor."""

    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("names")
    NOTHING: ClassVar[str] = "Nobody has that in the name."
    TITLES: ClassVar[dict[bool, str]] = {False: "Authors", True: "Sponsors"}

    class Counted(Message):
        """Who there is, most articles first, at a stamp of the library's content."""

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
        """`known` is kept from one time to the next; `stamp` is that of the library's content now.

        `first`: a heading, and the folded names to stand below it; `chosen`: who is listed now.
        """
        super().__init__(NameList())
        self._queries = queries
        self._known = known
        self._stamp = stamp
        self._first = first
        self._chosen = chosen
        self._sponsors = sponsors
        self._by_name = False
        self._keys = Bar(_keys, False, id="keys")
        self._names: Sequence[tuple[str, Name]] | None = None
        """Folded names, and who they are; None until they are counted."""

    def foot(self) -> Iterable[Widget]:
        """Which keys there are."""
        yield self._keys

    def on_mount(self) -> None:
        """Have everybody counted."""
        super().on_mount()
        from textual.content import Content

        self.query_one("#dialog").border_title = Content(self.TITLES[self._sponsors])
        stamp, names = self._known.get(self._sponsors, (None, ()))
        if stamp == self._stamp:
            self._take(names)
            return

        def question(own: Library) -> None:
            stamp = own.stamps().content
            self.post_message(self.Counted(stamp, own.sponsors() if self._sponsors else own.authors()))

        self._queries.ask("names", question)

    def on_names_screen_counted(self, message: Counted) -> None:
        """Show them, as far as they match what has been typed meanwhile."""
        self._known[self._sponsors] = message.stamp, message.names
        self._take(message.names)

    def _take(self, names: Sequence[Name]) -> None:
        self._names = [(fold(name.name), name) for name in names]
        typed = self.entry.value
        self.show(typed, 0 if typed else self.start())

    def matching(self, text: str) -> GroupedRows[Name]:
        """Whoever has every word of `text` in the name; those whose name begins so first."""
        words = folded_words(text)
        found = [pair for pair in self._names or () if all(word in pair[0] for word in words)]
        if self._by_name:
            found.sort(key=lambda pair: (not pair[1].name, pair[0]))
        elif words:
            found.sort(key=lambda pair: not pair[0].startswith(words[0]))
        heading, first = self._first
        own = [name for folded, name in found if folded in first]
        others = [name for folded, name in found if folded not in first]
        return GroupedRows([(heading, own), (f"all {self.TITLES[self._sponsors]}" if own else "", others)])

    def start(self) -> int:
        """Whoever the article is by; else whoever is listed now."""
        rows = self.matching("")
        listed = [fold(row.name) for row in rows.rows(0, len(rows))]
        if self._chosen is None or listed[:1] == [""] or (listed and listed[0] in self._first[1]):
            return 0
        chosen = fold(self._chosen)
        return listed.index(chosen) if chosen in listed else 0

    def nothing(self) -> str:
        """Why nobody is shown."""
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        if self._sponsors:
            return "No article here is marked as paid for."
        return "No article here names its author."

    def detail(self, row: Name) -> str:
        """How much there is."""
        return " · ".join(
            filter(None, (how_much(row, "piece" if self._sponsors else "article"), months(row)))
        )

    def result(self, row: Name) -> Name:
        """The row itself."""
        return row

    def action_order(self) -> None:
        """By name, or most articles first; the cursor stays on its row."""
        self._by_name = not self._by_name
        cursor = self.rows.cursor
        row = None if cursor is None else self.rows.row(cursor)
        typed = self.entry.value
        rows = self.matching(typed)
        listed = list(rows.rows(0, len(rows)))
        # What was typed last may not be listed yet.
        self.show(typed, listed.index(row) if row in listed else 0)
        self._keys.state = self._by_name


def _keys(by_name: bool, width: int) -> list[Piece]:
    order = "most first" if by_name else "by name"
    hints: tuple[Hint, ...] = (("{panes.read}", "show", "choose"), ("{browse.order}", order, "order"))
    return [Piece(fit(piece.text, width), *piece[1:]) for piece in key_line(hints, _CLOSE, "", width)]
