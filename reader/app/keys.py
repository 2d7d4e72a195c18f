"""Every key of the app, as data: the bindings, the help screen, the palette and the manual's test read it.

A key's `id` is its stable name, by which it can be given other keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from reader.permissions import Permission, permitted

if TYPE_CHECKING:
    from textual.binding import Binding

SECTION_DIGITS = "123456789"
GROUPS = ("move", "panes", "articles", "filter", "browse", "find", "state", "out", "view", "app")
"""The groups of keys in the order they are shown."""


class Key(NamedTuple):
    """One action and the keys that start it."""

    id: str
    keys: str
    """As the screen library names them, separated by commas."""
    shown: str
    """As people write them, separated by spaces."""
    action: str
    """What to run on the main screen, or with "app." in front on the app."""
    does: str
    """What it does, short enough for a narrow screen."""
    needs: Permission | None = None
    """The permission without which it is not offered."""

    @property
    def group(self) -> str:
        """The group it is shown in: the first part of its id."""
        return self.id.partition(".")[0]


KEYS: tuple[Key, ...] = (
    Key("move.down", "j,down", "j ↓", "move('down')", "next article, or line"),
    Key("move.up", "k,up", "k ↑", "move('up')", "previous article, or line"),
    Key("move.top", "g,home", "g Home", "move('top')", "first article, or line"),
    Key("move.bottom", "G,end", "G End", "move('bottom')", "last article, or line"),
    Key("move.page_down", "space,pagedown", "Space PgDn", "move('page_down')", "a page down"),
    Key("move.page_up", "b,pageup", "b PgUp", "move('page_up')", "a page up"),
    Key("move.half_down", "ctrl+d", "Ctrl-d", "move('half_down')", "half a page down"),
    Key("move.half_up", "ctrl+u", "Ctrl-u", "move('half_up')", "half a page up"),
    Key("panes.list", "h,left", "h ←", "turn_to('list')", "to the list"),
    Key("panes.article", "l,right", "l →", "turn_to('article')", "to the article"),
    Key("panes.other", "tab,shift+tab", "Tab", "turn_to('other')", "to the other pane"),
    Key("panes.read", "enter", "Enter", "turn_to('article')", "read the article"),
    Key("panes.back", "escape", "Esc", "back", "go back, or clear the last filter"),
    Key("panes.sidebar", "ctrl+b", "Ctrl-b", "sidebar", "sidebar on or off"),
    Key("panes.zen", "z", "z", "zen", "the article alone"),
    Key("articles.next", "J", "J", "step(1)", "next article, from either pane"),
    Key("articles.previous", "K", "K", "step(-1)", "previous article"),
    Key(
        "articles.next_whole", "right_curly_bracket", "}", "step_whole(1)", "next whole article, not paid for"
    ),
    Key("articles.previous_whole", "left_curly_bracket", "{", "step_whole(-1)", "previous whole article"),
    Key("articles.next_unread", "right_square_bracket", "]", "step_unread(1)", "next unread article"),
    Key("articles.previous_unread", "left_square_bracket", "[", "step_unread(-1)", "previous unread article"),
    Key("filter.sections", "s", "s", "open('sections')", "choose a section"),
    *(
        Key(f"filter.section_{n}", n, n, f"section({n})", f"show section {n}; again for all")
        for n in SECTION_DIGITS
    ),
    Key("filter.all", "0", "0", "section(0)", "all sections"),
    Key("filter.truncated", "t", "t", "cycle('truncated')", "truncated: all, hide, only"),
    Key("filter.sponsored", "p", "p", "cycle('sponsored')", "sponsored: all, hide, only"),
    Key("filter.unread", "U", "U", "cycle('unread')", "unread: all, only, none"),
    Key("filter.starred", "F", "F", "cycle('starred')", "starred: all, only, none"),
    Key("filter.words", "f", "f", "prompt('filter')", "filter by title, deck, author"),
    Key("browse.authors", "a", "a", "open('authors')", "authors, and what they wrote"),
    Key("browse.sponsors", "dollar_sign", "$", "open('sponsors')", "sponsors, and what they paid for"),
    Key("find.start", "slash", "/", "prompt('find')", "find in this pane"),
    Key("find.next", "n", "n", "find_step(1)", "next match"),
    Key("find.previous", "N", "N", "find_step(-1)", "previous match"),
    Key("find.everywhere", "ctrl+f", "Ctrl-f", "open('search')", "search the whole library"),
    Key("state.read", "m", "m", "mark('read')", "mark read, or unread"),
    Key("state.star", "asterisk", "*", "mark('star')", "star, or no star"),
    Key("state.all_read", "A", "A", "mark('listed')", "mark all that is listed read"),
    Key("state.undo", "u", "u", "mark('undo')", "undo marks, splits, corrections, …"),
    Key("state.redo", "ctrl+r", "Ctrl-r", "mark('redo')", "do again what was undone"),
    Key("out.address", "y", "y", "link('copy')", "copy the page's address"),
    Key("out.open", "o", "o", "link('open')", "open the page in the browser"),
    Key("out.archive", "O", "O", "link('archive')", "look it up in the Wayback Machine"),
    Key("out.follow", "semicolon", ";", "link('letters')", "open a link in sight by its letters"),
    Key("out.links", "L", "L", "open('links')", "links of the article: open or copy"),
    Key("out.citation", "Y", "Y", "open('citation')", "copy a citation"),
    Key("out.export", "e", "e", "open('export')", "export article, list or search"),
    Key(
        "out.pipe",
        "vertical_line",
        "|",
        "prompt('pipe')",
        "pipe the article to a command",
        Permission.RUN_COMMANDS,
    ),
    Key("view.wider", "plus", "+", "text_width(4)", "wider text"),
    Key("view.narrower", "minus", "-", "text_width(-4)", "narrower text"),
    Key("view.usual", "equals_sign", "=", "text_width(0)", "usual width of text"),
    Key("view.sort", "S", "S", "cycle('sort')", "sort: kept, newest, title, longest"),
    Key("view.raw", "r", "r", "open('raw')", "the capture as it was kept"),
    Key("view.why", "i", "i", "open('why')", "why it was read so, line by line"),
    Key("view.pictures", "I", "I", "pictures", "pictures on or off"),
    Key("view.versions", "d", "d", "open('versions')", "other versions, and differences"),
    Key("view.overview", "v", "v", "open('overview')", "how much there is, month by month"),
    Key("app.help", "question_mark", "?", "open('help')", "every key, and help on topics"),
    Key("app.welcome", "f1", "F1", "open('welcome')", "the keys to begin with"),
    Key("app.palette", "ctrl+p", "Ctrl-p", "app.command_palette", "every command, and themes"),
    Key("app.settings", "comma", ",", "open('settings')", "settings: what is set, and where"),
    Key("app.problems", "P", "P", "open('problems')", "files that could not be read"),
    Key("app.quit", "q", "q", "leave", "back, then quit"),
    Key("app.quit_now", "ctrl+q", "Ctrl-q", "app.quit", "quit at once"),
    Key(
        "app.suspend", "ctrl+z", "Ctrl-z", "app.suspend_process", "to the shell until fg", Permission.SUSPEND
    ),
)


_given: Mapping[str, tuple[str, ...]] = {}
_told: dict[str, str] = {}
_NONE = "(no key)"


def use(mapping: Mapping[str, tuple[str, ...]]) -> None:
    """From now on these are the keys of these actions, by id; all others have their usual ones.

    The keys are checked ones, named as the screen library does. `reader.app.keymap` makes screens follow.
    """
    global _given
    _given = mapping
    _told.clear()


def given() -> Mapping[str, tuple[str, ...]]:
    """The keys that are not the usual ones."""
    return _given


def bindings() -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The usual bindings of the main screen."""
    from textual.binding import Binding

    return [Binding(key.keys, key.action, key.does, id=key.id, show=False) for key in KEYS]


def offered(id_: str) -> bool:
    """Whether the action may be used here."""
    return all(key.needs is None or permitted(key.needs) for key in KEYS if key.id == id_)


def shown_keys() -> Iterator[Key]:
    """The keys as help lists them, those in force that may be used: the nine digits of the sections as one."""
    digits = not any(id_.startswith("filter.section_") for id_ in _given)
    for key in filter(lambda key: offered(key.id), KEYS):
        if key.id == "filter.section_1" and digits:
            yield key._replace(id="filter.section", shown="1-9", does="show section 1–9; again for all")
        elif not key.id.startswith("filter.section_") or not digits:
            yield key._replace(shown=shown(key.id)) if key.id in _given else key


def shown(id_: str) -> str:
    """The keys of an action, as people write them, separated by spaces; empty when it has none."""
    if id_ in _given:
        from reader.app.key_names import show_key

        return " ".join(map(show_key, _given[id_]))
    for key in KEYS:
        if key.id == id_:
            return key.shown
    from reader.app.screen_keys import OWN

    return OWN[id_].shown


def keys_of(id_: str) -> tuple[str, ...]:
    """The keys of an action of the main screen, as the screen library names them."""
    usual = next(key.keys for key in KEYS if key.id == id_)
    return _given.get(id_, tuple(usual.split(",")))


def with_keys(text: str) -> str:
    """`text` with the key in force of each action whose id stands in braces: "{state.undo} undoes it"."""
    found = _told.get(text)
    if found is None:
        start, *pieces = text.split("{")
        found = _told[text] = start + "".join(
            key_for(id_) + rest for id_, _, rest in (piece.partition("}") for piece in pieces)
        )
    return found


def hint(text: str) -> str:
    """The keys of a footer's hint, as `with_keys` has them but shorter; empty when an action of it has no key."""
    named = with_keys(text)
    return "" if _NONE in named else named.replace("Enter", "⏎")


def key_for(id_: str) -> str:
    """The first key of an action, for a sentence."""
    return shown(id_).partition(" ")[0] or _NONE
