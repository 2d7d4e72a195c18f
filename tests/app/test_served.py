"""The app in a browser: what goes to the browser instead of the machine, and what is not done at all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import pytest
import pytest_asyncio
from textual.app import App

from reader.app.app import ReaderApp
from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.piped import PipedScreen
from reader.app.web_driver import whole_writer
from reader.permissions import VISITOR, Permission, limited_to
from tests.app.stage import Stage, a_library, on_stage


@pytest_asyncio.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(App, "is_web", True)
    with limited_to(VISITOR), a_library() as library:
        async with on_stage(library) as stage:
            yield stage


async def test_no_command_is_run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.press("vertical_line")
    assert not stage.screen.prompt.is_open
    assert stage.said() == [Permission.RUN_COMMANDS.value]
    assert not any(isinstance(screen, PipedScreen) for screen in stage.app.screen_stack)


async def test_there_is_no_shell_to_go_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda *about: killed.append(about[0]))
    await stage.press("ctrl+z")
    assert stage.said() == [Permission.SUSPEND.value]
    assert killed == []


async def test_addresses_open_in_the_browser_that_shows_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(ReaderApp, "open_url", lambda _self, url: opened.append(url))
    monkeypatch.setenv("BROWSER", "false")
    with_address = next(
        index
        for index, row in enumerate(
            stage.screen.list_pane.listing.rows(0, len(stage.screen.list_pane.listing))
        )
        if stage.screen.library.article(row.key).url
    )
    stage.screen.go_to(with_address)
    await stage.settle()
    await stage.press("o")
    assert stage.screen.article_pane.stored is not None
    assert opened == [stage.screen.article_pane.stored.url]
    await stage.press("O")
    assert opened[1] == f"https://web.archive.org/web/{stage.screen.article_pane.stored.url}"


async def test_what_is_exported_is_handed_to_the_browser(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handed: list[tuple[bytes, str]] = []

    def deliver(_self: ReaderApp, file: BinaryIO, *, save_filename: str) -> None:
        with file:
            handed.append((file.read(), save_filename))

    monkeypatch.setattr(ReaderApp, "deliver_binary", deliver)
    monkeypatch.chdir(tmp_path)
    title = stage.open_title()
    await stage.press("e")
    screen: Any = stage.app.screen
    screen._file.value = "/etc/../x/My roof.md"
    await stage.press("enter")
    await stage.until(lambda: bool(handed))
    ((content, name),) = handed
    assert title.encode() in content
    assert "/" not in name
    assert name.endswith("My roof.md")
    assert stage.said() == [f"1 article exported to {name}, for the browser to download"]
    assert list(tmp_path.iterdir()) == []


async def test_a_browser_gets_no_folder(stage: Stage, tmp_path: Path) -> None:
    await stage.press("e")
    screen: Any = stage.app.screen
    screen._file.value = f"{tmp_path}/out/"
    await stage.press("enter")
    assert isinstance(stage.app.screen, ExportScreen)
    assert "A browser downloads one file" in stage.text()
    assert list(tmp_path.iterdir()) == []


def test_packets_of_two_threads_do_not_mix() -> None:
    size, number = 300_000, 10
    reading, writing = os.pipe()
    write = whole_writer(writing)
    threads = [
        Thread(target=lambda one=one: [write(one * size) for _ in range(number)]) for one in (b"a", b"b")
    ]
    for thread in threads:
        thread.start()
    with open(reading, "rb") as stream:  # noqa: PTH123
        packets = [stream.read(size) for _ in range(2 * number)]
    for thread in threads:
        thread.join()
    os.close(writing)
    assert sorted(packets) == [b"a" * size] * number + [b"b" * size] * number
