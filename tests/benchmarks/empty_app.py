"""The least that Textual can show: the baseline for opening the reader, for its memory and for its keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static


class EmptyApp(App[None]):
    """One word; j shows how often it was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [("j", "count", "")]
    pressed = 0

    def compose(self) -> ComposeResult:
        yield Static("READY")

    def action_count(self) -> None:
        self.pressed += 1
        self.query_one(Static).update(f"READY {self.pressed:04}", layout=False)


if __name__ == "__main__":
    EmptyApp().run()
