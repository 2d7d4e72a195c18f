"""The program killed at random moments: the library is whole each time, and comes to the same end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("what", "kills", "seed"),
    [("adding", 60, 1), ("adding", 60, 2), ("corpus", 60, 5), ("migrating", 40, 3), ("migrating", 40, 4)],
)
def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(what: str, kills: int, seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing", what, str(kills), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == []
    assert outcome["kills"] >= kills
