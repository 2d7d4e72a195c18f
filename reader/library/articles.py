"""The versions of a story, read some at a time: a front page may have been captured thousands of times."""

from __future__ import annotations

import json
from array import array
from typing import Any, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.errors import methods_raise_library_errors
from reader.library.database.schema import FULLEST_FIRST

_COLUMNS = "a.key, c.source, c.url, c.captured, a.truncated, a.words, a.why, a.seq IS NOT NULL, lower(hex(a.identity))"


class Version(NamedTuple):
    """An article as one capture shows it, among the others of its story."""

    key: int
    source: str
    url: str | None
    captured: str | None
    truncated: bool
    words: int
    why: str | None
    """Why it was joined, in words for a reader; None for the first that was kept."""
    face: bool
    """Whether it is the one that is listed: the fullest."""
    identity: str
    """`Article.id`."""


@methods_raise_library_errors
class StoryVersions:
    """The versions that a story has at one moment, the fullest first, which is the one listed."""

    def __init__(self, database: Database, key: int) -> None:
        """Of the story of version `key`; empty when that is kept no more. Eight bytes are held for each."""
        self._database = database
        row = database.one(
            "SELECT json_group_array(key) FROM (SELECT key FROM articles"
            f" WHERE story = (SELECT story FROM articles WHERE key = ?) ORDER BY {FULLEST_FIRST})",
            (key,),
        )
        self._keys: array[int] = array("q", json.loads(row[0]) if row is not None else ())

    def __len__(self) -> int:
        return len(self._keys)

    def key_at(self, index: int) -> int:
        """The key of the version at `index`."""
        return self._keys[index]

    def index_of(self, key: int) -> int | None:
        """Where a version stands; None when it is not of the story."""
        return self._keys.index(key) if key in self._keys else None

    def rows(self, start: int, stop: int) -> list[Version]:
        """The versions from index `start` up to `stop`, as far as there are.

        One that was removed meanwhile has the key that it had and nothing else.
        """
        keys = self._keys[max(start, 0) : stop]
        found = self._database.page(
            f"j.key, {_COLUMNS}",
            "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value JOIN captures c USING (capture_key)",
            (json.dumps(keys.tolist()),),
        )
        rows = {number: _version(values) for number, *values in found}
        return [
            rows.get(n) or Version(key, "…", None, None, False, 0, None, False, "")
            for n, key in enumerate(keys)
        ]


def _version(values: list[Any]) -> Version:
    version = Version(*values)
    return version._replace(truncated=bool(version.truncated), face=bool(version.face))
