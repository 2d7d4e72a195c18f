"""Which file a capture's label names, and what in it: asked of every article with figures, so nothing else is here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

_RECORD: Final = ":"


class Named(NamedTuple):
    """What a label names."""

    path: str
    """A file that is there."""
    inner: str
    """What follows it in the label: a member ("2022/page.html"), a record (":12"), or nothing."""


def named(source: str, elsewhere: Callable[[str], str | None] = lambda _: None) -> Named | None:
    """The file that a label names; None when it is not there any more.

    `elsewhere` knows where a file is whose relative path leads to nothing from here.
    """
    for path, inner in ways(source):
        if _is_file(path):
            return Named(path, inner)
    if source.startswith("/"):
        return None
    for path, inner in ways(source):
        if (known := elsewhere(path)) and _is_file(known):
            return Named(known, inner)
    return None


def ways(source: str) -> Iterator[tuple[str, str]]:
    """How a label can be read: a file, and what is named in it, the longest file first."""
    yield source, ""
    path, colon, record = source.rpartition(_RECORD)
    if colon and record.isdecimal():
        yield path, _RECORD + record
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        yield source[:at], source[at + 1 :]


def _is_file(path: str) -> bool:
    try:
        return os.path.isfile(path)  # noqa: PTH113 (Path does not keep a path's spelling)
    except ValueError:
        return False
