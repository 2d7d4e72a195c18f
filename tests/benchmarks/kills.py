"""The program killed at random moments, a thousand times, and what was wrong with the library afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, Quantity, tell

KILLS = {"adding": 600, "migrating": 400}


def kills() -> Iterator[Figure]:
    """Faults found after so many kills; none is the budget."""
    for seed, (what, count) in enumerate(KILLS.items(), 1_000):
        words = [sys.executable, "-m", "tests.library.killing", what, str(count), str(seed)]
        outcome = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
        for fault in outcome["faults"]:
            tell(fault)
        yield Figure(
            f"faults after {outcome['kills']:,} kills while {what}",
            Quantity([len(outcome["faults"])], "faults"),
            budget=0,
        )
