"""What can be exported from where the reader is: an article, a listing, a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from reader.app.questions import Asked
from reader.export.formats import FORMATS, OPENING_FORMATS, Format
from reader.export.saving import title_file_name
from reader.library import Library, Listing, StoredArticle
from reader.library.search.results import Results

SITE = "Protocol"


class Taking(NamedTuple):
    """Articles that can be exported together."""

    what: str
    """What they are, for a heading."""
    title: str
    """What to call the export."""
    number: int
    """How many articles there are; 0 when unknown."""
    keys: Callable[[Library], Iterable[int]]
    """Which they are, asked in another thread of its library."""
    forms: Sequence[Format] = FORMATS
    """The formats in which they can be had."""


class Way(NamedTuple):
    """Articles in a format."""

    taking: Taking
    form: Format

    @property
    def file_name(self) -> str:
        """The name that is offered for the file."""
        single = self.taking.number == 1 and self.form.single_suffix
        return title_file_name(self.taking.title.replace(": ", " "), single or self.form.suffix)


def an_article(stored: StoredArticle) -> Taking:
    """One article, the version that is read."""
    return Taking("this article", stored.article.title, 1, lambda _: (stored.key,))


def what_is_listed(listing: Listing, view: Sequence[str]) -> Taking:
    """All that is listed; `view` are the filters in words."""
    title = f"{SITE}: {', '.join(view)}" if view else SITE
    return Taking("what is listed", title, len(listing), lambda own: own.listed_keys(listing))


def all_openings(number: int) -> Taking:
    """All stories known only by their openings, as a list to look for them with."""
    return Taking(
        "known only by their openings",
        f"{SITE}: missing",
        number,
        lambda own: own.opening_keys(),
        OPENING_FORMATS,
    )


def listed_openings(listing: Listing, view: Sequence[str]) -> Taking:
    """The same of what is listed, which are such stories alone."""
    title = f"{SITE}: missing, {', '.join(view)}"
    keys = what_is_listed(listing, view).keys
    return Taking("as a list to look for them with", title, len(listing), keys, OPENING_FORMATS)


def what_is_found(asked: Asked, results: Results) -> Taking:
    """All that a search finds, in the order it is shown."""
    query = " ".join(asked.query.split())
    number = 0 if results.capped else results.count
    return Taking(
        f"results of “{query}”", f"{SITE}: {query}", number, lambda own: own.found_keys(query, asked.order)
    )
