"""Messages between threads, the main screen and the app; notices and errors shown on every screen.

No message that the first screen loads is a dataclass: each would delay it by 0.2 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from textual.dom import DOMNode
from textual.message import Message

from reader.app.keys import key_for
from reader.errors import LibraryError
from reader.sanitize import sanitize

if TYPE_CHECKING:
    from reader.library import Library

# Posted by threads


class Filling(Message):
    """Another batch of captures has been read."""

    def __init__(self, captures: int) -> None:
        super().__init__()
        self.captures = captures
        """How many have been read so far."""


class Filled(Message):
    """All captures have been read."""


class Failed(Message):
    """The library or a thread has failed; `sentence` explains how."""

    def __init__(self, sentence: str, *, filling: bool = False) -> None:
        super().__init__()
        self.sentence = sentence
        self.filling = filling
        """Did this stop the reading of the captures?"""


# Posted by the main screen; the screen-reader mode announces these


class ArticleShown(Message):
    """The article pane shows another article or none, or the panes are arranged in another way."""


class ListChanged(Message):
    """Filters, order or counts may have changed."""


class CapturesRead(Message):
    """The list is complete: all captures have been read. Comes after the messages of what that changed."""


class FooterChanged(Message):
    """The position in the article, or anything else in the footer, has changed."""


class WelcomeRequested(Message):
    """The screen reader should read the first steps aloud."""


class Resumed(Message):
    """The main screen is on top again."""


class Announced(Message):
    """Words for a screen reader alone: what a prompt asks for, what is selected."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


# Shown on every screen

ERROR_SECONDS: Final = 15
"""How long an error is shown."""


def show_notice(node: DOMNode, sentence: str, *, seconds: float = 3) -> None:
    """Show a sentence for some seconds, on any screen."""
    node.app.notify(sanitize(sentence), timeout=seconds, markup=False)


def no_more(name: str, step: int) -> str:
    """Say that there are no more items with this name below (`step` > 0) or above."""
    return f"No more {name} {'below' if step > 0 else 'above'}"


def show_error(node: DOMNode, sentence: str) -> None:
    """Show an error."""
    node.app.notify(sanitize(sentence), severity="error", timeout=ERROR_SECONDS, markup=False)


def report_error(node: DOMNode, error: LibraryError) -> None:
    """Show an error from another thread."""
    node.app.call_from_thread(show_error, node, str(error))


def toggle(library: Library, key: int, mark: str) -> str:
    """Set the "read" or "star" mark of an article, or take it back, and return a notice of it."""
    row = library.row(key)
    if row is None:
        return "This article is no longer in the library"
    if mark == "read":
        library.state.set_read(key, row.unread)
        return "Marked read" if row.unread else "Marked unread"
    library.state.set_starred(key, not row.starred)
    return "Star removed" if row.starred else "Starred"


_DOING: Final = {
    "changed": "changing", "highlighted": "highlighting", "marked": "marking", "removed": "removing",
    "said": "your correction", "saved": "saving", "split": "splitting", "starred": "starring", "tagged": "tagging",
    "withdrew": "withdrawing", "wrote": "writing",
}  # fmt: skip
"""The first words of the library's log, so that “Undone: starring” does not read as if there were a star now."""


def undo(library: Library) -> str:
    """Undo the last action, and return a notice of it. An action of another window or session is first named."""
    if (words := library.state.warn_of_undo()) is not None:
        return f"{key_for('state.undo')} again undoes what was done in another window or session: {_doing(words)}"
    words = library.state.undo()
    return "Nothing to undo" if words is None else f"Undone: {_doing(words)}"


def redo(library: Library) -> str:
    """Redo the action undone last, and return a notice of it."""
    words = library.state.redo()
    return "Nothing to redo" if words is None else f"Redone: {_doing(words)}"


def _doing(words: str) -> str:
    verb, space, rest = words.partition(" ")
    return _DOING.get(verb, verb) + space + rest


@contextmanager
def errors_shown(node: DOMNode) -> Iterator[None]:
    """Show a LibraryError instead of raising it."""
    try:
        yield
    except LibraryError as error:
        show_error(node, str(error))
