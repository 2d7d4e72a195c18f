"""Whatever write of a library fails, the library then holds what was committed, and a sentence says what happened.

Each call by which SQLite writes fails once: with EIO, with ENOSPC from then on, and after half of it is written. The
usual run takes some calls of each piece of work; `--thorough` takes every one.
"""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.failing_writes import run_cases

SOME = {"adding": 16, "marking": 10, "migrating": 14}


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
