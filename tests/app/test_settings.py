"""What is set holds on the screen, and the settings screen shows and changes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reader.app.dialogs.settings import ChoiceScreen, SettingsScreen
from reader.commands.inputs import settings_in_force
from reader.library import Library
from reader.settings import Settings
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
    await stage.press("g", *["j"] * index, "enter")


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


@pytest.mark.config('[screen]\ntheme = "paper"\n[text]\nwidth = 40\n[citations]\nstyle = "mla"\n')
async def test_the_screen_begins_as_it_is_set(stage: Stage) -> None:
    assert stage.app.theme == "paper"
    assert stage.screen.article_pane.view.text_width == 40
    await stage.press("plus", "equals_sign")
    assert stage.screen.article_pane.view.text_width == 40
    await stage.press("Y", "enter")
    assert "Protocol," in stage.app.clipboard
    assert stage.said()[-1].endswith("sent to the clipboard")


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


@pytest.mark.config("[network]\nbrowser = '/nowhere/browser'\n")
async def test_a_browser_that_cannot_be_started_is_named(stage: Stage) -> None:
    await stage.press("j", "o")
    assert stage.said() == ["“/nowhere/browser” cannot be started; change the setting network.browser"]


@pytest.mark.config('[text]\nwidth = 400\n[screen]\ntheme = "papper"\n[search]\nstems = false\n')
async def test_a_faulty_file_keeps_nobody_from_reading(stage: Stage) -> None:
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
    await stage.press("j")
    assert 'did you mean "paper"?' in " ".join(stage.text().replace("│", " ").split())


# The settings screen


@pytest.mark.config('[text]\nwidth = 60\n[keys]\nview.why = "F4"\n', size=(100, 50))
async def test_it_lists_every_option_with_its_value_and_where_it_comes_from(stage: Stage) -> None:
    await stage.press("comma")
    lines = [" ".join(line.strip("│╭╰─╮╯ ").split()) for line in stage.text().splitlines()]
    rows = stage.top(SettingsScreen).rows.model
    for shown in rows.rows(0, len(rows)):
        assert any((shown.label or shown.text) in line for line in lines)
    assert any("width 60 config.toml, line 2" in line for line in lines)
    assert any("view.why F4 config.toml, line 4" in line for line in lines)
    await stage.press("G")
    assert "keys.view.why = F4 (from config.toml, line 4); change it in the file" in stage.text()


async def test_without_a_file_it_says_how_to_begin_one(stage: Stage, file: Path) -> None:
    await stage.press("comma")
    assert "does not exist yet" in stage.text()
    await stage.press("g")
    assert "The first change here creates" in " ".join(stage.text().replace("│", " ").split())
    await stage.press("y")
    assert stage.app.clipboard == str(file)


@pytest.mark.config("# mine\n[text]\nwidth = 60 # narrow\n")
async def test_a_number_is_chosen_holds_at_once_and_is_written(stage: Stage, file: Path) -> None:
    await change(stage, "text.width", "88")
    assert file.read_text() == "# mine\n[text]\nwidth = 88 # narrow\n"
    assert stage.screen.article_pane.view.text_width == 88
    assert "text.width = 88 (from config.toml, line 3; the default is 72)" in stage.text()


async def test_a_number_is_found_by_its_first_digits(stage: Stage) -> None:
    await choose(stage, "text.width")
    await stage.press("7")
    chooser = stage.top(ChoiceScreen)
    assert [row.result for row in chooser.rows.model.rows(0, 99)] == [*range(70, 80)]
    # Only the digits that the file takes, too.
    await stage.press("ctrl+u", *"٣٠")
    assert len(chooser.rows.model) == 0
    assert "It takes" in stage.text()


async def test_a_theme_is_previewed_while_it_is_chosen(stage: Stage, file: Path) -> None:
    await choose(stage, "screen.dark_theme")
    await stage.press(*"nord")
    assert stage.app.theme == "nord"
    await stage.press("escape")
    assert stage.app.theme == "ink"
    assert not file.exists()


async def test_the_palette_changes_the_theme_and_the_first_change_makes_the_file(
    stage: Stage, file: Path
) -> None:
    await stage.press("ctrl+p", *"change the theme")
    await stage.until(lambda: "Change the theme" in stage.text())
    await stage.press("enter", *"paper", "enter")
    await done(stage)
    assert stage.app.theme == "paper"
    assert file.read_text() == '[screen]\ntheme = "paper"\n'
    await stage.press("escape")
    await change(stage, "text.width", "50")
    assert file.read_text() == '[screen]\ntheme = "paper"\n\n[text]\nwidth = 50\n'


async def test_only_what_the_option_takes_can_be_typed(stage: Stage, file: Path) -> None:
    await choose(stage, "text.hyphenation")
    await stage.press(*"no words")
    assert 'It takes "off", "auto" or a language such as en_US.' in stage.text()
    await stage.press("enter", *["backspace"] * 8, *"en_GB", "enter")
    await done(stage)
    assert file.read_text() == '[text]\nhyphenation = "en_GB"\n'
    await stage.until(lambda: stage.screen.article_pane.view.typesetting.hyphenate is not None)


async def test_a_second_click_changes(stage: Stage, file: Path) -> None:
    await stage.press("comma")
    await stage.click("stems")
    assert stage.app.settings.stems
    await stage.click("stems")
    await done(stage)
    assert file.read_text() == "[search]\nstems = false\n"


async def test_what_the_command_line_said_can_be_changed_too(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings_in_force({"screen.theme": ("--theme", "nord")})
    async with on_stage(library, in_force=given) as stage:
        await stage.press("comma")
        assert "--theme" in stage.text()
        await change(stage, "screen.theme", "dracula")
        assert stage.app.theme == "dracula"
        assert stage.app.in_force.source("screen.theme") == "config.toml, line 2"


@pytest.mark.config("[text]\nwidth = 400\n")
async def test_a_faulty_file_is_left_alone_and_the_change_holds_all_the_same(
    stage: Stage, file: Path
) -> None:
    text = "[text]\nwidth = 400\n"
    await change(stage, "text.width", "90")
    assert file.read_text() == text
    assert stage.screen.article_pane.view.text_width == 90
    assert stage.said()[-1].endswith(
        "the file is not changed until you correct that. The change lasts until you quit."
    )
    assert "this session" in stage.text()


async def test_an_app_made_with_settings_alone_shows_them(library: Library) -> None:
    async with on_stage(library, settings=Settings(text_width=50)) as stage:
        await stage.press("comma")
        assert "50" in stage.text()
