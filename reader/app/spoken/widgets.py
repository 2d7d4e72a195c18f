"""The lists, the article and the bar as they are heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from textual.geometry import Offset
from textual.widget import Widget

from reader.app.main.article_pane import ArticlePane
from reader.app.overview.view import OverviewView
from reader.app.search.hits import HitList
from reader.app.spoken import sentences
from reader.app.spoken.signs import without_signs
from reader.app.text.article_lines import Sightings, article_document, hint_document
from reader.app.text.cells import fit
from reader.app.text.flow import ReadingPosition
from reader.app.text.parts import Part, PartsDocument
from reader.app.text.searchable_view import SearchableView
from reader.app.text.wrapping import NARROWEST
from reader.app.why.view import WhyView
from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.article_view import HINT
from reader.app.widgets.bar_texts import HeaderState, Piece
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.line_view import LineView
from reader.library import ArticleRow, StoredArticle
from reader.library.search.results import Hit

WORDS: Final[Mapping[str, str]] = {
    "kicker": "Section: ",
    "headline": "Headline: ",
    "deck": "Summary: ",
    "byline": "Byline: ",
    "caption": "Caption: ",
    "credit": "Photo credit: ",
    "subhead": "Subheading: ",
    "item": "Item: ",
    "quote": "Quote: ",
    "signoff": "Sign-off: ",
    "bio": "About the author: ",
    "notice": "Notice: ",
    "paid": "Notice: ",
    "sighting": "Notice: ",
}
"""What is said before a paragraph of each role; nothing before a plain one."""


class SpokenDocument(PartsDocument):
    """An article whose paragraphs say what they are."""

    _starred = False

    def star(self, starred: bool) -> bool:
        """Say before the byline that the article is starred, or no longer."""
        changed = starred != self._starred
        self._starred = starred
        return changed

    def _part(self, number: int) -> Part:
        part = super()._part(number)
        word = WORDS.get(part.role, "")
        if part.role == "byline" and self._starred:
            word = f"Starred. {word}"
        return part._replace(first=word, rest="")


class SpokenPane(ArticlePane):
    """The article from the first column on."""

    def show(
        self,
        shown: StoredArticle | None,
        place: ReadingPosition | None = None,
        sightings: Sightings = Sightings(),  # noqa: B008 (frozen)
    ) -> None:
        """Show an article from a place on, else from its start; None shows a hint instead."""
        if shown is None:
            self.set_document(hint_document(HINT), place)
        else:
            self.set_document(article_document(shown, sightings, SpokenDocument), place)

    def column(self, width: int) -> tuple[int, int]:
        """No margin."""
        return 0, max(NARROWEST, min(self.text_width, width))


class SpokenList(ArticleList):
    """Articles, a line of words each."""

    ROW_LINES = 1
    MARGIN = 0

    def margin(self, row: ArticleRow, part: int) -> str:  # noqa: ARG002
        """Words say it."""
        return ""

    def draw(self, row: ArticleRow, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """All of it in words."""
        said = sentences.row_words(self.marked(row), pinned=row.key == self.pinned)
        return [("list--title", fit(said, width))]


class SpokenHits(HitList):
    """Hits of a search: title, what is known of it in words, the passage."""

    MARGIN = 0

    def margin(self, row: Hit, part: int) -> str:  # noqa: ARG002
        """Words say it."""
        return ""

    def draw(self, row: Hit, part: int, width: int) -> list[tuple[str, str]]:
        """The badge is among the words of the second line."""
        if part == 1:
            words = sentences.row_words(row.row).removeprefix(row.row.title).removeprefix(", ")
            return [("list--detail", fit(words, width))]
        plain = row._replace(row=row.row._replace(sponsored=False, truncated=False, completed=False))
        return super().draw(row if part else plain, part, width)


def header(state: HeaderState, width: int) -> list[Piece]:
    """The line at the top, in words."""
    return [Piece(fit(", ".join(sentences.header(state, width)), width), "bar--title")]


def caret(widget: Widget | None) -> Offset | None:
    """Where the terminal's cursor belongs while a widget has the keys; None where the widget itself sees to that."""
    if isinstance(widget, GroupedList):
        row = 0 if widget.cursor is None else widget.line_of(widget.cursor)
        return widget.region.offset + Offset(1, row)
    if isinstance(widget, WhyView | OverviewView):
        return widget.region.offset + Offset(0, widget.row_of_cursor)
    if isinstance(widget, SearchableView):
        return widget.region.offset + Offset(0, widget.row_of_match)
    return widget.region.offset if isinstance(widget, LineView) else None


def spoken(widget: Widget) -> Iterator[str]:
    """What stands where the cursor is."""
    if isinstance(widget, GroupedList):
        yield from widget.under_cursor()
    elif isinstance(widget, WhyView):
        line = widget.line
        if line is not None:
            yield f"Line {line.n}, {line.label}: {line.text}"
            yield from line.badges
    elif isinstance(widget, OverviewView):
        yield without_signs(widget.text_under_cursor).strip()
    elif isinstance(widget, LineView) and widget.where[0]:
        yield sentences.where(*widget.where)
