"""The dialog in which a wrong reading is corrected."""

from __future__ import annotations

from typing import ClassVar

from reader.app.dialogs.chooser import Chooser, InMemory
from reader.app.text.wrapping import fit
from reader.app.why.correction_choices import Choice, Matter, choices
from reader.app.why.texts import quoted
from reader.app.widgets.grouped_list import GroupedList
from reader.library.state import corrections
from reader.sanitize import sanitize


class ChoiceList(GroupedList[Choice]):
    """What can be said, a line each."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The words."""
        return [("list--title", fit(sanitize(row.words), width))]


class CorrectScreen(Chooser[Choice, Choice]):
    """Answers with what is to be said of a line, or with None."""

    TITLE = "Correct"
    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down, or a name"
    NOTHING = "Nothing can be said in these words."

    def __init__(self, matter: Matter) -> None:
        super().__init__(ChoiceList())
        self._matter = matter

    def matching(self, text: str) -> InMemory[Choice]:
        """What has every word of `text` in it, and what `text` may name."""
        return InMemory(choices(self._matter, text))

    def detail(self, row: Choice) -> str:
        """The whole sentence that would be kept."""
        if row.word is None:
            return f"{row.words}."
        return f"Line {row.line}: {corrections.in_words(row.word, row.shown)}."

    def result(self, row: Choice) -> Choice | None:
        """The choice."""
        return row

    def on_mount(self) -> None:
        """Say which line it is about, and show every row."""
        line = self._matter.line
        self.query_one("#dialog").border_title = sanitize(f"Line {line.n}: {quoted(line.text)}")
        super().on_mount()
