"""Chooses the representative version of each story and its group, and merges what the other versions say.

What the representative lacks comes from the fullest version that has it. The table `merged` has these facts, each with
the version it comes from. The columns of the representative show them too, so that lists, filters and sorting cost no
more; its record stays as its capture has it.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from reader.library.database.connection import Database, Row
from reader.library.database.schema import (
    COMPLETES,
    FULLEST_FIRST,
    SPONSORED_ID,
    UNSECTIONED_ID,
    decode_article,
    decode_field,
    filter_text,
    identity_fingerprint,
    shown_columns,
)
from reader.model import HEADLINE_LINK, MERGED_FIELDS, Article, Link

# Merging

FIELDS: Final = tuple(MERGED_FIELDS)
_MOST_VERSIONS: Final = 50
"""How many of the fullest versions of a story are merged."""


class Fact(NamedTuple):
    """A field that the representative of a story takes from another version."""

    field: str
    value: str
    """Its value as JSON; see `schema.decode_field`."""
    version: int
    """The key of the version that has it."""


Facts = tuple[Fact, ...]


def merge(article: Article, others: Iterable[tuple[int, Article]]) -> Facts:
    """Return what `article` lacks, each from the first of the other versions that has it, in the order of `FIELDS`."""
    missing = [
        field
        for field in FIELDS
        if not getattr(article, field) and (field != "sponsor" or article.sponsored is not None)
    ]
    facts: dict[str, Fact] = {}
    for key, version in others:
        is_same_kind = (article.sponsored is None) == (version.sponsored is None)
        for field in missing:
            if field in ("section", "kicker") and not is_same_kind:
                continue
            # A kicker belongs to its section.
            if field == "kicker" and not ("section" in facts and facts["section"].version == key):
                continue
            value = _fitting_links(article, version) if field == "links" else getattr(version, field)
            if value:
                facts[field] = Fact(field, json.dumps(value, separators=(",", ":")), key)
        missing = [field for field in missing if field not in facts]
        if not missing or missing == ["kicker"]:
            break
    return tuple(facts[field] for field in FIELDS if field in facts)


def _fitting_links(article: Article, version: Article) -> tuple[Link, ...]:
    """Return the links of another version whose blocks `article` has, with the indexes of its own blocks."""
    blocks = {block.text: number for number, block in reversed(list(enumerate(article.body)))}
    links: list[Link] = []
    for link in version.links:
        if link.block == HEADLINE_LINK:
            number = HEADLINE_LINK if version.headline == article.headline else None
        else:
            number = blocks.get(version.body[link.block].text) if link.block < len(version.body) else None
        if number is not None:
            links.append(link._replace(block=number))
    return tuple(sorted(links))


def with_facts(article: Article, facts: Iterable[Fact]) -> Article:
    """Return the article with these facts; its `id` stays. ValueError or TypeError for damaged facts."""
    values = {fact.field: decode_field(fact.field, json.loads(fact.value)) for fact in facts}
    if not values.keys() <= set(FIELDS):
        raise ValueError("unknown fields")
    return article._replace(own_id=article.id, **values) if values else article


# Reading


def read_facts(database: Database, keys: Iterable[int]) -> dict[int, Facts]:
    """Return the merged facts of these representatives; those that have none are left out."""
    facts: dict[int, Facts] = {}
    rows = database.all(
        "SELECT m.* FROM json_each(?) j CROSS JOIN merged m ON m.key = j.value", (json.dumps(list(keys)),)
    )
    rows.sort(key=lambda row: FIELDS.index(row[1]) if row[1] in FIELDS else len(FIELDS))
    for key, *fact in rows:
        facts[key] = (*facts.get(key, ()), Fact(*fact))
    return facts


def read_merged(database: Database, keys: Sequence[int]) -> Iterator[tuple[int, Article]]:
    """Yield articles with their keys and their merged facts, in the order of the keys; skip damaged ones."""
    facts = read_facts(database, keys)
    for key, record in database.rows(
        "SELECT r.key, record FROM json_each(?) j CROSS JOIN records r ON r.key = j.value ORDER BY j.key",
        (json.dumps(list(keys)),),
    ):
        with suppress(ValueError, TypeError):
            yield key, with_facts(decode_article(record), facts.get(key, ()))


def facts_of_story(database: Database, representative: int) -> Facts:
    """Merge the versions of the story that a version represents."""
    rows = database.rows(
        "SELECT key, record FROM articles a CROSS JOIN records r USING (key)"
        " WHERE a.story = (SELECT story FROM articles WHERE key = ?)"
        f" ORDER BY key <> ?, {FULLEST_FIRST} LIMIT {_MOST_VERSIONS}",
        (representative, representative),
    )
    versions = _readable(rows)
    first = next(versions, None)
    return merge(first[1], versions) if first is not None and first[0] == representative else ()


def _readable(records: Iterable[Row]) -> Iterator[tuple[int, Article]]:
    for key, record in records:
        with suppress(ValueError, TypeError):
            yield key, decode_article(record)


# Writing


class Merged(NamedTuple):
    """The facts of a representative before and after a change."""

    before: Facts
    after: Facts


def _update_facts(
    database: Database, representatives: Sequence[int], unlisted: Sequence[int]
) -> dict[int, Merged]:
    """In the open transaction, merge the versions of changed stories. Return the versions whose facts changed.

    `unlisted` are former representatives.
    """
    before = read_facts(database, [*representatives, *unlisted])
    changed = {key: Merged(before[key], ()) for key in unlisted if key in before}
    for key in representatives:
        merged = Merged(before.get(key, ()), facts_of_story(database, key))
        if merged.before != merged.after:
            changed[key] = merged
    database.run_many("DELETE FROM merged WHERE key = ?", [(key,) for key in changed])
    database.insert(
        "merged",
        "key, field, value, version",
        [(key, *fact) for key, merged in changed.items() for fact in merged.after],
    )
    # Lists and their filter show the merged facts too.
    shown = dict(read_merged(database, list(changed)))
    database.run_many(
        "UPDATE articles SET published = ?, authors = ?, sponsor = ? WHERE key = ?",
        [(*shown_columns(article), key) for key, article in shown.items()],
    )
    database.run_many(
        "UPDATE folded SET rest = ? WHERE key = ?",
        [(filter_text(article), key) for key, article in shown.items()],
    )
    return changed


# Representatives and groups


class Changes(NamedTuple):
    """What a transaction changed in stories, as keys of versions; the index and the reader's marks follow it."""

    listed: Sequence[int] = ()
    """New representatives of their stories."""
    unlisted: Sequence[int] = ()
    """Former representatives; their rows may be deleted."""
    touched: Sequence[int] = ()
    """Representatives that remain, though the versions or the group of their stories changed."""
    texts: Mapping[int, tuple[str, ...]] = {}
    """The index texts (`search.indexing.texts`) of articles that this transaction wrote or removed."""
    merged: Mapping[int, Merged] = {}
    """Listed or formerly listed versions for which other facts of other versions count now."""
    completed: Sequence[int] = ()
    """Representatives whose stories this transaction completed: another capture has only the start."""


def group_of_section(database: Database, name: str) -> int:
    """In the open transaction, return the group of a section, creating it if necessary."""
    database.run("INSERT OR IGNORE INTO groups (name) VALUES (?)", (name,))
    return database.number("SELECT group_id FROM groups WHERE name = ?", (name,))


def refresh(database: Database, stories: Iterable[int], new: Collection[int] = ()) -> Changes:
    """Choose the representative and the group of each of `stories`, whose versions have changed, and merge its facts.

    `new` are versions that were just written, each listed as a story of its own. Runs in the open transaction.
    """
    story_list = json.dumps(sorted(stories))
    before = database.all(
        "SELECT a.key, a.story, a.completed FROM json_each(?) j"
        " CROSS JOIN articles a ON a.story = j.value AND a.listed",
        (story_list,),
    )
    after = database.all(_REPRESENTATIVES, (story_list,))
    were_completed = {story for _, story, completed in before if completed}
    begun = set(new)
    were_listed = {key for key, *_ in before}
    representatives = {key for key, *_ in after}
    replaced = were_listed - representatives
    database.run_many(
        "UPDATE articles SET group_id = home, listed = 0, completed = 0 WHERE key = ?",
        [(key,) for key in replaced],
    )
    database.run_many(
        "UPDATE articles SET group_id = ?1, listed = 1, completed = ?2"
        " WHERE key = ?3 AND (group_id, listed, completed) <> (?1, 1, ?2)",
        [(group_id, completed, key) for key, _, group_id, completed in after],
    )
    database.run(
        "UPDATE groups SET (articles, truncated) = (SELECT count(*), coalesce(sum(truncated), 0) FROM articles a"
        " WHERE a.group_id = groups.group_id AND a.listed)"
    )
    unlisted = sorted(replaced - begun)
    return Changes(
        listed=sorted((begun - replaced) | (representatives - were_listed)),
        unlisted=unlisted,
        touched=sorted((representatives & were_listed) - begun),
        merged=_update_facts(database, [key for key, *_ in after], unlisted),
        completed=[key for key, story, _, completed in after if completed and story not in were_completed],
    )


_FULLEST: Final = f"FROM articles a WHERE a.story = j.value {{}} ORDER BY {FULLEST_FIRST} LIMIT 1"
# A story is listed in the group of its representative, or if that has no section, of the fullest version that has one.
_REPRESENTATIVES: Final = f"""
    SELECT f.key, j.value, CASE f.home WHEN {UNSECTIONED_ID} THEN coalesce((SELECT a.home
        {_FULLEST.format(f"AND a.home NOT IN ({UNSECTIONED_ID}, {SPONSORED_ID})")}), f.home) ELSE f.home END,
    EXISTS (SELECT 1 FROM articles v WHERE v.story = j.value AND {COMPLETES.format("f", "v")})
    FROM json_each(?) j CROSS JOIN articles f ON f.key = (SELECT a.key {_FULLEST.format("")})
    ORDER BY j.key"""


def representatives_of(database: Database, identities: Iterable[bytes]) -> list[int]:
    """Return the keys of the representatives of the stories with these identities."""
    wanted = set(identities)
    rows = database.all(
        "SELECT f.key, a.identity FROM json_each(?) j CROSS JOIN fingerprints c ON c.fingerprint = j.value"
        " CROSS JOIN articles a ON a.key = c.key CROSS JOIN articles f ON f.story = a.story AND f.listed",
        (json.dumps(sorted(map(identity_fingerprint, wanted))),),
    )
    return sorted({key for key, identity in rows if identity in wanted})


def representative_key(database: Database, identity: bytes) -> int | None:
    """Return the key of the representative of the story with this identity, or None if no capture has it."""
    return next(iter(representatives_of(database, [identity])), None)
