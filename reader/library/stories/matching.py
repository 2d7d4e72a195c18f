"""Which versions are the same story, kept in step with what is added, removed, split and put back.

The stories that a library has are a matter of what it holds and of what the reader has split, not of the order
in which it came: whenever more than one story may be concerned, all versions that agree are grouped anew, once for
all that came together. A version that only adds one to a story is compared with a few of its versions alone, so a
front page that was captured for years costs no more with each capture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.stories.additions import Additions
from reader.library.stories.comparing import compare
from reader.library.stories.grouping import group
from reader.library.stories.kept_versions import KeptVersions

SAME_WORDS = "the same words"


class Arrival(NamedTuple):
    """A version that is to be kept."""

    key: int
    identity: bytes
    clues: Sequence[int]
    record: bytes


class Found(NamedTuple):
    """Where an arrival belongs."""

    story: int
    """The key of its story: its own when it is the first of one."""
    why: str | None


class Matching:
    """Finds the stories of versions, within one transaction.

    `find` says of each arrival where it belongs, before its row is written; `write` then brings the rows of
    others up to date. `concerned` are the stories that have other versions than before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = KeptVersions(database)
        self._additions = Additions(self._versions)
        self._moved: dict[int, Found] = {}
        self._clue_rows: list[tuple[int, int]] = []
        self._doubts: dict[int, list[int]] = {}
        """Arrivals that may change more than one story, and versions that they agree with, one of each story."""
        self._unsettled: set[int] = set()
        """The stories of these, which are grouped anew in the end."""
        self._apart: dict[bytes, set[bytes]] = {}
        for one, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(one, set()).add(other)
        self.concerned: set[int] = set()

    def find(self, arrivals: Sequence[Arrival]) -> list[Found]:
        """Where each belongs, in their order."""
        self._versions.records.update((arrival.key, arrival.record) for arrival in arrivals)
        lonely = self._meet(arrivals).issuperset
        for arrival in arrivals:
            if lonely(arrival.clues):
                self._begin(arrival)
            else:
                self._find(arrival)
        self._settle_doubts()
        found = []
        for arrival in arrivals:
            self._moved.pop(arrival.key, None)
            known = self._versions.known[arrival.key]
            found.append(Found(known.story, known.why))
        return found

    def _meet(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Look up the clues of arrivals; those that no other version has, here or in the library."""
        versions = self._versions
        had = Counter(chain.from_iterable([arrival.clues for arrival in arrivals]))
        versions.look_up(had.keys() - versions.keys.keys())
        for clue, count in had.items():
            if count > 1:
                versions.keys.setdefault(clue, [])
        lonely = had.keys() - versions.keys.keys()
        for arrival in arrivals:
            versions.only.update(dict.fromkeys(lonely.intersection(arrival.clues), arrival.key))
        return lonely

    def _begin(self, arrival: Arrival) -> None:
        """A version that has nothing in common with any other."""
        self._clue_rows += [(clue, arrival.key) for clue in arrival.clues]
        self._versions.begin(arrival.key, arrival.identity, 0)

    def write(self) -> None:
        """Write what has changed of rows that are there by now."""
        self._database.run_many(
            "UPDATE articles SET story = ?, why = ? WHERE key = ?",
            [(story, why, key) for key, (story, why) in self._moved.items()],
        )
        self._clue_rows.sort()
        # One that stands in may have its row already: of a clue that many have, not all are looked at.
        self._database.insert("clues", "clue, key", self._clue_rows, unless_there=True)
        self._moved = {}
        self._clue_rows = []

    def linked(self, stories: Iterable[int]) -> set[int]:
        """These stories and all that have versions in agreement with theirs, and so on."""
        versions = self._versions
        linked = set(stories)
        todo = [key for story in linked for key in versions.members_of(story)]
        clues: dict[bytes, Sequence[int]] = {}
        strangers: dict[int, list[int]] = {}
        """By clue, the versions that have it and are not of linked stories; those were looked at once for all."""
        while todo:
            key = todo.pop()
            identity = versions.known[key].identity
            if identity not in clues:
                clues[identity] = versions.clues_of(key)
            for clue in clues[identity]:
                left = strangers[clue] if clue in strangers else versions.telling(clue)
                strangers[clue] = [
                    other
                    for other in left
                    if other in versions.known and versions.known[other].story not in linked
                ]
                for other in strangers[clue]:
                    story = versions.known[other].story
                    if story not in linked and versions.compare(key, other) is not None:
                        linked.add(story)
                        todo += versions.members_of(story)
        return linked

    def regroup(self, keys: Iterable[int], stories: Iterable[int]) -> None:
        """Make stories anew of `keys`, which are all that is left of `stories`."""
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
                self._place(key, Found(first, None if key == first else why))
            self._additions.grouped(first, pieces[joined[0].piece])
            self.concerned.add(first)

    def settle(self, key: int, found: Found) -> None:
        """Have `write` put down where a version belongs whose row is there."""
        self._moved[key] = found

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """The stories of those of `keys` that are kept."""
        keys = set(keys)
        known = self._versions.known
        self._versions.know(keys)
        return {known[key].story for key in keys if key in known}

    def identity_of(self, key: int) -> bytes:
        """The identity of a version that was met here."""
        return self._versions.known[key].identity

    def keys_of(self, stories: Iterable[int]) -> set[int]:
        """The versions of these stories."""
        return {key for story in stories for key in self._versions.members_of(story)}

    # What is taken out

    def twins_of(self, keys: Sequence[int]) -> dict[int, int]:
        """Of those of `keys` that are just like another version of their story: the first such, not of `keys`."""
        versions, going = self._versions, set(keys)
        alike: dict[tuple[int, bytes], list[int]] = {}
        for key in sorted(self.keys_of({versions.known[key].story for key in keys}) - going):
            alike.setdefault((versions.known[key].story, versions.known[key].identity), []).append(key)
        found: dict[int, int] = {}
        for key in keys:
            known = versions.known[key]
            for other in alike.get((known.story, known.identity), ()):
                piece = versions.piece(key)
                if piece is not None and versions.piece(other) == piece:
                    found[key] = other
                    break
        return found

    def forget(self, keys: Iterable[int]) -> None:
        """Leave versions out of all that follows; the stories of those left have the keys of their first ones."""
        known = self._versions.known
        stories = {known[key].story for key in keys}
        self._versions.forget(keys)
        self.concerned |= stories
        self._additions.changed(stories)
        for story in stories:
            left = sorted(self._versions.members_of(story))
            if left and left[0] != story:
                for key in left:
                    self._place(key, Found(left[0], None if key == left[0] else known[key].why))
                self.concerned.add(left[0])

    def clue_rows(self, key: int) -> list[tuple[int, int]]:
        """The rows by which a version is found, or would be."""
        return [(clue, key) for clue in self._versions.clues_of(key)]

    def stand_in(self, keys: Iterable[int]) -> None:
        """Let versions be found from now on whose likes were found until now; one of each kind will do."""
        kinds = {self._versions.piece(key): key for key in sorted(keys, reverse=True)}
        rows = [row for key in kinds.values() for row in self.clue_rows(key)]
        self._clue_rows += [(clue, key) for clue, key in rows if key not in self._versions.keys_of(clue)]

    # What comes

    def _find(self, arrival: Arrival) -> None:
        versions = self._versions
        key, identity = arrival.key, arrival.identity
        candidates = versions.candidates(arrival.clues, key)
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
        self._add_clues(arrival)
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
        # One that is in doubt has a place meanwhile in which it makes no further story of its own.
        self._join(arrival, story, why)

    def _doubt(self, key: int, agreeing: dict[int, tuple[int, str]]) -> None:
        self._doubts[key] = [other for other, _ in agreeing.values()]
        self._unsettled.update(agreeing)

    def _settle_doubts(self) -> None:
        """Group anew what arrivals have put in doubt, each group of stories once."""
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

    def _place(self, key: int, found: Found) -> None:
        if self._versions.move(key, *found):
            self._moved[key] = found

    def _add_clues(self, arrival: Arrival) -> None:
        for clue in arrival.clues:
            self._versions.keys.setdefault(clue, []).append(arrival.key)
            self._clue_rows.append((clue, arrival.key))
