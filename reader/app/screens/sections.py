"""The section picker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.fuzzy import Matcher

from reader.app.cells import pad
from reader.app.layout import width_of
from reader.app.screens.chooser import Chooser, InMemory
from reader.app.widgets.grouped_list import GroupedList
from reader.library import SectionCount
from reader.safe_text import clean


class SectionList(GroupedList[SectionCount]):
    """Sections, a line each: name and count."""

    ROW_LINES = 1

    def draw(self, row: SectionCount, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Name and count."""
        count = f"{row.count:,}"
        name = clean(row.name) or "All sections"
        return [("list--title", pad(name, max(0, width - width_of(count)))), ("list--detail", count)]


class SectionsScreen(Chooser[SectionCount, str]):
    """Answers with a section's name, with "" for all sections, or with None when nothing was chosen."""

    TITLE = "Sections"
    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down"

    def __init__(self, sections: Sequence[SectionCount], chosen: str | None) -> None:
        super().__init__(SectionList())
        self._sections = sections
        self._chosen = chosen

    def matching(self, text: str) -> InMemory[SectionCount]:
        """The sections in whose names the letters of `text` occur in order, the best first."""
        if not text.strip():
            everything = SectionCount("", sum(section.count for section in self._sections))
            return InMemory([("", [everything, *self._sections])])
        matcher = Matcher(text.strip())
        scored = [(matcher.match(section.name), section) for section in self._sections]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        return InMemory([("", [section for _, section in best])])

    def start(self) -> int:
        """The section that is shown now."""
        names = [section.name for section in self._sections]
        return names.index(self._chosen) + 1 if self._chosen in names else 0

    def detail(self, row: SectionCount) -> str:  # noqa: ARG002
        """Nothing more to say."""
        return ""

    def result(self, row: SectionCount) -> str:
        """Its name."""
        return row.name
