"""The log of the reader's actions, which undo and redo go through."""

from typing import Literal, NamedTuple

from reader.library.database.connection import Database

MOST_ACTIONS = 1_000
MOST_BYTES = 64_000_000
"""The most actions, and bytes of their changes, that are kept; the oldest are dropped, but never the newest."""
_LONGEST_TITLE = 60

Kind = Literal["read", "unread", "star", "unstar", "searches", "split", "correction", "annotation", "tags"]


class Action(NamedTuple):
    """One entry of the log."""

    number: int
    kind: Kind
    words: str
    """A description for the reader, such as "starred “…”"."""
    change: bytes
    """The change, in a form that depends on the kind."""


def append(database: Database, kind: Kind, words: str, change: bytes) -> str:
    """In the open transaction, log an action and return its description.

    Actions that were undone before can no longer be redone.
    """
    database.run("DELETE FROM actions WHERE undone")
    database.run("INSERT INTO actions (kind, words, change) VALUES (?, ?, ?)", (kind, words, change))
    # Fast: SQLite finds the length of a blob without reading it.
    database.run(
        "DELETE FROM actions WHERE number < (SELECT min(number) FROM (SELECT number,"
        " row_number() OVER newest AS place, sum(length(change)) OVER newest AS size"
        " FROM actions WINDOW newest AS (ORDER BY number DESC)) WHERE place = 1 OR place <= ? AND size <= ?)",
        (MOST_ACTIONS, MOST_BYTES),
    )
    count_change(database)
    return words


def latest(database: Database, *, undone: bool) -> Action | None:
    """Return the action to undo next, or, if `undone`, the undone action to redo next."""
    order = "undone ORDER BY number" if undone else "NOT undone ORDER BY number DESC"
    row = database.first_row(f"SELECT number, kind, words, change FROM actions WHERE {order} LIMIT 1")
    return None if row is None else Action(*row)


def set_undone(database: Database, action: Action, undone: bool) -> None:
    """In the open transaction, log that an action was undone, or redone."""
    database.run("UPDATE actions SET undone = ? WHERE number = ?", (undone, action.number))
    count_change(database)


def count_change(database: Database) -> None:
    """Tell other connections that the reader's marks in their lists are out of date."""
    database.run("UPDATE counters SET state = state + 1")


def short(title: str) -> str:
    """Cut a title to the length that the log quotes."""
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
