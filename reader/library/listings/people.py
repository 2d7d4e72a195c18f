"""Authors and sponsors: all of them with counts and dates, and the profile of one."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.records import decode_article, fold
from reader.library.database.schema import DATE, SPONSORED_ID, UNSECTIONED_ID
from reader.library.listings.filters import Filters, Sort, chosen_groups, pick, read_groups
from reader.library.listings.listing import COLUMNS, ArticleRow, article_row, gone
from reader.model import Article, Reason

JOINT = ", "
"""The separator of names in a line of authors."""
_CUT = "…"
"""The end of a line of authors that is too long to be listed whole."""
_COUNTS = f"count(*), sum(a.truncated), min({DATE}), max({DATE}) FROM articles a"
MOST_SEARCHED = 600
"""How many of the newest articles are searched for texts about somebody."""
MOST_BIOS = 3
"""The most different texts about somebody."""


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


def authors(database: Database) -> tuple[Name, ...]:
    """Everybody who signed anything that is listed, most articles first; under a second at 1,000,000 articles."""
    rows = database.all(
        f"SELECT a.authors, {_COUNTS} WHERE a.seq IS NOT NULL AND a.authors <> '' GROUP BY a.authors"
    )
    return _ranked((name, *counts) for line, *counts in rows for name in names_in(line))


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
    """Join the spellings of each name; the name with the most articles first."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(fold(row[0]), []).append(row)
    names = [_joined(spellings) for spellings in by_name.values()]
    names.sort(key=lambda name: (-name.articles, fold(name.name)))
    return tuple(names)


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


class ProfileRow(NamedTuple):
    """An article as a profile lists it."""

    row: ArticleRow
    seen: str | None
    """The day of the capture, YYYY-MM-DD, where the page prints no date."""
    paid: Reason | None
    """Why it counts as paid for."""


class _Piece(NamedTuple):
    """What a profile is counted from, of one article."""

    key: int
    date: str
    """The day by which it is sorted; "" when it has none."""
    group_id: int
    truncated: int
    authors: str
    sponsor: str


def profile(database: Database, name: str, *, sponsor: bool = False) -> Profile:
    """What is listed of an author, or of a `sponsor`; some tenths of a second at 1,000,000 articles."""
    with database.reading():
        found = _pieces_of(database, Filters(sponsor=name) if sponsor else Filters(author=name))
        keys = array("q", [piece.key for piece in found])
        groups: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
        bios = tuple(_bios(database, keys[:MOST_SEARCHED], name, sponsor)) if name else ()
    spellings = _spellings(found, sponsor)
    own = spellings.pop(fold(name), {name: 0})
    companions = Counter({spelled(others): others.total() for others in spellings.values()})
    dates = [piece.date for piece in found if piece.date]
    years = Counter(piece.date[:4] for piece in found)  # in the order of the pieces, the newest first
    return Profile(
        name=Name(
            spelled(own),
            len(found),
            sum(piece.truncated for piece in found),
            dates[-1] if dates else None,
            dates[0] if dates else None,
        ),
        sections=tuple(Counter(groups[piece.group_id] for piece in found).most_common()),
        companions=tuple(companions.most_common()),
        sponsored=sum(piece.group_id == SPONSORED_ID for piece in found),
        bios=bios,
        years=tuple(years.items()),
        keys=keys,
    )


def _pieces_of(database: Database, filters: Filters) -> list[_Piece]:
    """The articles that the filters leave, the newest first and those without a date last."""
    _, keys = pick(database, chosen_groups(read_groups(database), filters), filters, Sort.NEWEST)
    rows = database.all(
        f"SELECT a.key, coalesce({DATE}, ''), a.group_id, a.truncated, a.authors, coalesce(a.sponsor, '')"
        " FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value ORDER BY 2 DESC, 1",
        (json.dumps(keys.tolist()),),
    )
    return [_Piece(*row) for row in rows]


def _spellings(pieces: Iterable[_Piece], sponsor: bool) -> dict[str, Counter[str]]:
    """By folded name, how the authors, or the sponsors, of these pieces are spelled, and how often."""
    spellings: dict[str, Counter[str]] = {}
    for piece in pieces:
        for spelling in (piece.sponsor,) if sponsor else names_in(piece.authors):
            spellings.setdefault(fold(spelling), Counter())[spelling] += 1
    return spellings


def profile_rows(database: Database, keys: Sequence[int]) -> list[ProfileRow]:
    """A row for each of `keys`, in their order; only "…" for an article that is gone."""
    names: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
    by_number = {
        row[0]: row[1:]
        for row in database.json_rows(
            f"j.key, {COLUMNS}, a.seen",
            "FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(list(keys)),),
        )
    }
    rows = [by_number.get(number) or [*gone(number, UNSECTIONED_ID)[1:], None] for number in range(len(keys))]
    shown = [(article_row([number, *row[:-1]], names), row[-1]) for number, row in enumerate(rows)]
    paid = {
        key: article.sponsored
        for key, article in _articles(database, [row.key for row, _ in shown if row.sponsored])
    }
    return [ProfileRow(row, seen, paid.get(row.key)) for row, seen in shown]


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
    by_text: dict[str, tuple[int, str, str | None]] = {}
    for key, article in _articles(database, keys):
        text = _text_about(article, fold(name), sponsor)
        folded = fold(text or "")
        if text is None or any(folded in known for known in by_text):
            continue
        for known in [known for known in by_text if known in folded]:
            del by_text[known]
        by_text[folded] = key, text, article.published
        if len(by_text) > MOST_BIOS:
            break
    for key, text, date in list(by_text.values())[:MOST_BIOS]:
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
