"""The versions of a story, three lines each: whence, what of it, and why it is taken for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from reader.app.text.article_lines import day
from reader.app.text.cells import fit, fit_path, pad_path
from reader.app.text.wrapping import width_of
from reader.app.widgets.grouped_list import GroupedList, Heading
from reader.library import StoryVersions, Version
from reader.sanitize import sanitize


class VersionRow(NamedTuple):
    """A version and how it stands on the screen."""

    version: Version
    base: bool
    """Whether the others are compared with it."""
    apart: bool = False
    """Whether the reader has said that it is another story."""


class VersionRows:
    """The versions of a story, read as they come in sight, and below them those that were split off."""

    def __init__(self, story: StoryVersions, base: int, apart: Sequence[Version]) -> None:
        """`base` is the key of the version that the others are compared with."""
        self._story = story
        self._base = base
        self._apart = apart
        count = len(story)
        runs = (Heading("", count, 0), Heading("not the same story", len(apart), count))
        self.groups = [run for run in runs if run.count]

    def __len__(self) -> int:
        return len(self._story) + len(self._apart)

    def rows(self, start: int, stop: int) -> list[VersionRow]:
        """The rows from `start` up to `stop`."""
        count = len(self._story)
        shown = self._story.rows(start, min(stop, count)) if start < count else []
        apart = self._apart[max(0, start - count) : max(0, stop - count)]
        return [
            *(VersionRow(version, version.key == self._base) for version in shown),
            *(VersionRow(version, base=False, apart=True) for version in apart),
        ]

    def key_at(self, index: int) -> int:
        """The key of the version at `index`."""
        count = len(self._story)
        return self._story.key_at(index) if index < count else self._apart[index - count].key

    def index_of(self, key: int) -> int | None:
        """Where a version stands; None when it is not listed."""
        index = self._story.index_of(key)
        if index is None:
            apart = (n for n, version in enumerate(self._apart, len(self._story)) if version.key == key)
            index = next(apart, None)
        return index


class VersionList(GroupedList[VersionRow]):
    """The fullest first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    def draw(self, row: VersionRow, part: int, width: int) -> list[tuple[str, str]]:
        """One of the three lines."""
        version = row.version
        if part == 2:
            why = "split off by you" if row.apart else version.why or "the first that was kept"
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            return [("list--detail", " "), *_facts(version, max(0, width - 1))]
        badges = [*(["BASE"] if row.base else []), *(["LISTED"] if version.face and not row.apart else [])]
        badge = " · ".join(badges)
        if not badge:
            return [("list--source", fit_path(sanitize(version.source), width))]
        room = max(0, width - width_of(badge) - 2)
        return [("list--source", pad_path(sanitize(version.source), room) + "  "), ("list--whole", badge)]


def _facts(version: Version, width: int) -> list[tuple[str, str]]:
    """Whether it is whole, how long it is and when it was captured."""
    whole = ("list--badge", "TRUNCATED") if version.truncated else ("list--whole", "WHOLE")
    said = f"{version.words:,} word{'' if version.words == 1 else 's'}"
    if version.captured:
        said += f" · {day(version.captured)}"
    return [whole, ("list--detail", fit(f" · {sanitize(said)}", max(0, width - len(whole[1]))))]
