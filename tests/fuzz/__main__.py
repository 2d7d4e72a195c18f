"""Tries a case again that a fuzzing test has kept: `python -m tests.fuzz FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fuzz.captures import targets
from tests.fuzz.runner import replay

file = Path(sys.argv[1])
why = replay(targets()[file.name.rpartition("-")[0]], file.read_bytes())
sys.exit(why or "it does not fail")
