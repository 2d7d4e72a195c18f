"""The dates of HTTP and of mail, as servers and saved pages write them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(text: str | None) -> datetime | None:
    """The moment that a date such as "Fri, 12 Aug 2022 10:30:00 GMT" names, in UTC; None when it names none.

    A date without a zone is in UTC.
    """
    from email.utils import (
        parsedate_to_datetime,
    )  # Only here: it is large, and most captures need none of it.

    try:
        found = parsedate_to_datetime(text or "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
