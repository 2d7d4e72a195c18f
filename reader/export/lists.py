"""The body's blocks as they belong together: list items that follow each other are one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reader.export.piece import Piece, Run, runs
from reader.model import BlockKind

_NUMBERED = r"(\d{1,6})[.)] +(?=\S)"


class Part(NamedTuple):
    """A block, or a list of items."""

    kind: BlockKind
    texts: Sequence[Sequence[Run]]
    """The runs of the block; for a list, those of each item, without its number where `start` tells it."""
    start: int | None = None
    """The number of a numbered list's first item; None for other lists."""


def parts(one: Piece) -> Iterator[Part]:
    """The body, in order; blocks without text are left out."""
    items: list[list[Run]] = []
    for number, block in enumerate(one.article.body):
        if not block.text:
            continue
        text = list(runs(one, number))
        if block.kind == "item":
            items.append(text)
            continue
        if items:
            yield from _lists(items)
            items = []
        yield Part(block.kind, [text])
    if items:
        yield from _lists(items)


def _lists(items: Sequence[list[Run]]) -> Iterator[Part]:
    """Numbered where every number is the one that follows; else the numbers stay part of the text."""
    heads = [re.match(_NUMBERED, item[0].text) for item in items]
    first = int(heads[0][1]) if heads[0] else 0
    texts = []
    for offset, (item, head) in enumerate(zip(items, heads, strict=True)):
        # Zeros in front would be lost.
        if head is None or head[1] != str(first + offset):
            yield Part("item", items)
            return
        texts.append([item[0]._replace(text=item[0].text[head.end() :]), *item[1:]])
    yield Part("item", texts, first)
