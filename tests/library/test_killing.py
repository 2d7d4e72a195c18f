"""The program killed and its writes failing: the library is whole, and what was committed is there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.library.failing_writes import run_cases
from tests.paths import ROOT


@pytest.mark.parametrize(("what", "seed"), [("adding", 1), ("corpus", 5), ("stories", 9), ("migrating", 3)])
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
    assert done.stderr == ""
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == []
    assert outcome["kills"] >= kills


# Whatever write of a library fails, the library then holds what was committed, and a sentence says what happened


SOME = {"adding": 18, "marking": 12, "migrating": 15}


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="writes are made to fail by LD_PRELOAD, on Linux"
)
@pytest.mark.skipif(
    shutil.which("cc") is None, reason="there is no C compiler (cc) to build failing_writes.c with"
)
@pytest.mark.parametrize("name", SOME)
def test_a_failed_write_leaves_what_was_committed(name: str, thorough: bool) -> None:
    outcome = run_cases(name, None if thorough else SOME[name])
    assert outcome.wrong == []
    assert outcome.calls >= 40
    assert outcome.failed >= outcome.faults // 3
