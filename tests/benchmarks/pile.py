"""Captures on a disk, as many as wanted: invented words in the proportions of a language, 3 KB an article."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from random import Random

PAGE_ARTICLES = 4
_WORDS = 40_000
_SYLLABLES = (
    "ba ce di fo gu ka le mi no pu ra se ti vo zu an er in or us la re ni to mu sta pri gle tro".split()
)
_PARAGRAPHS, _SENTENCES, _LENGTH = 9, 3, 18
"""Of an article: paragraphs, sentences of each, words of each."""
_SECTIONS = ("China", "Enterprise", "Fintech", "Policy", "Workplace", "Climate")
_FIRST, _LAST = ("Wendeline", "Rufus", "Amparo", "Tobias"), ("Pratt", "Whitlock", "Okonjo", "Brandt")
_FOLDER = 1_000


def make_pile(folder: Path, captures: int, seed: int = 1, articles: int = PAGE_ARTICLES) -> int:
    """Write so many captures into `folder`, a thousand to a folder in it; the bytes of their text."""
    random = Random(seed)
    words = ["".join(random.choices(_SYLLABLES, k=random.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_WORDS)]
    weights = list(accumulate(1 / rank for rank in range(2, _WORDS + 2)))
    size = 0
    for number in range(captures):
        path = folder / f"{number // _FOLDER:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        made = [_article(random, words, weights) for _ in range(articles)]
        text = "\n\n".join(line for lines in made for line in lines)
        size += path.write_text(text, "utf-8")
    return size


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
