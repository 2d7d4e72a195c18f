"""Invented articles whose words are spread as in a language: few common ones, very many rare ones.

    python -m tests.benchmarks.wording FILE N

writes a library of N articles. `tests.generated` has a few hundred words, with which every look-up is a common
word; here the n-th word is about 1/n as frequent as the first, and of 400,000 most are met a few times at 1,000,000
articles. All but the smallest words are made up of syllables, with the beginnings and endings of English ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from reader.library import Library
from reader.model import Article, Block, Capture, Page, Reason
from tests.filling import add_pages
from tests.generated import NO_LABELS, SECTIONS, an_article

_WORDS, _SENTENCES = 400_000, 200_000
_COMMON = (
    "the of and to in a is that for it was on with as be by at this from have an are not or but which they his her"
    " had were their we you all more one about would there who said when what up can so if no out its will company"
    " people data says could two other new than tech also year into time first workers like just market"
).split()
_ONSETS = (
    "b c d f g h j k l m n p r s t v w br ch cl cr dr fl fr gr pl pr sh sl sp st str th tr tw qu".split()
)
_VOWELS = "a e i o u ai ea ee ou io ie".split()
_CODAS = ("", "", *"n r s t l m nd st ng rt ck x".split())
_BEGINNINGS = (
    "",
    "",
    "",
    "",
    "",
    *"in inter com con re un over pro de dis trans super under pre sub".split(),
)
_ENDINGS = ("", "", "", *"s ed ing ion er ly ment ation al ity able ers ism".split())


@cache
def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    random = Random(3)
    words = dict.fromkeys(_COMMON)
    while len(words) < _WORDS:
        short = random.random() < (0.5 if len(words) < 2_000 else 0.15)
        syllables = 1 if short else 2 + (random.random() < 0.4)
        middle = "".join(
            random.choice(_ONSETS) + random.choice(_VOWELS) + random.choice(_CODAS) for _ in range(syllables)
        )
        words[random.choice(_BEGINNINGS) + middle + random.choice(_ENDINGS)] = None
    return list(words)


def build(path: Path, articles: int) -> None:
    """Write a library of so many articles to `path`, eight to a page."""
    made = pages(articles // 8, 8)
    with Library.open(path) as library:
        while batch := list(islice(made, 500)):
            add_pages(library, batch)
        # Some that are read and some with a star, for queries that ask for these.
        for key in range(100, articles, 100):
            library.state.set_read(key, True)
            if key % 2_000 == 0:
                library.state.set_starred(key, True)


def pages(count: int, articles: int) -> Iterator[tuple[Capture, Page]]:
    """So many pages of so many articles."""
    make = _Maker(Random(5)).article
    for number in range(count):
        source, url = f"pile/{number // 1000:04}/{number:07}.txt", f"https://protocol.example/{number}"
        made = tuple(make(position) for position in range(articles))
        yield Capture(source, f"Page {number}", url=url), Page(source, url, None, made, (), NO_LABELS)


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = vocabulary()
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self._words))))
        self._sentences = [self._sentence(8 + int(random.random() * 16)) for _ in range(_SENTENCES)]
        self._names = [word.capitalize() for word in self._words[3_000:4_000]]

    def _sentence(self, words: int) -> str:
        chosen = self._random.choices(self._words, cum_weights=self._weights, k=words)
        return f"{' '.join(chosen).capitalize()}."

    def article(self, position: int) -> Article:
        """An article that begins as no other does."""
        chance, choice = self._random.random, self._random.choice
        truncated, sponsored = chance() < 0.28, chance() < 0.04
        paragraphs = 1 + int(chance() * (2 if truncated else 8))
        body = [f"{choice(self._sentences)} {choice(self._sentences)}" for _ in range(paragraphs)]
        section = None if chance() < 0.03 else choice(SECTIONS)
        return an_article(
            position,
            kicker=section and f"Protocol | {section}",
            section=section,
            headline=self._sentence(8).rstrip("."),
            deck=choice(self._sentences) if chance() < 0.6 else None,
            authors=(f"{choice(self._names)} {choice(self._names)}",) if chance() < 0.7 else (),
            published=f"{choice((2020, 2021, 2022))}-0{1 + int(chance() * 9)}-{10 + int(chance() * 19)}",
            body=tuple(Block("paragraph", text) for text in (self._sentence(14), *body)),
            truncated=Reason("marker", 9, "Keep ReadingShow less") if truncated else None,
            sponsored=Reason("label", 9, "A message from") if sponsored else None,
            sponsor=choice(self._names) if sponsored else None,
        )


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]))
