"""The lines above and below on the versions screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from reader.app.text.cells import fit, fit_path
from reader.app.text.wrapping import width_of
from reader.app.versions.differences import MARKS
from reader.app.widgets.bar_texts import Hint, Piece, key_line
from reader.app.widgets.bars import Bar
from reader.sanitize import sanitize


class VersionsState(NamedTuple):
    """What is compared."""

    title: str = ""
    versions: int = 0
    old: str = ""
    """Where the version under the cursor is from; empty when nothing is compared."""
    new: str = ""
    """Where the one it is compared with is from."""
    removed: int = 0
    added: int = 0
    current: int = 0
    """Which difference is the current one, from 1."""
    changes: int = 0
    reading: bool = False
    """Whether the differences have the keys, not the list."""
    several: bool = False
    apart: bool = False
    """Whether a version can be put back."""


def heading(state: VersionsState, width: int) -> list[Piece]:
    """What the versions are of, and how many there are."""
    count = f" {state.versions:,} version{'' if state.versions == 1 else 's'} "
    title = fit(f" Versions ─ {sanitize(state.title)} ", max(0, width - width_of(count) - 1))
    rule = "─" * max(0, width - width_of(title) - width_of(count))
    return [Piece(title, "bar--title"), Piece(rule, "bar--rule"), Piece(count)]


def legend(state: VersionsState, width: int) -> list[Piece]:
    """Which marks stand for which version, and how many words differ."""
    if not state.old:
        return [Piece("─" * width, "bar--rule")]
    (open_old, close_old), (open_new, close_new) = MARKS["removed"], MARKS["added"]
    counts = f" −{state.removed:,} +{state.added:,} words "
    half = max(4, (width - width_of(counts) - 14) // 2)
    old, new = fit_path(sanitize(state.old), half), fit_path(sanitize(state.new), half)
    pieces = [
        Piece(" only in ", "bar--muted"),
        Piece(f"{open_old}{old}{close_old}", "bar--removed"),
        Piece(" "),
        Piece(f"{open_new}{new}{close_new}", "bar--added"),
    ]
    room = width - sum(width_of(piece.text) for piece in pieces) - width_of(counts)
    if room < 0:
        pieces = pieces[1:]
        room += 9
    if room < 0:
        return pieces
    return [*pieces, Piece(" " * room), Piece(counts, "bar--muted")]


def footer(state: VersionsState, width: int) -> list[Piece]:
    """The keys that matter, and which difference is the current one."""
    place = f"{state.current:,} of {state.changes:,} " if state.changes else ""
    hints: list[Hint] = [("{panes.read}", "read it", "choose")]
    if state.several:
        hints = [
            ("{move.down}/{move.up}", "scroll" if state.reading else "version", "move('down')"),
            ("{find.next}/{find.previous}", "difference", "change(1)"),
            *hints,
            ("{versions.base}", "compare with", "base"),
            ("{versions.split}", "not the same", "split"),
            ("{panes.other}", "list" if state.reading else "text", "other"),
        ]
    if state.apart:
        hints.insert(0, ("{state.undo}", "put back", "unsplit"))
    return key_line(hints, ("{panes.back}", "back", "close"), place, width)


class VersionsBar(Bar[VersionsState]):
    """A line that draws what one of `version_texts` says."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--removed": "text-error strike",
        "bar--added": "text-success underline",
    }
