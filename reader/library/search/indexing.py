"""Splits text into tokens as the full-text index does, finds the stems of words, and keeps the index up to date.

A word in an alphabet is one token, folded. In all other scripts, such as those without spaces between words, each
character is a token of its own, so that any part of a text can be found as a phrase. SQLite's tokenizer, `unicode61`,
treats plain text the same way; other texts are spelled out for it first.

The stemmer is Snowball's for English ("Porter 2"). It cuts endings off and may change the last letter, so the forms of
a word begin with its stem, or nearly so: "hoping" has the stem "hope", and "tries" has "tri".

The index has the representative versions of stories. The indexed texts depend only on the article, because FTS5 needs
exactly the same texts to remove it again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category, combining

from reader.library.database.connection import Database
from reader.library.database.schema import FACETS, KEY_BITS, LEAD, PARTS, decode_article, fold
from reader.library.state import marks
from reader.library.stories import representatives
from reader.library.stories.representatives import Changes, Facts
from reader.model import Article, Figure
from reader.patterns import Pattern

# Tokens

# Characters that unicode61 and `_Spelling` treat alike, one for one.
_is_plain = re.compile(
    "[\x00-\x7f\xa1-\xa9\xab\xac\xae-\xb1\xb4\xb6-\xb8\xbb\xbf-\xde\xe0-\u0130\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    "\u2010-\u2064\u20a0-\u20a7\u20a9-\u20b9]*+"
).fullmatch
# Folded letters and digits of alphabets, which unicode61 leaves as they are.
_WORD = Pattern(
    "[a-z0-9\xe6\xf0\xf8\xfe\u0111\u0127\u0131\u0138\u0142\u014b\u0153\u0167\u0180-\u024f\u0250-\u02af"
    "\u03b1-\u03c1\u03c3-\u03c9\u0430-\u0438\u043a-\u044f\u0452\u0454-\u0456\u0458-\u045b\u045f\u0460-\u0481"
    "\u048a-\u04bf\u04c3-\u04ff\u0560-\u0586\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u0660-\u0669\u0671-\u06d3"
    "\u06f0-\u06f9\u10d0-\u10fa]"
)
# Characters of other scripts that unicode61 leaves as they are.
_LETTERS = (
    ("\u0e01", "\u0e30"), ("\u0e32", "\u0e32"), ("\u0e40", "\u0e45"), ("\u3041", "\u3096"), ("\u30a1", "\u30fa"),
    ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uac00", "\ud7a3"),
)  # fmt: skip
_JOINING = Pattern("[\u200c\u200d\u180e\ufe00-\ufe0f\U000e0100-\U000e01ef\xad]")
_tokens = re.compile(rf"{LEAD}?[^\W_]+").finditer

ALL, TRUNCATED, WHOLE, SPONSORED, DOUBTFUL = "a", "t", "w", "p", "q"
SECTION, SPONSOR, AUTHOR = "s", "o", "u"
"""Kinds of `special` tokens. Every article has ALL, and any others that apply to it."""


class Token(NamedTuple):
    """A token, folded, and its start and end in the text."""

    text: str
    start: int
    end: int


class Spelled(NamedTuple):
    """A text spelled out as tokens with separators between them."""

    text: str
    ends: list[int] | None
    """The end in `text` of each original character; None if the offsets are the same."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Convert start and end in `text` to offsets in the original."""
        if self.ends is None:
            return start, end
        return bisect_right(self.ends, start), bisect_right(self.ends, end - 1) + 1


class _Spelling(dict[int, str]):
    """Maps code points to their spelling; filled on demand."""

    def __missing__(self, number: int) -> str:
        spelled = self[number] = _spell(chr(number))
        return spelled


def _spell(char: str) -> str:
    if "\uac00" <= char <= "\ud7a3":  # folding would take a syllable apart
        return f" {char} "
    if _JOINING.fullmatch(char):
        return ""
    if char >= "\u0300" and combining(char):
        return ""
    spelled = "".join(map(_spell_folded, fold(char)))
    return spelled if spelled.strip() else " "


def _spell_folded(char: str) -> str:
    if _WORD.fullmatch(char):
        return char
    if any(first <= char <= last for first, last in _LETTERS):
        return f" {char} "
    # Python does not count vowel signs as letters, but for readers they are part of the word.
    if char.isalnum() or category(char) in ("Mn", "Mc"):
        return f" {LEAD}x{ord(char):x} "
    return " "


_spelling = _Spelling()


def indexed(text: str) -> str:
    """Spell out `text` for SQLite's tokenizer, which then finds the tokens that `tokens` finds in the original."""
    # Most texts are ASCII, which is all plain and tells so at once.
    return text if text.isascii() or _is_plain(text) else text.translate(_spelling)


def spelled(text: str) -> Spelled:
    """Spell out `text` for finding tokens in it, with a mapping to the original offsets."""
    if _is_plain(text):
        return Spelled(text.translate(_spelling), None)
    pieces = [_spelling[ord(char)] for char in text]
    return Spelled("".join(pieces), list(accumulate(map(len, pieces))))


def tokens(text: str) -> list[Token]:
    """Split `text` into tokens."""
    spelling = spelled(text)
    return [Token(token[0], *spelling.origin(*token.span())) for token in _tokens(spelling.text)]


def is_word(token: str) -> bool:
    """Is the token a word, so that it may be the beginning of a longer one?"""
    return _WORD.fullmatch(token[0]) is not None


@lru_cache(maxsize=4_096)
def special(kind: str, text: str = "") -> tuple[str, ...]:
    """Return special tokens of a kind (one letter): one for each token of `text`, or a single one without a text."""
    if not text:
        return (LEAD + kind,)
    return tuple([f"{LEAD}{kind}{token.text.removeprefix(LEAD)}" for token in tokens(text)])


# Stems: words with the same stem count as forms of one word

_LEAST_STEMMED = 3
_SHORT = 4
"""Too many words begin with a stem of up to this many letters, so only words with a common ending are compared. The
limit is one letter less for a stem that begins with a vowel."""
_VOWELS = "aeiou"
_ENDINGS = ("s", "e", "d", "ing", "ly", "ful", "ness", "able")
_OTHER_ENDS = {"ie": ("y",), "bl": ("bil",), "e": ("i", "a"), "i": ("y",), "y": ("i",)}
"""The endings that can replace the end of a stem."""
_is_english = re.compile("[a-z]+").fullmatch


@cache
def _stemmer() -> Callable[[str], str]:
    # Only here: it takes 10 ms, for all its languages, which opening the search screen would wait for.
    from snowballstemmer import stemmer

    stem_word: Callable[[str], str] = stemmer("english").stemWord
    return stem_word


@lru_cache(maxsize=1 << 15)
def stem_of(word: str) -> str:
    """Return the stem of a folded word; "" for a number, a very short word or one of another alphabet."""
    if len(word) < _LEAST_STEMMED or not _is_english(word):
        return ""
    return _stemmer()(word)


def starts_of(stem: str) -> tuple[str, ...]:
    """Return the stem and the other beginnings that words with this stem may have."""
    end = next((end for end in _OTHER_ENDS if stem.endswith(end)), "")
    base = stem.removesuffix(end)
    return (stem, *(base + other for other in _OTHER_ENDS.get(end, ())))


def form_ranges(stem: str) -> list[tuple[str, bool]]:
    """Return the words, and the beginnings of words (True), among which the words with a stem are."""
    _, *others = starts = starts_of(stem)
    if len(stem) > _SHORT - (stem[0] in _VOWELS):
        return [(start, True) for start in starts]
    doubled = [stem + stem[-1] + ending for ending in ("ed", "ing")] if stem[-1] not in _VOWELS else []
    endings = [stem + ending for ending in _ENDINGS]
    return [(stem, False), *((start, True) for start in (*others, *endings, *doubled))]


# The index

_COLUMNS = f"rowid, {', '.join(PARTS)}, {FACETS}"
_SEPARATOR = f" {LEAD}b "


def texts(article: Article) -> tuple[str, ...]:
    """Return the texts to index for an article: its day, its parts in the order of PARTS, its special tokens.

    Pure, so it can run in another process.
    """
    sponsor = () if article.sponsor is None else (article.sponsor,)
    return (
        str(ordinal(article.published)),
        indexed(article.headline or ""),
        indexed(article.deck or ""),
        indexed(" ".join([block.text for block in article.body])),
        _apart([*article.authors, *[bio.text for bio in article.bios], *sponsor]),
        _apart([text for figure in article.figures for text in figure_texts(figure)]),
        _facets(article),
    )


def ordinal(published: str | None) -> int:
    """Return the day of a printed date, counted from 1 for 0001-01-01; 0 without a date."""
    if published is None:
        return 0
    try:
        return date.fromisoformat(published).toordinal()
    except ValueError:
        return 0


def figure_texts(figure: Figure) -> list[str]:
    """Return the visible texts of a figure."""
    return [text for text in (figure.caption, figure.credit) if text] or [figure.alt or ""]


def _apart(texts: Sequence[str]) -> str:
    """Join texts with a separator token, so that no phrase spans two."""
    return _SEPARATOR.join(map(indexed, texts))


def _facets(article: Article) -> str:
    facets = [*special(ALL), *special(WHOLE if article.truncated is None else TRUNCATED)]
    if article.sponsored is not None:
        facets += special(SPONSORED) + special(SECTION, "sponsored")
    if article.doubtful:
        facets += special(DOUBTFUL)
    if article.section:
        facets += special(SECTION, article.section)
    elif article.sponsored is None:
        facets += special(SECTION, "unsectioned")
    if article.sponsor:
        facets += special(SPONSOR, article.sponsor)
    for author in article.authors:
        facets += special(AUTHOR, author)
    return " ".join(facets)


def update(database: Database, changes: Changes) -> None:
    """In the open transaction, index the newly listed articles, remove the unlisted ones, and update their marks.

    The unlisted ones must be in `changes.texts` or still in `records`.
    """
    marks.update(database, changes)
    moved = [key for key in changes.touched if key in changes.merged]
    gone = [*changes.unlisted, *moved]
    if gone:
        before = {key: merged.before for key, merged in changes.merged.items()}
        places = ", ".join("?" * (len(PARTS) + 3))
        database.run_many(
            f"INSERT INTO search (search, {_COLUMNS}) VALUES ({places})",
            [("delete", *row) for row in _rows(database, changes.texts, gone, before)],
        )
    after = {key: merged.after for key, merged in changes.merged.items()}
    database.insert("search", _COLUMNS, _rows(database, changes.texts, [*changes.listed, *moved], after))


def _rows(
    database: Database,
    known_texts: Mapping[int, tuple[str, ...]],
    keys: Iterable[int],
    facts: Mapping[int, Facts],
) -> list[tuple[int | str, ...]]:
    """Return the index rows of articles, in the order of the index, which is the fastest to write."""
    rows: list[tuple[int | str, ...]] = []
    for key in keys:
        article_texts = None if facts.get(key) else known_texts.get(key)
        if article_texts is None:
            (record,) = database.first_row("SELECT record FROM records WHERE key = ?", (key,)) or (None,)
            with suppress(ValueError, TypeError, AttributeError):  # `check` reports a damaged record.
                article_texts = texts(representatives.with_facts(decode_article(record), facts.get(key, ())))
        if article_texts is not None:
            day, *parts = article_texts
            rows.append((int(day) << KEY_BITS | key, *parts))
    rows.sort(key=lambda row: row[0])
    return rows
