"""The versions of a story, three lines each: whence, what of it, and why it is taken for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from reader.app.article_lines import day
from reader.app.cells import fit, pad
from reader.app.layout import width_of
from reader.app.search_texts import Pieces
from reader.app.widgets.grouped_list import GroupedList
from reader.library import Version
from reader.safe_text import clean


class VersionRow(NamedTuple):
    """A version and how it stands on the screen."""

    version: Version
    base: bool
    """Whether the others are compared with it."""
    apart: bool = False
    """Whether the reader has said that it is another story."""


class VersionList(GroupedList[VersionRow]):
    """The fullest first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    def draw(self, row: VersionRow, part: int, width: int) -> Pieces:
        """One of the three lines."""
        version = row.version
        if part == 2:
            why = "split off by you" if row.apart else version.why or "the first that was kept"
            return [("list--detail", " " + fit(clean(why), max(0, width - 1)))]
        if part:
            return [("list--detail", " "), *_facts(version, max(0, width - 1))]
        badges = [*(["BASE"] if row.base else []), *(["LISTED"] if version.face and not row.apart else [])]
        badge = " · ".join(badges)
        if not badge:
            return [("list--source", fit(clean(version.source), width))]
        room = max(0, width - width_of(badge) - 2)
        return [("list--source", pad(clean(version.source), room) + "  "), ("list--whole", badge)]


def _facts(version: Version, width: int) -> Pieces:
    """Whether it is whole, how long it is and when it was captured."""
    whole = ("list--badge", "TRUNCATED") if version.truncated else ("list--whole", "WHOLE")
    said = f"{version.words:,} word{'' if version.words == 1 else 's'}"
    if version.captured:
        said += f" · {day(version.captured)}"
    return [whole, ("list--detail", fit(f" · {clean(said)}", max(0, width - len(whole[1]))))]
