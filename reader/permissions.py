"""What this process may do on its machine, and files that only their owner may read.

A session of `protocol-reader serve`, for a visitor in a browser, gives up all permissions before it opens anything.
Screens call `permitted` so as not to offer what is refused; the code that acts calls `require`, so that nothing depends
on what a screen offers. What the program keeps for itself, such as the library, is private to its owner.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from reader.errors import NotPermittedError


class Permission(Enum):
    """Something that the reader can do; the value says why not for a visitor."""

    RUN_COMMANDS = "In a browser no command is run: it would run on the machine that serves the reader"
    SUSPEND = "In a browser there is no shell to go to; q ends the reader"
    FETCH = "In a browser nothing is fetched: the machine that serves the reader would ask for it"
    WRITE_FILES = "In a browser no file is written on the machine that serves the reader; it is downloaded"
    WRITE_SETTINGS = "In a browser settings hold until the page is closed, and are not written to a file"
    OWN_SETTINGS = "In a browser this cannot be set: it is for whoever serves the reader"
    REMEMBER_WINDOW = "In a browser what is open is not remembered: all pages would share it"


OWNER: Final = frozenset(Permission)
"""On the terminal."""
VISITOR: Final[frozenset[Permission]] = frozenset()
"""In a browser."""

_held = OWNER


def permitted(permission: Permission) -> bool:
    """Return whether this process may do that."""
    return permission in _held


def require(permission: Permission) -> None:
    """Raise NotPermittedError where this process may not do that."""
    if permission not in _held:
        raise NotPermittedError(permission.value)


@contextmanager
def limited_to(permissions: frozenset[Permission]) -> Iterator[None]:
    """Hold no more than these, in all threads of the process, until the block ends."""
    global _held
    before = _held
    _held = before & permissions
    try:
        yield
    finally:
        _held = before


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents, if they do not exist; only their owner may enter new ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_private_file(path: Path, *, may_exist: bool = False) -> int:
    """Open a new file that only its owner may read; the descriptor. FileExistsError if it exists and may not."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (0 if may_exist else os.O_EXCL), 0o600)


def replace_file(path: Path, text: str) -> None:
    """Replace a file at once, so that there is always a complete one. It keeps its mode; a new one is private."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(
            create_private_file(beside, may_exist=True), "w", encoding="utf-8", newline=""
        ) as file:
            file.truncate()
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
