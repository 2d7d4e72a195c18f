"""Names of authors as lists of references need them: the family name apart from the others."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_PARTICLES: Final = frozenset(
    "af al ap av bin d da das de del della den der des di do dos du el la le van von zu zum zur ten ter".split()
)
_SUFFIXES: Final = frozenset("jr jr. sr sr. ii iii iv".split())
_OFFICES: Final = frozenset(
    "agency association board bureau co. company corporation desk editors foundation group inc inc. institute "
    "labs llc ltd ltd. media network newsroom partners press protocol reports service staff team the".split()
)
"""Words of organisations, which are no one's names."""
_LETTER: Final = r"[^\W\d_]"


class Name(NamedTuple):
    """An author, or an organisation."""

    family: str
    """The family name with its particles ("van Haas"); the whole name where there is no other."""
    given: str = ""
    suffix: str = ""
    """As in "Jr."."""


def to_name(text: str) -> Name:
    """A name as a page prints it, taken apart; an organisation's is left whole."""
    words = text.split()
    if len(words) < 2 or _OFFICES & {word.casefold().strip(",") for word in words}:
        return Name(" ".join(words))
    if not all(re.search(_LETTER, word) for word in words) or "," in text.rstrip(","):
        return _with_suffix(text, words)
    return _split(words, "")


def _with_suffix(text: str, words: list[str]) -> Name:
    """A name with a comma in it: what follows is a suffix, or else it is nothing to take apart."""
    before, _, after = text.partition(",")
    if after.strip().casefold() in _SUFFIXES and len(before.split()) > 1:
        return _split(before.split(), after.strip())
    return Name(" ".join(words))


def _split(words: list[str], suffix: str) -> Name:
    if not suffix and len(words) > 2 and words[-1].casefold() in _SUFFIXES:
        suffix = words.pop()
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return Name(" ".join(words[start:]), " ".join(words[:start]), suffix)


def inverted(name: Name) -> str:
    """The family name first: "Haas, Bram", "Haas, Bram, Jr."."""
    return ", ".join(filter(None, [name.family, name.given, name.suffix]))


def straight(name: Name) -> str:
    """As one is called: "Bram Haas", "Bram Haas Jr."."""
    return " ".join(filter(None, [name.given, name.family, name.suffix]))


def initials(name: Name) -> str:
    """The family name, and the first letters of the others: "Haas, B. J.", "Haas, J.-L."."""
    given = re.sub(r"\.(?=\S)(?!-)", ". ", name.given)
    short = [
        "-".join(f"{part[0].upper()}." for part in word.split("-") if re.match(_LETTER, part))
        for word in given.split()
    ]
    return ", ".join(filter(None, [name.family, " ".join(filter(None, short)), name.suffix]))
