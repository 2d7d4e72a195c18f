"""Draws a decoded picture as rows of segments, in one of three ways. Runs in a background thread.

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
from reader.app.pictures.layer import KITTY, PLACEHOLDER, SIXEL, Box, Cell, Rendering
from reader.app.widgets.drawing import Graphics

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


def _kitty_marks() -> Sequence[int]:
    """textual-image's combining characters for numbers.

    Importing their package would query the terminal and swallow keys, so only the module inside it is imported.
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
