"""What threads report to the main screen, and what the main screen reports to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.app.view import View
    from reader.library import Listing, StoredPosition
    from reader.library.ingest.engine import Progress, Summary


# Posted by threads


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


# Posted by the main screen; the screen-reader mode announces these


class ArticleOpened(Message):
    """Another article is being read, or none."""


class PanesArranged(Message):
    """Another pane has the keys, or the panes are arranged in another way."""


class ListChanged(Message):
    """Filters, order or counts may have changed."""


class CapturesRead(Message):
    """All captures have been read."""


class MatchFound(Message):
    """A search in the article has come further, or to another match."""


class FooterChanged(Message):
    """The reader is elsewhere in the article, or the footer shows something else."""


class Greeted(Message):
    """The reader is to be shown the first steps."""


class Resumed(Message):
    """The screen is on top again."""


class PromptOpened(Message):
    """The prompt has opened."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label
        """What the typed text is for."""


class Marked(Message):
    """The article was marked."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
