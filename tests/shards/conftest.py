from __future__ import annotations

from pathlib import Path

import pytest

from reader import shards
from tests.shards.shard_stage import pile


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of four files; none ends by the name of a temporary folder."""
    monkeypatch.setattr(shards, "_MOST_FILES", 4)
    monkeypatch.setattr(shards, "_USUAL_FILES", 1 << 32)


@pytest.fixture
def folder(tmp_path: Path, small_shards: None) -> Path:
    """Twenty captures, so that there are six shards."""
    return pile(tmp_path / "pile", 20)
