"""The versions of a story as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from reader.app.text.article_lines import day
from reader.app.text.wrapping import fit, fit_path, pad_path, width_of
from reader.app.widgets.grouped_list import GroupedList, Heading
from reader.library import Version
from reader.sanitize import many, sanitize


class VersionRows:
    """The versions of a story as the rows of a list."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self.groups = [Heading("", len(versions), 0)] if versions else []
        self._versions = versions

    def __len__(self) -> int:
        return len(self._versions)

    def rows(self, start: int, stop: int) -> Sequence[Version]:
        """The versions from `start` up to `stop` (excluded)."""
        return self._versions[max(start, 0) : stop]


class VersionList(GroupedList[Version]):
    """Versions, three lines each: source, length and date, and why it is the same story. The fullest comes first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    base: Version | None = None
    """The version that the others are compared with."""

    def draw(self, row: Version, part: int, width: int) -> list[tuple[str, str]]:
        """Draw one of the three lines."""
        if part == 2:
            why = row.why or "the first one in the library"
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            state = ("list--badge", "TRUNCATED") if row.truncated else ("list--whole", "WHOLE")
            facts = many(row.words, "word") + (f" · {day(row.captured)}" if row.captured else "")
            room = max(0, width - 1 - len(state[1]))
            return [("list--detail", " "), state, ("list--detail", fit(f" · {sanitize(facts)}", room))]
        is_base = self.base is not None and row.key == self.base.key
        badge = " · ".join(word for word, applies in (("BASE", is_base), ("LISTED", row.listed)) if applies)
        if not badge:
            return [("list--source", fit_path(sanitize(row.source), width))]
        room = max(0, width - width_of(badge) - 2)
        return [("list--source", pad_path(sanitize(row.source), room) + "  "), ("list--whole", badge)]
