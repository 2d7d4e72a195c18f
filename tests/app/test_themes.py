"""The contrast of every text in our own themes, from the colours that are drawn; those of sixteen colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.theme import Theme
from textual.widget import Widget

from reader.app.app import ReaderApp
from reader.app.main.screen import MainScreen
from reader.app.messages import show_error, show_notice
from reader.app.terminal import Background
from reader.app.themes import INK_16, INK_256, PAPER_16, PAPER_256, THEMES
from reader.app.widgets.drawing import style_of
from reader.library import Library
from reader.settings import Settings
from tests.app.scenes import Scene, go, settled, some_scenes
from tests.app.stage import a_library, with_settings

LEAST = 7.0
NOT_TEXT = {"bar--rule", "screen--selection", "text-area--gutter", "text-area--cursor-gutter"}
"""Looks and component classes of what carries no words, or is not shown."""


LEAST_OF_SIXTEEN = 4.5
"""What the guidelines ask for: the themes with colours of their own have more."""
XTERM = (
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
)  # fmt: skip
VGA = (
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
)  # fmt: skip


def luminance(color: Color) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def ratio(*colours: Color) -> float:
    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)


def contrast(style: Style, system: ColorSystem) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    return ratio(*(Color.from_rich_color(each.downgrade(system)) for each in (style.color, style.bgcolor)))


def texts_of(screen: Screen[Any]) -> Iterator[tuple[str, Style]]:
    """Every text of a screen, which is more than lines, bars and spaces, with its style.

    What stands behind a dialog is dimmed, and not to be read.
    """
    seen = screen.children[0].region if isinstance(screen, ModalScreen) else screen.region
    for y, strip in enumerate(screen._compositor.render_strips()):
        for text, style, _ in strip.crop(seen.x, seen.right) if seen.y <= y < seen.bottom else ():
            if style is not None and any(char not in " …" and not "─" <= char <= "▟" for char in text):
                yield text, style


def too_faint(screen: Screen[Any]) -> dict[str, float]:
    """Every look, every component class and every text of a screen with less contrast than wanted."""
    of_256 = screen.app.theme.endswith("-256")
    system = ColorSystem.EIGHT_BIT if of_256 else ColorSystem.TRUECOLOR
    found: dict[str, float] = {}
    for widget in screen.walk_children(Widget, with_self=True):
        looks: dict[str, str] = getattr(widget, "LOOKS", {})
        styles = {
            name: widget.get_component_rich_style(name) for name in widget._get_component_classes() - NOT_TEXT
        }
        styles |= {name: style_of(widget, looks[name]) for name in looks.keys() - NOT_TEXT}
        for name, style in styles.items():
            if style.color is not None and style.bgcolor is not None:
                found[f"{type(widget).__name__} {name}"] = contrast(style, system)
    found |= {text: contrast(style, system) for text, style in texts_of(screen) if style.color is not None}
    assert len(found) > 5
    return {name: value for name, value in found.items() if value < LEAST}


def shade(colour: RichColor | None, default: str, palette: tuple[str, ...], *, bold: bool) -> Color:
    """A colour as a terminal with a palette draws it; a bold one of the first eight is one of the others."""
    if colour is None or colour.type is ColorType.DEFAULT:
        return Color.parse(default)
    assert colour.type is ColorType.STANDARD, colour
    assert colour.number is not None
    return Color.parse(palette[colour.number + 8 * (bold and colour.number < 8)])


def hard_to_read(screen: Screen[Any], palette: tuple[str, ...], *, dark: bool) -> dict[str, float]:
    ink, paper = ("#ffffff", "#000000") if dark else ("#000000", "#ffffff")
    found: dict[str, float] = {}
    for text, style in texts_of(screen):
        on = shade(style.color, ink, palette, bold=bool(style.bold))
        found[text] = ratio(on, shade(style.bgcolor, paper, palette, bold=False))
    assert len(found) > 5
    return {text: value for text, value in found.items() if value < LEAST_OF_SIXTEEN}


@some_scenes
async def test_every_text_is_easy_to_read(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELL", "/bin/sh")
    with scene.library(tmp_path) as library:
        app = ReaderApp(library)
        async with app.run_test(size=(100, 30)) as pilot:
            await go(pilot, *scene.keys)
            for theme in (*THEMES, INK_256, PAPER_256):
                await put_on(pilot, theme)
                assert (theme.name, too_faint(app.screen)) == (theme.name, {})
            for theme in (INK_16, PAPER_16):
                await put_on(pilot, theme)
                for palette in (XTERM, VGA):
                    hard = hard_to_read(app.screen, palette, dark=theme.dark)
                    assert (theme.name, hard) == (theme.name, {})


@pytest.mark.parametrize("theme", [INK_256, PAPER_256], ids=lambda theme: theme.name)
def test_with_256_colours_panes_are_grey_and_the_row_of_the_cursor_is_seen(theme: Theme) -> None:
    names = "block-cursor-background", "block-cursor-blurred-background", "scrollbar"
    parts = [str(theme.background), str(theme.panel), *map(theme.variables.__getitem__, names)]
    drawn = [RichColor.parse(part).downgrade(ColorSystem.EIGHT_BIT).get_truecolor() for part in parts]
    assert all(max(colour) == min(colour) for colour in drawn)
    assert drawn[0] not in drawn[1:]


async def put_on(pilot: Pilot[Any], theme: Theme) -> None:
    pilot.app.theme = theme.name
    await settled(pilot)


async def test_what_is_said_in_passing_is_easy_to_read() -> None:
    with a_library() as library:
        app = ReaderApp(library)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            main = app.screen
            assert isinstance(main, MainScreen)
            show_notice(main, "Marked read", seconds=3600)
            show_error(main, "The library is busy")
            for theme in (*THEMES, INK_256, PAPER_256):
                await put_on(pilot, theme)
                shown = "".join(
                    segment.text for strip in main._compositor.render_strips() for segment in strip
                )
                assert "The library is busy" in shown
                assert (theme.name, too_faint(main)) == (theme.name, {})


@pytest.mark.parametrize(
    ("settings", "light", "theme", "of_256_colours", "of_sixteen_colours"),
    [
        (Settings(), None, "ink", "ink-256", "ink-16"),
        (Settings(), False, "ink", "ink-256", "ink-16"),
        (Settings(), True, "paper", "paper-256", "paper-16"),
        (Settings(theme="paper"), False, "paper", "paper-256", "paper-16"),
        (Settings(theme="contrast"), False, "contrast", "contrast", "ink-16"),
        (Settings(theme="no such"), False, "ink", "ink-256", "ink-16"),
        (Settings(theme="nord"), True, "nord", "nord", "nord"),
        (Settings(light_theme="flexoki"), True, "flexoki", "flexoki", "flexoki"),
        (Settings(dark_theme="nord"), None, "nord", "nord", "nord"),
    ],
)
def test_the_theme_is_as_set_and_fits_the_background_and_the_colours_of_the_terminal(
    library: Library,
    settings: Settings,
    light: bool | None,
    theme: str,
    of_256_colours: str,
    of_sixteen_colours: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    background = Background(light)
    for term, colours, expected in (
        ("xterm-256color", "truecolor", theme),
        ("xterm-256color", "", of_256_colours),
        ("xterm", "", of_sixteen_colours),
    ):
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("COLORTERM", colours)
        app = ReaderApp(library, in_force=with_settings(settings), background=background, on_terminal=True)
        assert app.theme == expected
    assert ReaderApp(library, in_force=with_settings(settings), background=background).theme == theme
