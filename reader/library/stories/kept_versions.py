"""Caches the kept versions while they are matched: each fact is looked up once in a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.comparing import ComparedText, compare, compared_text, unreadable_text
from reader.library.stories.fingerprints import fingerprints_of
from reader.model import Article

MOST_STORIES = 32
"""A fingerprint that more stories share ("Good morning, and welcome") is too common and ignored."""
MOST_VERSIONS = 65
"""How many versions with one fingerprint are compared; later ones are ignored."""
_HELD = 8_000
"""How many texts are cached before the cache is cleared."""


class KnownVersion(NamedTuple):
    """A kept version, and the story it belongs to."""

    identity: bytes
    story: int
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
        """Versions by fingerprint, for the fingerprints looked up so far."""
        self._members: dict[int, set[int]] = {}
        self._texts: dict[int, ComparedText] = {}

    # Stories

    def begin(self, key: int, identity: bytes) -> None:
        """Start a new story with a version."""
        self.known[key] = KnownVersion(identity, key, None)
        self._members[key] = {key}

    def join(self, key: int, story: int, identity: bytes, why: str | None) -> None:
        """Add a new version to a story."""
        self.members_of(story).add(key)
        self.known[key] = KnownVersion(identity, story, why)

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
            members = self._members[story] = set()
            for key, *row in self._database.all(
                "SELECT key, identity, story, why FROM articles WHERE story = ?", (story,)
            ):
                if self.known.setdefault(key, KnownVersion(*row)).story == story:
                    members.add(key)
        return members

    def load(self, keys: set[int]) -> None:
        """Look up those of these versions that are kept."""
        missing = sorted(keys.difference(self.known))
        if missing:
            for key, *row in self._database.all(
                "SELECT a.key, identity, story, why FROM json_each(?) j"
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
        keys = self.keys_of(fingerprint)[:MOST_VERSIONS]
        if len(keys) > MOST_STORIES:
            stories = {self.known[other].story for other in keys if other in self.known}
            if len(stories) > MOST_STORIES:
                return ()
        return keys

    def keys_of(self, fingerprint: int) -> Sequence[int]:
        """Return the first kept versions that have a fingerprint, and all new ones."""
        if fingerprint not in self.keys:
            self.look_up({fingerprint})
        return self.keys[fingerprint]

    def look_up(self, fingerprints: set[int]) -> None:
        """Load the versions that have these fingerprints."""
        missing = fingerprints.difference(self.keys)
        self.keys.update((fingerprint, []) for fingerprint in missing)
        rows = self._database.all(
            "SELECT j.value, c.key FROM json_each(?) j JOIN clues c ON c.key IN"
            f" (SELECT key FROM clues WHERE clue = j.value ORDER BY key LIMIT {MOST_VERSIONS}) AND c.clue = j.value",
            (json.dumps(sorted(missing)),),
        )
        for fingerprint, key in rows:
            self.keys[fingerprint].append(key)
        self.load({key for _, key in rows})

    def fingerprints_of(self, key: int) -> Sequence[int]:
        """Return the fingerprints of a version."""
        article = self._article(key)
        return () if article is None else fingerprints_of(article, bytes.fromhex(article.id))

    # Comparing

    def text(self, key: int) -> ComparedText:
        """Return the text of a version for comparison; an empty one if its record is damaged."""
        if key not in self._texts:
            if len(self._texts) > _HELD:
                self._texts.clear()
            article = self._article(key)
            self._texts[key] = (
                unreadable_text(self.known[key].identity) if article is None else compared_text(article)
            )
        return self._texts[key]

    def distinct_texts(self, keys: Iterable[int]) -> Mapping[ComparedText, int]:
        """Return the different texts of versions, each with the first version that has it."""
        first_keys: dict[ComparedText, int] = {}
        for key in sorted(keys):
            first_keys.setdefault(self.text(key), key)
        return first_keys

    def compare(self, key: int, other: int) -> str | None:
        """Return why two versions are the same story, or None if they are not."""
        return compare(self.text(key), self.text(other))

    def _article(self, key: int) -> Article | None:
        record = self.records.get(key)
        if record is None:
            row = self._database.first_row("SELECT record FROM records WHERE key = ?", (key,))
            record = row[0] if row is not None else b""
        with suppress(ValueError, TypeError):
            return decode_article(record)
        return None
