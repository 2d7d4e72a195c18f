"""A menu: related actions behind one key. Each keeps its own key, which also works without the menu."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

from textual.binding import BindingType

from reader.app.keys import Key, hint, keys_of, shown_keys
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser, GroupedRows


class Menu(NamedTuple):
    """The title of a menu and its actions, by id."""

    title: str
    ids: tuple[str, ...]


MENUS: Final = {
    "browse": Menu("Browse", ("browse.authors", "browse.sponsors", "view.overview", "notes.list")),
    "links": Menu("Page and links", ("out.open", "out.archive", "out.address", "out.links", "out.follow")),
    "export": Menu("Copy and export", ("out.citation", "out.export", "out.pipe")),
    "view": Menu("View", ("view.wider", "view.narrower", "view.usual", "view.sort", "view.pictures")),
}
"""The menus, by the argument of the action `menu`."""


class MenuScreen(Chooser[Key, str]):
    """Closes with the action of the chosen row. A row's own key chooses it, too."""

    AUTO_FOCUS = ""
    DETAIL_LINES = 0
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("menu")]
    DEFAULT_CSS = """
    MenuScreen > #dialog { width: 95%; min-width: 0; max-width: 50; min-height: 0; }
    """

    def __init__(self, name: str) -> None:
        """`name`: one of `MENUS`."""
        menu = MENUS[name]
        super().__init__(menu.title)
        self.box.show_keys(hint("letter or {panes.read} chooses · {panes.back} closes"))
        keys = {key.id: key for key in shown_keys()}
        self._keys = [keys[id_] for id_ in menu.ids if id_ in keys]
        self._keys_width = max((width_of(key.shown) for key in self._keys), default=0) + 2

    def matching(self, text: str) -> GroupedRows[Key]:  # noqa: ARG002
        """All actions."""
        return GroupedRows([("", self._keys)])

    def draw(self, row: Key, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the key and what it does."""
        return [
            ("list--badge", pad(row.shown, self._keys_width)),
            ("list--title", fit(row.does, width - self._keys_width)),
        ]

    def detail(self, row: Key) -> str:  # noqa: ARG002
        """No details."""
        return ""

    def result(self, row: Key) -> str:
        """The action to run."""
        return row.action

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Choose the row with this key; False for any other key."""
        row = next((row for row in self._keys if key in keys_of(row.id)), None)
        if row is not None:
            self.dismiss(row.action)
        return row is not None
