"""Menus of related actions, and the first steps: a few keys and two badges, shown at the very first start.

Each action of a menu keeps its own key, which also works without the menu.
"""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from reader.app.keys import keys_of, shown_keys, with_keys
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import width_of
from reader.app.widgets.chooser import Chooser, ChooserRow, DialogBox
from reader.app.widgets.grouped_list import GroupedRows

MENUS: Final = {
    "browse": ("Browse", ("browse.authors", "browse.sponsors", "view.overview", "notes.list")),
    "links": ("Page and links", ("out.open", "out.archive", "out.address", "out.links", "out.follow")),
    "export": ("Copy and export", ("out.citation", "out.export", "out.pipe")),
    "view": ("View", ("view.wider", "view.narrower", "view.usual", "view.sort", "view.pictures")),
}
"""The title of each menu and the ids of its actions, by the argument of the action `menu`."""


class MenuScreen(Chooser[str], keys="list menu"):
    """Closes with the action of the chosen row. A row's own key chooses it, too."""

    AUTO_FOCUS = ""
    KEYS = "letter or {panes.read} chooses · {panes.back} closes"
    DETAIL_LINES = 0
    DEFAULT_CSS = """
    MenuScreen > #dialog { width: 95%; min-width: 0; max-width: 50; min-height: 0; }
    """

    def __init__(self, name: str) -> None:
        """`name`: one of `MENUS`."""
        title, ids = MENUS[name]
        by_id = {key.id: key for key in shown_keys()}
        keys = [by_id[id_] for id_ in ids if id_ in by_id]
        rows = [ChooserRow(key.action, key.does, label=key.shown) for key in keys]
        super().__init__(title, GroupedRows([("", rows)]))
        self.label_width = max((width_of(key.shown) for key in keys), default=0) + 2
        # If the reader has given two of them the same key, it chooses the upper row.
        self._actions = {name: key.action for key in reversed(keys) for name in keys_of(key.id)}

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Choose the row with this key; False for any other key."""
        if key in self._actions:
            self.dismiss(self._actions[key])
        return key in self._actions


_STEPS: Final = (
    ("move.down move.up", "next and previous article"),
    ("panes.read", "read it ({panes.back} goes back)"),
    ("filter.sections", "choose a section"),
    ("find.start", "find a word"),
    ("app.help", "help: keys and manual"),
    ("app.quit", "back, and in the list: quit"),
)
"""The ids of the keys to learn first, and what they do."""
_BADGES: Final = (("TRUNCATED", "the end is missing"), ("SPONSORED", "somebody paid for it"))


class WelcomeScreen(ModalScreen[None]):
    """Any key closes it and acts on the main screen; Esc and q only close it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    WelcomeScreen {
        align: center middle;
        & > #dialog { width: 38; min-width: 0; height: auto; min-height: 0; }
        & Static { color: $foreground; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("welcome")

    def compose(self) -> ComposeResult:
        """The steps in a frame."""
        with DialogBox("Welcome to Protocol Reader", "any key closes this box"):
            yield Static(self._steps(), id="steps", markup=False)

    def _steps(self) -> Content:
        shown = {key.id: key.shown.partition(" ")[0] for key in shown_keys()}
        lines = []
        for ids, does in _STEPS:
            keys = " ".join(shown.get(id_, "") for id_ in ids.split())
            lines.append(Content.styled(f"{keys:7}", "bold $text-accent") + with_keys(does))
        lines.append(Content(""))
        lines += [Content.styled(f"{badge:11}", "bold $text-warning") + meaning for badge, meaning in _BADGES]
        return Content("\n").join(lines)

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Close, and leave the key to the screen below; keys that only close are bindings."""
        if key not in self._bindings.key_to_bindings:
            self.dismiss(None)
        return False

    def on_click(self) -> None:
        """Close."""
        if self.is_current:
            self.dismiss(None)
