"""How pictures are shown: their decoding, their size in cells, and the terminal's protocol for them.

A worker process imports this file alone, to decode: with Textual, it would start 0.2 seconds later.
"""

from __future__ import annotations

import io
import resource
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.workers import LimitedCalls, WorkerLostError

if TYPE_CHECKING:
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


def reason_against(settings: Settings, environment: Mapping[str, str], *, few_colours: bool = False) -> str:
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


def wanted_at_first(settings: Settings, environment: Mapping[str, str]) -> bool:
    """Are pictures shown from the start? Not over a connection that may be slow."""
    if settings.pictures != "auto":
        return settings.pictures == "on"
    return not (environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def protocol_of(settings: Settings, environment: Mapping[str, str], cell: Cell) -> str:
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


# Decoding, in a worker process with little memory: a picture may be made to crash its decoder

MOST_WIDE: Final = 1_200
MOST_HIGH: Final = 900
"""Pixels of a picture that are kept: as many as a large screen shows in half its height."""
MAX_PIXELS: Final = 40_000_000
"""Width times height of the largest picture that is decoded."""
_MEMORY: Final = 1 << 30
"""Bytes of memory that the worker may use."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_PATIENCE: Final = 8.0


class Pixels(NamedTuple):
    """A decoded picture, made smaller if it was large."""

    width: int
    height: int
    rgba: bytes
    """Four bytes a pixel, row by row."""
    original: tuple[int, int]
    """Width and height before it was made smaller."""


class Decoder:
    """Decodes pictures one by one, in one thread."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """`patience`: seconds that a picture may take."""
        self._calls = LimitedCalls(patience)

    def decode(self, data: bytes) -> Pixels | None:
        """Decode the bytes of a file; None if they are no picture, or their decoding crashes or takes too long."""
        with suppress(WorkerLostError):
            return self._calls.call(0, decode, data)
        return None

    def close(self) -> None:
        """End the worker, if there is one."""
        self._calls.end()


def decode(data: bytes) -> Pixels | None:
    """In the worker: decode a picture; None if the bytes are no picture."""
    from PIL import Image  # The extra `images`, which the program's own process does not load.

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            original = picture.size
            picture.draft("RGB", (MOST_WIDE, MOST_HIGH))
            # A palette's indexes cannot be averaged, which making it smaller does.
            pixels = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGBA")
            pixels.thumbnail((MOST_WIDE, MOST_HIGH), reducing_gap=2.0)
            pixels = pixels.convert("RGBA")
            return Pixels(*pixels.size, pixels.tobytes(), original)
    except Exception:  # Whatever is wrong with it, it is no picture.
        return None
