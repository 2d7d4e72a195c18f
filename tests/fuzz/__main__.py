"""Runs the fuzzer for as long as is wanted, each target in a process of its own, or tries one kept case again."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.others import run_target, targets
from tests.fuzz.runner import Failure, new_folder, replay

_TURN = 60.0
"""Seconds of a target until it is the next one's turn."""


def main() -> int:
    """Return 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long in all")
    parser.add_argument("--seed", default=str(time.time_ns()), help="seed of the random numbers")
    parser.add_argument("--target", action="append", choices=targets(), help="only this one; may be repeated")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try a case that was kept")
    options = parser.parse_args()
    if options.replay:
        name = options.replay.name.rpartition("-")[0]
        why = replay(targets()[name], options.replay.read_bytes())
        print(why or "it does not fail")
        return int(why is not None)
    folder = new_folder()
    print(f"seed {options.seed}; failing cases go to {folder}", flush=True)
    names = options.target or list(targets())
    turn = min(_TURN, options.seconds / len(names))
    end = time.monotonic() + options.seconds
    known: set[str] = set()
    total = 0
    for number in count():
        if time.monotonic() >= end:
            return int(bool(known))
        name = names[number % len(names)]
        try:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                cases, failures = pool.submit(
                    run_target, name, f"{options.seed}.{number}", turn, folder
                ).result()
        except BrokenProcessPool:
            cases, failures = 0, [Failure(f"{name} ended its process", folder / f"{name}-current")]
        total += cases
        for failure in failures:
            if failure.what not in known:
                known.add(failure.what)
                print(f"FAILED {name}: {failure.what}\n  {failure.file}", flush=True)
        print(f"{total:,} cases, {len(known)} failures; {name}: {cases:,}", flush=True)
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main())
