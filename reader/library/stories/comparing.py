"""Whether two texts are the same story, and why, in words for a reader: pure, no database.

Compared are the words of bodies without case, accents, quotes, dashes and spaces. Two are the same when the
shorter is the start of the longer, or nearly: single words edited, one sentence rewritten, one paragraph
dropped. They are not when a name or a number stands for another, when they part before the shorter ends, or
when date, sponsor, headline and authors speak against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from sys import intern
from typing import NamedTuple

from reader.library.folding import fold
from reader.library.stories.aligning import REACH, Aligned, Edit, align, is_cut, resemble
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
"""Words that have a capital where a sentence starts, and are no names."""

FEW_WORDS = 25
"""Shorter texts are the same only under the same headline or with an author in common."""
_FEWEST_WORDS = 8
"""Still shorter ones only under the same headline."""
_APART = 12
"""Edits with fewer words between them are one edited passage."""
_SENTENCE = 45
"""Edits within so many words may be one sentence turned round."""
_BRIEF = 6
"""A passage of so few words is a name for a name, not a sentence rewritten."""
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
    newsletter: bool
    names: frozenset[str]
    """Words that stand somewhere with a capital, and numbers."""

    @property
    def rank(self) -> tuple[int, bytes, str]:
        """Orders versions by length, and in the same way whenever they came."""
        return (
            len(self.words),
            self.identity,
            repr((sorted(self.authors), self.published, self.sponsor, self.newsletter)),
        )


def plain(text: str) -> str:
    """A text folded, without apostrophes; other quotes, dashes and marks are of no account here."""
    text = text.replace("’", "").replace("“", " ").replace("”", " ").replace("—", " ").replace("–", " ")
    # Most texts have no other odd characters, and several replacements take less time than one translation.
    return text.lower().replace("'", "") if text.isascii() else fold(text).replace("'", "")


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return WORD.findall(plain(text))


def length_of(article: Article) -> int:
    """How many words are compared of an article; takes a third of the time of `piece_of`."""
    return len(words_of(_body(article)))


def _body(article: Article) -> str:
    return "\n".join([block.text for block in article.body])


def piece_of(article: Article) -> Piece:
    """What is compared of an article."""
    text = _body(article)
    return Piece(
        identity=bytes.fromhex(article.id),
        # Articles share most of their words: kept once, a piece takes an eighth of the memory.
        words=tuple(map(intern, words_of(text))),
        headline=tuple(words_of(article.headline or "")),
        authors=frozenset(" ".join(words_of(author)) for author in article.authors),
        published=article.published,
        sponsor=" ".join(words_of(article.sponsor)) if article.sponsor else None,
        newsletter=article.kind == "newsletter",
        names=frozenset(words_of(" ".join(_NAME.findall(text)))) - _OPENERS,
    )


def nothing_of(identity: bytes) -> Piece:
    """What is compared of a version whose record cannot be read."""
    return Piece(identity, (), (), frozenset(), None, None, False, frozenset())


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
    if not resemble(short.words, long.words):
        return None
    aligned = align(short.words, long.words)
    if aligned is None:
        return None
    # A title that every edition has ("The week ahead") says little by itself.
    telling = same_headline and not _other_authors(short, long) and (same_author or len(short.headline) > 3)
    return _nearly(short, long, aligned, telling, same_author)


def _starts(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the longer begins with the shorter, whose last word may be cut."""
    last = len(short) - 1
    return long[:last] == short[:last] and is_cut(short[last], long[last])


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
    """Whether both headline and authors are others, or these are two editions of a newsletter."""
    if not (short.headline and long.headline) or short.headline == long.headline:
        return False
    if short.newsletter and long.newsletter:
        return True
    return _other_authors(short, long)


def _other_authors(short: Piece, long: Piece) -> bool:
    return bool(short.authors and long.authors) and not short.authors & long.authors


def _far_apart(short: Piece, long: Piece) -> bool:
    """Whether the printed dates are of different occasions."""
    if not short.published or not long.published or short.published == long.published:
        return False
    try:
        days = date.fromisoformat(short.published) - date.fromisoformat(long.published)
    except ValueError:
        return False
    return abs(days.days) > 2


def _nearly(
    short: Piece, long: Piece, aligned: Aligned, same_headline: bool, same_author: bool
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
        # Few words and some of them changed: only with all the rest in agreement.
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
    share = f"{min(99, same * 100 // count)} % of the words"
    return f"the same headline, and {share}" if same_headline else f"the same start, with {share}"


def _one_passage(short: Piece, long: Piece, aligned: Aligned, same_headline: bool, same_author: bool) -> bool:
    """Whether all that differs is one passage (a sentence rewritten, a paragraph dropped) and a word or two."""
    return any(
        _agree_outside(
            short, long, aligned.length, _passages(aligned.edits, span), same_headline, same_author
        )
        for span in (0, _SENTENCE)
    )


def _passages(edits: Sequence[Edit], span: int) -> list[Edit]:
    """Edits near each other, or within so many words, taken as one."""
    passages: list[Edit] = []
    for edit in edits:
        if passages and (edit[0] - passages[-1][1] < _APART or edit[1] - passages[-1][0] <= span):
            edit = (passages[-1][0], edit[1], passages[-1][2], edit[3])
            passages.pop()
        passages.append(edit)
    return passages


def _agree_outside(
    short: Piece, long: Piece, count: int, passages: Sequence[Edit], same_headline: bool, same_author: bool
) -> bool:
    sizes = sorted(max(edit[1] - edit[0], edit[3] - edit[2]) for edit in passages)
    if sizes[-1] > REACH or sum(sizes[:-1]) > max(2, count * 0.06) or count - passages[-1][1] < _APART:
        return False
    same = count - sum(edit[1] - edit[0] for edit in passages)
    # What a rewritten sentence has of the old one counts, in whatever order it stands there.
    kept = sum(
        (Counter(short.words[edit[0] : edit[1]]) & Counter(long.words[edit[2] : edit[3]])).total()
        for edit in passages
    )
    if same_headline:
        return same + kept >= max(12, 0.45 * count)
    least = 20 if same_author or kept > sizes[-1] // 2 else FEW_WORDS
    return same >= least and same + kept >= (0.45 if same_author else 0.5) * count


def _replaced(
    short: Piece, long: Piece, edits: Sequence[Edit]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for start, end, long_start, long_end in edits:
        if start < end and long_start < long_end:
            yield short.words[start:end], long.words[long_start:long_end]


def _is_template(short: Piece, long: Piece, aligned: Aligned, same_headline: bool, same_author: bool) -> bool:
    """Whether names or numbers stand for others, as in a text made for several customers or occasions."""
    there = set(long.words[: aligned.end])
    here = set(short.words)
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    others = 0
    for one, other in _replaced(short, long, aligned.edits):
        names, new = short.names.intersection(one), long.names.intersection(other)
        if not names or not new:
            continue
        brief = len(one) <= _BRIEF and len(other) <= _BRIEF
        if brief and (one, other) in seen:
            return True
        seen.add((one, other))
        # Such as the other text does not have anywhere there.
        names, new = names - there, new - here
        if not names or not new:
            continue
        others += 1
        figures = all(word.isdecimal() for word in names | new)
        if brief and not same_author and not (figures and same_headline):
            return True
    both = bool(short.headline and long.headline) and short.headline != long.headline
    return not same_headline and others > (0 if both and not same_author else 1)
