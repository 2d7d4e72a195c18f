"""Articles on their way out of the library: which ones, in which order, and each with where it came from."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator

from reader.errors import LibraryError
from reader.export.items import ExportItem, Occurrence, make_item
from reader.library.database.errors import GoneError, Interrupted, library_errors
from reader.library.listings.listing import Listing
from reader.library.search.results import Order
from reader.library.store import Library, StoredArticle

_PAGE = 500
"""How many rows or matches are asked for at once."""


@library_errors
def piece_of(library: Library, stored: StoredArticle) -> ExportItem:
    """A kept article, ready to be exported."""
    occurrences = [
        Occurrence(
            version.source, version.url, version.captured, version.truncated, version.key == stored.key
        )
        for version in (library.versions(stored.key) if stored.sightings > 1 else ())
    ]
    return make_item(
        stored.article,
        stored.source,
        stored.url,
        stored.captured,
        partial=stored.partial,
        occurrences=occurrences,
    )


def pieces(library: Library, keys: Iterable[int], trouble: Callable[[str], None]) -> Iterator[ExportItem]:
    """The articles of `keys`, one at a time; what cannot be read is told to `trouble` as a sentence.

    What another program removes meanwhile is left out.
    """
    for key in keys:
        try:
            yield piece_of(library, library.article(key))
        except GoneError:
            continue
        except Interrupted:
            raise
        except LibraryError as error:
            trouble(str(error))


def all_readable(library: Library, keys: Iterable[int]) -> bool:
    """Whether every article of `keys` is as it was written."""
    try:
        for key in keys:
            library.article(key)
    except Interrupted:
        raise
    except LibraryError:
        return False
    return True


@library_errors
def newest_keys(library: Library) -> array[int]:
    """All that is listed, by printed date, the latest first and those without one last; eight bytes each."""
    query = "SELECT key FROM articles WHERE seq IS NOT NULL ORDER BY published DESC, key DESC"
    keys = array("q")
    for rows in library.database.chunks(query, ()):
        keys.extend(key for (key,) in rows)
    return keys


@library_errors
def listed_keys(library: Library, listing: Listing) -> Iterator[int]:
    """What a listing lists, in its order."""
    own = library.bind(listing)
    for start in range(0, len(own), _PAGE):
        # Articles that are gone since have no key.
        yield from (row.key for row in own.rows(start, start + _PAGE) if row.key)


@library_errors
def found_keys(library: Library, query: str, order: Order = Order.NEWEST) -> Iterator[int]:
    """What a query finds; QueryError when it cannot be read."""
    after: int | None = None
    while True:
        results = library.search(query, order=order, limit=_PAGE, after=after)
        yield from (hit.row.key for hit in results.hits)
        after = results.after
        if after is None:
            return
