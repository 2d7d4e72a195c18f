"""Which versions are the same story, kept in step with what is added, removed, split and put back.

The stories that a library has are a matter of what it holds and of what the reader has split, not of the order
in which it came: whenever more than one story may be concerned, all versions that agree are grouped anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from reader.library.clues import clues_of
from reader.library.comparing import Piece, compare, nothing_of, piece_of
from reader.library.database import Database
from reader.library.grouping import group
from reader.library.records import decode_article
from reader.model import Article

_MOST_STORIES = 32
"""A clue that more stories share ("Good morning, and welcome") tells nothing."""
_MOST_VERSIONS = 65
"""Of so many versions with a clue the later ones are not looked at."""
_HELD = 2_000
"""How many pieces are held before they are let go."""
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


class _Known(NamedTuple):
    identity: bytes
    story: int
    words: int


class Matching:
    """Finds the stories of versions, within one transaction.

    `find` says of each arrival where it belongs, before its row is written; `write` then brings the rows of
    others up to date. `concerned` are the stories that have other versions than before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, _Known] = {}
        self._moved: dict[int, Found] = {}
        self._members: dict[int, dict[int, bytes]] = {}
        self._records: dict[int, bytes] = {}
        self._pieces: dict[int, Piece | None] = {}
        self._compared: dict[tuple[int, int], str | None] = {}
        self._keys: dict[int, list[int]] = {}
        """By clue, the versions that have it; of clues that two or more may have."""
        self._only: dict[int, int] = {}
        """The same of clues that one version alone has, which is an arrival."""
        self._clue_rows: list[tuple[int, int]] = []
        self._dull: set[int] = set()
        """Clues that tell nothing."""
        self._apart: dict[bytes, set[bytes]] = {}
        for one, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(one, set()).add(other)
        self.concerned: set[int] = set()

    def find(self, arrivals: Sequence[Arrival]) -> list[Found]:
        """Where each belongs, in their order."""
        self._records.update((arrival.key, arrival.record) for arrival in arrivals)
        lonely = self._meet(arrivals).issuperset
        return [
            self._begin(arrival) if lonely(arrival.clues) else self._find(arrival) for arrival in arrivals
        ]

    def _meet(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Look up the clues of arrivals; those that no other version has, here or in the library."""
        had = Counter(chain.from_iterable([arrival.clues for arrival in arrivals]))
        self._look_up(had.keys() - self._keys.keys())
        for clue, count in had.items():
            if count > 1:
                self._keys.setdefault(clue, [])
        lonely = had.keys() - self._keys.keys()
        for arrival in arrivals:
            self._only.update(dict.fromkeys(lonely.intersection(arrival.clues), arrival.key))
        return lonely

    def _begin(self, arrival: Arrival) -> Found:
        """A version that has nothing in common with any other."""
        key = arrival.key
        self._clue_rows += [(clue, key) for clue in arrival.clues]
        self._known[key] = _Known(arrival.identity, key, 0)
        self._members[key] = {key: arrival.identity}
        return Found(key, None)

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
        linked = set(stories)
        todo = [key for story in linked for key in self._members_of(story)]
        while todo:
            key = todo.pop()
            for story, candidates in self._candidates(self._clues_of(key), key).items():
                if story not in linked and any(self._compare(key, other) is not None for other in candidates):
                    linked.add(story)
                    todo += self._members_of(story)
        return linked

    def regroup(self, keys: Iterable[int], stories: Iterable[int]) -> None:
        """Make stories anew of `keys`, which are all that is left of `stories`."""
        by_identity: dict[bytes, set[int]] = {}
        twins: dict[Piece, int] = {}
        for key in sorted(keys):
            piece = self._piece(key) or nothing_of(self._known[key].identity)
            twins.setdefault(piece, key)
            by_identity.setdefault(piece.identity, set()).add(key)
        self.concerned.update(stories)
        groups = group(twins, lambda one, other: self._compare(twins[one], twins[other]), self._apart)
        for joined in groups:
            whys = {key: why or SAME_WORDS for piece, why in joined for key in by_identity[piece.identity]}
            first = min(whys)
            self._members[first] = {}
            for key, why in whys.items():
                self._place(key, Found(first, None if key == first else why))
            self.concerned.add(first)

    def settle(self, key: int, found: Found) -> None:
        """Have `write` put down where a version belongs whose row is there."""
        self._moved[key] = found

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """The stories of those of `keys` that are kept."""
        keys = set(keys)
        self._know(keys)
        return {self._known[key].story for key in keys if key in self._known}

    def identity_of(self, key: int) -> bytes:
        """The identity of a version that was met here."""
        return self._known[key].identity

    def forget(self, keys: Iterable[int]) -> None:
        """Leave versions out of all that follows."""
        for key in keys:
            self._members_of(self._known[key].story).pop(key, None)
            del self._known[key]

    def keys_of(self, stories: Iterable[int]) -> set[int]:
        """The versions of these stories."""
        return {key for story in stories for key in self._members_of(story)}

    def clue_rows(self, key: int) -> list[tuple[int, int]]:
        """The rows by which a version is found, or would be."""
        return [(clue, key) for clue in self._clues_of(key)]

    def stand_in(self, keys: Iterable[int]) -> None:
        """Let versions be found from now on whose likes were found until now; one of each kind will do."""
        kinds = {self._piece(key): key for key in sorted(keys, reverse=True)}
        rows = [row for key in kinds.values() for row in self.clue_rows(key)]
        self._clue_rows += [(clue, key) for clue, key in rows if key not in self._keys_of(clue)]

    def _find(self, arrival: Arrival) -> Found:
        key, identity = arrival.key, arrival.identity
        self._pieces.pop(key, None)
        candidates = self._candidates(arrival.clues, key)
        for story, others in candidates.items():
            for other in others:
                if self._known[other].identity == identity and self._piece(other) == self._piece(key):
                    self.concerned.add(story)
                    return self._join(arrival, Found(story, SAME_WORDS))
        agreeing = {}
        for story, others in candidates.items():
            for other in sorted(others, key=lambda key: (-self._known[key].words, key)):
                why = self._compare(key, other)
                if why is not None:
                    agreeing[story] = other, why
                    break
        self._add_clues(arrival)
        if not agreeing:
            return self._join(arrival, Found(key, None))
        if len(agreeing) == 1 and identity not in self._apart:
            ((story, (other, why)),) = agreeing.items()
            if self._rank(other) > self._rank(key):
                self.concerned.add(story)
                return self._join(arrival, Found(story, why))
        self._join(arrival, Found(key, None))
        stories = self.linked([key, *agreeing])
        self.regroup(self.keys_of(stories), stories)
        return self._moved.pop(key)

    def _join(self, arrival: Arrival, found: Found) -> Found:
        words = 0 if self._pieces.get(arrival.key) is None else self._rank(arrival.key)[0]
        self._known[arrival.key] = _Known(arrival.identity, found.story, words)
        if found.story == arrival.key:
            self._members[arrival.key] = {arrival.key: arrival.identity}
        else:
            self._members_of(found.story)[arrival.key] = arrival.identity
        return found

    def _place(self, key: int, found: Found) -> None:
        known = self._known[key]
        if known.story != found.story:
            self._members_of(known.story).pop(key, None)
        self._members[found.story][key] = known.identity
        self._known[key] = known._replace(story=found.story)
        self._moved[key] = found

    def _add_clues(self, arrival: Arrival) -> None:
        for clue in arrival.clues:
            self._keys.setdefault(clue, []).append(arrival.key)
            self._clue_rows.append((clue, arrival.key))

    def _members_of(self, story: int) -> dict[int, bytes]:
        members = self._members.get(story)
        if members is None:
            members = self._members[story] = {}
            for key, identity, words in self._database.all(
                "SELECT key, identity, words FROM articles WHERE story = ?", (story,)
            ):
                known = self._known.setdefault(key, _Known(identity, story, words))
                if known.story == story:
                    members[key] = identity
        return members

    def _candidates(self, clues: Sequence[int], key: int) -> dict[int, list[int]]:
        """By story: versions that share a clue with `key` that tells something."""
        found: dict[int, list[int]] = {}
        seen = {key}
        for clue in clues:
            keys = () if clue in self._dull else self._keys_of(clue)[:_MOST_VERSIONS]
            if len(keys) > _MOST_STORIES:
                stories = {self._known[other].story for other in keys if other in self._known}
                if len(stories) > _MOST_STORIES:
                    self._dull.add(clue)
                    continue
            for other in keys:
                if other not in seen and other in self._known:
                    seen.add(other)
                    found.setdefault(self._known[other].story, []).append(other)
        return found

    def _keys_of(self, clue: int) -> Sequence[int]:
        keys = self._keys.get(clue)
        if keys is None:
            if clue in self._only:
                return (self._only[clue],)
            self._look_up({clue})
            keys = self._keys.setdefault(clue, [])
        return keys

    def _look_up(self, clues: set[int]) -> None:
        """Have at hand which versions the library has with these clues, of those that have any."""
        rows = self._database.all(
            "SELECT clue, keys FROM (SELECT j.value AS clue, (SELECT group_concat(key) FROM"
            f" (SELECT key FROM clues WHERE clue = j.value LIMIT {_MOST_VERSIONS})) AS keys FROM json_each(?) j)"
            " WHERE keys IS NOT NULL",
            (json.dumps(sorted(clues)),),
        )
        wanted: set[int] = set()
        for clue, keys in rows:
            self._keys[clue] = list(map(int, keys.split(",")))
            wanted.update(self._keys[clue])
        self._know(wanted)

    def _know(self, keys: set[int]) -> None:
        missing = sorted(keys - self._known.keys())
        if missing:
            for key, identity, story, words in self._database.all(
                "SELECT a.key, identity, story, words FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
                (json.dumps(missing),),
            ):
                self._known[key] = _Known(identity, story, words)

    def _article(self, key: int) -> Article | None:
        record = self._records.get(key)
        if record is None:
            row = self._database.one("SELECT record FROM records WHERE key = ?", (key,))
            record = row[0] if row is not None else b""
        with suppress(ValueError, TypeError):
            return decode_article(record)
        return None  # damaged: nothing can be said of it

    def _piece(self, key: int) -> Piece | None:
        if key not in self._pieces:
            if len(self._pieces) > _HELD:
                self._pieces.clear()
                self._compared.clear()
            article = self._article(key)
            self._pieces[key] = None if article is None else piece_of(article)
        return self._pieces[key]

    def _rank(self, key: int) -> tuple[int, bytes, str]:
        piece = self._piece(key)
        return (0, b"", "") if piece is None else piece.rank

    def _clues_of(self, key: int) -> Sequence[int]:
        article = self._article(key)
        return () if article is None else clues_of(article, bytes.fromhex(article.id))

    def _compare(self, one: int, other: int) -> str | None:
        pair = (one, other) if one < other else (other, one)
        if pair not in self._compared:
            first, second = self._piece(one), self._piece(other)
            self._compared[pair] = None if first is None or second is None else compare(first, second)
        return self._compared[pair]
