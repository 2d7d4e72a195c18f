"""Regular expressions that are compiled at their first use.

The formats' fixed words are about 80 patterns, which take 14 ms to compile. The first page needs a quarter of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_Match = re.Match[str]


class Pattern:
    """A `re.Pattern` that compiles itself when one of its methods is first used, and is as fast from then on."""

    match: Callable[[str], _Match | None]
    fullmatch: Callable[[str], _Match | None]
    search: Callable[[str], _Match | None]
    finditer: Callable[[str], Iterator[_Match]]
    split: Callable[[str], list[str | Any]]
    sub: Callable[[str, str], str]

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method
