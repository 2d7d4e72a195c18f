"""Hyphenation by the dictionaries of pyphen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from reader.app.text.wrapping import Hyphenate
from reader.errors import ReaderError
from reader.extras import needs_extra

OFF = "off"
AUTO = "auto"
MIN_BEFORE, MIN_AFTER = 2, 3
"""A word has at least this many letters before a hyphen and after it."""
_NO_LANGUAGE = ("", "C", "POSIX")


class HyphenationError(ReaderError):
    """Words of a language cannot be hyphenated; the message says why."""


def load_hyphenation(wanted: str) -> Hyphenate | None:
    """Load the hyphenation for a setting, "off", "auto" or a language; None if words stay whole.

    Loading a dictionary takes some 50 ms, so do not call it in the screen's thread. Raises HyphenationError if pyphen
    is missing or does not know the language; with "auto", an unknown language is no error.
    """
    language = terminal_language() if wanted == AUTO else wanted
    if language is None or wanted == OFF:
        return None
    try:
        return _dictionary(language)
    except ImportError as error:
        raise HyphenationError(needs_extra("Hyphenation", "hyphenation")) from error
    except KeyError as error:
        if wanted == AUTO:
            return None
        raise HyphenationError(
            f"There is no hyphenation for “{wanted}”; choose a language such as en_US, or off"
        ) from error


def terminal_language() -> str | None:
    """The language of the terminal's locale, such as "en_US"; None if it has none."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            language = value.partition(".")[0].partition("@")[0]
            return None if language in _NO_LANGUAGE else language
    return None


@lru_cache(maxsize=4)
def _dictionary(language: str) -> Hyphenate:
    import pyphen

    dictionary: Any = pyphen.Pyphen(lang=language, left=MIN_BEFORE, right=MIN_AFTER)

    def points(word: str) -> Sequence[int]:
        # Skip breaks that would change letters, such as "Zucker" to "Zuk-ker" in old German.
        return [int(point) for point in dictionary.positions(word) if point.data is None]

    return points
