"""What the why screen says of a line and below and above: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reader.app.search.texts import key_line
from reader.app.text.parts import Part, PartsDocument
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import Hint, Piece
from reader.parsing.explaining import LineWhy, how_likely, in_words
from reader.sanitize import sanitize

_QUOTED = 60


class WhyState(NamedTuple):
    """What the lines above and below tell."""

    title: str = ""
    badges: tuple[str, ...] = ()
    line: int = 0
    """The number of the line under the cursor; 0 while the capture is being read."""
    reading: str = ""
    """What it was read as."""
    closes: int = 0
    """How many lines are known whose reading was close."""
    scrolling: bool = False
    """Whether the reasons have the keys, not the lines."""


def heading(state: WhyState, width: int) -> list[Piece]:
    """Whose lines they are, and the badges."""
    badges = " ".join(state.badges)
    right = f" {badges} " if badges and width >= 60 else ""
    title = fit(f" Why ─ {sanitize(state.title)} ", max(0, width - width_of(right) - 1))
    rule = "─" * max(0, width - width_of(title) - width_of(right))
    return [
        Piece(title, "bar--title"),
        Piece(rule, "bar--rule"),
        Piece(right, "bar--alert" if right else "bar--text"),
    ]


def legend(state: WhyState, width: int) -> list[Piece]:
    """Which line the reasons are of."""
    said = f" line {state.line:,} ─ {state.reading} " if state.line else " "
    said = fit(said, width)
    return [Piece(said, "bar--title"), Piece("─" * (width - width_of(said)), "bar--rule")]


def footer(state: WhyState, width: int) -> list[Piece]:
    """The keys that matter."""
    hints: list[Hint] = [
        ("{move.down}/{move.up}", "scroll" if state.scrolling else "line", "move('down')"),
        ("{why.correct}", "correct", "correct"),
        ("{find.next}/{find.previous}", "close call", "close_call(1)"),
        ("{panes.other}", "lines" if state.scrolling else "reasons", "other"),
        ("{view.raw}", "raw", "raw"),
        ("{state.undo}", "undo", "undo"),
    ]
    place = f"{state.closes:,} close " if state.closes and width >= 70 else ""
    return key_line(hints, ("{panes.back}", "back", "close"), place, width)


def details(why: LineWhy | None, badges: Sequence[str], said: Sequence[str]) -> PartsDocument:
    """Why a line was read as it was: who said so, the next-best reading, what spoke for and against.

    `badges` are what the line shows of its article, `said` what a reader has said of it.
    """
    if why is None:
        return PartsDocument((Part("note", "Looking for reasons…"),))
    parts = [Part("reason", badge, 0, "▶ ", "  ") for badge in badges]
    parts += [Part("said", f"You have said that {sentence}.", 0, "= ", "  ") for sentence in said]
    if why.said is not None and not said:
        parts.append(Part("said", f"{_capital(why.said)} says so.", 0))
    if why.other is None:
        parts.append(Part("heading", "Nothing else comes near", 0))
        parts += [Part("for", f"{reason.words}", 0, "  ", "  ") for reason in why.reasons]
        return PartsDocument(parts)
    speaking = [reason for reason in why.reasons if reason.nats > 0]
    against = [reason for reason in why.reasons if reason.nats < 0]
    next_best = f"Next best: {in_words(why.other)}, {how_likely(why.worse)} ({why.worse:.1f})"
    parts.append(Part("heading", next_best, 0))
    parts += [Part("for", f"{reason.words} ({reason.nats:.1f})", 0, "+ ", "  ") for reason in speaking]
    parts += [Part("against", f"{reason.words} ({-reason.nats:.1f})", 0, "− ", "  ") for reason in against]
    parts.append(Part("note", "+ speaks for the reading, − for the next best; in nats.", 0))
    return PartsDocument(parts)


def quoted(text: str) -> str:
    """A line in quotation marks, cut where it is long."""
    text = sanitize(text)
    return f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
