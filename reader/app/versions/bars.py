"""The lines above and below on the versions screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from reader.app.text.wrapping import fit, fit_path, width_of
from reader.app.versions.differences import MARKS
from reader.app.widgets.bars import HELP, Bar, Hint, Piece, key_line
from reader.sanitize import sanitize


class VersionsState(NamedTuple):
    """The data of the bars."""

    title: str = ""
    versions: int = 0
    old: str = ""
    """The source of the version under the cursor; empty if nothing is compared."""
    new: str = ""
    """The source of the version that it is compared with."""
    removed: int = 0
    added: int = 0
    current: int = 0
    """Number of the current difference, from 1."""
    changes: int = 0
    reading: bool = False
    """Do the differences have the focus, not the list?"""
    several: bool = False
    """Are there versions to compare?"""
    can_unsplit: bool = False
    """Has a version been split off?"""


def heading(state: VersionsState, width: int) -> list[Piece]:
    """The title of the story and the number of versions."""
    count = f" {state.versions:,} version{'' if state.versions == 1 else 's'} "
    title = fit(f" Versions ─ {sanitize(state.title)} ", max(0, width - width_of(count) - 1))
    rule = "─" * max(0, width - width_of(title) - width_of(count))
    return [Piece(title, "bar--title"), Piece(rule, "bar--rule"), Piece(count)]


def legend(state: VersionsState, width: int) -> list[Piece]:
    """The marks of each version, and how many words differ."""
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
    """The keys for what has focus, and the number of the current difference."""
    place = f"{state.current:,} of {state.changes:,} " if state.changes else ""
    hints: list[Hint] = [("{panes.read}", "read it", "choose")]
    if state.several:
        hints = [
            ("{move.down}/{move.up}", "scroll" if state.reading else "version", "move('down')"),
            ("{find.next}/{find.previous}", "difference", "change(1)"),
            *hints,
            ("{versions.base}", "base", "base"),
            ("{versions.split}", "split off", "split"),
            ("{panes.other}", "list" if state.reading else "text", "other"),
        ]
    if state.can_unsplit:
        hints.insert(0, ("{state.undo}", "undo split", "unsplit"))
    return key_line(hints, (("{panes.back}", "back", "close"), HELP), place, width)


class VersionsBar(Bar[VersionsState]):
    """A bar of the versions screen."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--removed": "text-error strike",
        "bar--added": "text-success underline",
    }
