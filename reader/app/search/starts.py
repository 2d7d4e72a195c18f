"""Suggested searches: saved searches, recent ones and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from reader.app.text.wrapping import fit, pad
from reader.app.widgets.chooser import GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.library import SavedSearch
from reader.sanitize import sanitize


class Start(NamedTuple):
    """A suggested search."""

    kind: Literal["saved", "recent", "example"]
    query: str
    about: str = ""
    """A saved search's name, or what an example finds."""


EXAMPLES = (
    ("cloud outage", "both words; case and accents do not matter"),
    ('"status page"', "this exact phrase"),
    ("cloud -outage", "the first word without the second"),
    ("lease OR permit", "either word"),
    ("regul*", "words that begin like this"),
    ("section:fintech author:haas", "in a section, by an author"),
    ("in:headline battery", "in one part of the article"),
    ("is:whole -is:sponsored", "also truncated, unread, starred, doubtful"),
    ("after:2021-06 before:2022", "by publication date"),
)


BESIDE = 60
"""From this many columns on, there is room for a description beside each search."""


class StartList(GroupedList[Start]):
    """Searches, one line each: the query, and its name or what it finds."""

    ROW_LINES = 1
    COUNTS = False

    def list_searches(self, saved: Sequence[SavedSearch], recent: Sequence[str], cursor: int) -> None:
        """List the saved and the recent searches, and the examples."""
        groups = [
            ("saved searches", [Start("saved", search.query, search.name) for search in saved]),
            ("recent", [Start("recent", query) for query in recent]),
            ("how to search", [Start("example", *example) for example in EXAMPLES]),
        ]
        self.show(GroupedRows(groups), cursor)

    @property
    def chosen(self) -> Start | None:
        """The search under the cursor."""
        return None if self.cursor is None else self.row(self.cursor)

    @property
    def description(self) -> str:
        """Description or name of the search under the cursor, if its line has no room for it."""
        row = self.chosen
        if row is None or self.app.size.width - 4 >= BESIDE:
            return ""
        return row.query if row.kind == "saved" else row.about

    def draw(self, row: Start, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Name and query of a saved search, or query and description of another."""
        query, about = sanitize(row.query), sanitize(row.about)
        first, second = (about, query) if row.kind == "saved" else (query, about)
        if not second or first == second or width < BESIDE:
            return [("list--title", fit(first, width))]
        column = min(max(16, width * 2 // 5), 32)
        return [
            ("list--title", pad(first, column)),
            ("list--detail", "  " + fit(second, max(0, width - column - 2))),
        ]
