"""Parses the date formats of captures, and writes ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from reader.sanitize import parse_http_date

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""The years of the web. A number that gives another year is not a timestamp."""
_UTC: Final = re.compile(r"\s?(?:UTC|GMT|Z)$", re.IGNORECASE)
_LEAP_SECOND: Final = re.compile(r"(\d\d:?\d\d:?)60(?!\d)")
_NUMBER: Final = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)
_LONGEST: Final = 64


def time_of(value: object) -> str | None:
    """Convert `value` to YYYY-MM-DDTHH:MM:SSZ, or to YYYY-MM-DD if it has no time of day; None if it is not a date.

    Accepts ISO 8601, "20220812 103000", 14 or 8 digits, an HTTP date, seconds, milliseconds or microseconds since 1970
    as text or number, and Python dates. Without a time zone, it is UTC.
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
    if not text.isascii():
        return None
    try:
        return _of_iso(text)
    except ValueError:  # it may still be a number of seconds
        pass
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text))
    if "," in text or text.endswith("GMT"):
        moment = parse_http_date(text)
        return None if moment is None else _written(moment)
    return None


def _of_iso(text: str) -> str | None:
    """Convert a date in the forms of ISO 8601. ValueError if it is in none, or not of the web's years."""
    if text.isdigit() and len(text) in (len("YYYYMMDDhhmm"), len("YYYYMMDDhhmmss")):
        text = f"{text[:8]}T{text[8:]}"
    elif text.isdigit() and len(text) != len("YYYYMMDD"):
        raise ValueError(text)
    if len(text) <= len("YYYY-MM-DD"):
        day = date.fromisoformat(text)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    else:
        # Python cannot represent leap seconds.
        moment = datetime.fromisoformat(_LEAP_SECOND.sub(r"\g<1>59", _UTC.sub("+00:00", text)))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(text)
    return f"{moment:%Y-%m-%d}" if len(text) <= len("YYYY-MM-DD") else _written(moment)


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
