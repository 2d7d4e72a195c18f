"""The texts of header, section strip and footer at a width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reader.app.main.links import Following, following_pieces
from reader.app.text.wrapping import fit, width_of
from reader.app.widgets.bars import Piece, key_line
from reader.library import SectionCount, Totals
from reader.sanitize import many, sanitize

NAME = "Protocol Reader"
_SECTION_WIDTH = 24
_TITLE_WIDTH = 30


class HeaderState(NamedTuple):
    """All that the header shows."""

    title: str = ""
    totals: Totals = Totals(0, 0, 0, 0, 0, 0, 0)
    view: tuple[str, ...] = ()
    """The filters and the order in words."""
    shown: int | None = None
    """How many articles are listed; None while they are being chosen."""
    reading: int | None = None
    """How many captures have been read while they are being read; None when nothing is being read."""
    from_captures: bool = False
    """Whether the captures were named for this session, so that their number is news."""


class StripState(NamedTuple):
    """The sections and which one is chosen."""

    sections: tuple[SectionCount, ...] = ()
    chosen: str | None = None


class FooterState(NamedTuple):
    """Which keys to name and where the reader is."""

    pane: str = "list"
    """The pane that has the keys: "list" or "article"."""
    narrow: bool = False
    """Whether only that pane is seen."""
    line: int = 0
    """The first line of the article in sight, from 1; 0 when there is no article."""
    lines: int | None = None
    """How many lines it has, when known."""
    percent: int = 0
    match: tuple[int, int] | None = None
    """Which match of how many in the article."""
    hit: bool = False
    """Whether the article was opened from a search."""
    following: Following | None = None
    """The links that wait for letters."""
    pointed: str | None = None
    """Where the link under the mouse leads."""


def header(state: HeaderState, width: int) -> list[Piece]:
    """Write title and filters on the left, counts on the right; what matters least is left out first."""
    title = fit(sanitize(state.title), _TITLE_WIDTH)
    view = " · ".join(sanitize(word) for word in state.view)
    lefts = [f" {NAME} ─ {title}", f" {title}", ""]
    rights = _counts(state)
    for right in rights:
        for left in lefts[: 2 if right is not rights[-1] else 3]:
            said = f"{left} ─ {view}" if view and left else f" {view}" if view else left
            room = width - width_of(said) - sum(width_of(piece.text) for piece in right) - 3
            if room >= 0:
                return _ruled(left, view, right, room)
    right = rights[-1] if not view else []
    free = width - sum(width_of(piece.text) for piece in right) - 5
    return _ruled("" if view else fit(lefts[1], free), fit(view, free), right, 0)[: None if right else 2]


def _ruled(left: str, view: str, right: list[Piece], room: int) -> list[Piece]:
    pieces = [Piece(left, "bar--title")] if left else [Piece(" ")]
    if view:
        pieces += [*([Piece(" ─ ", "bar--rule")] if left else []), Piece(view, "bar--strong", "back")]
    return [*pieces, Piece(f" {'─' * room} ", "bar--rule"), *right, Piece(" ")]


def _counts(state: HeaderState) -> list[list[Piece]]:
    """The texts for the right side, the fullest first."""
    totals = state.totals
    articles = many(totals.articles, "article")
    if state.view and state.shown is None:
        articles = f"… of {articles}"
    elif state.view and state.shown != totals.articles:
        articles = f"{state.shown:,} of {articles}"
    if state.reading is not None:
        reading = Piece(f"reading captures… {many(state.reading, 'file')}", "bar--strong")
        short = Piece(f"reading… {state.reading:,}", "bar--strong")
        return [[Piece(f"{articles} · "), reading], [reading], [short]]
    badges = f" · {totals.truncated:,} truncated · {totals.sponsored:,} sponsored"
    marked = f" · {totals.articles - totals.read:,} unread" if totals.read else ""
    marked += f" · {totals.starred:,} starred" if totals.starred else ""
    source = f" in {many(totals.captures, 'capture')}" if state.from_captures else ""
    problems = (
        [Piece(f"{totals.problems:,} not read", "bar--alert", "open('problems')")] if totals.problems else []
    )
    after = [Piece(" · "), *problems] if problems else []
    words = [source + badges + marked, badges + marked, marked, badges, ""]
    return [
        *([Piece(articles + said), *after] for said in dict.fromkeys(words)),
        [Piece(articles)],
    ]


def strip(state: StripState, width: int) -> list[Piece]:
    """Write the sections with their counts, as many as there is room for, the chosen one among them."""
    entries = [Piece("All", _entry_style(state.chosen is None), "section(0)")]
    names: list[str | None] = [None]
    for number, section in enumerate(state.sections, 1):
        label = f"{fit(sanitize(section.name), _SECTION_WIDTH)} {section.count:,}"
        entries.append(Piece(label, _entry_style(section.name == state.chosen), f"section({number})"))
        names.append(section.name)
    chosen = names.index(state.chosen) if state.chosen in names else 0
    first, last = _window([width_of(entry.text) + 2 for entry in entries], chosen, width - 1)
    more = Piece(" …", "bar--muted", "open('sections')")
    pieces = [more] if first else []
    for entry in entries[first:last]:
        pieces += [Piece(" "), entry, Piece(" ")]
    return [*pieces, *([more] if last < len(entries) else [])]


def _entry_style(chosen: bool) -> str:
    return "bar--chosen" if chosen else "bar--text"


def _window(widths: Sequence[int], chosen: int, width: int) -> tuple[int, int]:
    """The span of entries to show: from the start if that reaches `chosen`, else ending with it."""

    def reach(first: int) -> int:
        room = width - (2 if first else 0)
        last = first
        while last < len(widths):
            room -= widths[last]
            if room < (2 if last + 1 < len(widths) else 0):
                break
            last += 1
        return last

    first = 0
    while (last := reach(first)) <= chosen and first < chosen:
        first += 1
    return first, max(last, first + 1)


_LIST_HINTS = (
    ("{move.down}/{move.up}", "move", "move('down')"),
    ("{panes.read}", "read", "turn_to('article')"),
    ("{filter.sections}", "section", "open('sections')"),
    ("{find.start}", "find", "prompt('find')"),
    ("{find.everywhere}", "search", "open('search')"),
    ("{filter.words}", "filter", "prompt('filter')"),
    ("{filter.truncated}", "truncated", "cycle('truncated')"),
    ("{filter.sponsored}", "sponsored", "cycle('sponsored')"),
    ("{state.read}", "mark", "mark('read')"),
    ("{state.star}", "star", "mark('star')"),
    ("{view.sort}", "sort", "cycle('sort')"),
    ("{app.quit}", "quit", "leave"),
)
_ARTICLE_HINTS = (
    ("{move.down}/{move.up}", "scroll", "move('down')"),
    ("{articles.next}/{articles.previous}", "next", "step(1)"),
    ("{panes.list}", "list", "turn_to('list')"),
    ("{find.start}", "find", "prompt('find')"),
    ("{articles.next_unread}", "unread", "step_unread(1)"),
    ("{state.star}", "star", "mark('star')"),
    ("{panes.zen}", "zen", "zen"),
    ("{view.why}", "why", "open('why')"),
    ("{view.raw}", "raw", "open('raw')"),
    ("{out.address}", "address", "link('copy')"),
    ("{view.versions}", "versions", "open('versions')"),
    ("{view.wider}/{view.narrower}", "width", "text_width(4)"),
    ("{app.quit}", "back", "leave"),
)
_HIT_HINTS = (
    ("{panes.back}", "results", "back"),
    ("{find.next}/{find.previous}", "match", "find_step(1)"),
    ("{articles.next}/{articles.previous}", "next hit", "step(1)"),
    *_ARTICLE_HINTS[:1],
    *_ARTICLE_HINTS[2:],
)
_HELP = ("{app.help}", "help", "open('help')")


def footer(state: FooterState, width: int) -> list[Piece]:
    """Write as many keys as there is room for, help always last, and the position in the article on the right."""
    if state.following is not None:
        return following_pieces(state.following, width)
    place = _place(state, width)
    if state.pointed is not None:
        shown = fit(state.pointed.partition("://")[2], max(1, width - width_of(place) - 5))
        room = width - width_of(place) - width_of(shown) - 4
        return [
            Piece(" → ", "bar--strong"),
            Piece(shown),
            Piece(" " * room),
            Piece(f"{place} ", "bar--muted"),
        ]
    article_hints = _HIT_HINTS if state.hit else _ARTICLE_HINTS
    return key_line(_LIST_HINTS if state.pane == "list" else article_hints, _HELP, f"{place} ", width)


def _place(state: FooterState, width: int) -> str:
    if not state.line or (state.narrow and state.pane == "list"):
        return ""
    of = "" if state.lines is None else f" of {state.lines:,}"
    if state.match is not None:
        found = match_words(state.match)
        return found if width < 70 else f"{found} · {state.percent}%"
    return f"{state.percent}%" if width < 70 else f"line {state.line:,}{of} · {state.percent}%"


def match_words(match: tuple[int, int]) -> str:
    """Which match of how many, in words."""
    current, count = match
    return f"match {current:,} of {count:,}" if count else "no match"
