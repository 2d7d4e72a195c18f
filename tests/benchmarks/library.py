"""Keeping captures: `add` beside the full-text indexing alone, and finding the same story again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from random import Random
from time import perf_counter

from reader.captures import InputFile, find_files
from reader.library import Library
from reader.library.database.connection import open_database
from reader.library.ingest.engine import BATCH_ARTICLES
from reader.library.ingest.reading import FileReader, PreparedPage
from reader.library.search.indexing import update
from reader.library.stories.representatives import Changes
from tests.benchmarks import Figure, Place, interleaved, notify
from tests.filling import add_pages, sql
from tests.generated import a_page
from tests.library.same_story import WRITERS, Pair, Writer, a_lookalike, a_pair

_CAPTURES = 5_000
_PAGE_ARTICLES = 4
_WORDS = 40_000
_SYLLABLES = (
    "ba ce di fo gu ka le mi no pu ra se ti vo zu an er in or us la re ni to mu sta pri gle tro".split()
)
_PARAGRAPHS, _SENTENCES, _LENGTH = 9, 3, 18
"""Of an article: paragraphs, sentences of each, words of each."""
_SECTIONS = ("China", "Enterprise", "Fintech", "Policy", "Workplace", "Climate")
_FIRST, _LAST = ("Wendeline", "Rufus", "Amparo", "Tobias"), ("Pratt", "Whitlock", "Okonjo", "Brandt")
_PAIRS = 10_000


def adding(place: Place) -> Iterator[Figure]:
    """The whole command ÷ the index alone, from texts at hand, in batches of the same size."""
    pile = place.folder / "pile"
    _make_pile(pile)
    Library.open(file := _new(place.folder)).close()
    with FileReader(file) as reader:
        found = [item for item in find_files([str(pile)]) if isinstance(item, InputFile)]
        texts = [
            article.texts
            for item in found
            for part in reader.read([item])
            for page in part.items
            if isinstance(page, PreparedPage)
            for article in page.articles
        ]
    notify(f"adding {_CAPTURES:,} captures with {len(texts):,} articles")

    def add() -> float:
        return _add(_new(place.folder), pile)

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


def _new(folder: Path) -> Path:
    """The name of a library file that does not exist."""
    path = folder / "library.db"
    for beside in folder.glob(f"{path.name}*"):
        beside.unlink()
    return path


def _add(library: Path, pile: Path) -> float:
    """Run the command; return seconds."""
    start = perf_counter()
    words = [sys.executable, "-m", "reader", "add", "--library", str(library), str(pile)]
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - start


def _make_pile(folder: Path) -> None:
    """Write captures into `folder`: invented words in the proportions of a language, 3 KB an article."""
    random = Random(1)
    words = ["".join(random.choices(_SYLLABLES, k=random.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_WORDS)]
    weights = list(accumulate(1 / rank for rank in range(2, _WORDS + 2)))
    folder.mkdir()
    for number in range(_CAPTURES):
        made = [_article(random, words, weights) for _ in range(_PAGE_ARTICLES)]
        text = "\n\n".join(line for lines in made for line in lines)
        (folder / f"{number:07}.txt").write_text(text, "utf-8")


def _article(random: Random, words: list[str], weights: list[float]) -> list[str]:
    count = _PARAGRAPHS * _SENTENCES * _LENGTH + 20
    drawn = iter(random.choices(words, cum_weights=weights, k=count))

    def sentence(length: int) -> str:
        return " ".join(next(drawn) for _ in range(length)).capitalize()

    headline, deck = sentence(8), sentence(12) + "."
    author = f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    paragraphs = [" ".join(f"{sentence(_LENGTH)}." for _ in range(_SENTENCES)) for _ in range(_PARAGRAPHS)]
    end = [] if random.random() < 0.7 else ["Keep ReadingShow less"]
    return [
        random.choice(_SECTIONS),
        headline,
        deck,
        author,
        f"March {random.randint(1, 28)}, 2021",
        *paragraphs,
        *end,
    ]


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
