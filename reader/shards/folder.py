"""The folder that shards go into: which are there already, and what is left of those that were not finished."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from reader.captures import STANDARD_INPUT
from reader.errors import ReaderError
from reader.failures import reason
from reader.safe_text import clean
from reader.shards.making import UNFINISHED, Made, clear, identity_in, name_of
from reader.shards.plan import Shard


class ShardFolder:
    """A folder of shards, which is made if it is not there."""

    def __init__(self, path: Path, paths: Sequence[str]) -> None:
        """`paths` are those of the captures. ReaderError when shards of them cannot go there."""
        self.path = path
        _insist_outside(path, paths)
        try:
            (path / UNFINISHED).mkdir(parents=True, exist_ok=True)
            names = [entry.name for entry in path.iterdir()]
        except OSError as error:
            raise ReaderError(f"{clean(str(path))}: shards cannot be put there: {reason(error)}") from error
        known = [(found, name) for name in names if (found := identity_in(name))]
        self._there = {identity: name for (identity, settled), name in known if settled}
        self._unsettled = {identity: name for (identity, settled), name in known if not settled}
        self._begun: dict[int, str] = {}
        self._met: set[str] = set()
        self.files = self.shards = 0
        """How many files there are in the shards that were there already, and how many of these there are."""

    def to_make(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        """Those that are not there. One that is gets the name of its place, which others may have changed."""
        for shard in shards:
            identity = shard.identity
            self._met.add(identity)
            there = self._there.get(identity)
            if there is None:
                self._begun[shard.number] = identity
                yield shard
                continue
            self.files += shard.files
            self.shards += 1
            with suppress(OSError):
                (self.path / there).rename(self.path / name_of(shard))

    def note(self, made: Made) -> None:
        """Take in that a shard is made: what there was of it before is no more."""
        before = self._unsettled.get(self._begun.pop(made.number))
        if made.name and before and before != made.name:
            (self.path / before).unlink(missing_ok=True)

    def finished(self) -> int:
        """How many of the shards that were planned so far are there."""
        names = [entry.name for entry in self.path.iterdir()]
        return len({found[0] for name in names if (found := identity_in(name))} & self._met)

    def tidy(self) -> None:
        """Remove what is left of shards that were begun and not finished."""
        for identity in self._begun.values():
            clear(str(self.path / UNFINISHED), identity)
        with suppress(OSError):
            (self.path / UNFINISHED).rmdir()


def _insist_outside(folder: Path, paths: Sequence[str]) -> None:
    if STANDARD_INPUT in paths:
        raise ReaderError(
            "-: standard input cannot be read by several processes; save it as a file and name that"
        )
    place = Path(os.path.realpath(folder))
    for path in paths:
        # Not Path.resolve, which raises where links lead in a circle.
        if "\0" not in path and place.is_relative_to(os.path.realpath(path)):
            raise ReaderError(
                f"{clean(str(folder))} lies in {clean(path)}, so that its shards would be read as captures; name"
                " a folder outside"
            )
