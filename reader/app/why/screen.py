"""The why screen: how each line of an article was read, for which reasons, and how to correct it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.binding import BindingType

from reader.app.keys import key_for, with_keys
from reader.app.notices import errors_shown, no_more, show_error
from reader.app.screen_keys import screen_bindings
from reader.app.why.corrections import Choice, CorrectScreen, LineContext
from reader.app.why.documents import WhyDocument, reasons_document
from reader.app.why.explaining import LINES_AT_A_TIME, Explained, explain_capture, explain_lines
from reader.app.why.view import WhyDetails, WhyView
from reader.app.widgets.bars import HELP, Bar, Hint, Piece, key_line, title_line
from reader.app.widgets.panes import TwoPaneScreen, side_width
from reader.app.write_queue import Write
from reader.library import Library, StoredArticle
from reader.library.state.positions import LineRef
from reader.parsing.explain import LineReason, reading_words
from reader.sanitize import many, sanitize


class WhyState(NamedTuple):
    """The data of the bars."""

    title: str = ""
    badges: tuple[str, ...] = ()
    line: int = 0
    """The number of the line under the cursor; 0 until the capture is explained."""
    reading: str = ""
    """Its label in words."""
    close_calls: int = 0
    """How many close calls are known."""
    scrolling: bool = False
    """Do the reasons have the focus, not the lines?"""


class WhyScreen(TwoPaneScreen[None, WhyState]):
    """Lines with their labels, and the reasons for the line under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("why")
    SHOWS_ARTICLE = True
    """True, so that global keys for the article work (`ReaderApp.action_everywhere`)."""

    def __init__(
        self,
        library: Library,
        stored: StoredArticle,
        write: Write,
        follow: Callable[[int], None],
        open_raw: Callable[[StoredArticle, int | None], None],
    ) -> None:
        """`stored`: the article that is open.

        `follow` gets its new key after a correction; `open_raw` shows its capture from a line on.
        """
        self.view = WhyView(id="lines")
        self.details = WhyDetails(id="reasons")
        bars = (
            Bar(heading, WhyState(), id="above"),
            Bar(legend, WhyState(), id="legend"),
            Bar(footer, WhyState(), id="below"),
        )
        super().__init__(library, self.view, self.details, bars)
        self._stored = stored
        self._write = write
        self._follow = follow
        self._open_raw = open_raw
        self._explained: Explained | None = None
        self._reasons: dict[int, LineReason] = {}
        """The reasons known so far, by the index of the line."""
        self._is_explaining = True
        """Are some reasons still unknown?"""
        self._wanted_step = 0
        """The step to a close call for which the reasons are awaited."""
        self._line = stored.article.first_line
        """The number of the line to start on once the capture is explained."""

    def left(self, width: int) -> int:
        """Columns of the lines."""
        return width - side_width(width) - 1

    def upper(self, rows: int) -> int:
        """Rows of the lines above the reasons."""
        return max(1, rows - max(1, rows * 2 // 5) - 1)

    def on_mount(self) -> None:
        """Start to explain the capture."""
        self.set_focus(self.view, scroll_visible=False)
        self.update_bars(WhyState(title=self._stored.article.title, badges=_badges(self._stored)))
        self._explain()

    # Reading in the background

    def _explain(self) -> None:
        explaining = self.queries.ask("explain", partial(explain_capture, stored=self._stored))
        self.run_worker(self._show_lines(explaining))

    async def _show_lines(self, explaining: Awaitable[Explained]) -> None:
        explained = await explaining
        again = self._explained is not None
        self._explained = explained
        self._reasons = {}
        if not explained.lines:
            show_error(self, "The capture has no lines to explain")
            return
        document = WhyDocument(explained.lines)
        self.view.show(document, document.nearest(self._line), stay=again)
        self._show_reasons()
        await self._explain_lines(explained)

    async def _explain_lines(self, explained: Explained) -> None:
        """Find the reasons for all lines, and mark the close calls."""
        at, last = explained.lines[0].at, explained.lines[-1].at
        self._is_explaining = True
        while at <= last:
            reasons = await self.queries.ask("reasons", partial(explain_lines, explained, at))
            if explained is not self._explained:
                return
            self._reasons |= {reason.at: reason for reason in reasons}
            self.view.mark_close({reason.n for reason in reasons if reason.close})
            if (line := self.view.line) is not None and any(reason.at == line.at for reason in reasons):
                self._show_reasons()
            else:
                self.update_bars(self.below.state._replace(close_calls=self._close_calls))
            at += LINES_AT_A_TIME
            self._is_explaining = at <= last
            if self._wanted_step:
                self.action_close_call(self._wanted_step)

    @property
    def _close_calls(self) -> int:
        return sum(reason.close for reason in self._reasons.values())

    def _go_to(self, at: int) -> None:
        assert self._explained is not None
        if self.view.move_to(at - self._explained.lines[0].at):
            self._show_reasons()

    def _show_reasons(self) -> None:
        """Show the reasons for the line under the cursor, as far as they are known."""
        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        why = self._reasons.get(line.at)
        made = [correction.sentence for correction in explained.corrections if correction.line == line.n]
        self.details.show(reasons_document(why, line.badges, made, explained.confidence))
        self.update_bars(
            self.below.state._replace(
                line=line.n,
                reading=line.label if why is None else reading_words(why.reading),
                close_calls=self._close_calls,
                title=self._stored.article.title,
                badges=_badges(self._stored),
            )
        )

    # Keys

    async def action_move(self, how: str) -> None:
        """Move to another line, or scroll the reasons."""
        if self.focused is self.details:
            self.details.scroll_by_key(how)
        elif self.view.move(how):
            self._show_reasons()

    def action_close_call(self, step: int) -> None:
        """Go to the next or previous close call."""
        line = self.view.line
        if line is None:
            self._wanted_step = step
            return
        close = [at for at, why in self._reasons.items() if why.close and (at - line.at) * step > 0]
        self._wanted_step = step if self._is_explaining and not close else 0
        if close:
            self._go_to(min(close) if step > 0 else max(close))
        elif not self._is_explaining:
            self.notice(no_more("close calls", step))

    def action_raw(self) -> None:
        """Show the whole capture from this line on."""
        line = self.view.line
        self._open_raw(self._stored, None if line is None else line.n)

    def action_close(self) -> None:
        """Go back to the article."""
        self.dismiss(None)

    def action_correct(self) -> None:
        """Ask what is wrong with this line or its article, and correct it."""
        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        article = explained.article if line.own or explained.article is None else None
        index = None if article is None else explained.explainer.index_of(article.first_line)
        first_text = "" if index is None else explained.explainer.texts[index]
        why = self._reasons.get(line.at)
        other = None if why is None or why.other is None else why.other.label
        context = LineContext(line, article, first_text, explained.corrections, explained.sections, other)
        self.app.push_screen(CorrectScreen(context), self._correct)

    def _correct(self, choice: Choice | None) -> None:
        explained = self._explained
        if choice is None or explained is None:
            return
        line_ref = LineRef(explained.digest, choice.line)
        word, taken_back = choice.word, choice.taken_back
        if word is not None:
            self._change(
                lambda own: own.state.correct(line_ref, word, choice.text),
                f"You {{}}; {key_for('state.undo')} undoes it",
                "You have already made this correction",
            )
        elif taken_back is not None:
            self._change(
                lambda own: own.state.take_back(taken_back), "You {}", "You have already made this correction"
            )

    def action_undo(self) -> None:
        """Undo the last action."""
        self._change(lambda own: own.state.undo(), "Undone: {}", "Nothing to undo")

    def action_redo(self) -> None:
        """Redo the last undone action."""
        self._change(lambda own: own.state.redo(), "Redone: {}", "Nothing to redo")

    def _change(self, change: Callable[[Library], str | None], notice: str, no_change: str) -> None:
        """Make a change that may read the capture again, and show its lines as they are then.

        `notice` has {} for the words that `change` returns; `no_change` is shown if it returns None.
        """
        explained, line = self._explained, self.view.line
        if explained is None or line is None:
            return
        first = line.n if explained.article is None else explained.article.first_line

        def task(library: Library) -> tuple[str | None, int | None]:
            return change(library), library.article_at(LineRef(explained.digest, first))

        self.app.run_worker(self._show_change(self._write(task), line.n, notice, no_change))

    async def _show_change(
        self, writing: Awaitable[tuple[str | None, int | None]], line: int, notice: str, no_change: str
    ) -> None:
        with errors_shown(self):
            words, key = await writing
            if words is None:
                self.notice(no_change)
                return
            self.notice(notice.format(words))
            self._read_again(key, line)

    def _read_again(self, key: int | None, line: int) -> None:
        if key is None:
            show_error(self, with_keys("The correction left no article here; {state.undo} brings it back"))
            return
        self._stored = self.library.version(key)
        self._line = line
        self._follow(key)
        self._explain()

    # Messages of the widgets

    @on(WhyView.Clicked)
    def _clicked(self, message: WhyView.Clicked) -> None:
        if self.view.move_to(message.line):
            self._show_reasons()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Show the keys for what has focus."""
        self.update_bars(self.below.state._replace(scrolling=self.focused is self.details))


def _badges(stored: StoredArticle) -> tuple[str, ...]:
    article = stored.article
    reasons = (("TRUNCATED", article.truncated), ("SPONSORED", article.sponsored))
    badges = [name for name, reason in reasons if reason is not None]
    return (*badges, "DOUBTFUL") if article.doubtful else tuple(badges)


def heading(state: WhyState, width: int) -> list[Piece]:
    """The title of the article and its badges."""
    badges = " ".join(state.badges)
    right = Piece(f" {badges} ", "bar--alert") if badges and width >= 60 else Piece("")
    return title_line(f" Why ─ {sanitize(state.title)} ", width, right)


def legend(state: WhyState, width: int) -> list[Piece]:
    """The line that the reasons are for."""
    return title_line(f" line {state.line:,} ─ {state.reading} " if state.line else " ", width)


def footer(state: WhyState, width: int) -> list[Piece]:
    """The keys for what has focus."""
    hints: list[Hint] = [
        ("{move.down}/{move.up}", "scroll" if state.scrolling else "line", "move('down')"),
        ("{why.correct}", "correct", "correct"),
        ("{find.next}/{find.previous}", "close call", "close_call(1)"),
        ("{panes.other}", "lines" if state.scrolling else "reasons", "other"),
        ("{view.raw}", "raw", "raw"),
        ("{state.undo}", "undo", "undo"),
    ]
    place = f"{many(state.close_calls, 'close call')} " if state.close_calls and width >= 70 else ""
    return key_line(hints, (("{panes.back}", "back", "close"), HELP), place, width)
