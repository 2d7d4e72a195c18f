"""The program killed at random moments: the library is whole each time, and comes to the same end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(("what", "seed"), [("adding", 1), ("corpus", 5), ("migrating", 3)])
def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(
    what: str, seed: int, thorough: bool
) -> None:
    kills = 150 if thorough else 8
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
