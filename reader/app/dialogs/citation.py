"""The citation dialog: styles to choose from, and the citation of the article in each."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser, GroupedRows
from reader.export.bibliography import bibtex_entry
from reader.export.citations import STYLES, cite
from reader.export.items import ExportItem

_BIBTEX = "BibTeX"


class CitationScreen(Chooser[str, tuple[str, str]]):
    """Closes with the name of a style and the citation in it."""

    TITLE = "Copy a citation"
    CHOOSES = "copies"
    AUTO_FOCUS = ""
    TALLEST = 0
    DEFAULT_CSS = """
    CitationScreen {
        & > #dialog { height: auto; min-height: 0; max-height: 100%; }
        & GroupedList { height: 4; }
        & #detail { max-height: 16; border-top: solid $border; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("citation")]

    def __init__(self, item: ExportItem, style: str) -> None:
        """`style`: the style to begin with, in upper or lower case."""
        super().__init__()
        self._item = item
        self._first = style.casefold()
        self._styles = [*STYLES, _BIBTEX]

    def draw(self, row: str, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the name."""
        return [("list--title", fit(row, width))]

    def matching(self, text: str) -> GroupedRows[str]:  # noqa: ARG002
        """All styles."""
        return GroupedRows([("", self._styles)])

    def start(self) -> int:
        """The style to begin with, if there is one of that name."""
        names = [style.casefold() for style in self._styles]
        return names.index(self._first) if self._first in names else 0

    def detail(self, row: str) -> str:
        """The citation."""
        if row == _BIBTEX:
            return bibtex_entry(self._item).rstrip()
        return STYLES[row](cite(self._item))

    def result(self, row: str) -> tuple[str, str]:
        """The style and the citation."""
        return row, self.detail(row)
