"""The overview, and what it leads to: other choices of articles, and looking for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.screens.following import Following
from reader.app.view import View
from reader.permissions import Permission, permitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.app.app import ReaderApp
    from reader.app.overview_lines import Opens
    from reader.app.recovery import Recovery, RecoveryTold

_NONE = "Nothing is known only by its opening: every article is whole in some capture"


class Recovering(Following):
    """The part of the main screen that looks all of the library over."""

    app: ReaderApp
    recovery: Recovery | None = None
    """The last time that missing stories were looked for."""
    _overview_on: Opens | None = None
    """What the overview's cursor was on when it was left."""

    def action_overview(self) -> None:
        """Show how much there is and of what."""
        from reader.app.screens.overview import OverviewScreen

        screen = OverviewScreen(
            self.library, self._title, self._overview_on, lambda: self._files_read is not None
        )

        async def chosen(opens: Opens | None) -> None:
            self._overview_on = screen.view.opens
            if isinstance(opens, str):
                await self.run_action(opens)
            elif opens is not None:
                self.choose(View(opens, self.view.sort))
                self.turn_to("list")

        self.app.push_screen(screen, chosen)

    # What is missing

    def action_save_openings(self) -> None:
        """Put the list of what is known only by its opening into a file."""
        from reader.app.screens.export import ExportScreen
        from reader.app.takings import all_openings

        if self._totals.truncated:
            self.app.push_screen(ExportScreen(self.library, [all_openings(self._totals.truncated)]))
        else:
            self.say(_NONE)

    def action_fetch_openings(self) -> None:
        """Look for what is known only by its opening in the Wayback Machine, once the reader has agreed."""
        from reader.app.screens.fetching import FetchScreen, words_for

        if not permitted(Permission.FETCH):
            self.say(Permission.FETCH.value)
        elif not self.library.kept:
            self.say("Only for a library that is kept: “protocol-reader add PATH…” makes one")
        elif not self._totals.truncated and self.recovery is None:
            self.say(_NONE)
        else:
            words = words_for(str(self.library.path), self.app.settings.wayback)
            screen = FetchScreen(self._totals.truncated, words, self.recovery, self._start_recovery)
            self.app.push_screen(screen)

    def _start_recovery(self, words: Sequence[str]) -> Recovery:
        from reader.app.recovery import Recovery, RecoveryTold

        self.recovery = Recovery([*words, "--progress"], lambda: self.post_message(RecoveryTold()))
        self.recovery.start()
        return self.recovery

    def on_recovery_told(self, _: RecoveryTold) -> None:
        """Show it where it is watched; else say only what came of it."""
        from reader.app.screens.fetching import FetchScreen

        if isinstance(self.app.screen, FetchScreen):
            self.app.screen.tell()
        elif self.recovery is not None and not self.recovery.running and (said := self.recovery.said()):
            self.app.notify(said[-1], title="Wayback Machine", timeout=15, markup=False)

    def on_unmount(self) -> None:
        """Nothing is asked of an archive unseen."""
        if self.recovery is not None:
            self.recovery.stop()
