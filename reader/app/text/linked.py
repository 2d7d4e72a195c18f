"""Links in a text: where they are in sight, which one the mouse is on, and letters drawn over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from reader.app.text.parts import PartsDocument
from reader.app.text.typesetting import cell_of
from reader.app.text.wrapping import drawn

# Mixed in and no widget itself: every class of widgets costs the start of the app time.
if TYPE_CHECKING:
    from reader.app.text.body_links import Seen
    from reader.app.text.searchable_view import SearchableView

    _Base = SearchableView
else:
    _Base = object

_NO_LETTERS: Mapping[int, Sequence[tuple[int, str]]] = {}


class Linked(_Base):
    """The part of the article view that knows its links."""

    _letters = _NO_LETTERS
    """What is drawn over the text: by row of the view, first cells and letters."""
    _pointed: str | None = None
    """Where the link under the mouse leads."""

    class Clicked(Message):
        """A link was clicked."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class Pointed(Message):
        """The mouse came to a link, or has left it."""

        def __init__(self, url: str | None) -> None:
            super().__init__()
            self.url = url
            """Where the link leads; None when there is none under the mouse any more."""

    @property
    def lettered(self) -> bool:
        """Whether letters are drawn over links; scrolling and another layout take them away."""
        return bool(self._letters)

    def show_letters(self, letters: Iterable[tuple[Seen, str]]) -> None:
        """Draw letters over the starts of links, and no others any more."""
        found: dict[int, list[tuple[int, str]]] = {}
        for seen, label in letters:
            found.setdefault(seen.y, []).append((seen.x, label))
        self._letters = found
        self.refresh(self.size.region)

    def links_in_sight(self) -> list[Seen]:
        """From top to bottom, each once, at the first of its characters that is in sight."""
        document = self._document
        if not isinstance(document, PartsDocument):
            return []
        from reader.app.text.body_links import Seen

        left, _ = self.column(self.room.width)
        found: dict[tuple[int, int], Seen] = {}
        for y in range(self.size.height):
            standing = self.row_at(y)
            if standing is None:
                break
            unit, laid, row = standing
            end = row.start + len(drawn(laid.text, (row.start, row.end)))
            for link in document.links(unit) if laid.styled else ():
                first = max(link.start, row.start)
                if first < min(link.end, end) and (unit, link.start) not in found:
                    found[unit, link.start] = Seen(left + cell_of(laid, row, first), y, link.url)
        return list(found.values())

    def link_at(self, x: int, y: int) -> str | None:
        """Where the link in a cell of the view leads; None where there is none."""
        spot = self.spot(x, y)
        if spot is None or not isinstance(self._document, PartsDocument):
            return None
        unit, offset = spot
        links = self._document.links(unit)
        return next((link.url for link in links if link.start <= offset < link.end), None)

    def render_line(self, y: int) -> Strip:
        """One row, with the letters over it."""
        strip = super().render_line(y)
        end = 0
        for x, label in self._letters.get(y, ()):
            # Of two links that nearly touch, the later one's letters give way.
            start, end = max(x, end), max(x, end) + len(label)
            over = Strip([Segment(label, self.style_of("letters"))], len(label))
            strip = Strip.join([strip.crop(0, start), over, strip.crop(end)])
        return strip

    def on_click(self, event: events.Click) -> None:
        """Say which link was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and (url := self.link_at(*offset)) is not None:
            self.post_message(self.Clicked(url))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say which link the mouse is on."""
        self._point(self.link_at(event.x, event.y))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._point(None)

    def _point(self, url: str | None) -> None:
        if url != self._pointed:
            self._pointed = url
            self.post_message(self.Pointed(url))

    def _stand_at(self, row: int) -> None:
        """Letters would stand over other words, and so would the mouse."""
        self._letters = _NO_LETTERS
        self._point(None)
        super()._stand_at(row)
