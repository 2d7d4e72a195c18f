"""The listing as it is shown: with the article that is being read, though a filter would hide it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple

from reader.library import ArticleRow, Group, Library, Listing, Sort, fold, folded_words

NEAR = 24
"""How many neighbours on either side are tried to find an article's place in another listing."""


class Reading(NamedTuple):
    """The article being read and who stood around it, nearest first."""

    row: ArticleRow
    before: tuple[int, ...] = ()
    """Keys of the rows of its group above it."""
    after: tuple[int, ...] = ()
    """Keys of the rows of its group below it."""


class Shown:
    """A listing and perhaps one article more. Indexes count with it."""

    def __init__(self, listing: Listing, pinned: ArticleRow | None = None, at: int = 0) -> None:
        """`pinned` is not in `listing`; it gets index `at`, and a group of its own at the top if its group has none."""
        self.listing = listing
        self.pinned = pinned
        self._at = at
        self.groups: tuple[Group, ...] = (
            listing.groups if pinned is None else _with_pinned(listing.groups, pinned, at)
        )

    def __len__(self) -> int:
        return len(self.listing) + (self.pinned is not None)

    def rows(self, start: int, stop: int) -> list[ArticleRow]:
        """The rows from index `start` up to `stop`, as far as there are."""
        if self.pinned is None or stop <= self._at:
            return self.listing.rows(start, stop)
        if start > self._at:
            return self.listing.rows(start - 1, stop - 1)
        return [*self.listing.rows(start, self._at), self.pinned, *self.listing.rows(self._at, stop - 1)]

    def index_of(self, key: int) -> int | None:
        """Where an article stands; None when it is not shown."""
        if self.pinned is not None and key == self.pinned.key:
            return self._at
        return self._shown(self.listing.index_of(key))

    def find(self, start: int, step: int, words: str) -> int | None:
        """The nearest index from `start` itself on, down or up, whose title has all the words."""
        found = self._shown(self.listing.find(self._listed(start, step), step, words))
        pinned = self.pinned
        if pinned is not None and (self._at - start) * step >= 0:
            title, wanted = fold(pinned.title), folded_words(words)
            nearer = found is None or (found - self._at) * step > 0
            if nearer and wanted and all(word in title for word in wanted):
                return self._at
        return found

    def seek_whole(self, start: int, step: int) -> int | None:
        """The nearest index from `start` itself on, down or up, of an article neither truncated nor sponsored."""
        found = self._shown(self.listing.seek_whole(self._listed(start, step), step))
        pinned = self.pinned
        if pinned is None or pinned.truncated or pinned.sponsored or (self._at - start) * step < 0:
            return found
        return self._at if found is None or (found - self._at) * step > 0 else found

    def seek_unread(
        self, start: int, step: int, within: int | None = None, but: Collection[int] = ()
    ) -> int | None:
        """The nearest unread index from `start` itself on, down or up, at most `within` rows away.

        `but` are keys of articles that count as read whatever the library holds.
        """
        while True:
            index = self._shown(self.listing.seek_unread(self._listed(start, step), step, within))
            pinned = self.pinned
            if pinned is not None and pinned.unread and (self._at - start) * step >= 0:
                index = self._at if index is None or (index - self._at) * step > 0 else index
            if index is None or not but or self.rows(index, index + 1)[0].key not in but:
                return index
            start = index + step

    def through(self, library: Library) -> Shown:
        """The same, read through another connection."""
        return Shown(library.bind(self.listing), self.pinned, self._at)

    def reading(self, index: int) -> Reading:
        """The article at `index` with its neighbours."""
        start = max(0, index - NEAR)
        rows = self.rows(start, index + NEAR + 1)
        row = rows[index - start]
        above = [other.key for other in rows[: index - start] if other.group == row.group]
        below = [other.key for other in rows[index - start + 1 :] if other.group == row.group]
        return Reading(row, tuple(reversed(above)), tuple(below))

    def _shown(self, index: int | None) -> int | None:
        return index + 1 if index is not None and self.pinned is not None and index >= self._at else index

    def _listed(self, index: int, step: int) -> int:
        """The index in the listing to look from; the pinned's own gives the next one in the direction."""
        if self.pinned is None or index < self._at:
            return index
        return index if index == self._at and step > 0 else index - 1


def place(listing: Listing, reading: Reading | None) -> Shown:
    """`listing` with the article being read in it: as it is when listed, else where it stood among its neighbours."""
    if reading is None or listing.index_of(reading.row.key) is not None:
        return Shown(listing)
    group = next((group for group in listing.groups if group.name == reading.row.group), None)
    if group is None:
        return Shown(listing, reading.row, 0)
    if listing.sort is Sort.KEPT:
        span = range(group.first, group.first + group.count)
        within = bisect_left(span, reading.row.key, key=lambda index: listing.rows(index, index + 1)[0].key)
        return Shown(listing, reading.row, group.first + within)
    return Shown(listing, reading.row, _beside(listing, reading, group.first))


def _beside(listing: Listing, reading: Reading, otherwise: int) -> int:
    """The index next to the nearest neighbour that is listed."""
    for distance in range(NEAR):
        for keys, offset in ((reading.before, 1), (reading.after, 0)):
            index = listing.index_of(keys[distance]) if distance < len(keys) else None
            if index is not None:
                return index + offset
    return otherwise


def _with_pinned(groups: Sequence[Group], pinned: ArticleRow, at: int) -> tuple[Group, ...]:
    if all(group.name != pinned.group for group in groups):
        return (Group(pinned.group, 1, 0), *(group._replace(first=group.first + 1) for group in groups))
    return tuple(
        group._replace(count=group.count + 1)
        if group.name == pinned.group
        else group._replace(first=group.first + (group.first >= at))
        for group in groups
    )
