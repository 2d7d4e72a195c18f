"""The theme dialog: each theme is previewed while the cursor is on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from reader.app.keys import hint
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import Chooser, GroupedRows


class ThemeScreen(Chooser[str, str]):
    """Closes with the name of a theme. Previews the one under the cursor; without a choice, restores the old one."""

    TITLE = "Theme"
    PLACEHOLDER: ClassVar[str | None] = "Type to filter"
    TALLEST = 22
    DETAIL_LINES = 0
    DEFAULT_CSS = """
    ThemeScreen {
        background: transparent;
        & > #dialog { width: 95%; min-width: 0; max-width: 44; }
    }
    """

    def __init__(self, own: Sequence[str], others: Sequence[str], current: str) -> None:
        """`own`: the themes of this program; `others`: those of Textual; `current`: the theme in use."""
        super().__init__()
        self.box.show_keys(hint("{panes.read} keeps · {panes.back} closes"))
        self._own = own
        self._others = others
        self._before = current
        self._kept: str | None = None

    def matching(self, text: str) -> GroupedRows[str]:
        """The themes whose names contain `text`."""
        wanted = text.strip().casefold()
        return GroupedRows(
            [
                ("Protocol Reader", [name for name in self._own if wanted in name]),
                ("Textual", [name for name in self._others if wanted in name]),
            ]
        )

    def start(self) -> int:
        """The theme in use."""
        names = [*self._own, *self._others]
        return names.index(self._before) if self._before in names else 0

    def draw(self, row: str, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the name."""
        return [("list--title", fit(row, width))]

    def detail(self, row: str) -> str:  # noqa: ARG002
        """No details."""
        return ""

    def preview(self, row: str) -> None:
        """Use the theme while the cursor is on it."""
        self.app.theme = row

    def on_unmount(self) -> None:
        """Restore the old theme, unless one was chosen."""
        if self._kept is None:
            self.app.theme = self._before

    def result(self, row: str) -> str:
        """Keep the theme."""
        self._kept = row
        return row
