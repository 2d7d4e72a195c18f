from __future__ import annotations

import base64
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from reader.app.pictures import (
    MOST_WIDE,
    Box,
    Cell,
    Decoder,
    Pixels,
    Rendering,
    box_of,
    cell_of,
    most_rows,
    protocol_of,
    reason_against,
)
from reader.app.widgets.drawing import Graphics, SafeOutput
from reader.app.widgets.pictures import draw
from reader.settings import Settings
from tests.app.features.picture_stage import picture
from tests.shards.worker_stage import hang, leave
from tests.waiting import is_running, number_in

pytest.importorskip("PIL")
pytest.importorskip("textual_image")
CELL = Cell(10, 20)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
BLACK = (0, 0, 0)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


# How large


@pytest.mark.parametrize(
    ("size", "columns", "rows", "box"),
    [
        ((640, 400), 72, 30, (64, 20)),  # as large as it is
        ((1440, 900), 72, 30, (72, 22)),  # as wide as the text
        ((400, 2000), 72, 15, (6, 15)),  # as high as the pane allows
        ((2, 2), 72, 15, (1, 1)),
        ((10_000, 1), 72, 15, (72, 1)),
        ((1, 10_000), 72, 15, (1, 15)),
    ],
)
def test_a_picture_keeps_its_shape(
    size: tuple[int, int], columns: int, rows: int, box: tuple[int, int]
) -> None:
    assert box_of(size, CELL, columns, rows) == Box(*box)


def test_a_picture_has_half_the_pane_and_cells_have_the_size_that_the_terminal_reports() -> None:
    assert [most_rows(pane, 1) for pane in (4, 24, 60)] == [3, 12, 30]
    assert [most_rows(pane, 5) for pane in (4, 24, 60)] == [3, 8, 20]
    assert cell_of(24, 80, 800, 480) == Cell(10, 20)
    for nothing_known in ((24, 80, 0, 0), (0, 0, 0, 0), (24, 80, 80, 24)):
        assert cell_of(*nothing_known) == Cell(10, 20, known=False)


# In which way


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230801"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "200401"}, "blocks"),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({}, "blocks"),
    ],
)
def test_terminals_are_known_by_name(environment: dict[str, str], protocol: str) -> None:
    assert protocol_of(Settings(), environment, CELL) == protocol
    assert protocol_of(Settings(picture_protocol="kitty"), environment, CELL) == "kitty"
    assert protocol_of(Settings(picture_protocol="sixel"), environment, Cell(10, 20, known=False)) == "blocks"


def test_few_colours_and_a_screen_reader_are_reasons_against_pictures() -> None:
    assert "TERM=xterm " in reason_against(Settings(), {"TERM": "xterm"}, few_colours=True)
    assert "screen-reader" in reason_against(Settings(screen_reader=True), {})


# Decoding


@pytest.mark.parametrize(
    ("size", "form", "kept"),
    [
        ((40, 20), "PNG", (40, 20)),
        ((40, 20), "GIF", (40, 20)),
        ((40, 20), "WEBP", (40, 20)),
        ((4000, 1000), "JPEG", (MOST_WIDE, MOST_WIDE // 4)),  # A large picture is kept smaller.
    ],
)
def test_pictures_are_decoded(
    decoder: Decoder, size: tuple[int, int], form: str, kept: tuple[int, int]
) -> None:
    pixels = decoder.decode(picture(size, form, colour=(200, 40, 10)))
    assert pixels is not None
    assert (pixels.original, pixels[:2]) == (size, kept)
    red, green, blue, alpha = pixels.rgba[-4:]
    assert alpha == 255
    assert max(abs(red - 200), abs(green - 40), abs(blue - 10)) < 12


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says that it is huge, and would be."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        bomb(60_000, 60_000), bomb(2_000_000_000, 2_000_000_000),
        picture((400, 300))[:700], picture((400, 300), "JPEG")[:900], picture(form="TIFF"), picture(form="BMP"),
        b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" + bytes(100), b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=lambda content: f"{content[:8]!r}{len(content)}",
)  # fmt: skip
def test_bad_pictures_are_none_and_the_next_is_there(decoder: Decoder, content: bytes) -> None:
    assert decoder.decode(content) is None
    pixels = decoder.decode(picture((8, 8)))
    assert pixels is not None
    assert pixels.original == (8, 8)


def test_a_decoder_that_dies_or_hangs_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = Decoder(patience=3.0)
    for does in leave, hang:
        with monkeypatch.context() as patch:
            patch.setattr("reader.app.pictures.decode", does)
            assert decoder.decode(str(tmp_path / "note").encode()) is None
        assert decoder.decode(picture((8, 8))) is not None
    assert not is_running(number_in(tmp_path / "note"))
    decoder.close()


# Drawing


def drawn(rows: list[list[tuple[int, int, int]]], protocol: str, box: Box, cell: Cell = CELL) -> Any:
    rgba = b"".join(bytes((*pixel, 255)) for row in rows for pixel in row)
    return draw(Pixels(len(rows[0]), len(rows), rgba, (1, 1)), box, Rendering(protocol, cell, BLACK))


def cells(row: tuple[Segment, ...]) -> list[tuple[str, Any, Any]]:
    """(character, colour, colour behind) of each cell."""
    found = []
    for text, style, _ in row:
        assert style is not None
        assert style.color is not None
        assert style.bgcolor is not None
        found += [
            (char, tuple(style.color.triplet or ()), tuple(style.bgcolor.triplet or ())) for char in text
        ]
    return found


def test_half_blocks_show_two_pixels_a_cell() -> None:
    drawing = drawn([[RED, GREEN], [BLUE, WHITE]], "blocks", Box(2, 1))
    assert drawing.sent == drawing.dropped == ""
    assert [cells(row) for row in drawing.rows] == [[("▀", RED, BLUE), ("▀", GREEN, WHITE)]]


def test_kitty_is_sent_the_picture_once_and_shows_it_with_characters() -> None:
    drawing = drawn([[RED, GREEN], [BLUE, WHITE]], "kitty", Box(3, 2))
    messages = re.findall("\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\\\", drawing.sent)
    assert (
        "".join(f"\x1b_G{head}{';' if body else ''}{body}\x1b\\" for head, body in messages) == drawing.sent
    )
    *parts, placed = messages
    number = re.match(r"i=(\d+),", parts[0][0])
    assert number is not None
    assert [head.split(",")[-1] for head, _ in parts] == ["m=1"] * (len(parts) - 1) + ["m=0"]
    assert all(len(body) <= 4096 for _, body in parts)
    png = base64.b64decode("".join(body for _, body in parts))
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (30, 40)
    assert placed == (f"a=p,i={number[1]},c=3,r=2,U=1,q=2", "")
    assert drawing.dropped == f"\x1b_Ga=d,d=I,i={number[1]},q=2\x1b\\"
    told = int(number[1])
    for row in drawing.rows:
        assert len(row) == 3
        for segment in row:
            assert segment.cell_length == 1
            assert segment.text[0] == "\U0010eeee"
            assert segment.style is not None
            assert segment.style.color is not None
            assert segment.style.color.triplet == (told >> 16 & 255, told >> 8 & 255, told & 255)
    # The first marks of the terminal's own table stand for rows and columns 0, 1 and 2.
    marks = [[segment.text[1:] for segment in row] for row in drawing.rows]
    assert marks == [[f"{row}{column}\u0305" for column in "\u0305\u030d\u030e"] for row in "\u0305\u030d"]


def test_sixel_draws_each_row_by_itself() -> None:
    drawing = drawn([[RED, RED], [BLUE, BLUE]], "sixel", Box(2, 2), Cell(6, 12))
    assert len(drawing.rows) == 2
    for (blank, told), colour in zip(drawing.rows, ("100;0;0", "0;0;100"), strict=True):
        assert (blank.text, blank.control) == ("  ", None)
        assert type(told.text) is Graphics
        assert told.cell_length == 0
        match = re.fullmatch(r'\x1b7\x1b\[2D\x1bP0;0;0q"1;1;12;12(#[^\x1b]*)\x1b\\\x1b8', told.text)
        assert match is not None
        assert f";2;{colour}" in match[1]


def test_graphics_pass_the_filter_and_nothing_else_does() -> None:
    told = Graphics("\x1bPq#0\x1b\\")
    segments = [
        Segment("a\x1b[2J", Style()),
        Segment(told, Style.null(), ((1, 0),)),  # type: ignore[arg-type]
        Segment(str(told), Style()),
    ]
    safe = SafeOutput().apply(segments, Color(0, 0, 0))
    assert [segment.text for segment in safe] == ["a[2J", told, "Pq#0\\"]
    assert safe[1] is segments[1]
    assert SafeOutput().apply(segments[1:2], Color(0, 0, 0)) == segments[1:2]


def test_drawing_never_asks_the_terminal() -> None:
    """textual-image does when its package is imported; a screen that stands would lose keys."""
    program = (
        "import sys, io\n"
        "class Terminal(io.StringIO):\n"
        "    def isatty(self): return True\n"
        "    def write(self, text): raise SystemExit(3)\n"
        "sys.__stdout__ = Terminal()\n"
        "from reader.app.widgets.pictures import draw\n"
        "from reader.app.pictures import Pixels\n"
        "from reader.app.pictures import Box, Cell, Rendering\n"
        "for rendering in ('blocks', 'kitty', 'sixel'):\n"
        "    draw(Pixels(2, 2, bytes(16), (2, 2)), Box(1, 1), Rendering(rendering, Cell(10, 20, False), (0, 0, 0)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, env=os.environ).returncode == 0
