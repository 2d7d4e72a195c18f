"""Signals at any moment of the app's start, and while it is busy: the terminal is left as it was."""

from __future__ import annotations

import signal
import time

import pytest

from tests.pseudo_terminal import Terminal, modes, python

READER = python("-m", "reader", "sample_data")
ON_AND_OFF = {
    "1049": "l",
    "25": "h",
    "2004": "l",
    "2031": "l",
    "1000": "l",
    "1003": "l",
    "1006": "l",
    "1004": "l",
}
"""Modes that the app changes, and what each is again at the end."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
MOMENTS = 8
"""How many moments of the start are tried: each with one of the signals, or with all in a thorough run."""


@pytest.fixture(scope="module")
def start_seconds() -> float:
    """How long the app takes to show its first screen, and a bit of what follows."""
    start = time.perf_counter()
    with Terminal(READER) as terminal:
        terminal.until_shown("j/k move")
    return 1.2 * (time.perf_counter() - start)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_app_starts(number: signal.Signals, start_seconds: float, thorough: bool) -> None:
    for moment in range(MOMENTS) if thorough else range(SIGNALS.index(number), MOMENTS, len(SIGNALS)):
        wait = start_seconds * moment / MOMENTS
        with Terminal(READER) as terminal:
            end = time.monotonic() + wait
            while (left := end - time.monotonic()) > 0:
                terminal.read(left)
            terminal.process.send_signal(number)
            status = terminal.status()
            output = bytes(terminal.output)
            said = f"{wait:.3f} s after the start, status {status}:\n{terminal.text}"
            assert terminal.is_as_before, said
            changed = modes(output)
            assert {
                mode: changed[mode] for mode in ON_AND_OFF if mode in changed
            }.items() <= ON_AND_OFF.items(), said
            # Python itself has not begun to listen, or we have.
            assert status in (-number, 128 + number) or (number == signal.SIGINT and status == 1), said
