"""A decoded picture -> the rows that show it, in one of three ways. For a thread beside the screen's.

textual-image has what Kitty and Sixel need. Its own widgets write to the terminal by themselves and draw whole
pictures: here each row of a picture is a row of the document, which scrolls with its text.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count
from pathlib import Path
from random import randint
from types import ModuleType
from typing import Any, Final, NamedTuple

from rich.color import Color
from rich.segment import ControlType, Segment
from rich.style import Style

from reader.app.pictures.decoder import Pixels
from reader.app.pictures.display import KITTY, PLACEHOLDER, SIXEL, Box, Cell, Way
from reader.app.text.line_filter import Graphics

_CHUNK: Final = 4096
"""Characters of a picture that a terminal takes in one message."""
_KEEPS_ITS_PLACE: Final = ((ControlType.CURSOR_FORWARD, 0),)
_numbers = count(randint(1 << 16, 1 << 23))
"""For Kitty, which knows each picture by a number: by chance another than those of other programs."""


class Drawing(NamedTuple):
    """A picture as it is drawn."""

    rows: tuple[tuple[Segment, ...], ...]
    """As many segments to each row as are needed for all its columns."""
    sent: str = ""
    """What is sent to the terminal before it is drawn."""
    dropped: str = ""
    """What is sent when it is not needed any more."""


def draw(pixels: Pixels, box: Box, way: Way) -> Drawing:
    """The picture in a box of cells."""
    from PIL import Image  # The extra `images`.

    picture = Image.frombytes("RGBA", (pixels.width, pixels.height), pixels.rgba)
    behind = Image.new("RGBA", picture.size, (*way.background, 255))
    picture = Image.alpha_composite(behind, picture).convert("RGB")
    if way.protocol == KITTY:
        return _kitty(picture, box, way.cell)
    if way.protocol == SIXEL:
        return _sixel(picture, box, way.cell)
    return Drawing(tuple(_half_blocks(picture, box)))


def _half_blocks(picture: Any, box: Box) -> Iterator[tuple[Segment, ...]]:
    """Two pixels a cell, one above the other; cells that look alike are one segment."""
    pixels = picture.resize((box.columns, 2 * box.rows)).load()
    for upper in range(0, 2 * box.rows, 2):
        colours = (
            (Color.from_rgb(*pixels[column, upper]), Color.from_rgb(*pixels[column, upper + 1]))
            for column in range(box.columns)
        )
        yield tuple(Segment.simplify(Segment("▀", Style.from_color(*pair)) for pair in colours))


def _kitty(picture: Any, box: Box, cell: Cell) -> Drawing:
    """The picture is sent once; characters that stand for its parts are drawn, and scroll as text does."""
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
    # The colour says the number, and a third mark its highest byte.
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


def _kitty_marks() -> Sequence[int]:
    """The combining characters that stand for numbers, from textual-image.

    The package that has them asks the terminal what it can when it is imported, which would take keys away from a
    screen that stands: only the module in it is.
    """
    import textual_image  # The extra `images`, as the others below.

    name = "textual_image.renderable"
    package = ModuleType(name)
    package.__path__ = [str(Path(folder) / "renderable") for folder in textual_image.__path__]
    sys.modules.setdefault(name, package)
    from textual_image.renderable import tgp

    marks: Sequence[int] = tgp._NUMBER_TO_DIACRITIC
    return marks


def _sixel(picture: Any, box: Box, cell: Cell) -> Drawing:
    """Each row is a picture of its own, so that it can be drawn, scrolled and covered as a row of text is."""
    from textual_image._sixel import image_to_sixels

    # One palette for all rows: else their edges would show.
    whole = picture.resize((box.columns * cell.width, box.rows * cell.height)).quantize(256)
    rows = []
    for row in range(box.rows):
        part = whole.crop((0, row * cell.height, whole.width, (row + 1) * cell.height))
        graphics = Graphics(f"\x1b7\x1b[{box.columns}D{image_to_sixels(part)}\x1b8")
        blank = Segment(" " * box.columns, Style.null())
        rows.append((blank, Segment(graphics, Style.null(), _KEEPS_ITS_PLACE)))
    return Drawing(tuple(rows))
