"""One long file read for the library by two processes, beside one that reads all of it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from reader.captures import Found
from reader.library import Library
from reader.library.crew import Crew
from tests.archives import http, record
from tests.benchmarks.figures import Figure, Quantity, interleaved, tell
from tests.benchmarks.pages import site_html
from tests.generated import pages

SIZE = 50_000_000
"""Bytes of the file."""


class _File(NamedTuple):
    """The work."""

    files: list[Found]
    is_long: bool


def sharing(runs: int, folder: Path) -> Iterator[Figure]:
    """Seconds for a WARC of HTML by two processes ÷ by one, and the processor time that sharing it costs."""
    path, library = folder / "long.warc", folder / "shared.db"
    tell(f"a WARC with {_write(path):,} pages of HTML, {SIZE / 1e6:.0f} MB")
    Library.open(library).close()
    used: dict[bool, list[float]] = {True: [], False: []}

    def read(size: int, shared: bool) -> float:
        before = _processor_time()
        start = perf_counter()
        with Crew[_File](size, library) as crew:
            for _ in crew.read([_File([Found(str(path), explicit=True)], shared)]):
                pass
        spent = perf_counter() - start
        used[shared].append(_processor_time() - before)
        return spent

    two, one = interleaved(max(2, runs // 2), lambda: read(2, True), lambda: read(1, False), warm_up=0)
    yield Figure("reading a long file by 2 processes ÷ by 1", Quantity(two, "s"), Quantity(one, "s"))
    yield Figure("  processor time of it", Quantity(used[True], "s"), Quantity(used[False], "s"))


def _write(path: Path) -> int:
    """Write the file; how many pages it has."""
    with path.open("wb") as file:
        for number, (capture, _) in enumerate(pages(1 << 20), 1):
            page = http(site_html(capture), "text/html; charset=utf-8")
            file.write(record(page, url=f"https://www.protocol.com/{number}"))
            if file.tell() >= SIZE:
                return number
    return 0


def _processor_time() -> float:
    """Seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
