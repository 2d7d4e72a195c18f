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


def run(
    target: Target, seed: str, seconds: float, folder: Path, *, stop_at_first: bool = False
) -> tuple[int, list[Failure]]:
    """Try cases for so many `seconds`, at least one; return how many, and the first failure at each place.

    The cases depend on the `seed` and the target's name; how many there are depends on the machine.
    """
    mutator = Mutator(f"{seed} {target.name}")
    failures: dict[str, Failure] = {}
    cases = 0
    current = folder / f"{target.name}-current"  # Left behind by a case that ends the process.
    end = time.monotonic() + seconds
    with target.opened() as check:
        while (not cases or time.monotonic() < end) and not (stop_at_first and failures):
            cases += 1
            data = target.make(mutator)
            current.write_bytes(data)
            failed = _failed(check, data)
            if failed is not None and failed[0] not in failures:
                place, what, trace = failed
                file = folder / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}"
                file.write_bytes(data)
                note = f"seed {seed}, case {cases} of {target.name}\n\n{trace}"
                file.with_name(f"{file.name}.txt").write_text(note, "utf-8", "backslashreplace")
                failures[place] = Failure(what, file)
    current.unlink()
    return cases, list(failures.values())


def replay(target: Target, data: bytes) -> str | None:
    """Why a case fails; None if it does not."""
    with target.opened() as check:
        failed = _failed(check, data)
    return failed and failed[2]


def _failed(check: Check, data: bytes) -> tuple[str, str, str] | None:
    """Where a case fails, what went wrong there, and the traceback; None if it does not fail."""
    try:
        with _limits():
            check(data)
    except (Exception, TooMuchError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/reader/" in frame.filename] or list(frames)
        where = "" if isinstance(error, TooMuchError) else f" at {ours[-1].filename}:{ours[-1].lineno}"
        shown = str(error)[:200] if isinstance(error, AssertionError | TooMuchError) else ""
        place = f"{type(error).__name__}{where}"
        return place, f"{place} {shown}".strip(), "".join(traceback.format_exception(error))[-20_000:]
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
