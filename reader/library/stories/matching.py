"""Updates stories in the open transaction when versions are added, removed, split off or put back.

The stories of a library depend only on its versions and on the reader's splits, not on the order of arrival. A version
that is shorter than another of the only story that it matches joins that story. Any other may move versions from story
to story: then all versions that match are regrouped, once for each batch.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import decode_article
from reader.library.stories.comparing import (
    ComparedText,
    compare,
    compared_text,
    fingerprints_of,
    unreadable_text,
)
from reader.library.stories.representatives import Changes, Groups, refresh
from reader.model import Article

SAME_WORDS = "the same words"
MOST_STORIES = 32
"""A fingerprint that more stories share ("Good morning, and welcome") is too common and ignored."""
MOST_VERSIONS = 65
"""How many versions with one fingerprint are compared; later ones are ignored."""
_HELD = 8_000
"""How many texts are cached before the cache is cleared."""


class Arrival(NamedTuple):
    """A new version, whose record is written, but not its row."""

    key: int
    identity: bytes
    fingerprints: Sequence[int]


class KnownVersion(NamedTuple):
    """A version, and the story that it belongs to."""

    identity: bytes
    story: int
    """The key of its story's first version, which may be its own."""
    why: str | None
    """Why it belongs to the story, in words for a reader; None for the first version."""


class Matcher:
    """Assigns versions to stories, within one transaction.

    `find` returns the story of each arrival before its row is written; `write` then updates the rows of the others.
    `changed_stories` collects the stories whose versions changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: dict[int, KnownVersion] = {}
        """Versions looked up so far, by key, with the changes that are not written yet."""
        self._members: dict[int, set[int]] = {}
        self._by_fingerprint: dict[int, tuple[int, ...]] = {}
        self._texts: dict[int, ComparedText] = {}
        self._moved: set[int] = set()
        self._fingerprint_rows: list[tuple[int, int]] = []
        self._apart: dict[bytes, set[bytes]] = {}
        for identity, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(identity, set()).add(other)
        self.changed_stories: set[int] = set()

    # Adding

    def find(self, arrivals: Sequence[Arrival]) -> list[KnownVersion]:
        """Return the story of each arrival, in their order."""
        self._look_up(set(chain.from_iterable(arrival.fingerprints for arrival in arrivals)))
        # Arrivals that may change several stories, each with a matching version of every one of these.
        doubtful = [matches for arrival in arrivals if (matches := self._match(arrival))]
        regrouped: set[int] = set()
        for matches in doubtful:
            if matches[0] not in regrouped:
                regrouped |= self.regroup(self.linked(self.stories_of(matches)))
        self._moved.difference_update(arrival.key for arrival in arrivals)
        return [self.known[arrival.key] for arrival in arrivals]

    def _match(self, arrival: Arrival) -> list[int]:
        """Let a version join the story that it matches, or begin one.

        If stories must be regrouped, return the version with one that matches it from each story.
        """
        key, identity = arrival.key, arrival.identity
        candidates: dict[int, list[int]] = {}
        others = chain.from_iterable(map(self._sharing, arrival.fingerprints))
        for other in dict.fromkeys(other for other in others if other != key):
            candidates.setdefault(self.known[other].story, []).append(other)
        for story, versions in candidates.items():
            for other in versions:
                if self.known[other].identity == identity and self._text(other) == self._text(key):
                    self._join(arrival, story, SAME_WORDS)
                    return []
        agreeing: dict[int, tuple[int, str]] = {}
        for story, versions in candidates.items():
            for other in sorted(versions, key=lambda other: self._text(other).rank, reverse=True):
                if (why := compare(self._text(key), self._text(other))) is not None:
                    agreeing[story] = other, why
                    break
        for fingerprint in arrival.fingerprints:
            self._by_fingerprint[fingerprint] += (key,)
            self._fingerprint_rows.append((fingerprint, key))
        if not agreeing:
            self.known[key] = KnownVersion(identity, key, None)
            self._members[key] = {key}
            return []
        # A doubtful version joins the first story for now, so that it does not start one of its own.
        story, (partner, why) = next(iter(agreeing.items()))
        self._join(arrival, story, why)
        is_longest = self._text(partner).rank <= self._text(key).rank
        is_doubtful = len(agreeing) > 1 or is_longest or identity in self._apart
        return [key, *(other for other, _ in agreeing.values())] if is_doubtful else []

    def _join(self, arrival: Arrival, story: int, why: str) -> None:
        self.changed_stories.add(story)
        self.members_of(story).add(arrival.key)
        self.known[arrival.key] = KnownVersion(arrival.identity, story, why)

    def write(self) -> None:
        """Update the rows of versions that moved, and insert new fingerprints."""
        self._database.run_many(
            "UPDATE articles SET story = ?, why = ? WHERE key = ?",
            [(self.known[key].story, self.known[key].why, key) for key in self._moved],
        )
        # A version that replaces a removed one may have its row already: not all versions are looked up.
        self._database.run_many(
            "INSERT OR IGNORE INTO fingerprints (fingerprint, key) VALUES (?, ?)",
            sorted(self._fingerprint_rows),
        )
        self._moved.clear()
        self._fingerprint_rows.clear()

    # Regrouping

    def linked(self, stories: Iterable[int]) -> set[int]:
        """Return these stories and all that matching versions connect with them, directly or through others."""
        linked = set(stories)
        todo = [key for story in linked for key in self.members_of(story)]
        fingerprints: dict[bytes, Sequence[int]] = {}
        while todo:
            key = todo.pop()
            identity = self.known[key].identity
            if identity not in fingerprints:
                fingerprints[identity] = self.fingerprints_of(key)
            for other in chain.from_iterable(map(self._sharing, fingerprints[identity])):
                story = self.known[other].story
                if story not in linked and compare(self._text(key), self._text(other)) is not None:
                    linked.add(story)
                    todo += self.members_of(story)
        return linked

    def regroup(self, stories: Set[int]) -> set[int]:
        """Group all versions of `stories` into stories again, and return them.

        Those that stay in their story keep their reason.
        """
        keys = self.keys_of(stories)
        by_identity: dict[bytes, list[int]] = {}
        for key in keys:
            by_identity.setdefault(self.known[key].identity, []).append(key)
        self.changed_stories |= stories
        for members in group(self._distinct_texts(keys), self._apart):
            whys = {
                key: why or SAME_WORDS for text, why in members.items() for key in by_identity[text.identity]
            }
            first = min(whys)
            self.changed_stories.add(first)
            for key, why in whys.items():
                before = self.known[key]
                if before.story == first:
                    why = before.why or why
                after = before._replace(story=first, why=None if key == first else why)
                if after != before:
                    self.members_of(before.story).discard(key)
                    self.members_of(first).add(key)
                    self.known[key] = after
                    self._moved.add(key)
        return keys

    def forget(self, keys: Iterable[int]) -> None:
        """Drop removed versions, before the others of their stories are regrouped."""
        for key in keys:
            self.members_of(self.known.pop(key).story).discard(key)

    def add_fingerprints(self, keys: Iterable[int]) -> None:
        """Insert the fingerprints of versions whose identical twins may be gone, once for each distinct text."""
        for key in self._distinct_texts(keys).values():
            self._fingerprint_rows += [(fingerprint, key) for fingerprint in self.fingerprints_of(key)]

    # Looking up

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """Return the stories of these versions. Unknown keys are ignored."""
        keys = set(keys)
        self._load(keys)
        return {self.known[key].story for key in keys if key in self.known}

    def keys_of(self, stories: Iterable[int]) -> set[int]:
        """Return the versions of these stories."""
        return {key for story in stories for key in self.members_of(story)}

    def members_of(self, story: int) -> set[int]:
        """Return the versions of a story as a live set."""
        if story not in self._members:
            rows = self._database.all(
                "SELECT key, identity, story, why FROM articles WHERE story = ?", (story,)
            )
            for key, *row in rows:
                self.known.setdefault(key, KnownVersion(*row))
            self._members[story] = {key for key, *_ in rows if self.known[key].story == story}
        return self._members[story]

    def fingerprints_of(self, key: int) -> Sequence[int]:
        """Return the fingerprints of a version."""
        article = self._article(key)
        return () if article is None else fingerprints_of(article, bytes.fromhex(article.id))

    def _load(self, keys: Iterable[int]) -> None:
        rows = self._database.all(
            "SELECT a.key, identity, story, why FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
            (json.dumps(sorted(set(keys).difference(self.known))),),
        )
        self.known.update((key, KnownVersion(*row)) for key, *row in rows)

    def _look_up(self, fingerprints: set[int]) -> None:
        """Load the versions that have these fingerprints."""
        missing = fingerprints.difference(self._by_fingerprint)
        self._by_fingerprint |= dict.fromkeys(missing, ())
        rows = self._database.all(
            "SELECT j.value, c.key FROM json_each(?) j JOIN fingerprints c ON c.key IN"
            f" (SELECT key FROM fingerprints WHERE fingerprint = j.value ORDER BY key LIMIT {MOST_VERSIONS})"
            " AND c.fingerprint = j.value",
            (json.dumps(sorted(missing)),),
        )
        for fingerprint, key in rows:
            self._by_fingerprint[fingerprint] += (key,)
        self._load(key for _, key in rows)

    def _sharing(self, fingerprint: int) -> Sequence[int]:
        """Return the first versions that have a fingerprint, or none if too many stories share it."""
        if fingerprint not in self._by_fingerprint:
            self._look_up({fingerprint})
        shared = self._by_fingerprint[fingerprint]
        if not shared:  # as nearly always
            return ()
        keys = [key for key in shared[:MOST_VERSIONS] if key in self.known]
        if len(keys) > MOST_STORIES and len({self.known[key].story for key in keys}) > MOST_STORIES:
            return ()
        return keys

    # Comparing

    def _text(self, key: int) -> ComparedText:
        """Return the text of a version for comparison; an empty one if its record is damaged."""
        if key not in self._texts:
            if len(self._texts) > _HELD:
                self._texts.clear()
            article = self._article(key)
            self._texts[key] = (
                unreadable_text(self.known[key].identity) if article is None else compared_text(article)
            )
        return self._texts[key]

    def _distinct_texts(self, keys: Iterable[int]) -> dict[ComparedText, int]:
        """Return the different texts of versions, each with the first version that has it."""
        first_keys: dict[ComparedText, int] = {}
        for key in sorted(keys):
            first_keys.setdefault(self._text(key), key)
        return first_keys

    def _article(self, key: int) -> Article | None:
        (record,) = self._database.first_row("SELECT record FROM records WHERE key = ?", (key,)) or (b"",)
        with suppress(ValueError, TypeError):
            return decode_article(record)
        return None


# Grouping


def group(texts: Iterable[ComparedText], apart: Mapping[bytes, Set[bytes]]) -> list[dict[ComparedText, str]]:
    """Group distinct texts into stories, with the same result for every order of arrival.

    Return the members of each story in order of rank, each with why it belongs there; "" if it is the only one.

    Texts are taken from the longest to the shortest, and each joins the story that it matches. A text that matches two
    stories which do not match each other is a start that both share: it joins the one with its headline, or else the
    one with its authors, or else neither.
    """
    groups: list[dict[ComparedText, str]] = []
    doubtful: dict[int, Set[int]] = {}
    """The groups matched by each group of shared starts that belongs to no single story."""
    for text in sorted(texts, key=lambda text: text.rank, reverse=True):
        others = apart.get(text.identity, frozenset[bytes]())
        matches: dict[int, tuple[ComparedText, str]] = {}
        """The first member that the text matches in a group, and why."""
        for number, members in enumerate(groups):
            if others and not others.isdisjoint(member.identity for member in members):
                continue
            for member in members:
                if (why := compare(text, member)) is not None:
                    matches[number] = member, why
                    break
        chosen = _choose(text, groups, matches.keys(), doubtful)
        if chosen is None:
            if matches:
                doubtful[len(groups)] = matches.keys()
            groups.append({text: ""})
        else:
            partner, why = matches[chosen]
            groups[chosen][partner] = groups[chosen][partner] or why
            groups[chosen][text] = why
    return groups


def _choose(
    text: ComparedText,
    groups: Sequence[Collection[ComparedText]],
    matches: Set[int],
    doubtful: Mapping[int, Set[int]],
) -> int | None:
    """Return the group that a text joins, of those that it matches; None if it starts its own."""
    if len(matches) < 2:
        return next(iter(matches), None)
    firm = [number for number in matches if number not in doubtful]
    for agrees, candidates in (
        (lambda other: other.identity == text.identity, matches),
        (lambda other: bool(text.headline) and other.headline == text.headline, firm),
        (lambda other: not text.authors.isdisjoint(other.authors), firm),
    ):
        agreeing = [number for number in candidates if any(map(agrees, groups[number]))]
        if len(agreeing) == 1:
            return agreeing[0]
    # Another start shared by the same stories joins the group of such starts.
    return next((number for number in matches if doubtful.get(number, frozenset()) >= set(firm)), None)


# Stories


def update_representatives(
    database: Database, groups: Groups, matcher: Matcher, new: Collection[int]
) -> Changes:
    """Update representatives and groups after the rows of new versions are written.

    `new` are the versions that start a story and are listed already.
    """
    matcher.write()
    return refresh(database, groups, matcher.changed_stories, new)


def forget(database: Database, keys: Iterable[int]) -> Changes:
    """Delete versions with their records, and regroup the remaining ones as if they had never been there.

    The caller deletes the rows of their captures. Unknown keys are ignored.
    """
    matcher = Matcher(database)
    stories = matcher.stories_of(keys)
    going = sorted(matcher.keys_of(stories).intersection(keys))
    linked: list[set[int]] = []
    """The remaining versions, apart for each set of linked stories."""
    while stories:
        linked_stories = matcher.linked([min(stories)])
        linked.append(matcher.keys_of(linked_stories).difference(going))
        stories -= linked_stories
    groups = Groups(database)
    listed = database.all(
        "SELECT a.key, group_id FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value WHERE listed",
        (json.dumps(going),),
    )
    groups.changed.update(group_id for _, group_id in listed)
    fingerprints = [(fingerprint, key) for key in going for fingerprint in matcher.fingerprints_of(key)]
    database.run_many("DELETE FROM fingerprints WHERE fingerprint = ? AND key = ?", fingerprints)
    for table in ("articles", "records", "folded", "merged"):
        database.run_many(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in going])
    matcher.forget(going)
    for remaining in linked:
        matcher.add_fingerprints(remaining)
        matcher.regroup(matcher.stories_of(remaining))
    changes = update_representatives(database, groups, matcher, ())
    return changes._replace(unlisted=[*(key for key, *_ in listed), *changes.unlisted])


def regroup(database: Database, keys: Iterable[int]) -> Changes:
    """Regroup the stories of these versions, and all stories that they may merge with."""
    matcher = Matcher(database)
    matcher.regroup(matcher.linked(matcher.stories_of(keys)))
    return update_representatives(database, Groups(database), matcher, ())
