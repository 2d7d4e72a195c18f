"""The first steps: a few keys and two badges, shown at the very first start and with F1."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from reader.app.keys import shown_keys, with_keys
from reader.app.screen_keys import screen_bindings
from reader.app.widgets.chooser import DialogBox

_KEYS_WIDTH, _BADGE_WIDTH = 7, 11


class Step(NamedTuple):
    """A key to learn first, with what it does."""

    ids: tuple[str, ...]
    """Stable names of its keys."""
    does: str


STEPS: tuple[Step, ...] = (
    Step(("move.down", "move.up"), "next and previous article"),
    Step(("panes.read",), "read it ({panes.back} goes back)"),
    Step(("filter.sections",), "choose a section"),
    Step(("find.start",), "find a word"),
    Step(("app.help",), "help: keys and manual"),
    Step(("app.quit",), "back, and in the list: quit"),
)
BADGES = (("TRUNCATED", "the end is missing"), ("SPONSORED", "somebody paid for it"))


def first_keys(ids: tuple[str, ...]) -> str:
    """The first key of each action, as people write it."""
    shown = {key.id: key.shown.partition(" ")[0] for key in shown_keys()}
    return " ".join(shown.get(id_, "") for id_ in ids)


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
        box = DialogBox("Welcome to Protocol Reader")
        box.show_keys("any key closes this box")
        with box:
            yield Static(self._steps(), id="steps", markup=False)

    def _steps(self) -> Content:
        keys = [
            Content.styled(f"{first_keys(step.ids):{_KEYS_WIDTH}}", "bold $text-accent")
            + f"{with_keys(step.does)}\n"
            for step in STEPS
        ]
        badges = [
            Content.styled(f"{badge:{_BADGE_WIDTH}}", "bold $text-warning") + meaning
            for badge, meaning in BADGES
        ]
        return Content("").join([*keys, Content("\n"), Content("\n").join(badges)])

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Close, and leave the key to the screen below; keys that only close are bindings."""
        if key not in self._bindings.key_to_bindings:
            self.dismiss(None)
        return False

    def on_click(self) -> None:
        """Close."""
        if self.is_current:
            self.dismiss(None)
