"""Keys that come faster than the screen: each is acted on before the next one is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from textual import events
from textual.widgets import Input

from reader.app.dialogs.piped import Outcome, PipedCommand
from reader.app.dialogs.welcome import WelcomeScreen
from tests.app_stage import Stage, a_library, on_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    with a_library() as library:
        async with on_stage(library, size=(110, 20)) as stage:
            yield stage


async def type_at_once(stage: Stage, keys: str) -> None:
    names = {"/": "slash", "?": "question_mark", "|": "vertical_line", "\r": "enter", "\t": "tab"}
    for key in keys:
        stage.app.post_message(events.Key(names.get(key, key), key))
    await stage.settle()


@pytest.mark.parametrize("first", ["/", "f", "s", "?"])
async def test_what_follows_in_one_burst_is_text(stage: Stage, first: str) -> None:
    # As keys, these would sort, show the raw capture and quit.
    await type_at_once(stage, f"{first}Srq")
    assert stage.app.screen.query_one(Input).value == "Srq"
    assert stage.app.is_running


@pytest.mark.parametrize("first", ["/", "f", "s", "?"])
async def test_a_burst_over_the_first_steps_loses_nothing(stage: Stage, first: str) -> None:
    await stage.press("f1")
    assert isinstance(stage.app.screen, WelcomeScreen)
    await type_at_once(stage, f"{first}Srq")
    assert stage.app.screen.query_one(Input).value == "Srq"
    assert stage.app.is_running


async def test_commands_in_one_burst_over_the_first_steps(stage: Stage) -> None:
    await stage.press("f1")
    await type_at_once(stage, "jjlh")
    assert stage.app.focused is not None
    assert stage.app.focused.id == "list"
    assert stage.screen.list_pane.rows.cursor == 2


async def test_commands_in_one_burst_are_carried_out_in_order(stage: Stage) -> None:
    await type_at_once(stage, "jjlhk")
    assert stage.app.focused is not None
    assert stage.app.focused.id == "list"
    assert "A permit for a battery" in stage.text()
    assert stage.screen.list_pane.rows.cursor == 1


async def test_enter_comes_after_all_that_was_typed_before_it(stage: Stage) -> None:
    await type_at_once(stage, "frooftop\r")
    assert stage.screen.list_pane.view.filters.words == "rooftop"
    assert not stage.screen.prompt.is_open


async def test_a_command_is_run_as_it_was_typed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []
    monkeypatch.setattr(PipedCommand, "__init__", lambda _, command, __: commands.append(command))
    monkeypatch.setattr(PipedCommand, "run", lambda _: Outcome("", 0))
    monkeypatch.setattr(PipedCommand, "stop", lambda _: None)
    await type_at_once(stage, "|wc -w\r")
    assert commands == ["wc -w"]
