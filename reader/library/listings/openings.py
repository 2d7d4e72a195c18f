"""The stories that are known only by their openings: no capture in the library has more of them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator

from reader.library.database.errors import library_errors
from reader.library.database.schema import DATE
from reader.library.store import Library

_PAGE = 500
"""How many matches, or stories, are asked for at once."""


@library_errors
def opening_keys(library: Library) -> array[int]:
    """The articles listed for them, the newest first and those without a date last; eight bytes each."""
    query = f"SELECT key FROM articles a WHERE seq IS NOT NULL AND truncated ORDER BY {DATE} DESC, key DESC"
    keys = array("q")
    for rows in library.database.chunks(query):
        keys.extend(key for (key,) in rows)
    return keys


@library_errors
def found_openings(library: Library, query: str) -> Iterator[int]:
    """Those that a query finds; QueryError when it cannot be read."""
    after: int | None = None
    while True:
        results = library.search(query, limit=_PAGE, after=after)
        yield from (hit.row.key for hit in results.hits if hit.row.truncated)
        after = results.after
        if after is None:
            return


@library_errors
def whole_now(library: Library, keys: Iterable[int]) -> set[int]:
    """Which of these articles a capture has whole now: of their stories another version is listed."""
    whole: set[int] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), _PAGE):
        whole |= {
            key
            for (key,) in library.database.all(
                "SELECT a.key FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
                " CROSS JOIN articles f ON f.story = a.story WHERE f.seq IS NOT NULL AND NOT f.truncated",
                (json.dumps(wanted[start : start + _PAGE]),),
            )
        }
    return whole
