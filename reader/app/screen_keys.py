"""The keys of all screens but the main one, as data.

A key that does what it does on the main screen, or nearly so, has the same id, and so also the key that the reader
has given that action. The first screen needs nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import KEYS, Key, show_key

if TYPE_CHECKING:
    from textual.binding import BindingType


class Row(NamedTuple):
    """An action on one screen, and its usual keys there."""

    id: str
    keys: str
    """As the screen library names them, separated by commas."""
    action: str
    does: str
    priority: bool = False
    """Whether it goes before what is typed into."""


def _moving(one: str, page: str = "move") -> tuple[Row, ...]:
    return (
        Row("move.down", "j,down", "move('down')", f"next {one}"),
        Row("move.up", "k,up", "move('up')", f"previous {one}"),
        Row("move.top", "g,home", "move('top')", f"first {one}"),
        Row("move.bottom", "G,end", "move('bottom')", f"last {one}"),
        Row("move.page_down", "space,pagedown", f"{page}('page_down')", "a page down"),
        Row("move.page_up", "b,pageup", f"{page}('page_up')", "a page up"),
        Row("move.half_down", "ctrl+d", f"{page}('half_down')", "half a page down"),
        Row("move.half_up", "ctrl+u", f"{page}('half_up')", "half a page up"),
    )


def _panes(one: str) -> tuple[Row, ...]:
    return (
        Row("panes.other", "tab,shift+tab", "other", one),
        Row("panes.article", "l,right", "other", one),
        Row("panes.list", "h,left", "other", one),
    )


def _closing(action: str, does: str, own: str = "", keys: str = "") -> tuple[Row, ...]:
    """Ways out: Esc, q, and the key that opened the screen."""
    usual = (Row("panes.back", "escape", action, does), Row("app.quit", "q", action, does))
    return (*usual, Row(own, keys, action, does)) if own else usual


_SUSPEND: Final = Row("app.suspend", "ctrl+z", "app.suspend_process", "to the shell until fg")

SCREENS: Final[dict[str, tuple[Row, ...]]] = {
    # A dialog in which one types: the arrows alone move.
    "chooser": (
        Row("chooser.down", "down", "move('down')", "next row"),
        Row("chooser.up", "up", "move('up')", "previous row"),
        Row("chooser.page_down", "pagedown", "move('page_down')", "a page down"),
        Row("chooser.page_up", "pageup", "move('page_up')", "a page up"),
        Row("panes.back", "escape", "dismiss(None)", "close"),
    ),
    "sections": (
        # Before the line for typing, which has other uses for them while there is something to delete.
        Row("sections.remove", "ctrl+x", "remove(True)", "remove the saved search", priority=True),
        Row("sections.delete", "delete", "remove(False)", "remove the saved search", priority=True),
    ),
    "search": (
        *_moving("row"),
        Row("search.next", "ctrl+n", "move('down')", "next row"),
        # The palette's key everywhere else, which the app looks at first.
        Row("search.previous", "ctrl+p", "move('up')", "previous row", priority=True),
        Row("panes.read", "enter", "open", "read"),
        Row("panes.article", "l,right", "open", "read"),
        Row("panes.other", "tab,shift+tab", "other", "query or list"),
        Row("find.start", "slash", "query", "another query"),
        Row("find.everywhere", "ctrl+f", "query", "another query"),
        Row("search.order", "ctrl+o,f2", "order", "newest first or by relevance"),
        Row("search.save", "ctrl+s", "save", "save the search"),
        Row("out.export", "e", "export", "export the results"),
        Row("search.remove", "delete,ctrl+x", "remove", "remove a saved search"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "why": (
        *_moving("line"),
        Row("find.next", "n", "close_call(1)", "next line that was close"),
        Row("find.previous", "N", "close_call(-1)", "previous line that was close"),
        Row("why.correct", "enter,c", "correct", "correct this line, or its article"),
        Row("state.undo", "u", "undo", "take back what was done last"),
        Row("state.redo", "ctrl+r", "redo", "do again what was taken back"),
        Row("view.raw", "r", "raw", "the whole capture as it was kept"),
        *_panes("lines or reasons"),
        *_closing("close", "back to the article", "view.why", "i"),
        _SUSPEND,
    ),
    "versions": (
        Row("move.down", "j,down", "move('down')", "next version, or line"),
        Row("move.up", "k,up", "move('up')", "previous version, or line"),
        Row("move.top", "g,home", "move('top')", "first"),
        Row("move.bottom", "G,end", "move('bottom')", "last"),
        Row("move.page_down", "pagedown", "scroll('page_down')", "a page down"),
        Row("move.page_up", "b,pageup", "scroll('page_up')", "a page up"),
        Row("move.half_down", "ctrl+d", "scroll('half_down')", "half a page down"),
        Row("move.half_up", "ctrl+u", "scroll('half_up')", "half a page up"),
        Row("find.next", "n", "change(1)", "next difference"),
        Row("find.previous", "N", "change(-1)", "previous difference"),
        Row("versions.base", "space", "base", "compare with this version"),
        Row("panes.read", "enter", "choose", "read this version"),
        Row("versions.split", "x", "split", "not the same story"),
        Row("state.undo", "u", "unsplit", "put back what was split off"),
        *_panes("versions or differences"),
        *_closing("close", "back to the article", "view.versions", "d"),
        _SUSPEND,
    ),
    "names": (Row("browse.order", "ctrl+o,f2", "order", "by name, or by number"),),
    "profile": (
        *_moving("piece, or line"),
        Row("panes.read", "enter", "open", "read"),
        *_panes("about, or list"),
        Row("browse.authors", "a", "names(False)", "authors"),
        Row("browse.sponsors", "dollar_sign", "names(True)", "sponsors"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "overview": (
        *_moving("row"),
        Row("panes.list", "h,left", "move('left')", "previous month"),
        Row("panes.article", "l,right", "move('right')", "next month"),
        Row("panes.read", "enter", "choose", "show the articles"),
        *_closing("close", "back", "view.overview", "v"),
        _SUSPEND,
    ),
    "fetching": (
        Row("panes.read", "enter", "start", "begin"),
        Row("fetching.stop", "x", "stop", "stop it"),
        Row("out.address", "y", "copy", "copy the command"),
        *_closing("dismiss(None)", "close"),
    ),
    "welcome": _closing("dismiss(None)", "close"),
    "raw": (
        *_moving("line"),
        *_closing("dismiss(None)", "back to the article", "view.raw", "r"),
        Row("panes.list", "h,left", "dismiss(None)", "back to the article"),
    ),
    "manual": (
        *_moving("line"),
        *_closing("dismiss(None)", "back", "app.help", "question_mark"),
        Row("panes.list", "h,left", "dismiss(None)", "back"),
    ),
    "piped": (
        *_moving("line"),
        *_closing("close", "stop, or back to the article"),
        Row("panes.list", "h,left", "close", "stop, or back to the article"),
    ),
    # The line for the file name moves by itself; these are for the list of formats.
    "export": (
        *_moving("format")[:6],
        Row("panes.other", "tab,shift+tab", "other", "format or file name"),
        Row("panes.read", "enter", "save", "export"),
        *_closing("close", "stop, or close"),
    ),
    # Dialogs in which nothing is typed; what they do not name is the dialog's.
    "list": (
        Row("move.down", "j", "move('down')", "next row"),
        Row("move.up", "k", "move('up')", "previous row"),
        Row("move.top", "g,home", "move('top')", "first row"),
        Row("move.bottom", "G,end", "move('bottom')", "last row"),
        Row("move.page_down", "space", "move('page_down')", "a page down"),
        Row("move.page_up", "b", "move('page_up')", "a page up"),
        Row("move.half_down", "ctrl+d", "move('half_down')", "half a page down"),
        Row("move.half_up", "ctrl+u", "move('half_up')", "half a page up"),
    ),
    "citation": (
        Row("panes.read", "enter", "choose", "copy"),
        Row("out.citation", "Y", "choose", "copy"),
        Row("app.quit", "q", "dismiss(None)", "close"),
    ),
    "problems": (
        Row("app.quit", "q", "dismiss(None)", "close"),
        Row("app.problems", "P", "dismiss(None)", "close"),
    ),
    "links": (
        Row("panes.read", "enter", "choose", "open"),
        Row("panes.article", "l,right", "choose", "open"),
        Row("out.open", "o", "choose", "open"),
        Row("out.address", "y", "copy", "copy"),
        Row("app.quit", "q", "dismiss(None)", "close"),
        Row("out.links", "L", "dismiss(None)", "close"),
        Row("panes.list", "h,left", "dismiss(None)", "close"),
    ),
    "settings": (
        Row("panes.read", "enter", "choose", "change it"),
        Row("panes.article", "l,right", "choose", "change it"),
        Row("settings.copy", "y", "copy", "copy the file's path"),
        Row("app.quit", "q", "dismiss(None)", "close"),
        Row("app.settings", "comma", "dismiss(None)", "close"),
        Row("panes.list", "h,left", "dismiss(None)", "close"),
    ),
}
"""The rows of each screen or dialog, by its name; "chooser" and "list" are shared by dialogs."""
TOGETHER: Final = (
    ("chooser", "sections"), ("chooser", "names"), ("chooser", "list", "citation"), ("chooser", "list", "problems"),
    ("chooser", "list", "links"), ("chooser", "list", "settings"),
    *((name,) for name in ("search", "why", "versions", "profile", "overview", "fetching", "welcome", "raw", "manual",
      "piped")),
    ("export",),
)  # fmt: skip
"""Which of them are in force at the same time."""


def screen_bindings(*names: str) -> list[BindingType]:
    """The default bindings of a screen."""
    from textual.binding import Binding

    return [
        Binding(row.keys, row.action, row.does, id=row.id, show=False, priority=row.priority)
        for name in names
        for row in SCREENS[name]
    ]


def _own() -> dict[str, Key]:
    shared = {key.id for key in KEYS}
    return {
        row.id: Key(row.id, row.keys, " ".join(map(show_key, row.keys.split(","))), row.action, row.does)
        for rows in SCREENS.values()
        for row in rows
        if row.id not in shared
    }


OWN: Final = _own()
"""What the main screen has no key for, by id."""
