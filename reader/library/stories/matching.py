"""Updates stories in the open transaction when versions are added, removed, split off or put back.

The stories of a library depend only on its versions and on the reader's splits, not on the order of arrival. A version
that is shorter than another of the only story that it matches joins that story. Any other may move versions from story
to story: then all versions that match are regrouped, once for each batch.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from reader.library.database.connection import Database
from reader.library.database.schema import decode_article
from reader.library.stories.comparing import ComparedText, compare, compared_text, fingerprints_of
from reader.library.stories.representatives import Changes, refresh
from reader.model import Article

SAME_WORDS = "the same words"
MOST_STORIES = 32
"""A fingerprint that more stories share ("Good morning, and welcome") is too common and ignored."""
MOST_VERSIONS = 65
"""How many versions with one fingerprint are compared; later ones are ignored."""
_HELD = 8_000
"""How many texts are cached."""


class Version(NamedTuple):
    """A version, and the story that it belongs to."""

    key: int
    identity: bytes
    story: int
    """The key of its story's first version, which may be its own."""
    why: str | None
    """Why it belongs to the story, in words for a reader; None for the first version."""


class Matcher:
    """Assigns versions to stories, within one transaction.

    `changed_stories` collects the stories whose versions changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._text = lru_cache(_HELD)(self._read_text)
        self._apart: dict[bytes, set[bytes]] = {}
        for identity, other in database.all("SELECT one, other FROM apart"):
            self._apart.setdefault(identity, set()).add(other)
        self.changed_stories: set[int] = set()

    # Adding

    def add(self, arrivals: Sequence[tuple[int, bytes, Sequence[int]]]) -> None:
        """Let new versions, each written as a story of its own, join the stories that they match.

        Of each: its key, identity and fingerprints.
        """
        every = [fingerprint for _, _, fingerprints in arrivals for fingerprint in fingerprints]
        rows = self._database.rows(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM fingerprints WHERE fingerprint = value)",
            (json.dumps(every),),
        )
        known = {fingerprint for (fingerprint,) in rows}
        doubtful: list[list[int]] = []
        """Arrivals that may change several stories, each with a matching version of every one of these."""
        for key, identity, fingerprints in arrivals:
            if known.isdisjoint(fingerprints):  # as nearly always
                self._add_fingerprints(key, fingerprints)
            elif matches := self._match(key, identity, fingerprints):
                doubtful.append(matches)
            known.update(fingerprints)
        regrouped: set[int] = set()
        for matches in doubtful:
            if matches[0] not in regrouped:
                regrouped |= self.regroup(self.linked(self.stories_of(matches)))

    def _match(self, key: int, identity: bytes, fingerprints: Sequence[int]) -> list[int]:
        """Let a version join the story that it matches, if any.

        If stories must be regrouped, return the version with one that matches it from each story.
        """
        candidates: dict[int, list[Version]] = {}
        for other in self._sharing(fingerprints):
            if other.key != key:
                candidates.setdefault(other.story, []).append(other)
        for other in chain.from_iterable(candidates.values()):
            if other.identity == identity and self._text(other.key) == self._text(key):
                self._join(key, other.story, SAME_WORDS)
                return []
        agreeing: dict[int, tuple[int, str]] = {}
        for story, versions in candidates.items():
            for partner in sorted((other.key for other in versions), key=self._rank, reverse=True):
                if (why := compare(self._text(key), self._text(partner))) is not None:
                    agreeing[story] = partner, why
                    break
        self._add_fingerprints(key, fingerprints)
        if not agreeing:
            return []
        # A doubtful version joins the first story for now, so that it does not start one of its own.
        story, (partner, why) = next(iter(agreeing.items()))
        self._join(key, story, why)
        is_longest = self._rank(partner) <= self._rank(key)
        is_doubtful = len(agreeing) > 1 or is_longest or identity in self._apart
        return [key, *(other for other, _ in agreeing.values())] if is_doubtful else []

    def _join(self, key: int, story: int, why: str) -> None:
        self.changed_stories.add(story)
        self._database.run("UPDATE articles SET story = ?, why = ? WHERE key = ?", (story, why, key))

    def _add_fingerprints(self, key: int, fingerprints: Iterable[int]) -> None:
        # A version that replaces a removed one may have them already.
        rows = [(fingerprint, key) for fingerprint in fingerprints]
        self._database.run_many("INSERT OR IGNORE INTO fingerprints (fingerprint, key) VALUES (?, ?)", rows)

    # Regrouping

    def linked(self, stories: Iterable[int]) -> set[int]:
        """Return these stories and all that matching versions connect with them, directly or through others."""
        linked = set(stories)
        todo = self.versions_of(linked)
        sharing: dict[bytes, Sequence[Version]] = {}
        while todo:
            version = todo.pop()
            if version.identity not in sharing:
                sharing[version.identity] = self._sharing(self.fingerprints_of(version.key))
            for other in sharing[version.identity]:
                if other.story not in linked and compare(self._text(version.key), self._text(other.key)):
                    linked.add(other.story)
                    todo += self.versions_of([other.story])
        return linked

    def regroup(self, stories: Set[int]) -> set[int]:
        """Group all versions of `stories` into stories again, and return them.

        Those that stay in their story keep their reason.
        """
        versions = {version.key: version for version in self.versions_of(stories)}
        by_identity: dict[bytes, list[int]] = {}
        for version in versions.values():
            by_identity.setdefault(version.identity, []).append(version.key)
        self.changed_stories |= stories
        rows: list[tuple[int, str | None, int]] = []
        for members in group(self._distinct_texts(versions), self._apart):
            whys = {
                key: why or SAME_WORDS for text, why in members.items() for key in by_identity[text.identity]
            }
            first = min(whys)
            self.changed_stories.add(first)
            for key, why in whys.items():
                stays = versions[key].story == first
                rows.append((first, None if key == first else (stays and versions[key].why) or why, key))
        self._database.run_many(
            "UPDATE articles SET story = ?1, why = ?2 WHERE key = ?3 AND (story, why) IS NOT (?1, ?2)", rows
        )
        return set(versions)

    def add_fingerprints(self, keys: Iterable[int]) -> None:
        """Insert the fingerprints of versions whose identical twins may be gone, once for each distinct text."""
        for key in self._distinct_texts(keys).values():
            self._add_fingerprints(key, self.fingerprints_of(key))

    # Looking up

    def stories_of(self, keys: Iterable[int]) -> set[int]:
        """Return the stories of these versions. Unknown keys are ignored."""
        return {version.story for version in self._versions("a.key", keys)}

    def versions_of(self, stories: Iterable[int]) -> list[Version]:
        """Return the versions of these stories."""
        return self._versions("a.story", stories)

    def _versions(self, column: str, values: Iterable[int]) -> list[Version]:
        rows = self._database.all(
            "SELECT a.key, identity, story, why FROM json_each(?) j"
            f" CROSS JOIN articles a ON {column} = j.value ORDER BY a.key",
            (json.dumps(list(values)),),
        )
        return [Version(*row) for row in rows]

    def fingerprints_of(self, key: int) -> Sequence[int]:
        """Return the fingerprints of a version."""
        article = self._article(key)
        return () if article is None else fingerprints_of(article, bytes.fromhex(article.id))

    def _sharing(self, fingerprints: Sequence[int]) -> list[Version]:
        """Return the first versions that have each of these fingerprints, without those that too many stories share."""
        shared: dict[int, list[Version]] = {}
        for fingerprint, *version in self._database.rows(
            "SELECT j.value, a.key, identity, story, why FROM json_each(?) j"
            " CROSS JOIN fingerprints c ON c.fingerprint = j.value AND c.key IN"
            f" (SELECT key FROM fingerprints WHERE fingerprint = j.value ORDER BY key LIMIT {MOST_VERSIONS})"
            " CROSS JOIN articles a ON a.key = c.key ORDER BY j.key, a.key",
            (json.dumps(fingerprints),),
        ):
            shared.setdefault(fingerprint, []).append(Version(*version))
        distinct: dict[int, Version] = {}
        for versions in shared.values():
            if len({version.story for version in versions}) <= MOST_STORIES:
                distinct |= {version.key: version for version in versions}
        return list(distinct.values())

    # Comparing

    def _read_text(self, key: int) -> ComparedText:
        """Return the text of a version for comparison; one without words if its record is damaged."""
        if (article := self._article(key)) is not None:
            return compared_text(article)
        (version,) = self._versions("a.key", [key])
        return ComparedText(version.identity)

    def _rank(self, key: int) -> tuple[int, bytes, str]:
        return self._text(key).rank

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


# Removing, splitting off and putting back


def forget(database: Database, keys: Iterable[int]) -> Changes:
    """Delete versions with their records, and regroup the remaining ones as if they had never been there.

    The caller deletes the rows of their captures. Unknown keys are ignored.
    """
    matcher = Matcher(database)
    going = database.all(
        "SELECT a.key, listed, story FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value",
        (json.dumps(list(keys)),),
    )
    gone = [key for key, *_ in going]
    stories = {story for *_, story in going}
    linked: list[set[int]] = []
    """The remaining versions, apart for each set of linked stories."""
    while stories:
        linked_stories = matcher.linked([min(stories)])
        linked.append({version.key for version in matcher.versions_of(linked_stories)}.difference(gone))
        stories -= linked_stories
    fingerprints = [(fingerprint, key) for key in gone for fingerprint in matcher.fingerprints_of(key)]
    database.run_many("DELETE FROM fingerprints WHERE fingerprint = ? AND key = ?", fingerprints)
    for table in ("articles", "records", "folded", "merged"):
        database.run_many(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in gone])
    for remaining in linked:
        matcher.add_fingerprints(remaining)
        matcher.regroup(matcher.stories_of(remaining))
    changes = refresh(database, matcher.changed_stories)
    unlisted = [key for key, listed, *_ in going if listed]
    return changes._replace(unlisted=[*unlisted, *changes.unlisted])


def regroup(database: Database, keys: Iterable[int]) -> Changes:
    """Regroup the stories of these versions, and all stories that they may merge with."""
    matcher = Matcher(database)
    matcher.regroup(matcher.linked(matcher.stories_of(keys)))
    return refresh(database, matcher.changed_stories)
