"""The program is killed: the library is whole, and what was committed is there."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.paths import ROOT


def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(thorough: bool) -> None:
    kills = 150 if thorough else 6
    done = subprocess.run(
        [sys.executable, "-m", "tests.library.killing", str(kills), "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # A worker whose parent is killed while it starts may complain on stderr.
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == [], done.stderr
    assert outcome["kills"] >= kills
