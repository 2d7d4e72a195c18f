"""Reads the forms in which captures say when they were made; writes ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from reader.sanitize import parse_http_date

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""Years of the web: a number that gives another year does not count seconds."""
_ISO: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,12})?)?\s?(?:Z|UTC|GMT|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)
_LONGEST: Final = 64


def time_of(value: object) -> str | None:
    """`value` as YYYY-MM-DDTHH:MM:SSZ, or YYYY-MM-DD where it has no time of day; None when it is neither.

    It may be ISO 8601, "20220812 103000", 14 or 8 digits, the date of a HTTP header, seconds since 1970 or
    thousandths or millionths of them, as text or number, or a date of Python. What names no zone is UTC.
    """
    try:
        if isinstance(value, datetime):
            return _written(value if value.tzinfo else value.replace(tzinfo=UTC))
        if isinstance(value, date):
            return value.isoformat() if _FIRST_YEAR <= value.year <= _LAST_YEAR else None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        if isinstance(value, float):
            return _since_1970(value)
        text = str(value).strip() if isinstance(value, int) or len(value) <= _LONGEST else ""
        return _of_text(text)
    except (ValueError, OverflowError, TypeError):
        return None


def _of_text(text: str) -> str | None:
    if match := _ISO.fullmatch(text):
        try:
            return _of_parts(*match.groups())
        except ValueError:  # It may still be a number of seconds.
            pass
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text))
    if "," in text or text.endswith("GMT"):
        found = parse_http_date(text)
        return None if found is None else _written(found)
    return None


def _of_parts(
    year: str,
    month: str,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    sign: str | None,
    off_hours: str | None,
    off_minutes: str | None,
) -> str:
    found = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(year)
    if hour is None or minute is None:
        return f"{year}-{month}-{day}"
    # A leap second has no number of its own in Python.
    found = found.replace(hour=int(hour), minute=int(minute), second=min(int(second or 0), 59))
    if sign:
        off = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
        found = found.replace(tzinfo=timezone(off if sign == "+" else -off))
    return _written(found) or ""


def _since_1970(number: float) -> str | None:
    if not number > 0:
        return None
    for unit in (1, 1e3, 1e6, 1e9):
        seconds = number / unit
        if seconds < 5e9:
            return _written(datetime.fromtimestamp(seconds, UTC))
    return None


def _written(moment: datetime) -> str | None:
    moment = moment.astimezone(UTC)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
