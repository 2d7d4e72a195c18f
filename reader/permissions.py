"""What this process may do on the machine that it runs on: all for its owner, little for a visitor in a browser.

A session of `protocol-reader serve` gives up the permissions before it opens anything. Screens ask `permitted` in order
not to offer what is refused; the code that acts calls `require`, so that nothing depends on what a screen offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from reader.errors import NotPermittedError


class Permission(Enum):
    """Something that a person can have the reader do; the value says why a visitor cannot."""

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
    """Whether this process may do that."""
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
