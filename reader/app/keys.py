"""Every key of the main screen, as data, and the names of keys.

The bindings, the help screen, the palette and a test of the manual read this table. A key's `id` is the stable name
by which the settings can give it other keys. Commands import this file too, so it does not import Textual.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.patterns import Pattern
from reader.permissions import Permission, permitted

if TYPE_CHECKING:
    from textual.binding import BindingType

SECTION_DIGITS: Final = "123456789"
GROUPS: Final = {
    "move": "move", "panes": "panes", "articles": "articles", "filter": "filter", "browse": "browse", "find": "find",
    "notes": "notes", "state": "marks and undo", "out": "links and export", "view": "view", "app": "program",
}  # fmt: skip
"""The groups of keys with their headings, in the order in which help shows them."""


class Key(NamedTuple):
    """One action on one screen, and the keys that start it."""

    id: str
    keys: str
    """As Textual names them, separated by commas."""
    action: str
    """The action to run on the screen, or with "app." in front on the app."""
    does: str
    """A description short enough for a narrow screen."""
    needs: Permission | None = None
    """The permission that the action needs."""
    priority: bool = False
    """Does the action come before an input that has the focus?"""

    @property
    def group(self) -> str:
        """The group to show it in: the first part of its id."""
        return self.id.partition(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Its keys as Textual names them."""
        return tuple(self.keys.split(",")) if self.keys else ()

    @property
    def shown(self) -> str:
        """Its keys as people write them, separated by spaces; Tab stands for Shift-Tab, too."""
        names = self.names
        return " ".join(show_key(name) for name in names if name != "shift+tab" or "tab" not in names)


KEYS: Final[tuple[Key, ...]] = (
    Key("move.down", "j,down", "move('down')", "next article or line"),
    Key("move.up", "k,up", "move('up')", "previous article or line"),
    Key("move.top", "g,home", "move('top')", "first article or line"),
    Key("move.bottom", "G,end", "move('bottom')", "last article or line"),
    Key("move.page_down", "space,pagedown", "move('page_down')", "page down"),
    Key("move.page_up", "b,pageup", "move('page_up')", "page up"),
    Key("move.half_down", "ctrl+d", "move('half_down')", "half a page down"),
    Key("move.half_up", "ctrl+u", "move('half_up')", "half a page up"),
    Key("panes.list", "h,left", "do('panes.act', 'list')", "go to the list"),
    Key("panes.article", "l,right", "do('panes.act', 'article')", "go to the article"),
    Key("panes.other", "tab,shift+tab", "do('panes.act', 'other')", "go to the other pane"),
    Key("panes.read", "enter", "do('panes.act', 'article')", "read the article"),
    Key("panes.back", "escape", "back", "go back, or clear the last filter"),
    Key("panes.sidebar", "ctrl+b", "do('panes.act', 'sidebar')", "show or hide the sidebar"),
    Key("panes.zen", "z", "do('panes.act', 'zen')", "zen: show only the article"),
    Key("articles.next", "J", "step(1, 'any')", "next article, from either pane"),
    Key("articles.previous", "K", "step(-1, 'any')", "previous article, from either pane"),
    Key(
        "articles.next_whole", "right_curly_bracket", "step(1, 'whole')", "next whole article, not sponsored"
    ),
    Key("articles.previous_whole", "left_curly_bracket", "step(-1, 'whole')", "previous whole article"),
    Key("articles.next_unread", "right_square_bracket", "step(1, 'unread')", "next unread article"),
    Key("articles.previous_unread", "left_square_bracket", "step(-1, 'unread')", "previous unread article"),
    Key(
        "articles.back",
        "less_than_sign",
        "do('article_pane.jump', -1)",
        "go back to the previous article read",
    ),
    Key("articles.forward", "greater_than_sign", "do('article_pane.jump', 1)", "go forward again"),
    Key("filter.sections", "s", "open('sections')", "choose a section"),
    *(
        Key(f"filter.section_{n}", n, f"section({n})", f"show section {n}; again for all")
        for n in SECTION_DIGITS
    ),
    Key("filter.all", "0", "section(0)", "show all sections"),
    Key("filter.truncated", "t", "cycle('truncated')", "truncated: only, hide, all"),
    Key("filter.sponsored", "p", "cycle('sponsored')", "sponsored: only, hide, all"),
    Key("filter.unread", "U", "cycle('unread')", "unread: only, hide, all"),
    Key("filter.starred", "F", "cycle('starred')", "starred: only, hide, all"),
    Key("filter.words", "f", "do('prompt.filter')", "filter by title, deck, author"),
    Key("browse.authors", "a", "open('authors')", "authors and their articles"),
    Key("browse.sponsors", "dollar_sign", "open('sponsors')", "sponsors and their articles"),
    Key("browse.menu", "B", "open('browse_menu')", "menu: authors, sponsors, and more"),
    Key("find.start", "slash", "do('prompt.find')", "find in this pane"),
    Key("find.next", "n", "do('prompt.find_step', 1)", "next match"),
    Key("find.previous", "N", "do('prompt.find_step', -1)", "previous match"),
    Key("find.everywhere", "ctrl+f", "open('search')", "search the whole library"),
    Key("notes.select", "v", "select('characters')", "select words in the article"),
    Key("notes.select_lines", "V", "select('lines')", "select lines"),
    Key("notes.write", "w", "do('highlights.edit_note')", "write a note on the article"),
    Key("notes.tags", "number_sign", "do('highlights.edit_tags')", "tag the article"),
    Key("notes.list", "H", "do('highlights.open_list')", "highlights, notes and tags"),
    Key("state.read", "m", "do('marks.toggle_read')", "mark as read or unread"),
    Key("state.star", "asterisk", "do('marks.toggle_star')", "add or remove a star"),
    Key("state.all_read", "A", "do('marks.mark_listed')", "mark all listed articles as read"),
    Key("state.undo", "u", "do('marks.undo')", "undo marks, notes, corrections…"),
    Key("state.redo", "ctrl+r", "do('marks.redo')", "redo what was undone"),
    Key("out.address", "y", "do('links.copy_address')", "copy the page’s address"),
    Key("out.open", "o", "do('links.open_page')", "open the page in the browser"),
    Key("out.archive", "O", "do('links.open_page', True)", "other copy: live or archived"),
    Key("out.follow", "semicolon", "do('links.start_choosing')", "open a link by its letters"),
    Key("out.links", "L", "open('links')", "open or copy a link"),
    Key("out.citation", "Y", "open('citation')", "copy a citation"),
    Key("out.export", "e", "open('export')", "export article, list, search"),
    Key(
        "out.pipe",
        "vertical_line",
        "do('prompt.pipe')",
        "pipe the article to a command",
        Permission.RUN_COMMANDS,
    ),
    Key("out.links_menu", "W", "open('links_menu')", "menu: the page and its links"),
    Key("out.export_menu", "E", "open('export_menu')", "menu: cite, export, pipe"),
    Key("view.wider", "plus", "text_width(4)", "wider text"),
    Key("view.narrower", "minus", "text_width(-4)", "narrower text"),
    Key("view.usual", "equals_sign", "text_width(0)", "default text width"),
    Key("view.sort", "S", "cycle('sort')", "change the order of the list"),
    Key("view.raw", "r", "open('raw')", "show the raw capture"),
    Key("view.why", "i", "open('why')", "why each line was read this way"),
    Key("view.pictures", "I", "do('pictures.toggle')", "show or hide pictures"),
    Key("view.versions", "d", "open('versions')", "other versions and differences"),
    Key("view.overview", "v,M", "open('overview')", "overview (v: list only)"),
    Key("view.menu", "T", "open('view_menu')", "menu: text width, sort, pictures"),
    Key("app.help", "question_mark", "open('help')", "keys and the manual"),
    Key("app.welcome", "f1", "open('welcome')", "the first keys to learn"),
    Key("app.palette", "ctrl+p", "app.command_palette", "all commands and themes"),
    Key("app.settings", "comma", "open('settings')", "show and change settings"),
    Key("app.problems", "P", "open('problems')", "files that could not be read"),
    Key("app.quit", "q", "leave", "go back, or quit"),
    Key("app.quit_now", "ctrl+q", "app.quit", "quit at once"),
    Key(
        "app.suspend",
        "ctrl+z",
        "app.suspend_process",
        "suspend; fg returns; in a note: undo",
        Permission.SUSPEND,
    ),
)

EVERYWHERE: Final = (
    "find.start", "find.everywhere", "state.star", "out.export", "view.overview", "app.help", "app.settings",
    "app.problems",
)  # fmt: skip
"""Actions of the main screen that other screens have, too, or say why they have not."""
FIRST: Final = (
    "move.down", "move.up", "panes.read", "panes.back", "move.page_down", "articles.next_unread", "filter.sections",
    "find.start", "find.everywhere", "notes.select", "state.star", "browse.menu", "out.links_menu",
    "out.export_menu", "view.menu", "app.quit",
)  # fmt: skip
"""The keys to learn first; the others are in the menus, or on demand."""
BY_PANE: Final = frozenset(("notes.select", "view.overview"))
"""Actions that may share a key: the first is for the article pane, the second for the list."""

_BY_ID: Final = {key.id: key for key in KEYS}
_own_keys: Mapping[str, tuple[str, ...]] = {}
_in_words = False
"""Does a screen reader read the hints?"""
_NO_KEY: Final = "(no key)"


def set_own_keys(own_keys: Mapping[str, tuple[str, ...]], *, in_words: bool = False) -> None:
    """Use these keys for these actions, by id, in all texts; other actions keep their default keys.

    The keys have been checked and are named as Textual names them. `reader.app.keymap` binds them on screens.
    `in_words`: write “Enter” also in hints, for a screen reader.
    """
    global _own_keys, _in_words
    _own_keys, _in_words = own_keys, in_words


def with_own_keys(key: Key) -> Key:
    """An action with the reader's own keys, if it has any."""
    return key._replace(keys=",".join(_own_keys[key.id])) if key.id in _own_keys else key


def bindings(keys: Iterable[Key] = KEYS) -> "list[BindingType]":
    """The default bindings of these actions, by default those of the main screen."""
    from textual.binding import Binding  # Not for commands.

    return [
        Binding(key.keys, key.action, key.does, id=key.id, show=False, priority=key.priority) for key in keys
    ]


def app_bindings() -> "list[BindingType]":
    """The default bindings of the app, for screens that do not bind the keys themselves."""
    return bindings(
        key._replace(action=f"app.everywhere('{key.id}')", does=key.does.partition(" (")[0])
        for key in KEYS
        if key.id in EVERYWHERE
    )


def action_of(id_: str) -> str:
    """The action on the main screen."""
    return _BY_ID[id_].action


def is_permitted(id_: str) -> bool:
    """Is the action permitted here?"""
    needs = _BY_ID[id_].needs if id_ in _BY_ID else None
    return needs is None or permitted(needs)


def shown_keys() -> Iterator[Key]:
    """The keys as help lists them: only permitted actions, and the nine digits of the sections as one key."""
    digits = not any(id_.startswith("filter.section_") for id_ in _own_keys)
    for key in filter(lambda key: is_permitted(key.id), KEYS):
        if key.id == "filter.section_1" and digits:
            yield key._replace(id="filter.section", keys="1-9", does="show section 1–9; again for all")
        elif not key.id.startswith("filter.section_") or not digits:
            yield with_own_keys(key)


def shown(id_: str) -> str:
    """The keys of an action, as people write them, separated by spaces; "" for no key."""
    key = _BY_ID.get(id_)
    if key is None:
        from reader.app.keymap import SCREEN_KEYS  # It imports this file.

        key = SCREEN_KEYS[id_]
    return with_own_keys(key).shown


def keys_of(id_: str) -> tuple[str, ...]:
    """The keys of an action of the main screen, as Textual names them."""
    return with_own_keys(_BY_ID[id_]).names


def with_keys(text: str) -> str:
    """Replace each action's id in braces by its first key: "{state.undo} undoes it"."""
    return re.sub(r"\{(.+?)\}", lambda match: key_for(match[1]), text)


def hint(text: str) -> str:
    """The keys for a hint in a footer, like `with_keys` but shorter; "" if one of its actions has no key."""
    filled_in = with_keys(text)
    return "" if _NO_KEY in filled_in else filled_in if _in_words else filled_in.replace("Enter", "⏎")


def key_for(id_: str) -> str:
    """The first key of an action, to name it in a sentence."""
    return shown(id_).partition(" ")[0] or _NO_KEY


# The names of keys: as people write them ("Ctrl-f", "PgDn", "}") and as Textual does ("ctrl+f", …)

_MODIFIER: Final = Pattern(r"(ctrl|alt|shift|super)[-+](?=.)|\^(?=.$)", re.IGNORECASE)
_SHOWN: Final = {
    "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "backspace": "Backspace", "delete": "Del",
    "insert": "Ins", "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn",
    "up": "↑", "down": "↓", "left": "←", "right": "→", **{f"f{n}": f"F{n}" for n in range(1, 25)},
}  # fmt: skip
"""How to write the keys that type no character."""
_READ: Final = {"return": "enter"} | {shown.casefold(): name for name, shown in _SHOWN.items()}
_CHARACTERS: Final = {
    "slash": "/", "backslash": "\\", "at": "@", "minus": "-", "plus": "+", "underscore": "_", "less_than_sign": "<",
    "greater_than_sign": ">",
}  # fmt: skip
"""Characters whose names Textual does not form from those of Unicode."""
_SAME: Final = {
    "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+h": "backspace",
}  # fmt: skip
"""Keys that a terminal cannot tell from others."""


def read_key(written: str) -> str | None:
    """Parse a key as people write it to Textual's name; None if it is no key."""
    text, modifiers = written.strip(), set()
    while match := _MODIFIER.match(text):
        modifiers.add((match[1] or "ctrl").lower())
        text = text[match.end() :]
    key = _READ.get(text.casefold(), text.lower())
    if key in _SHOWN:
        pass
    elif len(text) == 1 and text.isprintable() and not text.isspace():
        # Textual's name of the key that types a character.
        key = next((name for name, other in _CHARACTERS.items() if other == text), "")
        if not key:
            named = unicodedata.name(text, text).lower().replace("-", "_").replace(" ", "_")
            key = text if text.isalnum() else named
    elif _character(text.lower()) == text.lower():
        return None
    if len(key) == 1 and key.isalpha() and modifiers:
        if modifiers == {"shift"}:
            return key.upper()
        key = key.lower() if "ctrl" in modifiers else key
    elif "shift" in modifiers and key not in _SHOWN:
        # Shift types another character, which depends on the keyboard.
        return None
    name = "+".join([*sorted(modifiers), key])
    return _SAME.get(name, name)


def show_key(key: str) -> str:
    """Write a key, given by Textual's name, as people write it."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name) or _character(name)
    return "-".join([*(modifier.capitalize() for modifier in modifiers), shown])


def _character(name: str) -> str:
    """The character with a name such as "right_curly_bracket"; the name itself if there is none."""
    try:
        return _CHARACTERS.get(name) or unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name
