"""What threads tell the main screen: each a message of its own, posted from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from reader.app.view import View
    from reader.library import Listing
    from reader.library.importing import Progress, Summary


@dataclass
class Listed(Message):
    """The articles of a view, as the clerk's connection reads them."""

    view: View
    listing: Listing


@dataclass
class TitleFound(Message):
    """The answer to a search among titles: the key of an article, None when no title has the words."""

    words: str
    key: int | None


@dataclass
class Filling(Message):
    """How far reading the captures has come."""

    progress: Progress


@dataclass
class Filled(Message):
    """What came of reading the captures."""

    summary: Summary


@dataclass
class Failed(Message):
    """Something that the library or a thread could not do, as a sentence."""

    sentence: str
    filling: bool = False
    """True when it ended the reading of the captures."""
