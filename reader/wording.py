"""Counts as they are said in sentences."""

from __future__ import annotations


def many(number: int, thing: str, several: str = "") -> str:
    """A count with its word: "1 record", "3,000 records"; `several` where more than one are not called so with an s."""
    return f"{number:,} {thing if number == 1 else several or thing + 's'}"
