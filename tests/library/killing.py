"""Kills the program at random moments while it adds captures, and checks the library each time.

    python -m tests.library.killing KILLS SEED

prints a JSON object: the number of kills, and the faults. The killed processes are forked from this one, which has no
threads, so each starts at once.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from reader.library import Library
from reader.library.ingest import engine, reading
from reader.library.repair.checking import check
from tests.generated import pages

_CAPTURES = 12
"""Captures to add, of eight articles each."""
_BATCH = 24
"""Articles of a batch, so that there are several."""
_NOT_CONTENT = ("files", "sqlite_", "search")
"""Tables that may differ: a kill may lose the stamps of files, and the index is built in steps of its own."""


def main() -> int:
    """Kill `add` of a file with all captures until nothing is left to add, and start anew until `KILLS` is reached."""
    kills, random = int(sys.argv[1]), Random(int(sys.argv[2]))
    reading.PART_BYTES = 1  # type: ignore[misc]
    engine.BATCH_ARTICLES = _BATCH  # type: ignore[misc]
    faults: list[str] = []
    done = 0
    with TemporaryDirectory(prefix="killing-") as folder:
        path, corpus = Path(folder) / "library.db", Path(folder) / "corpus.jsonl"
        captures = [capture for capture, _ in pages(8 * _CAPTURES)]
        corpus.write_text("".join(json.dumps({"text": capture.text}) + "\n" for capture in captures), "utf-8")
        os.utime(corpus, (1_600_000_000, 1_600_000_000))

        def add() -> None:
            with Library.open(path) as library:
                library.ingest([str(corpus)])

        add()  # also warms up the parser
        expected = _content(path)
        while done < kills:
            _remove(path)
            start = time.perf_counter()
            _is_killed(add, 60, faults)
            duration = time.perf_counter() - start
            _remove(path)
            before = 0
            while _is_killed(add, random.random() * duration, faults):
                done += 1
                if path.exists():
                    faults += [f"after kill {done}: {damage}" for damage in check(path)]
                kept, known = _kept(path)
                if kept != [f"{corpus}:{number}" for number in range(1, len(kept) + 1)]:
                    faults.append(f"after kill {done}: these captures are kept: {kept}")
                if len(kept) < before:
                    faults.append(f"after kill {done}: {before} captures were kept, and now {len(kept)}")
                if len(kept) < known:
                    faults.append(f"after kill {done}: the file counts as known, but not all of it is kept")
                before = len(kept)
            if _content(path) != expected:
                faults.append(f"after kill {done}: the library differs from an undisturbed one")
    print(json.dumps({"kills": done, "faults": faults}))
    return 0


def _content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the tables that may not differ, sorted."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
            if not name.startswith(_NOT_CONTENT)
        }


def _kept(path: Path) -> tuple[list[str], int]:
    """Return the sources of the captures, and how many captures are in files that count as unchanged."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'captures'").fetchone():
            return [], 0
        (known,) = connection.execute("SELECT coalesce(sum(captures), 0) FROM files").fetchone()
        rows = connection.execute("SELECT source FROM captures ORDER BY capture_key")
        return [source for (source,) in rows], known


def _is_killed(work: Callable[[], object], after: float, faults: list[str]) -> bool:
    """Do the work in a child process, and kill it `after` seconds. False if it finished before."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    deadline = time.monotonic() + after
    pid = status = 0
    while not pid and time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.001)
    if not pid:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        faults.append("the child failed: see stderr")
    return os.WIFSIGNALED(status)


def _remove(path: Path) -> None:
    for beside in path.parent.glob(f"{path.name}*"):
        beside.unlink()


if __name__ == "__main__":
    sys.exit(main())
