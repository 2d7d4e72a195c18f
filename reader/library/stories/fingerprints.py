"""Numbers that versions of a story are likely to share and two stories are not: pure, no database.

They find what is worth comparing. A clue is from the identity, from the headline, from the starts of the first
sentences and of the second paragraph, and from within the first sentence: so a start is found by its whole, and
either with its first sentence edited, its first paragraph dropped or its headline changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

from reader.library.database.records import to_bytes
from reader.library.stories.comparing import WORD, plain, words_of
from reader.library.stories.identities import identity_clue
from reader.model import Article, Block

_SENTENCE_END = re.compile(r"[.!?:][^\w\s]*\s")

_CLUE_WORDS = 8
"""So many words from the start of a sentence make a clue."""
_INNER_WORDS, _INNER_STARTS = 6, range(6, 19)
"""A clue from within the first sentence: the run of so many words with the least checksum."""
_HEAD, _MARGIN = 900, 150
"""Clues are from so many first characters of a block, and start no nearer to their end."""
_SENTENCES = 3


def _number(kind: str, words: Sequence[str]) -> int:
    return int.from_bytes(blake2b(to_bytes(kind + " ".join(words)), digest_size=6).digest(), "big")


def clues_of(article: Article, identity: bytes) -> tuple[int, ...]:
    """The clues of an article, each once, 48 bits each; the first is that of its identity."""
    words, starts = _head(article.body)
    clues = [identity_clue(identity)]
    if article.headline and (headline := words_of(article.headline)):
        clues.append(_number("headline ", headline))
    # The start of the body even of few words; later ones only where there are enough to tell.
    if words:
        clues.append(_number("", words[:_CLUE_WORDS]))
    clues += [
        _number("", words[at : at + _CLUE_WORDS]) for at in starts if 0 < at <= len(words) - _CLUE_WORDS
    ]
    runs = [
        " ".join(words[at : at + _INNER_WORDS]) for at in _INNER_STARTS if at <= len(words) - _INNER_WORDS
    ]
    if runs:
        clues.append(_number("within ", (min(runs, key=lambda run: crc32(to_bytes(run))),)))
    return tuple(dict.fromkeys(clues))


def _head(body: Sequence[Block]) -> tuple[list[str], list[int]]:
    """The first words of a body, and where the first sentences and the second block start."""
    words: list[str] = []
    starts: list[int] = []
    for number, block in enumerate(body):
        text = plain(block.text[:_HEAD])
        at = 0
        while at < len(text):
            enough = len(starts) >= _SENTENCES
            if (not enough and at < _HEAD - _MARGIN) or (number == 1 and at == 0):
                starts.append(len(words))
            end = None if enough else _SENTENCE_END.search(text, at)
            words += WORD.findall(text, at, len(text) if end is None else end.end())
            at = len(text) if end is None else end.end()
        if number and len(starts) >= _SENTENCES and len(words) - starts[-1] >= _CLUE_WORDS:
            break
    return words, starts
