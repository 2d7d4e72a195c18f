"""Draws pictures: as rows of segments, and the layer that shows them above captions in a text."""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import count
from random import randint
from runpy import run_path
from typing import Any, Final, NamedTuple

from rich.color import Color
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from reader.app.pictures import (
    BLOCKS,
    KITTY,
    PLACEHOLDER,
    SIXEL,
    Box,
    Cell,
    Pictures,
    Pixels,
    Rendering,
    most_rows,
)
from reader.app.widgets.drawing import Graphics
from reader.app.widgets.layers import Layer
from reader.app.widgets.line_view import LineView

# Drawing, in a background thread

# textual-image has what Kitty and Sixel need. Its own widgets write to the terminal by themselves and draw whole
# pictures: here each row of a picture is a row of the document, which scrolls with its text.

_CHUNK: Final = 4096
"""Characters of a picture that a terminal takes in one escape sequence."""
_KEEPS_ITS_PLACE: Final = ((ControlType.CURSOR_FORWARD, 0),)
_numbers = count(randint(1 << 16, 1 << 23))
"""Kitty's numbers for pictures; the first is random, so that other programs use others."""


class Drawing(NamedTuple):
    """A drawn picture."""

    rows: tuple[tuple[Segment, ...], ...]
    """The segments of each row."""
    sent: str = ""
    """Sent to the terminal before the rows are drawn."""
    dropped: str = ""
    """Sent when the picture is no longer needed."""


def draw(pixels: Pixels, box: Box, rendering: Rendering) -> Drawing:
    """Draw a picture in a box of cells."""
    from PIL import Image  # The extra `images`.

    picture = Image.frombytes("RGBA", (pixels.width, pixels.height), pixels.rgba)
    behind = Image.new("RGBA", picture.size, (*rendering.background, 255))
    picture = Image.alpha_composite(behind, picture).convert("RGB")
    if rendering.protocol == KITTY:
        return _kitty(picture, box, rendering.cell)
    if rendering.protocol == SIXEL:
        return _sixel(picture, box, rendering.cell)
    return Drawing(tuple(_half_blocks(picture, box)))


def _half_blocks(picture: Any, box: Box) -> Iterator[tuple[Segment, ...]]:
    """Two pixels a cell, one above the other; equal neighbours are one segment."""
    pixels = picture.resize((box.columns, 2 * box.rows)).load()
    for upper in range(0, 2 * box.rows, 2):
        colours = (
            (Color.from_rgb(*pixels[column, upper]), Color.from_rgb(*pixels[column, upper + 1]))
            for column in range(box.columns)
        )
        yield tuple(Segment.simplify(Segment("▀", Style.from_color(*pair)) for pair in colours))


def _kitty(picture: Any, box: Box, cell: Cell) -> Drawing:
    """Send the picture once, and draw characters that stand for its parts and scroll like text."""
    number = next(_numbers)
    png = BytesIO()
    picture.resize((box.columns * cell.width, box.rows * cell.height)).save(png, "PNG", compress_level=2)
    data = b64encode(png.getvalue()).decode("ascii")
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    more = [1] * (len(chunks) - 1) + [0]
    sent = [
        f"\x1b_Gi={number},f=100,q=2,m={flag};{chunk}\x1b\\" for flag, chunk in zip(more, chunks, strict=True)
    ]
    sent.append(f"\x1b_Ga=p,i={number},c={box.columns},r={box.rows},U=1,q=2\x1b\\")
    # The colour holds the number, a third mark its highest byte.
    style = Style(color=f"rgb({number >> 16 & 255},{number >> 8 & 255},{number & 255})")
    marks = _kitty_marks()
    rows = tuple(
        tuple(
            Segment(f"{PLACEHOLDER}{chr(marks[row])}{chr(marks[column])}{chr(marks[number >> 24])}", style)
            for column in range(box.columns)
        )
        for row in range(box.rows)
    )
    return Drawing(rows, "".join(sent), f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")


@cache
def _kitty_marks() -> Sequence[int]:
    """textual-image's combining characters for numbers.

    Importing their package would query the terminal and swallow keys, so only the file with them is run.
    """
    import textual_image  # The extra `images`, as the one below.

    module = run_path(f"{textual_image.__path__[0]}/renderable/tgp.py")
    marks: Sequence[int] = module["_NUMBER_TO_DIACRITIC"]
    return marks


def _sixel(picture: Any, box: Box, cell: Cell) -> Drawing:
    """Draw each row as a picture of its own, so that it can be scrolled and covered like a row of text."""
    from textual_image._sixel import image_to_sixels

    # With a palette for each row, the edges would show.
    whole = picture.resize((box.columns * cell.width, box.rows * cell.height)).quantize(256)
    rows = []
    for row in range(box.rows):
        part = whole.crop((0, row * cell.height, whole.width, (row + 1) * cell.height))
        graphics = Graphics(f"\x1b7\x1b[{box.columns}D{image_to_sixels(part)}\x1b8")
        blank = Segment(" " * box.columns, Style.null())
        rows.append((blank, Segment(graphics, Style.null(), _KEEPS_ITS_PLACE)))
    return Drawing(tuple(rows))


# The layer

Place = tuple[object, int, Box]
"""The key of an article, the number of one of its figures, and the size."""
KEPT: Final = 32
"""Drawings that are kept. One has a few thousand cells at most."""


class PictureNeeded(Message):
    """A picture that is not drawn yet has become visible."""

    def __init__(self, key: object, figure: int, box: Box) -> None:
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
        self._key: object = None
        """The key of the article whose pictures are shown."""
        self._drawings: OrderedDict[Place, Drawing] = OrderedDict()
        self._requested: set[Place] = set()

    def document_changed(self) -> None:
        self._sizes = {}
        self._requested.clear()

    def show(self, key: object, sizes: Mapping[int, tuple[int, int]], rendering: Rendering) -> None:
        """Make room for pictures of `sizes` in pixels, by the numbers of their figures; the position stays.

        `key`: that of the article, under which its drawings are kept.
        """
        if rendering != self._rendering:
            self.forget()
        self._key, self._sizes, self._rendering = key, dict(sizes), rendering
        self._requested.clear()
        self._view.lay_out_again()

    def show_drawing(self, needed: PictureNeeded, drawing: Drawing | None) -> None:
        """Show a picture that has been drawn; without a drawing, remove its room."""
        if drawing is None:
            if needed.key == self._key and self._rendering is not None:
                self._sizes = {
                    figure: size for figure, size in self._sizes.items() if figure != needed.figure
                }
                self._view.lay_out_again()
            return
        place = needed.key, needed.figure, needed.box
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
        if document.pictures == pictures:
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
        standing, pictures = self._view.row_at(y), self._pictures()
        if standing is None or pictures is None:
            return strip
        unit, _, row = standing
        width, base = self._view.room.width, self._view.visual_style.rich_style
        left, columns = self._view.column(width)
        figure = self._view.document.figure(unit)
        box = pictures.box(figure, columns)
        if row.start >= 0 or box is None:
            return strip
        place = self._key, figure, box
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

    def _drop(self, place: Place) -> None:
        self._send(self._drawings.pop(place).dropped)

    def _send(self, text: str) -> None:
        """Send text to the terminal, in order with the screen: the driver writes both."""
        driver = self._view.app._driver
        if text and driver is not None:
            driver.write(text)


def _without_graphics(strip: Strip) -> Strip:
    segments = [
        segment._replace(text=" ") if segment.text[:1] == PLACEHOLDER else segment
        for segment in strip
        if type(segment.text) is not Graphics
    ]
    return Strip(segments, strip.cell_length)
