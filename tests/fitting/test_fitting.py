"""The trainer on a few captures: a cost that was spoilt moves back, and right readings become likelier."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import copy, copytree, ignore_patterns

import pytest

from tests.paths import CAPTURES, ROOT

pytestmark = pytest.mark.skipif(find_spec("numpy") is None, reason="the trainer calculates with numpy")

CASES = ("001", "003", "006", "011", "015", "019")
DECK = re.compile(r"either\(priced\((-?[\d.]+), DECK\)")
"""What a deck below a headline costs."""


def source_with_a_dear_deck(folder: Path) -> Path:
    """A copy of the parser and the trainer where decks cost too much; the path of its layouts."""
    copytree(ROOT / "reader", folder / "reader", ignore=ignore_patterns("__pycache__"))
    for name in ("tests", "tests/fitting", "tests/parsing"):
        (folder / name).mkdir()
        for file in (ROOT / name).glob("*.py"):
            copy(file, folder / name)
    layouts = folder / "reader" / "parsing" / "layouts.py"
    spoilt, count = DECK.subn("either(priced(5.0, DECK)", layouts.read_text(encoding="utf-8"))
    assert count == 1
    layouts.write_text(spoilt, encoding="utf-8")
    return layouts


@pytest.mark.thorough
def test_a_cost_that_was_spoilt_moves_back(tmp_path: Path) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()
    for case in CASES:
        copy(CAPTURES / f"{case}.txt", captures)
        copy(CAPTURES / f"{case}.json", captures)
    (captures / "as-it-is.txt").write_text("Policy\n\nThe harbor wants its bell back\n\nIt rang.\n")
    layouts = source_with_a_dear_deck(tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "tests.fitting", "captures", "--passes", "3", "--rate", "0.2"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert f"captures: {len(CASES) + 1} pages" in run.stdout
    losses = [float(loss) for loss in re.findall(r"pass \d+: captures ([\d.]+)", run.stdout)]
    assert len(losses) == 3
    assert losses[2] < losses[0]
    found = DECK.search(layouts.read_text(encoding="utf-8"))
    assert found
    assert float(found[1]) < 5.0


def test_folders_without_captures_are_named(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fitting", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 3
    assert run.stderr == "no capture in these folders\n"
