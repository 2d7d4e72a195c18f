"""What happens around the first screen where settings ask for it: faults told, the terminal's colours followed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reader.app.background import Background
from reader.app.keys import key_for
from reader.app.replies import FOLLOW, LEAVE, Replies
from reader.safe_text import clean

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.settings import InForce


@contextmanager
def following() -> Iterator[None]:
    """Take the terminal's reports of light and dark out of what it sends, and end them afterwards."""
    from textual.drivers import linux_driver

    usual, linux_driver.XTermParser = linux_driver.XTermParser, Replies  # type: ignore[attr-defined]
    try:
        yield
    finally:
        linux_driver.XTermParser = usual  # type: ignore[attr-defined]
        if sys.__stderr__ is not None:
            sys.__stderr__.write(LEAVE)
            sys.__stderr__.flush()


def begin(app: ReaderApp, background: Background | None, in_force: InForce | None) -> None:
    """Once the first screen is painted."""
    if background is not None and app._driver is not None and not app.is_headless:
        _tell_terminal(app, FOLLOW)
        app.app_suspend_signal.subscribe(app, lambda _: _tell_terminal(app, LEAVE))
        app.app_resume_signal.subscribe(app, lambda _: _tell_terminal(app, FOLLOW))
    for message in Replies().feed(background.typed) if background is not None and background.typed else ():
        app.post_message(message)
    if in_force is not None and in_force.faults:
        app.notify(clean(faults_told(in_force)), severity="warning", timeout=15, markup=False)


def faults_told(in_force: InForce) -> str:
    """The faults in one sentence: the first of them, and where the others are."""
    first, *others = in_force.faults
    more = "" if not others else " One more is" if len(others) == 1 else f" {len(others)} more are"
    screen = f"{more or ' All settings are'} on the settings screen ({key_for('app.settings')})"
    told = in_force.told(first)
    return f"{told}{'' if told.endswith('?') else '.'}{screen}"


def _tell_terminal(app: ReaderApp, sequence: str) -> None:
    if app._driver is not None:
        app._driver.write(sequence)
        app._driver.flush()
