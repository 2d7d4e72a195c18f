"""What is said of an author or a sponsor, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from reader.app.article_lines import Part, PartsDocument, day
from reader.app.flow import Styled
from reader.article import REASONS
from reader.library.names import Name
from reader.library.profiles import Piece, Profile
from reader.safe_text import clean

MOST_COMPANIONS = 30
"""So many co-authors are named."""


def many(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def years(name: Name) -> str:
    """The first and the last year: "2020–2022"; "" without dates."""
    first, last = (name.first or "")[:4], (name.last or "")[:4]
    return first if first == last else f"{first}–{last}"


def span(name: Name) -> str:
    """The first and the last day; "" without dates."""
    if not name.first or not name.last:
        return ""
    return day(name.first) if name.first == name.last else f"{day(name.first)} to {day(name.last)}"


def how_much(name: Name, noun: str) -> str:
    """How many, and how many of them are whole."""
    said = many(name.articles, noun)
    if not name.truncated:
        return f"{said}, {'whole' if name.articles == 1 else 'all whole'}"
    if not name.whole:
        return f"{said}, {'truncated' if name.articles == 1 else 'all truncated'}"
    return f"{said}: {name.whole:,} whole, {name.truncated:,} truncated"


def about(profile: Profile, *, sponsor: bool) -> PartsDocument:
    """What stands beside the list of the pieces."""
    return PartsDocument(tuple(_about(profile, sponsor)))


def _about(profile: Profile, sponsor: bool) -> Iterator[Part]:
    name = profile.name
    yield Part("name", name.name or "Sponsor unknown", 0)
    yield Part("fact", f"{how_much(name, 'paid piece' if sponsor else 'article')}.", 0 if name.first else 1)
    if name.first:
        yield Part("fact", f"{span(name)}.", 1)
    if sponsor and not name.name:
        yield Part("note", "Paid for, and the captures do not say by whom.")
    for said in profile.said:
        yield Part("said", said.text, 0)
        whence = clean(said.source) + (f", {day(said.date)}" if said.date else "")
        yield Part("note", f"— {whence}")
    if not sponsor:
        yield from _counted("In", profile.sections)
        yield from _counted("With", profile.companions)


def _counted(label: str, names: tuple[tuple[str, int], ...]) -> Iterator[Part]:
    if names:
        said = " · ".join(f"{clean(name)} {count:,}" for name, count in names[:MOST_COMPANIONS])
        more = len(names) - MOST_COMPANIONS
        said += f" · and {more:,} more" if more > 0 else ""
        yield Part("fact", f"{label} {said}", styled=(Styled(0, len(label), "label"),))


def facts(piece: Piece, profile: Profile, *, sponsor: bool) -> str:
    """The second line of a piece: its date, and the section and co-authors or how it was recognised."""
    row = piece.row
    date = day(row.published) if row.published else f"captured {day(piece.seen)}" if piece.seen else "no date"
    if sponsor:
        why = "" if piece.paid is None else REASONS.get(piece.paid.because, piece.paid.because)
        return " · ".join(filter(None, (date, clean(why), "truncated" if row.truncated else "")))
    from reader.library import fold
    from reader.library.names import names_in

    own = fold(profile.name.name)
    others = [clean(name) for name in names_in(row.authors) if fold(name) != own]
    paid = [f"paid for by {clean(row.sponsor)}"] if row.sponsored and row.sponsor else []
    return " · ".join([date, clean(row.group), *paid, *([f"with {', '.join(others)}"] if others else [])])
