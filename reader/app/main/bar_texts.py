"""Composes header, section strip and footer for a width."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from reader.app.keys import SECTION_DIGITS, action_of, shown, with_keys
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.panes import Hint, Piece, key_line, match_words
from reader.library import SectionCount, Totals
from reader.sanitize import many, sanitize

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

NAME = "Protocol Reader"
_SECTION_WIDTH = 24
_TITLE_WIDTH = 30


class HeaderState(NamedTuple):
    """The data of the header."""

    title: str = ""
    totals: Totals = Totals(0, 0, 0, 0, 0, 0, 0)
    view: tuple[str, ...] = ()
    """The filters and the order in words."""
    shown: int | None = None
    """How many articles are listed; None while they are being chosen."""
    reading: int | None = None
    """How many captures have been read so far; None when none are being read."""
    from_captures: bool = False
    """Are captures read in this session? Then the header also counts them."""


def header(state: HeaderState, width: int) -> list[Piece]:
    """Compose title and filters on the left, counts on the right; the least important goes first if room is short."""
    title = fit(sanitize(state.title), _TITLE_WIDTH)
    view = " · ".join(map(sanitize, state.view))
    lefts, rights = [f" {NAME} ─ {title}", f" {title}", ""], _counts(state)
    for right in rights:
        for left in lefts if right is rights[-1] else lefts[:2]:
            pieces = [Piece(left, "bar--title")] if left else [Piece(" ")]
            if view:
                pieces += [Piece(" ─ ", "bar--rule")] if left else []
                pieces.append(Piece(view, "bar--strong", "back"))
            room = width - sum(width_of(piece.text) for piece in (*pieces, *right)) - 3
            if room >= 0:
                return [*pieces, Piece(f" {'─' * room} ", "bar--rule"), *right, Piece(" ")]
    if not view:
        return [Piece(" "), Piece(fit(title, width - 5), "bar--title")]
    return [Piece(" "), Piece(fit(view, width - 5), "bar--strong", "back")]


def _counts(state: HeaderState) -> list[list[Piece]]:
    """The variants for the right side, the longest first."""
    totals = state.totals
    articles = many(totals.articles, "article")
    is_filtered = bool(state.view) and state.shown != totals.articles
    if is_filtered:
        articles = f"{'…' if state.shown is None else f'{state.shown:,}'} of {articles}"
    if state.reading is not None:
        reading = Piece(f"reading… {many(state.reading, 'capture')}", "bar--strong")
        short = Piece(f"reading… {state.reading:,}", "bar--strong")
        return [[Piece(f"{articles} · "), reading], [reading], [short]]
    badges = f" · {totals.truncated:,} truncated · {totals.sponsored:,} sponsored"
    marked = f" · {totals.articles - totals.read:,} unread" if totals.read else ""
    marked += f" · {totals.starred:,} starred" if totals.starred else ""
    source = f" in {many(totals.captures, 'capture')}" if state.from_captures else ""
    problems: list[Piece] = []
    if totals.problems:
        words = many(totals.problems, "problem")
        problems = [Piece(" · "), Piece(words, "bar--alert", "open('problems')")]
    details = dict.fromkeys((source + badges + marked, badges + marked, marked, badges, ""))
    if is_filtered:  # The other counts are those of the whole library.
        details = {"": None}
    return [*([Piece(articles + detail), *problems] for detail in details), [Piece(articles)]]


def strip(sections: Sequence[SectionCount], chosen_name: str | None, width: int) -> list[Piece]:
    """Compose the sections with their keys: as many as fit, with the chosen one among them."""
    labels, chosen = ["All"], 0
    for number, section in enumerate(sections, 1):
        key = shown(f"filter.section_{number}") if number <= len(SECTION_DIGITS) else ""
        labels.append(f"{key} {fit(sanitize(section.name), _SECTION_WIDTH)}".strip())
        chosen = number if section.name == chosen_name else chosen
    widths = [width_of(label) + 2 for label in labels]

    def reach(first: int) -> int:
        """The end of the entries that fit from `first` on, with room for the signs that there are more."""
        room, last = width - 1 - (2 if first else 0), first
        while last < len(widths):
            room -= widths[last]
            if room < (2 if last + 1 < len(widths) else 0):
                break
            last += 1
        return last

    # From the first entry if the chosen one fits then, else ending with it.
    first = next((first for first in range(chosen) if reach(first) > chosen), chosen)
    last = max(reach(first), first + 1)
    more = Piece(" …", "bar--muted", "open('sections')")
    pieces = [more] if first else []
    for number, label in enumerate(labels[first:last], first):
        style = "bar--chosen" if number == chosen else "bar--text"
        pieces += [Piece(" "), Piece(label, style, f"section({number})"), Piece(" ")]
    return [*pieces, *([more] if last < len(labels) else [])]


def _hint(word: str, id_: str, other: str = "") -> Hint:
    """The keys of an action, and of its `other` direction, with what it does in a word; a click runs the action."""
    return f"{{{id_}}}/{{{other}}}" if other else f"{{{id_}}}", word, action_of(id_)


_LIST_HINTS = (
    _hint("move", "move.down", "move.up"),
    _hint("read", "panes.read"),
    _hint("section", "filter.sections"),
    _hint("find", "find.start"),
    _hint("search", "find.everywhere"),
    _hint("filter", "filter.words"),
    _hint("truncated", "filter.truncated"),
    _hint("sponsored", "filter.sponsored"),
    _hint("mark", "state.read"),
    _hint("star", "state.star"),
    _hint("sort", "view.sort"),
)
_ARTICLE_HINTS = (
    _hint("scroll", "move.down", "move.up"),
    _hint("next", "articles.next", "articles.previous"),
    _hint("find", "find.start"),
    _hint("unread", "articles.next_unread"),
    _hint("select", "notes.select"),
    _hint("star", "state.star"),
    _hint("zen", "panes.zen"),
    _hint("why", "view.why"),
    _hint("raw", "view.raw"),
    _hint("open in {opens}", "out.open"),
    _hint("versions", "view.versions"),
    _hint("width", "view.wider", "view.narrower"),
)
_MATCH_HINT = _hint("match", "find.next", "find.previous")
_HIT_HINTS = (
    _MATCH_HINT,
    _hint("next result", "articles.next", "articles.previous"),
    *_ARTICLE_HINTS[:1],
    *_ARTICLE_HINTS[2:],
)
_NO_MATCH_HINTS = (_hint("filter", "filter.words"), _hint("search", "find.everywhere"))
_PROBLEM_HINTS = (_hint("problems", "app.problems"),)
"""The keys of the list when it has no article, for a filter and without one."""
_HELP = _hint("help", "app.help")


def footer(main: "MainScreen", width: int) -> list[Piece]:
    """Compose as many keys as fit, those to leave and for help always, and the place in the article on the right."""
    article, list_pane, is_list = main.article_pane, main.list_pane, main.pane == "list"
    place = _place(main, width)
    if (url := article.view.links.pointed) is not None:
        room = width - width_of(place) - 4
        address = pad(fit(url.partition("://")[2], max(1, room - 1)), room)
        return [Piece(" → ", "bar--strong"), Piece(address), Piece(f"{place} ", "bar--muted")]
    back, opens, is_empty = main.step_back()[0], main.links.opens, list_pane.cursor is None
    hints: Sequence[Hint] = _ARTICLE_HINTS if article.hit is None else _HIT_HINTS
    if is_empty:
        hints = _NO_MATCH_HINTS if back else _PROBLEM_HINTS if list_pane.has_problems else ()
    elif is_list:
        hints = _LIST_HINTS if list_pane.title_match is None else (_MATCH_HINT, *_LIST_HINTS)
    named = [(key, word.format(opens=opens), action) for key, word, action in hints]
    fitting = [hint for hint in named if opens or hint[0] != "{out.open}"]
    go_back = [_hint(back, "panes.back")] if back else []
    leave = _hint("quit" if is_list else "back", "app.quit")
    # Where there is little room, a filter that hides articles matters more than how to move.
    before = 0 if is_list and (width < 50 or is_empty) else 1
    return key_line([*fitting[:before], *go_back, *fitting[before:]], (leave, _HELP), f"{place} ", width)


def _place(main: "MainScreen", width: int) -> str:
    article, is_list = main.article_pane, main.pane == "list"
    line, lines, percent = article.view.where
    if is_list and main.list_pane.title_match is not None:
        return match_words(main.list_pane.title_match)
    if article.stored is None or not line or (is_list and main.narrow):
        return ""
    if article.leads_on and percent == 100 and not is_list:
        return with_keys("{move.page_down}: next") if width < 60 else article.leads_on_words
    if (match := article.view.finder.match) is not None:
        words = match_words(match)
        return words if width < 70 else f"{words}{article.view.finder.turn} · {percent}%"
    left = f" · {article.minutes_left} min left" if article.minutes_left and not is_list else ""
    if width < 70:
        return f"{percent}%{left if width >= 50 else ''}"
    of = "" if lines is None else f" of {lines:,}"
    return f"{percent}%{left}" if left else f"line {line:,}{of} · {percent}%"
