"""Updates stories in the open transaction when versions are added, removed, split off or put back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from reader.library.database.connection import Database
from reader.library.stories.matching import Matcher
from reader.library.stories.placing import Changes, Places, refresh


def update_representatives(
    database: Database, places: Places, matcher: Matcher, new: Collection[int]
) -> Changes:
    """Update representatives and places after the rows of new versions are written.

    `new` are the versions that start a story and have a place already.
    """
    matcher.write()
    changed = matcher.changed_stories
    refreshed = refresh(database, places, changed) if changed else Changes()
    places.close()
    unlisted = set(refreshed.unlisted)
    known = set(new)
    return Changes(
        listed=[*(key for key in new if key not in unlisted), *refreshed.listed],
        unlisted=[key for key in refreshed.unlisted if key not in known],
        touched=[key for key in refreshed.touched if key not in known],
        merged=refreshed.merged,
        completed=refreshed.completed,
    )


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
    places = Places(database)
    listed = database.all(
        "SELECT a.key, group_id, seq FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        " WHERE seq IS NOT NULL",
        (json.dumps(going),),
    )
    for _, group_id, seq in listed:
        places.leave(group_id, seq)
    fingerprints = [(fingerprint, key) for key in going for fingerprint in matcher.fingerprints_of(key)]
    database.run_many("DELETE FROM clues WHERE clue = ? AND key = ?", fingerprints)
    for table in ("articles", "records", "folded", "merged"):
        database.run_many(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in going])
    matcher.forget(going)
    for remaining in linked:
        matcher.add_fingerprints(remaining)
        current = matcher.stories_of(remaining)
        matcher.regroup(matcher.keys_of(current), current)
    changes = update_representatives(database, places, matcher, ())
    return changes._replace(unlisted=[*(key for key, *_ in listed), *changes.unlisted])


def split(database: Database, key: int) -> Changes:
    """Take a version, and all with the same words, out of its story for good, even if it is added again."""
    matcher = Matcher(database)
    stories = matcher.stories_of([key])
    identities = {version: matcher.known[version].identity for version in matcher.keys_of(stories)}
    identity = identities[key]
    database.run_many(
        "INSERT OR IGNORE INTO apart (one, other) VALUES (?, ?)",
        [
            pair
            for other in sorted(set(identities.values()) - {identity})
            for pair in ((identity, other), (other, identity))
        ],
    )
    return regroup(database, [key])


def regroup(database: Database, keys: Iterable[int]) -> Changes:
    """Regroup the stories of these versions, and all stories that they may merge with."""
    matcher = Matcher(database)
    linked = matcher.linked(matcher.stories_of(keys))
    matcher.regroup(matcher.keys_of(linked), linked)
    return update_representatives(database, Places(database), matcher, ())
