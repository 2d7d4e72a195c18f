"""Textual's command palette, which fails while its rows change, before it is laid out, and when it closes."""

from __future__ import annotations

from contextlib import suppress

from textual import command, events
from textual.app import ComposeResult
from textual.css.query import NoMatches


class PaletteList(command.CommandList):
    """The palette's list, safe to use while its rows change."""

    def action_page_up(self) -> None:
        """Move a page up; Textual fails if the row under the cursor has no line yet."""
        with suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move a page down; see `action_page_up`."""
        with suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def on_click(self, event: events.Click) -> None:
        """Ignore a click on a row that is still drawn but no longer in the list."""
        row = event.style.meta.get("option")
        if row is not None and row >= self.option_count:
            event.prevent_default()


class Palette(command.CommandPalette):
    """The command palette, safe to use while it opens and closes. It looks like our dialogs."""

    CSS = """
    Palette > Vertical, Palette > Vertical:dark { margin-top: 1; max-width: 76; background: $background; }
    Palette #--input { border: round $border; background: $background; }
    Palette #--input.--list-visible { border: round $border; }
    Palette #--input Label { margin-top: 0; }
    Palette CommandInput, Palette CommandInput:focus { background: $background; }
    Palette CommandList { background: $background; border: round $border; }
    Palette CommandList:focus { background: $background; border: round $border; }
    """

    def compose(self) -> ComposeResult:
        """Compose Textual's palette with our list."""
        textual_list, command.CommandList = command.CommandList, PaletteList  # type: ignore[misc]
        try:
            yield from super().compose()
        finally:
            command.CommandList = textual_list  # type: ignore[misc]

    def _on_mount(self, event: events.Mount) -> None:
        """Skip Textual's set-up when the palette was closed before it was mounted: no screen is below it then."""
        if self not in self.app.screen_stack[1:]:
            event.prevent_default()

    def _watch__list_visible(self) -> None:
        # For a moment after the palette has closed, commands still arrive, but its widgets are gone.
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
