"""Textual's command palette, mended: its list can be asked for another page before it has been laid out."""

from __future__ import annotations

from contextlib import suppress

from textual.command import CommandPalette


class Palette(CommandPalette):
    """The command palette."""

    def _action_command_list(self, action: str) -> None:
        # Textual's list looks for the line of the row under the cursor, and has no lines yet.
        with suppress(KeyError, IndexError):
            super()._action_command_list(action)
