"""What is set holds on the screen, and the settings screen shows and changes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from reader.app.dialogs.settings import SettingsScreen
from reader.commands.common import settings_in_force
from reader.library import Sort
from reader.settings import Settings
from tests.app.stage import TITLES_AS_LISTED, Stage, a_library, on_stage

Staged = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is; it is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "protocol-reader" / "config.toml"


@pytest.fixture
def staged(file: Path) -> Staged:
    """The app as it opens with a config.toml."""

    @asynccontextmanager
    async def stage(text: str | None = None, *, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Stage]:
        if text is not None:
            file.parent.mkdir()
            file.write_text(text, "utf-8")
        with a_library() as library:
            async with on_stage(library, size=size, in_force=settings_in_force()) as made:
                yield made

    return stage


def screen(stage: Stage) -> SettingsScreen:
    assert isinstance(stage.app.screen, SettingsScreen)
    return stage.app.screen


async def choose(stage: Stage, name: str) -> None:
    """Press Enter on an option."""
    rows = screen(stage).rows
    index = next(
        i
        for i in range(len(rows.model))
        if (option := rows.row(i).option) is not None and option.name == name
    )
    await stage.press("g", *["j"] * index, "enter")


async def done(stage: Stage) -> None:
    """Wait until the file has been written."""
    await stage.app.workers.wait_for_complete()
    await stage.settle()


# What is set holds


async def test_the_screen_begins_as_it_is_set(staged: Staged) -> None:
    text = (
        '[screen]\ntheme = "paper"\n[list]\nsort = "title"\n[text]\nwidth = 40\n[citations]\nstyle = "mla"\n'
    )
    async with staged(text) as stage:
        assert stage.app.theme == "paper"
        assert stage.screen.list_pane.view.sort is Sort.TITLE
        assert stage.titles()[:2] == ["A court in Wuxi reads the lease", "A permit for a battery"]
        assert stage.cursor_title() == "A court in Wuxi reads the lease"
        assert stage.screen.article_pane.view.text_width == 40
        await stage.press("plus", "equals_sign")
        assert stage.screen.article_pane.view.text_width == 40
        await stage.press("Y", "enter")
        assert "Protocol," in stage.app.clipboard
        assert stage.said()[-1].endswith("sent to the clipboard")


async def test_the_browser_is_the_one_that_is_set(staged: Staged, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}.new; mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    async with staged(f"[network]\nbrowser = '{browser} --new %s'\n") as stage:
        await stage.press("j", "o")
        await stage.until(opened.exists)
        assert opened.read_text() == "--new https://protocol.example/3\n"


async def test_a_browser_that_cannot_be_started_is_named(staged: Staged) -> None:
    async with staged("[network]\nbrowser = '/nowhere/browser'\n") as stage:
        await stage.press("j", "o")
        assert stage.said() == [
            "“/nowhere/browser” cannot be started; it is the network.browser of the settings"
        ]


async def test_a_faulty_file_keeps_nobody_from_reading(staged: Staged) -> None:
    async with staged('[text]\nwidth = 400\n[screen]\ntheme = "papper"\n[list]\nsort = "title"\n') as stage:
        assert stage.screen.article_pane.view.text_width == 72
        assert stage.app.theme == "ink"
        assert stage.screen.list_pane.view.sort is Sort.TITLE
        (said,) = stage.said()
        assert "line 2: text.width must be a whole number from 28 to 120, not 400." in said
        assert "One more is on the settings screen (,)" in said
        await stage.press("comma")
        assert "NOT USED" in stage.text()
        assert "line 2: text.width must be" in stage.text()
        assert 'not "papper"; did you mean "paper"?' not in stage.text()
        await stage.press("j")
        assert 'did you mean "paper"?' in " ".join(stage.text().replace("│", " ").split())


# The settings screen


async def test_it_lists_every_option_with_its_value_and_where_it_comes_from(staged: Staged) -> None:
    async with staged('[text]\nwidth = 60\n[keys]\nview.why = "F4"\n', size=(100, 50)) as stage:
        await stage.press("comma")
        lines = [" ".join(line.strip("│╭╰─╮╯ ").split()) for line in stage.text().splitlines()]
        for row in range(len(screen(stage).rows.model)):
            assert any(screen(stage).rows.row(row).title in line for line in lines)
        assert any("width 60 config.toml, line 2" in line for line in lines)
        assert any("view.why F4 config.toml, line 4" in line for line in lines)
        await stage.press("G")
        assert "keys.view.why = F4 (from config.toml, line 4); change it in the file" in stage.text()


async def test_without_a_file_it_says_how_to_begin_one(staged: Staged, file: Path) -> None:
    async with staged() as stage:
        await stage.press("comma")
        assert "not there yet" in stage.text()
        await stage.press("g")
        assert "protocol-reader settings --init" in " ".join(stage.text().replace("│", " ").split())
        await stage.press("y")
        assert stage.app.clipboard == str(file)


async def test_a_number_is_chosen_holds_at_once_and_is_written(staged: Staged, file: Path) -> None:
    async with staged("# mine\n[text]\nwidth = 60 # narrow\n") as stage:
        await stage.press("comma")
        await choose(stage, "text.width")
        await stage.press(*"88", "enter")
        await done(stage)
        assert file.read_text() == "# mine\n[text]\nwidth = 88 # narrow\n"
        assert stage.screen.article_pane.view.text_width == 88
        assert "text.width = 88 (from config.toml, line 3; usual is 72)" in stage.text()


async def test_a_switch_is_turned_and_the_first_change_makes_the_file(staged: Staged, file: Path) -> None:
    async with staged() as stage:
        await stage.press("comma")
        await choose(stage, "screen.remember")
        await done(stage)
        assert file.read_text() == "[screen]\nremember = false\n"
        assert not stage.app.settings.remember


async def test_a_theme_is_put_on_and_the_sort_followed(staged: Staged, file: Path) -> None:
    async with staged() as stage:
        await stage.press("comma")
        await choose(stage, "screen.theme")
        await stage.press(*"paper", "enter")
        await done(stage)
        assert stage.app.theme == "paper"
        await choose(stage, "list.sort")
        await stage.press(*"title", "enter")
        await done(stage)
        assert stage.screen.list_pane.view.sort is Sort.TITLE
        assert stage.cursor_title() == TITLES_AS_LISTED[0]
        assert file.read_text() == '[screen]\ntheme = "paper"\n\n[list]\nsort = "title"\n'


async def test_only_what_the_option_takes_can_be_typed(staged: Staged, file: Path) -> None:
    async with staged() as stage:
        await stage.press("comma")
        await choose(stage, "text.hyphenation")
        await stage.press(*"no words")
        assert "Nothing matches." in stage.text()
        await stage.press("enter", *["backspace"] * 8, *"en_GB", "enter")
        await done(stage)
        assert file.read_text() == '[text]\nhyphenation = "en_GB"\n'


async def test_a_second_click_changes(staged: Staged, file: Path) -> None:
    async with staged() as stage:
        await stage.press("comma")
        row = next(y for y, line in enumerate(stage.lines()) if "remember" in line)
        await stage.pilot.click(offset=(30, row))
        assert stage.app.settings.remember
        await stage.pilot.click(offset=(30, row))
        await done(stage)
        assert file.read_text() == "[screen]\nremember = false\n"


async def test_what_the_command_line_said_can_be_changed_too(
    staged: Staged, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings_in_force({"screen.theme": ("--theme", "nord")})
    with a_library() as library:
        async with on_stage(library, in_force=given) as stage:
            await stage.press("comma")
            assert "--theme" in stage.text()
            await choose(stage, "screen.theme")
            await stage.press(*"dracula", "enter")
            await done(stage)
            assert stage.app.theme == "dracula"
            assert stage.app.in_force is not None
            assert stage.app.in_force.source("screen.theme") == "config.toml, line 2"


async def test_a_faulty_file_is_left_alone_and_the_change_holds_all_the_same(
    staged: Staged, file: Path
) -> None:
    text = "[text]\nwidth = 400\n"
    async with staged(text) as stage:
        await stage.press("comma")
        await choose(stage, "text.width")
        await stage.press(*"90", "enter")
        await done(stage)
        assert file.read_text() == text
        assert stage.screen.article_pane.view.text_width == 90
        assert stage.said()[-1].endswith(
            "the file is not changed until that is corrected. It holds until the reader is left."
        )
        assert "this session" in stage.text()


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
async def test_it_fits_every_terminal(staged: Staged, size: tuple[int, int]) -> None:
    async with staged('[text]\nwidth = 400\n[list]\nsort = "title"\n', size=size) as stage:
        await stage.press("comma", "j", "j", "j")
        assert "Settings" in stage.text()
        assert "theme" in stage.text()
        await stage.press("q")
        assert stage.app.screen is stage.screen


async def test_an_app_made_with_settings_alone_shows_them() -> None:
    with a_library() as library:
        async with on_stage(library, settings=Settings(text_width=50)) as stage:
            await stage.press("comma")
            assert "50" in stage.text()
