"""Textual's command palette, mended: it failed while its rows change, before it is laid out, and at its end."""

from __future__ import annotations

from contextlib import suppress

from textual import command, events
from textual.app import ComposeResult
from textual.css.query import NoMatches


class SteadyList(command.CommandList):
    """The palette's list."""

    def action_page_up(self) -> None:
        """As Textual's, which looks for the line of the row under the cursor and may have no lines yet."""
        with suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """As Textual's; see `action_page_up`."""
        with suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def on_click(self, event: events.Click) -> None:
        """Not on a row that is still seen and no more there."""
        row = event.style.meta.get("option")
        if row is not None and row >= self.option_count:
            event.prevent_default()


class Palette(command.CommandPalette):
    """The command palette."""

    def compose(self) -> ComposeResult:
        """As Textual's, with our list."""
        usual, command.CommandList = command.CommandList, SteadyList  # type: ignore[misc]
        try:
            yield from super().compose()
        finally:
            command.CommandList = usual  # type: ignore[misc]

    def _on_mount(self, event: events.Mount) -> None:
        """Skip Textual's set-up when the palette was closed before it was mounted: no screen is below it then."""
        if self not in self.app.screen_stack[1:]:
            event.prevent_default()

    def _watch__list_visible(self) -> None:
        # Commands are still being gathered for a moment after the palette was closed, and its parts are gone.
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
