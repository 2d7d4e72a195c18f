"""The layer that shows pictures above captions in a text: their cells, and the terminal's protocol for them."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from reader.app.text.parts import PartsDocument
from reader.app.widgets.drawing import Graphics
from reader.app.widgets.layers import Layer
from reader.app.widgets.line_view import LineView

if TYPE_CHECKING:
    from reader.app.pictures.drawing import Drawing
    from reader.settings import Settings


KITTY, SIXEL, BLOCKS = "kitty", "sixel", "blocks"
PLACEHOLDER: Final = "\U0010eeee"
"""Kitty's placeholder for a cell of a picture. No sanitized text contains it."""
_ASSUMED: Final = (10, 20)
"""Pixels of a cell if the terminal does not say."""
_LEAST: Final = 3
"""Rows that a picture may have even in the lowest pane."""
_KITTY: Final = ("xterm-kitty", "xterm-ghostty", "kitty", "ghostty")
_SIXEL: Final = ("WezTerm", "iTerm.app", "mlterm", "contour", "foot")
_SIXEL_TERMS: Final = ("foot", "mlterm", "contour", "wezterm")
_KONSOLE_WITH_SIXEL: Final = 220400
_BETWEEN: Final = ("TMUX", "STY", "ZELLIJ", "TEXTUAL_DRIVER")
"""Set by programs between this one and the terminal that do not pass pictures on."""


class Cell(NamedTuple):
    """The size of a cell in pixels."""

    width: int
    height: int
    known: bool = True
    """Has the terminal reported it?"""


class Box(NamedTuple):
    """The cells that a picture takes."""

    columns: int
    rows: int


class Pictures(NamedTuple):
    """The pictures of an article, and the room for them."""

    sizes: Mapping[int, tuple[int, int]]
    """Width and height in pixels, by the numbers of the figures."""
    cell: Cell
    rows: int
    """The most rows of one picture."""

    def box(self, figure: int, columns: int) -> Box | None:
        """The cells of a figure's picture in at most `columns`; None without a picture."""
        size = self.sizes.get(figure)
        return None if size is None else box_of(size, self.cell, columns, self.rows)

    def rows_of(self, figure: int, columns: int) -> int:
        """The rows of a figure's picture; 0 without one."""
        box = self.box(figure, columns)
        return 0 if box is None else box.rows


class Rendering(NamedTuple):
    """How pictures are shown."""

    protocol: str
    """KITTY, SIXEL or BLOCKS."""
    cell: Cell
    background: tuple[int, int, int]
    """The colour behind transparent pixels: red, green and blue, 0 to 255."""


def is_installed() -> bool:
    """Are the libraries for pictures installed?"""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("PIL", "textual_image"))


def cell_of(rows: int, columns: int, width: int, height: int) -> Cell:
    """The cell of a terminal of this size in cells and, if it reports them, in pixels (else 0)."""
    if not (rows and columns and width >= 2 * columns and height >= 2 * rows):
        return Cell(*_ASSUMED, known=False)
    return Cell(width // columns, height // rows)


def box_of(size: tuple[int, int], cell: Cell, columns: int, rows: int) -> Box:
    """The cells of a picture of `size` pixels in at most `columns` and `rows`; it keeps its shape.

    It is not made larger than it is; on screens of fine pixels one of its own counts as several.
    """
    width, height = max(1, size[0]), max(1, size[1])
    natural = -(-width // min(cell.width, _ASSUMED[0]))
    cells = min(natural, columns)
    # A cell is as many times as high as it is wide.
    high = cells * cell.width * height / width / cell.height
    if high > rows:
        cells = max(1, round(rows * cell.height * width / height / cell.width))
        high = rows
    return Box(max(1, min(cells, columns)), max(1, min(round(high), rows)))


def most_rows(pane: int, pictures: int) -> int:
    """The most rows of a picture: half the pane, less if there are several."""
    return max(_LEAST, pane // 2 if pictures < 2 else pane // 3)


def reason_against(settings: "Settings", environment: Mapping[str, str], *, few_colours: bool = False) -> str:
    """A sentence that explains why pictures cannot be shown; "" if they can."""
    if settings.screen_reader:
        return "In screen-reader mode, only captions and credits are shown"
    if "NO_COLOR" in environment:
        return "Pictures need colours, but NO_COLOR is set"
    if few_colours:
        return (
            f"Pictures need more than sixteen colours, but TERM={environment.get('TERM', '')} offers no more"
        )
    return ""


def wanted_at_first(settings: "Settings", environment: Mapping[str, str]) -> bool:
    """Are pictures shown from the start? Not over a connection that may be slow."""
    if settings.pictures != "auto":
        return settings.pictures == "on"
    return not (environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def protocol_of(settings: "Settings", environment: Mapping[str, str], cell: Cell) -> str:
    """The protocol to show pictures with: as set, else the one the terminal is known for; half blocks work everywhere.

    It is known by its name: asking it would delay the start by a tenth of a second if it does not answer, and swallow
    a key if it does.
    """
    if settings.picture_protocol != "auto":
        wanted = settings.picture_protocol
    elif any(environment.get(name) for name in _BETWEEN):
        wanted = BLOCKS
    else:
        wanted = _known(environment)
    return BLOCKS if wanted == SIXEL and not cell.known else wanted


def _known(environment: Mapping[str, str]) -> str:
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if environment.get("KITTY_WINDOW_ID") or term in _KITTY or program in _KITTY:
        return KITTY
    konsole = environment.get("KONSOLE_VERSION", "")
    if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL:
        return SIXEL
    return SIXEL if program in _SIXEL or term.startswith(_SIXEL_TERMS) else BLOCKS


Key = tuple[int, int, Box]
"""An article, the number of one of its figures, and the size."""
KEPT: Final = 32
"""Drawings that are kept. One has a few thousand cells at most."""


class PictureNeeded(Message):
    """A picture that is not drawn yet has become visible."""

    def __init__(self, key: int, figure: int, box: Box) -> None:
        super().__init__()
        self.key = key
        self.figure = figure
        self.box = box


class PictureLayer(Layer):
    """Makes room for pictures above captions, and draws the pictures there."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._sizes: Mapping[int, tuple[int, int]] = {}
        self._rendering: Rendering | None = None
        self._pictured = 0
        self._drawings: OrderedDict[Key, Drawing] = OrderedDict()
        self._requested: set[Key] = set()

    def document_changed(self) -> None:
        self._sizes = {}
        self._requested.clear()

    def show(self, key: int, sizes: Mapping[int, tuple[int, int]], rendering: Rendering) -> None:
        """Make room for pictures of `sizes` in pixels, by the numbers of their figures; the position stays.

        `key`: that of the article, under which its drawings are kept.
        """
        if rendering != self._rendering:
            self.forget()
        self._pictured, self._sizes, self._rendering = key, dict(sizes), rendering
        self._requested.clear()
        self._view.lay_out_again()

    def show_drawing(self, key: int, figure: int, box: Box, drawing: "Drawing | None") -> None:
        """Show a picture that has been drawn; without a drawing, remove its room."""
        if drawing is None:
            if key == self._pictured and self._rendering is not None:
                left = {number: size for number, size in self._sizes.items() if number != figure}
                self.show(key, left, self._rendering)
            return
        place = key, figure, box
        self._requested.discard(place)
        self._send(drawing.sent)
        if place in self._drawings:
            self._drop(place)
        self._drawings[place] = drawing
        while len(self._drawings) > KEPT:
            self._drop(next(iter(self._drawings)))
        self._view.refresh_rows()

    def forget(self) -> None:
        """Drop all drawings: the colours or cells have changed, or the screen closes."""
        for place in list(self._drawings):
            self._drop(place)
        self._requested.clear()
        if self._view.size:
            self._view.refresh_rows()

    def colours_changed(self) -> None:
        """Drop the drawings on the old background."""
        if self._rendering is not None and self._view.background_colors[1].rgb != self._rendering.background:
            self._rendering = self._rendering._replace(background=self._view.background_colors[1].rgb)
            self.forget()

    def prepare(self) -> bool:
        """Wrap the text again if pictures have another height in the pane now."""
        document, pictures = self._view.document, self._pictures()
        if not isinstance(document, PartsDocument) or document.pictures == pictures:
            return False
        document.pictures = pictures
        return True

    def _pictures(self) -> Pictures | None:
        if not self._sizes or self._rendering is None:
            return None
        return Pictures(
            self._sizes, self._rendering.cell, most_rows(self._view.size.height, len(self._sizes))
        )

    def draw(self, y: int, strip: Strip) -> Strip:
        standing, document, pictures = self._view.row_at(y), self._view.document, self._pictures()
        if standing is None or pictures is None or not isinstance(document, PartsDocument):
            return strip
        unit, _, row = standing
        width, base = self._view.canvas
        left, columns = self._view.column(width)
        figure = document.figure(unit)
        box = pictures.box(figure, columns)
        if row.start >= 0 or box is None:
            return strip
        place = self._pictured, figure, box
        cells: tuple[Segment, ...] = (Segment(" " * box.columns, self._view.looks["picture"]),)
        if (drawing := self._drawings.get(place)) is not None:
            self._drawings.move_to_end(place)
            cells = drawing.rows[box.rows + row.start]
        elif place not in self._requested:
            self._requested.add(place)
            self._view.post_message(PictureNeeded(*place))
        right = max(0, width - left - box.columns)
        # Cells without a background of their own get that of the pane.
        inside = [
            cell._replace(style=base + cell.style if cell.style else base)
            for cell in cells
            if not cell.control
        ]
        graphics = [cell for cell in cells if cell.control]
        before, behind = Segment(" " * left, base), Segment(" " * right, base)
        return Strip([before, *inside, *graphics, behind], left + box.columns + right)

    def finish(self, strips: list[Strip], top: int) -> list[Strip]:
        """Remove graphics where the terminal must not get them.

        Below another screen they would be painted over it, or show other pictures in its shade. On the last row of
        the terminal they would scroll it.
        """
        if self._rendering is None or not self._sizes or self._rendering.protocol == BLOCKS:
            return strips
        if not self._view.screen.is_active:
            return [_without_graphics(strip) for strip in strips]
        last = self._view.app.size.height - 1 - self._view.region.y - top
        if self._rendering.protocol == SIXEL and 0 <= last < len(strips):
            return [*strips[:last], _without_graphics(strips[last]), *strips[last + 1 :]]
        return strips

    def _drop(self, place: Key) -> None:
        self._send(self._drawings.pop(place).dropped)

    def _send(self, text: str) -> None:
        """Send text to the terminal, in order with the screen: the driver writes both."""
        driver = self._view.app._driver
        if text and driver is not None:
            driver.write(text)


def _without_graphics(strip: Strip) -> Strip:
    if not any(type(segment.text) is Graphics or segment.text[:1] == PLACEHOLDER for segment in strip):
        return strip
    segments = [
        segment._replace(text=" ") if segment.text[:1] == PLACEHOLDER else segment
        for segment in strip
        if type(segment.text) is not Graphics
    ]
    return Strip(segments, strip.cell_length)
