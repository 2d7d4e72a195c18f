"""Fit the parser's costs to captures whose truth is known, and write them into its source.

    python -m tests.fitting FOLDER[=WEIGHT] …

Each folder holds NNN.txt with NNN.json; a text without truth is to be read as it is now. Which layouts there are stays
as it is; what their parts and the features of lines cost is changed a little wherever that makes the right readings
likelier. Score captures that were not fitted to before and after.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from random import Random

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # Before numpy: its threads wait for one another in a busy loop.

import numpy as np

from tests.fitting.literals import literals, track, write

_BATCH = 32
"""Pages that are read between two changes of the costs."""
_SLOW, _FAST = 0.99, 0.9
"""How far the averages of gradients go back (Adam)."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fitting",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER[=WEIGHT]")
    parser.add_argument("--passes", type=int, default=5, help="times that all pages are read (default: 5)")
    parser.add_argument("--rate", type=float, default=0.04, help="size of the first changes, in nats")
    parser.add_argument(
        "--spread", type=float, default=0.7, help="how far costs are expected to move, in nats"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.33,
        help="below 1, pages that are nearly read wrongly count most",
    )
    parser.add_argument("--dry-run", action="store_true", help="leave the source as it is")
    chosen = parser.parse_args(arguments)
    folders = [folder.partition("=")[::2] for folder in chosen.folders]
    if not any(True for name, _ in folders for _ in Path(name).glob("*.txt")):
        print("no capture in these folders", file=sys.stderr)
        return 3
    track()
    # Imported here: the parser must be imported with its costs as parameters.
    from tests.fitting.examples import examples_in
    from tests.fitting.lattice import Example, Lattice

    batches: list[tuple[str, float, list[Example]]] = []
    for name, weight in folders:
        examples = sorted(examples_in(Path(name)), key=lambda example: len(example.keys))
        print(f"{name}: {len(examples)} pages", flush=True)
        batches += [
            (name, float(weight or 1), examples[i : i + _BATCH]) for i in range(0, len(examples), _BATCH)
        ]
    lattice = Lattice([example for *_, examples in batches for example in examples])
    start = np.array([literal.value for literal in literals])
    costs, mean, square, step = start.copy(), np.zeros_like(start), np.zeros_like(start), 0
    random = Random(0)
    for number in range(chosen.passes):
        losses = {name: 0.0 for name, *_ in batches}
        random.shuffle(batches)
        for name, weight, examples in batches:
            loss, gradient = lattice.loss(costs, examples, chosen.temperature)
            if not np.isfinite(gradient).all():
                continue  # One of the pages has become all but impossible.
            losses[name] += loss
            gradient = weight * gradient + (costs - start) / chosen.spread**2 / len(batches)
            step += 1
            mean = _FAST * mean + (1 - _FAST) * gradient
            square = _SLOW * square + (1 - _SLOW) * gradient**2
            rate = chosen.rate * (1 - number / chosen.passes)
            costs -= rate * (mean / (1 - _FAST**step)) / (np.sqrt(square / (1 - _SLOW**step)) + 1e-3)
        print(
            f"pass {number + 1}:",
            ", ".join(f"{name} {loss:.1f}" for name, loss in losses.items()),
            flush=True,
        )
    if not chosen.dry_run:
        print(f"{write(costs.tolist())} of {len(costs)} costs changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
