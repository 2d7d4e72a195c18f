"""Finds where in an article a query matches: the passage to show, and every match. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from reader.library.database.schema import LEAD
from reader.library.search.indexing import figure_texts
from reader.library.search.query import Node, Phrase, wanted
from reader.library.search.tokens import spelled
from reader.model import Article

MOST_CHARACTERS = 200
"""The most characters of a passage."""
_BEFORE = 40
"""About how many characters of a passage stand before its first match."""
_DENSE = 80
"""A passage is chosen for matches that start within so many characters, so that a narrow list shows them all."""
_SEARCHED = 400_000
"""How many characters of an article are searched for its passage."""

Span = tuple[int, int]


class Passage(NamedTuple):
    """A part of an article's text, and start and end of each match in it."""

    text: str
    marks: tuple[Span, ...]


class Finder:
    """Finds phrases in texts as the index does."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._patterns = [(frozenset(phrase.parts), _pattern_of(phrase)) for phrase in dict.fromkeys(phrases)]

    @property
    def phrases(self) -> int:
        """How many different phrases it looks for."""
        return len(self._patterns)

    def spans(self, text: str, part: str) -> list[tuple[int, int, int]]:
        """Start, end and phrase number of each match in a text of a part, in order."""
        patterns = [(n, p) for n, (parts, p) in enumerate(self._patterns) if not parts or part in parts]
        if not patterns:
            return []
        looked_at = spelled(text)
        return sorted(
            (*looked_at.origin(*match.span()), number)
            for number, pattern in patterns
            for match in pattern.finditer(looked_at.text)
        )


@lru_cache(maxsize=64)
def _pattern_of(phrase: Phrase) -> re.Pattern[str]:
    """The pattern that finds a phrase in a spelled-out text."""
    first, *rest = map(re.escape, phrase.tokens)
    # The look-behind follows the first word, because a pattern that begins with letters is far faster.
    start = first if first.startswith(LEAD) else rf"{first}(?<![^\W_]{first})(?<!{LEAD}{first})"
    words = rf"(?:[^\w{LEAD}]|_)+".join([start, *rest])
    return re.compile(words + (r"[^\W_]*+" if phrase.prefix else r"(?![^\W_])"))


class _Piece(NamedTuple):
    """A paragraph to search."""

    block: int
    """Its number: the body counts from 0, what is above it up to -1, what is below it from the body's length."""
    offset: int
    """The number of characters before it in its block."""
    text: str


class _Stretch(NamedTuple):
    """Paragraphs that are searched as one text, so that a phrase may span them."""

    part: str
    pieces: Sequence[_Piece]

    @property
    def text(self) -> str:
        return " ".join([piece.text for piece in self.pieces])


@lru_cache(maxsize=16)
def finder_of(node: Node | None) -> Finder:
    """A finder of the phrases that make an article match a query."""
    return Finder(list(wanted(node)))


def places(article: Article, finder: Finder) -> list[tuple[int, int, int]]:
    """Block, start and end of each match in an article, in page order; overlapping matches are joined.

    The blocks are those of the article as the app lays it out: its body counts from 0, the byline and the
    captions above it end with -1, headline and deck are before these, and what stands below follows the body.
    A phrase that spans two paragraphs is a match in each.
    """
    matches: list[tuple[int, int, int]] = []
    for stretch in _page(article):
        spans = _merged(finder.spans(stretch.text, stretch.part))
        matches += _in_blocks(stretch.pieces, spans)
    return matches


def passage(article: Article, finder: Finder) -> Passage:
    """The part of an article's text with most of the phrases close together; without any, its beginning."""
    best: tuple[int, str, list[tuple[int, int, int]], int] | None = None
    for stretch in _shown(article):
        text = stretch.text[:_SEARCHED]
        spans = finder.spans(text, stretch.part)
        if not spans:
            continue
        number, first = _densest(spans)
        if best is None or number > best[0]:
            best = number, text, spans, first
        if number == finder.phrases:
            break
    if best is None:
        return Passage(_cut(next((s.text for s in _shown(article) if s.text), ""), 0)[0], ())
    _, text, spans, first = best
    shown, start, ahead = _cut(text, spans[first][0])
    stop = start + len(shown) - ahead - shown.endswith("…")
    marks = [
        (max(a, start) - start + ahead, min(b, stop) - start + ahead)
        for a, b in _merged(spans)
        if b > start and a < stop
    ]
    return Passage(shown, tuple(marks))


def marks_in(text: str, part: str, finder: Finder) -> tuple[Span, ...]:
    """Start and end of each match in a text of a part; overlapping matches are joined."""
    return tuple(_merged(finder.spans(text, part)))


def _shown(article: Article) -> Iterator[_Stretch]:
    """The texts a passage can come from, the most telling first."""
    yield _body(article)
    if article.deck:
        yield _Stretch("deck", [_Piece(0, 0, article.deck)])
    for figure in article.figures:
        for text in figure_texts(figure):
            yield _Stretch("captions", [_Piece(0, 0, text)])
    for bio in article.bios:
        yield _Stretch("authors", [_Piece(0, 0, bio.text)])


def _body(article: Article) -> _Stretch:
    return _Stretch("body", [_Piece(number, 0, block.text) for number, block in enumerate(article.body)])


def _page(article: Article) -> Iterator[_Stretch]:
    """All texts that are searched, in page order."""
    captions = [
        (text, 0 if figure.caption or figure.credit else len("Picture: "))
        for figure in article.figures
        for text in figure_texts(figure)
        if text
    ]
    byline = -1 - len(captions)
    if article.headline:
        yield _Stretch("headline", [_Piece(byline - 1 - bool(article.deck), 0, article.headline)])
    if article.deck:
        yield _Stretch("deck", [_Piece(byline - 1, 0, article.deck)])
    offset = len("By ")
    for left, author in zip(range(len(article.authors) - 1, -1, -1), article.authors, strict=True):
        yield _Stretch("authors", [_Piece(byline, offset, author)])
        offset += len(author) + len(", " if left > 1 else " and ")
    for number, (text, before) in enumerate(captions, -len(captions)):
        yield _Stretch("captions", [_Piece(number, before, text)])
    yield _body(article)
    first = len(article.body) + (2 if article.truncated else 0) + 1
    for number, bio in enumerate(article.bios, first):
        name = bio.name or ""
        before = 0 if bio.text.startswith(name) else len(f"{name}: ")
        yield _Stretch("authors", [_Piece(number, before, bio.text)])


def _in_blocks(pieces: Sequence[_Piece], spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """Spans of a stretch as block, start and end."""
    n = 0
    first = 0
    for piece in pieces:
        stop = first + len(piece.text)
        while n < len(spans) and spans[n][0] < stop:
            start, end = max(spans[n][0], first), min(spans[n][1], stop)
            if start < end:
                yield piece.block, start - first + piece.offset, end - first + piece.offset
            if spans[n][1] > stop:
                break
            n += 1
        first = stop + 1


def _merged(spans: Sequence[tuple[int, ...]]) -> list[Span]:
    """Join the spans that overlap; they must be in order."""
    merged: list[Span] = []
    for start, end, *_ in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _densest(spans: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """The most phrases within a passage, and the first span of the place where these are closest together."""
    best, least, at = 0, 0, 0
    seen: dict[int, int] = {}
    first = 0
    for start, end, number in spans:
        seen[number] = seen.get(number, 0) + 1
        # Drop what is too far back, and what comes again later: the rest is as close together as it gets.
        while start - spans[first][0] > _DENSE or seen[spans[first][2]] > 1:
            seen[spans[first][2]] -= 1
            if not seen[spans[first][2]]:
                del seen[spans[first][2]]
            first += 1
        length = end - spans[first][0]
        if (len(seen), -length) > (best, -least):
            best, least, at = len(seen), length, first
    return best, at


def _cut(text: str, match: int) -> tuple[str, int, int]:
    """A passage around `match`, where it starts in the text, and how many characters are put before it."""
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
