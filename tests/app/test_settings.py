"""What is set holds on the screen, and the settings screen shows and changes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reader.app.dialogs.settings import ChoiceScreen, SettingsScreen
from reader.commands.inputs import settings_in_force
from reader.library import Library
from tests.app.stage import Stage, on_pages, on_stage, pages


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is; it is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "protocol-reader" / "config.toml"


@pytest.fixture
async def stage(file: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The app as it opens with the config.toml of a mark `config`, or with none."""
    size = (100, 30)
    if mark := request.node.get_closest_marker("config"):
        file.parent.mkdir()
        file.write_text(mark.args[0], "utf-8")
        size = mark.kwargs.get("size", size)
    async with on_pages(pages(), size=size, in_force=settings_in_force()) as stage:
        yield stage


async def choose(stage: Stage, name: str) -> None:
    """Press Enter on an option of the settings screen."""
    if not isinstance(stage.app.screen, SettingsScreen):
        await stage.press("comma")
    rows = stage.top(SettingsScreen).rows
    options = [rows.row(index).result for index in range(len(rows.model))]
    index = next(n for n, option in enumerate(options) if option is not None and option.name == name)
    await stage.press("home", *["down"] * index, "enter")


async def change(stage: Stage, name: str, value: str) -> None:
    """Type another value of an option, and wait until the file has been written."""
    await choose(stage, name)
    await stage.press(*value, "enter")
    await done(stage)


async def done(stage: Stage) -> None:
    """Wait until the file has been written."""
    await stage.app.workers.wait_for_complete()
    await stage.settle()


# What is set holds


BEGINNING = """\
[screen]
theme = "paper"
[text]
width = 40
[citations]
style = "mla"
[network]
browser = "/nowhere/browser"
"""


@pytest.mark.config(BEGINNING)
async def test_the_screen_begins_as_it_is_set(stage: Stage) -> None:
    assert stage.app.theme == "paper"
    assert stage.screen.article_pane.view.text_width == 40
    await stage.press("plus", "equals_sign")
    assert stage.screen.article_pane.view.text_width == 40
    await stage.press("Y", "enter")
    assert "Protocol," in stage.app.clipboard
    assert stage.said()[-1].endswith("sent to the clipboard")
    await stage.press("j", "o")
    said = stage.said()[-1]
    assert said.startswith("“/nowhere/browser” cannot be started; change the setting network.browser. ")
    assert said.endswith(f"{stage.app.clipboard} was sent to the clipboard")


async def test_the_browser_is_the_one_that_is_set(library: Library, file: Path, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}.new; mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    file.parent.mkdir()
    file.write_text(f"[network]\nbrowser = '{browser} --new %s'\n", "utf-8")
    async with on_stage(library, in_force=settings_in_force()) as stage:
        await stage.press("j", "o")
        await stage.until(opened.exists)
        assert opened.read_text() == "--new https://protocol.example/3\n"


@pytest.mark.config("[network]\nbrowser = 'sh -c \"exit 3\"'\n")
async def test_a_browser_that_fails_at_once_is_named(stage: Stage) -> None:
    await stage.press("j", "o")
    await stage.until(lambda: len(stage.said()) == 2)
    assert sorted(stage.said())[-1] == "“sh” failed with status 3: the browser may not have opened"


FAULTY = '[text]\nwidth = 400\n[screen]\ntheme = "papper"\n[search]\nstems = false\n'


@pytest.mark.config(FAULTY)
async def test_a_faulty_file_keeps_nobody_from_reading_and_is_left_alone(stage: Stage, file: Path) -> None:
    assert stage.screen.article_pane.view.text_width == 72
    assert stage.app.theme == "ink"
    assert not stage.app.settings.stems
    (said,) = stage.said()
    assert "line 2: text.width must be a whole number from 28 to 120, not 400." in said
    assert "One more is on the settings screen (,)" in said
    await stage.press("comma")
    assert "IGNORED" in stage.text()
    assert "line 2: text.width must be" in stage.text()
    assert 'not "papper"; did you mean "paper"?' not in stage.text()
    await stage.press("down")
    assert 'did you mean "paper"?' in " ".join(stage.text().replace("│", " ").split())
    await change(stage, "text.width", "90")
    assert file.read_text() == FAULTY
    assert stage.screen.article_pane.view.text_width == 90
    assert stage.said()[-1].endswith(
        "the file is not changed until you correct that. The change lasts until you quit."
    )
    assert "this session" in stage.text()


# The settings screen


OWN = '# mine\n[text]\nwidth = 60 # narrow\n[keys]\nview.why = "F4"\n'


@pytest.mark.config(OWN, size=(100, 50))
async def test_it_lists_every_option_with_where_it_comes_from_and_a_change_holds_at_once(
    stage: Stage, file: Path
) -> None:
    await stage.press("comma")
    lines = [" ".join(line.strip("│╭╰─╮╯ ").split()) for line in stage.text().splitlines()]
    rows = stage.top(SettingsScreen).rows.model
    for shown in rows.rows(0, len(rows)):
        assert any((shown.label or shown.text) in line for line in lines)
    assert any("width 60 config.toml, line 3" in line for line in lines)
    assert any("view.why F4 config.toml, line 5" in line for line in lines)
    await stage.press("end")
    assert "keys.view.why = F4 (from config.toml, line 5); change it in the file" in stage.text()
    await change(stage, "text.width", "88")
    assert file.read_text() == OWN.replace("60", "88")
    assert stage.screen.article_pane.view.text_width == 88
    assert "text.width = 88 (from config.toml, line 3; the default is 72)" in stage.text()


async def test_without_a_file_it_says_how_to_begin_one_and_looking_at_choices_makes_none(
    stage: Stage, file: Path
) -> None:
    await stage.press("comma")
    assert "does not exist yet" in stage.text()
    await stage.press("home")
    assert "The first change here creates" in " ".join(stage.text().replace("│", " ").split())
    await stage.press("enter")
    assert stage.app.clipboard == str(file)
    # A number out of range is refused, and so are digits that the file does not take.
    await choose(stage, "text.width")
    for typed in ("5", "500", "٣٠"):
        await stage.press("ctrl+u", *typed, "enter")
        assert stage.top(ChoiceScreen).chosen is None
        assert "It takes a whole number from 28 to 120." in stage.text()
    # A theme is previewed.
    await stage.press("escape")
    await choose(stage, "screen.dark_theme")
    await stage.press(*"nord")
    assert stage.app.theme == "nord"
    await stage.press("escape")
    assert stage.app.theme == "ink"
    assert not file.exists()


async def test_the_palette_changes_the_theme_the_first_change_makes_the_file_and_others_follow(
    stage: Stage, file: Path
) -> None:
    await stage.press("ctrl+p", *"change the theme")
    await stage.until(lambda: "Change the theme" in stage.text())
    await stage.press("enter", *"paper", "enter")
    await done(stage)
    assert stage.app.theme == "paper"
    assert file.read_text() == '[screen]\ntheme = "paper"\n'
    # It leads back to where it began, also without a change.
    assert stage.app.screen is stage.screen
    await stage.press("ctrl+p", *"change the theme")
    await stage.step("enter", "down")
    assert stage.app.theme != "paper"
    await stage.press("escape")
    assert stage.app.theme == "paper"
    assert stage.app.screen is stage.screen
    await choose(stage, "text.hyphenation")
    await stage.press(*"no words")
    assert 'It takes "off", "auto" or a language such as en_US.' in stage.text()
    await stage.press("enter", *["backspace"] * 8, *"en_GB", "enter")
    await done(stage)
    assert file.read_text() == '[screen]\ntheme = "paper"\n\n[text]\nhyphenation = "en_GB"\n'
    await stage.until(lambda: stage.screen.article_pane.view.typesetting.hyphenate is not None)


async def test_typing_filters_and_a_change_keeps_the_filter(stage: Stage, file: Path) -> None:
    await stage.press("comma", *"stems")
    rows = stage.top(SettingsScreen).rows
    assert [rows.row(index).label for index in range(len(rows.model))] == ["stems"]
    await stage.press("enter")
    await done(stage)
    assert (file.read_text(), len(rows.model)) == ("[search]\nstems = false\n", 1)
    await stage.press(*"hq")
    assert "No setting contains that." in stage.text()


async def test_a_second_click_changes(stage: Stage, file: Path) -> None:
    await stage.press("comma")
    await stage.click("stems")
    assert stage.app.settings.stems
    await stage.click("stems")
    await done(stage)
    assert file.read_text() == "[search]\nstems = false\n"


async def test_what_the_command_line_said_can_be_changed_too(library: Library, file: Path) -> None:
    given = settings_in_force({"screen.theme": ("--theme", "nord")})
    async with on_stage(library, in_force=given) as stage:
        await stage.press("comma")
        assert "--theme" in stage.text()
        await change(stage, "screen.theme", "dracula")
        assert stage.app.theme == "dracula"
        assert stage.app.in_force.source("screen.theme") == "config.toml, line 2"
