"""The keys of all screens but the main one, as data; the reader's own keys, checked and bound in place of the defaults.

A key that does the same as on the main screen, or nearly, has the same id; so the reader's own key for it works on
both.

Textual's own keymap is not used: it cannot take a key away from an action, it is worked out again at every key press,
and it reports a key with two actions only when that key is pressed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import BY_PANE, KEYS, Key, bindings, read_key, show_key
from reader.settings.config import Fault, Keys, suggestion

if TYPE_CHECKING:
    from textual.binding import Binding, BindingType
    from textual.dom import DOMNode

    from reader.settings import InForce

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


def _finding(*closing: str, item: str = "match") -> tuple[Key, ...]:
    """The keys to find words, and to close the screen.

    `closing` has the ids of more actions whose keys close it; `item` is what n and N go to.
    """
    return (
        Key("find.start", "slash", "find", "find in this text"),
        Key("find.next", "n", "find_step(1)", f"next {item}"),
        Key("find.previous", "N", "find_step(-1)", f"previous {item}"),
        *_same_keys("back", "clear the matches, or go back", "panes.back"),
        *_same_keys("close", "go back", "app.quit", *closing),
    )


def _text_keys(*closing: str) -> tuple[Key, ...]:
    return (*_moving("line"), *_finding(*closing))


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
        Key("select.yellow", "1", "dismiss('yellow')", "yellow"),
        Key("select.green", "2", "dismiss('green')", "green"),
        Key("select.blue", "3", "dismiss('blue')", "blue"),
        Key("select.note", "n", "dismiss('note')", "edit the note"),
        Key("select.copy", "c,y", "dismiss('copy')", "copy"),
        Key("notes.remove", "d,delete", "dismiss('remove')", "remove"),
        Key("app.quit", "q", "dismiss(None)", "close"),
    ),
    "note": (
        Key("notes.save", "ctrl+s,f2", "save", "save"),
        Key("panes.back", "escape", "close", "close"),
    ),
    "tags": (
        Key("notes.complete", "tab", "complete", "complete the tag", priority=True),
        Key("panes.back", "escape", "close", "close"),
    ),
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
        # Before the line for typing, which cuts with it while something is selected.
        Key("sections.remove", "ctrl+x", "remove", "remove the saved search", priority=True),
    ),
    "search": (
        *_moving("row"),
        *_same_keys("open", "read", "panes.read", "panes.article"),
        Key("panes.other", "tab,shift+tab", "other", "switch between query and list"),
        *_same_keys("query", "type another query", "find.start", "find.everywhere"),
        Key("search.order", "ctrl+o,f2", "order", "sort by date or by relevance"),
        Key("search.save", "ctrl+s", "save", "save the search"),
        Key("state.read", "m", "mark('read')", "mark as read or unread"),
        Key("state.star", "asterisk", "mark('star')", "add or remove a star"),
        Key("state.undo", "u", "app.everywhere('state.undo')", "undo"),
        Key("state.redo", "ctrl+r", "app.everywhere('state.redo')", "redo"),
        Key("out.export", "e", "export", "export the results"),
        Key("search.remove", "delete,ctrl+x", "remove", "remove a saved search"),
        *_closing("close", "back"),
    ),
    "why": (
        *_moving("line"),
        *_finding("view.why", item="match or close call"),
        Key("why.correct", "enter,c", "correct", "correct this line or its article"),
        Key("state.undo", "u", "undo", "undo"),
        Key("state.redo", "ctrl+r", "redo", "redo"),
        Key("view.raw", "r", "raw", "show the whole raw capture"),
        *_panes("switch between lines and reasons"),
    ),
    "versions": (
        *_moving("version or line", page="scroll", without=("space",)),
        *_finding("view.versions", item="match or difference"),
        Key("versions.base", "space", "base", "compare with this version"),
        Key("panes.read", "enter", "choose", "read this version"),
        Key("versions.split", "x", "split", "split off: not the same story"),
        Key("state.undo", "u", "undo", "undo"),
        Key("state.redo", "ctrl+r", "redo", "redo"),
        *_panes("switch between versions and differences"),
    ),
    "profile": (
        *_moving("article or line"),
        Key("panes.read", "enter", "open", "read"),
        *_panes("switch between description and list"),
        Key("state.read", "m", "mark('read')", "mark as read or unread"),
        Key("state.star", "asterisk", "mark('star')", "add or remove a star"),
        Key("browse.authors", "a", "names(False)", "authors"),
        Key("browse.sponsors", "dollar_sign", "names(True)", "sponsors"),
        *_finding(),
    ),
    "overview": (
        *_moving("row"),
        *_same_keys("choose", "show the articles", "panes.read", "panes.article"),
        *_closing("dismiss(None)", "back", "view.overview", "panes.list"),
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
}
"""The keys of each screen or dialog, by its name; "chooser" and "list" are shared by dialogs."""


_SUSPEND: Final = Key("app.suspend", "ctrl+z", "app.suspend_process", "suspend; fg returns")
"""On every screen. The editor of a note comes first, where the key is undo."""


def screen_bindings(*names: str) -> list[BindingType]:
    """The default bindings of a screen."""
    return bindings((*(key for name in names for key in SCREENS[name]), _SUSPEND))


SCREEN_KEYS: Final = {
    key.id: key for screen_keys in SCREENS.values() for key in screen_keys if key.id not in _MAIN_KEYS
}
"""Keys of actions that the main screen does not have, by id."""

# The reader's own keys

_MAIN: Final = {key.id: key.names for key in KEYS}
_QUIT_ACTIONS: Final = ("app.quit", "app.quit_now")
_APP_ACTIONS: Final = {"app.quit_now": "quit", "app.palette": "command_palette"}
"""Actions that the app itself binds, so that they work on every screen: id and action."""


class Keymap(NamedTuple):
    """The reader's own keys that are valid, and the faults of the others."""

    keys: Mapping[str, Keys]
    """By the action's id, its keys as Textual names them; empty for an action without a key."""
    faults: tuple[Fault, ...]


def check_keys(wanted: Mapping[str, Keys], lines: Mapping[str, int]) -> Keymap:
    """Check the `wanted` keys. An action with a fault keeps its default keys.

    `wanted` has keys as people write them, `lines` their lines in config.toml, both by the action's id.
    """
    valid: dict[str, Keys] = {}
    faults: list[Fault] = []

    def fault(id_: str, sentence: str) -> None:
        faults.append(Fault(f"keys.{id_}", lines.get(id_), f"keys.{id_}: {sentence}"))

    for id_, written in wanted.items():
        if id_ in SCREEN_KEYS:
            fault(id_, "only keys of the main screen can be changed; take this line out")
            continue
        if id_ not in _MAIN:
            fault(id_, f"there is no such action{_suggest_action(id_)}")
            continue
        names = [read_key(key) for key in written]
        unknown = [key for key, name in zip(written, names, strict=True) if name is None]
        if unknown:
            quoted = " and ".join(f'"{key}"' for key in unknown)
            fault(id_, f'{quoted} is not a key; write keys like "F5", "Ctrl-f", "Space", "PgDn" or "}}"')
        else:
            valid[id_] = tuple(dict.fromkeys(name for name in names if name))
    if all(valid.get(id_) == () for id_ in _QUIT_ACTIONS):
        last = max(_QUIT_ACTIONS, key=lambda id_: lines.get(id_, 0))
        fault(
            last,
            f"without a key for {' or '.join(_QUIT_ACTIONS)} you could not leave; give one of them a key",
        )
        del valid[last]
    back = valid.get("panes.back")
    if back is not None and all(map(_types_a_character, back)):
        fault("panes.back", "this key also ends typing, so it cannot be a character; use a key such as Esc")
        del valid["panes.back"]
    while clash := next(_clashes(valid), None):
        id_, other, key = clash
        source = f"line {lines[other]}" if other in valid and other in lines else "its default key"
        fault(id_, f"{show_key(key)} is also the key of {other} ({source}); give one of them another")
        # With its default keys the action may clash again; the defaults alone never clash.
        del valid[id_]
    return Keymap(valid, tuple(faults))


def with_checked_keys(in_force: InForce) -> InForce:
    """The settings with only their valid keys, and with the faults of the others."""
    if not in_force.settings.keys:
        return in_force
    lines = {
        name.removeprefix("keys."): int(source.rpartition(" ")[2])
        for name, source in in_force.sources.items()
        if name.startswith("keys.")
    }
    keys, key_faults = check_keys(in_force.settings.keys, lines)
    faults = sorted((*in_force.faults, *key_faults), key=lambda fault: fault.line or 0)
    return in_force._replace(settings=in_force.settings._replace(keys=keys), faults=tuple(faults))


def apply_keys(screen: DOMNode, own_keys: Mapping[str, Keys]) -> None:
    """Bind the reader's own keys in place of the defaults, for each action of the main screen that the screen has.

    A key on which the screen has an action of its own keeps that action.
    """
    moved: dict[str, Binding] = {}
    by_key: dict[str, list[Binding]] = {}
    for key, of_key in screen._bindings.key_to_bindings.items():
        for binding in of_key:
            if binding.id is not None and binding.id in own_keys:
                moved.setdefault(binding.id, binding)
            else:
                by_key.setdefault(key, []).append(binding)
    for id_, binding in moved.items():
        for key in own_keys[id_]:
            if key not in by_key:
                by_key[key] = [binding.with_key(key)]
    screen._bindings.key_to_bindings = by_key


def apply_app_keys(app: DOMNode, own_keys: Mapping[str, Keys]) -> None:
    """Bind the reader's own keys for the app's actions; keys that type a character are left to the screens."""
    own = {action: own_keys[id_] for id_, action in _APP_ACTIONS.items() if id_ in own_keys}
    kept = {
        key: [binding for binding in bindings if binding.action not in own]
        for key, bindings in app._bindings.key_to_bindings.items()
    }
    app._bindings.key_to_bindings = {key: bindings for key, bindings in kept.items() if bindings}
    for action, keys in own.items():
        for key in keys:
            if "+" in key or key[1:].isdecimal():
                app._bindings.bind(key, action, show=False, priority=True)
    # Last, so that an action may get a key that was taken from one of the app's actions.
    apply_keys(app, own_keys)


def _types_a_character(key: str) -> bool:
    return "+" not in key and len(show_key(key)) == 1 and key not in ("up", "down", "left", "right")


def _suggest_action(id_: str) -> str:
    hint = suggestion(id_, list(_MAIN))
    same_ending = [name for name in _MAIN if name.partition(".")[2] == id_.rpartition(".")[2]]
    if not hint and same_ending:
        hint = f"; did you mean {same_ending[0]}?"
    return hint or "; the help screen (?) shows the names of all actions"


def _clashes(own_keys: Mapping[str, Keys]) -> Iterator[tuple[str, str, str]]:
    """Find keys that two actions of the main screen share: both ids, and the key."""
    taken: dict[str, str] = {}
    # Actions with default keys first, so that a fault names an action with an own key, the later of two.
    for id_ in sorted(_MAIN, key=lambda id_: list(own_keys).index(id_) if id_ in own_keys else -1):
        for key in own_keys.get(id_, _MAIN[id_]):
            other = taken.setdefault(key, id_)
            if other != id_ and {id_, other} & own_keys.keys() and {id_, other} != BY_PANE:
                yield id_, other, key
