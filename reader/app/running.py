"""Opens the app on a library, on a terminal or in a browser, until the reader leaves."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reader.app.app import ReaderApp
from reader.library import Library
from reader.sanitize import sanitize
from reader.settings import InForce, Settings

if TYPE_CHECKING:
    from reader.app.terminal import BackgroundQuestion
    from reader.app.watchdog import Watchdog
    from reader.settings.session_store import SessionStore

FINISH_SECONDS = 6.0
"""How long the end of the program waits for what the reader marked: a little longer than a write waits for a lock."""
IN_PART = 1
"""The exit status after reading the captures broke off."""


def run(
    library: Library,
    *,
    paths: Sequence[str] | None = None,
    title: str,
    settings: Settings | None = None,
    in_force: InForce | None = None,
    asked: BackgroundQuestion | None = None,
    session_store: SessionStore | None = None,
    watchdog: Watchdog | None,
) -> int:
    """Open the app on `library` until the reader leaves; return its exit status.

    `paths` are captures to read into the library meanwhile; `title` says what is open, `session_store` what was open
    last; `asked` is the question for the terminal's background, where the theme depends on it. The caller has made
    sure that there is a terminal (`reader.app.terminal`), which `watchdog` puts back, and closes the library. Without a
    watchdog the app is served to a browser.
    """
    # Nothing made before the first screen is garbage, so collecting would only delay it.
    gc.disable()
    driver = None
    if watchdog is None:
        from reader.app.web_driver import PageDriver  # Only for a browser.

        driver = PageDriver
    settings = in_force.settings if in_force else settings or Settings()
    app = _app_class(settings)(
        library,
        paths=paths,
        title=title,
        settings=settings,
        in_force=in_force,
        background=None if asked is None else asked.answer(),
        session_store=session_store,
        driver=driver,
        on_terminal=watchdog is not None,
    )
    try:
        if watchdog is None:
            # There is no terminal to put back: the driver sees to it that the app ends.
            app.run()
            code = app.return_code or 0
        else:
            code = watchdog.run(app)
        failure = app.loading_failure
        if failure is not None:
            print(f"protocol-reader: {sanitize(f'{failure.source}: {failure.reason}')}", file=sys.stderr)
            code = code or IN_PART
        if (error := app.finish(FINISH_SECONDS)) is not None:
            print(
                f"protocol-reader: what was marked last is not kept: {sanitize(str(error))}", file=sys.stderr
            )
        return code
    finally:
        gc.enable()
        gc.unfreeze()


def _app_class(settings: Settings) -> type[ReaderApp]:
    """The app for a screen reader, if the settings ask for it."""
    if not settings.screen_reader:
        return ReaderApp
    from reader.app.spoken.app import SpokenApp  # Only for a screen reader.

    return SpokenApp
