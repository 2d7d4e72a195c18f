"""Finds which versions are the same story, when versions are added, removed, split and put back.

The stories of a library depend on what it holds and on what the reader has split, not on the order of arrival:
whenever a version may concern several stories, all versions that match are regrouped, once for each batch. A version
that only adds to one story is compared with a few of its versions alone, so a front page that was captured for years
costs no more with each capture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.stories.comparing import compare
from reader.library.stories.grouping import group
from reader.library.stories.kept_versions import Additions, KeptVersions

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
    """The key of its story: its own when it is the first of one."""
    why: str | None


class Matching:
    """Finds the stories of versions, within one transaction.

    `find` returns where each arrival belongs, before its row is written; `write` then updates the rows of others.
    `concerned` are the stories whose versions changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = KeptVersions(database)
        self._additions = Additions(self._versions)
        self._moved: dict[int, Joining] = {}
        self._fingerprint_rows: list[tuple[int, int]] = []
        self._doubts: dict[int, list[int]] = {}
        """Arrivals that may change several stories, with a version that they match of each."""
        self._unsettled: set[int] = set()
        """The stories of these, which are regrouped at the end."""
        self._apart: dict[bytes, set[bytes]] = {}
        for one, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(one, set()).add(other)
        self.concerned: set[int] = set()

    def find(self, arrivals: Sequence[Arrival]) -> list[Joining]:
        """Where each arrival belongs, in their order."""
        self._versions.records.update((arrival.key, arrival.record) for arrival in arrivals)
        lonely = self._look_up(arrivals).issuperset
        for arrival in arrivals:
            if lonely(arrival.fingerprints):
                self._begin(arrival)
            else:
                self._find(arrival)
        self._settle_doubts()
        joinings = []
        for arrival in arrivals:
            self._moved.pop(arrival.key, None)
            known = self._versions.known[arrival.key]
            joinings.append(Joining(known.story, known.why))
        return joinings

    def _look_up(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Look up the fingerprints of arrivals; return those that only one version has, here and in the library."""
        versions = self._versions
        had = Counter(chain.from_iterable([arrival.fingerprints for arrival in arrivals]))
        versions.look_up(had.keys() - versions.keys.keys())
        for fingerprint, count in had.items():
            if count > 1:
                versions.keys.setdefault(fingerprint, [])
        lonely = had.keys() - versions.keys.keys()
        for arrival in arrivals:
            versions.only.update(dict.fromkeys(lonely.intersection(arrival.fingerprints), arrival.key))
        return lonely

    def _begin(self, arrival: Arrival) -> None:
        """Make an arrival that shares no fingerprint the first version of a story."""
        self._fingerprint_rows += [(fingerprint, arrival.key) for fingerprint in arrival.fingerprints]
        self._versions.begin(arrival.key, arrival.identity, 0)

    def write(self) -> None:
        """Update the rows of versions that moved, and insert new fingerprints."""
        self._database.run_many(
            "UPDATE articles SET story = ?, why = ? WHERE key = ?",
            [(story, why, key) for key, (story, why) in self._moved.items()],
        )
        self._fingerprint_rows.sort()
        # A version that stands in for a removed one may have its row already: not all versions are looked up.
        self._database.insert("clues", "clue, key", self._fingerprint_rows, unless_there=True)
        self._moved = {}
        self._fingerprint_rows = []

    def linked(self, stories: Iterable[int]) -> set[int]:
        """These stories, all that have versions that match theirs, and so on."""
        versions = self._versions
        linked = set(stories)
        todo = [key for story in linked for key in versions.members_of(story)]
        fingerprints: dict[bytes, Sequence[int]] = {}
        strangers: dict[int, list[int]] = {}
        """By fingerprint, the versions that have it and are not of linked stories."""
        while todo:
            key = todo.pop()
            identity = versions.known[key].identity
            if identity not in fingerprints:
                fingerprints[identity] = versions.fingerprints_of(key)
            for fingerprint in fingerprints[identity]:
                left = strangers[fingerprint] if fingerprint in strangers else versions.telling(fingerprint)
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
        """Group `keys`, which are all that is left of `stories`, into stories again."""
        keys, stories = list(keys), set(stories)
        by_identity: dict[bytes, list[int]] = {}
        for key in keys:
            by_identity.setdefault(self._versions.known[key].identity, []).append(key)
        pieces = self._versions.pieces(keys)
        self.concerned |= stories
        self._additions.changed(stories)
        for joined in group(pieces, compare, self._apart):
            whys = {key: why or SAME_WORDS for piece, why in joined for key in by_identity[piece.identity]}
            first = min(whys)
            for key, why in whys.items():
                self._move(key, Joining(first, None if key == first else why))
            self._additions.grouped(first, pieces[joined[0].piece])
            self.concerned.add(first)

    def move(self, key: int, joining: Joining) -> None:
        """Have `write` move a version whose row exists."""
        self._moved[key] = joining

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """The stories of those of `keys` that are kept."""
        keys = set(keys)
        known = self._versions.known
        self._versions.know(keys)
        return {known[key].story for key in keys if key in known}

    def identity_of(self, key: int) -> bytes:
        """The identity of a version that was looked up here."""
        return self._versions.known[key].identity

    def keys_of(self, stories: Iterable[int]) -> set[int]:
        """The versions of these stories."""
        return {key for story in stories for key in self._versions.members_of(story)}

    # Removing

    def twins_of(self, keys: Sequence[int]) -> dict[int, int]:
        """By key, the first other version of the story that is exactly like it and not one of `keys`."""
        versions, going = self._versions, set(keys)
        by_identity: dict[tuple[int, bytes], list[int]] = {}
        for key in sorted(self.keys_of({versions.known[key].story for key in keys}) - going):
            by_identity.setdefault((versions.known[key].story, versions.known[key].identity), []).append(key)
        twins: dict[int, int] = {}
        for key in keys:
            known = versions.known[key]
            for other in by_identity.get((known.story, known.identity), ()):
                piece = versions.piece(key)
                if piece is not None and versions.piece(other) == piece:
                    twins[key] = other
                    break
        return twins

    def forget(self, keys: Iterable[int]) -> None:
        """Drop versions; what is remaining of their stories is named by its first version."""
        known = self._versions.known
        stories = {known[key].story for key in keys}
        self._versions.forget(keys)
        self.concerned |= stories
        self._additions.changed(stories)
        for story in stories:
            remaining = sorted(self._versions.members_of(story))
            if remaining and remaining[0] != story:
                for key in remaining:
                    self._move(key, Joining(remaining[0], None if key == remaining[0] else known[key].why))
                self.concerned.add(remaining[0])

    def fingerprint_rows(self, key: int) -> list[tuple[int, int]]:
        """The rows of `clues` for a version."""
        return [(fingerprint, key) for fingerprint in self._versions.fingerprints_of(key)]

    def stand_in(self, keys: Iterable[int]) -> None:
        """Give fingerprints to versions in place of the equal ones that are removed; to one of each kind."""
        kinds = {self._versions.piece(key): key for key in sorted(keys, reverse=True)}
        rows = [row for key in kinds.values() for row in self.fingerprint_rows(key)]
        self._fingerprint_rows += [
            (fingerprint, key) for fingerprint, key in rows if key not in self._versions.keys_of(fingerprint)
        ]

    # Adding

    def _find(self, arrival: Arrival) -> None:
        versions = self._versions
        key, identity = arrival.key, arrival.identity
        candidates = versions.candidates(arrival.fingerprints, key)
        for story, others in candidates.items():
            for other in others:
                if versions.known[other].identity == identity and versions.piece(other) == versions.piece(
                    key
                ):
                    self._join(arrival, story, SAME_WORDS)
                    return
        agreeing: dict[int, tuple[int, str]] = {}
        for story, others in candidates.items():
            others.sort(key=lambda other: (-versions.known[other].words, other))
            for other in others:
                why = versions.compare(key, other)
                if why is not None:
                    agreeing[story] = other, why
                    break
        self._add_fingerprints(arrival)
        if not agreeing:
            versions.begin(key, identity, versions.words_met(key))
            return
        story, (partner, why) = next(iter(agreeing.items()))
        if len(agreeing) > 1 or identity in self._apart:
            self._doubt(key, agreeing)
        elif story not in self._unsettled and versions.rank(partner) <= versions.rank(key):
            added = self._additions.why(key, story, candidates[story])
            if added is None:
                self._doubt(key, agreeing)
            why = added or why
        # An unsettled version joins this story for now, so that it does not begin one of its own.
        self._join(arrival, story, why)

    def _doubt(self, key: int, agreeing: dict[int, tuple[int, str]]) -> None:
        self._doubts[key] = [other for other, _ in agreeing.values()]
        self._unsettled.update(agreeing)

    def _settle_doubts(self) -> None:
        """Regroup what arrivals have put in doubt, each group of linked stories once."""
        settled: set[int] = set()
        for key, partners in self._doubts.items():
            if key not in settled:
                stories = self.linked({self._versions.known[one].story for one in (key, *partners)})
                keys = self.keys_of(stories)
                self.regroup(keys, stories)
                settled |= keys
        self._doubts.clear()
        self._unsettled.clear()

    def _join(self, arrival: Arrival, story: int, why: str) -> None:
        self.concerned.add(story)
        words = self._versions.words_met(arrival.key)
        self._versions.join(arrival.key, story, arrival.identity, words, why)

    def _move(self, key: int, joining: Joining) -> None:
        if self._versions.move(key, *joining):
            self._moved[key] = joining

    def _add_fingerprints(self, arrival: Arrival) -> None:
        for fingerprint in arrival.fingerprints:
            self._versions.keys.setdefault(fingerprint, []).append(arrival.key)
            self._fingerprint_rows.append((fingerprint, arrival.key))
