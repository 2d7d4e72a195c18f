"""Conditions that the index does not know: states of articles and places of captures.

Where few articles are so, these few are looked up in the index; else the matches of the index are looked up in
the rows.
"""

from __future__ import annotations

from typing import Any

from reader.library.database import Database
from reader.library.planning import Alternative, Look
from reader.library.query_dates import ordinal
from reader.library.schema_search import KEY_BITS, KEY_MASK

FEW = 2_000
"""Up to so many articles are looked up in the index one by one."""

_ROWS = {"read": "a.read", "unread": "NOT a.read", "starred": "a.starred"}
_OPPOSITE = {"read": "unread", "unread": "read"}
_IN = "(instr(lower(c.source), ?) OR instr(lower(coalesce(c.url, '')), ?))"


class Looking:
    """The conditions of one alternative."""

    def __init__(self, database: Database, way: Alternative) -> None:
        self._database = database
        self._looks = way.looks
        self._chosen: list[int] | None = None
        self._is_chosen = False

    @property
    def joined(self) -> tuple[str, str, list[Any]]:
        """What joins and limits the rows of `search` to those that fulfil the conditions, and its values."""
        if not self._looks:
            return "", "", []
        conditions, values = self._conditions()
        return f" CROSS JOIN articles a ON a.key = search.rowid & {KEY_MASK}", conditions, values

    def chosen(self) -> list[int] | None:
        """The rowids of all articles that fulfil the conditions, lowest first; None when they are not few."""
        if not self._is_chosen:
            self._is_chosen = True
            self._chosen = self._choose() if self._looks else None
        return self._chosen

    def _choose(self) -> list[int] | None:
        conditions, values = self._conditions()
        for look in self._looks:
            source, own = self._source(look)
            if not source:
                continue
            rows = self._database.page(
                "key, published", f"FROM (SELECT a.key, a.published {source} LIMIT ?)", (*own, FEW + 1)
            )
            if len(rows) <= FEW:
                if len(self._looks) > 1:
                    rows = self._database.page(
                        "a.key, a.published",
                        f"FROM ({{}}) o JOIN articles a ON a.key = o.key WHERE TRUE{conditions}".format(
                            f"SELECT DISTINCT a.key {source}"
                        ),
                        (*own, *values),
                    )
                return sorted({ordinal(published) << KEY_BITS | key for key, published in rows})
        return None

    def _source(self, look: Look) -> tuple[str, list[Any]]:
        """Where the articles are listed that fulfil a condition; "" when nowhere."""
        kind, value = look.condition
        if kind == "in":
            if not look.holds:
                return "", []
            return (
                "FROM captures c INDEXED BY captures_named"
                " JOIN articles v ON v.key >= c.first_article AND v.key < c.first_article + c.articles"
                f" JOIN articles a ON a.story = v.story AND a.seq IS NOT NULL WHERE {_IN}",
                [value, value],
            )
        if not look.holds:
            kind = _OPPOSITE.get(kind, "")
        if not kind:
            return "", []
        return f"FROM articles a INDEXED BY articles_{kind} WHERE a.seq IS NOT NULL AND {_ROWS[kind]}", []

    def _conditions(self) -> tuple[str, list[Any]]:
        """The conditions on a row `a`, each with AND before it, and their values."""
        written = ""
        values: list[Any] = []
        for (kind, value), holds in self._looks:
            if kind == "in":
                condition = (
                    "EXISTS (SELECT 1 FROM articles v JOIN captures c ON c.capture_key = v.capture_key"
                    f" WHERE v.story = a.story AND {_IN})"
                )
                values += [value, value]
            else:
                condition = f"({_ROWS[kind]})"
            written += f" AND {'' if holds else 'NOT '}{condition}"
        return written, values
