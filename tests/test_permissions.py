"""What a process that has given up its permissions refuses to do, and files that only their owner may read."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Final
from unittest.mock import patch

import pytest

from reader.app.dialogs.fetching import Recovery
from reader.app.dialogs.plain_text import run_command
from reader.app.dialogs.settings import with_value
from reader.app.main.links import browse
from reader.archives.addresses import server_at
from reader.archives.client import Client
from reader.cli import main
from reader.errors import NotPermittedError, ReaderError
from reader.export.formats import FORMATS, save, save_each
from reader.export.items import Export
from reader.library import Library
from reader.permissions import Permission, permitted, require, visiting
from reader.settings import in_force
from reader.settings.config import keep
from reader.settings.options import BY_NAME, OPTIONS, offered
from reader.settings.session_store import FILE, SessionStore, Window
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article

_EXPORT: Final = Export("A roof", date(2026, 3, 1), [])


def _fetch(folder: Path) -> object:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        try:
            with patch.multiple("reader.archives.client", SILENCE_SECONDS=0.1, ANSWER_SECONDS=0.1):
                return Client(server_at(address)).get(address)
        finally:
            # The test looks for what has been written: here, that somebody has called.
            with suppress(TimeoutError):
                listening.accept()[0].close()
                (folder / "called").touch()


ACTS: Final[dict[str, Callable[[Path], object]]] = {
    "pipe": lambda folder: asyncio.run(run_command(f"touch '{folder}/file'", "text")),
    "browser": lambda folder: browse("https://protocol.example/", f"sh -c 'touch {folder}/file'"),
    "missing --fetch": lambda folder: asyncio.run(
        Recovery(["missing", "--fetch", "--library", str(folder / "none")]).run(lambda: None)
    ),
    "request": _fetch,
    "settings": lambda folder: keep(folder / "config.toml", "screen.theme", "paper"),
    "export": lambda folder: save(folder / "file", lambda out: out.write(b"text")),
    "exports": lambda folder: save_each(folder / "all", _EXPORT, FORMATS[0], report=lambda _: None),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_visitor_is_refused_and_nothing_is_done(act: str, tmp_path: Path) -> None:
    with visiting(), pytest.raises(NotPermittedError, match="browser"):
        ACTS[act](tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_visitor_sets_nothing_that_is_the_owners() -> None:
    found = in_force()
    with visiting():
        assert not [option.name for option in offered() if option.group == "network"]
        for name, value in (("network.browser", "sh"), ("network.wayback", "http://127.0.0.1/")):
            with pytest.raises(NotPermittedError):
                with_value(found, BY_NAME[name], value)
        assert with_value(found, BY_NAME["text.width"], 60).settings.text_width == 60
    assert offered() == OPTIONS
    assert with_value(found, BY_NAME["network.browser"], "sh").settings.browser == "sh"


def test_what_a_visitor_has_open_is_not_remembered(tmp_path: Path) -> None:
    memory = SessionStore(tmp_path, "library")
    with visiting():
        memory.keep(Window(section="China"))
        memory.welcome()
    assert list(tmp_path.iterdir()) == []
    memory.keep(Window(section="Policy"))
    assert (tmp_path / FILE).exists()


def test_permissions_are_given_up_in_all_threads() -> None:
    held: list[bool] = []
    with visiting():
        thread = Thread(target=lambda: held.append(permitted(Permission.FETCH)))
        thread.start()
        thread.join()
        with pytest.raises(ReaderError, match="Pages cannot be fetched"):
            require(Permission.FETCH)
    assert held == [False]
    assert all(map(permitted, Permission))


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A umask that lets everybody read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


def test_only_the_owner_may_read_what_is_written_except_an_export(tmp_path: Path) -> None:
    folder, out = tmp_path / "data", tmp_path / "out"
    out.mkdir()
    path = folder / "library.db"
    with Library.open(path) as library:
        add_pages(library, [a_page("one.txt", an_article())])
        assert modes(folder) == dict.fromkeys(("library.db", "library.db-wal", "library.db-shm"), 0o600)
        sql(library, "UPDATE counters SET last_article = 0")
    here = ("--library", str(path))
    assert main(["check", "--mend", *here]) == 0
    assert main(["backup", str(folder / "copy.db"), *here]) == 0
    keep(folder / "config.toml", "text.width", 80)
    names = ("library.db", "library.db.damaged-1", "copy.db", "config.toml")
    assert modes(folder) == dict.fromkeys(names, 0o600)
    path.write_bytes(path.read_bytes()[:-8192])
    assert main(["check", "--mend", *here]) == 1
    assert "library.db.damaged-2" in modes(folder)
    assert set(modes(folder).values()) == {0o600}
    assert main(["export", "--output", str(out / "all.md"), *here]) == 0
    assert modes(out) == {"all.md": 0o644}, "an export follows the umask"
