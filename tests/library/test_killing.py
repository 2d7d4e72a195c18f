"""The program is killed: the library is whole, and what was committed is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.mark.parametrize(("what", "seed"), [("corpus", 5), ("stories", 9)])
def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(
    what: str, seed: int, thorough: bool
) -> None:
    kills = 150 if thorough else 6
    done = subprocess.run(
        [sys.executable, "-m", "tests.library.killing", what, str(kills), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # A worker whose parent is killed while it starts may complain on stderr.
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == [], done.stderr
    assert outcome["kills"] >= kills
