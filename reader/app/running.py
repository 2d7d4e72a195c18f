"""Runs the app on a library, on a terminal or in a browser."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reader.app.app import ReaderApp
from reader.library import Library
from reader.sanitize import sanitize
from reader.settings import InForce

if TYPE_CHECKING:
    from reader.app.terminal import BackgroundQuery, Watchdog
    from reader.settings.session_store import SessionStore

FINISH_SECONDS = 6.0
"""How long the program waits at its end for pending writes: a little longer than a write waits for a lock."""
SWITCH_SECONDS = 0.0001
"""How long a thread runs while another one waits: less than it takes to parse a page.

With Python's 5 ms, the thread that writes to the terminal would send the first screen late, and a key would wait
several turns while captures are read.
"""
IN_PART = 1
"""The exit status when reading the captures stopped early, or marks were lost."""


def run(
    library: Library,
    *,
    paths: Sequence[str] | None = None,
    title: str,
    in_force: InForce,
    background_query: BackgroundQuery | None = None,
    session_store: SessionStore | None = None,
    watchdog: Watchdog | None,
) -> int:
    """Run the app on `library` until the reader leaves; return its exit status.

    `paths` are captures to read into the library meanwhile. `title` names what is open, and `session_store` has what
    was open last. `background_query` has asked for the terminal's background, if the theme depends on it. `watchdog`
    restores the terminal; without one the app is served to a browser. The caller has checked that there is a
    terminal (`reader.app.terminal`), and closes the library.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    driver = None
    if watchdog is None:
        from reader.app.web_driver import BrowserDriver  # Only for a browser.

        driver = BrowserDriver
    settings = in_force.settings
    library.stems = settings.stems
    app_class = ReaderApp
    if settings.screen_reader:
        from reader.app.spoken import SpokenApp  # Only for a screen reader.

        app_class = SpokenApp
    app = app_class(
        library,
        paths=paths,
        title=title,
        in_force=in_force,
        background=None if background_query is None else background_query.answer(),
        session_store=session_store,
        driver=driver,
        on_terminal=watchdog is not None,
    )
    if watchdog is None:
        # There is no terminal to restore, and the driver ends the app.
        app.run()
        code = app.return_code or 0
    else:
        code = watchdog.run(app)
    for sentence in app.finish(FINISH_SECONDS):
        print(f"protocol-reader: {sanitize(sentence)}", file=sys.stderr)
        code = code or IN_PART
    return code
