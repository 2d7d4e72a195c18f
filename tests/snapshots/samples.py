"""Sample captures by paths that are alike everywhere, for pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.commands.inputs import sample_captures
from tests.paths import ROOT


def from_root(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths, seen from the project's folder, which becomes the current one."""
    monkeypatch.chdir(ROOT)
    return [str(Path(path).relative_to(ROOT)) for path in sample_captures()]
