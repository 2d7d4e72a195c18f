"""The contrast of every text in our own themes, from the colours that are drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from reader.app.themes import INK, PAPER, THEMES
from reader.app.widgets.direct import KeptStyles
from reader.library import corrections
from tests import corrections_stage, why_stage
from tests.app_stage import PROBLEMS, Stage, a_library, on_stage

LEAST = 7.0
NOT_TEXT = {"bar--rule", "screen--selection"}
"""Looks and component classes of lines that carry no words."""


def luminance(color: Color) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(style: Style) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    light, dark = sorted(
        (luminance(Color.from_rich_color(style.color)), luminance(Color.from_rich_color(style.bgcolor))),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_is_the_known_one() -> None:
    assert contrast(Style(color="#000000", bgcolor="#ffffff")) == pytest.approx(21)
    assert contrast(Style(color="#777777", bgcolor="#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.fixture(params=[theme.name for theme in THEMES])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    with a_library(PROBLEMS) as library:
        async with on_stage(library, size=(110, 30), theme=request.param) as stage:
            yield stage


def component_styles(widget: Widget) -> dict[str, Style]:
    names = widget._get_component_classes() - NOT_TEXT
    styles = {name: widget.get_component_rich_style(name) for name in names}
    if isinstance(widget, KeptStyles):
        styles |= {name: widget.style_of(name) for name in widget.LOOKS.keys() - NOT_TEXT}
    return {f"{type(widget).__name__} {name}": style for name, style in styles.items()}


def too_faint(stage: Stage) -> dict[str, float]:
    """Every look, every component class and every text on the screen with less contrast than wanted."""
    faint: dict[str, float] = {}
    for widget in stage.app.screen.walk_children(Widget, with_self=True):
        for name, style in component_styles(widget).items():
            if style.color is not None and style.bgcolor is not None:
                faint[name] = contrast(style)
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            letters = segment.text.strip(" ─│┤▌…╭╮╰╯")
            if (
                letters
                and segment.style is not None
                and segment.style.color is not None
                and letters.isprintable()
            ):
                faint[segment.text] = contrast(segment.style)
    assert len(faint) > 10
    return {name: value for name, value in faint.items() if value < LEAST and not bars(name)}


def bars(text: str) -> bool:
    return all("\u2580" <= char <= "\u259f" or char == " " for char in text)


async def test_every_text_of_the_main_screen_is_easy_to_read(stage: Stage) -> None:
    for keys in ([], ["j"], ["t", "2"], ["l"], ["/", *"lettuce"], ["enter", "n"], ["escape", "h", "G"]):
        await stage.press(*keys)
        assert too_faint(stage) == {}


@pytest.mark.parametrize("keys", [["s"], ["question_mark", "j"], ["P"]])
async def test_every_text_of_the_dialogs_is_easy_to_read(stage: Stage, keys: list[str]) -> None:
    await stage.press(*keys)
    dialog = stage.app.screen.query_one("#dialog").region
    seen = {}
    for y, strip in enumerate(stage.app.screen._compositor.render_strips()):
        if dialog.y <= y < dialog.bottom:
            for segment in strip.crop(dialog.x, dialog.right):
                if segment.text.strip(" ─│╭╮╰╯▌") and segment.style is not None and not bars(segment.text):
                    seen[segment.text] = contrast(segment.style)
    assert len(seen) > 3
    assert {text: value for text, value in seen.items() if value < LEAST} == {}


async def test_every_text_of_the_raw_capture_is_easy_to_read(stage: Stage) -> None:
    await stage.press("r")
    assert too_faint(stage) == {}


@pytest.mark.parametrize("theme", ["ink", "paper"])
async def test_every_text_of_the_why_screen_is_easy_to_read(tmp_path: Path, theme: str) -> None:
    with corrections_stage.a_library(tmp_path) as library:
        said = corrections.label("caption")
        library.state.correct(corrections_stage.spot("The fish"), said, "The fish hall of Vellmouth")
        async with on_stage(library, theme=theme) as stage:
            for keys in (["i"], ["j", "j"], ["j"], ["tab"], ["tab", "G"]):
                await why_stage.press(stage, *keys)
                assert too_faint(stage) == {}


async def test_ink_is_the_usual_theme_and_an_unknown_one_is_ink() -> None:
    with a_library() as library:
        for asked, got in ((None, INK.name), ("paper", PAPER.name), ("nord", "nord"), ("no such", INK.name)):
            async with on_stage(library, theme=asked) as stage:
                assert stage.app.theme == got


async def test_another_theme_changes_every_line() -> None:
    with a_library() as library:
        async with on_stage(library) as stage:
            stage.app.theme = "paper"
            await stage.settle()
            paper = Color.parse(PAPER.background or "")
            for strip in stage.app.screen._compositor.render_strips():
                # The last cell may be an end of the scrollbar's grip, drawn in reverse.
                behind = next(
                    style.bgcolor for _, style, _ in reversed(strip._segments) if style and style.bgcolor
                )
                assert Color.from_rich_color(behind).brightness > 0.5
            assert paper.brightness > 0.5


async def test_all_of_textuals_themes_can_be_had() -> None:
    from textual.theme import BUILTIN_THEMES

    with a_library() as library:
        async with on_stage(library) as stage:
            assert {*BUILTIN_THEMES, "ink", "paper"} <= set(stage.app.available_themes)
            for theme in BUILTIN_THEMES:
                stage.app.theme = theme
                await stage.settle()
                assert "CHINA" in stage.text()


async def test_without_colours_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with a_library() as library:
        async with on_stage(library) as stage:
            await stage.press("j")
            for keys in ([], ["l"], ["question_mark"], ["escape", "P"]):
                await stage.press(*keys)
                for strip in stage.app.screen._compositor.render_strips():
                    for segment in strip:
                        style = segment.style
                        assert style is None or all(
                            color is None or color.is_default for color in (style.color, style.bgcolor)
                        )


async def test_without_colours_the_cursor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with a_library() as library:
        async with on_stage(library) as stage:
            row = next(
                strip for strip in stage.app.screen._compositor.render_strips() if strip.text.startswith("▌")
            )
            assert all(segment.style is not None and segment.style.reverse for segment in list(row)[:2])
            await stage.press("l")
            assert any(line.startswith("▌") for line in stage.lines())
