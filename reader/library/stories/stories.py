"""Updates stories in the open transaction when versions are added, removed, split off or put back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import chain

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
    going = sorted(set(keys) & matcher.keys_of(stories))
    linked: list[set[int]] = []
    """The remaining versions, apart for each set of linked stories."""
    while stories:
        linked_stories = matcher.linked([min(stories)])
        linked.append(matcher.keys_of(linked_stories).difference(going))
        stories -= linked_stories
    places = Places(database)
    gone = _delete(database, places, going, [row for key in going for row in matcher.fingerprint_rows(key)])
    matcher.forget(going)
    for remaining in linked:
        matcher.add_fingerprints(remaining)
        current = matcher.stories_of(remaining)
        matcher.regroup(matcher.keys_of(current), current)
    changes = update_representatives(database, places, matcher, ())
    return changes._replace(unlisted=[*gone, *changes.unlisted])


def _delete(
    database: Database, places: Places, keys: Sequence[int], fingerprints: Sequence[tuple[int, int]]
) -> list[int]:
    """Delete the rows of versions; return the keys of the representatives among them."""
    rows = database.all(
        "SELECT a.key, group_id, seq, truncated FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        " WHERE seq IS NOT NULL",
        (json.dumps(keys),),
    )
    for _, group_id, seq, truncated in rows:
        places.leave(group_id, seq, truncated)
    database.run_many("DELETE FROM clues WHERE clue = ? AND key = ?", fingerprints)
    for table in ("articles", "records", "folded", "merged"):
        database.run_many(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])
    return [key for key, *_ in rows]


def split(database: Database, key: int) -> Changes:
    """Take a version, and all with the same words, out of its story for good, even if it is added again."""
    matcher = Matcher(database)
    stories = matcher.stories_of([key])
    identity = matcher.identity_of(key)
    others = {matcher.identity_of(other) for other in matcher.keys_of(stories)} - {identity}
    database.run_many(
        "INSERT OR IGNORE INTO apart (one, other) VALUES (?, ?)",
        chain.from_iterable(((identity, other), (other, identity)) for other in sorted(others)),
    )
    return _regroup(database, stories)


def regroup(database: Database, keys: Iterable[int]) -> Changes:
    """Regroup the stories of these versions, and all stories that they may merge with."""
    return _regroup(database, Matcher(database).stories_of(keys))


def _regroup(database: Database, stories: Iterable[int]) -> Changes:
    matcher = Matcher(database)
    linked = matcher.linked(stories)
    matcher.regroup(matcher.keys_of(linked), linked)
    return update_representatives(database, Places(database), matcher, ())
