"""An article with its picture in half blocks: the sample page has one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reader.app.app import ReaderApp
from reader.library import Library
from reader.settings import Settings
from tests.snapshots.samples import from_root, settled
from tests.waiting import eventually

pytest.importorskip("PIL")
pytest.importorskip("textual_image")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_picture(snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    page = next(path for path in from_root(monkeypatch) if Path(path).suffix == ".html")

    async def read(pilot: Pilot[Any]) -> None:
        await pilot.press("enter", *(["j"] * 8 if size[1] < 20 else []))
        await settled(pilot)
        screen: Any = pilot.app.screen
        for _ in range(3):
            await eventually(lambda: screen.pictures.gallery is not None and not screen.pictures.gallery.busy)
            await pilot.pause()
        await settled(pilot)

    with Library.temporary() as library:
        library.ingest([page])
        app = ReaderApp(library, settings=Settings(pictures="on", picture_protocol="blocks"))
        assert snap_compare(app, terminal_size=size, run_before=read)
