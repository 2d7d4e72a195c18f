"""What the search screen says: how a passage fits a line, the rule below the query, the footer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reader.app.text.wrapping import Span, clusters, fit, width_of
from reader.app.widgets.bars import Hint as Hint
from reader.app.widgets.bars import Piece, hints_in_force
from reader.sanitize import sanitize

Pieces = list[tuple[str, str]]
"""Pairs of a component class and text."""
LEAD = 3
"""A passage that is cut at its start keeps one part in so many of the line for what stands before the match."""


class Fault(NamedTuple):
    """What is wrong with a query, and which characters of it."""

    reason: str
    position: int
    length: int


class RuleState(NamedTuple):
    """What stands below the query."""

    stories: int | None = None
    """How many match; None while nothing is looked for."""
    capped: bool = False
    """Whether there are more than `stories`."""
    order: str = "newest first"
    said: str = ""
    """What the search under the cursor finds, where the list has no room for it."""
    busy: bool = False
    """Whether an answer is overdue."""
    fault: Fault | None = None
    column: int = 0
    """The cell of the query's first character."""
    before: int = 0
    """How many cells of the query stand before the faulty piece in sight."""
    cells: int = 1
    """How many the faulty piece takes."""


class SearchFooterState(NamedTuple):
    """Which keys to name."""

    typing: bool = True
    """Whether the query has the keys, not the list."""
    starts: bool = True
    """Whether saved searches and examples are listed, not hits."""
    at: int = 0
    """Number of the hit under the cursor, from 1; 0 without any."""


def marked(text: str, marks: Sequence[Span], plain: str, match: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces of the component class `plain`, and of `match` where it is marked."""
    done = 0
    for start, end in marks:
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        if start > done:
            yield plain, text[done:start]
        yield match, text[start:end]
        done = end
    if done < len(text):
        yield plain, text[done:]


def around(text: str, marks: Sequence[Span], width: int) -> tuple[str, list[Span]]:
    """The part of `text` around its first mark that fits `width` cells, and the marks in it."""
    if width_of(text) <= width or not marks:
        return fit(text, width), list(marks)
    first, last = marks[0]
    start = 0
    if width_of(text[:last]) > width * 2 // LEAD:
        start = _start(text, first, max(0, min(width // LEAD, width - 2 - width_of(text[first:last]))))
    lead = "…" if start else ""
    cut = fit(lead + text[start:], width)
    shift = len(lead) - start
    end = len(cut) - (cut[-1:] == "…")
    return cut, [(a + shift, min(b + shift, end)) for a, b in marks if a >= start and a + shift < end]


def _start(text: str, first: int, room: int) -> int:
    """Where a cut text begins: at a word, at most `room` cells before character `first`."""
    start, used = first, 0
    for cluster in reversed(clusters(text[max(0, first - 4 * room) : first])):
        used += width_of(cluster)
        if used > room:
            break
        start -= len(cluster)
    space = text.find(" ", start, first)
    return space + 1 if space >= 0 and start else start


def count_words(count: int, capped: bool, noun: str = "story", nouns: str = "stories") -> str:
    """How many, in words."""
    if capped:
        return f"over {count:,} {nouns}"
    return f"{count:,} {noun if count == 1 else nouns}" if count else f"no {noun}"


def rule(state: RuleState, width: int) -> list[Piece]:
    """The count and the order at the end of a rule, or what is wrong with the query."""
    if state.fault is not None:
        return _fault(state, state.fault, width)
    if state.busy:
        said = "searching…"
    elif state.said:
        said = fit(state.said, max(0, width - 3))
        rest = "─" * max(0, width - width_of(said) - 3)
        return [Piece("─", "bar--rule"), Piece(f" {said} "), Piece(rest, "bar--rule")]
    elif state.stories is None:
        return [Piece("─" * width, "bar--rule")]
    else:
        said = count_words(state.stories, state.capped)
    full = [Piece(f" {said}", "bar--strong"), Piece(" · "), Piece(f"{state.order} ", "bar--text", "order")]
    room = width - sum(width_of(piece.text) for piece in full) - 2
    if room < 0:
        full = [Piece(f" {fit(said, max(0, width - 4))} ", "bar--strong")]
        room = max(0, width - width_of(full[0].text) - 2)
    return [Piece("─" * room, "bar--rule"), *full, Piece("──", "bar--rule")]


def _fault(state: RuleState, fault: Fault, width: int) -> list[Piece]:
    """Carets below the faulty piece, and the reason on the side that has room for it."""
    left = min(state.column + state.before, max(0, width - 1))
    carets = "^" * max(1, min(state.cells, width - left))
    reason = sanitize(fault.reason)
    after = width - left - len(carets) - 2
    if width_of(reason) <= after:
        return [Piece(" " * left), Piece(carets, "bar--alert"), Piece(f" {reason}", "bar--alert-text")]
    if width_of(reason) <= left - 2:
        pad = " " * (left - 1 - width_of(reason))
        return [Piece(pad), Piece(f"{reason} ", "bar--alert-text"), Piece(carets, "bar--alert")]
    # The query itself has the piece underlined, so the reason may have the whole line.
    return [Piece(fit(f" {reason}", width), "bar--alert-text")]


_TYPING: tuple[Hint, ...] = (
    ("{panes.read}", "open", "open"),
    ("↓↑", "choose", "move('down')"),
    ("{panes.other}", "list", "other"),
    ("{search.order}", "order", "order"),
    ("{search.save}", "save", "save"),
)
_LISTING: tuple[Hint, ...] = (
    ("{panes.read}", "open", "open"),
    ("{move.down}/{move.up}", "move", "move('down')"),
    ("{find.start}", "query", "other"),
    ("{search.order}", "order", "order"),
    ("{search.save}", "save", "save"),
)
_STARTING: tuple[Hint, ...] = (
    ("{panes.read}", "search this", "open"),
    ("↓↑", "choose", "move('down')"),
    ("{panes.other}", "list", "other"),
)
_STARTS: tuple[Hint, ...] = (
    ("{panes.read}", "search this", "open"),
    ("{move.down}/{move.up}", "move", "move('down')"),
    ("{find.start}", "query", "other"),
    ("{search.remove}", "remove", "remove"),
)
_BACK = ("{panes.back}", "back", "close")
_ROOMY = 30
"""Columns from which on the number of a hit is called one."""


def footer(state: SearchFooterState, width: int) -> list[Piece]:
    """As many keys as there is room for, the way back always, and which hit the cursor is on."""
    place = f"{'hit ' if width >= _ROOMY else ''}{state.at:,} " if state.at and not state.starts else ""
    hints = (
        (_STARTING if state.typing else _STARTS) if state.starts else (_TYPING if state.typing else _LISTING)
    )
    if not state.starts and not state.at:
        hints = tuple(hint for hint in hints if hint[2] in ("order", "save"))
    return key_line(hints, _BACK, place, width)


def key_line(hints: Sequence[Hint], last: Hint, place: str, width: int) -> list[Piece]:
    """Keys from the left as far as there is room, `last` always, and `place` on the right."""

    def size(hint: Hint) -> int:
        return width_of(hint[0]) + width_of(hint[1]) + 3

    always = hints_in_force((last,))
    room = width - width_of(place) - 1 - sum(map(size, always))
    chosen = []
    for hint in hints_in_force(hints):
        room -= size(hint)
        if room < 0:
            break
        chosen.append(hint)
    pieces = [Piece(" ")]
    for key, word, action in (*chosen, *always):
        pieces += [Piece(key, "bar--key", action), Piece(f" {word}", "bar--muted", action), Piece("  ")]
    used = sum(width_of(piece.text) for piece in pieces)
    return [*pieces, Piece(" " * (width - used - width_of(place))), Piece(place, "bar--muted")]
