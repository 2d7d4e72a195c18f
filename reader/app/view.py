"""A choice of articles and their order, as a value: how keys change it, and how it reads in words."""

from __future__ import annotations

from typing import Any, NamedTuple

from reader.app.keys import with_keys
from reader.library import Filters, Show, Sort

_NEXT_SHOW = {Show.ALL: Show.HIDE, Show.HIDE: Show.ONLY, Show.ONLY: Show.ALL}
_NEXT_SORT = {
    Sort.KEPT: Sort.NEWEST,
    Sort.NEWEST: Sort.TITLE,
    Sort.TITLE: Sort.LONGEST,
    Sort.LONGEST: Sort.KEPT,
}
_SORT_WORDS = {
    Sort.KEPT: "as kept",
    Sort.NEWEST: "newest first",
    Sort.TITLE: "by title",
    Sort.LONGEST: "longest first",
}
_NEXT_STATE = {Show.ALL: Show.ONLY, Show.ONLY: Show.HIDE, Show.HIDE: Show.ALL}
"""The next choice for marks, which begins with the marked articles alone."""
_BADGES = ("truncated", "sponsored", "unread", "starred")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LAYERS = (
    ("words", ""),
    ("starred", Show.ALL),
    ("unread", Show.ALL),
    ("sponsored", Show.ALL),
    ("truncated", Show.ALL),
    ("month", None),
    ("sponsor", None),
    ("author", None),
    ("section", None),
)
"""The filters in the order in which Esc drops them, and what each is without it."""


class View(NamedTuple):
    """One choice of articles and their order."""

    filters: Filters = Filters()
    sort: Sort = Sort.KEPT

    @property
    def quick(self) -> bool:
        """Is it whole groups in order of arrival, which the library lists at once?"""
        filters = self.filters
        picked = (filters.truncated, filters.unread, filters.starred)
        named = (filters.author, filters.sponsor, filters.month)
        return (
            self.sort is Sort.KEPT
            and picked == (Show.ALL,) * 3
            and named == (None,) * 3
            and not filters.words
        )

    @property
    def by_state(self) -> bool:
        """Does the list depend on the reader's marks?"""
        return (self.filters.unread, self.filters.starred) != (Show.ALL, Show.ALL)

    def with_section(self, section: str | None) -> View:
        """The view of one section, or of all."""
        return self._replace(filters=self.filters._replace(section=section))

    def with_words(self, words: str) -> View:
        """The view of the articles in whose title, deck or authors all `words` occur."""
        return self._replace(filters=self.filters._replace(words=" ".join(words.split())))

    def cycle(self, what: str) -> View:
        """The next order for "sort", else the next choice of a badge or a mark such as "truncated" or "unread"."""
        if what == "sort":
            return self._replace(sort=_NEXT_SORT[self.sort])
        following = _NEXT_STATE if what in ("unread", "starred") else _NEXT_SHOW
        changed: dict[str, Any] = {what: following[getattr(self.filters, what)]}
        return self._replace(filters=self.filters._replace(**changed))

    def peel(self) -> View | None:
        """The view without its last filter; None when there is none."""
        for name, neutral in _LAYERS:
            if getattr(self.filters, name) != neutral:
                peeled: dict[str, Any] = {name: neutral}
                return self._replace(filters=self.filters._replace(**peeled))
        return None

    def in_words(self) -> tuple[str, ...]:
        """The filters and the order in words; nothing for the defaults."""
        filters = self.filters
        said = [filters.section] if filters.section is not None else []
        if filters.author is not None:
            said.append(f"by {filters.author}" if filters.author else "unsigned")
        if filters.sponsor is not None:
            said.append(f"paid for by {filters.sponsor}" if filters.sponsor else "sponsor unknown")
        if filters.month is not None:
            said.append(month_words(filters.month))
        shows = [(getattr(filters, name), name) for name in _BADGES]
        said += [_show_words(show, name) for show, name in shows if show is not Show.ALL]
        said += [f"“{filters.words}”"] if filters.words else []
        said += [_SORT_WORDS[self.sort]] if self.sort is not Sort.KEPT else []
        return tuple(said)


def _show_words(show: Show, name: str) -> str:
    return f"no {name}" if show is Show.HIDE else f"only {name}"


def month_words(month: str) -> str:
    """Put YYYY-MM in words; "" is no month."""
    year, _, number = month.partition("-")
    if number.isdecimal() and 1 <= int(number) <= len(MONTHS):
        return f"{MONTHS[int(number) - 1]} {year}"
    return month or "without a date"


def why_empty(articles: int, problems: int, filling: bool, filtered: bool) -> tuple[str, ...]:
    """Say why a list is empty; `articles` and `problems` are the library's, whatever the filters."""
    if filtered and articles:
        return (
            "No article matches.",
            with_keys("{panes.back} drops the last filter, {filter.all} shows all sections."),
        )
    if articles:
        return ()
    if filling:
        return ("Reading captures…",)
    if problems:
        return ("Nothing readable here.", with_keys("{app.problems} shows the problems, file by file."))
    return (
        "No captures yet.",
        "“protocol-reader PATH…” reads captures, “protocol-reader add PATH…” keeps them in the library.",
    )
