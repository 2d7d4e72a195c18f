"""Waiting until something happens, however busy the machine is; and whether a process is still there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which what does not happen has failed."""


def wait_until(happens: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for what another thread or process does; TimeoutError when it does not."""
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


async def eventually(happens: Callable[[], bool]) -> None:
    """Wait for what an app or its threads do; TimeoutError when they do not."""
    pause = 0.005
    async with asyncio.timeout(PATIENCE):
        while not happens():
            await asyncio.sleep(pause)
            pause = min(1.5 * pause, 0.1)


def number_in(file: Path) -> int:
    """The number that another process writes to a file."""
    wait_until(lambda: file.exists() and bool(file.read_text("utf-8").strip()))
    return int(file.read_text("utf-8"))


def is_running(process: int) -> bool:
    """Whether a process is there, and not only waits for its parent to ask how it ended."""
    try:
        status = Path(f"/proc/{process}/stat").read_text("utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")
