"""Finds which versions are the same story, when versions are added, removed, split and put back.

The stories of a library depend only on its versions and on the reader's splits, not on the order of arrival. A version
that is shorter than another of the only story that it matches joins that story. Any other may move versions from story
to story: then all versions that match are regrouped, once for each batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.stories.comparing import compare
from reader.library.stories.grouping import group
from reader.library.stories.kept_versions import KeptVersions

SAME_WORDS = "the same words"


class Arrival(NamedTuple):
    """A new version, before its row is written."""

    key: int
    identity: bytes
    fingerprints: Sequence[int]
    record: bytes


class Joining(NamedTuple):
    """The story that a version belongs to, and why."""

    story: int
    """The key of its story's first version, which may be its own."""
    why: str | None


class Matcher:
    """Assigns versions to stories, within one transaction.

    `find` returns the story of each arrival before its row is written; `write` then updates the rows of the others.
    `changed_stories` collects the stories whose versions changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = KeptVersions(database)
        self._moved: dict[int, Joining] = {}
        self._fingerprint_rows: list[tuple[int, int]] = []
        self._doubtful_arrivals: dict[int, list[int]] = {}
        """Arrivals that may change several stories, with one matching version of each."""
        self._apart: dict[bytes, set[bytes]] = {}
        for identity, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(identity, set()).add(other)
        self.changed_stories: set[int] = set()

    def find(self, arrivals: Sequence[Arrival]) -> list[Joining]:
        """Return the story of each arrival, in their order."""
        self._versions.records.update((arrival.key, arrival.record) for arrival in arrivals)
        self._versions.look_up(set(chain.from_iterable(arrival.fingerprints for arrival in arrivals)))
        for arrival in arrivals:
            self._match(arrival)
        self._regroup_doubtful()
        joinings = []
        for arrival in arrivals:
            self._moved.pop(arrival.key, None)
            known = self._versions.known[arrival.key]
            joinings.append(Joining(known.story, known.why))
        return joinings

    def write(self) -> None:
        """Update the rows of versions that moved, and insert new fingerprints."""
        self._database.run_many(
            "UPDATE articles SET story = ?, why = ? WHERE key = ?",
            [(story, why, key) for key, (story, why) in self._moved.items()],
        )
        self._fingerprint_rows.sort()
        # A version that replaces a removed one may have its row already: not all versions are looked up.
        self._database.insert("clues", "clue, key", self._fingerprint_rows, ignore_existing=True)
        self._moved = {}
        self._fingerprint_rows = []

    def linked(self, stories: Iterable[int]) -> set[int]:
        """Return these stories and all that matching versions connect with them, directly or through others."""
        versions = self._versions
        linked = set(stories)
        todo = [key for story in linked for key in versions.members_of(story)]
        fingerprints: dict[bytes, Sequence[int]] = {}
        strangers: dict[int, list[int]] = {}
        """Versions outside the linked stories, by fingerprint."""
        while todo:
            key = todo.pop()
            identity = versions.known[key].identity
            if identity not in fingerprints:
                fingerprints[identity] = versions.fingerprints_of(key)
            for fingerprint in fingerprints[identity]:
                left = (
                    strangers[fingerprint]
                    if fingerprint in strangers
                    else versions.distinctive_keys(fingerprint)
                )
                strangers[fingerprint] = [
                    other
                    for other in left
                    if other in versions.known and versions.known[other].story not in linked
                ]
                for other in strangers[fingerprint]:
                    story = versions.known[other].story
                    if story not in linked and versions.compare(key, other) is not None:
                        linked.add(story)
                        todo += versions.members_of(story)
        return linked

    def regroup(self, keys: Iterable[int], stories: Iterable[int]) -> None:
        """Group `keys`, all the remaining versions of `stories`, into stories again.

        Those that stay in their story keep their reason.
        """
        keys, stories = list(keys), set(stories)
        by_identity: dict[bytes, list[int]] = {}
        for key in keys:
            by_identity.setdefault(self._versions.known[key].identity, []).append(key)
        texts = self._versions.distinct_texts(keys)
        self.changed_stories |= stories
        for joined in group(texts, compare, self._apart):
            whys = {key: why or SAME_WORDS for text, why in joined for key in by_identity[text.identity]}
            first = min(whys)
            for key, why in whys.items():
                known = self._versions.known[key]
                if known.story == first:
                    why = known.why or why
                self._move(key, Joining(first, None if key == first else why))
            self.changed_stories.add(first)

    def move(self, key: int, joining: Joining) -> None:
        """Have `write` move a version whose row exists."""
        self._moved[key] = joining

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """Return the stories of these versions. Unknown keys are ignored."""
        keys = set(keys)
        known = self._versions.known
        self._versions.load(keys)
        return {known[key].story for key in keys if key in known}

    def identity_of(self, key: int) -> bytes:
        """Return the identity of a version that was looked up before."""
        return self._versions.known[key].identity

    def keys_of(self, stories: Iterable[int]) -> set[int]:
        """Return the versions of these stories."""
        return {key for story in stories for key in self._versions.members_of(story)}

    # Removing

    def forget(self, keys: Iterable[int]) -> None:
        """Drop versions, before the others of their stories are regrouped."""
        self._versions.forget(keys)

    def fingerprint_rows(self, key: int) -> list[tuple[int, int]]:
        """Return the rows of `clues` for a version."""
        return [(fingerprint, key) for fingerprint in self._versions.fingerprints_of(key)]

    def add_fingerprints(self, keys: Iterable[int]) -> None:
        """Insert the fingerprints of versions whose identical twins may be gone, once for each distinct text."""
        for key in self._versions.distinct_texts(keys).values():
            self._fingerprint_rows += self.fingerprint_rows(key)

    # Adding

    def _match(self, arrival: Arrival) -> None:
        versions = self._versions
        key, identity = arrival.key, arrival.identity
        candidates = versions.candidates(arrival.fingerprints, key)
        for story, others in candidates.items():
            for other in others:
                if versions.known[other].identity == identity and versions.text(other) == versions.text(key):
                    self._join(arrival, story, SAME_WORDS)
                    return
        agreeing: dict[int, tuple[int, str]] = {}
        for story, others in candidates.items():
            for other in sorted(others, key=lambda other: versions.text(other).rank, reverse=True):
                why = versions.compare(key, other)
                if why is not None:
                    agreeing[story] = other, why
                    break
        self._add_fingerprints(arrival)
        if not agreeing:
            versions.begin(key, identity)
            return
        story, (partner, why) = next(iter(agreeing.items()))
        is_longest = versions.text(partner).rank <= versions.text(key).rank
        if len(agreeing) > 1 or is_longest or identity in self._apart:
            self._doubtful_arrivals[key] = [other for other, _ in agreeing.values()]
        # A doubtful version joins this story for now, so that it does not start one of its own.
        self._join(arrival, story, why)

    def _regroup_doubtful(self) -> None:
        """Regroup the stories that arrivals may change, each set of linked stories once."""
        regrouped: set[int] = set()
        for key, partners in self._doubtful_arrivals.items():
            if key not in regrouped:
                stories = self.linked({self._versions.known[version].story for version in (key, *partners)})
                keys = self.keys_of(stories)
                self.regroup(keys, stories)
                regrouped |= keys
        self._doubtful_arrivals.clear()

    def _join(self, arrival: Arrival, story: int, why: str) -> None:
        self.changed_stories.add(story)
        self._versions.join(arrival.key, story, arrival.identity, why)

    def _move(self, key: int, joining: Joining) -> None:
        if self._versions.move(key, *joining):
            self._moved[key] = joining

    def _add_fingerprints(self, arrival: Arrival) -> None:
        for fingerprint in arrival.fingerprints:
            self._versions.keys.setdefault(fingerprint, []).append(arrival.key)
            self._fingerprint_rows.append((fingerprint, arrival.key))
