"""Notices and errors on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from textual.dom import DOMNode

from reader.errors import LibraryError
from reader.sanitize import sanitize

ERROR_SECONDS: Final = 15
"""How long an error is shown."""


def show_notice(node: DOMNode, sentence: str, *, seconds: float = 3) -> None:
    """Show a sentence for some seconds, on any screen."""
    node.app.notify(sanitize(sentence), timeout=seconds, markup=False)


def no_more(things: str, step: int) -> str:
    """Say that there are no more of these things below (`step` > 0) or above."""
    return f"No more {things} {'below' if step > 0 else 'above'}"


def show_error(node: DOMNode, sentence: str) -> None:
    """Show an error."""
    node.app.notify(sanitize(sentence), severity="error", timeout=ERROR_SECONDS, markup=False)


def report_error(node: DOMNode, error: LibraryError) -> None:
    """Show an error from another thread."""
    node.app.call_from_thread(show_error, node, str(error))


@contextmanager
def errors_shown(node: DOMNode) -> Iterator[None]:
    """Show a LibraryError instead of raising it."""
    try:
        yield
    except LibraryError as error:
        show_error(node, str(error))
