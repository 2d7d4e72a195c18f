"""Counts the articles of a library by section, month, author, sponsor and completeness; the profile of a person."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final, NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.schema import IS_SKIPPED, SPONSORED_ID, fold
from reader.library.listing import ArticleRow, Filters, Listing, Sort, read_groups, rows_of
from reader.library.stories.representatives import read_merged
from reader.model import Article, Reason

TOP = 10
"""How many authors and sponsors are named before the others."""
JOINT = ", "
_CUT = "…"
"""Ends a line of authors that was too long and cut."""
_COUNTS = "count(*), sum(a.truncated), min(a.published), max(a.published) FROM articles a"
MOST_SEARCHED = 600
"""How many of the newest articles to search for bios."""
MOST_BIOS = 3


class NameCount(NamedTuple):
    """An author or sponsor, with counts of their listed articles, each counted once."""

    name: str
    """The most frequent spelling; "" for sponsors that no page names."""
    articles: int
    truncated: int
    """Articles that no capture has complete."""
    first: str | None
    """The earliest printed date, YYYY-MM-DD; None if no article has one."""
    last: str | None

    @property
    def whole(self) -> int:
        """The number of articles whose text is not cut off."""
        return self.articles - self.truncated


def authors(database: Database) -> tuple[NameCount, ...]:
    """Return all authors of listed articles, most articles first. Under a second at 1,000,000 articles."""
    rows = database.all(f"SELECT a.authors, {_COUNTS} WHERE a.listed AND a.authors <> '' GROUP BY a.authors")
    return _ranked((name, *counts) for line, *counts in rows for name in names_in(line))


def sponsors(database: Database) -> tuple[NameCount, ...]:
    """Return all sponsors of listed articles, most articles first, "" last. A few tenths of a second."""
    rows = database.all(
        f"SELECT coalesce(a.sponsor, ''), {_COUNTS} INDEXED BY articles_listed"
        " WHERE a.group_id = ? AND a.listed GROUP BY a.sponsor",
        (SPONSORED_ID,),
    )
    return tuple(sorted(_ranked(rows), key=lambda count: not count.name))


def names_in(line: str) -> Sequence[str]:
    """Split a line of authors into distinct names, without the last one if the line was cut."""
    names = line.split(JOINT)
    if line.endswith(_CUT) and len(names) > 1:
        names.pop()
    return tuple({fold(name): name for name in names if name}.values())


def _ranked(rows: Iterable[Row]) -> tuple[NameCount, ...]:
    """Merge rows of spelling, articles, truncated, first and last date by name; the most articles first."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(fold(row[0]), []).append(row)
    counts: list[NameCount] = []
    for same in by_name.values():
        spellings: Counter[str] = Counter()
        for spelling, articles, *_ in same:
            spellings[spelling] += articles
        counts.append(
            NameCount(
                min(spellings, key=lambda spelling: (-spellings[spelling], spelling)),
                spellings.total(),
                sum(row[2] for row in same),
                min((row[3] for row in same if row[3]), default=None),
                max((row[4] for row in same if row[4]), default=None),
            )
        )
    return tuple(sorted(counts, key=lambda count: (-count.articles, fold(count.name))))


class ProfileBio(NamedTuple):
    """A text about a person or sponsor from a page."""

    text: str
    source: str
    date: str | None
    """YYYY-MM-DD of its article; None if the page prints none."""


class Profile(NamedTuple):
    """An author or sponsor, with their listed articles."""

    totals: NameCount
    sections: tuple[tuple[str, int], ...]
    """Groups with their number of articles, most first."""
    sponsored: int
    bios: tuple[ProfileBio, ...]
    """At most `MOST_BIOS` different texts, the newest first."""
    years: tuple[tuple[str, int], ...]
    """Years with their number of articles, the newest first; "" for undated articles, last."""
    keys: array[int]
    """The articles, the newest first, undated ones last."""


class ProfileRow(NamedTuple):
    """An article as a profile lists it."""

    row: ArticleRow
    seen: str | None
    """The day of the capture, YYYY-MM-DD, if the page prints no date."""
    paid: Reason | None


def profile(database: Database, name: str, *, sponsor: bool = False) -> Profile:
    """Return the profile of an author, or of a `sponsor`. A few tenths of a second at 1,000,000 articles."""
    listing = Listing(database, Filters(sponsor=name) if sponsor else Filters(author=name), Sort.ADDED)
    with database.reading():
        rows = database.all(
            f"SELECT a.key, coalesce(a.published, ''), g.name, a.group_id = {SPONSORED_ID}, a.truncated, a.authors,"
            " coalesce(a.sponsor, '') FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
            " JOIN groups g USING (group_id) ORDER BY 2 DESC, a.seen DESC, 1",
            (json.dumps(list(listing.keys())),),
        )
        keys = array("q", [row[0] for row in rows])
        bios = tuple(_bios(database, keys[:MOST_SEARCHED], name, sponsor)) if name else ()
    counts: list[Row] = []
    for _, date, _, _, truncated, line, paid_by in rows:
        names = (paid_by,) if sponsor else names_in(line)
        spelling = next((spelling for spelling in names if fold(spelling) == fold(name)), name)
        counts.append((spelling, 1, truncated, date, date))
    return Profile(
        totals=_ranked(counts)[0] if counts else NameCount(name, 0, 0, None, None),
        sections=tuple(Counter(row[2] for row in rows).most_common()),
        sponsored=sum(row[3] for row in rows),
        bios=bios,
        years=tuple(Counter(date[:4] for _, date, *_ in rows).items()),  # in order: the newest first
        keys=keys,
    )


def profile_rows(database: Database, keys: Sequence[int]) -> list[ProfileRow]:
    """Return a row for each of `keys`, in their order; just "…" for a removed article."""
    rows = rows_of(database, keys)
    seen: dict[int, str | None] = dict(
        database.all(
            "SELECT a.key, a.seen FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(list(keys)),),
        )
    )
    sponsored = [row.key for row in rows if row.sponsored]
    paid = {key: article.sponsored for key, article in read_merged(database, sponsored)}
    return [ProfileRow(row, seen.get(row.key), paid.get(row.key)) for row in rows]


def _bios(database: Database, keys: Sequence[int], name: str, sponsor: bool) -> Iterator[ProfileBio]:
    """Yield the different texts about somebody, the newest first; of two that overlap, only the longer."""
    by_text: dict[str, tuple[int, str, str | None]] = {}
    for key, article in read_merged(database, keys):
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
        row = database.first_row(
            "SELECT source FROM articles JOIN captures USING (capture_key) WHERE key = ?", (key,)
        )
        yield ProfileBio(text, row[0] if row else "", date)


def _text_about(article: Article, folded: str, sponsor: bool) -> str | None:
    others = {fold(name) for name in article.authors} - {folded}
    alone = not others and not sponsor and article.sponsor is None
    for bio in article.bios:
        named = fold(bio.name or "")
        if named == folded or (named not in others and (folded in fold(bio.text) or alone)):
            return bio.text
    return None


# The overview


class Shares(NamedTuple):
    """How many articles are of each kind; the kinds do not overlap."""

    whole: int = 0
    """Complete, and cut off in no capture."""
    completed: int = 0
    """Complete, though another capture has only the start."""
    truncated: int = 0
    """Complete in no capture."""
    sponsored: int = 0
    """Paid for, complete or not."""


_BAR_CHARACTERS: Final = "█▓▒░"
"""They fill the cells of each part, in the order of `Shares`, so that it also shows without colours."""


def bar(shares: Shares, scale: int, room: int) -> list[tuple[str, str]]:
    """Draw a bar on a scale on which `scale` articles fill `room` cells, as pairs of a part's name and its cells.

    A total above 0 has at least one cell.
    """
    if room <= 0 or not any(shares):
        return []
    totals = list(accumulate(shares))
    ends = [round(room * total / scale) for total in totals]
    if not ends[-1]:
        ends = [min(total, 1) for total in totals]
    return [
        (part, character * (end - start))
        for part, character, (start, end) in zip(
            shares._fields, _BAR_CHARACTERS, pairwise([0, *ends]), strict=True
        )
        if end > start
    ]


class Count(NamedTuple):
    """The articles of a section or month, each counted once, however many captures show it."""

    name: str
    """A section, or YYYY-MM of the printed date; "" for articles without one."""
    articles: int
    truncated: int
    """Articles that no capture has complete, paid for or not."""
    shares: Shares = Shares()


class Overview(NamedTuple):
    """The numbers of a library at one moment."""

    captures: int
    partial_captures: int
    problems: int
    """Files that could not be read, or only in part."""
    skipped: int
    """Files, and parts of files, that were skipped on purpose."""
    articles: int
    occurrences: int
    """How often captures show them."""
    whole: int
    truncated: int
    completed: int
    """Complete articles that another capture cuts off."""
    sponsored: int
    unread: int
    starred: int
    shares: Shares
    sections: tuple[Count, ...]
    months: tuple[Count, ...]
    """The oldest first, undated ones last."""
    authors: tuple[NameCount, ...]
    """Those with the most articles first."""
    sponsors: tuple[NameCount, ...]
    """Those with the most articles first; "" for unnamed sponsors, last."""


def overview(database: Database) -> Overview:
    """Count everything; see `Library.overview`."""
    with database.reading():
        captures, partial, problems, skipped, occurrences, read, starred = database.numbers(
            "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM captures WHERE partial IS NOT NULL),"
            f" (SELECT count(*) FROM problems WHERE NOT {IS_SKIPPED}),"
            f" (SELECT count(*) FROM problems WHERE {IS_SKIPPED}), (SELECT count(*) FROM articles),"
            " (SELECT count(*) FROM read_articles), (SELECT count(*) FROM starred_articles)"
        )
        rows = database.all(
            "SELECT group_id, coalesce(substr(published, 1, 7), ''), count(*), sum(truncated), sum(completed)"
            " FROM articles WHERE listed GROUP BY 1, 2"
        )
        groups = read_groups(database)
        written, paid = authors(database), sponsors(database)
    by_group: dict[int, list[Count]] = {group.group_id: [] for group in groups}
    by_month: dict[str, list[Count]] = {}
    for group_id, month, articles, truncated, completed in rows:
        shares = Shares(articles - truncated - completed, completed, truncated)
        if group_id == SPONSORED_ID:
            shares = Shares(sponsored=articles)
        count = Count("", articles, truncated, shares)
        by_group.setdefault(group_id, []).append(count)
        by_month.setdefault(month, []).append(count)
    total = _sum("", chain.from_iterable(by_month.values()))
    return Overview(
        captures=captures,
        partial_captures=partial,
        problems=problems,
        skipped=skipped,
        articles=total.articles,
        occurrences=occurrences,
        whole=total.articles - total.truncated,
        truncated=total.truncated,
        completed=sum(row[4] for row in rows),
        sponsored=total.shares.sponsored,
        unread=total.articles - read,
        starred=starred,
        shares=total.shares,
        sections=tuple(_sum(group.name, by_group[group.group_id]) for group in groups),
        months=tuple(_sum(month, by_month[month]) for month in sorted(by_month, key=lambda m: (not m, m))),
        authors=written,
        sponsors=paid,
    )


def _sum(name: str, counts: Iterable[Count]) -> Count:
    counts = list(counts)
    return Count(
        name,
        sum(count.articles for count in counts),
        sum(count.truncated for count in counts),
        Shares(*map(sum, zip(*(count.shares for count in counts), strict=True))),
    )
