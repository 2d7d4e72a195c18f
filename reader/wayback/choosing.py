"""Which of a page's captures is the best. Pure.

The rule, in this order:

1. Only HTML that the site answered with status 200, within the dates asked for.
2. Captures from before the site closed before later ones, which may show what the address was given to since.
3. Whole before short: at least three quarters as long as the longest. Notices, errors and consent pages are short.
4. The page's own address before the same with a query (`?rebelltitem=2`).
5. The latest: corrections are in it. Of two of one second, the longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reader.wayback.pattern import is_plain, page_key

WHOLE = 0.75
"""The least part of the longest capture's length that a whole one has."""
CLOSED = {"protocol.com": "2022"}
"""Host -> the last year, or moment, of the site."""


class Listed(NamedTuple):
    """One capture as an archive lists it."""

    timestamp: str
    """When it was made: 14 digits, YYYYMMDDhhmmss, UTC."""
    url: str
    """The address captured, as `clean_url` gives it."""
    length: int
    """Bytes it takes up in the archive, packed; 0 when unknown. Good only to compare captures of one page."""

    @property
    def key(self) -> str:
        """What the captures of one page have in common."""
        return page_key(self.url)


class Choice:
    """The best captures of the pages seen so far; keeps only what may still become the best."""

    def __init__(self) -> None:
        self.seen = 0
        """Captures taken in."""
        self._pages: dict[str, list[_Ranked]] = {}

    def take(self, captures: Iterable[Listed]) -> None:
        """Consider these captures too."""
        for capture in captures:
            self.seen += 1
            new = _rank(capture)
            rivals = self._pages.setdefault(capture.key, [])
            if not any(_beats(rival, new) for rival in rivals):
                rivals[:] = [rival for rival in rivals if not _beats(new, rival)]
                rivals.append(new)

    def best(self) -> list[Listed]:
        """The best capture of each page, by the pages' addresses."""
        return [_best(self._pages[key]) for key in sorted(self._pages)]


class _Ranked(NamedTuple):
    """What the rule looks at: more is better, field by field."""

    in_time: bool
    plain: bool
    timestamp: str
    length: int
    capture: Listed


def _rank(capture: Listed) -> _Ranked:
    host = capture.key.partition("/")[0].partition("?")[0]
    closed = next((end for site, end in CLOSED.items() if host == site or host.endswith(f".{site}")), "9")
    in_time = capture.timestamp[: len(closed)] <= closed
    return _Ranked(in_time, is_plain(capture.url), capture.timestamp, capture.length, capture)


def _beats(one: _Ranked, other: _Ranked) -> bool:
    """Whether `other` can be left out: whatever comes, `one` will be chosen before it."""
    return (
        one.in_time >= other.in_time
        and one.plain >= other.plain
        and one.timestamp >= other.timestamp
        and one.length >= other.length
    )


def _best(rivals: list[_Ranked]) -> Listed:
    in_time = [rival for rival in rivals if rival.in_time] or rivals
    longest = max(rival.length for rival in in_time)
    whole = [rival for rival in in_time if rival.length >= WHOLE * longest]
    return max(whole, key=lambda rival: (rival.plain, rival.timestamp, rival.length)).capture
