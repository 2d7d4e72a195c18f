"""Numbers that versions of a story are likely to share and two stories are not.

They select what is worth comparing. Fingerprints come from the identity, the headline, the starts of the first
sentences and of the second paragraph, and from inside the first sentence. An opening is therefore found by its full
text even if its first sentence was edited, its first paragraph dropped or its headline changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

from reader.library.database.connection import Database
from reader.library.database.records import to_bytes
from reader.library.stories.comparing import WORD, plain, words_of
from reader.model import Article, Block

_SENTENCE_END = re.compile(r"[.!?:][^\w\s]*\s")

_FINGERPRINT_WORDS = 8
"""Words at the start of a sentence that make a fingerprint."""
_INNER_WORDS, _INNER_STARTS = 6, range(6, 19)
"""Length and possible starts of the run inside the first sentence; the run with the lowest checksum is used."""
_HEAD, _MARGIN = 900, 150
"""Fingerprints come from the first `_HEAD` characters of a block, and none starts in the last `_MARGIN` of them."""
_SENTENCES = 3


def _number(kind: str, words: Sequence[str]) -> int:
    return int.from_bytes(blake2b(to_bytes(kind + " ".join(words)), digest_size=6).digest(), "big")


def fingerprints_of(article: Article, identity: bytes) -> tuple[int, ...]:
    """Return the distinct fingerprints of an article, 48 bits each. The first is that of its identity."""
    words, starts = _head(article.body)
    fingerprints = [identity_fingerprint(identity)]
    if article.headline and (headline := words_of(article.headline)):
        fingerprints.append(_number("headline ", headline))
    # A short body still counts from its start; later starts need enough words.
    if words:
        fingerprints.append(_number("", words[:_FINGERPRINT_WORDS]))
    fingerprints += [
        _number("", words[at : at + _FINGERPRINT_WORDS])
        for at in starts
        if 0 < at <= len(words) - _FINGERPRINT_WORDS
    ]
    runs = [
        " ".join(words[at : at + _INNER_WORDS]) for at in _INNER_STARTS if at <= len(words) - _INNER_WORDS
    ]
    if runs:
        fingerprints.append(_number("within ", (min(runs, key=lambda run: crc32(to_bytes(run))),)))
    return tuple(dict.fromkeys(fingerprints))


def _head(body: Sequence[Block]) -> tuple[list[str], list[int]]:
    """Return the first words of a body, and where the first sentences and the second block start in them."""
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
        if number and len(starts) >= _SENTENCES and len(words) - starts[-1] >= _FINGERPRINT_WORDS:
            break
    return words, starts


def identity_fingerprint(identity: bytes) -> int:
    """Return the fingerprint that versions with the same words share."""
    return int.from_bytes(identity[:6], "big")


def representative_key(database: Database, identity: bytes) -> int | None:
    """Return the key of the representative of the story with this identity, or None if no capture has it."""
    row = database.first_row(
        "SELECT f.key FROM clues c CROSS JOIN articles a ON a.key = c.key AND a.identity = ?"
        " CROSS JOIN articles f ON f.story = a.story AND f.seq IS NOT NULL WHERE c.clue = ? LIMIT 1",
        (identity, identity_fingerprint(identity)),
    )
    return None if row is None else int(row[0])
