"""Finds highlighted words again, in the same article or in another version of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

CONTEXT: Final = 40
"""How many characters before and after the words are kept to tell repeated words apart."""

_ALIKE: Final = str.maketrans("“”„‟‘’‚‛–—\u00a0\u202f", "\"\"\"\"''''--  ")


class Quote(NamedTuple):
    """Words of an article, with a few characters around them."""

    text: str
    """The words; a line break stands between two blocks."""
    before: str = ""
    """The characters just before them in the first block."""
    after: str = ""
    """The characters just after them in the last block."""


class Span(NamedTuple):
    """A part of a block: its number, first character and end."""

    block: int
    start: int
    end: int


def quote(texts: Sequence[str], one: tuple[int, int], other: tuple[int, int]) -> Quote:
    """Quote the characters between two places, each a block and an offset; the later place is exclusive.

    Blanks at both ends of a block are left out. The quote is empty if there is nothing else.
    """
    (first, begin), (last, end) = sorted((one, other))
    spans: list[Span] = []
    for block in range(max(first, 0), min(last + 1, len(texts))):
        start = begin if block == first else 0
        here = texts[block][start : end if block == last else None]
        if words := here.strip():
            start += here.index(words)
            spans.append(Span(block, start, start + len(words)))
    if not spans:
        return Quote("")
    head, tail = spans[0], spans[-1]
    return Quote(
        "\n".join(texts[span.block][span.start : span.end] for span in spans),
        texts[head.block][max(0, head.start - CONTEXT) : head.start],
        texts[tail.block][tail.end : tail.end + CONTEXT],
    )


def locate(wanted: Quote, texts: Sequence[str]) -> tuple[Span, ...]:
    """Return where the words of a quote stand in these blocks; nothing if they do not.

    Case, kinds of quotation marks and dashes, and the amount of space make no difference. Of several places, the one
    whose surroundings are most alike is chosen.
    """
    pieces = [folded for line in wanted.text.split("\n") if (folded := _fold(line).text)]
    if not pieces:
        return ()
    before, after = _fold(wanted.before).text, _fold(wanted.after).text
    best: tuple[Span, ...] = ()
    best_score = -1
    blocks = [(number, block) for number, text in enumerate(texts) if (block := _fold(text)).text]
    places = _places(pieces, blocks)
    if len(pieces) == 1:
        places = (place for block in blocks for place in _places_in_one(pieces[0], *block))
    for spans, before_here, after_here in places:
        score = _alike(before[::-1], before_here.rstrip()[::-1]) + _alike(after, after_here.lstrip())
        if score > best_score:
            best, best_score = spans, score
    return best


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their start."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class _Folded(NamedTuple):
    """A text for comparing, and the offset in the original of each of its characters and of its end."""

    text: str
    offsets: list[int]

    def span(self, block: int, start: int, end: int) -> Span:
        return Span(block, self.offsets[start], self.offsets[end - 1] + 1)


def _fold(text: str) -> _Folded:
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text.translate(_ALIKE)):
        if character.isspace():
            if not characters or characters[-1] == " ":
                continue
            character = " "
        for folded in character.casefold():
            characters.append(folded)
            offsets.append(offset)
    if characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return _Folded("".join(characters), offsets)


def _places(
    pieces: Sequence[str], blocks: Sequence[tuple[int, _Folded]]
) -> Iterator[tuple[tuple[Span, ...], str, str]]:
    """Yield all places of consecutive pieces, each with the text before and after it in its blocks."""
    first, last = pieces[0], pieces[-1]
    for index in range(len(blocks) - len(pieces) + 1):
        (first_number, head), *inner, (last_number, tail) = run = blocks[index : index + len(pieces)]
        same_inside = [block.text for _, block in inner] == list(pieces[1:-1])
        if same_inside and head.text.endswith(first) and tail.text.startswith(last):
            start = len(head.text) - len(first)
            spans = [block.span(number, 0, len(block.text)) for number, block in run]
            spans[0] = head.span(first_number, start, len(head.text))
            spans[-1] = tail.span(last_number, 0, len(last))
            yield tuple(spans), head.text[:start], tail.text[len(last) :]


def _places_in_one(piece: str, number: int, block: _Folded) -> Iterator[tuple[tuple[Span, ...], str, str]]:
    """Yield all places of a piece in a block, each with the text before and after it."""
    start = block.text.find(piece)
    while start >= 0:
        end = start + len(piece)
        yield (block.span(number, start, end),), block.text[:start], block.text[end:]
        start = block.text.find(piece, start + 1)
