"""The input line that takes the place of the footer."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection


class EntryBar(Horizontal):
    """An input with a label before it and a note after it."""

    DEFAULT_CSS = """
    EntryBar {
        height: 1;
        background: $panel;
        & > Static { width: auto; padding: 0 1; color: $text-accent; background: $panel; }
        & > Input { width: 1fr; background: $panel; color: $foreground; padding: 0; }
        & > Input:focus { background: $panel; background-tint: $foreground 0%; }
        & > Input:nocolor > .input--cursor { text-style: reverse; }
        & > #entry-note { color: $foreground; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text has changed."""

        purpose: str
        text: str

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        purpose: str
        text: str

    purpose: str = ""
    """The purpose of the text, in a word that the screen chooses; "" while the line is closed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = Static(id="entry-label", markup=False)
        self._entry = Input(compact=True, select_on_focus=False)
        self._entry.cursor_blink = False
        self._note = Static(id="entry-note", markup=False)

    def compose(self) -> ComposeResult:
        """Yield label, input and note."""
        yield from (self._label, self._entry, self._note)

    def open(self, purpose: str, label: str, text: str, *, selected: bool = False) -> None:
        """Open the line for a purpose, with `text` already in it. If that is `selected`, typing replaces it."""
        self.purpose = purpose
        self.display = True
        self._label.update(Content(label))
        self.show_note("")
        entry = self._entry
        with entry.prevent(Input.Changed):
            entry.value = text
        entry.selection = Selection(0 if selected else len(text), len(text))
        # At once: `focus()` acts later, so that the next key would go to the widget focused now.
        self.screen.set_focus(entry, scroll_visible=False)

    def close(self) -> None:
        """Hide the line."""
        self.purpose = ""
        self.display = False

    def show_note(self, note: str) -> None:
        """Show a note on the right."""
        self._note.update(Content(note))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.purpose:
            self.post_message(self.Changed(self.purpose, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.purpose:
            self.post_message(self.Submitted(self.purpose, event.value))
