"""The dialog of a highlight: change its colour, edit its note, copy it, remove it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from reader.app.keys import key_for
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit, pad
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser, GroupedRows
from reader.library.state.notes import COLORS, Annotation
from reader.sanitize import sanitize

_KEY_WIDTH = 4


class Choice(NamedTuple):
    """Something to do with a highlight."""

    name: str
    """A colour, "note", "copy" or "remove"."""
    words: str
    key: str


class HighlightMenu(Chooser[Choice, str]):
    """Closes with the name of what to do."""

    TALLEST = 0
    DEFAULT_CSS = """
    HighlightMenu {
        & > #dialog { height: auto; min-height: 8; }
        & GroupedList { height: 6; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("highlight")]

    def __init__(self, annotation: Annotation) -> None:
        super().__init__(f"Highlight in {annotation.color}")
        self._annotation = annotation

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the key and what it does."""
        return [
            ("list--badge", pad(row.key, _KEY_WIDTH)),
            ("list--title", fit(row.words, width - _KEY_WIDTH)),
        ]

    def matching(self, text: str) -> GroupedRows[Choice]:  # noqa: ARG002
        """All actions on a highlight."""
        now = self._annotation.color
        colors = [
            Choice(color, f"{color}{' (now)' if color == now else ''}", key_for(f"select.{color}"))
            for color in COLORS
        ]
        note = "change the note" if self._annotation.note else "add a note"
        others = [
            Choice("note", note, key_for("select.note")),
            Choice("copy", "copy the words", key_for("select.copy")),
            Choice("remove", "remove the highlight", key_for("notes.remove")),
        ]
        return GroupedRows([("", [*colors, *others])])

    def start(self) -> int:
        """The note, which is wanted most."""
        return len(COLORS)

    def detail(self, row: Choice) -> str:  # noqa: ARG002
        """The words and the note."""
        note = " ".join(self._annotation.note.split())
        words = f"“{' '.join(self._annotation.quote.text.split())}”"
        return sanitize(f"{fit(words, 140)}\n{fit(note, 140)}" if note else fit(words, 210), multiline=True)

    def result(self, row: Choice) -> str:
        """Its name."""
        return row.name

    def action_pick(self, name: str) -> None:
        """Close with a name."""
        self.dismiss(name)
