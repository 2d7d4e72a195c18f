"""What the app does once its first screen is painted: keys typed before, and faults of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser

from reader.app.background import Background
from reader.app.keys import key_for
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.settings import InForce


def begin(app: ReaderApp, background: Background | None, in_force: InForce | None) -> None:
    """Once the first screen is painted."""
    if background is not None and background.typed:
        for message in XTermParser().feed(background.typed):
            app.post_message(message)
    if in_force is not None and in_force.faults:
        app.notify(sanitize(faults_told(in_force)), severity="warning", timeout=15, markup=False)


def faults_told(in_force: InForce) -> str:
    """The faults in one sentence: the first of them, and where the others are."""
    first, *others = in_force.faults
    more = "" if not others else " One more is" if len(others) == 1 else f" {len(others)} more are"
    screen = f"{more or ' All settings are'} on the settings screen ({key_for('app.settings')})"
    told = in_force.sentence(first)
    return f"{told}{'' if told.endswith('?') else '.'}{screen}"
