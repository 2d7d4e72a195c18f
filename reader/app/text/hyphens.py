"""Hyphenation: the dictionaries of pyphen, found by language."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from reader.app.text.wrapping import Hyphenate
from reader.errors import ReaderError

OFF = "off"
AUTO = "auto"
LEAST_BEFORE, LEAST_AFTER = 2, 3
"""The fewest letters of a word before a hyphen and after it."""
_NONE = ("", "C", "POSIX")


class HyphenationError(ReaderError):
    """Words cannot be broken in a language; the message says why."""


def hyphenation(wanted: str, environment: Mapping[str, str] | None = None) -> Hyphenate | None:
    """Load what breaks words for a setting: "off", "auto" or a language; None where words stay whole.

    Loading a dictionary takes some 50 ms: not for the screen's thread. HyphenationError where pyphen is missing or
    does not know the language; a language that "auto" finds and pyphen does not know is no error.
    """
    if wanted == OFF:
        return None
    language = terminal_language(os.environ if environment is None else environment)
    if wanted != AUTO:
        language = wanted
    if language is None:
        return None
    try:
        return _dictionary(language)
    except ImportError as error:
        raise HyphenationError(
            "Hyphenation needs the extra `hyphenation`: pip install 'protocol-reader[hyphenation]'"
        ) from error
    except KeyError as error:
        if wanted == AUTO:
            return None
        raise HyphenationError(
            f"There is no hyphenation for “{wanted}”; name a language such as en_US, or off"
        ) from error


def terminal_language(environment: Mapping[str, str]) -> str | None:
    """The language of the terminal's locale, such as "en_US"; None where it has none."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            language = value.partition(".")[0].partition("@")[0]
            return None if language in _NONE else language
    return None


@lru_cache(maxsize=4)
def _dictionary(language: str) -> Hyphenate:
    import pyphen

    found: Any = pyphen.Pyphen(lang=language, left=LEAST_BEFORE, right=LEAST_AFTER)

    def points(word: str) -> Sequence[int]:
        # Some breaks change letters, as "Zucker" to "Zuk-ker" once did: the text stays as it is.
        return [int(point) for point in found.positions(word) if point.data is None]

    return points
