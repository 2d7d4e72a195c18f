"""What is known of kept versions while they are matched, each thing looked up once, within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.comparing import Piece, compare, length_of, nothing_of, piece_of
from reader.library.stories.fingerprints import clues_of
from reader.model import Article

MOST_STORIES = 32
"""A clue that more stories share ("Good morning, and welcome") tells nothing."""
MOST_VERSIONS = 65
"""Of so many versions with a clue the later ones are not looked at."""
_HELD = 8_000
"""How many pieces are held before they are let go."""


class Known(NamedTuple):
    """A version, and where it belongs."""

    identity: bytes
    story: int
    words: int
    why: str | None


class KeptVersions:
    """The versions of a library as they are matched; what is written down of them is the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: dict[int, Known] = {}
        """Of the versions that were met."""
        self.records: dict[int, bytes] = {}
        """Of versions whose rows are not written yet."""
        self.keys: dict[int, list[int]] = {}
        """By clue, the versions that have it; of clues that two or more may have."""
        self.only: dict[int, int] = {}
        """The same of clues that one version alone has, which has just come."""
        self._members: dict[int, set[int]] = {}
        self._joined: dict[int, set[int]] = {}
        """Members of stories of which the others have not been looked up."""
        self._pieces: dict[int, Piece | None] = {}
        self._compared: dict[tuple[int, int], str | None] = {}
        self._dull: set[int] = set()
        """Clues that tell nothing."""

    # Stories

    def begin(self, key: int, identity: bytes, words: int) -> None:
        """A version is the first of a story."""
        self.known[key] = Known(identity, key, words, None)
        self._members[key] = {key}

    def join(self, key: int, story: int, identity: bytes, words: int, why: str | None) -> None:
        """A version that just came belongs to a story."""
        self.known[key] = Known(identity, story, words, why)
        members = self._members.get(story)
        if members is None:
            members = self._joined.setdefault(story, set())
        members.add(key)

    def move(self, key: int, story: int, why: str | None) -> bool:
        """A version belongs to a story from now on; False when it did already, for that reason."""
        known = self.known[key]
        if known.story != story:
            self.members_of(known.story).discard(key)
            self.members_of(story).add(key)
        self.known[key] = known._replace(story=story, why=why)
        return (known.story, known.why) != (story, why)

    def forget(self, keys: Iterable[int]) -> None:
        """Leave versions out of all that follows."""
        for key in keys:
            self.members_of(self.known[key].story).discard(key)
            del self.known[key]

    def members_of(self, story: int) -> set[int]:
        """The versions of a story; the set itself, kept up to date."""
        members = self._members.get(story)
        if members is None:
            members = self._members[story] = self._joined.pop(story, set())
            for key, *row in self._database.all(
                "SELECT key, identity, story, words, why FROM articles WHERE story = ?", (story,)
            ):
                if self.known.setdefault(key, Known(*row)).story == story:
                    members.add(key)
        return members

    def longest(self, story: int) -> int | None:
        """The version of a story whose row counts the most words; of several, that with the highest identity."""
        row = self._database.one(
            "SELECT key FROM articles WHERE story = ? ORDER BY words DESC, identity DESC LIMIT 1", (story,)
        )
        if row is None:
            return None
        self.know({row[0]})
        return int(row[0]) if self.known[row[0]].story == story else None

    def know(self, keys: set[int]) -> None:
        """Look up versions that were not met yet, as far as they are kept."""
        missing = sorted(keys.difference(self.known))
        if missing:
            for key, *row in self._database.all(
                "SELECT a.key, identity, story, words, why FROM json_each(?) j"
                " CROSS JOIN articles a ON a.key = j.value",
                (json.dumps(missing),),
            ):
                self.known[key] = Known(*row)

    # Clues

    def candidates(self, clues: Iterable[int], key: int) -> dict[int, list[int]]:
        """By story: versions that share a clue with `key` that tells something."""
        found: dict[int, list[int]] = {}
        seen = {key}
        for clue in clues:
            for other in self.telling(clue):
                if other not in seen and other in self.known:
                    seen.add(other)
                    found.setdefault(self.known[other].story, []).append(other)
        return found

    def telling(self, clue: int) -> Sequence[int]:
        """Versions that have a clue, the first ones if they are many; none when it tells nothing."""
        if clue in self._dull:
            return ()
        keys = self.keys_of(clue)[:MOST_VERSIONS]
        if len(keys) > MOST_STORIES:
            stories = {self.known[other].story for other in keys if other in self.known}
            if len(stories) > MOST_STORIES:
                self._dull.add(clue)
                return ()
        return keys

    def keys_of(self, clue: int) -> Sequence[int]:
        """Versions that have a clue, as many as are looked at and those that just came."""
        keys = self.keys.get(clue)
        if keys is None:
            if clue in self.only:
                return (self.only[clue],)
            self.look_up({clue})
            keys = self.keys.setdefault(clue, [])
        return keys

    def look_up(self, clues: set[int]) -> None:
        """Have at hand which versions the library has with these clues, of those that have any."""
        rows = self._database.all(
            "SELECT clue, keys FROM (SELECT j.value AS clue, (SELECT group_concat(key) FROM"
            f" (SELECT key FROM clues WHERE clue = j.value LIMIT {MOST_VERSIONS})) AS keys FROM json_each(?) j)"
            " WHERE keys IS NOT NULL",
            (json.dumps(sorted(clues)),),
        )
        wanted: set[int] = set()
        for clue, keys in rows:
            self.keys[clue] = list(map(int, keys.split(",")))
            wanted.update(self.keys[clue])
        self.know(wanted)

    def clues_of(self, key: int) -> Sequence[int]:
        """The clues of a version."""
        article = self._article(key)
        return () if article is None else clues_of(article, bytes.fromhex(article.id))

    # What is compared

    def piece(self, key: int) -> Piece | None:
        """What is compared of a version; None when its record is damaged: nothing can be said of it."""
        if key not in self._pieces:
            if len(self._pieces) > _HELD:
                self._pieces.clear()
                self._compared.clear()
            self._pieces[key] = self._made(key)
        return self._pieces[key]

    def pieces(self, keys: Iterable[int]) -> Mapping[Piece, int]:
        """The different pieces of versions, each with the first version that is so."""
        found: dict[Piece, int] = {}
        for key in sorted(keys):
            piece = self._pieces[key] if key in self._pieces else self._made(key)
            found.setdefault(piece or nothing_of(self.known[key].identity), key)
        return found

    def words_met(self, key: int) -> int:
        """How many words are compared of a version, if that is known already; else 0."""
        piece = self._pieces.get(key)
        return 0 if piece is None else len(piece.words)

    def rank(self, key: int) -> tuple[int, bytes, str]:
        """The rank of a version's piece."""
        piece = self.piece(key)
        return (0, b"", "") if piece is None else piece.rank

    def compare(self, one: int, other: int) -> str | None:
        """Why two versions are the same story; None when they are not taken to be."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._compared:
            first, second = self.piece(one), self.piece(other)
            self._compared[pair] = None if first is None or second is None else compare(first, second)
        return self._compared[pair]

    def highest(self, keys: Iterable[int]) -> int:
        """Which of some versions has the highest rank."""
        by_identity: dict[bytes, list[int]] = {}
        for key in sorted(keys):
            by_identity.setdefault(self.known[key].identity, []).append(key)
        # The same words have the same length: only among those of the longest is there more to tell apart.
        first = max(by_identity, key=lambda identity: (self._length(by_identity[identity][0]), identity))
        return max(by_identity[first], key=self.rank)

    def _length(self, key: int) -> int:
        if key in self._pieces:
            return self.words_met(key)
        article = self._article(key)
        return 0 if article is None else length_of(article)

    def _made(self, key: int) -> Piece | None:
        article = self._article(key)
        return None if article is None else piece_of(article)

    def _article(self, key: int) -> Article | None:
        record = self.records.get(key)
        if record is None:
            row = self._database.one("SELECT record FROM records WHERE key = ?", (key,))
            record = row[0] if row is not None else b""
        with suppress(ValueError, TypeError):
            return decode_article(record)
        return None
