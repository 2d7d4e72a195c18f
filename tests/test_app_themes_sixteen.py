"""Where a terminal has sixteen colours: the themes that stand in, and that every text on them can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.color import Color, ColorType
from textual.color import Color as Shade
from textual.screen import ModalScreen, Screen

from reader.app.app import ReaderApp
from reader.app.terminal import Background
from reader.app.themes import INK_16, PAPER_16
from reader.settings import Settings
from tests.app_stage import a_library
from tests.scenes import SCENES, Scene, go
from tests.test_app_themes import is_text, luminance

LEAST = 4.5
"""What the guidelines ask for: the themes with colours of their own have more."""
XTERM = (
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
)  # fmt: skip
VGA = (
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
)  # fmt: skip


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that says nothing of more than sixteen colours."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)


@pytest.mark.parametrize(
    ("settings", "light", "theme"),
    [
        (Settings(), False, "ink-16"),
        (Settings(), True, "paper-16"),
        (Settings(theme="paper"), False, "paper-16"),
        (Settings(theme="contrast"), False, "ink-16"),
        (Settings(theme="nord"), True, "nord"),
        (Settings(light_theme="flexoki"), True, "flexoki"),
    ],
)
@pytest.mark.usefixtures("few")
def test_the_themes_of_sixteen_colours_stand_in_for_ours(settings: Settings, light: bool, theme: str) -> None:
    with a_library() as library:
        background = Background(light=light)
        app = ReaderApp(library, settings=settings, background=background, on_terminal=True)
        assert app.theme == theme


def test_where_there_are_more_colours_they_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    with a_library() as library:
        assert ReaderApp(library, on_terminal=True).theme == "ink"


@pytest.mark.usefixtures("few")
def test_nor_where_it_is_no_terminal_that_shows_them() -> None:
    with a_library() as library:
        assert ReaderApp(library).theme == "ink"


def shade(colour: Color | None, default: str, palette: tuple[str, ...], *, bold: bool) -> Shade:
    """A colour as a terminal with a palette draws it; a bold one of the first eight is one of the others."""
    if colour is None or colour.type is ColorType.DEFAULT:
        return Shade.parse(default)
    assert colour.type is ColorType.STANDARD, colour
    assert colour.number is not None
    return Shade.parse(palette[colour.number + 8 * (bold and colour.number < 8)])


def hard_to_read(screen: Screen[Any], palette: tuple[str, ...], *, dark: bool) -> dict[str, float]:
    ink, paper = ("#ffffff", "#000000") if dark else ("#000000", "#ffffff")
    seen = screen.children[0].region if isinstance(screen, ModalScreen) else screen.region
    found: dict[str, float] = {}
    for y, strip in enumerate(screen._compositor.render_strips()):
        for segment in strip.crop(seen.x, seen.right) if seen.y <= y < seen.bottom else ():
            style = segment.style
            if not is_text(segment.text) or style is None:
                continue
            bold = bool(style.bold)
            on, behind = (
                shade(style.color, ink, palette, bold=bold), shade(style.bgcolor, paper, palette, bold=False),
            )  # fmt: skip
            if style.reverse:
                on, behind = behind, on
            light, low = sorted((luminance(on), luminance(behind)), reverse=True)
            found[segment.text] = (light + 0.05) / (low + 0.05)
    assert len(found) > 5
    return {text: value for text, value in found.items() if value < LEAST}


@pytest.mark.parametrize("theme", [INK_16, PAPER_16], ids=lambda theme: theme.name)
@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_every_text_can_be_read(
    scene: Scene, theme: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELL", "/bin/sh")
    with scene.library(tmp_path) as library:
        app = ReaderApp(library, theme=theme.name)
        async with app.run_test(size=(100, 30)) as pilot:
            await go(pilot, *scene.keys)
            for palette in (XTERM, VGA):
                assert hard_to_read(app.screen, palette, dark=theme.dark) == {}
