"""What threads tell the main screen: each a message of its own, posted from any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.app.view import View
    from reader.library import Listing, StoredPosition
    from reader.library.ingest.engine import Progress, Summary


class Listed(Message):
    """The articles of a view, as the query worker's connection reads them."""

    def __init__(self, view: View, listing: Listing) -> None:
        super().__init__()
        self.view = view
        self.listing = listing


class TitleFound(Message):
    """The answer to a search among titles: the key of an article, None when no title has the words."""

    def __init__(self, words: str, key: int | None) -> None:
        super().__init__()
        self.words = words
        self.key = key


class UnreadFound(Message):
    """The answer to a search for an unread article: its key, None when there is none in that direction."""

    def __init__(self, key: int | None, step: int) -> None:
        super().__init__()
        self.key = key
        self.step = step


class PlacesFound(Message):
    """Where articles were left in earlier sessions, the newest first."""

    def __init__(self, places: Sequence[StoredPosition]) -> None:
        super().__init__()
        self.places = places


class Filling(Message):
    """How far reading the captures has come."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress


class Filled(Message):
    """What came of reading the captures."""

    def __init__(self, summary: Summary) -> None:
        super().__init__()
        self.summary = summary


class Failed(Message):
    """Something that the library or a thread could not do, as a sentence."""

    def __init__(self, sentence: str, *, filling: bool = False) -> None:
        super().__init__()
        self.sentence = sentence
        self.filling = filling
        """True when it ended the reading of the captures."""
