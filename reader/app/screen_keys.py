"""The keys of all screens but the main one, as data.

A key that does the same as on the main screen, or nearly, has the same id; so the reader's own key for it works on
both. The main screen itself does not import this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import KEYS, Key, show_key

if TYPE_CHECKING:
    from textual.binding import BindingType


class ScreenKey(NamedTuple):
    """An action on one screen, and its default keys there."""

    id: str
    keys: str
    """As Textual names them, separated by commas."""
    action: str
    does: str
    priority: bool = False
    """Does the action come before an input that has the focus?"""


def _moving(item: str, page: str = "move") -> tuple[ScreenKey, ...]:
    return (
        ScreenKey("move.down", "j,down", "move('down')", f"next {item}"),
        ScreenKey("move.up", "k,up", "move('up')", f"previous {item}"),
        ScreenKey("move.top", "g,home", "move('top')", f"first {item}"),
        ScreenKey("move.bottom", "G,end", "move('bottom')", f"last {item}"),
        ScreenKey("move.page_down", "space,pagedown", f"{page}('page_down')", "page down"),
        ScreenKey("move.page_up", "b,pageup", f"{page}('page_up')", "page up"),
        ScreenKey("move.half_down", "ctrl+d", f"{page}('half_down')", "half a page down"),
        ScreenKey("move.half_up", "ctrl+u", f"{page}('half_up')", "half a page up"),
    )


def _panes(does: str) -> tuple[ScreenKey, ...]:
    return (
        ScreenKey("panes.other", "tab,shift+tab", "other", does),
        ScreenKey("panes.article", "l,right", "other", does),
        ScreenKey("panes.list", "h,left", "other", does),
    )


def _closing(action: str, does: str, own: str = "", keys: str = "") -> tuple[ScreenKey, ...]:
    """Keys that close a screen: Esc, q, and the key that opened it."""
    closing = (ScreenKey("panes.back", "escape", action, does), ScreenKey("app.quit", "q", action, does))
    return (*closing, ScreenKey(own, keys, action, does)) if own else closing


_SUSPEND: Final = ScreenKey("app.suspend", "ctrl+z", "app.suspend_process", "suspend; fg returns")

SCREENS: Final[dict[str, tuple[ScreenKey, ...]]] = {
    # While text is selected in the article of the main screen.
    "selection": (
        ScreenKey("move.down", "j,down", "selection('down')", "next line"),
        ScreenKey("move.up", "k,up", "selection('up')", "previous line"),
        ScreenKey("select.right", "l,right", "selection('right')", "next character"),
        ScreenKey("select.left", "h,left", "selection('left')", "previous character"),
        ScreenKey("select.word", "w", "selection('word_right')", "next word"),
        ScreenKey("select.previous_word", "b", "selection('word_left')", "previous word"),
        ScreenKey("select.word_end", "e", "selection('word_end')", "end of the word"),
        ScreenKey("select.line_start", "0", "selection('line_start')", "start of the line"),
        ScreenKey("select.line_end", "dollar_sign", "selection('line_end')", "end of the line"),
        ScreenKey("move.top", "g,home", "selection('top')", "start of the article"),
        ScreenKey("move.bottom", "G,end", "selection('bottom')", "end of the article"),
        ScreenKey("move.page_down", "space,pagedown", "selection('page_down')", "page down"),
        ScreenKey("move.page_up", "pageup", "selection('page_up')", "page up"),
        ScreenKey("move.half_down", "ctrl+d", "selection('half_down')", "half a page down"),
        ScreenKey("move.half_up", "ctrl+u", "selection('half_up')", "half a page up"),
        ScreenKey("articles.next_unread", "right_square_bracket", "selection('next')", "next highlight"),
        ScreenKey(
            "articles.previous_unread", "left_square_bracket", "selection('previous')", "previous highlight"
        ),
        ScreenKey("select.other_end", "o", "selection('swap')", "move the other end"),
        ScreenKey("notes.select", "v", "select('characters')", "start again here"),
        ScreenKey("notes.select_lines", "V", "select('lines')", "whole lines"),
        ScreenKey("panes.read", "enter", "selection('highlight')", "highlight, or change a highlight"),
        ScreenKey("select.yellow", "1", "selection('yellow')", "highlight in yellow"),
        ScreenKey("select.green", "2", "selection('green')", "highlight in green"),
        ScreenKey("select.blue", "3", "selection('blue')", "highlight in blue"),
        ScreenKey("select.note", "n", "selection('note')", "highlight with a note"),
        ScreenKey("select.copy", "c,y", "selection('copy')", "copy"),
        ScreenKey("panes.back", "escape", "selection('leave')", "stop selecting"),
        ScreenKey("app.quit", "q", "selection('leave')", "stop selecting"),
    ),
    "highlight": (
        ScreenKey("panes.read", "enter", "choose", "choose"),
        ScreenKey("select.yellow", "1", "pick('yellow')", "yellow"),
        ScreenKey("select.green", "2", "pick('green')", "green"),
        ScreenKey("select.blue", "3", "pick('blue')", "blue"),
        ScreenKey("select.note", "n", "pick('note')", "edit the note"),
        ScreenKey("select.copy", "c,y", "pick('copy')", "copy"),
        ScreenKey("notes.remove", "d,delete", "pick('remove')", "remove"),
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
    ),
    "note": (
        ScreenKey("notes.save", "ctrl+s,f2", "save", "save"),
        ScreenKey("panes.back", "escape", "close", "close"),
    ),
    "tags": (ScreenKey("notes.complete", "tab", "complete", "complete the tag", priority=True),),
    "notes": (
        *_moving("row"),
        ScreenKey("panes.read", "enter", "open", "open the article there"),
        ScreenKey("panes.article", "l,right", "open", "open the article there"),
        ScreenKey("panes.other", "tab,shift+tab", "other", "switch between filter and list"),
        ScreenKey("find.start", "slash", "filter", "filter"),
        ScreenKey("search.order", "ctrl+o,f2", "order", "sort by article or newest first"),
        ScreenKey("notes.edit", "n", "edit", "edit the note"),
        ScreenKey("notes.remove", "d,delete", "remove", "remove"),
        ScreenKey("out.export", "e", "export", "export them all"),
        ScreenKey("state.undo", "u", "undo", "undo"),
        ScreenKey("state.redo", "ctrl+r", "redo", "redo"),
        *_closing("close", "back", "notes.list", "H"),
        _SUSPEND,
    ),
    # A dialog with an input: only the arrows move.
    "chooser": (
        ScreenKey("chooser.down", "down", "move('down')", "next row"),
        ScreenKey("chooser.up", "up", "move('up')", "previous row"),
        ScreenKey("chooser.page_down", "pagedown", "move('page_down')", "page down"),
        ScreenKey("chooser.page_up", "pageup", "move('page_up')", "page up"),
        ScreenKey("panes.back", "escape", "dismiss(None)", "close"),
    ),
    "sections": (
        # Before the line for typing, which has other uses for them while there is something to delete.
        ScreenKey("sections.remove", "ctrl+x", "remove(True)", "remove the saved search", priority=True),
        ScreenKey("sections.delete", "delete", "remove(False)", "remove the saved search", priority=True),
    ),
    "search": (
        *_moving("row"),
        ScreenKey("search.next", "ctrl+n", "move('down')", "next row"),
        # The palette's key everywhere else, which the app looks at first.
        ScreenKey("search.previous", "ctrl+p", "move('up')", "previous row", priority=True),
        ScreenKey("panes.read", "enter", "open", "read"),
        ScreenKey("panes.article", "l,right", "open", "read"),
        ScreenKey("panes.other", "tab,shift+tab", "other", "switch between query and list"),
        ScreenKey("find.start", "slash", "query", "type another query"),
        ScreenKey("find.everywhere", "ctrl+f", "query", "type another query"),
        ScreenKey("search.order", "ctrl+o,f2", "order", "sort by date or by relevance"),
        ScreenKey("search.save", "ctrl+s", "save", "save the search"),
        ScreenKey("out.export", "e", "export", "export the results"),
        ScreenKey("search.remove", "delete,ctrl+x", "remove", "remove a saved search"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "why": (
        *_moving("line"),
        ScreenKey("find.next", "n", "close_call(1)", "next close call"),
        ScreenKey("find.previous", "N", "close_call(-1)", "previous close call"),
        ScreenKey("why.correct", "enter,c", "correct", "correct this line or its article"),
        ScreenKey("state.undo", "u", "undo", "undo"),
        ScreenKey("state.redo", "ctrl+r", "redo", "redo"),
        ScreenKey("view.raw", "r", "raw", "show the whole raw capture"),
        *_panes("switch between lines and reasons"),
        *_closing("close", "go back to the article", "view.why", "i"),
        _SUSPEND,
    ),
    "versions": (
        ScreenKey("move.down", "j,down", "move('down')", "next version or line"),
        ScreenKey("move.up", "k,up", "move('up')", "previous version or line"),
        ScreenKey("move.top", "g,home", "move('top')", "first version or line"),
        ScreenKey("move.bottom", "G,end", "move('bottom')", "last version or line"),
        ScreenKey("move.page_down", "pagedown", "scroll('page_down')", "page down"),
        ScreenKey("move.page_up", "b,pageup", "scroll('page_up')", "page up"),
        ScreenKey("move.half_down", "ctrl+d", "scroll('half_down')", "half a page down"),
        ScreenKey("move.half_up", "ctrl+u", "scroll('half_up')", "half a page up"),
        ScreenKey("find.next", "n", "change(1)", "next difference"),
        ScreenKey("find.previous", "N", "change(-1)", "previous difference"),
        ScreenKey("versions.base", "space", "base", "compare with this version"),
        ScreenKey("panes.read", "enter", "choose", "read this version"),
        ScreenKey("versions.split", "x", "split", "split off: not the same story"),
        ScreenKey("state.undo", "u", "unsplit", "undo the split"),
        *_panes("switch between versions and differences"),
        *_closing("close", "go back to the article", "view.versions", "d"),
        _SUSPEND,
    ),
    "names": (ScreenKey("browse.order", "ctrl+o,f2", "order", "sort by name or by number"),),
    "profile": (
        *_moving("article or line"),
        ScreenKey("panes.read", "enter", "open", "read"),
        *_panes("switch between description and list"),
        ScreenKey("browse.authors", "a", "names(False)", "authors"),
        ScreenKey("browse.sponsors", "dollar_sign", "names(True)", "sponsors"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "overview": (
        *_moving("row"),
        ScreenKey("panes.list", "h,left", "move('left')", "previous month"),
        ScreenKey("panes.article", "l,right", "move('right')", "next month"),
        ScreenKey("panes.read", "enter", "choose", "show the articles"),
        *_closing("close", "back", "view.overview", "v,M"),
        _SUSPEND,
    ),
    "fetching": (
        ScreenKey("panes.read", "enter", "start", "start"),
        ScreenKey("fetching.stop", "x", "stop", "stop"),
        ScreenKey("out.address", "y", "copy", "copy the command"),
        *_closing("dismiss(None)", "close"),
    ),
    "welcome": _closing("dismiss(None)", "close"),
    "raw": (
        *_moving("line"),
        *_closing("dismiss(None)", "go back to the article", "view.raw", "r"),
        ScreenKey("panes.list", "h,left", "dismiss(None)", "go back to the article"),
    ),
    "manual": (
        *_moving("line"),
        *_closing("dismiss(None)", "back", "app.help", "question_mark"),
        ScreenKey("panes.list", "h,left", "dismiss(None)", "back"),
    ),
    "piped": (
        *_moving("line"),
        *_closing("close", "stop, or go back to the article"),
        ScreenKey("panes.list", "h,left", "close", "stop, or go back to the article"),
    ),
    # The line for the file name moves by itself; these are for the list of formats.
    "export": (
        *_moving("format")[:6],
        ScreenKey("panes.other", "tab,shift+tab", "other", "switch between format and file name"),
        ScreenKey("panes.read", "enter", "save", "export"),
        *_closing("close", "stop or close"),
    ),
    # Dialogs in which nothing is typed; what they do not name is the dialog's.
    "list": (
        ScreenKey("move.down", "j", "move('down')", "next row"),
        ScreenKey("move.up", "k", "move('up')", "previous row"),
        ScreenKey("move.top", "g,home", "move('top')", "first row"),
        ScreenKey("move.bottom", "G,end", "move('bottom')", "last row"),
        ScreenKey("move.page_down", "space", "move('page_down')", "page down"),
        ScreenKey("move.page_up", "b", "move('page_up')", "page up"),
        ScreenKey("move.half_down", "ctrl+d", "move('half_down')", "half a page down"),
        ScreenKey("move.half_up", "ctrl+u", "move('half_up')", "half a page up"),
    ),
    "menu": (
        ScreenKey("panes.read", "enter", "choose", "run the action"),
        ScreenKey("panes.article", "l,right", "choose", "run the action"),
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
        ScreenKey("panes.list", "h,left", "dismiss(None)", "close"),
    ),
    "citation": (
        ScreenKey("panes.read", "enter", "choose", "copy"),
        ScreenKey("out.citation", "Y", "choose", "copy"),
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
    ),
    "problems": (
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
        ScreenKey("app.problems", "P", "dismiss(None)", "close"),
    ),
    "links": (
        ScreenKey("panes.read", "enter", "choose", "open"),
        ScreenKey("panes.article", "l,right", "choose", "open"),
        ScreenKey("out.open", "o", "choose", "open"),
        ScreenKey("out.address", "y", "copy", "copy"),
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
        ScreenKey("out.links", "L", "dismiss(None)", "close"),
        ScreenKey("panes.list", "h,left", "dismiss(None)", "close"),
    ),
    "settings": (
        ScreenKey("panes.read", "enter", "choose", "change"),
        ScreenKey("panes.article", "l,right", "choose", "change"),
        ScreenKey("settings.copy", "y", "copy", "copy the file's path"),
        ScreenKey("app.quit", "q", "dismiss(None)", "close"),
        ScreenKey("app.settings", "comma", "dismiss(None)", "close"),
        ScreenKey("panes.list", "h,left", "dismiss(None)", "close"),
    ),
}
"""The keys of each screen or dialog, by its name; "chooser" and "list" are shared by dialogs."""
BOUND_TOGETHER: Final = (
    ("chooser", "sections"), ("chooser", "names"), ("chooser", "list", "menu"),
    ("chooser", "list", "citation"), ("chooser", "list", "problems"),
    ("chooser", "list", "links"), ("chooser", "list", "settings"), ("chooser", "list", "highlight"),
    ("chooser", "tags"),
    *((name,) for name in ("search", "why", "versions", "profile", "overview", "fetching", "welcome", "raw", "manual",
      "piped", "selection", "note", "notes")),
    ("export",),
)  # fmt: skip
"""Names of `SCREENS` whose keys are bound at the same time."""


def screen_bindings(*names: str) -> list[BindingType]:
    """The default bindings of a screen."""
    from textual.binding import Binding

    return [
        Binding(key.keys, key.action, key.does, id=key.id, show=False, priority=key.priority)
        for name in names
        for key in SCREENS[name]
    ]


def _screen_keys() -> dict[str, Key]:
    main_ids = {key.id for key in KEYS}
    return {
        key.id: Key(key.id, key.keys, " ".join(map(show_key, key.keys.split(","))), key.action, key.does)
        for screen_keys in SCREENS.values()
        for key in screen_keys
        if key.id not in main_ids
    }


SCREEN_KEYS: Final = _screen_keys()
"""Keys of actions that the main screen does not have, by id."""
