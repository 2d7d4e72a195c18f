"""Why an article was read as it was, line by line; and a wrong reading corrected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType

from reader.app.keys import key_for, with_keys
from reader.app.notices import errors_shown, show_error
from reader.app.screen_keys import screen_bindings
from reader.app.why.corrections import Choice, Matter
from reader.app.why.documents import WhyDocument, WhyState, details, footer, heading, legend
from reader.app.why.explaining import (
    CaptureExplained,
    CloseCallFound,
    Explained,
    ReasonsFound,
    ask_capture,
    ask_close_call,
    ask_reasons,
)
from reader.app.why.view import WhyDetails, WhyView
from reader.app.widgets.arrangement import side_of
from reader.app.widgets.bars import Bar
from reader.app.widgets.panes import PairScreen
from reader.app.write_queue import Write
from reader.library import Library, StoredArticle
from reader.library.state.state_records import Spot
from reader.parsing.explain import LineReason, reading_words


class WhyScreen(PairScreen[None, WhyState]):
    """Lines with their labels, and beside them the reasons for the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("why")

    def __init__(
        self, library: Library, stored: StoredArticle, write: Write, follow: Callable[[int], None]
    ) -> None:
        """`stored` is what is being read; `follow` is told its key when a correction has given it another."""
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
        self._explained: Explained | None = None
        self._whys: dict[int, LineReason] = {}
        """What has been explained, by the line's place among the capture's non-empty ones."""
        self._wanted: int | None = None
        """The number of the line that the cursor goes to when the capture has been read."""

    def left(self, width: int) -> int:
        """How many of so many cells the lines have."""
        return width - side_of(width) - 1

    def upper(self, rows: int) -> int:
        """How many of so many rows the lines have above the reasons."""
        return max(1, rows - max(1, rows * 2 // 5) - 1)

    def on_mount(self) -> None:
        """Have the capture read; the reasons come after the lines."""
        self.set_focus(self.view, scroll_visible=False)
        self._wanted = self._stored.article.first_line
        self.update_bars(WhyState(title=self._stored.article.title, badges=_badges(self._stored)))
        ask_capture(self.queries, self, self._stored)

    # What the query worker has found

    def on_capture_explained(self, message: CaptureExplained) -> None:
        """Show the lines."""
        again = self._explained is not None
        self._explained = explained = message.explained
        self._whys = {}
        if not explained.lines:
            show_error(self, "The capture has no line that could be explained")
            return
        document = WhyDocument(explained.lines)
        self.view.show(document, document.nearest(self._wanted or 1), stay=again)
        self._stand()

    def on_reasons_found(self, message: ReasonsFound) -> None:
        """Mark what was close, and show the reasons if they are of the line under the cursor."""
        if self._explained is None or message.explainer is not self._explained.explainer:
            return
        self._whys |= {why.at: why for why in message.whys}
        self.view.mark_close({why.n for why in message.whys if why.close})
        self._stand()

    def on_close_call_found(self, message: CloseCallFound) -> None:
        """Go there, or say that there is none."""
        if self._explained is None or message.explainer is not self._explained.explainer:
            return
        if message.at is None:
            self.notice(f"No close call further {'down' if message.step > 0 else 'up'}")
        else:
            self._go_to(message.at)

    def _go_to(self, at: int) -> None:
        assert self._explained is not None
        if self.view.move_to(at - self._explained.lines[0].at):
            self._stand()

    def _stand(self) -> None:
        """The cursor is on a line: show its reasons, or have them found."""
        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        why = self._whys.get(line.at)
        if why is None:
            ask_reasons(self.queries, self, explained, line.at)
        said = [one.sentence for one in explained.said if one.line == line.n]
        self.details.show(details(why, line.badges, said))
        self.update_bars(
            self.below.state._replace(
                line=line.n,
                reading=line.label if why is None else reading_words(why.reading),
                closes=sum(found.close for found in self._whys.values()),
                title=self._stored.article.title,
                badges=_badges(self._stored),
            )
        )

    # Keys

    async def action_move(self, how: str) -> None:
        """Another line, or another row of the reasons."""
        if self.focused is self.details:
            await self.details.scroll_by_key(how)
        elif self.view.move(how):
            self._stand()

    def action_close_call(self, step: int) -> None:
        """To the next or the previous line whose reading was close."""
        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        at = line.at + step
        while (why := self._whys.get(at)) is not None:
            if why.close:
                self._go_to(at)
                return
            at += step
        ask_close_call(self.queries, self, explained, at, step)

    def action_raw(self) -> None:
        """Show the whole capture from this line on."""
        from reader.app.dialogs.raw import RawScreen

        line = self.view.line
        self.app.push_screen(RawScreen(self.library, self._stored, None if line is None else line.n))

    def action_close(self) -> None:
        """Back to the article."""
        self.dismiss(None)

    def action_correct(self) -> None:
        """Ask what this line is, or what its article is."""
        from reader.app.why.corrections import CorrectScreen

        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        article = explained.article if line.own or explained.article is None else None
        index = None if article is None else explained.explainer.index_of(article.first_line)
        first = "" if index is None else explained.explainer.texts[index]
        why = self._whys.get(line.at)
        other = None if why is None or why.other is None else why.other.label
        matter = Matter(line, article, first, explained.said, explained.sections, other)
        self.app.push_screen(CorrectScreen(matter), self._chosen)

    def _chosen(self, choice: Choice | None) -> None:
        explained = self._explained
        if choice is None or explained is None:
            return
        spot = Spot(explained.digest, choice.line)
        word, said = choice.word, choice.said
        if word is not None:
            self._change(
                lambda own: own.state.correct(spot, word, choice.shown),
                f"You {{}}: {key_for('state.undo')} undoes it",
                "",
            )
        elif said is not None:
            self._change(lambda own: own.state.take_back(said), "You {}", "")

    def action_undo(self) -> None:
        """Take back the last action."""
        self._change(lambda own: own.state.undo(), "Undone: {}", "Nothing to undo")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._change(lambda own: own.state.redo(), "Done again: {}", "Nothing to do again")

    def _change(self, how: Callable[[Library], str | None], told: str, nothing: str) -> None:
        """Have something written that may read the capture again, and show what it is now."""
        explained, line = self._explained, self.view.line
        if explained is None or line is None:
            return
        first = line.n if explained.article is None else explained.article.first_line

        def task(own: Library) -> tuple[str | None, int | None]:
            return how(own), own.article_at(Spot(explained.digest, first))

        self.app.run_worker(self._changed(self._write(task), line.n, told, nothing))

    async def _changed(
        self, writing: Awaitable[tuple[str | None, int | None]], line: int, told: str, nothing: str
    ) -> None:
        with errors_shown(self):
            words, key = await writing
            if words is None:
                self.notice(nothing or "That has been said already")
                return
            self.notice(told.format(words))
            self._read_again(key, line)

    def _read_again(self, key: int | None, line: int) -> None:
        if key is None:
            show_error(self, with_keys("No article is left where this one was: {state.undo} brings it back"))
            return
        self._stored = self.library.article(key)
        self._wanted = line
        self._follow(key)
        ask_capture(self.queries, self, self._stored)

    # What the widgets say

    @on(WhyView.Clicked)
    def _clicked(self, message: WhyView.Clicked) -> None:
        if self.view.move_to(message.line):
            self._stand()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Other keys matter now."""
        self.update_bars(self.below.state._replace(scrolling=self.focused is self.details))


def _badges(stored: StoredArticle) -> tuple[str, ...]:
    article = stored.article
    told = (("TRUNCATED", article.truncated), ("SPONSORED", article.sponsored))
    return tuple(name for name, reason in told if reason is not None)
