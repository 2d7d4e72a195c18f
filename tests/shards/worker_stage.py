"""Functions that processes get stuck in, die of or fail with, and programs whose processes do."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from reader import shards
from reader.captures import InputFile
from reader.cli import main as run
from reader.library.ingest import reading
from reader.model import Capture, Page
from reader.parsing import parse_capture
from reader.workers import SMALL, LimitedCalls

SLOW = "slow.txt"
"""Reading a file of this name takes for ever, and writes the number of its process to one beside it."""


def get_stuck(note: str) -> None:
    """Write this process's number to a file, then stay in C code that no Python signal handler can leave."""
    unfinished = Path(f"{note}.new")
    unfinished.write_text(str(os.getpid()))
    unfinished.rename(note)
    while True:
        ctypes.PyDLL(None).sleep(
            3600
        )  # It keeps the interpreter's lock, as a slow pattern would, but takes no time.


def double(number: int) -> int:
    return 2 * number


def count(number: int, end: str = "") -> Iterator[int]:
    """A function that yields numbers, then fails or ends its process."""
    yield from range(number)
    if end == "fail":
        fail("no reason")
    elif end == "leave":
        leave()


def fail(reason: str) -> None:
    raise ValueError(reason)


def hang(note: bytes) -> None:
    get_stuck(note.decode())


def leave(_: object = None) -> None:
    os._exit(7)


def make_slowly(task: shards.Task, folder: str) -> Iterator[shards.ShardMade | None]:
    """Make a shard, but for slow files."""
    for file in task.files:
        if file.path.endswith(SLOW):
            get_stuck(f"{file.path}.process")
    return shards.make_shard(task, folder)


def make_or_leave(task: shards.Task, folder: str) -> Iterator[shards.ShardMade | None]:
    """Make a shard, or end the process where there is a slow file."""
    if any(file.path.endswith(SLOW) for file in task.files):
        leave()
    return shards.make_shard(task, folder)


def main() -> int:
    """Run a program whose processes get stuck: `ask NOTE`, `open PATH`, or the words of Protocol Reader."""
    if sys.argv[1] == "ask":
        LimitedCalls(3).call(1, get_stuck, sys.argv[2])
        return 0
    if sys.argv[1] == "open":
        reading._read_in_parts = get_stuck_on  # type: ignore[assignment]
        return run(sys.argv[2:])
    reading._read_in_parts = get_stuck_on  # type: ignore[assignment]
    shards.make_shard = make_slowly
    return run(sys.argv[1:])


def end(process: int) -> None:
    """Kill a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def parse_or_get_stuck(capture: Capture) -> Page:
    """What the parser does, but for long texts."""
    if len(capture.text) > SMALL:
        get_stuck(f"{capture.source}.process")
    return parse_capture(capture)


def get_stuck_on(
    library: Path, site: str | None, files: Sequence[InputFile], skip: int | None = None
) -> object:
    """What a worker process does with files, but for slow ones."""
    for file in files:
        if file.path.endswith(SLOW):
            get_stuck(f"{file.path}.process")
    return _usual(library, site, files, skip)


def read_mines_on(
    library: Path, site: str | None, files: Sequence[InputFile], skip: int | None = None
) -> object:
    """What a worker process does with files, but for pages that say how they end it or hold it up."""
    reading.parse_capture = parse_mine  # type: ignore[attr-defined]
    return _usual(library, site, files, skip)


def parse_mine(capture: Capture) -> Page:
    """What the parser does, but for a page that says "mine: die", "mine: leave" or "mine: slow"."""
    _, mine, way = capture.text.partition("mine: ")
    if mine and way.startswith("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if mine and way.startswith("leave"):
        os._exit(7)
    if mine and way.startswith("slow"):
        get_stuck(f"{capture.source}.process")
    return parse_capture(capture)


_usual = reading._read_in_parts
