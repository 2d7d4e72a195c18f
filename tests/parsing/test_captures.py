"""Every invented capture with known truth is told apart as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader import parse
from tests.parsing.truth import decoded, differences, truth_of
from tests.paths import CAPTURES


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_capture_is_told_apart(path: Path) -> None:
    assert differences(parse(decoded(path)), truth_of(path)) == []
