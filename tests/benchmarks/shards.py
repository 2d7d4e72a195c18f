"""`parse --into`: pages a second by one process and by two, beside the parser alone, and what the next run saves."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import perf_counter, process_time

from reader.captures import read_captures
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks.figures import Figure, Quantity, interleaved, tell
from tests.benchmarks.parsing import forget
from tests.generated import PAGE_ARTICLES, pages

FILES, PAGES = 12, 1_000
"""JSON Lines files, each a shard, and pages of each."""
_ALONE = 1_000
"""Pages that the parser alone is timed on."""


def shards(runs: int, folder: Path) -> Iterator[Figure]:
    """Pages a second of wall time and of processor time; what the next run and reading back take."""
    crawl = folder / "crawl"
    captures, size = _make_crawl(crawl)
    total = FILES * PAGES
    tell(f"{total:,} pages in {FILES} JSON Lines files, {size / 1e6:.0f} MB")
    numbers = count()
    used: list[float] = []

    def parsed() -> float:
        forget()
        start = perf_counter()
        for capture in captures:
            json.dumps(parse_capture(capture).to_json())
        return len(captures) / (perf_counter() - start)

    def by(jobs: int) -> float:
        before = _processor_time()
        start = perf_counter()
        into = folder / f"shards-{next(numbers)}"
        _run("parse", "--jobs", str(jobs), "--into", str(into), str(crawl))
        used.append(total / (_processor_time() - before))
        return total / (perf_counter() - start)

    def again() -> float:
        start = perf_counter()
        _run("parse", "--jobs", "1", "--into", str(made), str(crawl))
        return 1000 * (perf_counter() - start)

    def read(path: Path) -> float:
        forget()
        start = process_time()
        for capture in read_captures([str(path)]):
            assert isinstance(capture, Capture)
            parse_capture(capture)
        return 1000 * (process_time() - start) / total

    runs = max(2, runs // 2)
    made = folder / "shards-0"
    one, two, alone = interleaved(runs, lambda: by(1), lambda: by(2), parsed, warm_up=0)
    yield Figure("shards by 1 process ÷ parsing alone", Quantity(one, "pages/s"), Quantity(alone, "pages/s"))
    yield Figure("shards by 2 processes ÷ by 1", Quantity(two, "pages/s"), Quantity(one, "pages/s"))
    yield Figure("shards, a second of one processor", Quantity(used, "pages/s"))
    (found,) = interleaved(runs, again, warm_up=0)
    yield Figure("a run whose shards are all there", Quantity(found, "ms"))
    back, first = interleaved(runs, lambda: read(made), lambda: read(crawl), warm_up=0)
    yield Figure(
        "reading a page from a shard ÷ from its file", Quantity(back, "CPU ms"), Quantity(first, "CPU ms")
    )


def _make_crawl(folder: Path) -> tuple[list[Capture], int]:
    """Write the crawl; some of its captures and its size in bytes."""
    folder.mkdir()
    kept: list[Capture] = []
    size = 0
    for number in range(FILES):
        found = [capture for capture, _ in pages(PAGES * PAGE_ARTICLES, seed=number + 1)]
        rows = (json.dumps({"url": one.url, "text": one.text}, ensure_ascii=False) for one in found)
        size += (folder / f"crawl-{number:05}.jsonl").write_text("\n".join(rows), "utf-8")
        kept = kept or found[:_ALONE]
    return kept, size


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "reader", *words], check=True, stdout=subprocess.DEVNULL)


def _processor_time() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime
