"""Every invented capture with known truth is told apart as it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader import parse
from tests.parsing.truth import differences
from tests.paths import CAPTURES

PAGES = sorted(CAPTURES.glob("*.txt"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_capture_is_told_apart(path: Path) -> None:
    page = parse(path.read_bytes().decode("utf-8-sig"))
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert differences(page, truth) == []


def test_there_are_captures() -> None:
    assert len(PAGES) >= 40
