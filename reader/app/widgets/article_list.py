"""The list of articles."""

from __future__ import annotations

from reader.app.cells import fit, pad
from reader.app.layout import width_of
from reader.app.widgets.grouped_list import GroupedList
from reader.library import ArticleRow
from reader.safe_text import clean


class ArticleList(GroupedList[ArticleRow]):
    """Articles by section, two lines each: title and badge, then authors and length or the sponsor."""

    guest: int | None = None
    """Key of the article that is shown though the filters hide it; None when there is none."""

    def draw(self, row: ArticleRow, part: int, width: int) -> list[tuple[str, str]]:
        """Title and badge on the first line, who and how long on the second."""
        if part:
            return [("list--detail", " " + fit(self._detail(row), width - 1))]
        style = "list--untitled" if row.untitled else "list--title"
        badge = "SPONSORED" if row.sponsored else "TRUNCATED" if row.truncated else ""
        if not badge:
            return [(style, fit(clean(row.title), width))]
        room = width - width_of(badge) - 2
        return [(style, pad(clean(row.title), room)), (style, "  "), ("list--badge", badge)]

    def _detail(self, row: ArticleRow) -> str:
        who = row.sponsor or "" if row.sponsored else row.authors
        said = ["kept while open"] if row.key == self.guest else []
        said += [clean(who)] if who else []
        said += [] if row.sponsored and who else [f"{row.minutes} min"]
        said += ["truncated"] if row.sponsored and row.truncated else []
        return " · ".join(said)
