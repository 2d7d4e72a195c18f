"""The log of actions: what can be undone, and done again, also after a restart.

One log a library, whoever reads in it. An action stands in it with what it changed, not with what there was,
so undoing leaves alone whatever else has changed since.
"""

from __future__ import annotations

from typing import NamedTuple

from reader.library.database.connection import Database

MOST_ACTIONS = 1_000
MOST_BYTES = 64_000_000
"""How much the log keeps; the newest action stays whatever its size."""


class Action(NamedTuple):
    """One entry of the log."""

    number: int
    kind: str
    words: str
    """What was done, for a reader: "starred “…”"."""
    change: bytes
    """What it changed, as the kind has it."""


def record(database: Database, kind: str, words: str, change: bytes) -> None:
    """In the open transaction: log an action; what was undone before it can no longer be done again."""
    database.run("DELETE FROM actions WHERE undone")
    database.run("INSERT INTO actions (kind, words, change) VALUES (?, ?, ?)", (kind, words, change))
    # Only sizes are looked at: SQLite finds the length of a blob without reading it.
    database.run(
        "DELETE FROM actions WHERE number IN (SELECT number FROM (SELECT number,"
        " row_number() OVER newest place, sum(length(change)) OVER newest size"
        " FROM actions WINDOW newest AS (ORDER BY number DESC))"
        " WHERE place > ? OR (place > 1 AND size > ?))",
        (MOST_ACTIONS, MOST_BYTES),
    )


def latest(database: Database) -> Action | None:
    """The action to undo."""
    row = database.one(
        "SELECT number, kind, words, change FROM actions WHERE NOT undone ORDER BY number DESC LIMIT 1"
    )
    return None if row is None else Action(*row)


def latest_undone(database: Database) -> Action | None:
    """The action to do again."""
    row = database.one("SELECT number, kind, words, change FROM actions WHERE undone ORDER BY number LIMIT 1")
    return None if row is None else Action(*row)


def set_undone(database: Database, action: Action, undone: bool) -> None:
    """In the open transaction: note that an action has been undone, or done again."""
    database.run("UPDATE actions SET undone = ? WHERE number = ?", (undone, action.number))
