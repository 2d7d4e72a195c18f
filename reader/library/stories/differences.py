"""What changed between two versions of an article, word by word: pure, and in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from reader.model import Article

Kind = Literal["same", "removed", "added"]
Part = Literal["headline", "deck", "authors", "published", "body"]

_TOKEN = re.compile(r"\S+\s*|\s+")
_MOST_EDITS = 1_500
"""Divided by a passage's words, this is the most edits to look for in it. A passage with more is shown as replaced."""
_GRAMS = (1, 3, 8)
"""Lengths of the runs that align texts: first single words that occur once, then longer runs that do."""
PARAGRAPH = "\n\n"
"""Separates the paragraphs of a body."""


class Difference(NamedTuple):
    """A passage that both versions have, or only one of them."""

    kind: Kind
    """"removed": only the old one has it; "added": only the new one."""
    part: Part
    text: str
    """Verbatim, with spaces and paragraph breaks; for "same", as the new version has it."""


def differences(old: Article, new: Article) -> list[Difference]:
    """Return the passages of both versions in page order.

    Apart from spaces, "same" plus "removed" gives a part of the old version, and "same" plus "added" that part of
    the new one. Parts that neither version has are left out. Words must be spelt the same to count as the same, so
    a changed quotation mark is a difference. Two texts of 10,000 words take a few milliseconds if they are alike,
    and at most a few tenths of a second.
    """
    parts: list[tuple[Part, str, str]] = [
        ("headline", old.headline or "", new.headline or ""),
        ("deck", old.deck or "", new.deck or ""),
        ("authors", ", ".join(old.authors), ", ".join(new.authors)),
        ("published", old.published or "", new.published or ""),
        ("body", _body(old), _body(new)),
    ]
    return [
        Difference(kind, part, text) for part, before, after in parts for kind, text in compare(before, after)
    ]


def _body(article: Article) -> str:
    return PARAGRAPH.join(block.text for block in article.body)


def compare(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Yield the passages of two texts. No two of a kind follow each other, and removals come before additions."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    old_words, new_words = [token.rstrip() for token in before], [token.rstrip() for token in after]
    i = j = 0
    for start, new_start, length in [*_matches(old_words, new_words), (len(old_words), len(new_words), 0)]:
        if i < start:
            yield "removed", "".join(before[i:start])
        if j < new_start:
            yield "added", "".join(after[j:new_start])
        if length:
            yield "same", "".join(after[new_start : new_start + length])
        i, j = start + length, new_start + length


def _matches(old_words: Sequence[str], new_words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs of words that both have, in order, as (start in old, start in new, length); none are adjacent."""
    pairs: list[tuple[int, int, int]] = []
    todo = [(0, len(old_words), 0, len(new_words))]
    while todo:
        start, end, new_start, new_end = todo.pop()
        head = tail = 0
        while (
            start + head < end
            and new_start + head < new_end
            and (old_words[start + head] == new_words[new_start + head])
        ):
            head += 1
        while (
            start + head < end - tail
            and new_start + head < new_end - tail
            and (old_words[end - tail - 1] == new_words[new_end - tail - 1])
        ):
            tail += 1
        pairs += [(start, new_start, head), (end - tail, new_end - tail, tail)]
        start, end, new_start, new_end = start + head, end - tail, new_start + head, new_end - tail
        if start == end or new_start == new_end:
            continue
        anchors = _anchors(old_words[start:end], new_words[new_start:new_end])
        if not anchors:
            pairs += [
                (start + i, new_start + j, 1)
                for i, j in _shortest(old_words[start:end], new_words[new_start:new_end])
            ]
            continue
        bounds = [(-1, -1), *anchors, (end - start, new_end - new_start)]
        pairs += [(start + i, new_start + j, 1) for i, j in anchors]
        todo += [
            (start + i + 1, start + next_i, new_start + j + 1, new_start + next_j)
            for (i, j), (next_i, next_j) in pairwise(bounds)
        ]
    return _joined(pairs)


def _joined(pairs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for i, j, length in sorted(pair for pair in pairs if pair[2]):
        if runs and (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) == (i, j):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + length)
        else:
            runs.append((i, j, length))
    return runs


def _anchors(old_words: Sequence[str], new_words: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the words that occur once in each, keeping the most that have the same order in both (patience diff)."""
    for length in _GRAMS:
        places = _single(new_words, length)
        common = [(i, places[gram]) for gram, i in _single(old_words, length).items() if gram in places]
        if common:
            return _rising(common)
    return []


def _rising(common: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest sequence of pairs that rises in both positions. The input is ordered by the first."""
    # The last pair of the best chain of each length, and what came before each.
    ends: list[int] = []
    tops: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(common):
        low, high = 0, len(tops)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if tops[middle] < j else (low, middle)
        previous.append(ends[low - 1] if low else -1)
        ends[low : low + 1] = [index]
        tops[low : low + 1] = [j]
    chain: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(common[at])
        at = previous[at]
    return chain[::-1]


def _single(words: Sequence[str], length: int) -> dict[tuple[str, ...], int]:
    """Map each run of `length` words that occurs once to its position."""
    seen: dict[tuple[str, ...], int] = {}
    for index, gram in enumerate(zip(*(words[start:] for start in range(length)), strict=False)):
        seen[gram] = -1 if gram in seen else index
    return {gram: index for gram, index in seen.items() if index >= 0}


def _shortest(old_words: Sequence[str], new_words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of equal words on the shortest edit path (Myers), or none if that takes too many edits."""
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    limit = min(len(old_words) + len(new_words), _MOST_EDITS // (len(old_words) + len(new_words)) + 1)
    for edits in range(limit + 1):
        trace.append(dict(furthest))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            i = furthest[k + 1] if down else furthest[k - 1] + 1
            while i < len(old_words) and i - k < len(new_words) and old_words[i] == new_words[i - k]:
                i += 1
            furthest[k] = i
            if i >= len(old_words) and i - k >= len(new_words):
                return _walk_back(trace, len(old_words), len(new_words))
    return []


def _walk_back(trace: Sequence[dict[int, int]], i: int, j: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest = trace[edits]
        k = i - j
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        before = furthest[k + 1] if down else furthest[k - 1]
        before_j = before - (k + 1 if down else k - 1)
        while i > max(before, 0) and j > max(before_j, 0):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        i, j = before, before_j
    return pairs[::-1]
