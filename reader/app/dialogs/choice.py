"""What an option is to be, chosen among what it takes or typed."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content

from reader.app.dialogs.chooser import Chooser, InMemory
from reader.app.text.wrapping import fit, pad
from reader.app.widgets.grouped_list import GroupedList
from reader.sanitize import sanitize
from reader.settings.checking import fault_of
from reader.settings.options import Option, Value


class ValueList(GroupedList[Value]):
    """Values, a line each; the usual one is said to be."""

    ROW_LINES = 1
    COUNTS = False
    usual: Value = ""

    def draw(self, row: Value, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The value."""
        said = sanitize(str(row)) or "(empty)"
        if row == self.usual and width >= 20:
            return [("list--title", pad(fit(said, width - 7), width - 7)), ("list--detail", "  usual")]
        return [("list--title", fit(said, width))]


class ChoiceScreen(Chooser[Value, Value]):
    """Answers with a value that the option takes, or with None."""

    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down, or a value"

    def __init__(self, option: Option, value: Value) -> None:
        """`value` holds now."""
        rows = ValueList()
        rows.usual = option.usual
        super().__init__(rows)
        self._option = option
        self._value = value
        self._values: list[Value] = list(option.choices)
        if isinstance(value, int):
            self._values = list(range(option.least, option.most + 1))
        self._values += [one for one in dict.fromkeys((value, option.usual)) if one not in self._values]

    def on_mount(self) -> None:
        """Say what is chosen."""
        self.query_one("#dialog").border_title = Content(self._option.name)
        super().on_mount()

    def matching(self, text: str) -> InMemory[Value]:
        """The values with `text` in them, and `text` itself where the option takes it."""
        wanted = text.strip()
        found = [value for value in self._values if wanted.casefold() in str(value).casefold()]
        typed: Value = int(wanted) if isinstance(self._value, int) and wanted.isdecimal() else wanted
        if wanted and fault_of(self._option, typed) is None:
            found = [typed, *(value for value in found if value != typed)]
        return InMemory([("", found)])

    def start(self) -> int:
        """The value that holds now."""
        return self._values.index(self._value)

    def detail(self, row: Value) -> str:  # noqa: ARG002
        """What the option does."""
        return self._option.about

    def result(self, row: Value) -> Value:
        """The value."""
        return row
