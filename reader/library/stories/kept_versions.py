"""Caches the kept versions while they are matched: each fact is looked up once in a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.comparing import ComparedText, compare, compared_text, length_of, unreadable_text
from reader.library.stories.fingerprints import fingerprints_of
from reader.model import Article

MOST_STORIES = 32
"""A fingerprint that more stories share ("Good morning, and welcome") is too common and ignored."""
MOST_VERSIONS = 65
"""How many versions with one fingerprint are compared; later ones are ignored."""
_HELD = 8_000
"""How many texts are cached before the cache is cleared."""
_TRIED = 32
"""How many versions that share a fingerprint the fast path compares with a new version."""


class KnownVersion(NamedTuple):
    """A kept version, and the story it belongs to."""

    identity: bytes
    story: int
    words: int
    why: str | None


class KeptVersions:
    """The versions of a library during matching. Changes stay in memory until the caller writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: dict[int, KnownVersion] = {}
        """Versions looked up so far, by key."""
        self.records: dict[int, bytes] = {}
        """Records of versions whose rows are not written yet, by key."""
        self.keys: dict[int, list[int]] = {}
        """Versions by fingerprint, for fingerprints that several versions may have."""
        self.only: dict[int, int] = {}
        """The new version that alone has a fingerprint, by fingerprint."""
        self._members: dict[int, set[int]] = {}
        self._joined: dict[int, set[int]] = {}
        """New members by story, until the other members are looked up."""
        self._texts: dict[int, ComparedText | None] = {}
        self._compared: dict[tuple[int, int], str | None] = {}
        self._common: set[int] = set()
        """Fingerprints that too many stories share."""

    # Stories

    def begin(self, key: int, identity: bytes, words: int) -> None:
        """Start a new story with a version."""
        self.known[key] = KnownVersion(identity, key, words, None)
        self._members[key] = {key}

    def join(self, key: int, story: int, identity: bytes, words: int, why: str | None) -> None:
        """Add a new version to a story."""
        self.known[key] = KnownVersion(identity, story, words, why)
        members = self._members.get(story)
        if members is None:
            members = self._joined.setdefault(story, set())
        members.add(key)

    def move(self, key: int, story: int, why: str | None) -> bool:
        """Move a version to a story. Return False if it was already there for the same reason."""
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
        """Return the versions of a story as a live set."""
        members = self._members.get(story)
        if members is None:
            members = self._members[story] = self._joined.pop(story, set())
            for key, *row in self._database.all(
                "SELECT key, identity, story, words, why FROM articles WHERE story = ?", (story,)
            ):
                if self.known.setdefault(key, KnownVersion(*row)).story == story:
                    members.add(key)
        return members

    def longest(self, story: int) -> int | None:
        """Return the version of a story with the most words; among equals, the one with the highest identity."""
        row = self._database.first_row(
            "SELECT key FROM articles WHERE story = ? ORDER BY words DESC, identity DESC LIMIT 1", (story,)
        )
        if row is None:
            return None
        self.load({row[0]})
        return int(row[0]) if self.known[row[0]].story == story else None

    def load(self, keys: set[int]) -> None:
        """Look up those of these versions that are kept."""
        missing = sorted(keys.difference(self.known))
        if missing:
            for key, *row in self._database.all(
                "SELECT a.key, identity, story, words, why FROM json_each(?) j"
                " CROSS JOIN articles a ON a.key = j.value",
                (json.dumps(missing),),
            ):
                self.known[key] = KnownVersion(*row)

    # Fingerprints

    def candidates(self, fingerprints: Iterable[int], key: int) -> dict[int, list[int]]:
        """Return the other versions that have one of these fingerprints, by story."""
        by_story: dict[int, list[int]] = {}
        seen = {key}
        for fingerprint in fingerprints:
            for other in self.distinctive_keys(fingerprint):
                if other not in seen and other in self.known:
                    seen.add(other)
                    by_story.setdefault(self.known[other].story, []).append(other)
        return by_story

    def distinctive_keys(self, fingerprint: int) -> Sequence[int]:
        """Return the first versions that have a fingerprint, or none if too many stories share it."""
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
        """Return the first kept versions that have a fingerprint, and all new ones."""
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
        self.load(versions)

    def fingerprints_of(self, key: int) -> Sequence[int]:
        """Return the fingerprints of a version."""
        article = self._article(key)
        return () if article is None else fingerprints_of(article, bytes.fromhex(article.id))

    # Comparing

    def text(self, key: int) -> ComparedText | None:
        """Return the text of a version for comparison, or None if its record is damaged."""
        if key not in self._texts:
            if len(self._texts) > _HELD:
                self._texts.clear()
                self._compared.clear()
            self._texts[key] = self._load_text(key)
        return self._texts[key]

    def distinct_texts(self, keys: Iterable[int]) -> Mapping[ComparedText, int]:
        """Return the different texts of versions, each with the first version that has it."""
        first_keys: dict[ComparedText, int] = {}
        for key in sorted(keys):
            text = self._texts[key] if key in self._texts else self._load_text(key)
            first_keys.setdefault(text or unreadable_text(self.known[key].identity), key)
        return first_keys

    def loaded_length(self, key: int) -> int:
        """Return the length of a version's text in words, or 0 if it is not loaded."""
        text = self._texts.get(key)
        return 0 if text is None else len(text.words)

    def rank(self, key: int) -> tuple[int, bytes, str]:
        """Return the rank of a version's text."""
        text = self.text(key)
        return (0, b"", "") if text is None else text.rank

    def compare(self, key: int, other: int) -> str | None:
        """Return why two versions are the same story, or None if they are not."""
        pair = (key, other) if key < other else (other, key)
        if pair not in self._compared:
            first, second = self.text(key), self.text(other)
            self._compared[pair] = None if first is None or second is None else compare(first, second)
        return self._compared[pair]

    def highest(self, keys: Iterable[int]) -> int:
        """Return the version with the highest rank."""
        by_identity: dict[bytes, list[int]] = {}
        for key in sorted(keys):
            by_identity.setdefault(self.known[key].identity, []).append(key)
        # Versions with the same words have the same length, so only those with the longest text need comparing further.
        longest = max(by_identity, key=lambda identity: (self._length(by_identity[identity][0]), identity))
        return max(by_identity[longest], key=self.rank)

    def _length(self, key: int) -> int:
        if key in self._texts:
            return self.loaded_length(key)
        article = self._article(key)
        return 0 if article is None else length_of(article)

    def _load_text(self, key: int) -> ComparedText | None:
        article = self._article(key)
        return None if article is None else compared_text(article)

    def _article(self, key: int) -> Article | None:
        record = self.records.get(key)
        if record is None:
            row = self._database.first_row("SELECT record FROM records WHERE key = ?", (key,))
            record = row[0] if row is not None else b""
        with suppress(ValueError, TypeError):
            return decode_article(record)
        return None


class FastPath:
    """Fast path: does adding a version to the one story it matches leave all other versions where they are?"""

    def __init__(self, versions: KeptVersions) -> None:
        self._versions = versions
        self._heads: dict[int, int] = {}
        """The version with the highest rank, by story, if it was looked up."""
        self._long: dict[int, int | None] = {}
        """A version that probably ranks highest or nearly so, by story; None while none is written."""
        self._firm: set[int] = set()
        """Stories whose head matches no higher-ranking version of another story."""

    def changed(self, stories: Iterable[int]) -> None:
        """Clear the cache for stories whose versions changed in another way."""
        for story in stories:
            self._heads.pop(story, None)
            self._long.pop(story, None)
            self._firm.discard(story)

    def grouped(self, story: int, head: int) -> None:
        """Note the highest-ranking version of a story that was regrouped."""
        self._heads[story] = head

    def why(self, key: int, story: int, others: Sequence[int]) -> str | None:
        """Return why a version that matches only this story joins it, or None if another version may have to move.

        No version moves if the new one changes neither the higher-ranking versions nor the lower-ranking ones. The
        lower-ranking ones choose between stories by headline and authors, so it must not bring new ones. `others` are
        the versions of the story that share a fingerprint with it.
        """
        versions = self._versions
        for other in chain(others[:_TRIED], self._long_version(story)):
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

    def _long_version(self, story: int) -> Iterator[int]:
        if story not in self._long:
            self._long[story] = self._versions.longest(story)
        if (key := self._long[story]) is not None:
            yield key

    def _brings_nothing_new(self, key: int, other: int) -> bool:
        new, old = self._versions.text(key), self._versions.text(other)
        return (
            new is not None
            and old is not None
            and new.headline == old.headline
            and new.authors <= old.authors
        )

    def _is_firm(self, story: int, head: int) -> bool:
        """Is there no higher-ranking version of another story that matches this story's head?"""
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
