"""What the overview says of numbers: pure functions."""

from __future__ import annotations

from reader.library.listings.overview import Count, Shares
from reader.wording import many


def ends(articles: int, truncated: int, detailed: bool) -> tuple[str, ...]:
    """What is said at the end of a row: how many, and, where there is room, how many of them are cut off."""
    cut = f"{truncated:,} truncated" if truncated else ""
    return (f"{articles:,}", cut) if detailed else (f"{articles:,}",)


def in_words(count: Count) -> str:
    """How many articles, and how many of them are whole, truncated and sponsored."""
    shares: Shares = count.shares
    told = (
        (shares.whole + shares.completed, "whole"),
        (shares.truncated, "truncated"),
        (shares.sponsored, "sponsored"),
    )
    parts = ", ".join(f"{number:,} {name}" for number, name in told if number)
    return f"{many(count.articles, 'article')} · {parts}"


def dates(first: str | None, last: str | None, detailed: bool) -> str:
    """From when till when, by days or by months."""
    days = [(day or "")[: None if detailed else 7] for day in (first, last)]
    return " – ".join(dict.fromkeys(filter(None, days))) or "no date"


def percent(number: int, total: int) -> str:
    """A share; nothing but all is 100 %, and nothing but none is 0 %."""
    share = 100 * number / total if total else 0
    if number and share < 1:
        return "under 1 %"
    return f"{min(share, 99) if number < total else share:.0f} %"
