"""The overview, and what it leads to: other choices of articles, and looking for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.screens.sending import Sending
from reader.app.view import View

if TYPE_CHECKING:
    from reader.app.overview_lines import Opens


class Recovering(Sending):
    """The part of the main screen that looks all of the library over."""

    _overview_on: Opens | None = None
    """What the overview's cursor was on when it was left."""

    def action_overview(self) -> None:
        """Show how much there is and of what."""
        from reader.app.overview_lines import ACTIONS
        from reader.app.screens.overview import OverviewScreen

        actions = [action for action in ACTIONS if hasattr(self, f"action_{action}")]
        screen = OverviewScreen(self.library, self._title, actions, self._overview_on)

        async def chosen(opens: Opens | None) -> None:
            self._overview_on = screen.view.opens
            if isinstance(opens, str):
                await self.run_action(opens)
            elif opens is not None:
                self.choose(View(opens, self.view.sort))
                self.turn_to("list")

        self.app.push_screen(screen, chosen)
