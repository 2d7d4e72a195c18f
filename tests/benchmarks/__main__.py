"""Run the benchmarks and print their table: `python -m tests.benchmarks [--only NAME …] [--articles N]`."""

from __future__ import annotations

import argparse
import os
import platform
from compileall import compile_dir
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import Figure, NotMeasuredError, Place, notify, table
from tests.paths import ROOT

BENCHMARKS = {
    "parsing": "parsing", "html": "parsing", "warc": "parsing", "paint": "screen", "opening": "screen",
    "keys": "screen", "memory": "screen", "megabyte": "megabyte", "adding": "library",
    "stories": "library", "search": "search",
}  # fmt: skip
"""The functions that measure, and their modules, which are imported one by one: none may weigh on another."""


def main() -> None:
    """Measure, print, and leave the judging to the reader of the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure the reader beside baselines, in one table."
    )
    names = ", ".join(BENCHMARKS)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=names)
    parser.add_argument("--articles", type=int, default=1_000_000, help="in the large library (1,000,000)")
    parser.add_argument("--library", type=Path, metavar="FILE", help="a library to use as the large one")
    parser.add_argument("--runs", type=int, default=5, help="least number of measurements of each figure (5)")
    options = parser.parse_args()
    # As an installer leaves them: where Python may not write, each start would compile them again.
    for folder in ("reader", "tests"):
        compile_dir(ROOT / folder, quiet=1)
    busy = f"{os.getloadavg()[0]:.1f}"
    figures: list[Figure] = []
    missing: list[str] = []
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        place = Place(Path(folder), options.runs, options.articles, options.library)
        for name in options.only or BENCHMARKS:
            notify(f"measuring {name}")
            try:
                figures += getattr(import_module(f"tests.benchmarks.{BENCHMARKS[name]}"), name)(place)
            except NotMeasuredError as why:
                missing.append(str(why))
    print(table(figures))
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {busy} of them busy at the start."
        "\nMedians, with the range where it is wide. A figure and its baseline were measured in turn in the same run;"
        "\nwhere there is no baseline the budget is for the figure itself, and a busy machine misses it."
    )
    print(*missing, sep="\n", end="\n" if missing else "")


if __name__ == "__main__":
    main()
