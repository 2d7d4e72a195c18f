"""Filters and sort order of the list as a value, the changes that keys make to it, and its description."""

from __future__ import annotations

from typing import Any, NamedTuple

from reader.app.keys import with_keys
from reader.library import ArticleRow, Filters, Show, Sort, Totals

_NEXT_SHOW = {Show.ALL: Show.ONLY, Show.ONLY: Show.HIDE, Show.HIDE: Show.ALL}
_NEXT_SORT = dict(zip(Sort, [*[*Sort][1:], Sort.ADDED], strict=True))
_SORT_WORDS = {
    Sort.ADDED: "as added",
    Sort.NEWEST: "newest first",
    Sort.TITLE: "by title",
    Sort.LONGEST: "longest first",
}
_BADGES = ("truncated", "sponsored", "unread", "starred")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NO_FILTER = (
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
"""The filters in the order in which Esc clears them, each with its value when clear."""


class View(NamedTuple):
    """Which articles to list, and in which order."""

    filters: Filters = Filters()
    sort: Sort = Sort.ADDED

    @property
    def is_quick(self) -> bool:
        """Can the library list this at once, because it is whole groups in order of arrival?"""
        filters = self.filters
        shows = (filters.truncated, filters.unread, filters.starred)
        names = (filters.author, filters.sponsor, filters.month)
        return (
            self.sort is Sort.ADDED
            and shows == (Show.ALL,) * 3
            and names == (None,) * 3
            and not filters.words
        )

    @property
    def depends_on_marks(self) -> bool:
        """Do the reader's marks decide what is listed?"""
        return (self.filters.unread, self.filters.starred) != (
            Show.ALL,
            Show.ALL,
        ) or "is:" in self.filters.words

    def lists_state(self, row: ArticleRow) -> bool:
        """Do the filters list an article that is truncated, read and starred as `row` is?"""
        filters = self.filters
        states = (
            (filters.truncated, row.truncated), (filters.unread, row.unread), (filters.starred, row.starred)
        )  # fmt: skip
        return all(show is Show.ALL or has is (show is Show.ONLY) for show, has in states)

    def is_wider_than(self, other: View) -> bool:
        """Does this view list everything that `other` does?"""
        return all(
            getattr(self.filters, name) in (cleared, getattr(other.filters, name))
            for name, cleared in _NO_FILTER
        )

    def with_section(self, section: str | None) -> View:
        """Return the view with only one section, or with all (None)."""
        return self._replace(filters=self.filters._replace(section=section))

    def with_words(self, words: str) -> View:
        """Return the view with only articles that have all `words` in their title, deck or authors."""
        return self._replace(filters=self.filters._replace(words=" ".join(words.split())))

    def cycle(self, field: str) -> View:
        """Step to the next order ("sort"), or the next choice of a filter such as "truncated" or "unread"."""
        if field == "sort":
            return self._replace(sort=_NEXT_SORT[self.sort])
        changed: dict[str, Any] = {field: _NEXT_SHOW[getattr(self.filters, field)]}
        return self._replace(filters=self.filters._replace(**changed))

    def without_last_filter(self) -> View | None:
        """The view without its last filter; None when it has none."""
        for name, cleared in _NO_FILTER:
            if getattr(self.filters, name) != cleared:
                change: dict[str, Any] = {name: cleared}
                return self._replace(filters=self.filters._replace(**change))
        return None

    def in_words(self) -> tuple[str, ...]:
        """Describe the filters and the order; defaults are left out."""
        filters = self.filters
        words = [filters.section] if filters.section is not None else []
        if filters.author is not None:
            words.append(f"by {filters.author}" if filters.author else "unsigned")
        if filters.sponsor is not None:
            words.append(f"paid for by {filters.sponsor}" if filters.sponsor else "sponsor unknown")
        if filters.month is not None:
            words.append(month_words(filters.month))
        shows = [(getattr(filters, name), name) for name in _BADGES]
        words += [_show_words(show, name) for show, name in shows if show is not Show.ALL]
        words += [f"“{filters.words}”"] if filters.words else []
        words += [_SORT_WORDS[self.sort]] if self.sort is not Sort.ADDED else []
        return tuple(words)


def _show_words(show: Show, name: str) -> str:
    return f"{name} hidden" if show is Show.HIDE else f"only {name}"


def month_words(month: str) -> str:
    """Write YYYY-MM as "May 2020"; "" means articles without a date."""
    year, _, number = month.partition("-")
    if number.isdecimal() and 1 <= int(number) <= len(MONTHS):
        return f"{MONTHS[int(number) - 1]} {year}"
    return month or "without a date"


def why_empty(totals: Totals, *, filling: bool, filtered: bool) -> tuple[str, ...]:
    """Explain an empty list, in paragraphs; `totals` count the whole library."""
    if filtered and totals.articles:
        return ("No article matches.", with_keys("{panes.back} clears the last filter."))
    if totals.articles:
        return ()
    if filling:
        return ("Reading captures…",)
    if totals.problems or totals.skipped:
        return ("Nothing could be read.", with_keys("{app.problems} shows the problems, file by file."))
    if totals.captures:
        empty = "The capture is empty" if totals.captures == 1 else "The captures are empty"
        return ("Nothing to read.", f"{empty}: no article was found.")
    return (
        "No captures yet.",
        "“protocol-reader PATH…” reads captures, “protocol-reader add PATH…” adds them to the library.",
    )
