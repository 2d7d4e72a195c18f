"""The theme dialog: each theme is previewed while the cursor is on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from reader.app.keys import hint
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import Chooser, GroupedRows


class ThemeScreen(Chooser[str, str]):
    """Closes with the name of a theme; until then shows the one under the cursor, and afterwards the one before."""

    TITLE = "Theme"
    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    DEFAULT_CSS = """
    ThemeScreen {
        background: transparent;
        & > #dialog { width: 95%; min-width: 0; max-width: 44; max-height: 22; }
    }
    """

    def __init__(self, own: Sequence[str], others: Sequence[str], current: str) -> None:
        """`own` themes are listed before `others`."""
        super().__init__()
        self.box.show_keys(hint("{panes.read} keeps the theme · {panes.back} cancels"))
        self._own = own
        self._others = others
        self._before = current
        self._kept: str | None = None

    def matching(self, text: str) -> GroupedRows[str]:
        """The themes whose names contain `text`."""
        wanted = text.strip().casefold()
        return GroupedRows(
            [
                ("made for this reader", [name for name in self._own if wanted in name]),
                ("from Textual", [name for name in self._others if wanted in name]),
            ]
        )

    def start(self) -> int:
        """The theme that is used now."""
        names = [*self._own, *self._others]
        return names.index(self._before) if self._before in names else 0

    def draw(self, row: str, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the name."""
        return [("list--title", fit(row, width))]

    def detail(self, row: str) -> str:  # noqa: ARG002
        """No detail: the row shows all."""
        return ""

    def show(self, text: str, cursor: int = 0) -> None:
        """Show the themes that match the typed text, and preview the one under the cursor."""
        super().show(text, cursor)
        self._preview()

    def action_move(self, how: str) -> None:
        """Move the cursor, and preview the theme under it."""
        super().action_move(how)
        self._preview()

    def on_unmount(self) -> None:
        """Go back to the theme before, unless one was chosen."""
        if self._kept is None:
            self.app.theme = self._before

    def result(self, row: str) -> str:
        """The theme, which stays."""
        self._kept = row
        return row

    def _preview(self) -> None:
        if self.chosen is not None and self.is_attached:
            self.app.theme = self.chosen
