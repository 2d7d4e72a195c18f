"""The sample captures by paths that are alike wherever the project lies: a picture shows them, or how long they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.cli import sample_captures

ROOT = Path(__file__).parents[2]


def from_root(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths, seen from the project's folder, which becomes the current one."""
    monkeypatch.chdir(ROOT)
    return [str(Path(path).relative_to(ROOT)) for path in sample_captures()]
