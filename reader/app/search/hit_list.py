"""The stories a search has found, three lines each, as many as have been fetched; and what a search can start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

from rich.style import Style
from textual.message import Message

from reader.app.search.texts import Pieces, around, marked
from reader.app.text.article_lines import day
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.article_list import STARRED, UNREAD, badge_of
from reader.app.widgets.grouped_list import GroupedList, Heading, Lines
from reader.library import ArticleRow, Library
from reader.library.search.results import Hit
from reader.sanitize import sanitize


class Hits:
    """Hits as a list shows them; more are put at their end."""

    def __init__(self, hits: Sequence[Hit] = ()) -> None:
        self._hits = list(hits)

    @property
    def groups(self) -> Sequence[Heading]:
        """All of them, without a heading."""
        return [Heading("", len(self._hits), 0)] if self._hits else []

    def __len__(self) -> int:
        return len(self._hits)

    def rows(self, start: int, stop: int) -> Sequence[Hit]:
        """The hits from index `start` up to `stop`."""
        return self._hits[start:stop]

    def add(self, hits: Sequence[Hit]) -> None:
        """Put more at the end."""
        self._hits += hits

    def renew(self, library: Library, start: int, stop: int) -> bool:
        """Read the rows of hits again, as far as they are still listed; whether one has changed."""
        changed = False
        for i in range(start, min(stop, len(self._hits))):
            hit = self._hits[i]
            row = library.row(hit.row.key)
            if row is not None and row.key == hit.row.key and row != hit.row:
                self._hits[i] = hit._replace(row=row)
                changed = True
        return changed

    def index_of(self, key: int) -> int | None:
        """Where a story stands."""
        return next((i for i, hit in enumerate(self._hits) if hit.row.key == key), None)


class HitList(GroupedList[Hit]):
    """Title and badge; section, date and authors; the passage that matches."""

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
        """Other hits are in sight."""

    def __init__(self, *, id: str | None = None, in_words: Callable[[ArticleRow], str] | None = None) -> None:
        """`in_words`: for a screen reader, puts what is known of an article, its title first, in a line of words."""
        self._in_words = in_words
        if in_words is not None:
            self.MARGIN = 0
        super().__init__(id=id)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say so: the wheel and the scrollbar move it without a key."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def margin(self, row: Hit, part: int) -> str:
        """Whether it is unread, and below that whether it is starred."""
        if self._in_words is not None:
            return ""
        sign = (UNREAD if row.row.unread else "", STARRED if row.row.starred else "", "")[part]
        return sign or " " * self.MARGIN

    def draw(self, row: Hit, part: int, width: int) -> Pieces:
        """One of the three lines."""
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
            said = " · ".join(sanitize(word) for word in (article.group, date, who) if word)
            return [("list--detail", fit(said, width))]
        style = "list--hit-untitled" if article.untitled else "list--hit"
        badge, badge_style = badge_of(article) if self._in_words is None else ("", "")
        room = width - width_of(badge) - 2 if badge else width
        title = fit(sanitize(article.title), room)
        pieces = list(marked(title, _safe(article.title, row.title_marks), style, "list--hit-match"))
        if badge:
            pieces += [(style, " " * (room - width_of(title) + 2)), (badge_style, badge)]
        return pieces

    def grown(self, note: tuple[str, ...]) -> None:
        """More rows have been put at the end of what is shown; `note` stands below them."""
        self._lines = Lines(self._model.groups, self.ROW_LINES)
        self._note = note
        self._measure()
        self.refresh()

    @property
    def in_sight(self) -> int:
        """How many rows a screen has, at least as many as a small terminal shows."""
        return max(self.app.size.height, 24) // self.ROW_LINES

    @property
    def last_in_sight(self) -> int:
        """Index of the last row that can be seen, or could if there were so many."""
        return (self.scroll_offset.y + self.size.height) // self.ROW_LINES

    def _on_cursor(self, name: str, style: Style) -> Style:
        own = self.style_of(name)
        return style + Style(bold=own.bold, italic=own.italic, underline=own.underline)


def _safe(text: str, marks: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The marks of a text that is shown as it is; none where cleaning has moved its characters."""
    return marks if sanitize(text) == text else ()


class Start(NamedTuple):
    """Something to begin a search with."""

    kind: Literal["saved", "recent", "example"]
    query: str
    about: str = ""
    """A saved search's name, or what an example finds."""


EXAMPLES = (
    ("cloud outage", "both words, in any case and with any accents"),
    ('"status page"', "these words one after the other"),
    ("cloud -outage", "the first word without the second"),
    ("lease OR permit", "either word"),
    ("regul*", "words that begin like this"),
    ("section:fintech author:haas", "in a section, by an author"),
    ("in:headline battery", "in one part of the article"),
    ("is:whole -is:sponsored", "also truncated, unread, starred"),
    ("after:2021-06 before:2022", "by date of publication"),
)


BESIDE = 60
"""From so many columns on there is room for what a search finds beside it."""


class StartList(GroupedList[Start]):
    """Searches, a line each: the query, and what it is called or finds."""

    ROW_LINES = 1
    COUNTS = False

    @property
    def said(self) -> str:
        """What the search under the cursor finds or is called, where its line has no room for it."""
        row = None if self.cursor is None else self.row(self.cursor)
        if row is None or self.app.size.width - 4 >= BESIDE:
            return ""
        return row.query if row.kind == "saved" else row.about

    def draw(self, row: Start, part: int, width: int) -> Pieces:  # noqa: ARG002
        """The name of a saved search before its query; else the query before what it finds."""
        query, about = sanitize(row.query), sanitize(row.about)
        first, second = (about, query) if row.kind == "saved" else (query, about)
        if not second or first == second or width < BESIDE:
            return [("list--title", fit(first, width))]
        column = min(max(16, width * 2 // 5), 32)
        return [
            ("list--title", pad(first, column)),
            ("list--detail", "  " + fit(second, max(0, width - column - 2))),
        ]
