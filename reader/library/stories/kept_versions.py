"""What is known of kept versions while they are matched: each fact is looked up once in a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.comparing import Piece, compare, length_of, nothing_of, piece_of
from reader.library.stories.fingerprints import fingerprints_of
from reader.model import Article

MOST_STORIES = 32
"""A fingerprint that more stories share ("Good morning, and welcome") is ignored."""
MOST_VERSIONS = 65
"""The most versions with a fingerprint that are compared; later ones are ignored."""
_HELD = 8_000
"""How many pieces are kept before the cache is cleared."""
_TRIED = 32
"""The most versions with a shared fingerprint that a new version is compared with."""


class Known(NamedTuple):
    """A version, and where it belongs."""

    identity: bytes
    story: int
    words: int
    why: str | None


class KeptVersions:
    """The versions of a library as they are matched; the caller writes what changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: dict[int, Known] = {}
        """By key, the versions looked up so far."""
        self.records: dict[int, bytes] = {}
        """By key, the records of versions whose rows are not written yet."""
        self.keys: dict[int, list[int]] = {}
        """By fingerprint, the versions that have it; of fingerprints that several may have."""
        self.only: dict[int, int] = {}
        """By fingerprint, the only version that has it, a new one."""
        self._members: dict[int, set[int]] = {}
        self._joined: dict[int, set[int]] = {}
        """By story, new members, while the others have not been looked up."""
        self._pieces: dict[int, Piece | None] = {}
        self._compared: dict[tuple[int, int], str | None] = {}
        self._common: set[int] = set()
        """Fingerprints that too many stories share."""

    # Stories

    def begin(self, key: int, identity: bytes, words: int) -> None:
        """Make a version the first of a story."""
        self.known[key] = Known(identity, key, words, None)
        self._members[key] = {key}

    def join(self, key: int, story: int, identity: bytes, words: int, why: str | None) -> None:
        """Add a new version to a story."""
        self.known[key] = Known(identity, story, words, why)
        members = self._members.get(story)
        if members is None:
            members = self._joined.setdefault(story, set())
        members.add(key)

    def move(self, key: int, story: int, why: str | None) -> bool:
        """Move a version to a story; False when it was there already, for the same reason."""
        known = self.known[key]
        if known.story != story:
            self.members_of(known.story).discard(key)
            self.members_of(story).add(key)
        self.known[key] = known._replace(story=story, why=why)
        return (known.story, known.why) != (story, why)

    def forget(self, keys: Iterable[int]) -> None:
        """Drop versions."""
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
        """Look up versions, as far as they are kept."""
        missing = sorted(keys.difference(self.known))
        if missing:
            for key, *row in self._database.all(
                "SELECT a.key, identity, story, words, why FROM json_each(?) j"
                " CROSS JOIN articles a ON a.key = j.value",
                (json.dumps(missing),),
            ):
                self.known[key] = Known(*row)

    # Fingerprints

    def candidates(self, fingerprints: Iterable[int], key: int) -> dict[int, list[int]]:
        """By story, the versions that share one of the fingerprints with `key`."""
        by_story: dict[int, list[int]] = {}
        seen = {key}
        for fingerprint in fingerprints:
            for other in self.telling(fingerprint):
                if other not in seen and other in self.known:
                    seen.add(other)
                    by_story.setdefault(self.known[other].story, []).append(other)
        return by_story

    def telling(self, fingerprint: int) -> Sequence[int]:
        """The first versions that have a fingerprint; none if too many stories share it."""
        if fingerprint in self._common:
            return ()
        keys = self.keys_of(fingerprint)[:MOST_VERSIONS]
        if len(keys) > MOST_STORIES:
            stories = {self.known[other].story for other in keys if other in self.known}
            if len(stories) > MOST_STORIES:
                self._common.add(fingerprint)
                return ()
        return keys

    def keys_of(self, fingerprint: int) -> Sequence[int]:
        """The first versions that have a fingerprint, and the new ones."""
        keys = self.keys.get(fingerprint)
        if keys is None:
            if fingerprint in self.only:
                return (self.only[fingerprint],)
            self.look_up({fingerprint})
            keys = self.keys.setdefault(fingerprint, [])
        return keys

    def look_up(self, fingerprints: set[int]) -> None:
        """Load the versions that have these fingerprints."""
        rows = self._database.all(
            "SELECT clue, keys FROM (SELECT j.value AS clue, (SELECT group_concat(key) FROM"
            f" (SELECT key FROM clues WHERE clue = j.value LIMIT {MOST_VERSIONS})) AS keys FROM json_each(?) j)"
            " WHERE keys IS NOT NULL",
            (json.dumps(sorted(fingerprints)),),
        )
        versions: set[int] = set()
        for fingerprint, keys in rows:
            self.keys[fingerprint] = list(map(int, keys.split(",")))
            versions.update(self.keys[fingerprint])
        self.know(versions)

    def fingerprints_of(self, key: int) -> Sequence[int]:
        """The fingerprints of a version."""
        article = self._article(key)
        return () if article is None else fingerprints_of(article, bytes.fromhex(article.id))

    # What is compared

    def piece(self, key: int) -> Piece | None:
        """What is compared of a version; None when its record is damaged."""
        if key not in self._pieces:
            if len(self._pieces) > _HELD:
                self._pieces.clear()
                self._compared.clear()
            self._pieces[key] = self._made(key)
        return self._pieces[key]

    def pieces(self, keys: Iterable[int]) -> Mapping[Piece, int]:
        """The different pieces of versions, each with the first version that has it."""
        first_keys: dict[Piece, int] = {}
        for key in sorted(keys):
            piece = self._pieces[key] if key in self._pieces else self._made(key)
            first_keys.setdefault(piece or nothing_of(self.known[key].identity), key)
        return first_keys

    def words_met(self, key: int) -> int:
        """How many words a version has that are compared, if it has been read; else 0."""
        piece = self._pieces.get(key)
        return 0 if piece is None else len(piece.words)

    def rank(self, key: int) -> tuple[int, bytes, str]:
        """The rank of a version's piece."""
        piece = self.piece(key)
        return (0, b"", "") if piece is None else piece.rank

    def compare(self, one: int, other: int) -> str | None:
        """Why two versions are the same story; None if they are not."""
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
        # The same words have the same length, so only versions of the longest identity need be compared further.
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


class Additions:
    """Fast path: does adding a version to the one story it matches leave all other versions where they are?"""

    def __init__(self, versions: KeptVersions) -> None:
        self._versions = versions
        self._heads: dict[int, int] = {}
        """By story, the version of the highest rank, if it was looked up."""
        self._long: dict[int, int | None] = {}
        """By story, a version that is likely to rank highest, or nearly so; None while none is written."""
        self._firm: set[int] = set()
        """Stories whose head matches no higher version of another story."""

    def changed(self, stories: Iterable[int]) -> None:
        """Forget what is known of stories whose versions changed otherwise."""
        for story in stories:
            self._heads.pop(story, None)
            self._long.pop(story, None)
            self._firm.discard(story)

    def grouped(self, story: int, head: int) -> None:
        """Note the version of the highest rank of a story that was regrouped."""
        self._heads[story] = head

    def why(self, key: int, story: int, others: Sequence[int]) -> str | None:
        """Why a version that matches this story alone joins it, if no other version can move; None if one may.

        None can move if all that rank higher would be grouped as they are, and all that rank lower too: those choose
        between stories by headline and authors, so the version must bring no new ones. `others` are versions of the
        story that share a fingerprint with it.
        """
        versions = self._versions
        for other in chain(others[:_TRIED], self._long_one(story)):
            if self._brings_nothing_new(key, other) and versions.rank(other) > versions.rank(key):
                why = versions.compare(key, other)
                if why is not None:
                    return why
        head = self._heads.get(story)
        if head is None:
            head = self._heads[story] = versions.highest(versions.members_of(story))
        why = versions.compare(key, head) if self._brings_nothing_new(key, head) else None
        if why is None or versions.rank(head) > versions.rank(key):
            return why
        if not self._is_firm(story, head):
            return None
        self._heads[story] = key
        return why

    def _long_one(self, story: int) -> Iterator[int]:
        if story not in self._long:
            self._long[story] = self._versions.longest(story)
        if (key := self._long[story]) is not None:
            yield key

    def _brings_nothing_new(self, key: int, other: int) -> bool:
        one, before = self._versions.piece(key), self._versions.piece(other)
        return (
            one is not None
            and before is not None
            and one.headline == before.headline
            and one.authors <= before.authors
        )

    def _is_firm(self, story: int, head: int) -> bool:
        """Does no version of another story that ranks higher than this story's head match it?"""
        versions = self._versions
        if story not in self._firm:
            for other_story, others in versions.candidates(versions.fingerprints_of(head), head).items():
                if other_story != story and any(
                    versions.compare(head, other) is not None and versions.rank(other) > versions.rank(head)
                    for other in others
                ):
                    return False
            self._firm.add(story)
        return True
