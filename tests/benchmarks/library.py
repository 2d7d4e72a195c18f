"""Keeping captures: `add` beside the full-text indexing alone, `parse --into`, and finding the same story again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter

from reader.captures import InputFile, find_files
from reader.library import Library
from reader.library.database.tables import open_database
from reader.library.ingest.engine import BATCH_ARTICLES
from reader.library.ingest.reading import FileReader
from reader.library.search.indexing import update
from reader.library.stories.placing import Changes
from reader.model import Capture
from reader.parsing import parse_capture
from tests.benchmarks import Figure, Place, in_new_process, interleaved, notify
from tests.benchmarks.pile import make_pile
from tests.filling import add_pages, sql
from tests.generated import PAGE_ARTICLES, a_page, pages
from tests.library.same_story import WRITERS, Pair, Writer, a_lookalike, a_pair

_CAPTURES = 5_000
_SMALL, _LARGE = 8_000, 24_000
"""Captures of the two piles whose memory is compared: of one article each."""
_SHARDS, _PAGES = 12, 1_000
"""JSON Lines files, each a shard, and pages of each."""
_PAIRS = 10_000


def adding(place: Place) -> Iterator[Figure]:
    """The whole command ÷ the index alone, from texts at hand, in batches of the same size; and its memory."""
    pile = place.folder / "pile"
    make_pile(pile, _CAPTURES)
    Library.open(file := _new(place.folder)).close()
    with FileReader(file) as reader:
        found = [item for item in find_files([str(pile)]) if isinstance(item, InputFile)]
        texts = [
            article.texts
            for item in found
            for read in reader.read(item)
            for p in read.pages
            for article in p.articles
        ]
    notify(f"adding {_CAPTURES:,} captures with {len(texts):,} articles")

    def add() -> float:
        return _add(_new(place.folder), pile)[0]

    def index() -> float:
        with closing(open_database(_new(place.folder))) as database:
            start = perf_counter()
            for first in range(0, len(texts), BATCH_ARTICLES):
                batch = range(first, min(first + BATCH_ARTICLES, len(texts)))
                with database.writing():
                    update(database, Changes(listed=batch, texts={key: texts[key] for key in batch}))
            return perf_counter() - start

    added, indexed = interleaved(max(2, place.runs // 2), add, index, warm_up=0)
    yield Figure("adding to the library ÷ indexing alone", added, "s", indexed, 1.5)
    _add(file := _new(place.folder), pile)
    again = [_add(file, pile)[0] for _ in range(place.runs)]
    yield Figure(f"adding {_CAPTURES:,} unchanged files again", again, "s")
    used = []
    for captures in (_SMALL, _LARGE):
        make_pile(place.folder / str(captures), captures, articles=1)
        used.append([_add(_new(place.folder), place.folder / str(captures))[1]])
    yield Figure(f"memory of adding {_LARGE:,} captures ÷ {_SMALL:,}", used[1], "MB", used[0], 1.15)


def _new(folder: Path) -> Path:
    """The name of a library file that does not exist."""
    path = folder / "library.db"
    for beside in folder.glob(f"{path.name}*"):
        beside.unlink()
    return path


def _add(library: Path, pile: Path) -> tuple[float, float]:
    """Run the command; return seconds, and MB of memory of the process that writes."""
    start = perf_counter()
    words = [sys.executable, "-m", "reader", "add", "--library", str(library), str(pile)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, KB elsewhere
    return perf_counter() - start, used.ru_maxrss / unit


def shards(place: Place) -> Iterator[Figure]:
    """Pages a second by one process and by two ÷ the parser alone; what the next run takes."""
    crawl, numbers, total = place.folder / "crawl", count(), _SHARDS * _PAGES
    crawl.mkdir()
    for number in range(_SHARDS):
        captures = [capture for capture, _ in pages(_PAGES * PAGE_ARTICLES, seed=number + 1)]
        rows = (json.dumps({"url": c.url, "text": c.text}, ensure_ascii=False) for c in captures)
        (crawl / f"crawl-{number:05}.jsonl").write_text("\n".join(rows), "utf-8")

    def pages_a_second(jobs: int, into: str = "") -> float:
        start = perf_counter()
        folder = place.folder / (into or f"shards-{next(numbers)}")
        words = ["parse", "--jobs", str(jobs), "--into", str(folder), str(crawl)]
        subprocess.run([sys.executable, "-m", "reader", *words], check=True, stdout=subprocess.DEVNULL)
        return total / (perf_counter() - start)

    one, two, alone = interleaved(
        max(2, place.runs // 2),
        lambda: pages_a_second(1),
        lambda: pages_a_second(2),
        lambda: in_new_process(_parsed_a_second, captures),
        warm_up=0,
    )
    yield Figure("shards by 1 process ÷ parsing alone", one, "pages/s", alone)
    yield Figure("shards by 2 processes ÷ by 1", two, "pages/s", one)
    again = [total / pages_a_second(1, "shards-0") for _ in range(place.runs)]
    yield Figure("a run whose shards are all there", again, "s")


def _parsed_a_second(captures: Sequence[Capture]) -> float:
    start = perf_counter()
    for capture in captures:
        json.dumps(parse_capture(capture).to_json())
    return len(captures) / (perf_counter() - start)


def stories(_: Place) -> Iterator[Figure]:
    """Of made-up starts those that are missed, of lookalikes those that are joined."""
    notify(f"{_PAIRS:,} starts and their whole stories, and as many pairs of stories that begin alike")
    together, of_others = _judge(a_pair)
    yield Figure(f"starts missed, of {_PAIRS:,}", [100 - 100 * together / _PAIRS], "%", budget=0.5)
    yield Figure("  joined with another pair's", [of_others], "pairs", budget=0)
    together, of_others = _judge(a_lookalike)
    yield Figure(f"lookalikes joined, of {_PAIRS:,}", [together], "pairs", budget=0)
    yield Figure("  joined with another pair's", [of_others], "pairs", budget=0)


def _judge(make: Callable[[Random, Writer], Pair]) -> tuple[int, int]:
    """How many pairs the library has as one story, and how many stories it has that are of several pairs."""
    random = Random(51_966)
    pairs = [make(random, WRITERS[n % len(WRITERS)]) for n in range(_PAIRS)]
    versions = [(n, version) for n, pair in enumerate(pairs) for version in pair[:2]]
    random.shuffle(versions)
    with Library.temporary() as library:
        for start in range(0, len(versions), 1_000):
            batch = enumerate(versions[start : start + 1_000], start)
            add_pages(library, [a_page(f"{place}-{n}", version) for place, (n, version) in batch])
        rows = sql(library, "SELECT story, source FROM articles JOIN captures USING (capture_key)")
    pairs_of: dict[int, set[int]] = {}
    stories_of: dict[int, set[int]] = {}
    for story, source in rows:
        pair = int(source.partition("-")[2])
        pairs_of.setdefault(story, set()).add(pair)
        stories_of.setdefault(pair, set()).add(story)
    return (
        sum(len(found) == 1 for found in stories_of.values()),
        sum(len(found) > 1 for found in pairs_of.values()),
    )
