"""Run the benchmarks and print their table: `python -m tests.benchmarks [--only NAME …] [--articles N]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import reader
from tests.benchmarks.figures import Figure, NotMeasuredError, table, tell
from tests.benchmarks.screen import SMALL, Place

NAMES = (
    "parsing", "html", "filling", "paint", "opening", "keys", "memory", "megabyte", "adding", "search",
    "warc", "shards", "stories",
)  # fmt: skip


def main() -> int:
    """Measure, print, and leave the judging to the reader of the table: always 0."""
    wanted = _arguments()
    _compile()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors, {_busy()} of them busy at the start"
    figures: list[Figure] = []
    missing: list[str] = []
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        place = Place(Path(folder), wanted.articles, wanted.library)
        for name in wanted.only or NAMES:
            tell(f"measuring {name}")
            try:
                figures += _benchmark(name)(wanted.runs, place)
            except NotMeasuredError as why:
                missing.append(str(why))
    print(table(figures))
    print(
        f"\n{machine}."
        "\nMedians, with the range where it is wide. A figure and its baseline were measured in turn in the same run;"
        "\nwhere there is no baseline the budget is for the figure itself, and a busy machine misses it."
        "\nCaptures a second: more is better."
    )
    print(*missing, sep="\n", end="\n" if missing else "")
    return 0


def _compile() -> None:
    """Have all modules compiled, as an installer leaves them: where Python may not write, each start would do it."""
    from compileall import compile_dir

    for folder in (Path(reader.__file__).parent, Path(__file__).parent):
        compile_dir(folder, quiet=1)


def _benchmark(name: str) -> Callable[[int, Place], Iterator[Figure]]:
    """What measures `name`. Imported no sooner, so that one benchmark does not weigh on another."""
    from tests.benchmarks import filling, html, parsing, screen

    if name == "megabyte":
        from tests.benchmarks.megabyte import megabyte

        return lambda runs, _: megabyte(runs)
    if name == "adding":
        from tests.benchmarks.adding import adding

        return lambda runs, place: adding(runs, place.folder)
    if name == "stories":
        from tests.benchmarks.stories import stories

        return lambda runs, _: stories(runs)
    if name == "warc":
        from tests.benchmarks.warc import warc

        return lambda runs, place: warc(runs, place.folder)
    if name == "shards":
        from tests.benchmarks.shards import shards

        return lambda runs, place: shards(runs, place.folder)
    if name == "search":
        from tests.benchmarks.search import search

        return search
    known: dict[str, Callable[[int, Place], Iterator[Figure]]] = {
        "parsing": lambda runs, _: parsing.parsing(runs),
        "html": lambda runs, _: html.html(runs),
        "filling": lambda runs, place: filling.filling(runs, place.folder),
        "paint": screen.paint,
        "opening": screen.opening,
        "keys": screen.keys,
        "memory": screen.memory,
    }
    return known[name]


def _busy() -> str:
    """How many programs want a processor, where the system can say."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure the reader beside baselines, in one table."
    )
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--articles", type=int, default=1_000_000, help="of the large library (1,000,000)")
    parser.add_argument("--library", type=Path, metavar="FILE", help="a library to use as the large one")
    parser.add_argument("--runs", type=int, default=5, help="measurements of each figure at least (5)")
    wanted = parser.parse_args()
    if wanted.articles < SMALL:
        parser.error(f"--articles: {SMALL:,} at least, since that is what a large library is compared with")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
