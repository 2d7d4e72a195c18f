"""Finds highlighted words again, in the same article or in another version of it. Pure."""

import re
from array import array
from collections.abc import Sequence
from os.path import commonprefix
from typing import Final, NamedTuple

CONTEXT: Final = 40
"""How many characters before and after the words are kept to tell repeated words apart."""

_words = re.compile(r"\S+").finditer
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


def quote(texts: Sequence[str], place: tuple[int, int], other: tuple[int, int]) -> Quote:
    """Quote the characters between two places, each a block and an offset; the later place is exclusive.

    Blanks at both ends of a block are left out. The quote is empty if there is nothing else.
    """
    (first, begin), (last, end) = sorted((place, other))
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
    words = _fold(wanted.text.split("\n"))[0].strip()
    before, after = (_fold([context])[0].strip() for context in (wanted.before, wanted.after))
    text, numbers, offsets = _fold(texts)

    def likeness(start: int) -> int:
        end = start + len(words)
        before_here = text[max(0, start - len(before) - 1) : start].rstrip(" ")
        after_here = text[end : end + len(after) + 1].lstrip(" ")
        return _alike(before[::-1], before_here[::-1]) + _alike(after, after_here)

    places = [match.start() for match in re.finditer(f"(?={re.escape(words)})", text)] if words else []
    if not places:
        return ()
    start = max(places, key=likeness)
    spans: list[Span] = []
    for piece in words.split("\n"):
        last = start + len(piece) - 1
        spans.append(Span(numbers[start], offsets[start], offsets[last] + 1))
        start += len(piece) + 1
    return tuple(spans)


def _alike(text: str, other: str) -> int:
    """Return how many characters two texts have in common at their start."""
    return len(commonprefix((text, other)))  # noqa: RUF071 (these are no paths)


def _fold(blocks: Sequence[str]) -> "tuple[str, array[int], array[int]]":
    """Fold blocks to one text for comparing, and return the block and the offset of each of its characters.

    A line break stands before each block with words, and a single blank between two words.
    """
    pieces: list[str] = []
    numbers, offsets = array("L"), array("L")
    for number, block in enumerate(blocks):
        gap = "\n"
        for word in _words(block.translate(_ALIKE)):
            folded = word[0].casefold()
            pieces += gap, folded
            offsets.append(word.start())
            if len(folded) == len(word[0]):
                offsets.extend(range(*word.span()))
            else:
                for offset, character in enumerate(word[0], word.start()):
                    offsets.extend([offset] * len(character.casefold()))
            gap = " "
        numbers.extend([number] * (len(offsets) - len(numbers)))
    return "".join(pieces), numbers, offsets
