"""What is open when the reader leaves is open at the next start."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from reader.app.main.layout import PaneState
from reader.library import Library, Show, Sort
from reader.settings.session_store import SessionStore, Window
from tests.app.stage import Stage, a_library, on_stage
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.pseudo_terminal import Terminal, python

ONE = "The beige box returns"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of the state, of a reader who has seen the first steps."""
    SessionStore(tmp_path, "").welcome()
    return tmp_path


def again(library: Library, folder: Path) -> AbstractAsyncContextManager[Stage]:
    """The library, opened once more by the same reader."""
    return on_stage(library, session_store=SessionStore(folder, "it"), size=(110, 20))


async def left(library: Library, folder: Path, *keys: str) -> None:
    """Open a library, press keys and leave."""
    async with again(library, folder) as stage:
        await stage.press(*keys)


def state(stage: Stage) -> tuple[str, PaneState, str | None, str]:
    return (
        stage.open_title(),
        stage.screen.panes.state,
        stage.screen.list_pane.view.filters.section,
        stage.screen.list_pane.view.sort.value,
    )


async def test_panes_section_width_article_and_place_come_back(kept: Library, folder: Path) -> None:
    await left(kept, folder, "2", "G", "l", "minus", "j", "j", "ctrl+b")
    async with again(kept, folder) as stage:
        assert state(stage) == (ONE, PaneState("article", sidebar=False), "Enterprise", "added")
        assert stage.app.focused is stage.screen.article_pane.view
        assert stage.screen.article_pane.view.text_width == 56
        assert stage.screen.article_pane.view.where[0] == 3
        assert "Enterprise" in stage.lines()[0]
        await stage.press("escape", "0")
        assert stage.cursor_title() == ONE


@pytest.mark.parametrize("small", [True, False], ids=["small", "large"])
async def test_filters_and_order_come_back_and_the_header_says_them(
    kept: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    if not small:
        monkeypatch.setattr("reader.app.main.list_pane.SMALL", 0)
    await left(kept, folder, "t", "t", "p", "p", "S", "U", "j", "m")
    async with again(kept, folder) as stage:
        filters = stage.screen.list_pane.view.filters
        assert (filters.truncated, filters.sponsored, filters.unread) == (Show.HIDE, Show.HIDE, Show.ONLY)
        assert stage.screen.list_pane.view.sort is Sort.NEWEST
        assert "truncated hidden · sponsored hidden · only unread · newest first" in stage.lines()[0]
        # The article that was marked as read is still listed and open.
        assert len(stage.titles()) == 7
        assert stage.open_title() == stage.cursor_title()


async def test_words_typed_as_a_filter_do_not_come_back(kept: Library, folder: Path) -> None:
    await left(kept, folder, "2", "f", *"box", "enter", "z")
    async with again(kept, folder) as stage:
        assert stage.screen.panes.state == PaneState("article", sidebar=True, zen=True)
        await stage.press("escape")
        assert stage.screen.list_pane.rows.region.width > 0
        assert stage.screen.list_pane.view.in_words() == ("Enterprise",)
    gone = Window(section="Antarctica", truncated="no", sort="no", pane="no", sidebar=False, text_width=9_999)
    SessionStore(folder, "it").keep(gone)
    async with again(kept, folder) as stage:
        assert len(stage.titles()) == 10
        assert stage.screen.panes.state == PaneState("list")
        assert stage.screen.article_pane.view.text_width <= 160


# The first steps


async def test_the_first_start_shows_the_first_steps_and_no_other_does(tmp_path: Path) -> None:
    with a_library() as library:
        async with on_stage(library, session_store=SessionStore(tmp_path, ""), size=(40, 12)) as stage:
            for said in (
                "Welcome",
                "j k",
                "TRUNCATED  the end is missing",
                "SPONSORED  somebody paid for it",
            ):
                assert said in stage.text()
            assert len(stage.lines()) == 12
            await stage.press("escape")
            assert "Welcome" not in stage.text()
        async with on_stage(library, session_store=SessionStore(tmp_path, "")) as stage:
            assert "Welcome" not in stage.text()
            battery = "A permit for a battery"
            for key, shows in (
                ("j", battery),
                ("s", "Type to filter"),
                ("slash", "find title"),
                ("q", battery),
            ):
                # A key closes them and does what it says, but q closes nothing else.
                await stage.press("f1")
                assert "q      back, and in the list: quit" in stage.text()
                await stage.press(key)
                assert "Welcome" not in stage.text()
                assert shows in stage.text()
                assert stage.screen.list_pane.rows.cursor == 1
                if key in ("s", "slash"):
                    await stage.press("escape")
            assert stage.app.is_running
            await stage.press("question_mark", *"first keys", "enter")
            assert "Welcome" in stage.text()
            await stage.pilot.click("#dialog")
            assert "Welcome" not in stage.text()


async def test_where_nothing_can_be_written_the_first_steps_are_shown_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with a_library() as library:
        for _ in range(2):
            async with on_stage(library, session_store=SessionStore(tmp_path / "file", "it")) as stage:
                assert "Welcome" in stage.text()
                await stage.press("enter")
                assert stage.screen.pane == "article"
                assert stage.said() == []


def test_the_program_remembers_what_was_open_and_shows_the_first_steps_once(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        add_pages(library, [a_page("one", an_article(headline="The rooftop farms"))])
    command = python("-c", "from reader.cli import main; raise SystemExit(main())", "--library", str(path))
    for shown, keys in (("Welcome to Protocol Reader", "l"), ("j/k scroll", "")):
        with Terminal(command, columns=100, rows=30, env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
            terminal.until_shown(shown)
            terminal.until_shown("The rooftop farms")
            if keys:
                terminal.press(keys)
                terminal.until_shown("j/k scroll")
                assert "Welcome" not in terminal.text
            terminal.press("\x11")
            assert terminal.status() == 0
