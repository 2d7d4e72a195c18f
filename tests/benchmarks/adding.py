"""`add` of a pile of captures beside the full-text indexing of the same articles alone, and where its time goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter, process_time

from reader.captures import InputFile, find_files
from reader.library import Library
from reader.library.database.tables import open_database
from reader.library.ingest.engine import BATCH_ARTICLES
from reader.library.ingest.preparing import PreparedArticle
from reader.library.ingest.reading import FileReader
from reader.library.search.indexing import update
from reader.library.stories.placing import Changes
from tests.benchmarks.figures import Figure, Quantity, interleaved, tell
from tests.benchmarks.pile import make_pile

CAPTURES = 5_000
BUDGET = 1.5
_SMALL, _LARGE = 8_000, 24_000
"""Captures of the two piles whose memory is compared: of one article each."""
_MEMORY_BUDGET = 1.15


def adding(runs: int, folder: Path) -> Iterator[Figure]:
    """The whole command ÷ the index alone, from texts at hand, in batches of the same size; then the parts."""
    pile = folder / "added"
    size = make_pile(pile, CAPTURES)
    articles, spent_reading = _read(folder, pile)
    tell(f"adding {CAPTURES:,} captures with {len(articles):,} articles, {size / 1e6:.0f} MB")
    shares: list[float] = []
    used_alone: list[float] = []

    def add() -> float:
        path = _new(folder)
        start = perf_counter()
        used = _add(path, pile)
        spent = perf_counter() - start
        shares.append(used[0])
        return spent

    def index() -> float:
        with closing(open_database(_new(folder))) as database:
            start, used = perf_counter(), process_time()
            for batch in _batches(len(articles)):
                changes = Changes(listed=batch, texts={key: articles[key].texts for key in batch})
                with database.writing():
                    update(database, changes)
            used_alone.append(process_time() - used)
            return perf_counter() - start

    added, indexed = interleaved(max(2, runs // 2), add, index, warm_up=0)
    yield Figure(
        "adding to the library ÷ indexing alone", Quantity(added, "s"), Quantity(indexed, "s"), BUDGET
    )
    yield Figure(
        "  processor time: all of it ÷ indexing alone", Quantity(shares, "s"), Quantity(used_alone, "s")
    )
    yield Figure("  of which reading, telling apart and preparing", Quantity([spent_reading], "s"))
    again = [_again(folder, pile) for _ in range(runs)]
    yield Figure(f"adding {CAPTURES:,} unchanged files again", Quantity(again, "s"))
    yield _memory(folder)


def _batches(articles: int) -> Iterator[range]:
    """The articles by number, as many in each batch as `add` writes at once."""
    for first in range(0, articles, BATCH_ARTICLES):
        yield range(first, min(first + BATCH_ARTICLES, articles))


def _read(folder: Path, pile: Path) -> tuple[list[PreparedArticle], float]:
    """The articles of a pile as they are handed to the writer, and the processor time it took to read them."""
    path = _new(folder)
    Library.open(path).close()
    articles: list[PreparedArticle] = []
    start = process_time()
    with FileReader(path) as reader:
        for found in find_files([str(pile)]):
            if isinstance(found, InputFile):
                for read in reader.read(found):
                    articles += (article for page in read.pages for article in page.articles)
    return articles, process_time() - start


def _again(folder: Path, pile: Path) -> float:
    path = folder / "library.db"
    if not path.exists():
        _add(path, pile)
    start = perf_counter()
    _add(path, pile)
    return perf_counter() - start


def _memory(folder: Path) -> Figure:
    """Resident memory of the process that writes, by the number of captures."""

    def measured(captures: int) -> Quantity:
        pile = folder / f"pile-{captures}"
        make_pile(pile, captures, articles=1)
        return Quantity([_add(_new(folder), pile)[1]], "MB")

    name = f"memory of adding {_LARGE:,} captures ÷ {_SMALL:,}"
    return Figure(name, measured(_LARGE), measured(_SMALL), _MEMORY_BUDGET)


def _add(path: Path, pile: Path) -> tuple[float, float]:
    """Run the command; seconds of processor time of all its processes, and MB of memory of the one that writes."""
    words = [sys.executable, "-m", "reader", "add", "--library", str(path), str(pile)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, words)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, KB elsewhere
    return used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def _new(folder: Path) -> Path:
    """The name of a library file that is not there."""
    path = folder / "library.db"
    for beside in folder.glob(f"{path.name}*"):
        beside.unlink()
    return path
