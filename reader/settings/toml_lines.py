"""Where the keys and the values of a TOML file stand, which `tomllib` does not tell. For text that it has read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

Path = tuple[str, ...]
_SPACE: Final = re.compile(r"[ \t]*")
_BETWEEN: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE: Final = re.compile(r"[^,\]}#\r\n]+")
_STRINGS: Final = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


class Spot(NamedTuple):
    """Where something stands."""

    path: Path
    """The keys that lead to it."""
    line: int
    """From 1."""
    start: int
    end: int
    """The span of the value in the text, or of the brackets of a table."""
    is_table: bool = False


def spots(text: str) -> list[Spot]:
    """Every table's heading and every key with a value, inline ones too, in the order of the text.

    Elements of arrays have no path, nor has what is in them.
    """
    return list(_Scanner(text).statements())


def lines_of(text: str) -> dict[Path, int]:
    """The line of each path, and of each that leads to it: the first where there are several."""
    found: dict[Path, int] = {}
    for spot in spots(text):
        for length in range(len(spot.path), 0, -1):
            found.setdefault(spot.path[:length], spot.line)
    return found


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def statements(self) -> Iterator[Spot]:
        table: Path = ()
        while True:
            self._skip(_BETWEEN)
            if self._at >= len(self._text):
                return
            if self._text[self._at] == "[":
                start = self._at
                brackets = 2 if self._text.startswith("[[", start) else 1
                self._at += brackets
                table = self._path()
                self._at += brackets
                yield Spot(table, self._line(start), start, self._at, is_table=True)
            else:
                yield from self._pair(table)

    def _pair(self, table: Path) -> Iterator[Spot]:
        line = self._line(self._at)
        path = table + self._path()
        self._at += 1
        self._skip(_SPACE)
        start = self._at
        inside = list(self._value(path))
        yield Spot(path, line, start, self._at)
        yield from inside

    def _path(self) -> Path:
        """Keys with dots between them, and the blanks after them."""
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            if self._text[start] in "\"'":
                self._string()
                keys.append(_unquoted(self._text[start : self._at]))
            else:
                self._skip(_BARE_KEY)
                keys.append(self._text[start : self._at])
            self._skip(_SPACE)
            if self._text[self._at] != "." or self._at == start:
                return tuple(keys)
            self._at += 1

    def _value(self, path: Path | None) -> Iterator[Spot]:
        """Pass over a value; with a path, the keys of an inline table are told."""
        first = self._text[self._at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._at += 1
            while not self._closed("]"):
                yield from self._value(None)
        elif first == "{":
            self._at += 1
            while not self._closed("}"):
                told = list(self._pair(path or ()))
                if path is not None:
                    yield from told
        else:
            self._skip(_BARE_VALUE)
            while self._text[self._at - 1] in " \t":
                self._at -= 1

    def _closed(self, bracket: str) -> bool:
        """Pass over what stands between two elements, and over the closing bracket if it comes then."""
        self._skip(_BETWEEN)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BETWEEN)
        if self._text[self._at] != bracket:
            return False
        self._at += 1
        return True

    def _string(self) -> None:
        for pattern in _STRINGS:
            if (match := pattern.match(self._text, self._at)) is not None:
                self._at = match.end()
                return

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1


def _unquoted(key: str) -> str:
    import tomllib

    value: str = tomllib.loads(f"key = {key}")["key"]
    return value
