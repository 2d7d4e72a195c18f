"""Kills the program at random moments while it adds captures, and looks at the file each time.

    python -m tests.library.killing corpus|stories KILLS SEED

prints a JSON object: how often it was killed, how often it had been done before, and what was wrong. What is killed
are children forked from this process, so that each starts at once; it has no threads.
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
from typing import Any, NamedTuple

from reader import parse
from reader.library import Library
from reader.library.ingest import engine, reading
from reader.library.repair.checking import check
from tests.generated import pages
from tests.library.same_story import a_pile, text_of

_FILES = 12
"""Captures that are added, of eight articles each."""
_FIRST, _MOST = 12, 40
"""Articles of the first batch and of the largest, so that there are many."""
_STORIES = 60
"""Pairs of stories, each in several captures."""
_NOT_CONTENT = ("files", "sqlite_", "search")
"""Tables that may differ: what is known of files is lost with a kill, and an index is built in its own steps."""


class Outcome(NamedTuple):
    """What came of it."""

    kills: int
    finished: int
    """How often the child was done before it was killed."""
    faults: list[str]


def main() -> int:
    """Run what the words say."""
    kind, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with TemporaryDirectory(prefix="killing-") as folder:
        kill = {"corpus": kill_adding_corpus, "stories": kill_adding_stories}[kind]
        print(json.dumps(kill(Path(folder), kills, Random(seed))._asdict()))
    return 0


def kill_adding_corpus(folder: Path, kills: int, random: Random) -> Outcome:
    """Kill `add` of one file of all captures so often; it goes on each time from where it was."""
    corpus = folder / "corpus.jsonl"
    texts = [capture.text for capture, _ in pages(8 * _FILES)]
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    os.utime(corpus, (1_600_000_000, 1_600_000_000))
    reading.PART_BYTES = 1  # type: ignore[misc]
    sources = {f"{corpus}:{number}": text for number, text in enumerate(texts, 1)}
    return _kill_adding(folder / "library.db", corpus, sources, kills, random)


def kill_adding_stories(folder: Path, kills: int, random: Random) -> Outcome:
    """The same with captures of the same stories, which the batches of a run divide; some are there twice."""
    pile = folder / "pile"
    pile.mkdir()
    texts: dict[str, str] = {}
    for number, article in enumerate(a_pile(random, _STORIES)):
        source = pile / f"{number:04}.txt"
        source.write_text(text_of(article), "utf-8")
        if source.read_text("utf-8") not in texts.values():
            texts[str(source)] = source.read_text("utf-8")
    return _kill_adding(folder / "library.db", pile, texts, kills, random)


def _kill_adding(path: Path, pile: Path, texts: dict[str, str], kills: int, random: Random) -> Outcome:
    """`texts` are those of the captures in `pile` by their sources."""
    sources = list(texts)
    engine.FIRST_ARTICLES, engine.BATCH_ARTICLES = _FIRST, _MOST  # type: ignore[misc]

    def add() -> None:
        with Library.open(path) as library:
            library.ingest([str(pile)])

    add()  # Also for the parser to have met such lines, as in a long run.
    expected, ends = content(path), _batch_ends(texts)
    faults: list[str] = []
    done = finished = 0
    while done < kills:
        _remove(path)
        duration = _duration(add)
        _remove(path)
        while _killed(add, random.random() * duration, faults):
            done += 1
            found = [str(damage) for damage in check(path)] if path.exists() else []
            kept = _sources(path)
            if kept != sources[: len(kept)] or len(kept) not in ends:
                found.append(f"{len(kept)} captures are kept: no number of whole batches")
            if len(kept) < _remembered(path, sources):
                found.append("a file counts as known, and not all in it is kept")
            faults += (f"after kill {done}: {fault}" for fault in found)
        finished += 1
        if content(path) != expected:
            faults.append(f"after kill {done}: the library is another than an undisturbed one")
    return Outcome(done, finished, faults)


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
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


def _killed(work: Callable[[], object], after: float, faults: list[str]) -> bool:
    """Do the work in a child and kill that so many seconds later; False when it was done before."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        faults.append("the child failed: see stderr")
    return os.WIFSIGNALED(status)


def _duration(work: Callable[[], object]) -> float:
    """Seconds that the work takes in a child."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    os.waitpid(child, 0)
    return time.perf_counter() - start


def _batch_ends(texts: dict[str, str]) -> set[int]:
    """After how many captures a batch can end."""
    ends = {0, len(texts)}
    articles = kept = 0
    for number, text in enumerate(texts.values(), 1):
        articles += len(parse(text).articles)
        if articles >= min(_MOST, max(_FIRST, kept // 2)):
            ends.add(number)
            kept += articles
            articles = 0
    return ends


def _sources(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'captures'").fetchone():
            return []
        return [row[0] for row in connection.execute("SELECT source FROM captures ORDER BY capture_key")]


def _remembered(path: Path, sources: list[str]) -> int:
    """How many of these captures are in files that need not be read again."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'files'").fetchone():
            return 0
        files = connection.execute("SELECT CAST(path AS TEXT), captures FROM files").fetchall()
    return sum(captures for name, captures in files if any(source.startswith(name) for source in sources))


def _remove(path: Path) -> None:
    for beside in path.parent.glob(f"{path.name}*"):
        beside.unlink()


if __name__ == "__main__":
    sys.exit(main())
