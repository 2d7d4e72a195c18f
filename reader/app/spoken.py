"""The app for screen readers: one pane, words instead of symbols, and a line that announces each change.

`reader.app.running` chooses the app's class once, and imports this file only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from rich.console import RenderableType
from rich.segment import Segment
from textual import events, on
from textual.color import Color
from textual.css.scalar import Scalar
from textual.filter import LineFilter
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from reader.app.app import ReaderApp
from reader.app.keys import shown
from reader.app.main.bar_texts import HeaderState
from reader.app.main.layout import Speech
from reader.app.main.screen import MainScreen
from reader.app.messages import Announced, ArticleShown
from reader.app.text.wrapping import Span, drawn, fit, pad, wrap
from reader.app.view import View
from reader.app.why.lines import WhyView
from reader.app.widgets.drawing import style_of
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import Piece, match_words
from reader.app.widgets.screens import TextScreen
from reader.library import ArticleRow, Sort, StoredArticle
from reader.sanitize import many, sanitize

# Sentences

_NAMES = {"/": "slash", "?": "question mark", "Esc": "Escape"}
"""How to pronounce keys, where that differs from their names."""


def states(row: ArticleRow) -> list[str]:
    """The states that badges and signs show on the visual screen."""
    words = ["sponsored" + (f" by {sanitize(row.sponsor)}" if row.sponsor else "")] if row.sponsored else []
    words += ["truncated"] if row.truncated else []
    words += ["whole, from another capture"] if row.completed and not row.truncated else []
    words += ["unread"] if row.unread else []
    return [*words, *(["starred"] if row.starred else [])]


def row_words(row: ArticleRow) -> str:
    """Describe a row of the list: title, section, badges and marks, authors, minutes."""
    authors = [] if row.sponsored or not row.authors else [sanitize(row.authors)]
    facts = [sanitize(row.title), sanitize(row.group), *states(row), *authors, many(row.minutes, "minute")]
    return ", ".join(facts)


def article_words(row: ArticleRow, index: int, count: int) -> str:
    """Describe the article under the cursor, at `index` of `count`."""
    details = [f"Article {index + 1:,} of {count:,}", f"section {sanitize(row.group)}", *states(row)]
    return f"{', '.join(details)}: {sanitize(row.title)}"


def view_words(view: View, shown: int) -> str:
    """Describe the filters and the order, and count the articles that match."""
    words = view.in_words()
    filters = view._replace(sort=Sort.ADDED).in_words()  # The order would be the last of the words.
    parts = [f"Order: {order}" for order in words[len(filters) :]]
    if filters or not parts:
        parts.insert(0, f"Filter: {', '.join(map(sanitize, filters)) or 'none'}")
    return f"{'. '.join(parts)}, {many(shown, 'article')}"


def header_pieces(state: HeaderState, width: int) -> list[Piece]:
    """Compose the header: as many words as fit."""
    totals = state.totals
    articles = many(totals.articles, "article")
    is_filtered = bool(state.view) and state.shown is not None and state.shown != totals.articles
    if is_filtered:
        articles = f"{state.shown:,} of {articles}"
    words = [sanitize(state.title), *map(sanitize, state.view), articles]
    if state.reading is not None:
        words.append(f"reading, {many(state.reading, 'capture')}")
    words += [many(totals.problems, "problem")] if totals.problems else []
    if not is_filtered:  # These counts are those of the whole library.
        words += [f"{totals.truncated:,} truncated", f"{totals.sponsored:,} sponsored"]
    while len(words) > 1 and len(", ".join(words)) > width:
        words.pop()
    return [Piece(fit(", ".join(words), width), "bar--title")]


def position_words(line: int, lines: int | None, percent: int) -> str:
    """Describe the position in the article, by the line at the top."""
    of = "" if lines is None else f" of {lines:,}"
    return f"Line {line:,}{of}, {percent} percent"


WELCOME = (
    "Welcome. {move.down} and {move.up} move, {panes.read} reads, {panes.back} goes back, {filter.sections} chooses"
    " a section, {find.start} finds, {app.help} lists all keys."
    " Truncated: only the start was saved. Sponsored: somebody paid for it."
)
"""The first steps, with the id of an action in place of its key."""


def spoken_key(id_: str) -> str:
    """How to pronounce the first key of an action."""
    key = shown(id_).partition(" ")[0]
    return _NAMES.get(key, key)


_BLANK: Final = dict.fromkeys([*range(0x2500, 0x25A0), ord("•"), ord("★")], " ")
"""Box Drawing, Block Elements and the signs of the list."""


def without_symbols(text: str) -> str:
    """Replace symbols that cannot be spoken; the text may become narrower."""
    return text if text.isascii() else text.translate(_BLANK).replace(" · ", ", ")


class SymbolFilter(LineFilter):
    """Replaces symbols that cannot be spoken. Spaces at the end keep a line as wide as it was."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return `segments` itself if there is nothing to replace."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        spoken = [Segment(without_symbols(text), style, control) for text, style, control in segments]
        return Segment.adjust_line_length(spoken, Segment.get_line_length(segments), spoken[-1].style)


# The widget for announcements

MIN_LINES, MAX_LINES = 2, 5
"""Limits of the widget's height, which depends on the sentence."""


class Announcer(Widget):
    """Shows the last announcement, cut if it is too long.

    Successive sentences begin in different cells, because a screen reader reads a line from the first character that
    has changed: after “Article 10 of 50” it would read “Article 11 of 50” as “1 of 50”.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Announcer { dock: bottom; width: 100%; height: 2; background: $panel; }
    """
    LOOKS: ClassVar[Mapping[str, str]] = {"announcement": "foreground"}

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence
        self._shift = 0

    def announce(self, sentence: str) -> None:
        self._sentence = sentence
        self._shift = 1 - self._shift
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        spans = self._lines
        text = drawn(self._sentence, spans[y]) if y < len(spans) else ""
        if y == height - 1 and len(spans) > height:
            text = fit(self._sentence[spans[y][0] :], width - 2)
        return Strip(
            [Segment(pad(" " * self._shift + text, width), style_of(self, self.LOOKS["announcement"]))], width
        )

    def on_resize(self, _: events.Resize) -> None:
        self._fit()

    @property
    def _lines(self) -> list[Span]:
        return wrap(self._sentence, max(1, self.size.width - 2))

    def _fit(self) -> None:
        height = min(MAX_LINES, max(MIN_LINES, len(self._lines)))
        if self.size.width and self.styles.height != Scalar.from_number(height):
            self.styles.height = height
            self.screen.refresh(layout=True)


_ENDINGS: Final = (".", "!", "?", "…", ".”", "!”", "?”", '."', '!"', '?"')
"""The ends of whole sentences."""


def title_of(screen: Screen[Any]) -> str:
    """The title of a screen: that on its frame, else the name of its class."""
    for dialog in screen.query("#dialog"):
        if dialog.border_title:
            return str(dialog.border_title)
    return type(screen).__name__.removesuffix("Screen")


def _in_sentences(phrases: Iterable[str]) -> str:
    """Join phrases, with a full stop after each that has no ending of its own but the last."""
    *before, last = [words.strip() for words in phrases if words.strip()] or [""]
    ended = [words if words.endswith(_ENDINGS) else f"{words}." for words in before]
    return " ".join([*ended, last])


def _cursor_row(screen: Screen[Any]) -> list[str]:
    """Describe the row under the cursor, in the focused widget or in the list that follows an input."""
    focused = screen.focused
    match = screen.find.match if isinstance(screen, TextScreen) else None
    descriptions = [] if match is None else [match_words(match).capitalize()]
    if isinstance(focused, GroupedList | WhyView):
        return [*descriptions, *focused.under_cursor()]
    if isinstance(focused, LineView):
        return [*descriptions, *([position_words(*focused.where)] if focused.where[0] else [])]
    return descriptions or [
        words
        for rows in screen.query(GroupedList)
        if rows.display and rows.keys_elsewhere
        for words in rows.under_cursor()
    ]


# The app

WIDE = 200
"""Columns that the announcement of links and their letters may fill."""
Where = tuple[int, int | None, int]
"""A place in a view, as `LineView.where` returns it."""
_NOWHERE: Where = (0, None, 0)
_SHOW_CURSOR = "\x1b[?25h"


class SpokenApp(ReaderApp):
    """Protocol Reader without symbols. It announces changes, and keeps the terminal's cursor where the reader is."""

    CSS = (
        ReaderApp.CSS
        + """
    * {
        border: none !important;
        scrollbar-color: $background !important;
        scrollbar-color-hover: $background !important;
        scrollbar-color-active: $background !important;
        scrollbar-background: $background !important;
        scrollbar-background-hover: $background !important;
        scrollbar-background-active: $background !important;
    }
    ModalScreen { align: left top !important; background: $background !important; }
    #dialog {
        border: blank !important;
        width: 100% !important;
        max-width: 100% !important;
        height: 100% !important;
        max-height: 100% !important;
    }
    """
    )
    speech = Speech(row_words, header_pieces, Announcer)
    announced = ""
    """The last announcement."""
    _announced_a_row = False
    """Was it about a row of a screen other than the main one?"""
    _greeting = False
    """Have the first steps been announced, with no key pressed since?"""
    _last_row = ""
    """The row last under the cursor of such a screen."""
    _last_view: View | None = None
    """The view of the main screen that was announced last."""
    _last_where: tuple[StoredArticle | None, Where] = (None, _NOWHERE)
    """The article and the position in it when the footer changed last."""
    _leads_on = False
    """Did another page down lead on to another article then?"""

    def on_ready(self) -> None:
        super().on_ready()
        self._show_cursor()

    def repaint(self, resumed: object) -> None:
        """Repaint, and show the terminal's cursor again."""
        super().repaint(resumed)
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._driver is not None:
            self._driver.write(_SHOW_CURSOR)

    def get_line_filters(self) -> list[LineFilter]:
        return [SymbolFilter(), *super().get_line_filters()]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Before painting, move the terminal's cursor to the focused widget; afterwards announce its row."""
        focused = self.focused  # An input moves the cursor itself.
        if screen is self.screen and isinstance(focused, GroupedList | LineView):
            self.cursor_position = focused.region.offset + focused.caret
        super()._display(screen, renderable)
        if renderable is not None and screen is self.screen and screen is not self._main:
            screen.call_later(self._announce_row, screen)

    # Announcements

    def notify(self, message: str, **_: Any) -> None:
        """Announce a notice, instead of showing it for some seconds."""
        self._announce(message, of_a_row=False)

    def _announce(self, sentence: str, *, of_a_row: bool) -> None:
        self._announced_a_row = of_a_row
        self.announced = " ".join(without_symbols(sanitize(sentence)).split())
        for screen in self.screen_stack:
            for announcer in screen.query(Announcer):
                announcer.announce(self.announced)

    def push_screen(self, screen: Any, *arguments: Any, **keywords: Any) -> Any:
        """Show a screen with the announcements at its bottom, and announce its title."""
        result = super().push_screen(screen, *arguments, **keywords)
        new_screen = self.screen
        if new_screen is not self._main:
            new_screen.call_after_refresh(self._add_announcer, new_screen)
        return result

    async def _add_announcer(self, screen: Screen[Any]) -> None:
        if not screen.query(Announcer):
            await screen.mount(Announcer(self.announced))
        self._announce_row(screen, title=True)

    def _announce_row(self, screen: Screen[Any], *, title: bool = False) -> None:
        """Announce the row under the cursor of a screen other than the main one, if it has changed."""
        if screen is not self.screen:
            return
        row = _in_sentences(_cursor_row(screen))
        # A screen may find out what to list only after its title has been announced.
        if title or (row and self.announced == title_of(screen)):
            self._announce(_in_sentences((title_of(screen), row)), of_a_row=True)
        elif row and row != self._last_row:
            self._announce(row, of_a_row=True)
        self._last_row = row

    async def on_event(self, event: events.Event) -> None:
        """Announce other things again after the first key."""
        if isinstance(event, events.Key):
            self._greeting = False
        await super().on_event(event)

    # Messages of the main screen, which has handled them already

    @on(ArticleShown)
    def _announce_article(self) -> None:
        if not self._greeting:
            self.notify(_open_article_words(self._main))

    def _on_welcome_requested(self) -> None:
        # Nothing else is announced until the first key.
        self.notify(re.sub(r"\{(.+?)\}", lambda id_: spoken_key(id_[1]), WELCOME))
        self._greeting = True

    def _on_resumed(self) -> None:
        # A screen that has closed may have announced something at its end.
        if self._announced_a_row:
            self._announce_article()

    def _on_footer_changed(self) -> None:
        """Announce the letters of links, or the position in the article."""
        main = self._main
        stored, where = main.article_pane.stored, main.article_pane.view.where
        (last_stored, last_where), self._last_where = self._last_where, (stored, where)
        led_on, self._leads_on = self._leads_on, main.article_pane.leads_on
        if main.links.letters:
            self.notify("".join(piece.text for piece in main.footer.pieces(WIDE)))
        elif last_stored is stored and last_where[0] not in (where[0], 0) and main.pane == "article":
            more = f". {main.article_pane.leads_on_words}" if self._leads_on else ""
            self.notify(position_words(*where) + more)
        elif self._leads_on and not led_on:
            self.notify(main.article_pane.leads_on_words)

    def _on_announced(self, message: Announced) -> None:
        self.notify(message.words)

    def _on_list_changed(self) -> None:
        main = self._main
        if main.list_pane.is_pending or main.list_pane.view == self._last_view:
            return
        is_first, self._last_view = self._last_view is None, main.list_pane.view
        words = view_words(self._last_view, len(main.list_pane.listing))
        if not is_first:
            self.notify(words)
        elif self._last_view.in_words() and not self._greeting:
            self.notify(f"{words}. {_open_article_words(main)}")

    def _on_captures_read(self) -> None:
        if not self._greeting:
            articles = many(self._main.list_pane.totals.articles, "article")
            self.notify(f"All captures read, {articles}. {_open_article_words(self._main)}")


def _open_article_words(main: MainScreen) -> str:
    row, cursor = main.marks.row(), main.list_pane.cursor
    if row is None or cursor is None:
        return " ".join(main.list_pane.note()) or "Nothing is open"
    words = article_words(row, cursor, len(main.list_pane.listing))
    return f"Reading. {words}" if main.pane == "article" else words
