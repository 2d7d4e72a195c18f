"""Reading WARC files: beside fastwarc's iteration over the same file, and in how much memory."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from reader.captures import read_captures
from reader.captures.source import open_file
from reader.captures.unpacking import unpack
from reader.captures.warc.records import Damage, Header, records
from tests.benchmarks.figures import Figure, NotMeasuredError, Quantity, interleaved
from tests.benchmarks.pages import captures, site_html
from tests.captures.archives import http, record

BUDGET = 3
"""Time ÷ fastwarc's: the parsing of a page takes many times as long."""
SIZE, SMALL_SIZE, LARGE = 100 << 20, 30 << 20, 1 << 30
"""Bytes of the unpacked files that are timed, with usual pages and small ones, and of that whose memory is measured."""
_ENTRIES = 2_000
MEMORY_BUDGET = 1.2
SEED = 7
_MEASURE = """
import resource, sys
from reader.captures import find
list(find.read_captures(sys.argv[1:2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in find.read_captures(sys.argv[2:3]))
print(count, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def warc(runs: int, folder: Path) -> Iterator[Figure]:
    """Processor time for all records of a file, contents unread and read ÷ fastwarc's; megabytes for 1 GB."""
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError as error:
        raise NotMeasuredError("warc: fastwarc is not installed (pip install '.[bench]')") from error

    def theirs(path: Path, read: bool) -> float:
        start = process_time()
        with path.open("rb") as file:
            for found in ArchiveIterator(file):
                if read:
                    found.reader.read()
        return 1000 * (process_time() - start)

    plain, packed = folder / "pages.warc", folder / "pages.warc.gz"
    members, small_members = _members(_ENTRIES), _members(0)
    for own, size, pages in (
        (small_members, SMALL_SIZE, "pages of 12 KB"),
        (members, SIZE, "pages of 130 KB"),
    ):
        _write(plain, own, size)
        _write(packed, [(gzip.compress(data, 6), unpacked) for data, unpacked in own], size)
        for path in (plain, packed):
            for read, what in ((False, "iterating over"), (True, "reading all of")):
                ours, baseline = interleaved(
                    max(runs, 5),
                    partial(_ours, path, read),
                    partial(theirs, path, read),
                )
                name = f"{what} {path.suffix.removeprefix('.')} records, {pages} ÷ fastwarc"
                yield Figure(name, Quantity(ours, "ms"), Quantity(baseline, "ms"), None if read else BUDGET)
    yield _pages(packed, runs)
    for path, parts in (
        (plain, members),
        (packed, [(gzip.compress(data, 6), size) for data, size in members]),
    ):
        small = folder / f"small-{path.name}"
        _write(small, parts, 4 << 20)
        _write(path, parts, LARGE)
        yield _memory(small, path)


def _pages(path: Path, runs: int) -> Figure:
    def timed() -> float:
        start = perf_counter()
        count = sum(1 for _ in read_captures([str(path)]))
        return count / (perf_counter() - start)

    (found,) = interleaved(runs, timed)
    return Figure("pages of a WARC as captures", Quantity(found, "captures/s"))


def _memory(small: Path, large: Path) -> Figure:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(small), str(large)], capture_output=True, text=True, check=True
    )
    count, before, after = map(int, done.stdout.split())
    name = f"memory for 1 GB of {large.suffix.removeprefix('.')}, {count:,} captures ÷ for 4 MB of it"
    return Figure(name, Quantity([after / 1024], "MB"), Quantity([before / 1024], "MB"), MEMORY_BUDGET)


def _ours(path: Path, read: bool) -> float:
    def wanted(_: Header) -> bool:
        return read

    start = process_time()
    with open_file(str(path), explicit=True) as source:
        inside = source
        if path.suffix == ".gz":
            inside = source.inside("", "", unpack(source).read, explicit=True)
        for _ in records(inside, Damage(), wanted):
            pass
    return 1000 * (process_time() - start)


def _members(entries: int) -> list[tuple[bytes, int]]:
    """Records, each with its unpacked size: of each page the request, the response and the crawler's notes.

    `entries` is how long the data in each page's script is: with 2,000 the pages have some 130 KB, as those of large
    crawls do.
    """
    found: list[bytes] = []
    random = Random(SEED)
    for number, capture in enumerate(captures()):
        url = f"https://www.protocol.com/{number}"
        data = "".join(
            f'{{"key": {random.randrange(10**6)}, "name": "item {random.random()}"}},' for _ in range(entries)
        )
        html = site_html(capture).replace("</body>", f"<script>const data = [{data}];</script></body>")
        page = http(html, "text/html; charset=utf-8", fields="Server: nginx\r\nX-Cache: HIT\r\n")
        found += [
            record("GET / HTTP/1.1\r\nHost: x\r\n\r\n", kind="request", url=url),
            record(page, url=url),
            record("fetchTimeMs: 31\r\n", kind="metadata", url=url, media="application/warc-fields"),
        ]
    return [(data, len(data)) for data in found]


def _write(path: Path, members: Iterable[tuple[bytes, int]], size: int) -> None:
    with path.open("wb") as file:
        for data, unpacked in cycle(members):
            file.write(data)
            size -= unpacked
            if size <= 0:
                break
        file.flush()
        os.fsync(file.fileno())
