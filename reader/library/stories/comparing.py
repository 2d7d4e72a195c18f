"""Decides whether two texts are the same story, finds which texts are worth comparing, and says where two differ.

Pure: no database.

Bodies are compared word by word, ignoring case, accents, quotes, dashes and spaces. Two texts are the same story if
the longer begins with the shorter, or nearly so: a few words edited, one sentence rewritten, one paragraph dropped.
They are different if a name or a number is replaced by another, if they diverge before the shorter ends, or if date,
sponsor, headline and authors contradict each other.

Fingerprints are numbers that versions of a story are likely to share and two stories are not. They come from the
identity, the headline, the starts of the first sentences and of the second paragraph, and from inside the first
sentence. An opening is therefore found by its full text even if its first sentence was edited, its first paragraph
dropped or its headline changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import blake2b
from operator import eq
from sys import intern
from typing import Literal, NamedTuple
from zlib import crc32

from reader.library.database.schema import fold, identity_fingerprint, to_bytes
from reader.model import Article, Block

_WORD = re.compile(r"[^\W_]+")
_TO_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
"""Turns what stands between the words of an ASCII text into spaces."""
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
_NEAR_WORDS = 12
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
_LAST = 4
"""How many of the last words may contain an edit."""


class ComparedText(NamedTuple):
    """The parts of a version that matching compares. Without words it matches nothing."""

    identity: bytes
    words: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    authors: frozenset[str] = frozenset()
    published: str | None = None
    sponsor: str | None = None
    """The sponsor, folded; None if there is none or no page names it."""
    newsletter: bool = False
    names: frozenset[str] = frozenset()
    """Words that are capitalised somewhere, and numbers."""

    @property
    def rank(self) -> tuple[int, bytes, str]:
        """Sort key: by length, independent of the order of arrival."""
        return (
            len(self.words),
            self.identity,
            repr((sorted(self.authors), self.published, self.sponsor, self.newsletter)),
        )


def _plain(text: str) -> str:
    """Fold a text and drop apostrophes. Other quotes, dashes and marks make no difference to `words_of`."""
    text = text.replace("’", "").replace("“", " ").replace("”", " ").replace("—", " ").replace("–", " ")
    # Most texts have no other special characters, and several replacements are faster than one translation.
    return text.lower().replace("'", "") if text.isascii() else fold(text).replace("'", "")


def _split(plain: str) -> list[str]:
    """Split a text that `_plain` made into its words."""
    # Most are ASCII, where splitting at spaces is six times as fast as matching.
    return plain.translate(_TO_SPACES).split() if plain.isascii() else _WORD.findall(plain)


def words_of(text: str) -> list[str]:
    """Split a text into words for comparison."""
    return _split(_plain(text))


def compared_text(article: Article) -> ComparedText:
    """Extract from an article what matching compares."""
    text = "\n".join([block.text for block in article.body])
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


def compare(first: ComparedText, second: ComparedText) -> str | None:
    """Return why the two are the same story, in words for a reader, or None if they are not."""
    if first.identity == second.identity:
        return "the same words"
    short, long = sorted((first, second), key=lambda text: text.rank)
    if not short.words or (short.sponsor and long.sponsor and short.sponsor != long.sponsor):
        return None
    pair = _Pair(short, long)
    last = len(short.words) - 1
    # Does the longer text begin with the shorter, whose last word may be cut?
    if long.words[:last] == short.words[:last] and is_cut(short.words[last], long.words[last]):
        return pair.exactly()
    if len(short.words) < _FEWEST_WORDS * 2 or pair.far_apart:
        return None
    aligned = align(short.words, long.words)
    return None if aligned is None else pair.nearly(aligned)


class _Pair:
    """A shorter and a longer text that may be the same story."""

    def __init__(self, short: ComparedText, long: ComparedText) -> None:
        self._short = short
        self._long = long
        self._same_headline = bool(short.headline) and short.headline == long.headline
        self._same_author = bool(short.authors & long.authors)
        self._other_headlines = bool(short.headline and long.headline) and short.headline != long.headline
        self._other_authors = bool(short.authors and long.authors) and not self._same_author
        self._contradict = self._other_headlines and (
            # Do the authors differ too, or are these two editions of a newsletter?
            self._other_authors or (short.newsletter and long.newsletter)
        )

    @property
    def far_apart(self) -> bool:
        """Are the printed dates more than two days apart?"""
        days = (self._short.published, self._long.published)
        if not days[0] or not days[1] or days[0] == days[1]:
            return False
        try:
            return abs((date.fromisoformat(days[0]) - date.fromisoformat(days[1])).days) > 2
        except ValueError:
            return False

    def exactly(self) -> str | None:
        """Return why two texts that start with the same words are the same story; None if they are not."""
        count = len(self._short.words)
        # Without the count: the list of versions counts words otherwise, and has the length of each beside this.
        why = "starts with the same words"
        if count < FEW_WORDS:
            supported = self._same_headline or (self._same_author and count >= _FEWEST_WORDS)
            if self.far_apart or not supported:
                return None
            return f"{why}, under the same headline" if self._same_headline else f"{why}, by the same author"
        if (count < 150 and self.far_apart) or (count < 80 and self._contradict):
            return None
        return why

    def nearly(self, aligned: Aligned) -> str | None:
        """Return why two texts that differ in some passages are the same story; None if they are not."""
        edits, count = aligned.edits, aligned.length
        # A headline that every edition has ("The week ahead") is weak evidence by itself.
        headline = (
            self._same_headline
            and not self._other_authors
            and (self._same_author or len(self._short.headline) > 3)
        )
        supported = headline or self._same_author
        if edits and edits[-1][1] > count - (1 if supported else _TAIL):
            return None
        if (not supported and count < len(self._short.words)) or self._is_template(aligned, headline):
            return None
        same = count - sum(edit[1] - edit[0] for edit in edits)
        sizes = [_size(edit) for edit in edits]
        if count < FEW_WORDS:
            # Few words, and some of them changed: everything else must agree.
            agree = headline and same >= 12 and len(sizes) <= 1
        elif self._contradict or (self._other_authors and not headline):
            agree = False
        else:
            agree = (
                sum(sizes) <= max(2, count * 0.08)
                # Only one passage differs (a rewritten sentence, a dropped paragraph) and a word or two.
                or self._agree_outside(count, _passages(edits, 0), headline)
                or self._agree_outside(count, _passages(edits, _SENTENCE), headline)
                or (
                    headline
                    and len(self._short.headline) > 3
                    and same >= 0.8 * count
                    and sum(sizes) <= 0.3 * count
                )
            )
        if not agree:
            return None
        share = f"{min(99, same * 100 // count)}% of the words"
        return f"the same headline, and {share}" if headline else f"the same start, with {share}"

    def _agree_outside(self, count: int, passages: Sequence[Edit], headline: bool) -> bool:
        """Do the texts agree enough outside of the largest of these passages?"""
        sizes = sorted(map(_size, passages))
        if (
            sizes[-1] > REACH
            or sum(sizes[:-1]) > max(2, count * 0.06)
            or count - passages[-1][1] < _NEAR_WORDS
        ):
            return False
        same = count - sum(edit[1] - edit[0] for edit in passages)
        # Words that a rewritten sentence keeps count too, in any order.
        kept = sum(
            (Counter(self._short.words[start:end]) & Counter(self._long.words[long_start:long_end])).total()
            for start, end, long_start, long_end in passages
        )
        if headline:
            return same + kept >= max(12, 0.45 * count)
        least = 20 if self._same_author or kept > sizes[-1] // 2 else FEW_WORDS
        return same >= least and same + kept >= (0.45 if self._same_author else 0.5) * count

    def _is_template(self, aligned: Aligned, headline: bool) -> bool:
        """Are names or numbers swapped, as in a text that is reused for several customers or occasions?"""
        short, long = self._short, self._long
        long_words, short_words = set(long.words[: aligned.end]), set(short.words)
        seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        replaced_names = 0
        for start, end, long_start, long_end in aligned.edits:
            old_words, new_words = short.words[start:end], long.words[long_start:long_end]
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
            if brief and not self._same_author and not (figures and headline):
                return True
        return not headline and replaced_names > (0 if self._other_headlines and not self._same_author else 1)


def _size(edit: Edit) -> int:
    return max(edit[1] - edit[0], edit[3] - edit[2])


def _passages(edits: Sequence[Edit], span: int) -> list[Edit]:
    """Join edits that are close together, or within `span` words."""
    passages: list[Edit] = []
    for edit in edits:
        if passages and (edit[0] - passages[-1][1] < _NEAR_WORDS or edit[1] - passages[-1][0] <= span):
            edit = (passages[-1][0], edit[1], passages[-1][2], edit[3])
            passages.pop()
        passages.append(edit)
    return passages


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


# Fingerprints

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
        text = _plain(block.text[:_HEAD])
        at = 0
        while at < len(text):
            enough = len(starts) >= _SENTENCES
            if (not enough and at < _HEAD - _MARGIN) or (number == 1 and at == 0):
                starts.append(len(words))
            end = None if enough else _SENTENCE_END.search(text, at)
            after = len(text) if end is None else end.end()
            words += _split(text[at:after])
            at = after
        if number and len(starts) >= _SENTENCES and len(words) - starts[-1] >= _FINGERPRINT_WORDS:
            break
    return words, starts


# What differs, word by word, for a reader

Kind = Literal["same", "removed", "added"]
Part = Literal["headline", "deck", "authors", "published", "body"]

_TOKEN = re.compile(r"\S+\s*|\s+")
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
    a changed quotation mark is a difference. Two texts of 10,000 words take a few hundredths of a second.
    """
    parts: list[tuple[Part, str, str]] = [
        ("headline", old.headline or "", new.headline or ""),
        ("deck", old.deck or "", new.deck or ""),
        ("authors", ", ".join(old.authors), ", ".join(new.authors)),
        ("published", old.published or "", new.published or ""),
        ("body", _body(old), _body(new)),
    ]
    return [
        Difference(kind, part, text)
        for part, before, after in parts
        for kind, text in compare_words(before, after)
    ]


def _body(article: Article) -> str:
    return PARAGRAPH.join(block.text for block in article.body)


def compare_words(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Yield the passages of two texts. No two of a kind follow each other, and removals come before additions."""
    from difflib import SequenceMatcher  # 1 ms that adding captures would wait for.

    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    words, new_words = ([token.rstrip() for token in tokens] for tokens in (before, after))
    for change, start, end, new_start, new_end in SequenceMatcher(None, words, new_words).get_opcodes():
        if change == "equal":
            yield "same", "".join(after[new_start:new_end])
            continue
        if start < end:
            yield "removed", "".join(before[start:end])
        if new_start < new_end:
            yield "added", "".join(after[new_start:new_end])
