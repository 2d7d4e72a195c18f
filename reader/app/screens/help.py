"""The help screen: every key, made from the table of keys; Enter does what the row says."""

from __future__ import annotations

from typing import ClassVar

from reader.app.cells import fit, pad
from reader.app.keys import GROUPS, Key, shown_keys
from reader.app.screens.chooser import Chooser, InMemory
from reader.app.widgets.grouped_list import GroupedList

_KEYS_WIDTH = 11


class KeyList(GroupedList[Key]):
    """Keys, a line each."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Key, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The keys and what they do."""
        return [
            ("list--badge", pad(row.shown, _KEYS_WIDTH)),
            ("list--title", fit(row.does, width - _KEYS_WIDTH)),
        ]


class HelpScreen(Chooser[Key, str]):
    """Answers with the action of the chosen key."""

    TITLE = "Keys"
    PLACEHOLDER: ClassVar[str | None] = "Type to search"

    def __init__(self) -> None:
        super().__init__(KeyList())

    def matching(self, text: str) -> InMemory[Key]:
        """The keys whose words or names contain every word of `text`."""
        words = text.casefold().split()

        def matches(key: Key) -> bool:
            said = f"{key.does} {key.group} {key.id}".casefold()
            return all(word in said or word in key.shown.casefold().split() for word in words)

        keys = [key for key in shown_keys() if matches(key)]
        return InMemory([(group, [key for key in keys if key.group == group]) for group in GROUPS])

    def detail(self, row: Key) -> str:
        """The key's stable name, and all that it does."""
        return f"{row.id}: {row.does}"

    def result(self, row: Key) -> str | None:
        """What to run; choosing a digit needs the digit."""
        return None if row.id == "filter.section" else row.action
