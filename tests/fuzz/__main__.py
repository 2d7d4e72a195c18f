"""Runs the fuzzer for as long as is wanted, each target in a process of its own, or tries one kept case again."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.others import targets
from tests.fuzz.runner import new_folder, replay, run

_TURN = 60.0
"""Seconds of a target until it is the next one's turn."""


def main() -> int:
    """1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long in all")
    parser.add_argument("--seed", help="of the random numbers; one by the clock unless given")
    parser.add_argument("--target", action="append", help="only this one; may be repeated")
    parser.add_argument("--folder", type=Path, help="where failing cases go")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try a case that was kept")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.replay:
        target = next(
            target for name, target in targets().items() if given.replay.name.rpartition("-")[0] == name
        )
        why = replay(target, given.replay.read_bytes())
        print(why or "it does not fail")
        return int(why is not None)
    seed = given.seed or str(time.time_ns())
    folder = given.folder or new_folder()
    folder.mkdir(parents=True, exist_ok=True)
    names = given.target or list(targets())
    if given.inside:
        [name] = names
        result = run(targets()[name], seed, given.seconds, folder, stop_at_first=False)
        print(json.dumps([result.cases, [(failure.what, str(failure.file)) for failure in result.failures]]))
        return 0
    return _in_turns(names, seed, given.seconds, folder)


def _in_turns(names: list[str], seed: str, seconds: float, folder: Path) -> int:
    """Each target for a while, and again, until the time is up; what was found and how much was tried is printed."""
    print(f"seed {seed}; failing cases go to {folder}", flush=True)
    turn = min(_TURN, seconds / len(names))
    end = time.monotonic() + seconds
    known: set[str] = set()
    cases = number = 0
    while time.monotonic() < end:
        name = names[number % len(names)]
        words = [
            "--inside",
            "--target",
            name,
            "--seconds",
            str(turn),
            "--seed",
            f"{seed}.{number}",
            "--folder",
            str(folder),
        ]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", *words], capture_output=True, text=True, check=False
        )
        number += 1
        try:
            count, failures = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            count, failures = (
                0,
                [
                    (
                        f"{name} ended with status {done.returncode}",
                        f"{folder}/{name}-current\n{done.stderr[-3000:]}",
                    )
                ],
            )
        cases += count
        for what, file in failures:
            if what not in known:
                known.add(what)
                print(f"FAILED {name}: {what}\n  {file}", flush=True)
        print(f"{cases:,} cases, {len(known)} failures; {name}: {count:,}", flush=True)
    return int(bool(known))


if __name__ == "__main__":
    sys.exit(main())
