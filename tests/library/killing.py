"""Kills the program at random moments while it adds captures, and looks at the library each time.

    python -m tests.library.killing KILLS SEED

prints a JSON object: how often it was killed, and what was wrong. What is killed are children forked from this process,
so that each starts at once; it has no threads.
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

from reader import parse
from reader.library import Library
from reader.library.ingest import engine, reading
from reader.library.repair.checking import check
from tests.generated import pages

_FILES = 12
"""Captures that are added, of eight articles each."""
_FIRST, _MOST = 12, 40
"""Articles of the first batch and of the largest, so that there are many."""
_NOT_CONTENT = ("files", "sqlite_", "search")
"""Tables that may differ: what is known of files is lost with a kill, and an index is built in its own steps."""


def main() -> int:
    """Kill `add` of a file of all captures; it goes on each time from where it was."""
    kills, random = int(sys.argv[1]), Random(int(sys.argv[2]))
    texts = [capture.text for capture, _ in pages(8 * _FILES)]
    reading.PART_BYTES = 1  # type: ignore[misc]
    engine.FIRST_ARTICLES, engine.BATCH_ARTICLES = _FIRST, _MOST  # type: ignore[misc]
    faults: list[str] = []
    done = 0
    with TemporaryDirectory(prefix="killing-") as folder:
        path, corpus = Path(folder) / "library.db", Path(folder) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        os.utime(corpus, (1_600_000_000, 1_600_000_000))

        def add() -> None:
            with Library.open(path) as library:
                library.ingest([str(corpus)])

        add()  # Also for the parser to have met such lines, as in a long run.
        expected, ends = _content(path), _batch_ends(texts)
        while done < kills:
            _remove(path)
            start = time.perf_counter()
            _killed(add, 60, faults)
            duration = time.perf_counter() - start
            _remove(path)
            while _killed(add, random.random() * duration, faults):
                done += 1
                faults += [f"after kill {done}: {damage}" for damage in check(path)] if path.exists() else []
                kept, known = _kept(path)
                if (
                    kept != [f"{corpus}:{number}" for number in range(1, len(kept) + 1)]
                    or len(kept) not in ends
                ):
                    faults.append(
                        f"after kill {done}: {len(kept)} captures are kept: no number of whole batches"
                    )
                if len(kept) < known:
                    faults.append(f"after kill {done}: the file counts as known, and not all in it is kept")
            if _content(path) != expected:
                faults.append(f"after kill {done}: the library is another than an undisturbed one")
    print(json.dumps({"kills": done, "faults": faults}))
    return 0


def _content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in order, but for those that may differ."""
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
    """The sources of the captures, and how many captures are in files that need not be read again."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'captures'").fetchone():
            return [], 0
        (known,) = connection.execute("SELECT coalesce(sum(captures), 0) FROM files").fetchone()
        rows = connection.execute("SELECT source FROM captures ORDER BY capture_key")
        return [source for (source,) in rows], known


def _killed(work: Callable[[], object], after: float, faults: list[str]) -> bool:
    """Do the work in a child, and kill that so many seconds later; False if it was done before."""
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


def _batch_ends(texts: list[str]) -> set[int]:
    """After how many captures a batch can end."""
    ends = {0, len(texts)}
    articles = kept = 0
    for number, text in enumerate(texts, 1):
        articles += len(parse(text).articles)
        if articles >= min(_MOST, max(_FIRST, kept // 2)):
            ends.add(number)
            kept += articles
            articles = 0
    return ends


def _remove(path: Path) -> None:
    for beside in path.parent.glob(f"{path.name}*"):
        beside.unlink()


if __name__ == "__main__":
    sys.exit(main())
