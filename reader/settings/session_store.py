"""What is restored at the next start: one small file in the state folder.

The file may be lost: one that cannot be read or written is ignored.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from reader.permissions import Permission, make_private_folder, permitted, replace_file

FILE = "windows.json"
"""Its name in the state folder."""
_MOST_BYTES = 1_000_000


class Window(NamedTuple):
    """The state of the reader when it was closed."""

    pane: str = "list"
    sidebar: bool = True
    zen: bool = False
    section: str = ""
    """The listed section; empty for all."""
    truncated: str = "all"
    sponsored: str = "all"
    unread: str = "all"
    starred: str = "all"
    """The filters by badge and mark: all, hide or only."""
    sort: str = "added"
    """The order of the list."""
    text_width: int = 0
    """Columns of text; 0 for those of the settings."""


class SessionStore:
    """The windows of this user, and whether the first-steps screen has been shown."""

    def __init__(self, folder: Path, name: str) -> None:
        """`folder`: the state folder. `name`: the library's path, or "" to remember no window."""
        self._file = folder / FILE
        self._name = name
        kept = self._read()
        self.welcomed = kept.get("welcomed") is True
        """True if the first-steps screen has been shown."""
        self.window: Window | None = None
        """The last state; None if unknown."""
        if isinstance(window := kept["windows"].get(self._name), dict):
            default = Window()
            valid = {
                name: value
                for name, value in window.items()
                if name in Window._fields and type(value) is type(getattr(default, name))
            }
            self.window = default._replace(**valid)

    def keep(self, window: Window) -> None:
        """Remember an open window."""
        if not self._name or window == self.window:
            return
        kept = self._read()
        kept["windows"][self._name] = window._asdict()
        self._write(kept)
        self.window = window

    def welcome(self) -> None:
        """Remember that the first-steps screen has been shown."""
        self.welcomed = True
        self._write({**self._read(), "welcomed": True})

    def _read(self) -> dict[str, Any]:
        kept = None
        with suppress(OSError, ValueError, RecursionError):
            if self._file.is_file() and self._file.stat().st_size <= _MOST_BYTES:
                kept = json.loads(self._file.read_bytes())
        kept = kept if isinstance(kept, dict) else {}
        windows = kept.get("windows")
        return {**kept, "windows": windows if isinstance(windows, dict) else {}}

    def _write(self, kept: Mapping[str, Any]) -> None:
        if permitted(Permission.REMEMBER_WINDOW):
            with suppress(OSError):
                make_private_folder(self._file.parent)
                replace_file(self._file, json.dumps(kept, indent=1))
