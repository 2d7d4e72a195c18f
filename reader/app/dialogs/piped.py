"""What a command made of an article: its output, to be scrolled through."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from reader.app.dialogs.piping import MOST_OUTPUT, Outcome, Piped
from reader.app.dialogs.raw_screen import at_any_width, scrolling_hints
from reader.app.dialogs.raw_view import RawView
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.widgets.bars import Bar, Piece
from reader.failures import explain
from reader.sanitize import sanitize

_CLOSE = "close"
Pieces = tuple[Piece, ...]


class PipedScreen(Screen[None]):
    """Waits for the command; one that says nothing and fails in nothing leaves no screen behind."""

    AUTO_FOCUS = "RawView"
    DEFAULT_CSS = """
    PipedScreen RawView { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("piped")

    class Ended(Message):
        """The command has ended."""

        def __init__(self, outcome: Outcome) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, command: str, text: str) -> None:
        super().__init__()
        self._command = command
        self._piped = Piped(command, text)
        self._view = RawView()
        self._above: Bar[Pieces] = Bar(at_any_width, ())
        self._below: Bar[Pieces] = Bar(at_any_width, ())

    def compose(self) -> ComposeResult:
        """A line above, the output, a line below."""
        self._say("running…")
        self._hint("stop")
        yield from (self._above, self._view, self._below)

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._run, thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        """Nothing goes on unseen."""
        self._piped.stop()

    def _run(self) -> None:
        try:
            outcome = self._piped.run()
        except Exception as error:  # Whatever it is, the screen must not go on waiting.
            outcome = Outcome(explain(error), None)
        self.post_message(self.Ended(outcome))

    @on(Ended)
    def _show(self, message: Ended) -> None:
        outcome = message.outcome
        if not outcome.output.strip() and outcome.status == 0 and self.is_active:
            show_notice(self, f"“{self._command}” is done; it said nothing", seconds=4)
            self.dismiss(None)
            return
        self._say(_in_words(outcome))
        self._hint("back")
        self._view.show(outcome.output)

    def _say(self, about: str) -> None:
        self._above.state = (
            Piece(f" | {sanitize(self._command)}", "bar--title"),
            Piece(f"  {about}", "bar--muted"),
        )

    def _hint(self, does: str) -> None:
        self._below.state = scrolling_hints(_CLOSE, does)

    def action_move(self, how: str) -> None:
        """Scroll the output."""
        self._view.scroll_by_key(how)

    def action_close(self) -> None:
        """Back to the article; a command that still runs is stopped."""
        self.dismiss(None)


def _in_words(outcome: Outcome) -> str:
    """How the command ended."""
    if outcome.status is None:
        return "could not be started"
    if outcome.cut:
        return f"cut off after {MOST_OUTPUT:,} bytes"
    if outcome.status < 0:
        return f"ended by signal {-outcome.status}"
    return f"failed with status {outcome.status}" if outcome.status else "done"
