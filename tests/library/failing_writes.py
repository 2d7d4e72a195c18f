"""Fails each call by which a library is written, one after the other, and looks at the library after each.

    python -m tests.library.failing_writes adding|marking|migrating [HOW-MANY]

prints a JSON object: how many calls there are, at how many of them each kind of fault was tried, and what was wrong.
The program starts itself anew with `failing_writes.c` loaded before libc; what fails are children forked from it, so
that each starts at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from reader.cli import main as run_command
from reader.errors import ReaderError
from reader.library import Library
from reader.library.actions import State
from reader.library.ingest import engine
from reader.library.repair.checking import check
from tests.generated import build, pages
from tests.library.killing import content
from tests.library.version_one import build_first_version

KINDS: Final = {"EIO": 1, "ENOSPC": 2, "short": 3}
_LOADED = "PROTOCOL_READER_TEST_SHIM"
_KEPT, _ADDED, _BATCH = 16, 32, 8
"""Articles: in the library before, added to it, and in a batch."""


class Case(NamedTuple):
    """Something that writes a library."""

    work: Callable[[Path], int]
    """What writes; its exit status."""
    original: Path
    states: Sequence[dict[str, Any]]
    """What may be in the library afterwards: what was committed at some moment."""


class Outcome(NamedTuple):
    """What came of it."""

    calls: int
    """How many calls write in an undisturbed run."""
    faults: int
    """How many runs with a fault there were."""
    failed: int
    """How many of them could not do their work, and said so in a sentence."""
    wrong: list[str]


def run_cases(name: str, most: int | None = None) -> Outcome:
    """Start a process with the shim that does it.

    `most` calls, spread evenly, fail in one way each, the kinds of fault in turns; without it every one in each way.
    """
    with TemporaryDirectory(prefix="failing-writes-") as folder:
        shim = compile_shim(Path(folder))
        words = [sys.executable, "-m", "tests.library.failing_writes", name, *([str(most)] if most else [])]
        environment = {**os.environ, "LD_PRELOAD": str(shim), _LOADED: str(shim)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Outcome(**json.loads(done.stdout))


def compile_shim(folder: Path) -> Path:
    """The shim, compiled; OSError or CalledProcessError where that is not possible."""
    shim = folder / "failing_writes.so"
    source = Path(__file__).with_suffix(".c")
    words = ["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(source), "-ldl"]
    subprocess.run(words, check=True, capture_output=True)
    return shim


def main() -> int:
    """Run what the words say, in the process that has the shim."""
    name, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
    if _LOADED not in os.environ:
        print(json.dumps(run_cases(name, most)._asdict()))
        return 0
    shim = ctypes.CDLL(os.environ[_LOADED])
    shim.counted.restype = ctypes.c_long
    with TemporaryDirectory(prefix="failing-writes-") as folder:
        with contextlib.redirect_stdout(io.StringIO()):  # what the work itself says
            case = {"adding": _adding, "marking": _marking, "migrating": _migrating}[name](Path(folder))
            outcome = _fail_each(case, Path(folder), shim, most)
        print(json.dumps(outcome._asdict()))
    return 0


def _fail_each(case: Case, folder: Path, shim: Any, most: int | None) -> Outcome:
    place = folder / "failing"
    calls = int(_in_child(case, place, shim, 0, 0)[1])
    assert calls > 0, "no call was seen"
    chosen = list(range(1, calls + 1))
    if most is not None and most < calls:
        chosen = sorted({1 + number * (calls - 1) // (most - 1) for number in range(most)})
    wrong: list[str] = []
    faults = failed = 0
    every = list(KINDS.items())
    for number, at in enumerate(chosen):
        for kind, code in every if most is None else [every[number % len(every)]]:
            said, _ = _in_child(case, place, shim, at, code)
            faults += 1
            failed += "status 0" not in said
            faults_found = [*_wrong_in(said), *_wrong_with(place / "library.db", case)]
            wrong += [f"{kind} at call {at} of {calls}: {fault}" for fault in faults_found]
    return Outcome(calls, faults, failed, wrong)


def _in_child(case: Case, place: Path, shim: Any, at: int, kind: int) -> tuple[str, str]:
    """Do the work on a fresh copy, with a fault; what was said, and how many calls there were."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    library = place / "library.db"
    shutil.copy(case.original, library)
    report = place.with_suffix(".report")
    child = os.fork()
    if child == 0:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            try:
                shim.arm(str(library).encode(), at, kind)
                said.write(f"\nstatus {case.work(library)}\n")
            except BaseException:
                traceback.print_exc(file=said)
            counted = shim.counted()
            shim.arm(b"", 0, 0)
        report.write_text(f"{counted}\n{said.getvalue()}")
        os._exit(0)
    os.waitpid(child, 0)
    counted, _, text = report.read_text().partition("\n")
    return text, counted


def _wrong_in(said: str) -> list[str]:
    """What was said must be sentences; where the work failed, one that says so."""
    if "Traceback" in said:
        return [said]
    if "status 0" not in said and "library.db" not in said:
        return [f"it failed and no sentence names the file: {said!r}"]
    return []


def _wrong_with(path: Path, case: Case) -> list[str]:
    try:
        kept = content(path)
        found = [] if kept in case.states else ["the library holds a state that was never committed"]
        found += [str(damage) for damage in check(path, word_by_word=True)]
        case.work(path)
        if content(path) != case.states[-1]:
            found.append("doing it again does not lead to where an undisturbed run does")
    except Exception:
        return [traceback.format_exc()]
    return found


def _adding(folder: Path) -> Case:
    """`add` of a few captures, in several batches."""
    pile = folder / "pile"
    pile.mkdir()
    for number, (capture, _) in enumerate(pages(_ADDED, seed=2)):
        (pile / f"{number}.txt").write_text(capture.text, "utf-8")
    engine.BATCH_ARTICLES = _BATCH  # type: ignore[misc]
    original = folder / "original.db"
    build(original, _KEPT)
    states: list[dict[str, Any]] = [content(original)]
    whole = folder / "whole.db"
    shutil.copy(original, whole)
    with Library.open(whole) as library:
        library.ingest([str(pile)], on_progress=lambda _: states.append(content(whole)))
    states.append(content(whole))

    def work(path: Path) -> int:
        return run_command(["add", str(pile), "--library", str(path)])

    return Case(work, original, states)


_MARKS: Final[Sequence[Callable[[State], object]]] = (
    lambda state: state.set_starred(3, True),
    lambda state: state.set_read(5, True),
    lambda state: state.save_search("Tides", "tide OR harbor"),
)


def _marking(folder: Path) -> Case:
    """A star, a mark and a saved search, as the app writes them."""
    original = folder / "original.db"
    build(original, _KEPT)
    states = [content(original)]

    def work(path: Path) -> int:
        try:
            with Library.open(path) as library:
                for step in _MARKS:
                    step(library.state)
        except ReaderError as error:
            print(error)
            return 1
        return 0

    whole = folder / "whole.db"
    shutil.copy(original, whole)
    with Library.open(whole) as library:
        for step in _MARKS:
            step(library.state)
            states.append(content(whole))
    return Case(work, original, states)


def _migrating(folder: Path) -> Case:
    """A library of the first version, brought up to date when it is opened."""
    original = folder / "original.db"
    build_first_version(original, _KEPT)

    def work(path: Path) -> int:
        return run_command(["search", "--library", str(path), "kestrel"])

    whole = folder / "whole.db"
    shutil.copy(original, whole)
    work(whole)
    return Case(work, original, [content(original), content(whole)])


if __name__ == "__main__":
    sys.exit(main())
