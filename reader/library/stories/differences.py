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
"""Divided by the words of a passage: how many edits are looked for in it; one that has more is replaced."""
_GRAMS = (1, 3, 8)
"""Texts are first aligned at words that occur once, then at runs of this many words that do."""
PARAGRAPH = "\n\n"
"""What stands between the paragraphs in the text of a body."""


class Difference(NamedTuple):
    """A passage that both versions have, or only one of them."""

    kind: Kind
    """"removed": only the old one has it; "added": only the new one."""
    part: Part
    text: str
    """As it is in its version (of "same": in the new one), spaces and paragraph breaks included."""


def differences(old: Article, new: Article) -> list[Difference]:
    """The passages of both versions in page order.

    For each part, "same" and "removed" together are the part of the old version and "same" and "added" that of
    the new one, but for spaces. Parts that neither has are left out. Words count as the same only when they are
    spelt the same, so a changed quote is a difference. Two texts of 10,000 words take some milliseconds when
    they are alike and at most some tenths of a second.
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
    """The passages of two texts: never two of a kind in a row, what is removed before what is added."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    ones, others = [token.rstrip() for token in before], [token.rstrip() for token in after]
    i = j = 0
    for start, other_start, length in [*_matches(ones, others), (len(ones), len(others), 0)]:
        if i < start:
            yield "removed", "".join(before[i:start])
        if j < other_start:
            yield "added", "".join(after[j:other_start])
        if length:
            yield "same", "".join(after[other_start : other_start + length])
        i, j = start + length, other_start + length


def _matches(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs that both have, in order: start in the one, start in the other, length; none next to another."""
    pairs: list[tuple[int, int, int]] = []
    todo = [(0, len(ones), 0, len(others))]
    while todo:
        start, end, other_start, other_end = todo.pop()
        head = tail = 0
        while (
            start + head < end
            and other_start + head < other_end
            and (ones[start + head] == others[other_start + head])
        ):
            head += 1
        while (
            start + head < end - tail
            and other_start + head < other_end - tail
            and (ones[end - tail - 1] == others[other_end - tail - 1])
        ):
            tail += 1
        pairs += [(start, other_start, head), (end - tail, other_end - tail, tail)]
        start, end, other_start, other_end = start + head, end - tail, other_start + head, other_end - tail
        if start == end or other_start == other_end:
            continue
        anchors = _anchors(ones[start:end], others[other_start:other_end])
        if not anchors:
            pairs += [
                (start + i, other_start + j, 1)
                for i, j in _shortest(ones[start:end], others[other_start:other_end])
            ]
            continue
        bounds = [(-1, -1), *anchors, (end - start, other_end - other_start)]
        pairs += [(start + i, other_start + j, 1) for i, j in anchors]
        todo += [
            (start + i + 1, start + next_i, other_start + j + 1, other_start + next_j)
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


def _anchors(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Words that each has exactly once, as many as stand in the same order in both (patience diff)."""
    for length in _GRAMS:
        places = _single(others, length)
        common = [(i, places[gram]) for gram, i in _single(ones, length).items() if gram in places]
        if common:
            return _rising(common)
    return []


def _rising(common: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many of the pairs as rise in both places; they come in order of the first."""
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
    """The runs of `length` words that occur once, in order, and where."""
    seen: dict[tuple[str, ...], int] = {}
    for index, gram in enumerate(zip(*(words[start:] for start in range(length)), strict=False)):
        seen[gram] = -1 if gram in seen else index
    return {gram: index for gram, index in seen.items() if index >= 0}


def _shortest(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of equal words on a shortest path of edits (Myers); none when it takes too many."""
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    limit = min(len(ones) + len(others), _MOST_EDITS // (len(ones) + len(others)) + 1)
    for edits in range(limit + 1):
        trace.append(dict(furthest))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            i = furthest[k + 1] if down else furthest[k - 1] + 1
            while i < len(ones) and i - k < len(others) and ones[i] == others[i - k]:
                i += 1
            furthest[k] = i
            if i >= len(ones) and i - k >= len(others):
                return _walk_back(trace, len(ones), len(others))
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
