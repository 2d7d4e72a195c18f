"""The versions of a story as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from reader.app.text.article_lines import day
from reader.app.text.wrapping import fit, fit_path, pad_path, width_of
from reader.app.widgets.grouped_list import GroupedList, Heading
from reader.library import StoryVersions, Version
from reader.sanitize import many, sanitize


class VersionRow(NamedTuple):
    """A version in the list."""

    version: Version
    base: bool
    """Are the others compared with this one?"""


class VersionRows:
    """The versions of a story, loaded as they become visible."""

    def __init__(self, story: StoryVersions, base: int) -> None:
        """`base`: the key of the version that the others are compared with."""
        self._story = story
        self._base = base
        self.groups = [Heading("", len(story), 0)] if len(story) else []

    def __len__(self) -> int:
        return len(self._story)

    def rows(self, start: int, stop: int) -> list[VersionRow]:
        """The rows from `start` up to `stop` (excluded)."""
        return [VersionRow(version, version.key == self._base) for version in self._story.rows(start, stop)]


class VersionList(GroupedList[VersionRow]):
    """Versions, three lines each: source, length and date, and why it is the same story. The fullest comes first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    def draw(self, row: VersionRow, part: int, width: int) -> list[tuple[str, str]]:
        """Draw one of the three lines."""
        version = row.version
        if part == 2:
            why = version.why or "the first one in the library"
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            return [("list--detail", " "), *_facts(version, max(0, width - 1))]
        badges = [*(["BASE"] if row.base else []), *(["LISTED"] if version.listed else [])]
        badge = " · ".join(badges)
        if not badge:
            return [("list--source", fit_path(sanitize(version.source), width))]
        room = max(0, width - width_of(badge) - 2)
        return [("list--source", pad_path(sanitize(version.source), room) + "  "), ("list--whole", badge)]


def _facts(version: Version, width: int) -> list[tuple[str, str]]:
    """Describe a version: whole or truncated, its length and the date of its capture."""
    whole = ("list--badge", "TRUNCATED") if version.truncated else ("list--whole", "WHOLE")
    facts = many(version.words, "word")
    if version.captured:
        facts += f" · {day(version.captured)}"
    return [whole, ("list--detail", fit(f" · {sanitize(facts)}", max(0, width - len(whole[1]))))]
