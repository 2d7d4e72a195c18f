"""Pictures of the settings screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reader.app.app import ReaderApp
from reader.settings import Settings, in_force
from tests.app_stage import a_library


@pytest.mark.parametrize(
    ("theme", "size"), [("ink", (100, 30)), ("paper", (40, 12))], ids=["100x30-ink", "40x12-paper"]
)
def test_settings(
    snap_compare: Any, theme: str, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = in_force({"text.width": ("--width", 60)})
    assert found.settings == Settings(text_width=60)
    with a_library() as library:
        app = ReaderApp(library, theme=theme, in_force=found)
        assert snap_compare(app, terminal_size=size, press=["comma", *"jjjjj"])
