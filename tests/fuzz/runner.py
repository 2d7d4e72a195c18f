"""Tries case after case on a target, within limits of time and memory, and keeps what fails."""

from __future__ import annotations

import hashlib
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, Protocol

from tests.fuzz.mutators import Mutator

MOST_SECONDS: Final = 10.0
"""Seconds of processor time that a case may take: other programs on the machine make no difference."""
MOST_MEMORY: Final = 512 << 20
"""Bytes by which the process may grow for a case."""
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Target(Protocol):
    """Something that reads what others wrote."""

    @property
    def name(self) -> str:
        """A word for it."""

    def opened(self) -> AbstractContextManager[None]:
        """What it needs while cases are tried."""

    def make(self, mutator: Mutator) -> bytes:
        """A case."""

    def check(self, data: bytes) -> None:
        """Try a case; whatever is raised is a failure."""


class Failure(NamedTuple):
    """A case that failed."""

    target: str
    what: str
    """The exception's type and message, or which limit was broken, and where."""
    file: Path
    """The case, with its traceback beside it."""


class Result(NamedTuple):
    """What came of a run."""

    cases: int
    failures: tuple[Failure, ...]


class TooMuchError(BaseException):
    """A case broke a limit. No Exception: what is tried must not catch it."""


def new_folder() -> Path:
    """Where failing cases go."""
    return Path(tempfile.mkdtemp(prefix="protocol-reader-fuzz-"))


def run(target: Target, seed: str, seconds: float, folder: Path, *, stop_at_first: bool) -> Result:
    """Try cases for so many `seconds`, at least one. Of failures at one place only the first is kept.

    The cases depend on the `seed` and the target's name; how many there are depends on the machine.
    """
    mutator = Mutator(f"{seed} {target.name}")
    failures: dict[str, Failure] = {}
    cases = 0
    current = folder / f"{target.name}-current"  # Left behind by a case that ends the process.
    end = time.monotonic() + seconds
    with target.opened():
        while not cases or time.monotonic() < end:
            cases += 1
            data = target.make(mutator)
            current.write_bytes(data)
            failed = _failed(target, data)
            if failed is None:
                continue
            place, what, trace = failed
            if place not in failures:
                note = f"seed {seed}, case {cases} of {target.name}\n\n{trace}"
                failures[place] = Failure(target.name, what, _keep(folder, target.name, data, note))
            if stop_at_first:
                break
    current.unlink()
    return Result(cases, tuple(failures.values()))


def replay(target: Target, data: bytes) -> str | None:
    """Why a case fails; None when it does not."""
    with target.opened():
        failed = _failed(target, data)
    return failed and failed[2]


def _failed(target: Target, data: bytes) -> tuple[str, str, str] | None:
    """Where a case fails, what went wrong there, and the traceback; None when it does not fail."""
    try:
        with _limits():
            target.check(data)
    except (Exception, TooMuchError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours: Sequence[traceback.FrameSummary] = [
            frame for frame in frames if "/reader/" in frame.filename
        ] or frames
        where = "" if isinstance(error, TooMuchError) else f" at {ours[-1].filename}:{ours[-1].lineno}"
        shown = str(error)[:200] if isinstance(error, AssertionError | TooMuchError) else ""
        place = f"{type(error).__name__}{where}"
        trace = "".join(traceback.format_exception(error))[-20_000:]
        return place, f"{place} {shown}".strip(), trace
    return None


@contextmanager
def _limits() -> Iterator[None]:
    """TooMuchError for what takes too much time or memory."""

    def on_time(_number: int, _frame: FrameType | None) -> None:
        raise TooMuchError(f"over {MOST_SECONDS:.0f} seconds of processor time")

    before, memory = signal.signal(signal.SIGPROF, on_time), _begin_memory()
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if memory and _peak() - memory > MOST_MEMORY:
        raise TooMuchError(f"over {MOST_MEMORY >> 20} MB of memory")


def _begin_memory() -> int:
    """The memory of this process, from where the peak is measured; 0 where the system does not tell."""
    try:
        _CLEAR.write_text("5", "ascii")
    except OSError:
        return 0
    return _peak()


def _peak() -> int:
    """The most memory that this process had since it was last asked to begin anew."""
    try:
        status = _STATUS.read_text("ascii", "replace")
    except OSError:
        return 0
    _, found, rest = status.partition("VmHWM:")
    return int(rest.split()[0]) << 10 if found else 0


def _keep(folder: Path, name: str, data: bytes, note: str) -> Path:
    file = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    file.write_bytes(data)
    file.with_name(f"{file.name}.txt").write_text(note, "utf-8", "backslashreplace")
    return file
