"""The app that most tests of the app begin with."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from reader.library import Library
from tests.app.stage import Stage, a_library, on_stage, pages
from tests.filling import add_pages


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "staged(library, problems, **options): how `stage` begins")
    config.addinivalue_line("markers", "config(text, size): the settings that `stage` begins with")


@pytest.fixture
def library() -> Iterator[Library]:
    """A small library."""
    with a_library() as library:
        yield library


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Library]:
    """The same in a library that lasts."""
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages())
        yield library


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The app over a small library.

    A mark `staged`, or a parameter, has options for `on_stage`, and `problems` of the library or a function that makes
    another `library`.
    """
    options: dict[str, Any] = dict(getattr(request, "param", {}))
    for mark in request.node.iter_markers("staged"):  # The nearest first.
        options = mark.kwargs | options
    problems = options.pop("problems", ())
    make = options.pop("library", lambda: a_library(problems))
    with make() as library:
        async with on_stage(library, **options) as stage:
            yield stage


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser, no clipboard's window, no archive, a folder without files, and settings of this test's own."""
    monkeypatch.chdir(tmp_path)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("PROTOCOL_READER_WAYBACK", "http://127.0.0.1:9")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are started for the browser, which none is."""
    started: list[list[str]] = []

    class Browser:
        def __init__(self, command: list[str], **how: object) -> None:
            assert how == {"stdin": -3, "stdout": -3, "stderr": -3, "start_new_session": True}
            started.append(command)

        def wait(self) -> None:
            pass

    monkeypatch.setattr(subprocess, "Popen", Browser)
    monkeypatch.setenv("BROWSER", "sh")
    return started
