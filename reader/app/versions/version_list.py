"""The versions of a story as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    split: bool = False
    """Has the reader split it off from the story?"""


class VersionRows:
    """The versions of a story, loaded as they become visible, then the versions that were split off."""

    def __init__(self, story: StoryVersions, base: int, split: Sequence[Version]) -> None:
        """`base`: the key of the version that the others are compared with."""
        self._story = story
        self._base = base
        self._split = split
        count = len(story)
        runs = (Heading("", count, 0), Heading("not the same story", len(split), count))
        self.groups = [run for run in runs if run.count]

    def __len__(self) -> int:
        return len(self._story) + len(self._split)

    def rows(self, start: int, stop: int) -> list[VersionRow]:
        """The rows from `start` up to `stop` (excluded)."""
        count = len(self._story)
        shown = self._story.rows(start, min(stop, count)) if start < count else []
        split = self._split[max(0, start - count) : max(0, stop - count)]
        return [
            *(VersionRow(version, version.key == self._base) for version in shown),
            *(VersionRow(version, base=False, split=True) for version in split),
        ]

    def key_at(self, index: int) -> int:
        """The key of the version at `index`."""
        count = len(self._story)
        return self._story.key_at(index) if index < count else self._split[index - count].key

    def index_of(self, key: int) -> int | None:
        """The index of a version; None if it is not listed."""
        index = self._story.index_of(key)
        if index is None:
            positions = (n for n, version in enumerate(self._split, len(self._story)) if version.key == key)
            index = next(positions, None)
        return index


class VersionList(GroupedList[VersionRow]):
    """Versions, three lines each: source, length and date, and why it is the same story. The fullest comes first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    def draw(self, row: VersionRow, part: int, width: int) -> list[tuple[str, str]]:
        """Draw one of the three lines."""
        version = row.version
        if part == 2:
            why = "split off by you" if row.split else version.why or "the first one in the library"
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            return [("list--detail", " "), *_facts(version, max(0, width - 1))]
        badges = [*(["BASE"] if row.base else []), *(["LISTED"] if version.listed and not row.split else [])]
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
