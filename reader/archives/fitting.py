"""Matches addresses of pages with the headlines of stories. Pure.

The address of a story's page contains some words of its headline, in order: `/china/rooftop-farms-lettuce` is “The
rooftop farms are not feeding anyone lettuce yet”. So an address fits a headline that contains all of its words in that
order. The more words, the surer the match.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from reader.archives.addresses import page_key

MOST = 3
"""The most pages for one story, if several fit equally well."""
_SURE = 4
_LIKELY = 3
_LEAST = 2
_LITTLE = frozenset(
    "a an and are as at be but by for from has have how in is it its of on or our that the their this to was what when"
    " who why will with you your".split()
)
"""Words that do not distinguish stories."""


class Trust(IntEnum):
    """Confidence that an address is a story's."""

    LIKELY = 1
    """Three distinctive words of the headline, or two in the story's own section."""
    SURE = 2
    """Four distinctive words, or all that the headline has."""
    KNOWN = 3
    """A capture has this address."""


class MissingStory(NamedTuple):
    """A story whose page is missing."""

    headline: str | None
    section: str | None
    address: str | None
    """Its own address, if known."""


class Fit(NamedTuple):
    """A page that may be a story's."""

    story: int
    """Index of the story."""
    page: int
    """Index of the page."""
    trust: Trust


def fits(pages: Sequence[str], wanted: Sequence[MissingStory]) -> list[Fit]:
    """The best pages (addresses as `clean_url` returns them) for each story, at most `MOST`, story by story."""
    keys: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        keys.setdefault(page_key(page), []).append(number)
    index = _Headlines(wanted)
    best: dict[int, list[tuple[tuple[int, int], int]]] = {}
    for number, page in enumerate(pages):
        for story, trust, word_count in index.matches(page):
            best.setdefault(story, []).append(((trust, word_count), number))
    result = []
    for story, (_, _, address) in enumerate(wanted):
        known = keys.get(page_key(address), []) if address is not None else []
        if known:
            result += [Fit(story, page, Trust.KNOWN) for page in known[:MOST]]
        elif story in best:
            top = max(rank for rank, _ in best[story])
            pages_of = sorted(page for rank, page in best[story] if rank == top)
            result += [Fit(story, page, Trust(top[0])) for page in pages_of[:MOST]]
    return result


class _Headlines:
    """An index of headlines by their words."""

    def __init__(self, wanted: Sequence[MissingStory]) -> None:
        self._words = [words(story.headline or "") for story in wanted]
        self._sections = [slug(story.section or "") for story in wanted]
        self._with: dict[str, list[int]] = {}
        for story, headline in enumerate(self._words):
            for word in dict.fromkeys(headline):
                self._with.setdefault(word, []).append(story)

    def matches(self, page: str) -> Iterable[tuple[int, Trust, int]]:
        """The stories that a page fits, how surely, and with how many distinctive words."""
        section, name = page_words(page)
        distinctive = [word for word in name if word not in _LITTLE]
        if len(distinctive) < _LEAST or not all(word in self._with for word in name):
            return
        for story in self._with[min(name, key=lambda word: len(self._with[word]))]:
            left = iter(self._words[story])
            if not all(word in left for word in name):  # in this order
                continue
            in_headline = sum(word not in _LITTLE for word in self._words[story])
            if len(distinctive) >= _SURE or len(distinctive) == in_headline:
                yield story, Trust.SURE, len(distinctive)
            elif len(distinctive) == _LIKELY or (section and section == self._sections[story]):
                yield story, Trust.LIKELY, len(distinctive)


def words(text: str) -> list[str]:
    """The words of a headline as in addresses: lower-case letters and digits, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", re.sub(r"['’‘ʼ]", "", plain))


def slug(text: str) -> str:
    """A section as in addresses."""
    return "-".join(words(text))


def page_words(page: str) -> tuple[str, list[str]]:
    """The section and the words of a page's address, without a number at the end, which only makes it unique."""
    folders = [unquote(part) for part in urlsplit(page).path.split("/") if part]
    if not folders:
        return "", []
    # Some write “who’s” as who-s.
    name = words(
        re.sub(r"(?<=\w)-([st])(?![a-z0-9])", r"\1", re.sub(r"\.html?$", "", folders[-1].casefold()))
    )
    if len(name) > 1 and name[-1].isdigit() and (len(name[-1]) == 1 or len(name[-1]) > 4):
        name = name[:-1]
    return (slug(folders[0]) if len(folders) > 1 else ""), name
