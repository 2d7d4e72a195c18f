"""The smallest app that is guarded as the reader is: `python -m tests.app.tiny_app` in a pseudo-terminal."""

from __future__ import annotations

import sys
import time
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from reader.app.terminal import Watchdog

PATIENCE = 0.3


class TinyApp(App[None]):
    """Shows one word; Ctrl-Z suspends it, q leaves with status 7, x breaks it, k shows that it came."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("ctrl+z", "suspend_process", ""),
        ("q", "leave", ""),
        ("w", "work_on", ""),
        ("l", "loop", ""),
        ("c", "compute", ""),
        ("k", "tell", ""),
    ]

    def compose(self) -> ComposeResult:
        yield Static("READY")

    def action_leave(self) -> None:
        self.exit(return_code=7)

    def action_tell(self) -> None:
        self.query_one(Static).update("KEY")

    def action_work_on(self) -> None:
        """A thread that does not end when it is asked to."""
        self.run_worker(lambda: time.sleep(3600), thread=True)
        self.query_one(Static).update("WORKING")

    def action_loop(self) -> None:
        """Never come back."""
        self.query_one(Static).update("LOOPING")
        self.set_timer(0.2, _loop)

    def action_compute(self) -> None:
        """Never come back, and never wait for anything."""
        self.query_one(Static).update("COMPUTING")
        self.set_timer(0.2, _compute)


def _compute() -> None:
    while True:
        pass


def _loop() -> None:
    while True:
        time.sleep(0.01)


def main() -> int:
    with Watchdog(PATIENCE) as watchdog:
        return watchdog.run(TinyApp())


if __name__ == "__main__":
    sys.exit(main())
