"""What the reader remembers of itself between two starts, beside the library: one small file in the state folder.

The file may be lost: what cannot be read counts as nothing remembered, what cannot be written is not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.permissions import Permission, permitted

FILE = "windows.json"
"""Its name in the state folder."""
MOST_WINDOWS: Final = 100
"""Of how many libraries and sets of paths the window is remembered; the oldest goes."""
_MOST_BYTES = 1_000_000
_LONG = 500
"""Names of more characters are kept as digests."""


class Window(NamedTuple):
    """What was open, in plain words; what is not said is as usual."""

    pane: str = "list"
    sidebar: bool = True
    zen: bool = False
    section: str = ""
    """Empty for all."""
    truncated: str = "all"
    sponsored: str = "all"
    unread: str = "all"
    starred: str = "all"
    """Of the filters by badge and mark: all, hide, only."""
    sort: str = ""
    """Empty for the order that the settings begin with."""
    text_width: int = 0
    """Columns of text; 0 for as many as the settings say."""
    capture: str = ""
    """The digest of the capture that the article is from, where no library keeps that; else empty."""
    line: int = 0
    """The first line of the article in it, from 1."""
    block: int = 0
    offset: int = 0
    """The place in the article."""


class SessionStore:
    """The windows of this user, and whether the first steps have been shown."""

    def __init__(self, folder: Path, name: str, *, windows: bool = True) -> None:
        """`folder` of the state; `name` of what is open, "" for none; `windows`: whether they are remembered."""
        self._file = folder / FILE
        self._name = name if windows else ""
        self.windows = windows
        """Whether what was open is to be open again."""
        kept = _read(self._file)
        self.welcomed = kept.get("welcomed") is True
        """Whether the first steps have been shown."""
        self.window = _window(_windows(kept).get(self._name)) if self._name else None
        """What was open last; None when that is not known."""

    def keep(self, window: Window) -> None:
        """Remember what is open."""
        if not self._name or window == self.window:
            return
        kept = _read(self._file)
        windows = _windows(kept)
        windows.pop(self._name, None)
        windows[self._name] = window._asdict()
        self._write({**kept, "windows": dict(list(windows.items())[-MOST_WINDOWS:])})
        self.window = window

    def welcome(self) -> None:
        """Remember that the first steps have been shown."""
        self.welcomed = True
        self._write({**_read(self._file), "welcomed": True})

    def _write(self, kept: Mapping[str, Any]) -> None:
        """Beside, and then under the name; where that cannot be, nothing is remembered, which is no error."""
        if not permitted(Permission.REMEMBER_WINDOW):
            return
        part = self._file.with_name(f"{FILE}.{os.getpid()}.part")
        with suppress(OSError):
            try:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123
                    json.dump(kept, out, indent=1)
                part.replace(self._file)
            finally:
                part.unlink(missing_ok=True)


def name_of_library(path: Path) -> str:
    """The name by which the window of a kept library is remembered."""
    return _name("library", [str(path)])


def name_of_captures(paths: Sequence[str]) -> str:
    """The name by which the window of a set of paths is remembered; "" when one of them is standard input."""
    return "" if "-" in paths else _name("captures", paths)


def _name(kind: str, paths: Sequence[str]) -> str:
    name = "\n".join([kind, *sorted({os.path.realpath(path) for path in paths})])
    if len(name) <= _LONG:
        return name
    from hashlib import sha256

    return f"{kind}\n{sha256(name.encode(errors='surrogatepass')).hexdigest()}"


def _read(file: Path) -> dict[str, Any]:
    """The file's content; nothing when there is none or it is damaged."""
    with suppress(OSError, ValueError, RecursionError):
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            kept = json.loads(file.read_bytes())
            if isinstance(kept, dict):
                return kept
    return {}


def _windows(kept: Mapping[str, Any]) -> dict[str, Any]:
    windows = kept.get("windows")
    return dict(windows) if isinstance(windows, dict) else {}


def _window(kept: object) -> Window | None:
    """A window with what is of the right type in `kept`."""
    if not isinstance(kept, dict):
        return None
    usual = Window()
    right = {
        name: value
        for name, value in kept.items()
        if name in Window._fields and type(value) is type(getattr(usual, name))
    }
    return usual._replace(**right)
