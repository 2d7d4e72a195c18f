"""Tries case after case on a target, within limits of time and memory, and keeps what fails."""

from __future__ import annotations

import hashlib
import re
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

from tests.fuzz.mutators import Mutator

MOST_SECONDS: Final = 10.0
"""Seconds of processor time that a case may take: other programs on the machine make no difference."""
MOST_MEMORY: Final = 512 << 20
"""Bytes by which the process may grow for a case."""

Check = Callable[[bytes], None]
"""Tries a case; whatever it raises is a failure."""


class Target(NamedTuple):
    """Something that reads what others wrote."""

    name: str
    make: Callable[[Mutator], bytes]
    """Makes a case."""
    opened: Callable[[], AbstractContextManager[Check]]
    """Prepares what is needed while cases are tried."""


class Failure(NamedTuple):
    """A case that failed."""

    what: str
    """The exception's type and message, or which limit was broken, and where."""
    file: Path
    """The case, with its traceback beside it."""


class TooMuchError(BaseException):
    """A case broke a limit. No Exception: what is tried must not catch it."""


def new_folder() -> Path:
    """A folder for failing cases."""
    return Path(tempfile.mkdtemp(prefix="protocol-reader-fuzz-"))


def run(target: Target, seed: str, seconds: float, folder: Path) -> tuple[int, Failure | None]:
    """Try cases for so many `seconds`, at least one, until one fails; return how many, and the failure.

    The cases depend on the `seed` and the target's name; how many there are depends on the machine.
    """
    mutator = Mutator(f"{seed} {target.name}")
    cases = 0
    current = folder / f"{target.name}-current"  # Left behind by a case that ends the process.
    end = time.monotonic() + seconds
    with target.opened() as check:
        while not cases or time.monotonic() < end:
            cases += 1
            data = target.make(mutator)
            current.write_bytes(data)
            failed = _failed(check, data)
            if failed is not None:
                what, trace = failed
                file = current.rename(folder / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}")
                note = f"seed {seed}, case {cases} of {target.name}\n\n{trace}"
                file.with_name(f"{file.name}.txt").write_text(note, "utf-8", "backslashreplace")
                return cases, Failure(what, file)
    current.unlink()
    return cases, None


def replay(target: Target, data: bytes) -> str | None:
    """Why a case fails; None if it does not."""
    with target.opened() as check:
        failed = _failed(check, data)
    return failed and failed[1]


def _failed(check: Check, data: bytes) -> tuple[str, str] | None:
    """What goes wrong with a case and where, and the traceback; None if it does not fail."""
    try:
        with _limits():
            check(data)
    except (Exception, TooMuchError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/reader/" in frame.filename] or list(frames)
        where = "" if isinstance(error, TooMuchError) else f" at {ours[-1].filename}:{ours[-1].lineno}"
        shown = str(error)[:200] if isinstance(error, AssertionError | TooMuchError) else ""
        what = f"{type(error).__name__}{where} {shown}".strip()
        return what, "".join(traceback.format_exception(error))[-20_000:]
    return None


@contextmanager
def _limits() -> Iterator[None]:
    """TooMuchError for what takes too much time or memory."""

    def on_time(_number: int, _frame: FrameType | None) -> None:
        raise TooMuchError(f"over {MOST_SECONDS:.0f} seconds of processor time")

    memory = peak_memory(begin=True)
    before = signal.signal(signal.SIGPROF, on_time)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if memory and peak_memory() - memory > MOST_MEMORY:
        raise TooMuchError(f"over {MOST_MEMORY >> 20} MB of memory")


def peak_memory(*, begin: bool = False) -> int:
    """The most memory that this process had since the last call that was to `begin`; 0 if the system does not tell."""
    try:
        if begin:
            Path("/proc/self/clear_refs").write_text("5", "ascii")
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+)", status)
    return int(found[1]) << 10 if found else 0
