"""Limits what this process may do on its machine, and creates files that only their owner may read.

A session of `protocol-reader serve`, for a visitor in a browser, gives up its permissions before it opens anything.
Screens call `permitted` to avoid offering forbidden actions. The code that acts calls `require`, so that safety does
not depend on screens. The program's own files, such as the library, are private to their owner.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from reader.errors import NotPermittedError

LIBRARY_ID: Final = 0x50524452
"""Marks an SQLite file as a library of this program ("PRDR"), which no export replaces."""


class Permission(Enum):
    """Something that the reader can do. The value explains why a visitor may not."""

    RUN_COMMANDS = "Commands cannot be run in a browser: they would run on the machine that serves the reader"
    SUSPEND = "A browser has no shell to return to; q quits the reader"
    FETCH = "Pages cannot be fetched in a browser: the machine that serves the reader would have to do it"
    WRITE_FILES = "In a browser, files are downloaded, not written on the machine that serves the reader"
    WRITE_SETTINGS = "In a browser, settings last until you close the page and are not written to a file"
    OWN_SETTINGS = "This cannot be set in a browser, only by the person who serves the reader"
    REMEMBER_WINDOW = "In a browser, what is open is not remembered, because all pages would share it"


_held = frozenset(Permission)


def permitted(permission: Permission) -> bool:
    """Return whether this process has a permission."""
    return permission in _held


def require(permission: Permission) -> None:
    """Raise NotPermittedError if this process does not have a permission."""
    if permission not in _held:
        raise NotPermittedError(permission.value)


@contextmanager
def visiting() -> Iterator[None]:
    """Take all permissions from all threads of the process until the block ends."""
    global _held
    _held = frozenset()
    try:
        yield
    finally:
        _held = frozenset(Permission)


def make_private_folder(folder: Path) -> None:
    """Create a folder and its parents, if they do not exist. Only the owner may enter new ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_private_file(path: Path) -> int:
    """Open a file, and return its descriptor. A new one only its owner may read."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def replace_file(path: Path, text: str) -> None:
    """Replace a file atomically, keeping its mode; a new file is private."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(create_private_file(beside), "w", encoding="utf-8", newline="") as file:
            file.truncate()
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
