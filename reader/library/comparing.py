"""Whether two texts are the same story: pure, no database.

Compared are the words of bodies without case, accents, quotes, dashes and spaces. *Clues* are numbers that two
versions of a story are likely to share and two stories are not; they find what is worth comparing. `compare`
then decides, and says why in words for a reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from reader.library.folding import fold
from reader.library.records import to_bytes
from reader.model import Article, Block

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?][^\w\s]*\s")
_NAME = re.compile(r"\b[A-Z0-9][\w’']*")
_OPENERS = frozenset(
    "a about according after all although an and another any as at because before both but by during each even "
    "every few first for from he her here his how however i if in instead it its just last later many more most "
    "much my no not nobody nothing now of on once one only or other our over perhaps since so some still such "
    "than that the their then there these they this those though three through to today tomorrow two under "
    "until we what when where whether which while who why with without would yes yesterday yet you your".split()
)
"""Words that have a capital where a sentence starts, and are no names."""

_CLUE_WORDS = 8
"""So many words from the start of a sentence make a clue."""
_INNER_WORDS, _INNER_STARTS = 6, range(6, 19)
"""A clue from within the first sentence: the run of so many words with the least checksum."""
_HEAD = 1_500
"""Clues are from about so many first characters of a body."""
_BLOCK = 4_000

FEW_WORDS = 25
"""Shorter texts are the same only under the same headline or with an author in common."""
_FEWEST_WORDS = 8
"""Still shorter ones only under the same headline."""
_GRAM = 3
"""Texts that differ are taken up again where so many words agree."""
_REACH = 90
"""How many words an edited, added or dropped passage may have."""
_TAIL = 3
"""With so many words the end of the shorter text must agree."""


class Piece(NamedTuple):
    """What is compared of a version."""

    identity: bytes
    words: tuple[str, ...]
    headline: tuple[str, ...]
    authors: frozenset[str]
    published: str | None
    sponsor: str | None
    """Who paid, folded; None when nobody did or it is not said."""
    names: frozenset[str]
    """Words that stand somewhere with a capital, and numbers."""

    @property
    def rank(self) -> tuple[int, bytes, str]:
        """Orders versions by length, and in the same way whenever they came."""
        return len(self.words), self.identity, repr((sorted(self.authors), self.published, self.sponsor))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(fold(text).replace("'", ""))


def piece_of(article: Article) -> Piece:
    """What is compared of an article."""
    words: list[str] = []
    for block in article.body:
        words += words_of(block.text)
    return Piece(
        identity=bytes.fromhex(article.id),
        words=tuple(words),
        headline=tuple(words_of(article.headline or "")),
        authors=frozenset(" ".join(words_of(author)) for author in article.authors),
        published=article.published,
        sponsor=" ".join(words_of(article.sponsor)) if article.sponsor else None,
        names=frozenset(
            word for block in article.body for name in _NAME.findall(block.text) for word in words_of(name)
        )
        - _OPENERS,
    )


def nothing_of(identity: bytes) -> Piece:
    """What is compared of a version whose record cannot be read."""
    return Piece(identity, (), (), frozenset(), None, None, frozenset())


def _number(kind: str, words: Sequence[str]) -> int:
    return int.from_bytes(blake2b(to_bytes(kind + " ".join(words)), digest_size=6).digest(), "big")


def identity_clue(identity: bytes) -> int:
    """The clue that versions with the same words share."""
    return int.from_bytes(identity[:6], "big")


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
    length = 0
    for number, block in enumerate(body):
        at_block = True
        for sentence in _SENTENCE_END.split(fold(block.text[:_BLOCK]).replace("'", "")):
            if len(starts) < 3 or (at_block and number == 1):
                starts.append(len(words))
            words += _WORD.findall(sentence)
            at_block = False
        length += len(block.text)
        if length > _HEAD and number:
            break
    return words, starts


class _Aligned(NamedTuple):
    """How the shorter of two texts lies along the longer."""

    edits: list[tuple[int, int, int, int]]
    """Passages that differ: start and end in the shorter, start and end in the longer."""
    end: int
    """Where the shorter ends in the longer."""


def compare(one: Piece, other: Piece) -> str | None:
    """Why the two are the same story, for a reader; None when they are not taken to be."""
    if one.identity == other.identity:
        return "the same words"
    short, long = sorted((one, other), key=lambda piece: piece.rank)
    if not short.words or (short.sponsor and long.sponsor and short.sponsor != long.sponsor):
        return None
    same_headline = bool(short.headline) and short.headline == long.headline
    same_author = bool(short.authors & long.authors)
    count = len(short.words)
    if _starts(short.words, long.words):
        return _exact(short, long, same_headline, same_author)
    if count < _FEWEST_WORDS * 2 or _far_apart(short, long):
        return None
    aligned = _align(short.words, long.words)
    if aligned is None:
        return None
    return _nearly(short, long, aligned, same_headline, same_author)


def _starts(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the longer begins with the shorter, whose last word may be cut."""
    last = len(short) - 1
    return long[:last] == short[:last] and long[last].startswith(short[last])


def _exact(short: Piece, long: Piece, same_headline: bool, same_author: bool) -> str | None:
    count = len(short.words)
    why = f"starts with the same {count} words" if count > 1 else "starts with the same word"
    if count < FEW_WORDS:
        if _far_apart(short, long) or not (same_headline or (same_author and count >= _FEWEST_WORDS)):
            return None
        return f"{why}, under the same headline" if same_headline else f"{why}, by the same author"
    if count < 150 and _far_apart(short, long):
        return None
    if count < 80 and _contradict(short, long):
        return None
    return why


def _contradict(short: Piece, long: Piece) -> bool:
    """Whether both headline and authors are others."""
    return (
        bool(short.headline and long.headline and short.headline != long.headline)
        and bool(short.authors and long.authors)
        and not short.authors & long.authors
    )


def _far_apart(short: Piece, long: Piece) -> bool:
    """Whether the printed dates are of different occasions."""
    if not short.published or not long.published or short.published == long.published:
        return False
    try:
        days = date.fromisoformat(short.published) - date.fromisoformat(long.published)
    except ValueError:
        return False
    return abs(days.days) > 2


def _align(short: Sequence[str], long: Sequence[str]) -> _Aligned | None:
    """Lay the shorter along the longer from the start; None when they part for good."""
    edits: list[tuple[int, int, int, int]] = []
    i = j = 0
    while True:
        while i < len(short) and j < len(long) and short[i] == long[j]:
            i += 1
            j += 1
        if i >= len(short):
            return _Aligned(edits, j)
        if i == len(short) - 1 and j < len(long) and long[j].startswith(short[i]):
            return _Aligned(edits, j + 1)  # its last word is cut
        found = _take_up(short, long, i, j)
        if found is None or len(edits) > 4 + len(short) // 10:
            return None
        edits.append((i, found[0], j, found[1]))
        i, j = found


def _take_up(short: Sequence[str], long: Sequence[str], i: int, j: int) -> tuple[int, int] | None:
    """The nearest places after `i` and `j` from which some words agree."""
    ahead: dict[tuple[str, ...], int] = {}
    for y in range(j, min(j + _REACH, len(long) - _GRAM) + 1):
        ahead.setdefault(tuple(long[y : y + _GRAM]), y)
    best: tuple[int, int, int] | None = None
    for x in range(i, min(i + _REACH, len(short) - _GRAM) + 1):
        if best is not None and x - i >= best[0]:
            break
        y = ahead.get(tuple(short[x : x + _GRAM]), -1)
        if y >= 0 and (best is None or (x - i) + (y - j) < best[0]):
            best = ((x - i) + (y - j), x, y)
    return None if best is None else best[1:]


def _nearly(
    short: Piece, long: Piece, aligned: _Aligned, same_headline: bool, same_author: bool
) -> str | None:
    edits, count = aligned.edits, len(short.words)
    sizes = [max(end - start, long_end - long_start) for start, end, long_start, long_end in edits]
    edited = sum(end - start for start, end, _, _ in edits)
    same = count - edited
    if edits[-1][1] > count - _TAIL or _is_template(short, long, edits):
        return None
    renamed = _other_names(short, long, aligned)
    if renamed > (0 if short.headline and long.headline and not same_author else 1) and not same_headline:
        return None
    contradiction = _contradict(short, long)
    if count < FEW_WORDS:
        # Few words and some of them changed: only with all the rest in agreement.
        if not same_headline or same < 12 or len(edits) > 1:
            return None
        return _in_words(same, count, same_headline)
    if contradiction:
        return None
    if sum(sizes) <= max(2, count * 0.08):
        if renamed and count < 60 and not (same_headline or same_author):
            return None
        return _in_words(same, count, same_headline)
    largest = max(sizes)
    others = sum(sizes) - largest
    supported = same_headline or same_author
    least = (12, 0.45) if same_headline else (20, 0.45) if supported else (FEW_WORDS, 0.5)
    if others <= max(2, count * 0.06) and same >= max(least[0], least[1] * count):
        return _in_words(same, count, same_headline)
    if same_headline and len(short.headline) > 3 and same >= 0.8 * count and sum(sizes) <= 0.3 * count:
        return _in_words(same, count, same_headline)
    return None


def _in_words(same: int, count: int, same_headline: bool) -> str:
    share = f"{min(99, same * 100 // count)} % of the words"
    return f"the same headline, and {share}" if same_headline else f"the same start, with {share}"


def _replaced(
    short: Piece, long: Piece, edits: Sequence[tuple[int, int, int, int]]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for start, end, long_start, long_end in edits:
        if start < end and long_start < long_end:
            yield short.words[start:end], long.words[long_start:long_end]


def _other_names(short: Piece, long: Piece, aligned: _Aligned) -> int:
    """How often a name or number stands for another, neither of which the other text has anywhere there."""
    there = set(long.words[: aligned.end])
    return sum(
        bool(short.names.intersection(one) - there)
        and bool(long.names.intersection(other).difference(short.words))
        for one, other in _replaced(short, long, aligned.edits)
    )


def _is_template(short: Piece, long: Piece, edits: Sequence[tuple[int, int, int, int]]) -> bool:
    """Whether one name stands for another more than once, as in a text made for several customers."""
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for one, other in _replaced(short, long, edits):
        if len(one) > 4 or len(other) > 4:
            continue
        if short.names.isdisjoint(one) or long.names.isdisjoint(other):
            continue
        if (one, other) in seen:
            return True
        seen.add((one, other))
    return False
