"""A decoded picture -> the rows that show it, in one of three ways, by textual-image. For a thread beside the screen's.

textual-image's own widgets write to the terminal by themselves and take whole pictures: here each row of a picture is
a row of the document, which scrolls with its text.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import randint
from types import ModuleType
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.segment import ControlType, Segment
from rich.style import Style

from reader.app.line_filter import Graphics
from reader.app.pictures.decoder import Pixels
from reader.app.pictures.display import KITTY, PLACEHOLDER, SIXEL, Box, Cell, Way

_CHUNK: Final = 4096
"""Characters of a picture that a terminal takes in one message."""
_KEEPS_ITS_PLACE: Final = ((ControlType.CURSOR_FORWARD, 0),)
_ids = count(randint(1 << 16, 1 << 23))


class Drawing(NamedTuple):
    """A picture as it is drawn."""

    rows: tuple[tuple[Segment, ...], ...]
    """As many segments to each row as are needed for all its columns."""
    sent: str = ""
    """What the terminal must be told before."""
    dropped: str = ""
    """What it is told when the drawing is not needed any more."""


def draw(pixels: Pixels, box: Box, way: Way) -> Drawing:
    """The picture in a box of cells."""
    picture = _on_background(pixels, way.background)
    if way.protocol == KITTY:
        return _kitty(picture, box, way.cell)
    if way.protocol == SIXEL:
        return _sixel(picture, box, way.cell)
    return Drawing(tuple(_blocks(picture, box, way.cell)))


def _on_background(pixels: Pixels, background: tuple[int, int, int]) -> Any:
    from PIL import Image

    picture = Image.frombytes("RGBA", (pixels.width, pixels.height), pixels.rgba)
    behind = Image.new("RGBA", picture.size, (*background, 255))
    return Image.alpha_composite(behind, picture).convert("RGB")


def _blocks(picture: Any, box: Box, cell: Cell) -> Iterator[tuple[Segment, ...]]:
    """Half blocks, two pixels a cell; cells that look alike are one segment."""
    _tell_cell(cell)
    halfcell, _ = _import_renderables()
    image = halfcell.Image(picture, width=box.columns, height=box.rows)
    console = Console(file=io.StringIO(), width=box.columns, color_system="truecolor")
    row: list[Segment] = []
    for segment in image.__rich_console__(console, console.options.update(max_width=box.columns)):
        if segment.text == "\n":
            yield tuple(Segment.simplify(row))
            row = []
        else:
            row.append(segment)


def _kitty(picture: Any, box: Box, cell: Cell) -> Drawing:
    """The picture is sent once; characters that stand for its parts are drawn, and scroll as text does."""
    from textual_image._pixeldata import PixelData

    _, tgp = _import_renderables()
    number = next(_ids)
    data = PixelData(picture).scaled(box.columns * cell.width, box.rows * cell.height).to_base64()
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    more = [1] * (len(chunks) - 1) + [0]
    sent = [
        f"\x1b_Gi={number},f=100,q=2,m={flag};{chunk}\x1b\\" for flag, chunk in zip(more, chunks, strict=True)
    ]
    sent.append(f"\x1b_Ga=p,i={number},c={box.columns},r={box.rows},U=1,q=2\x1b\\")
    marks = tgp._NUMBER_TO_DIACRITIC
    # The number is told by the colour, its highest byte by the third mark.
    style = Style(color=f"rgb({number >> 16 & 255},{number >> 8 & 255},{number & 255})")
    last = chr(marks[number >> 24])
    rows = tuple(
        tuple(
            Segment(f"{PLACEHOLDER}{chr(marks[row])}{chr(marks[column])}{last}", style)
            for column in range(box.columns)
        )
        for row in range(box.rows)
    )
    return Drawing(rows, "".join(sent), f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")


def _sixel(picture: Any, box: Box, cell: Cell) -> Drawing:
    """Each row is a picture of its own, so that it can be drawn, scrolled and covered as a row of text is."""
    from textual_image._sixel import image_to_sixels

    # One palette for all rows: else they would be told apart.
    whole = picture.resize((box.columns * cell.width, box.rows * cell.height)).quantize(256)
    rows = []
    for row in range(box.rows):
        part = whole.crop((0, row * cell.height, whole.width, (row + 1) * cell.height))
        told = Graphics(f"\x1b7\x1b[{box.columns}D{image_to_sixels(part)}\x1b8")
        blank = Segment(" " * box.columns, Style.null())
        rows.append((blank, Segment(told, Style.null(), _KEEPS_ITS_PLACE)))
    return Drawing(tuple(rows))


def _tell_cell(cell: Cell) -> None:
    """Give textual-image what it would ask the terminal for."""
    from textual_image import _terminal

    vars(_terminal.get_cell_size)["_result"] = _terminal.CellSize(cell.width, cell.height)


def _import_renderables() -> tuple[Any, Any]:
    """textual-image's renderables for half blocks and for Kitty, imported past the package that holds them.

    That asks the terminal what it can, which would take keys away from a screen that stands.
    """
    import textual_image

    name = "textual_image.renderable"
    package = ModuleType(name)
    package.__path__ = [str(Path(place) / "renderable") for place in textual_image.__path__]
    sys.modules.setdefault(name, package)
    from textual_image.renderable import halfcell, tgp

    return halfcell, tgp
