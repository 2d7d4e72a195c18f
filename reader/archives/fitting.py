"""Matches addresses of pages with the headlines of stories. Pure.

The address of a story's page contains some words of its headline, in order: `/china/rooftop-farms-lettuce` is “The
rooftop farms are not feeding anyone lettuce yet”. So an address fits a headline that contains all of its words in that
order. The more words, the surer the match.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
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


class Fit(NamedTuple):
    """A page that may be a story's."""

    story: int
    page: int
    trust: Trust


def fits(pages: Sequence[str], wanted: Sequence[MissingStory]) -> list[Fit]:
    """The best pages (addresses as `clean_url` returns them) for each story, at most `MOST`, story by story."""
    known: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        known.setdefault(page_key(page), []).append(number)
    best: dict[int, list[tuple[tuple[Trust, int], int]]] = {}
    headlines = [words(story.headline or "") for story in wanted]
    with_word: dict[str, list[int]] = {}
    for story, headline in enumerate(headlines):
        for word in set(headline):
            with_word.setdefault(word, []).append(story)
    for number, page in enumerate(pages):
        section, name = page_words(page)
        if not name or not all(word in with_word for word in name):
            continue
        for story in with_word[min(name, key=lambda word: len(with_word[word]))]:
            is_in_section = bool(section) and section == slug(wanted[story].section or "")
            if rank := _rank(name, headlines[story], is_in_section=is_in_section):
                best.setdefault(story, []).append((rank, number))
    result = []
    for story, (_, _, address) in enumerate(wanted):
        if address is not None and (key := page_key(address)) in known:
            result += [Fit(story, page, Trust.KNOWN) for page in known[key][:MOST]]
        elif story in best:
            top = max(rank for rank, _ in best[story])
            result += [Fit(story, page, top[0]) for rank, page in best[story] if rank == top][:MOST]
    return result


def _rank(name: list[str], headline: list[str], *, is_in_section: bool) -> tuple[Trust, int] | None:
    """How surely an address with these words is that of a headline, and its distinctive words; None if it is not."""
    left = iter(headline)
    if not all(word in left for word in name):  # in this order
        return None
    count, in_headline = (sum(word not in _LITTLE for word in text) for text in (name, headline))
    if count >= _SURE or (count >= _LEAST and count == in_headline):
        return Trust.SURE, count
    if count == _LIKELY or (count >= _LEAST and is_in_section):
        return Trust.LIKELY, count
    return None


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
