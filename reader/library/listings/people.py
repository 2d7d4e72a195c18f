"""Authors and sponsors: all of them with counts and dates, and the profile of one."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article, fold
from reader.library.database.schema import DATE, SPONSORED_ID, UNSECTIONED_ID
from reader.library.listings.filters import Filters, Sort, chosen_groups, pick, read_groups
from reader.library.listings.listing import COLUMNS, ArticleRow, article_row, gone
from reader.model import Article, Reason

JOINT = ", "
"""The separator of names in a line of authors."""
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
        """Articles whose text is not cut off."""
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
    """The names in a listed line of authors, each once; without the last one if the line was cut."""
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


MOST_SEARCHED = 600
"""How many of the newest articles are searched for texts about somebody."""
MOST_BIOS = 3
"""The most different texts about somebody."""


class ProfileBio(NamedTuple):
    """A text about somebody from a page."""

    text: str
    source: str
    """The path or address of the capture."""
    date: str | None
    """YYYY-MM-DD of the article it stands under; None when that has none."""


class Profile(NamedTuple):
    """Somebody and what is listed of theirs."""

    name: Name
    sections: tuple[tuple[str, int], ...]
    """Groups of the listing with how many pieces, most first."""
    companions: tuple[tuple[str, int], ...]
    """Who else signed, and how many of the pieces, most first."""
    sponsored: int
    """How many of the pieces were paid for."""
    bios: tuple[ProfileBio, ...]
    """The newest of at most `MOST_BIOS` different texts first."""
    years: tuple[tuple[str, int], ...]
    """Years with how many pieces, the newest first; "" for pieces without a date, last."""
    keys: array[int]
    """The pieces: the newest first, those without a date last."""


class ProfilePiece(NamedTuple):
    """An article as a profile lists it."""

    row: ArticleRow
    seen: str | None
    """The day of the capture, YYYY-MM-DD, where the page prints no date."""
    paid: Reason | None
    """Why it counts as paid for."""


@library_errors
def profile(database: Database, name: str, *, sponsor: bool = False) -> Profile:
    """What is listed of an author, or of a `sponsor`; some tenths of a second at 1,000,000 articles."""
    filters = Filters(sponsor=name) if sponsor else Filters(author=name)
    with database.reading():
        _, picked = pick(database, chosen_groups(read_groups(database), filters), filters, Sort.NEWEST)
        names: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
        rows = database.all(
            f"SELECT a.key, coalesce({DATE}, ''), a.group_id, a.truncated, a.authors, coalesce(a.sponsor, '')"
            " FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(picked.tolist()),),
        )
        rows.sort(key=itemgetter(0))
        rows.sort(key=itemgetter(1), reverse=True)
        keys = array("q", [row[0] for row in rows])
        bios = tuple(_bios(database, keys[:MOST_SEARCHED], name, sponsor)) if name else ()
    folded = fold(name)
    signed: dict[str, Counter[str]] = {}
    for spelling in (
        (row[5] for row in rows) if sponsor else chain.from_iterable(names_in(row[4]) for row in rows)
    ):
        signed.setdefault(fold(spelling), Counter())[spelling] += 1
    own = signed.pop(folded, {name: 0})
    companions = Counter({spelled(spellings): spellings.total() for spellings in signed.values()})
    dates = [row[1] for row in rows if row[1]]
    years = [(year, len(list(found))) for year, found in groupby(rows, key=lambda row: row[1][:4])]
    return Profile(
        Name(
            spelled(own),
            len(rows),
            sum(row[3] for row in rows),
            dates[-1] if dates else None,
            dates[0] if dates else None,
        ),
        tuple(Counter(names[row[2]] for row in rows).most_common()),
        tuple(companions.most_common()),
        sum(row[2] == SPONSORED_ID for row in rows),
        bios,
        tuple(years),
        keys,
    )


@library_errors
def pieces(database: Database, keys: Sequence[int]) -> list[ProfilePiece]:
    """A row for each of `keys`, in their order; only "…" for an article that is gone."""
    names: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
    found = {
        row[0]: row[1:]
        for row in database.json_rows(
            f"j.key, {COLUMNS}, a.seen",
            "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(list(keys)),),
        )
    }
    rows = [found.get(number) or [*gone(number, UNSECTIONED_ID)[1:], None] for number in range(len(keys))]
    shown = [(article_row([number, *row[:-1]], names), row[-1]) for number, row in enumerate(rows)]
    paid = {
        key: article.sponsored
        for key, article in _articles(database, [row.key for row, _ in shown if row.sponsored])
    }
    return [ProfilePiece(row, seen, paid.get(row.key)) for row, seen in shown]


def _articles(database: Database, keys: Sequence[int]) -> Iterator[tuple[int, Article]]:
    """Articles with their keys, in the order of these; damaged ones are left out."""
    for rows in database.chunks(
        "SELECT r.key, record FROM json_each(?) j CROSS JOIN records r ON r.key = j.value ORDER BY j.key",
        (json.dumps(list(keys)),),
    ):
        for key, record in rows:
            with suppress(ValueError, TypeError):
                yield key, decode_article(record)


def _bios(database: Database, keys: Sequence[int], name: str, sponsor: bool) -> Iterator[ProfileBio]:
    """Yield different texts about somebody, the newest first; if one contains another, the longer one."""
    found: dict[str, tuple[int, str, str | None]] = {}
    for key, article in _articles(database, keys):
        text = _text_about(article, fold(name), sponsor)
        folded = fold(text or "")
        if text is None or any(folded in known for known in found):
            continue
        for known in [known for known in found if known in folded]:
            del found[known]
        found[folded] = key, text, article.published
        if len(found) > MOST_BIOS:
            break
    for key, text, date in list(found.values())[:MOST_BIOS]:
        row = database.one(
            "SELECT source, substr(captured, 1, 10) FROM articles JOIN captures USING (capture_key) WHERE key = ?",
            (key,),
        )
        source, captured = row or ("", None)
        yield ProfileBio(text, source, date or captured)


def _text_about(article: Article, folded: str, sponsor: bool) -> str | None:
    """The text about somebody by this name on an article's page; None if there is none."""
    others = {fold(name) for name in article.authors} - {folded}
    alone = not others and not sponsor and article.sponsor is None
    for bio in article.bios:
        named = fold(bio.name or "")
        if named == folded or (named not in others and (folded in fold(bio.text) or alone)):
            return bio.text
    return None
