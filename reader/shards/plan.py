"""Paths -> shards: which files are read together, whoever reads them. Depends on the files alone."""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from reader import __version__
from reader.captures import Found, find_files
from reader.captures.shard import FORMAT
from reader.model import Problem
from reader.parsing import PARSER_VERSION

_ALONE: Final = 4 << 20
"""A file of so many bytes is a shard by itself."""
_MOST_FILES, _MOST_BYTES = 1024, 16 << 20
"""What a shard of smaller files holds at most, but for the last of them."""
_USUAL_FILES: Final = 256
"""How many small files a shard has on average."""


class Stamp(NamedTuple):
    """A file as it was when the shards were planned: one that changed has another."""

    size: int
    """In bytes."""
    changed: int
    """When its content changed, in nanoseconds."""


class Wanted(NamedTuple):
    """What shards are to be like."""

    form: str
    """A key of `reader.shards.outputs.FORMS`."""
    lines: bool = False
    """Whether to say of every line what it was read as."""
    site: str | None = None
    """The site whose pages are wanted; None when all are."""
    texts: bool = True
    """Whether the captures are kept as well: not when the pages are only printed."""
    ascii_only: bool = False


class Shard(NamedTuple):
    """Some files in a row, and what was met between them."""

    items: tuple[Found | Problem, ...]
    stamps: tuple[Stamp | None, ...]
    """A stamp an item; None for a problem and for what is no regular file."""
    wanted: Wanted
    number: int
    """Its place among the shards, from 0."""

    @property
    def files(self) -> int:
        """How many files it is made of."""
        return sum(isinstance(item, Found) for item in self.items)

    @property
    def name(self) -> str:
        """Its files in words, for a message."""
        paths = [item.path for item in self.items if isinstance(item, Found)] or ["no file"]
        return paths[0] if len(paths) == 1 else f"{paths[0]} to {paths[-1]}"

    @property
    def identity(self) -> str:
        """16 hex digits by which it is known again: other files, or files that changed, make another shard.

        Paths count as they were given, since rows name them. Where the files lie, on which machine, and what
        shards come before do not count; the version of this program does.
        """
        items = [
            [item.path, item.explicit, stamp] if isinstance(item, Found) else list(item)
            for item, stamp in zip(self.items, self.stamps, strict=True)
        ]
        what = json.dumps([FORMAT, PARSER_VERSION, __version__, self.wanted, items])
        return sha256(what.encode()).hexdigest()[:16]


def plan(paths: Iterable[str], wanted: Wanted) -> Iterator[Shard]:
    """The shards of the captures at `paths`, in order.

    A large file is one by itself. Small ones are grouped as they follow each other, and where a group ends is a
    matter of their names: another file changes the group it comes into, and not those behind it.
    """
    beside = os.getcwd()  # noqa: PTH109 (as text)
    group = _Group(wanted)
    for item in find_files(paths):
        if isinstance(item, Problem):
            group.add(item, None)
            continue
        file = item._replace(beside=beside)
        stamp = stamp_of(file)
        alone = stamp is not None and stamp.size >= _ALONE
        if alone and group.files:
            yield group.shard()
        group.add(file, stamp)
        if alone or group.is_full:
            yield group.shard()
    if group.items:
        yield group.shard()


def stamp_of(file: Found) -> Stamp | None:
    """The stamp of a file as it is now; None for what is no regular file, or not there."""
    try:
        found = os.stat(place_of(file), follow_symlinks=file.explicit)  # noqa: PTH116 (as it is opened)
    except (OSError, ValueError):
        return None
    return Stamp(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def place_of(file: Found) -> str:
    """Where a file is, for any process that sees the same folders."""
    return os.path.join(file.beside, file.path)  # noqa: PTH118 (keeps its spelling)


class _Group:
    """The shard that is being put together, and how many there were."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self.items: list[Found | Problem] = []
        self._stamps: list[Stamp | None] = []
        self.files = self._size = 0
        self._ends = False

    def add(self, item: Found | Problem, stamp: Stamp | None) -> None:
        self.items.append(item)
        self._stamps.append(stamp)
        if isinstance(item, Found):
            self.files += 1
            self._size += stamp.size if stamp else 0
            self._ends = zlib.crc32(os.fsencode(item.path)) % _USUAL_FILES == 0

    @property
    def is_full(self) -> bool:
        return self._ends or self.files >= _MOST_FILES or self._size >= _MOST_BYTES

    def shard(self) -> Shard:
        shard = Shard(tuple(self.items), tuple(self._stamps), self._wanted, self._number)
        self._number += 1
        self._begin()
        return shard
