"""Invented articles of few words, and a search of them that looks at each: what the library is held to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from reader.library.database.schema import LEAD
from reader.library.search.indexing import AUTHOR, SECTION, SPONSOR, ordinal, special, tokens
from reader.library.search.parser import And, Condition, Dates, Node, Not, Or, Phrase
from reader.model import Article, Block, Figure, Reason
from tests.generated import an_article

WORDS = (
    "kestrel", "Kestrel’s", "keen", "CAFÉ", "cafes", "the", "of", "ferry", "ferries", "東京", "京", "naïve", "x",
)  # fmt: skip
FORMS = ({"ferry", "ferries"}, {"cafe", "cafes"})
"""Those of WORDS that are forms of one word, folded."""
SECTIONS = ("China", "Next Up", None)
NAMES = ("Lian Huarong", "Bram Sørli", "Zoë Vu")


class Kept(NamedTuple):
    """An article, and what the library knows of it besides."""

    key: int
    article: Article
    source: str
    read: bool
    starred: bool


def some_article(random: Random, number: int) -> Article:
    """An article of a few of WORDS, which no other is the same story as."""

    def words(most: int) -> str:
        return " ".join(random.choice(WORDS) for _ in range(random.randint(1, most)))

    def maybe(part: float) -> bool:
        return random.random() < part

    date = f"202{random.randint(0, 2)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    reason = Reason("marker", 1, "Keep Reading")
    body = [f"N{number}n {words(4)}", *[words(4) for _ in range(random.randint(0, 2))]]
    sponsored = maybe(0.2)
    return an_article(
        section=random.choice(SECTIONS),
        headline=words(3) if maybe(0.8) else None,
        deck=words(3) if maybe(0.4) else None,
        authors=tuple(random.sample(NAMES, random.randint(0, 2))),
        published=date if maybe(0.7) else None,
        figures=(Figure(None, words(2), None),) if maybe(0.3) else (),
        body=tuple(Block("paragraph", text) for text in body),
        truncated=reason if maybe(0.3) else None,
        sponsored=reason if sponsored else None,
        sponsor="Nimbus Pay" if sponsored and maybe(0.5) else None,
    )


def matching(node: Node, kept: Sequence[Kept]) -> list[int]:
    """The keys of what matches a query, in the order of results, found by looking at each article."""
    found = [(ordinal(one.article.published), one.key) for one in kept if matches(node, one)]
    return [key for _, key in sorted(found, reverse=True)]


def matches(node: Node, kept: Kept) -> bool:
    """Whether an article is what a query asks for, told from the article itself."""
    match node:
        case And(nodes):
            return all(matches(part, kept) for part in nodes)
        case Or(nodes):
            return any(matches(part, kept) for part in nodes)
        case Not(inner):
            return not matches(inner, kept)
        case Dates(first, last):
            return first <= ordinal(kept.article.published) < last
        case Condition("in", value):
            return value in kept.source
        case Condition(kind):
            return {"read": kept.read, "unread": not kept.read, "starred": kept.starred}[kind]
    if node.plain:
        return matches_phrase(node, kept.article)
    return any(_stands_in(node, words) for words in _facets(kept.article))


def matches_phrase(phrase: Phrase, article: Article) -> bool:
    """Whether what can be read of an article has a phrase; none goes on from one text to the next."""
    texts = _texts(article)
    return any(_stands_in(phrase, text) for part in phrase.parts or texts for text in texts[part])


@cache
def _texts(article: Article) -> dict[str, list[list[str]]]:
    """The words of each text of an article, by its part."""
    texts = {
        "headline": [article.headline or ""],
        "deck": [article.deck or ""],
        "body": [" ".join(block.text for block in article.body)],
        "authors": [*article.authors, *[bio.text for bio in article.bios], article.sponsor or ""],
        "captions": [
            text
            for figure in article.figures
            for text in ([figure.caption, figure.credit] if figure.caption or figure.credit else [figure.alt])
            if text
        ],
    }
    return {part: [[token.text for token in tokens(text)] for text in texts[part]] for part in texts}


@cache
def _facets(article: Article) -> list[Sequence[str]]:
    section = article.section or ("" if article.sponsored else "unsectioned")
    return [
        [f"{LEAD}w" if article.truncated is None else f"{LEAD}t"],
        [f"{LEAD}p"] if article.sponsored else [],
        special(SECTION, section) if section else [],
        special(SECTION, "sponsored") if article.sponsored else [],
        special(SPONSOR, article.sponsor) if article.sponsor else [],
        *[special(AUTHOR, author) for author in article.authors],
    ]


def _stands_in(phrase: Phrase, words: Sequence[str]) -> bool:
    *before, last = phrase.tokens
    for first in range(len(words) - len(before)):
        found = list(words[first : first + len(phrase.tokens)])
        if found[:-1] == before and (found[-1].startswith(last) if phrase.prefix else found[-1] == last):
            return True
        if phrase.stem and any({found[-1], last} <= forms for forms in FORMS):
            return True
    return False
