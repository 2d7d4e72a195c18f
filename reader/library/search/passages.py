"""Finds where a query matches in an article: the passage to show, and every match. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from os.path import commonprefix
from typing import NamedTuple

from reader.library.database.schema import LEAD
from reader.library.search.indexing import figure_texts, spelled, starts_of, stem_of
from reader.library.search.parser import Node, Phrase, phrases_in
from reader.model import Article

MOST_CHARACTERS = 200
_BEFORE = 40
"""About how many characters of a passage come before its first match."""
_DENSE = 80
"""A passage is chosen for matches that start within this many characters, so that a narrow list shows them all."""
_SEARCHED = 400_000
"""How many characters of a text are searched for the passage."""
_COMPARED = 2_000
"""How many matches of a text are compared as the first one of the passage."""

Span = tuple[int, int]


class Passage(NamedTuple):
    """A part of an article's text, with start and end of each match in it."""

    text: str
    marks: tuple[Span, ...]


@lru_cache(maxsize=16)
def plain_phrases(node: Node | None) -> tuple[Phrase, ...]:
    """Return the different phrases of a query that stand for visible text."""
    return tuple(dict.fromkeys(phrase for phrase in phrases_in(node) if phrase.plain))


def _spans(phrases: Sequence[Phrase], text: str, part: str) -> list[tuple[int, int, int]]:
    """Find phrases in a text of the part as the index does: start, end and phrase number of each match, in order."""
    allowed = [(n, p) for n, p in enumerate(phrases) if not p.parts or part in p.parts]
    if not allowed:
        return []
    looked_at = spelled(text)
    return sorted(
        (*looked_at.origin(*match.span()), number)
        for number, phrase in allowed
        for match in _pattern_of(phrase).finditer(looked_at.text)
        if not phrase.stem or _is_form(match[0], phrase)
    )


@lru_cache(maxsize=64)
def _pattern_of(phrase: Phrase) -> re.Pattern[str]:
    """Compile the pattern that finds a phrase in a spelled-out text; for a stem, all words that may have it."""
    first, *rest = map(re.escape, phrase.tokens)
    ends = ""
    if phrase.stem:
        starts = [*starts_of(phrase.stem), *phrase.tokens]
        first = commonprefix(starts)  # noqa: RUF071  (of words)
        ends = f"(?:{'|'.join(start.removeprefix(first) for start in starts)})"
    # The look-behind comes after the first word, because a pattern that begins with letters is far faster.
    start = first if first.startswith(LEAD) else rf"{first}(?<![^\W_]{first})(?<!{LEAD}{first})"
    words = rf"(?:[^\w{LEAD}]|_)+".join([start, *rest])
    return re.compile(words + (rf"{ends}[^\W_]*+" if phrase.prefix or phrase.stem else r"(?![^\W_])"))


def _is_form(word: str, phrase: Phrase) -> bool:
    (token,) = phrase.tokens
    return stem_of(word) == phrase.stem or (word.startswith(token) if phrase.prefix else word == token)


class _Paragraph(NamedTuple):
    block: int
    """Its number: blocks of the body from 0, those above it up to -1, those below it from the body's length."""
    offset: int
    """How many characters of its block come before it."""
    text: str


_SearchText = tuple[str, Sequence[_Paragraph]]
"""A part of an article, and paragraphs of it that are searched as one text, so that a phrase can span them."""
_USEFUL = ("body", "deck", "captions", "authors")
"""The parts that a passage can come from, the most useful first."""


def places(article: Article, phrases: Sequence[Phrase]) -> list[tuple[int, int, int]]:
    """Return block, start and end of each match in an article, in page order. Overlapping matches are joined.

    Blocks are numbered as the app lays out an article: the body from 0; above it headline, deck, byline (where author
    or date are known) and captions, which end at -1; below it the others. A phrase that spans two paragraphs is a
    match in each.
    """
    matches: list[tuple[int, int, int]] = []
    for part, paragraphs in _texts_in_page_order(article):
        matches += _in_blocks(paragraphs, _merged(_spans(phrases, _joined(paragraphs), part)))
    return matches


def passage(article: Article, phrases: Sequence[Phrase]) -> Passage:
    """Return the passage with the most phrases close together, or the beginning if there are none."""
    sources = [
        (_USEFUL.index(part), _joined(paragraphs)[:_SEARCHED])
        for part, paragraphs in _texts_in_page_order(article)
        # The list shows headline and authors anyway.
        if part in _USEFUL and not (part == "authors" and paragraphs[0].block < 0)
    ]
    sources.sort(key=lambda source: source[0])
    passages = [(text, _spans(phrases, text, _USEFUL[number])) for number, text in sources if text]
    text, spans = max(passages, key=lambda source: _densest(source[1])[0], default=("", []))
    return _around(text, spans)


def passage_of_note(text: str, phrases: Sequence[Phrase]) -> Passage:
    """Return the passage of a note, or of highlighted words, with the most phrases close together."""
    text = " ".join(text.split())
    return _around(text, _spans(phrases, text, ""))


def _around(text: str, spans: Sequence[tuple[int, int, int]]) -> Passage:
    """Return the passage of a text with the most phrases close together, or its beginning if there are none."""
    text, start, ahead = _cut(text, spans[_densest(spans)[1]][0] if spans else 0)
    stop = start + len(text) - ahead - text.endswith("…")
    marks = [
        (max(a, start) - start + ahead, min(b, stop) - start + ahead)
        for a, b in _merged(spans)
        if b > start and a < stop
    ]
    return Passage(text, tuple(marks))


def marks_in(text: str, part: str, phrases: Sequence[Phrase]) -> tuple[Span, ...]:
    """Return start and end of each match in a text of the part. Overlapping matches are joined."""
    return tuple(_merged(_spans(phrases, text, part)))


def _joined(paragraphs: Sequence[_Paragraph]) -> str:
    return " ".join([paragraph.text for paragraph in paragraphs])


def _texts_in_page_order(article: Article) -> Iterator[_SearchText]:
    captions = [
        (text, 0 if figure.caption or figure.credit else len("Picture: "))
        for figure in article.figures
        for text in figure_texts(figure)
        if text
    ]
    byline = -len(captions) - bool(article.authors or article.published)
    if article.headline:
        yield "headline", [_Paragraph(byline - 1 - bool(article.deck), 0, article.headline)]
    if article.deck:
        yield "deck", [_Paragraph(byline - 1, 0, article.deck)]
    offset = len("By ")
    for left, author in zip(range(len(article.authors) - 1, -1, -1), article.authors, strict=True):
        yield "authors", [_Paragraph(byline, offset, author)]
        offset += len(author) + len(", " if left > 1 else " and ")
    for number, (text, before) in enumerate(captions, -len(captions)):
        yield "captions", [_Paragraph(number, before, text)]
    yield "body", [_Paragraph(number, 0, block.text) for number, block in enumerate(article.body)]
    first = len(article.body) + (2 if article.truncated else 0) + 1
    for number, bio in enumerate(article.bios, first):
        name = bio.name or ""
        before = 0 if bio.text.startswith(name) else len(f"{name}: ")
        yield "authors", [_Paragraph(number, before, bio.text)]


def _in_blocks(paragraphs: Sequence[_Paragraph], spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    n = 0
    first = 0
    for paragraph in paragraphs:
        stop = first + len(paragraph.text)
        while n < len(spans) and spans[n][0] < stop:
            start, end = max(spans[n][0], first), min(spans[n][1], stop)
            if start < end:
                yield paragraph.block, start - first + paragraph.offset, end - first + paragraph.offset
            if spans[n][1] > stop:
                break
            n += 1
        first = stop + 1


def _merged(spans: Sequence[tuple[int, ...]]) -> list[Span]:
    """Join overlapping spans, which must be in order."""
    merged: list[Span] = []
    for start, end, *_ in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _densest(spans: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """Return the most phrases in one passage, and the first span where these are closest together."""
    best = (0, 0, 0)
    for first, (begin, _, _) in enumerate(spans[:_COMPARED]):
        ends: dict[int, int] = {}
        for start, end, number in spans[first : first + _DENSE]:
            if start - begin > _DENSE:
                break
            ends.setdefault(number, end)
        best = max(best, (len(ends), begin - max(ends.values()), -first))
    return best[0], -best[2]


def _cut(text: str, match: int) -> tuple[str, int, int]:
    """Return a passage around `match`, its start in the text, and how many characters are added in front."""
    start = max(0, match - _BEFORE)
    if len(text) <= MOST_CHARACTERS:
        start = 0
    elif start:
        start = min(start, max(0, len(text) - MOST_CHARACTERS + 1))
        blank = text.find(" ", start, match)
        start = blank + 1 if blank >= 0 else start
    ahead = "…" if start else ""
    room = MOST_CHARACTERS - len(ahead)
    if len(text) - start <= room:
        return ahead + text[start:], start, len(ahead)
    end = start + room - 1
    blank = text.rfind(" ", max(match, start + room // 2), end)
    end = blank if blank >= 0 else end
    return f"{ahead}{text[start:end]}…", start, len(ahead)
