"""Describes authors, sponsors and their articles. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator

from reader.app.text.article_lines import day, file_name, why_words
from reader.app.text.flow import StyledSpan
from reader.app.text.parts import Part, PartsDocument
from reader.app.view import month_words
from reader.library import fold
from reader.library.listings.people import Name, Profile, ProfileRow, names_in
from reader.sanitize import many, sanitize

MAX_COMPANIONS = 30
"""How many co-authors are named, at most."""


def years(name: Name) -> str:
    """The first and last year, such as "2020–2022"; "" without dates."""
    first, last = (name.first or "")[:4], (name.last or "")[:4]
    return sanitize(first if first == last else f"{first}–{last}")


def months(name: Name) -> str:
    """The first and last month; "" without dates."""
    if not name.first or not name.last:
        return ""
    first, last = month_words(name.first[:7]), month_words(name.last[:7])
    return sanitize(first if first == last else f"{first} to {last}")


def article_counts(name: Name, noun: str) -> str:
    """Say how many articles there are, and how many of them are whole and truncated."""
    total = many(name.articles, noun)
    if not name.truncated:
        return f"{total}, {'whole' if name.articles == 1 else 'all whole'}"
    if not name.whole:
        return f"{total}, {'truncated' if name.articles == 1 else 'all truncated'}"
    return f"{total}: {name.whole:,} whole, {name.truncated:,} truncated"


def about(profile: Profile, *, sponsor: bool) -> PartsDocument:
    """Compose the facts about an author or a sponsor."""
    *parts, last = _about(profile, sponsor)
    return PartsDocument((*parts, last._replace(gap=0)))


def _about(profile: Profile, sponsor: bool) -> Iterator[Part]:
    name = profile.name
    much = [article_counts(name, "paid article" if sponsor else "article"), months(name)]
    if profile.sponsored and not sponsor:
        much.insert(1, f"{profile.sponsored:,} sponsored")
    yield Part("fact", f"{'; '.join(filter(None, much))}.")
    if sponsor and not name.name:
        yield Part("note", "The captures do not say who paid.")
    for bio in profile.bios:
        yield Part("said", bio.text, 0)
        source = file_name(bio.source) + (f", {day(bio.date)}" if bio.date else "")
        yield Part("note", f"— {source}")
    if not sponsor:
        yield from _counted("Sections:", profile.sections)
        yield from _counted("With:", profile.companions)


def _counted(label: str, names: tuple[tuple[str, int], ...]) -> Iterator[Part]:
    if names:
        counts = " · ".join(f"{sanitize(name)} {count:,}" for name, count in names[:MAX_COMPANIONS])
        more = len(names) - MAX_COMPANIONS
        counts += f" · and {more:,} more" if more > 0 else ""
        yield Part("fact", f"{label} {counts}", styled=(StyledSpan(0, len(label), "label"),))


def facts(article: ProfileRow, profile: Profile, *, sponsor: bool) -> str:
    """The second line of an article: date, section, co-authors and sponsor; "" if none is known."""
    row = article.row
    own = "" if sponsor else fold(profile.name.name)
    others = [sanitize(name) for name in names_in(row.authors) if fold(name) != own]
    words = list(_date(article))
    if not sponsor:
        words.append(sanitize(row.group))
        words += [f"paid for by {sanitize(row.sponsor)}"] if row.sponsored and row.sponsor else []
    words += [f"{'by' if sponsor else 'with'} {', '.join(others)}"] if others else []
    return " · ".join(words)


def _date(article: ProfileRow) -> Iterator[str]:
    """The date if there is one: the articles without stand under a heading that says so."""
    if article.row.published:
        yield sanitize(day(article.row.published))
    elif article.seen:
        yield f"captured {sanitize(day(article.seen))}"


def why_sponsored(article: ProfileRow) -> str:
    """How an article was recognised as sponsored."""
    return "another capture says so" if article.paid is None else why_words(article.paid)
