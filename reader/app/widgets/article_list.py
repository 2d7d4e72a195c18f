"""Lists of articles, by section and as hits of a search, and of suggested searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import ClassVar, Final, Literal, NamedTuple

from reader.app.text.article_lines import day
from reader.app.text.places import find_folded, folded_query
from reader.app.text.wrapping import Span, around, drawn, fit, marked, pad, width_of, wrap
from reader.app.widgets.grouped_list import GroupedList
from reader.library import ArticleRow
from reader.library.listing import Hit
from reader.sanitize import sanitize

ROOMY: Final = 30
"""From this many cells on, there is room for descriptions of suggested searches, and for “result” below hits."""


def sign_of(row: ArticleRow, part: int) -> str:
    """The sign left of line `part` of a row: for unread at the title, and below it for starred; "" for none."""
    signs = ("•" if row.unread else "", "★" if row.starred else "")
    return signs[part] if part < len(signs) else ""


def badge_of(row: ArticleRow) -> tuple[str, str]:
    """A row's badge and its look; ("", "") for a row without a badge."""
    if row.sponsored:
        return "SPONSORED", "list--badge"
    if row.truncated:
        return "TRUNCATED", "list--badge"
    return ("WHOLE", "list--whole") if row.completed else ("", "")


class ArticleList(GroupedList[ArticleRow]):
    """Articles by section: the title on one or two lines, then authors and length or the sponsor, and the badge."""

    ROW_LINES = 3
    MARGIN = 2

    def __init__(self, *, id: str | None = None, in_words: Callable[[ArticleRow], str] | None = None) -> None:
        """`in_words`: describes a row in one line for a screen reader."""
        self._in_words = in_words
        if in_words is not None:
            self.ROW_LINES, self.MARGIN = 1, 0
        super().__init__(id=id)
        self._found: Sequence[str] = ()
        """The words that are searched for in titles, folded."""

    def show_found(self, words: str) -> None:
        """Underline these words in the titles that have all of them; "" for none."""
        self._found = folded_query(words).split()
        self.refresh()

    def lines_in(self, row: ArticleRow, width: int) -> int:
        return 1 if self._in_words is not None else len(_title_lines(sanitize(row.title), width)) + 1

    def margin(self, row: ArticleRow, part: int) -> str:
        return sign_of(row, part)

    def draw(self, row: ArticleRow, part: int, width: int) -> list[tuple[str, str]]:
        if self._in_words is not None:
            return [("list--title", fit(self._in_words(row), width))]
        title = sanitize(row.title)
        spans = _title_lines(title, width)
        if part < len(spans):
            style = "list--untitled" if row.untitled else "list--title"
            return self._title(title, spans[part], width, style)
        badge, badge_style = badge_of(row)
        if not badge:
            return [("list--detail", fit(self._detail(row, width), width))]
        room = width - width_of(badge) - 2
        return [
            ("list--detail", pad(self._detail(row, room), room)),
            ("list--detail", "  "),
            (badge_style, badge),
        ]

    def _title(self, title: str, span: Span, width: int, style: str) -> list[tuple[str, str]]:
        """Draw a line of a title. Underline the words that are searched for, if the title has all of them."""
        matches = [find_folded(word, title) for word in self._found]
        text = drawn(title, span)
        line = fit(text, width)
        end = len(line) - (line != text)  # Without the sign of a cut.
        spans = sorted(chain.from_iterable(matches)) if all(matches) else []
        marks = [(first - span[0], min(last - span[0], end)) for first, last in spans]
        return list(marked(line, marks, style, "list--match"))

    def _detail(self, row: ArticleRow, width: int) -> str:
        """Authors and minutes, or the sponsor and whether the text is truncated. Only names are cut."""
        minutes = f"{row.minutes} min"
        names = sanitize(row.sponsor or "" if row.sponsored else row.authors) or minutes
        rest = " · truncated" if row.sponsored and row.truncated else ""
        if not row.sponsored and names != minutes and width_of(f"{names} · {minutes}") <= width:
            rest = f" · {minutes}"
        return fit(names, width - width_of(rest)) + rest


def _title_lines(title: str, width: int) -> list[Span]:
    """The one or two lines of a title. The second one has all that is left, and may be too long."""
    spans = wrap(title, width)
    return [spans[0], (spans[1][0], len(title))] if len(spans) > 1 else spans


class HitList(GroupedList[Hit]):
    """Three lines each: title and badge; section, date and authors; the matching passage."""

    ROW_LINES = 3
    MARGIN = 2
    LOOKS: ClassVar[Mapping[str, str]] = {
        **GroupedList.LOOKS,
        "list--hit": "foreground bold",
        "list--hit-untitled": "foreground bold italic",
        "list--hit-match": "text-accent bold underline",
        "list--passage": "foreground",
    }

    def __init__(self, *, id: str | None = None, in_words: Callable[[ArticleRow], str] | None = None) -> None:
        """`in_words`: describes an article in one line, its title first, for a screen reader."""
        self._in_words = in_words
        if in_words is not None:
            self.MARGIN = 0
        super().__init__(id=id)

    def margin(self, row: Hit, part: int) -> str:
        return sign_of(row.row, part)

    def draw(self, row: Hit, part: int, width: int) -> list[tuple[str, str]]:
        article = row.row
        if part == 2:
            passage, marks = around(sanitize(row.passage), _safe(row.passage, row.marks), width)
            return list(marked(passage, marks, "list--passage", "list--hit-match"))
        if part and self._in_words is not None:
            words = self._in_words(article).removeprefix(article.title).removeprefix(", ")
            return [("list--detail", fit(words, width))]
        if part:
            names = (article.sponsor or "") if article.sponsored else article.authors
            date = day(article.published) if article.published else ""
            words = " · ".join(sanitize(word) for word in (article.group, date, names) if word)
            return [("list--detail", fit(words, width))]
        style = "list--hit-untitled" if article.untitled else "list--hit"
        badge, badge_style = badge_of(article) if self._in_words is None else ("", "")
        room = width - width_of(badge) - 2 if badge else width
        title = fit(sanitize(article.title), room)
        pieces = list(marked(title, _safe(article.title, row.title_marks), style, "list--hit-match"))
        if badge:
            pieces += [(style, " " * (room - width_of(title) + 2)), (badge_style, badge)]
        return pieces

    @property
    def page_size(self) -> int:
        """How many rows fit on the screen; at least as many as on a small terminal."""
        return max(self.app.size.height, 24) // self.ROW_LINES

    @property
    def last_visible(self) -> int:
        """Index of the last visible row, or of the last that would fit."""
        return (self.scroll_offset.y + self.size.height) // self.ROW_LINES


def _safe(text: str, marks: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The marks of a text; none if sanitizing moves its characters."""
    return marks if sanitize(text) == text else ()


class Start(NamedTuple):
    """A suggested search."""

    kind: Literal["saved", "recent", "example"]
    query: str
    about: str = ""
    """A saved search's name, or what an example finds."""


class StartList(GroupedList[Start]):
    """Searches, one line each: the query, and its name or what it finds."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Start, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        query, about = sanitize(row.query), sanitize(row.about)
        first, second = (about, query) if row.kind == "saved" else (query, about)
        if not second or first == second or width < ROOMY:
            return [("list--title", fit(first, width))]
        column = min(max(16, width * 2 // 5), 32)
        return [
            ("list--title", pad(first, column)),
            ("list--detail", "  " + fit(second, max(0, width - column - 2))),
        ]
