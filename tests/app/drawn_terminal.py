"""A terminal without a process: a driver that keeps what the app draws as cells, and hands it keys and the mouse."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rich.cells import get_character_cell_size
from textual import events
from textual.driver import Driver
from textual.geometry import Size

_SEQUENCE = re.compile(
    r"\x1b\[(?P<params>[<=>?]?[0-9;:]*)(?P<final>[@-~])|\x1b\].*?(?:\x07|\x1b\\)|\x1b.|(?P<text>[^\x07\x1b\n\r]+)|[\x07\n\r]",
    re.DOTALL,
)


class Cell(NamedTuple):
    """What one cell shows: a character with its marks, "" right of a wide one, and the colours it is drawn in."""

    text: str = " "
    colours: str = ""


BLANK = Cell()


class DrawnTerminal(Driver):
    """Moves the cursor, sets colours and writes text as a terminal does; all else that is written is ignored."""

    def __init__(
        self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert size is not None
        self.width, self.height = size
        self.cells = [[BLANK] * self.width for _ in range(self.height)]
        self.frames = 0
        """How many times something was written."""
        self._row = self._column = 0
        self._colours = ""

    @property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["".join(cell.text for cell in row) for row in self.cells]

    def clear(self) -> None:
        """Show nothing, until something is drawn."""
        self.cells = [[BLANK] * self.width for _ in range(self.height)]

    def resize(self, width: int, height: int) -> None:
        """Have another size: what is outside of it is lost, and the app is told."""
        rows = [row[:width] + [BLANK] * (width - len(row)) for row in self.cells[:height]]
        self.cells = rows + [[BLANK] * width for _ in range(height - len(rows))]
        self.width, self.height = width, height
        size = Size(width, height)
        self.process_message(events.Resize(size, size))

    # What the app does

    def write(self, data: str) -> None:
        self.frames += 1
        for match in _SEQUENCE.finditer(data):
            if match["text"] is not None:
                self._write_text(match["text"])
            elif match["final"] == "m":
                self._colours = "" if match["params"] in ("", "0") else match["params"]
            elif match["final"] == "H":
                row, _, column = match["params"].partition(";")
                self._row, self._column = int(row or 1) - 1, int(column or 1) - 1

    def _write_text(self, text: str) -> None:
        if self._row >= self.height:
            return
        row = self.cells[self._row]
        for character in text:
            columns = get_character_cell_size(character)
            if not columns:
                # A mark belongs to the character before it.
                before = self._column - 1
                while before > 0 and not row[before].text:
                    before -= 1
                if 0 <= before < self.width:
                    row[before] = row[before]._replace(text=row[before].text + character)
                continue
            if self._column + columns > self.width:
                return
            self._put(row, Cell(character, self._colours), columns)

    def _put(self, row: list[Cell], cell: Cell, columns: int) -> None:
        start, end = self._column, self._column + columns
        # Half a wide character cannot be seen.
        if not row[start].text and start:
            row[start - 1] = row[start - 1]._replace(text=" ")
        if end < self.width and not row[end].text:
            row[end] = row[end]._replace(text=" ")
        row[start] = cell
        for right in range(start + 1, end):
            row[right] = Cell("", self._colours)
        self._column = end

    def start_application_mode(self) -> None:
        size = Size(self.width, self.height)
        self.process_message(events.Resize(size, size))

    def disable_input(self) -> None:
        pass

    def stop_application_mode(self) -> None:
        pass
