"""What the library has of one author or sponsor: pieces, years, sections, companions, what pages say of them."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import decode_article
from reader.library.database.schema import DATE, SPONSORED_ID, UNSECTIONED_ID
from reader.library.folding import fold
from reader.library.listings.filters import Filters, Sort, chosen_groups, pick, read_groups
from reader.library.listings.listing import COLUMNS, ArticleRow, article_row, gone
from reader.library.listings.names import Name, names_in, spelled
from reader.model import Article, Reason

MOST_LOOKED = 600
"""In so many of the newest pieces is looked for what pages say of somebody."""
MOST_SAID = 3
"""So many different texts about somebody are kept."""


class Said(NamedTuple):
    """What a page says of somebody."""

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
    said: tuple[Said, ...]
    """The newest of at most `MOST_SAID` different texts first."""
    years: tuple[tuple[str, int], ...]
    """Years with how many pieces, the newest first; "" for pieces without a date, last."""
    keys: array[int]
    """The pieces: the newest first, those without a date last."""


class Piece(NamedTuple):
    """A piece as such a list shows it."""

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
        said = tuple(_said(database, keys[:MOST_LOOKED], name, sponsor)) if name else ()
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
        said,
        tuple(years),
        keys,
    )


@library_errors
def pieces(database: Database, keys: Sequence[int]) -> list[Piece]:
    """A piece for each of `keys`, in their order; of one whose row is gone there is only a "…"."""
    names: dict[int, str] = dict(database.all("SELECT group_id, name FROM groups"))
    found = {
        row[0]: row[1:]
        for row in database.page(
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
    return [Piece(row, seen, paid.get(row.key)) for row, seen in shown]


def _articles(database: Database, keys: Sequence[int]) -> Iterator[tuple[int, Article]]:
    """Articles with their keys, in the order of these; damaged ones are left out."""
    for rows in database.chunks(
        "SELECT r.key, record FROM json_each(?) j CROSS JOIN records r ON r.key = j.value ORDER BY j.key",
        (json.dumps(list(keys)),),
    ):
        for key, record in rows:
            with suppress(ValueError, TypeError):
                yield key, decode_article(record)


def _said(database: Database, keys: Sequence[int], name: str, sponsor: bool) -> Iterator[Said]:
    """Different texts about somebody, the newest first; of two of which one goes on, the longer one."""
    found: dict[str, tuple[int, str, str | None]] = {}
    for key, article in _articles(database, keys):
        text = _text_about(article, fold(name), sponsor)
        folded = fold(text or "")
        if text is None or any(folded in known for known in found):
            continue
        for known in [known for known in found if known in folded]:
            del found[known]
        found[folded] = key, text, article.published
        if len(found) > MOST_SAID:
            break
    for key, text, date in list(found.values())[:MOST_SAID]:
        row = database.one(
            "SELECT source, substr(captured, 1, 10) FROM articles JOIN captures USING (capture_key) WHERE key = ?",
            (key,),
        )
        source, captured = row or ("", None)
        yield Said(text, source, date or captured)


def _text_about(article: Article, folded: str, sponsor: bool) -> str | None:
    """What an article's page says of somebody by this name; None when it says nothing."""
    others = {fold(name) for name in article.authors} - {folded}
    alone = not others and not sponsor and article.sponsor is None
    for bio in article.bios:
        named = fold(bio.name or "")
        if named == folded or (named not in others and (folded in fold(bio.text) or alone)):
            return bio.text
    return None
