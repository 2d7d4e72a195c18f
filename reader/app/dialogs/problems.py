"""The problems dialog: files that could not be read, or only in part, and what was skipped on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reader.app.text.wrapping import fit_path, pad_path, width_of
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import PagedRows
from reader.library import Library
from reader.model import Problem
from reader.sanitize import sanitize

_SOLVED: Final = ChooserRow(None, "No longer a problem", below="the file has been read or removed meanwhile")


class ProblemsScreen(Chooser[None], keys="list problems"):
    """Lists all problems; nothing can be chosen."""

    TITLE = "Problems"
    KEYS = "{panes.back} closes"
    ROW_LINES = 2
    COUNTS = True
    NOTHING = "No problems: everything was read."

    def __init__(self, library: Library, session: Sequence[Problem] = ()) -> None:
        """`session`: problems of this session that the library does not hold; they come first."""

        def read(start: int, stop: int) -> list[ChooserRow[None]]:
            before = len(session)
            stored = library.problems(max(0, start - before), max(0, stop - before))
            rows = [*map(_row, session[start:stop]), *map(_row, stored)]
            # Another program may have read or removed some of the files meanwhile.
            return rows + [_SOLVED] * (stop - start - len(rows))

        skipped = [(f"Skipped: {reason}", count) for reason, count in library.skipped()]
        problems = ("Problems", len(session) + library.totals().problems)
        super().__init__(rows=PagedRows([problems, *skipped], read))

    def draw(self, row: ChooserRow[None], part: int, width: int) -> list[tuple[str, str]]:
        """Draw the file with a badge, or the reason."""
        if part:
            return super().draw(row, part, width)
        if not row.right:
            return [("list--title", fit_path(row.text, width))]
        path = pad_path(row.text, width - width_of(row.right) - 2)
        return [("list--title", f"{path}  "), ("list--badge", row.right)]


def _row(problem: Problem) -> ChooserRow[None]:
    badge = "" if problem.is_skipped else "IN PART" if problem.partial else "NOT READ"
    source, reason = sanitize(problem.source), sanitize(problem.reason)
    return ChooserRow(None, source, badge, below=reason, detail=f"{source}: {reason}")
