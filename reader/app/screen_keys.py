"""The keys of all screens but the main one, as data.

A key that does the same as on the main screen, or nearly, has the same id; so the reader's own key for it works on
both. The main screen itself does not import this file.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from reader.app.keys import KEYS, Key, bindings

if TYPE_CHECKING:
    from textual.binding import BindingType


_MAIN_KEYS: Final = {key.id: key.keys for key in KEYS}


def _same_keys(action: str, does: str, *ids: str) -> tuple[Key, ...]:
    """The keys of these actions of the main screen, which all run one action here."""
    return tuple(Key(id_, _MAIN_KEYS[id_], action, does) for id_ in ids)


def _moving(
    item: str,
    *,
    action: str = "move",
    page: str = "",
    ends: tuple[str, str] | None = None,
    without: Collection[str] = (),
) -> tuple[Key, ...]:
    """The main screen's keys for movement, which run `action`, or `page` for more than one row.

    `ends` describes the first and the last place; keys in `without` have another use on this screen.
    """
    first, last = ends or (f"first {item}", f"last {item}")
    does = {
        "down": f"next {item}", "up": f"previous {item}", "top": first, "bottom": last, "page_down": "page down",
        "page_up": "page up", "half_down": "half a page down", "half_up": "half a page up",
    }  # fmt: skip
    return tuple(
        Key(
            f"move.{how}",
            ",".join(key for key in _MAIN_KEYS[f"move.{how}"].split(",") if key not in without),
            f"{page or action if how.startswith(('page', 'half')) else action}('{how}')",
            words,
        )
        for how, words in does.items()
    )


def _panes(does: str) -> tuple[Key, ...]:
    return _same_keys("other", does, "panes.other", "panes.article", "panes.list")


def _closing(action: str, does: str, *ids: str) -> tuple[Key, ...]:
    """Keys that close a screen: Esc, q, and those of `ids`, such as the key that opened it."""
    return _same_keys(action, does, "panes.back", "app.quit", *ids)


def _text_keys(*closing: str) -> tuple[Key, ...]:
    """The keys of a screen with a text; `closing` has the ids of more actions whose keys close it."""
    return (
        *_moving("line"),
        Key("find.start", "slash", "find", "find in this text"),
        Key("find.next", "n", "find_step(1)", "next match"),
        Key("find.previous", "N", "find_step(-1)", "previous match"),
        *_same_keys("back", "clear the matches, or go back", "panes.back"),
        *_same_keys("close", "go back", "app.quit", *closing),
    )


_SUSPEND: Final = Key("app.suspend", "ctrl+z", "app.suspend_process", "suspend; fg returns")

SCREENS: Final[dict[str, tuple[Key, ...]]] = {
    # While text is selected in the article of the main screen.
    "selection": (
        *_moving(
            "line", action="selection", ends=("start of the article", "end of the article"), without=("b",)
        ),
        Key("select.right", "l,right", "selection('right')", "next character"),
        Key("select.left", "h,left", "selection('left')", "previous character"),
        Key("select.word", "w", "selection('word_right')", "next word"),
        Key("select.previous_word", "b", "selection('word_left')", "previous word"),
        Key("select.word_end", "e", "selection('word_end')", "end of the word"),
        Key("select.line_start", "0", "selection('line_start')", "start of the line"),
        Key("select.line_end", "dollar_sign", "selection('line_end')", "end of the line"),
        Key("articles.next_unread", "right_square_bracket", "selection('next')", "next highlight"),
        Key("articles.previous_unread", "left_square_bracket", "selection('previous')", "previous highlight"),
        Key("select.other_end", "o", "selection('swap')", "move the other end"),
        Key("notes.select", "v", "select('characters')", "start again here"),
        Key("notes.select_lines", "V", "select('lines')", "whole lines"),
        Key("panes.read", "enter", "selection('highlight')", "highlight, or change a highlight"),
        Key("select.yellow", "1", "selection('yellow')", "highlight in yellow"),
        Key("select.green", "2", "selection('green')", "highlight in green"),
        Key("select.blue", "3", "selection('blue')", "highlight in blue"),
        Key("select.note", "n", "selection('note')", "highlight with a note"),
        Key("select.copy", "c,y", "selection('copy')", "copy"),
        *_closing("selection('leave')", "stop selecting"),
    ),
    "highlight": (
        Key("panes.read", "enter", "choose", "choose"),
        Key("select.yellow", "1", "pick('yellow')", "yellow"),
        Key("select.green", "2", "pick('green')", "green"),
        Key("select.blue", "3", "pick('blue')", "blue"),
        Key("select.note", "n", "pick('note')", "edit the note"),
        Key("select.copy", "c,y", "pick('copy')", "copy"),
        Key("notes.remove", "d,delete", "pick('remove')", "remove"),
        Key("app.quit", "q", "dismiss(None)", "close"),
    ),
    "note": (
        Key("notes.save", "ctrl+s,f2", "save", "save"),
        Key("panes.back", "escape", "close", "close"),
    ),
    "tags": (Key("notes.complete", "tab", "complete", "complete the tag", priority=True),),
    "notes": (
        *_moving("row"),
        *_same_keys("open", "open the article at this place", "panes.read", "panes.article"),
        Key("panes.other", "tab,shift+tab", "other", "filter or list"),
        Key("find.start", "slash", "filter", "filter"),
        Key("notes.edit", "n", "edit", "edit the note"),
        Key("notes.remove", "d,delete", "remove", "remove"),
        Key("out.export", "e", "export", "export all"),
        Key("state.undo", "u", "undo", "undo"),
        Key("state.redo", "ctrl+r", "redo", "redo"),
        *_closing("close", "back", "notes.list"),
        _SUSPEND,
    ),
    # A dialog with an input: only the arrows move.
    "chooser": (
        Key("chooser.down", "down", "move('down')", "next row"),
        Key("chooser.up", "up", "move('up')", "previous row"),
        Key("chooser.page_down", "pagedown", "move('page_down')", "page down"),
        Key("chooser.page_up", "pageup", "move('page_up')", "page up"),
        Key("panes.back", "escape", "dismiss(None)", "close"),
    ),
    "sections": (
        # Before the line for typing, which has other uses for them while there is something to delete.
        Key("sections.remove", "ctrl+x", "remove(True)", "remove the saved search", priority=True),
        Key("sections.delete", "delete", "remove(False)", "remove the saved search", priority=True),
    ),
    "search": (
        *_moving("row"),
        Key("search.next", "ctrl+n", "move('down')", "next row"),
        # The palette's key everywhere else, which the app looks at first.
        Key("search.previous", "ctrl+p", "move('up')", "previous row", priority=True),
        *_same_keys("open", "read", "panes.read", "panes.article"),
        Key("panes.other", "tab,shift+tab", "other", "switch between query and list"),
        *_same_keys("query", "type another query", "find.start", "find.everywhere"),
        Key("search.order", "ctrl+o,f2", "order", "sort by date or by relevance"),
        Key("search.save", "ctrl+s", "save", "save the search"),
        Key("out.export", "e", "export", "export the results"),
        Key("search.remove", "delete,ctrl+x", "remove", "remove a saved search"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "why": (
        *_moving("line"),
        Key("find.next", "n", "close_call(1)", "next close call"),
        Key("find.previous", "N", "close_call(-1)", "previous close call"),
        Key("why.correct", "enter,c", "correct", "correct this line or its article"),
        Key("state.undo", "u", "undo", "undo"),
        Key("state.redo", "ctrl+r", "redo", "redo"),
        Key("view.raw", "r", "raw", "show the whole raw capture"),
        *_panes("switch between lines and reasons"),
        *_closing("close", "go back to the article", "view.why"),
        _SUSPEND,
    ),
    "versions": (
        *_moving("version or line", page="scroll", without=("space",)),
        Key("find.next", "n", "change(1)", "next difference"),
        Key("find.previous", "N", "change(-1)", "previous difference"),
        Key("versions.base", "space", "base", "compare with this version"),
        Key("panes.read", "enter", "choose", "read this version"),
        Key("versions.split", "x", "split", "split off: not the same story"),
        Key("state.undo", "u", "undo", "undo"),
        *_panes("switch between versions and differences"),
        *_closing("close", "go back to the article", "view.versions"),
        _SUSPEND,
    ),
    "profile": (
        *_moving("article or line"),
        Key("panes.read", "enter", "open", "read"),
        *_panes("switch between description and list"),
        Key("browse.authors", "a", "names(False)", "authors"),
        Key("browse.sponsors", "dollar_sign", "names(True)", "sponsors"),
        *_closing("close", "back"),
        _SUSPEND,
    ),
    "overview": (
        *_moving("row"),
        *_same_keys("choose", "show the articles", "panes.read", "panes.article"),
        *_closing("close", "back", "view.overview", "panes.list"),
        _SUSPEND,
    ),
    "fetching": (
        Key("panes.read", "enter", "start", "start"),
        Key("fetching.stop", "x", "stop", "stop"),
        *_closing("dismiss(None)", "close"),
    ),
    "welcome": _closing("dismiss(None)", "close"),
    "raw": _text_keys("view.raw", "panes.list"),
    "manual": _text_keys("app.help", "panes.list"),
    "piped": _text_keys("panes.list"),
    # The line for the file name moves by itself; these are for the list of formats.
    "export": (
        *_moving("format")[:6],
        Key("panes.other", "tab,shift+tab", "other", "switch between format and file name"),
        Key("panes.read", "enter", "save", "export"),
        *_closing("close", "stop or close"),
    ),
    # Dialogs without an input, which also have the keys of "chooser".
    "list": _moving("row", without=("down", "up", "pagedown", "pageup")),
    "menu": (
        *_same_keys("choose", "run the action", "panes.read", "panes.article"),
        *_same_keys("dismiss(None)", "close", "app.quit", "panes.list"),
    ),
    "citation": (
        *_same_keys("choose", "copy", "panes.read", "out.citation"),
        Key("app.quit", "q", "dismiss(None)", "close"),
    ),
    "problems": _same_keys("dismiss(None)", "close", "app.quit", "app.problems"),
    "links": (
        *_same_keys("choose", "open", "panes.read", "panes.article", "out.open"),
        Key("out.address", "y", "copy", "copy"),
        *_same_keys("dismiss(None)", "close", "app.quit", "out.links", "panes.list"),
    ),
    "settings": (
        *_same_keys("choose", "change", "panes.read", "panes.article"),
        Key("settings.copy", "y", "copy", "copy the file’s path"),
        *_same_keys("dismiss(None)", "close", "app.quit", "app.settings", "panes.list"),
    ),
}
"""The keys of each screen or dialog, by its name; "chooser" and "list" are shared by dialogs."""


def screen_bindings(*names: str) -> list[BindingType]:
    """The default bindings of a screen."""
    return bindings(key for name in names for key in SCREENS[name])


SCREEN_KEYS: Final = {
    key.id: key for screen_keys in SCREENS.values() for key in screen_keys if key.id not in _MAIN_KEYS
}
"""Keys of actions that the main screen does not have, by id."""
