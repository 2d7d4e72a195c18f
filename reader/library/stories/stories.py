"""Updates the stories of a library when versions are added, removed, split and put back, in the open transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import chain

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.records import decode_article
from reader.library.stories.fingerprints import fingerprints_of
from reader.library.stories.matching import Arrival, Matching
from reader.library.stories.placing import Changes, Places, refresh

_BATCH = 2_000


def settle(database: Database, places: Places, matching: Matching, new: Collection[int]) -> Changes:
    """Update representatives and places after the rows of new versions were written.

    `new` are those that are the first of their stories and have been given a place.
    """
    matching.write()
    refreshed = refresh(database, places, matching.concerned) if matching.concerned else Changes()
    places.close()
    unlisted = set(refreshed.unlisted)
    known = set(new)
    return Changes(
        listed=[*(key for key in new if key not in unlisted), *refreshed.listed],
        unlisted=[key for key in refreshed.unlisted if key not in known],
        touched=[key for key in refreshed.touched if key not in known],
        completed=refreshed.completed,
    )


def settle_all(database: Database) -> None:
    """Group the versions of a library from before there were stories."""
    for rows in _batches(database):
        matching = Matching(database)
        arrivals = []
        for key, identity, record in rows:
            with suppress(ValueError, TypeError):  # a damaged one stays by itself
                arrivals.append(
                    Arrival(key, identity, fingerprints_of(decode_article(record), identity), record)
                )
        for arrival, joining in zip(arrivals, matching.find(arrivals), strict=True):
            if joining.story != arrival.key:
                matching.move(arrival.key, joining)
        settle(database, Places(database), matching, ())


def _batches(database: Database) -> Iterable[list[tuple[int, bytes, bytes]]]:
    last = 0
    while rows := database.all(
        "SELECT key, identity, record FROM articles JOIN records USING (key) WHERE key > ? ORDER BY key"
        f" LIMIT {_BATCH}",
        (last,),
    ):
        yield [(key, identity, record) for key, identity, record in rows]
        last = rows[-1][0]


def forget(database: Database, keys: Iterable[int]) -> Changes:
    """Delete versions with their records, and regroup what is remaining as if they had never been there.

    The caller deletes the rows of their captures. Unknown keys are remaining out.
    """
    matching = Matching(database)
    stories = matching.stories_of(keys)
    going = sorted(set(keys) & matching.keys_of(stories))
    twins = matching.twins_of(going)
    # A version that has an equal twin in its story can go without a change to any story.
    linked = matching.linked(matching.stories_of(set(going) - twins.keys()))
    remaining = matching.keys_of(linked).difference(going)
    places = Places(database)
    gone = _delete(database, places, going, [row for key in going for row in matching.fingerprint_rows(key)])
    matching.forget(going)
    matching.stand_in(set(twins.values()))
    if remaining:
        matching.regroup(remaining, matching.stories_of(remaining))
    changes = settle(database, places, matching, ())
    return changes._replace(unlisted=[*gone, *changes.unlisted])


def _delete(
    database: Database, places: Places, keys: Sequence[int], fingerprints: Sequence[tuple[int, int]]
) -> list[int]:
    """Delete the rows of versions; return those that were representatives."""
    rows = database.all(
        "SELECT a.key, group_id, seq, truncated FROM json_each(?) j CROSS JOIN articles a ON a.key = j.value"
        " WHERE seq IS NOT NULL",
        (json.dumps(keys),),
    )
    for _, group_id, seq, truncated in rows:
        places.leave(group_id, seq, truncated)
    database.run_many("DELETE FROM clues WHERE clue = ? AND key = ?", fingerprints)
    for table in ("articles", "records", "folded"):
        database.run_many(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])
    return [key for key, *_ in rows]


def split(database: Database, key: int) -> Changes:
    """Take a version, and those with the same words, out of its story for good, also if it is added again."""
    matching = Matching(database)
    stories = _stories_of(database, matching, key)
    identity = matching.identity_of(key)
    others = {matching.identity_of(other) for other in matching.keys_of(stories)} - {identity}
    database.run_many(
        "INSERT OR IGNORE INTO apart (one, other) VALUES (?, ?)",
        chain.from_iterable(((identity, other), (other, identity)) for other in sorted(others)),
    )
    return _regroup(database, stories)


def unsplit(database: Database, key: int) -> Changes:
    """Put a version back that was split off: what it matches may be its story again."""
    stories = _stories_of(database, Matching(database), key)
    identity = database.one("SELECT identity FROM articles WHERE key = ?", (key,))
    database.run("DELETE FROM apart WHERE one = ?1 OR other = ?1", identity or (b"",))
    return _regroup(database, stories)


def regroup(database: Database, keys: Iterable[int]) -> Changes:
    """Regroup the stories of these versions, and those that they may be one with."""
    return _regroup(database, Matching(database).stories_of(keys))


def _stories_of(database: Database, matching: Matching, key: int) -> set[int]:
    stories = matching.stories_of([key])
    if not stories:
        raise LibraryError(f"{database.path}: there is no article {key} any more")
    return stories


def _regroup(database: Database, stories: Iterable[int]) -> Changes:
    matching = Matching(database)
    linked = matching.linked(stories)
    matching.regroup(matching.keys_of(linked), linked)
    return settle(database, Places(database), matching, ())
