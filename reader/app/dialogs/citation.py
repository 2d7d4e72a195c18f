"""The citation dialog: styles to choose from, and what each makes of the article."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from reader.app.keys import hint
from reader.app.screen_keys import screen_bindings
from reader.app.text.cells import fit
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser, GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.export.bibliography import bibtex_entry
from reader.export.citations import STYLES, cite
from reader.export.items import ExportItem

_BIBTEX = "BibTeX"


class StyleList(GroupedList[str]):
    """Names of styles, a line each."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: str, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The name."""
        return [("list--title", fit(row, width))]


class CitationScreen(Chooser[str, tuple[str, str]]):
    """Answers with a style and the citation in it."""

    TITLE = "Copy a citation"
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CitationScreen {
        & > #dialog { max-height: 22; }
        & GroupedList { height: 4; }
        & #detail { max-height: 16; border-top: solid $border; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("citation")]

    def __init__(self, item: ExportItem, style: str) -> None:
        """`style` was chosen last, or is the one of the settings; its case does not matter."""
        super().__init__(StyleList())
        self._item = item
        self._chosen = style.casefold()
        self._styles = [*STYLES, _BIBTEX]

    def on_mount(self) -> None:
        """Name the keys; the styles are shown as in every such dialog."""
        self.query_one("#dialog").border_subtitle = Content(hint("{panes.read} copies · {panes.back} closes"))

    def matching(self, text: str) -> GroupedRows[str]:  # noqa: ARG002
        """Every style."""
        return GroupedRows([("", self._styles)])

    def start(self) -> int:
        """The style to begin with."""
        names = [style.casefold() for style in self._styles]
        return names.index(self._chosen) if self._chosen in names else 0

    def detail(self, row: str) -> str:
        """The citation."""
        if row == _BIBTEX:
            return bibtex_entry(self._item).rstrip()
        return STYLES[row](cite(self._item))

    def result(self, row: str) -> tuple[str, str]:
        """The style and the citation."""
        return row, self.detail(row)
