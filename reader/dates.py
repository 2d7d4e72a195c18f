"""Reads dates and times in the forms in which captures and servers write them. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""The years of the web. A number that gives another year is not a timestamp."""
_LONGEST_DATE = 64
_DAY_FORMS = ("%Y-%m-%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")
"""The forms of a day beside ISO 8601 that have only one meaning."""


def parse_http_date(text: str | None) -> datetime | None:
    """Parse a date of HTTP or mail ("Fri, 12 Aug 2022 10:30:00 GMT", in UTC if it has no zone); None if invalid."""
    # Its import takes 13 ms, and most captures do without.
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def time_of(value: object) -> str | None:
    """Convert `value` to YYYY-MM-DDTHH:MM:SSZ, or to YYYY-MM-DD if it has no time of day; None if it is not a date.

    Accepts ISO 8601, also with slashes, "20220812 103000", 14 or 8 digits, an HTTP date, "Aug. 12, 2022", "12 August
    2022", seconds or milliseconds since 1970 as text or number, and Python dates. Without a time zone, it is UTC.
    """
    try:
        if isinstance(value, datetime):
            return _written(value)
        if isinstance(value, date):
            return value.isoformat() if _FIRST_YEAR <= value.year <= _LAST_YEAR else None
        if isinstance(value, float):
            return _since_1970(value)
        if isinstance(value, int | str) and not isinstance(value, bool):
            text = str(value).strip()
            return _of_text(text) if len(text) <= _LONGEST_DATE and text.isascii() else None
    except (ValueError, OverflowError, TypeError):
        pass
    return None


def _of_text(text: str) -> str | None:
    """Convert a date in one of the forms of `time_of`. ValueError if it is not a date."""
    if re.match(r"\d{4}/", text):
        text = text.replace("/", "-")
    if text.isdigit() and len(text) in (len("YYYYMMDDhhmm"), len("YYYYMMDDhhmmss")):
        iso = f"{text[:8]}T{text[8:]}"
    elif re.fullmatch(r"\d{9,13}(?:\.\d{1,9})?", text, re.ASCII):
        return _since_1970(float(text))
    else:
        iso = re.sub(r"\s?(?:UTC|GMT|Z)$", "+00:00", text, flags=re.IGNORECASE)
    try:
        if len(text) <= len("YYYY-MM-DD"):
            return time_of(date.fromisoformat(text))
        return _written(datetime.fromisoformat(iso))
    except ValueError:
        for form in _DAY_FORMS:
            with suppress(ValueError):
                return time_of(datetime.strptime(re.sub(r"(?:(?<=Sep)t)?\.", "", text), form).date())
        moment = parse_http_date(text) if "," in text or text.endswith("GMT") else None
        return None if moment is None else _written(moment)


def _since_1970(number: float) -> str | None:
    seconds = number if number < 5e9 else number / 1000
    # No year this far from 1970 is accepted, and Python fails for some.
    return _written(datetime.fromtimestamp(seconds, UTC)) if abs(seconds) < 5e9 else None


def _written(moment: datetime) -> str | None:
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
