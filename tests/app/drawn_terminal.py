"""A terminal without a process: a driver that keeps what the app draws as cells, and hands it keys and the mouse."""

from __future__ import annotations

from typing import Any

import pyte
from textual import events
from textual.driver import Driver
from textual.geometry import Size


class DrawnTerminal(Driver):
    """Keeps what is drawn on a screen of pyte."""

    def __init__(self, app: Any, *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self.frames = 0
        """How many times something was written."""

    @property
    def size(self) -> Size:
        """Columns and lines."""
        return Size(self._screen.columns, self._screen.lines)

    @property
    def lines(self) -> list[str]:
        """The text of each row."""
        return list(self._screen.display)

    @property
    def cells(self) -> list[list[Any]]:
        """What each cell shows: a character and its colours."""
        width, height = self.size
        return [[self._screen.buffer[y][x] for x in range(width)] for y in range(height)]

    def clear(self) -> None:
        """Show nothing, until something is drawn."""
        self._screen.reset()

    def resize(self, width: int, height: int) -> None:
        """Have another size, and lose what is outside of it; the app is told."""
        self._screen.resize(height, width)
        self.start_application_mode()

    def write(self, data: str) -> None:
        self.frames += 1
        self._stream.feed(data)

    def start_application_mode(self) -> None:
        self.process_message(events.Resize(self.size, self.size))

    def disable_input(self) -> None:
        pass

    def stop_application_mode(self) -> None:
        pass
