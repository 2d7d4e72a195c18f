"""Words for what others see: full sentences, the header, and a filter that leaves no sign on the screen."""

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
"""Keys that are spoken otherwise than they are written."""


def states(row: ArticleRow) -> list[str]:
    """What a badge or a sign says elsewhere."""
    said = ["sponsored" + (f" by {sanitize(row.sponsor)}" if row.sponsor else "")] if row.sponsored else []
    said += ["truncated"] if row.truncated else []
    said += ["whole, from another capture"] if row.completed and not row.truncated else []
    said += ["unread"] if row.unread else []
    return [*said, *(["starred"] if row.starred else [])]


def row_words(row: ArticleRow, pinned: bool = False) -> str:
    """A row of the list: title, section, badges and marks, authors, minutes."""
    who = [] if row.sponsored or not row.authors else [sanitize(row.authors)]
    kept = ["kept while open"] if pinned else []
    return ", ".join(
        [sanitize(row.title), sanitize(row.group), *states(row), *who, many(row.minutes, "minute"), *kept]
    )


def article(row: ArticleRow, index: int, count: int) -> str:
    """The article under the cursor, at `index` of `count`."""
    before = [f"Article {index + 1:,} of {count:,}", f"section {sanitize(row.group)}", *states(row)]
    return f"{', '.join(before)}: {sanitize(row.title)}"


def filters(view: Sequence[str], shown: int) -> str:
    """What is listed: filters and order in words, and how many articles they leave."""
    return f"Filter: {', '.join(map(sanitize, view)) or 'none'}, {many(shown, 'article')}"


def header(state: HeaderState, width: int) -> list[str]:
    """What the line at the top says, in pieces: as many of them as there is room for."""
    totals = state.totals
    articles = many(totals.articles, "article")
    if state.view and state.shown is not None and state.shown != totals.articles:
        articles = f"{state.shown:,} of {articles}"
    said = [sanitize(state.title), *map(sanitize, state.view), articles]
    if state.reading is not None:
        said.append(f"reading captures, {many(state.reading, 'file')}")
    said += [f"{totals.problems:,} not read"] if totals.problems else []
    said += [f"{totals.truncated:,} truncated", f"{totals.sponsored:,} sponsored"]
    while len(said) > 1 and len(", ".join(said)) > width:
        said.pop()
    return said


def header_pieces(state: HeaderState, width: int) -> list[Piece]:
    """The line at the top, in words."""
    return [Piece(fit(", ".join(header(state, width)), width), "bar--title")]


def where(line: int, lines: int | None, percent: int) -> str:
    """The line at the top of the article."""
    of = "" if lines is None else f" of {lines:,}"
    return f"Line {line:,}{of}, {percent} percent"


def match(current: int, count: int) -> str:
    """Which match of how many."""
    return f"Match {current:,} of {count:,}" if count else "No match"


def key(shown: str) -> str:
    """A key as it is spoken."""
    return _NAMES.get(shown, shown)


WELCOME = (
    "Welcome. {move.down} and {move.up} move, {panes.read} reads, {panes.back} goes back, {filter.sections} chooses"
    " a section, {find.start} finds, {app.help} lists every key."
    " Truncated: only the start of it is kept. Sponsored: somebody paid for it."
)
"""The first steps, each key as the stable name of its action."""


def welcome(first_keys: Mapping[str, str]) -> str:
    """The first steps, with the keys of the actions as people write them."""
    said = WELCOME
    for id_, shown in first_keys.items():
        said = said.replace(f"{{{id_}}}", key(shown))
    return said


_FIRST, _LAST = "\u2500", "\u259f"
"""Box Drawing and Block Elements."""
_BLANK: Final = dict.fromkeys(range(ord(_FIRST), ord(_LAST) + 1), " ") | {ord("•"): " ", ord("★"): " "}


def without_signs(text: str) -> str:
    """`text` as it can be spoken, as wide as before."""
    return text if text.isascii() else text.translate(_BLANK).replace(" · ", ",  ")


class WithoutSigns(LineFilter):
    """Draws what can be spoken."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """`segments` themselves when nothing had to go."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        return [Segment(without_signs(text), style, control) for text, style, control in segments]
