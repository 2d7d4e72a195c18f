"""Are two texts the same story, and why? Pure: no database.

Bodies are compared word by word, ignoring case, accents, quotes, dashes and spaces. Two texts are the same story if
the longer begins with the shorter, or nearly so: a few words edited, one sentence rewritten, one paragraph dropped.
They are different if a name or a number is replaced by another, if they diverge before the shorter ends, or if date,
sponsor, headline and authors contradict each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from operator import eq
from sys import intern
from typing import NamedTuple

from reader.library.database.records import fold
from reader.model import Article

WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"\b[A-Z0-9][\w’']*")
_OPENERS = frozenset(
    "a about according after all although an and another any as at because before both but by during each even "
    "every few first for from he her here his how however i if in instead it its just last later many more most "
    "much my no not nobody nothing now of on once one only or other our over perhaps since so some still such "
    "than that the their then there these they this those though three through to today tomorrow two under "
    "until we what when where whether which while who why with without would yes yesterday yet you your".split()
)
"""Words that are capitalised at the start of a sentence but are not names."""

FEW_WORDS = 25
"""Shorter texts match only with the same headline or a shared author."""
_FEWEST_WORDS = 8
"""Texts shorter than this match only with the same headline."""
_APART = 12
"""Edits fewer than this many words apart form one passage."""
_SENTENCE = 45
"""Edits within this many words may be one rewritten sentence."""
_BRIEF = 6
"""A replaced passage of at most this many words is one name for another, not a rewritten sentence."""
_TAIL = 3
"""This many words at the end of the shorter text must match."""


Edit = tuple[int, int, int, int]
"""A differing passage: start and end in the shorter text, then in the longer."""
REACH = 90
"""How many words an edited, added or dropped passage may have."""
_STEPS = ((4, 2), (12, 3), (REACH, 6), (REACH, 3))
"""How far ahead to look for the next match, and how many words must match there."""
_STRIDE = 32
"""Words to compare at once while they match."""
_LAST = 4
"""How many of the last words may contain an edit."""


class ComparedText(NamedTuple):
    """The parts of a version that matching compares."""

    identity: bytes
    words: tuple[str, ...]
    headline: tuple[str, ...]
    authors: frozenset[str]
    published: str | None
    sponsor: str | None
    """The sponsor, folded; None if there is none or no page names it."""
    newsletter: bool
    names: frozenset[str]
    """Words that are capitalised somewhere, and numbers."""

    @property
    def rank(self) -> tuple[int, bytes, str]:
        """Sort key: by length, independent of the order of arrival."""
        return (
            len(self.words),
            self.identity,
            repr((sorted(self.authors), self.published, self.sponsor, self.newsletter)),
        )


def plain(text: str) -> str:
    """Fold a text and drop apostrophes. Other quotes, dashes and marks make no difference to `words_of`."""
    text = text.replace("’", "").replace("“", " ").replace("”", " ").replace("—", " ").replace("–", " ")
    # Most texts have no other special characters, and several replacements are faster than one translation.
    return text.lower().replace("'", "") if text.isascii() else fold(text).replace("'", "")


def words_of(text: str) -> list[str]:
    """Split a text into words for comparison."""
    return WORD.findall(plain(text))


def _body(article: Article) -> str:
    return "\n".join([block.text for block in article.body])


def compared_text(article: Article) -> ComparedText:
    """Extract from an article what matching compares."""
    text = _body(article)
    return ComparedText(
        identity=bytes.fromhex(article.id),
        # Articles share most of their words: interning them takes an eighth of the memory.
        words=tuple(map(intern, words_of(text))),
        headline=tuple(words_of(article.headline or "")),
        authors=frozenset(" ".join(words_of(author)) for author in article.authors),
        published=article.published,
        sponsor=" ".join(words_of(article.sponsor)) if article.sponsor else None,
        newsletter=article.kind == "newsletter",
        names=frozenset(words_of(" ".join(_NAME.findall(text)))) - _OPENERS,
    )


def unreadable_text(identity: bytes) -> ComparedText:
    """Return an empty text, which matches nothing, for a version whose record cannot be read."""
    return ComparedText(identity, (), (), frozenset(), None, None, False, frozenset())


def compare(first: ComparedText, second: ComparedText) -> str | None:
    """Return why the two are the same story, in words for a reader, or None if they are not."""
    if first.identity == second.identity:
        return "the same words"
    short, long = sorted((first, second), key=lambda text: text.rank)
    if not short.words or (short.sponsor and long.sponsor and short.sponsor != long.sponsor):
        return None
    same_headline = bool(short.headline) and short.headline == long.headline
    same_author = bool(short.authors & long.authors)
    count = len(short.words)
    if _starts(short.words, long.words):
        return _exact(short, long, same_headline, same_author)
    if count < _FEWEST_WORDS * 2 or _far_apart(short, long):
        return None
    aligned = align(short.words, long.words)
    if aligned is None:
        return None
    # A headline that every edition has ("The week ahead") is weak evidence by itself.
    distinctive_headline = (
        same_headline and not _other_authors(short, long) and (same_author or len(short.headline) > 3)
    )
    return _nearly(short, long, aligned, distinctive_headline, same_author)


def _starts(short: Sequence[str], long: Sequence[str]) -> bool:
    """Does the longer text begin with the shorter, whose last word may be cut?"""
    last = len(short) - 1
    return long[:last] == short[:last] and is_cut(short[last], long[last])


def _exact(short: ComparedText, long: ComparedText, same_headline: bool, same_author: bool) -> str | None:
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


def _contradict(short: ComparedText, long: ComparedText) -> bool:
    """Do both headline and authors differ, or are these two editions of a newsletter?"""
    if not (short.headline and long.headline) or short.headline == long.headline:
        return False
    if short.newsletter and long.newsletter:
        return True
    return _other_authors(short, long)


def _other_authors(short: ComparedText, long: ComparedText) -> bool:
    return bool(short.authors and long.authors) and not short.authors & long.authors


def _far_apart(short: ComparedText, long: ComparedText) -> bool:
    """Are the printed dates more than two days apart?"""
    if not short.published or not long.published or short.published == long.published:
        return False
    try:
        days = date.fromisoformat(short.published) - date.fromisoformat(long.published)
    except ValueError:
        return False
    return abs(days.days) > 2


def _nearly(
    short: ComparedText, long: ComparedText, aligned: Aligned, same_headline: bool, same_author: bool
) -> str | None:
    count = aligned.length
    supported = same_headline or same_author
    if aligned.edits and aligned.edits[-1][1] > count - (1 if supported else _TAIL):
        return None
    if not supported and count < len(short.words):
        return None
    if _is_template(short, long, aligned, same_headline, same_author):
        return None
    same = count - sum(edit[1] - edit[0] for edit in aligned.edits)
    sizes = [max(edit[1] - edit[0], edit[3] - edit[2]) for edit in aligned.edits]
    if count < FEW_WORDS:
        # Few words, and some of them changed: everything else must agree.
        agree = same_headline and same >= 12 and len(sizes) <= 1
    elif _contradict(short, long) or (_other_authors(short, long) and not same_headline):
        agree = False
    elif sum(sizes) <= max(2, count * 0.08):
        agree = True
    else:
        agree = _one_passage(short, long, aligned, same_headline, same_author)
        if same_headline and len(short.headline) > 3 and same >= 0.8 * count and sum(sizes) <= 0.3 * count:
            agree = True
    if not agree:
        return None
    share = f"{min(99, same * 100 // count)}% of the words"
    return f"the same headline, and {share}" if same_headline else f"the same start, with {share}"


def _one_passage(
    short: ComparedText, long: ComparedText, aligned: Aligned, same_headline: bool, same_author: bool
) -> bool:
    """Do they differ only in one passage (a rewritten sentence, a dropped paragraph) and a word or two?"""
    return any(
        _agree_outside(
            short, long, aligned.length, _passages(aligned.edits, span), same_headline, same_author
        )
        for span in (0, _SENTENCE)
    )


def _passages(edits: Sequence[Edit], span: int) -> list[Edit]:
    """Join edits that are close together, or within `span` words."""
    passages: list[Edit] = []
    for edit in edits:
        if passages and (edit[0] - passages[-1][1] < _APART or edit[1] - passages[-1][0] <= span):
            edit = (passages[-1][0], edit[1], passages[-1][2], edit[3])
            passages.pop()
        passages.append(edit)
    return passages


def _agree_outside(
    short: ComparedText,
    long: ComparedText,
    count: int,
    passages: Sequence[Edit],
    same_headline: bool,
    same_author: bool,
) -> bool:
    sizes = sorted(max(edit[1] - edit[0], edit[3] - edit[2]) for edit in passages)
    if sizes[-1] > REACH or sum(sizes[:-1]) > max(2, count * 0.06) or count - passages[-1][1] < _APART:
        return False
    same = count - sum(edit[1] - edit[0] for edit in passages)
    # Words that a rewritten sentence keeps count too, in any order.
    kept = sum(
        (Counter(short.words[edit[0] : edit[1]]) & Counter(long.words[edit[2] : edit[3]])).total()
        for edit in passages
    )
    if same_headline:
        return same + kept >= max(12, 0.45 * count)
    least = 20 if same_author or kept > sizes[-1] // 2 else FEW_WORDS
    return same >= least and same + kept >= (0.45 if same_author else 0.5) * count


def _replaced(
    short: ComparedText, long: ComparedText, edits: Sequence[Edit]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for start, end, long_start, long_end in edits:
        if start < end and long_start < long_end:
            yield short.words[start:end], long.words[long_start:long_end]


def _is_template(
    short: ComparedText, long: ComparedText, aligned: Aligned, same_headline: bool, same_author: bool
) -> bool:
    """Are names or numbers swapped, as in a text that is reused for several customers or occasions?"""
    long_words = set(long.words[: aligned.end])
    short_words = set(short.words)
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    replaced_names = 0
    for old_words, new_words in _replaced(short, long, aligned.edits):
        names, new = short.names.intersection(old_words), long.names.intersection(new_words)
        if not names or not new:
            continue
        brief = len(old_words) <= _BRIEF and len(new_words) <= _BRIEF
        if brief and (old_words, new_words) in seen:
            return True
        seen.add((old_words, new_words))
        # Only names that the other text does not have anywhere.
        names, new = names - long_words, new - short_words
        if not names or not new:
            continue
        replaced_names += 1
        figures = all(word.isdecimal() for word in names | new)
        if brief and not same_author and not (figures and same_headline):
            return True
    headlines_differ = bool(short.headline and long.headline) and short.headline != long.headline
    return not same_headline and replaced_names > (0 if headlines_differ and not same_author else 1)


class Aligned(NamedTuple):
    """How the shorter of two texts is aligned with the longer."""

    edits: list[Edit]
    end: int
    """Where the shorter text ends in the longer."""
    length: int
    """How many words of the shorter text are aligned: not all of them if the longer ends first."""


def align(short: Sequence[str], long: Sequence[str]) -> Aligned | None:
    """Align the shorter text with the longer from the start; None if they diverge for good."""
    edits: list[Edit] = []
    i = j = 0
    while True:
        while short[i : i + _STRIDE] == long[j : j + _STRIDE] and i + _STRIDE <= len(short):
            i += _STRIDE
            j += _STRIDE
        while i < len(short) and j < len(long) and short[i] == long[j]:
            i += 1
            j += 1
        if i >= len(short):
            return Aligned(edits, j, i)
        if j >= len(long) and i >= 0.9 * len(short):
            return Aligned(edits, j, i)
        if i == len(short) - 1 and j < len(long) and is_cut(short[i], long[j]):
            return Aligned(edits, j + 1, i + 1)  # its last word is cut
        resumed = _resume(short, long, i, j)
        remaining = len(short) - i
        if (
            resumed is None
            and remaining <= _LAST
            and (remaining == 1 or any(map(eq, short[i:], long[j : j + remaining])))
        ):
            return Aligned(edits, j, i)  # one of its last words is edited
        if resumed is None or len(edits) > 4 + len(short) // 10:
            return None
        edits.append((i, resumed[0], j, resumed[1]))
        i, j = resumed


def _resume(short: Sequence[str], long: Sequence[str], i: int, j: int) -> tuple[int, int] | None:
    """Find the nearest positions after `i` and `j` where the texts match again. Farther matches need more words."""
    for reach, gram in _STEPS:
        ahead: dict[tuple[str, ...], int] = {}
        for y in range(j, min(j + reach, len(long) - gram) + 1):
            ahead.setdefault(tuple(long[y : y + gram]), y)
        best: tuple[int, int, int] | None = None
        for x in range(i, min(i + reach, len(short) - gram) + 1):
            if best is not None and x - i >= best[0]:
                break
            y = ahead.get(tuple(short[x : x + gram]), -1)
            if y >= 0 and (best is None or (x - i) + (y - j) < best[0]):
                best = ((x - i) + (y - j), x, y)
        if best is not None:
            return best[1:]
    return None


def is_cut(word: str, other: str) -> bool:
    """Does `word` equal `other`, or is it a cut-off start of it? The start of a number is another number."""
    return word == other or (other.startswith(word) and word.isalpha())
