"""Dates as a query writes them: a year, a month or a day. Pure."""

from __future__ import annotations

import re
from datetime import date

LAST_DAY = date.max.toordinal() + 1
"""The ordinal behind every day there is."""

_date = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?").fullmatch
_typed = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)-?[0-9]?").fullmatch
_begun = re.compile(r"[0-9]{0,3}").fullmatch


def ordinal(published: str | None) -> int:
    """The day of a printed date, from 1 for 0001-01-01; 0 when there is none."""
    if published is None:
        return 0
    try:
        return date.fromisoformat(published).toordinal()
    except ValueError:
        return 0


def dates_from(name: str, value: str) -> tuple[int, int] | None:
    """The days that `before:` or `after:` a date means, from the first to before the last; None for no date.

    after:2021 is from the first day of 2021 on, before:2021 until the last day of 2020.
    """
    found = _date(value)
    if found is None:
        return None
    try:
        first = date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).toordinal()
    except ValueError:
        return None
    return (first, LAST_DAY) if name == "after" else (1, first)


def typed_date(value: str) -> str:
    """What of a date that is being typed is one already; "" when nothing is, the whole when it cannot become one."""
    if _begun(value):
        return ""
    found = _typed(value)
    return found[1] if found else value
