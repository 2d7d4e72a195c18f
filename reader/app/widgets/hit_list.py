"""The widgets of the search screen: the query line, hits of three lines each, suggested searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from rich.highlighter import Highlighter
from rich.text import Text
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from reader.app.text.article_lines import day
from reader.app.text.wrapping import around, fit, marked, pad, width_of
from reader.app.widgets.article_list import badge_of, sign_of
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.errors import QueryError
from reader.library import ArticleRow, SavedSearch
from reader.library.listing import Hit
from reader.sanitize import sanitize

ROOMY: Final = 30
"""From this many cells on, there is room for descriptions of suggested searches, and for “result” in the footer."""


class _Underliner(Highlighter):
    """Underlines the fault of a query line, in the colours of its theme."""

    def __init__(self, line: QueryLine) -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        if (fault := self._line.fault) is not None:
            style = self._line.get_component_rich_style("query--fault", partial=True)
            text.stylize(style, fault.position, fault.position + fault.length)


class QueryLine(Input):
    """The input for a query, with the faulty piece underlined."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"query--fault"}
    DEFAULT_CSS = """
    QueryLine {
        width: 1fr;
        & > .query--fault { color: $text-error; text-style: bold underline; }
    }
    """
    fault: reactive[QueryError | None] = reactive(None)
    """The fault of the query; its piece is underlined."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False, highlighter=_Underliner(self))
        self.cursor_blink = False


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

    class Scrolled(Message):
        """Other hits are visible now."""

    def __init__(self, *, id: str | None = None, in_words: Callable[[ArticleRow], str] | None = None) -> None:
        """`in_words`: describes an article in one line, its title first, for a screen reader."""
        self._in_words = in_words
        if in_words is not None:
            self.MARGIN = 0
        super().__init__(id=id)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Report scrolling, which the wheel and the scrollbar do without a key."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

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
            who = (article.sponsor or "") if article.sponsored else article.authors
            date = day(article.published) if article.published else ""
            words = " · ".join(sanitize(word) for word in (article.group, date, who) if word)
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


EXAMPLES = (
    ("cloud outage", "both words; case and accents do not matter"),
    ('"status page"', "this exact phrase"),
    ("cloud -outage", "the first word without the second"),
    ("lease OR permit", "either word"),
    ("regul*", "words that begin like this"),
    ("section:fintech author:haas", "in a section, by an author"),
    ("in:headline battery", "in one part of the article"),
    ("is:whole -is:sponsored", "also truncated, unread, starred, doubtful"),
    ("after:2021-06 before:2022", "by publication date"),
)


class StartList(GroupedList[Start]):
    """Searches, one line each: the query, and its name or what it finds."""

    ROW_LINES = 1
    COUNTS = False

    def list_searches(self, saved: Sequence[SavedSearch], recent: Sequence[str], cursor: int) -> None:
        """List the saved and the recent searches, and the examples."""
        groups = [
            ("saved searches", [Start("saved", search.query, search.name) for search in saved]),
            ("recent", [Start("recent", query) for query in recent]),
            ("how to search", [Start("example", *example) for example in EXAMPLES]),
        ]
        self.show(GroupedRows(groups), cursor)

    def draw(self, row: Start, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Name and query of a saved search, or query and description of another."""
        query, about = sanitize(row.query), sanitize(row.about)
        first, second = (about, query) if row.kind == "saved" else (query, about)
        if not second or first == second or width < ROOMY:
            return [("list--title", fit(first, width))]
        column = min(max(16, width * 2 // 5), 32)
        return [
            ("list--title", pad(first, column)),
            ("list--detail", "  " + fit(second, max(0, width - column - 2))),
        ]
