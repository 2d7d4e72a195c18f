"""What a library holds, counted: by section, by month and by how much of each article there is."""

from __future__ import annotations

from typing import NamedTuple

from reader.library.database import Database
from reader.library.schema import SPONSORED_ID
from reader.library.schema_seen import DATE


class Count(NamedTuple):
    """The articles of a section or a month; each article is counted once, however many captures show it."""

    name: str
    """A section, or YYYY-MM; "" for articles without a date."""
    articles: int
    truncated: int
    """Those that no capture has whole."""


class Counts(NamedTuple):
    """The numbers of a library at one moment."""

    captures: int
    partial_captures: int
    problems: int
    articles: int
    """Articles listed."""
    sightings: int
    """How often they are seen in captures."""
    whole: int
    truncated: int
    completed: int
    """Whole ones of which another capture is cut off."""
    sponsored: int
    unread: int
    starred: int
    sections: tuple[Count, ...]
    """In the order they are listed."""
    months: tuple[Count, ...]
    """The oldest first, those without a date last."""


def count(database: Database) -> Counts:
    """Count all of it; a matter of a second at 1,000,000 articles."""
    with database.reading():
        captures, partial, problems = _row(
            database, "SELECT captures, partial_captures, problems FROM counters"
        )
        listed = _row(
            database,
            "SELECT count(*), coalesce(sum(truncated), 0), coalesce(sum(completed), 0),"
            f" coalesce(sum(group_id = {SPONSORED_ID}), 0) FROM articles WHERE seq IS NOT NULL",
        )
        articles, truncated, completed, sponsored = listed
        return Counts(
            captures=captures,
            partial_captures=partial,
            problems=problems,
            articles=articles,
            sightings=database.number("SELECT count(*) FROM articles"),
            whole=articles - truncated,
            truncated=truncated,
            completed=completed,
            sponsored=sponsored,
            unread=articles - database.number("SELECT count(*) FROM read_faces"),
            starred=database.number("SELECT count(*) FROM starred_faces"),
            sections=_sections(database),
            months=_months(database),
        )


def _row(database: Database, query: str) -> tuple[int, ...]:
    return tuple(database.one(query) or ())


def _sections(database: Database) -> tuple[Count, ...]:
    rows = database.all("SELECT rank, name, articles, truncated FROM groups WHERE articles > 0")
    rows.sort(key=lambda row: (row[0], row[1].casefold(), row[1]))
    return tuple(Count(*row[1:]) for row in rows)


def _months(database: Database) -> tuple[Count, ...]:
    # Along the index of what is listed, which has both.
    rows = database.all(
        f"SELECT coalesce(substr({DATE}, 1, 7), '') month, count(*), sum(truncated) FROM articles a"
        " INDEXED BY articles_listed WHERE seq IS NOT NULL GROUP BY month ORDER BY month = '', month"
    )
    return tuple(Count(*row) for row in rows)
