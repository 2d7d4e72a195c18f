"""Who signed what is listed, and who paid for it: names with counts and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.errors import library_errors
from reader.library.database.schema import DATE, SPONSORED_ID
from reader.library.folding import fold

JOINT = ", "
"""What stands between the names of a line of authors."""
_CUT = "…"
"""The end of a line of authors that is too long to be listed whole."""


class Name(NamedTuple):
    """An author or a sponsor, and how much of theirs is listed; each article is counted once."""

    name: str
    """As it is mostly written, case and accents aside; "" for sponsors that no page names."""
    articles: int
    truncated: int
    """Those that no capture has whole."""
    first: str | None
    """The earliest date, YYYY-MM-DD: printed, else of the capture. None when no article has one."""
    last: str | None

    @property
    def whole(self) -> int:
        """Those whose text is not cut off."""
        return self.articles - self.truncated


_COUNTS = f"count(*), sum(a.truncated), min({DATE}), max({DATE}) FROM articles a"


@library_errors
def authors(database: Database) -> tuple[Name, ...]:
    """Everybody who signed anything that is listed, most articles first; under a second at 1,000,000 articles."""
    rows = database.all(
        f"SELECT a.authors, {_COUNTS} WHERE a.seq IS NOT NULL AND a.authors <> '' GROUP BY a.authors"
    )
    return _ranked((name, *counts) for line, *counts in rows for name in names_in(line))


@library_errors
def sponsors(database: Database) -> tuple[Name, ...]:
    """Everybody who paid for anything that is listed, most pieces first, "" last; some tenths of a second."""
    rows = database.all(
        f"SELECT coalesce(a.sponsor, ''), {_COUNTS} INDEXED BY articles_listed"
        " WHERE a.group_id = ? AND a.seq IS NOT NULL GROUP BY a.sponsor",
        (SPONSORED_ID,),
    )
    return tuple(sorted(_ranked(rows), key=lambda name: not name.name))


def names_in(line: str) -> Sequence[str]:
    """The names in a line of authors as a list has it, each once; of one that was cut, those that are whole."""
    names = line.split(JOINT)
    if line.endswith(_CUT) and len(names) > 1:
        names.pop()
    return tuple({fold(name): name for name in names if name}.values())


def spelled(spellings: Mapping[str, int]) -> str:
    """The spelling that is used most."""
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling))


def _ranked(rows: Iterable[Row]) -> tuple[Name, ...]:
    """Spellings of the same name made one, the one with the most articles first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(fold(row[0]), []).append(row)
    made = [_joined(spellings) for spellings in found.values()]
    made.sort(key=lambda name: (-name.articles, fold(name.name)))
    return tuple(made)


def _joined(rows: Sequence[Row]) -> Name:
    """One name of rows of spelling, articles, truncated, first and last date."""
    spellings: Counter[str] = Counter()
    for spelling, articles, *_ in rows:
        spellings[spelling] += articles
    return Name(
        spelled(spellings),
        spellings.total(),
        sum(row[2] for row in rows),
        min((row[3] for row in rows if row[3]), default=None),
        max((row[4] for row in rows if row[4]), default=None),
    )
