"""The help screen: every key and every page of the manual; Enter runs the key's action, or opens the page."""

from __future__ import annotations

from typing import ClassVar

from reader.app.dialogs.chooser import Chooser, InMemory
from reader.app.dialogs.manual import ManualScreen
from reader.app.keys import GROUPS, Key, shown_keys
from reader.app.text.wrapping import fit, pad
from reader.app.widgets.grouped_list import GroupedList
from reader.manual import TOPICS, Topic

_KEYS_WIDTH = 11


class KeyList(GroupedList[Key | Topic]):
    """Keys and topics, a line each."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Key | Topic, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The keys and what they do, or the topic's title."""
        if isinstance(row, Topic):
            return [("list--title", fit(row.title, width))]
        return [
            ("list--badge", pad(row.shown, _KEYS_WIDTH)),
            ("list--title", fit(row.does, width - _KEYS_WIDTH)),
        ]


class HelpScreen(Chooser[Key | Topic, str]):
    """Answers with the action of the chosen key; a page of the manual opens over it."""

    TITLE = "Keys"
    PLACEHOLDER: ClassVar[str | None] = "Type to search keys and the manual"

    def __init__(self) -> None:
        super().__init__(KeyList())

    def matching(self, text: str) -> InMemory[Key | Topic]:
        """The keys and topics whose words or names contain every word of `text`."""
        words = text.casefold().split()

        def matches(key: Key) -> bool:
            said = f"{key.does} {key.group} {key.id}".casefold()
            return all(word in said or word in key.shown.casefold().split() for word in words)

        keys = [key for key in shown_keys() if matches(key)]
        topics = [
            topic
            for topic in TOPICS
            if all(word in f"manual {topic.name} {topic.title} {topic.about}".casefold() for word in words)
        ]
        groups: list[tuple[str, list[Key | Topic]]] = [
            (group, [key for key in keys if key.group == group]) for group in GROUPS
        ]
        return InMemory([*groups, ("manual", [*topics])])

    def detail(self, row: Key | Topic) -> str:
        """The key's stable name and all that it does, or what the page explains."""
        return f"{row.title}: {row.about}" if isinstance(row, Topic) else f"{row.id}: {row.does}"

    def result(self, row: Key | Topic) -> str | None:
        """What to run; choosing a digit needs the digit."""
        return None if isinstance(row, Topic) or row.id == "filter.section" else row.action

    def action_choose(self) -> None:
        """Open the page under the cursor, or answer with the key."""
        row = None if self.rows.cursor is None else self.rows.row(self.rows.cursor)
        if isinstance(row, Topic):
            self.app.push_screen(ManualScreen(row))
        else:
            super().action_choose()
