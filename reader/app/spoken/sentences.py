"""The sentences for a screen reader, and a filter that replaces symbols on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from reader.app.main.bar_texts import HeaderState
from reader.app.text.wrapping import fit
from reader.app.widgets.bars import Piece
from reader.library import ArticleRow
from reader.sanitize import many, sanitize

_NAMES = {"/": "slash", "?": "question mark", "Esc": "Escape"}
"""How to pronounce keys, where that differs from their names."""


def states(row: ArticleRow) -> list[str]:
    """The states that badges and signs show on the visual screen."""
    words = ["sponsored" + (f" by {sanitize(row.sponsor)}" if row.sponsor else "")] if row.sponsored else []
    words += ["truncated"] if row.truncated else []
    words += ["whole, from another capture"] if row.completed and not row.truncated else []
    words += ["unread"] if row.unread else []
    return [*words, *(["starred"] if row.starred else [])]


def row_words(row: ArticleRow) -> str:
    """Describe a row of the list: title, section, badges and marks, authors, minutes."""
    authors = [] if row.sponsored or not row.authors else [sanitize(row.authors)]
    facts = [sanitize(row.title), sanitize(row.group), *states(row), *authors, many(row.minutes, "minute")]
    return ", ".join(facts)


def article(row: ArticleRow, index: int, count: int) -> str:
    """Describe the article under the cursor, at `index` of `count`."""
    details = [f"Article {index + 1:,} of {count:,}", f"section {sanitize(row.group)}", *states(row)]
    return f"{', '.join(details)}: {sanitize(row.title)}"


def filters(view: Sequence[str], shown: int) -> str:
    """Describe the filters and the order, and count the articles that match."""
    return f"Filter: {', '.join(map(sanitize, view)) or 'none'}, {many(shown, 'article')}"


def header_pieces(state: HeaderState, width: int) -> list[Piece]:
    """Compose the header: as many words as fit."""
    totals = state.totals
    articles = many(totals.articles, "article")
    if state.view and state.shown is not None and state.shown != totals.articles:
        articles = f"{state.shown:,} of {articles}"
    words = [sanitize(state.title), *map(sanitize, state.view), articles]
    if state.reading is not None:
        words.append(f"reading, {many(state.reading, 'capture')}")
    words += [many(totals.problems, "problem")] if totals.problems else []
    words += [f"{totals.truncated:,} truncated", f"{totals.sponsored:,} sponsored"]
    while len(words) > 1 and len(", ".join(words)) > width:
        words.pop()
    return [Piece(fit(", ".join(words), width), "bar--title")]


def where(line: int, lines: int | None, percent: int) -> str:
    """Describe the position in the article, by the line at the top."""
    of = "" if lines is None else f" of {lines:,}"
    return f"Line {line:,}{of}, {percent} percent"


def match(current: int, count: int) -> str:
    """Write "Match 2 of 5" or "No match"."""
    return f"Match {current:,} of {count:,}" if count else "No match"


WELCOME = (
    "Welcome. {move.down} and {move.up} move, {panes.read} reads, {panes.back} goes back, {filter.sections} chooses"
    " a section, {find.start} finds, {app.help} lists all keys."
    " Truncated: only the start was saved. Sponsored: somebody paid for it."
)
"""The first steps, with the id of an action in place of its key."""


def welcome(first_keys: Mapping[str, str]) -> str:
    """The first steps; `first_keys` has the first key of each action, by id."""
    sentence = WELCOME
    for id_, first_key in first_keys.items():
        sentence = sentence.replace(f"{{{id_}}}", _NAMES.get(first_key, first_key))
    return sentence


_FIRST, _LAST = "\u2500", "\u259f"
"""Box Drawing and Block Elements."""
_BLANK: Final = dict.fromkeys(range(ord(_FIRST), ord(_LAST) + 1), " ") | {ord("•"): " ", ord("★"): " "}


def without_symbols(text: str) -> str:
    """Replace symbols that cannot be spoken; the width stays the same."""
    return text if text.isascii() else text.translate(_BLANK).replace(" · ", ",  ")


class SymbolFilter(LineFilter):
    """Replaces symbols that cannot be spoken."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return `segments` itself if there is nothing to replace."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        return [Segment(without_symbols(text), style, control) for text, style, control in segments]
