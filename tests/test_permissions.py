"""What a process that has given up its permissions refuses to do, whoever asks."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Final

import pytest

from reader.app.browser import browse
from reader.app.dialogs.fetching import Recovery
from reader.app.dialogs.piped import PipedCommand
from reader.app.dialogs.settings import with_value
from reader.errors import NotPermittedError, ReaderError
from reader.export.formats import FORMATS
from reader.export.items import Export
from reader.export.saving import save, save_each
from reader.permissions import OWNER, VISITOR, Permission, limited_to, permitted, require
from reader.settings import in_force
from reader.settings.options import BY_NAME, OPTIONS, offered
from reader.settings.session_store import FILE, SessionStore, Window
from reader.settings.writing import initialise, keep
from reader.wayback.client import Timeouts, Transport

_EXPORT: Final = Export("A roof", date(2026, 3, 1), [])


def _fetch(folder: Path) -> object:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        try:
            return Transport("test", Timeouts(0.1, 0.1)).get(address, 10)
        finally:
            # The test looks for what has been written: here, that somebody has called.
            with suppress(TimeoutError):
                listening.accept()[0].close()
                (folder / "called").touch()


ACTS: Final[dict[str, Callable[[Path], object]]] = {
    "pipe": lambda folder: PipedCommand(f"touch '{folder}/file'", "text").run(),
    "browser": lambda folder: browse("https://protocol.example/", f"sh -c 'touch {folder}/file'"),
    "missing --fetch": lambda folder: Recovery(
        ["missing", "--fetch", "--library", str(folder / "none")], lambda: None
    ).start(),
    "request": _fetch,
    "settings": lambda folder: keep(folder / "config.toml", "screen.theme", "paper"),
    "first settings": lambda folder: initialise(folder / "config.toml", ""),
    "export": lambda folder: save(folder / "file", lambda out: out.write(b"text")),
    "exports": lambda folder: save_each(folder / "all", _EXPORT, FORMATS[0], report=lambda _: None),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_visitor_is_refused_and_nothing_is_done(act: str, tmp_path: Path) -> None:
    with limited_to(VISITOR), pytest.raises(NotPermittedError, match="In a browser"):
        ACTS[act](tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_visitor_sets_nothing_that_is_the_owners(tmp_path: Path) -> None:
    found = in_force(environment={"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)})
    with limited_to(VISITOR):
        assert not [option.name for option in offered() if option.group == "network"]
        for name, value in (("network.browser", "sh"), ("network.wayback", "http://127.0.0.1/")):
            with pytest.raises(NotPermittedError):
                with_value(found, BY_NAME[name], value)
        assert with_value(found, BY_NAME["text.width"], 60).settings.text_width == 60
    assert offered() == OPTIONS
    assert with_value(found, BY_NAME["network.browser"], "sh").settings.browser == "sh"


def test_what_a_visitor_has_open_is_not_remembered(tmp_path: Path) -> None:
    memory = SessionStore(tmp_path, "library")
    with limited_to(VISITOR):
        memory.keep(Window(section="China"))
        memory.welcome()
    assert list(tmp_path.iterdir()) == []
    memory.keep(Window(section="Policy"))
    assert (tmp_path / FILE).exists()


def test_permissions_are_given_up_in_all_threads_and_nobody_takes_more() -> None:
    held: list[bool] = []
    with limited_to(VISITOR):
        with limited_to(OWNER):
            thread = Thread(target=lambda: held.append(permitted(Permission.FETCH)))
            thread.start()
            thread.join()
        with pytest.raises(ReaderError, match="nothing is fetched"):
            require(Permission.FETCH)
    assert held == [False]
    assert all(map(permitted, Permission))
