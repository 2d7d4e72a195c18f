"""What a transaction did to the stories of a library, for the index and the reader's marks to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reader.model import Article


class Changes(NamedTuple):
    """Keys of versions, each at most once in each of the three."""

    listed: Sequence[int] = ()
    """They were no faces of stories and are now."""
    unlisted: Sequence[int] = ()
    """They were faces and are no more; their rows may be gone."""
    touched: Sequence[int] = ()
    """They are faces as before, and their story has other versions than before, or another group."""
    articles: Mapping[int, Article] = {}
    """Some of these articles, at hand since they were just written (each is decoded when it is asked for);
    the others are in `records`."""
    texts: Mapping[int, tuple[str, ...]] = {}
    """What `search.indexing.texts` made of the articles that were just written, away from the database."""
    completed: Sequence[int] = ()
    """Those of the faces whose story was not completed before and is now: whole, and cut off elsewhere."""
