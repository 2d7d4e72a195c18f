"""A dialog over the screen: a box with a border and a title, in the middle."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """What stands in the box is in the widget `#dialog`."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > #dialog {
            width: 90%;
            min-width: 40;
            max-width: 76;
            height: 90%;
            min-height: 12;
            background: $background;
            border: round $border;
            border-title-color: $text-accent;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & Input { background: $panel; color: $foreground; }
        & Input:focus { background: $panel; background-tint: $foreground 0%; }
        & Input:nocolor > .input--cursor { text-style: reverse; }
    }
    """
