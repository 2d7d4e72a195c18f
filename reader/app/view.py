"""What to list: filters and sort order as a value, and its description. Without Textual."""

import re
from typing import Any, Final, NamedTuple

from reader.app.keys import with_keys
from reader.errors import QueryError
from reader.library import ArticleRow, Filters, Library, Show, Sort, Totals
from reader.model import MONTHS
from reader.sanitize import sanitize
from reader.settings import command_for

_NEXT_SHOW: Final = {Show.ALL: Show.ONLY, Show.ONLY: Show.HIDE, Show.HIDE: Show.ALL}
_NEXT_SORT: Final = dict(zip(Sort, [*[*Sort][1:], Sort.ADDED], strict=True))
_SORT_WORDS: Final = {
    Sort.NEWEST: "newest first", Sort.TITLE: "by title", Sort.LONGEST: "longest first"
}  # fmt: skip
_BADGES: Final = ("truncated", "sponsored", "unread", "starred")
_CLEARED_BY_ESCAPE: Final = (
    "words", "starred", "unread", "sponsored", "truncated", "month", "sponsor", "author", "section"
)  # fmt: skip
"""The filters in the order in which Esc clears them."""


class View(NamedTuple):
    """Which articles to list, and in which order."""

    filters: Filters = Filters()
    sort: Sort = Sort.ADDED

    @property
    def is_quick(self) -> bool:
        """Can the library list this at once, because it is whole groups in order of arrival?"""
        groups = Filters(section=self.filters.section, sponsored=self.filters.sponsored)
        return self == View(groups)

    @property
    def depends_on_marks(self) -> bool:
        """Do the reader's marks decide what is listed?"""
        filters = self.filters
        return (filters.unread, filters.starred) != (Show.ALL, Show.ALL) or "is:" in filters.words

    def lists_state(self, row: ArticleRow) -> bool:
        """Do the filters list an article that is truncated, read and starred as `row` is?"""
        shows = [(getattr(self.filters, name), getattr(row, name)) for name in _BADGES if name != "sponsored"]
        return all(show is Show.ALL or has is (show is Show.ONLY) for show, has in shows)

    def is_wider_than(self, other: "View") -> bool:
        """Does this view list everything that `other` does?"""
        return all(
            getattr(self.filters, name) in (getattr(Filters(), name), getattr(other.filters, name))
            for name in _CLEARED_BY_ESCAPE
        )

    def _with(self, **changes: Any) -> "View":
        return self._replace(filters=self.filters._replace(**changes))

    def with_section(self, section: str | None) -> "View":
        return self._with(section=section)

    def with_words(self, words: str) -> "View":
        """Return the view with only articles that have all `words` in their title, deck or authors."""
        return self._with(words=" ".join(words.split()))

    def cycle(self, field: str) -> "View":
        """Step to the next order ("sort"), or the next choice of a filter such as "truncated" or "unread"."""
        if field == "sort":
            return self._replace(sort=_NEXT_SORT[self.sort])
        return self._with(**{field: _NEXT_SHOW[getattr(self.filters, field)]})

    def without_last_filter(self) -> "View | None":
        """The view without its last filter; None when it has none."""
        for name in _CLEARED_BY_ESCAPE:
            cleared = getattr(Filters(), name)
            if getattr(self.filters, name) != cleared:
                return self._with(**{name: cleared})
        return None

    def in_words(self) -> tuple[str, ...]:
        filters = self.filters
        words = [] if filters.section is None else [filters.section]
        if filters.author is not None:
            words.append(f"by {filters.author}" if filters.author else "unsigned")
        if filters.sponsor is not None:
            words.append(f"paid for by {filters.sponsor}" if filters.sponsor else "sponsor unknown")
        if filters.month is not None:
            words.append(month_words(filters.month))
        for name in _BADGES:
            show = getattr(filters, name)
            if show is not Show.ALL:
                words.append(f"{name} hidden" if show is Show.HIDE else f"only {name}")
        if filters.words:
            words.append(f"“{filters.words}”")
        if self.sort is not Sort.ADDED:
            words.append(_SORT_WORDS[self.sort])
        return tuple(words)


def month_words(month: str) -> str:
    """Write YYYY-MM as "May 2020"; "" means articles without a date."""
    year, _, number = month.partition("-")
    if number.isdecimal() and 1 <= int(number) <= len(MONTHS):
        return f"{MONTHS[int(number) - 1]} {year}"
    return month or "without a date"


def filter_hint(words: str) -> str:
    """Say what the words of a filter cannot express although a search could; "" if there is nothing to say."""
    from reader.library.search.parser import FIELDS, parse_query  # Only when no article matches.

    parts = words.split()
    for number, word in enumerate(parts, 1):
        field, colon, _ = word.lstrip("-").casefold().partition(":")
        if colon and field == "is":
            try:
                parse_query(word, typing=number == len(parts))
            except QueryError as error:
                return f"{error}."
        elif (colon and field in FIELDS) or word in ("OR", "NOT") or re.match(r"-\w", word):
            return with_keys("{find.everywhere} understands words such as OR, -word and author:name.")
    return ""


def why_empty(
    library: Library, totals: Totals, *, filling: bool, filtered: bool, words: str = ""
) -> tuple[str, ...]:
    """Explain an empty list, in paragraphs; `totals` count the whole library, `words` are those of its filter."""
    if totals.articles:
        hint = filter_hint(words)
        cleared = with_keys("{panes.back} clears the last filter.")
        return ("No article matches.", *([hint] if hint else []), cleared) if filtered else ()
    if filling:
        return ("Reading captures…",)
    # What a library kept may have been removed on purpose.
    nothing = "The library has no articles." if library.is_durable else "Nothing could be read."
    if totals.problems + totals.skipped == 1:
        return (
            nothing,
            *(f"{sanitize(problem.source)}: {sanitize(problem.reason)}." for problem in library.problems()),
        )
    if totals.problems or totals.skipped:
        return (nothing, with_keys("{app.problems} shows the problems, file by file."))
    if totals.captures:
        empty = "The capture is empty" if totals.captures == 1 else "The captures are empty"
        return ("Nothing to read.", f"{empty}: no article was found.")
    add = command_for(library.path, "add PATH…") if library.is_durable else "protocol-reader add PATH…"
    return "No captures yet.", f"“protocol-reader PATH…” reads captures, “{add}” adds them to the library."
