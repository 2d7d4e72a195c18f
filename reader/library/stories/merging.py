"""Merges what the versions of a story say: what the listed one lacks comes from the fullest version that has it.

The table `merged` has these facts, each with the version it comes from. The columns of the listed version show them
too, so that lists, filters and sorting cost no more; its record stays as its capture has it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from reader.library.database.connection import Database
from reader.library.database.records import (
    decode_article,
    decode_field,
    encode_field,
    filter_text,
    shown_columns,
)
from reader.library.database.schema import FULLEST_FIRST
from reader.model import HEADLINE_LINK, MERGED_FIELDS, Article, Link

FIELDS: Final = tuple(MERGED_FIELDS)
_MOST_VERSIONS: Final = 50
"""How many of the fullest versions of a story are merged."""


class Fact(NamedTuple):
    """A field that the representative of a story takes from another version."""

    field: str
    value: str
    """Its value as JSON; see `records.decode_field`."""
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
                facts[field] = Fact(field, encode_field(value), key)
        missing = [field for field in missing if field not in facts]
        if not missing or missing == ["kicker"]:
            break
    return tuple(facts[field] for field in FIELDS if field in facts)


def _fitting_links(article: Article, version: Article) -> tuple[Link, ...]:
    """Return the links of another version whose blocks `article` has, with the indexes of its own blocks."""
    if not version.links:
        return ()
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
    for key, *fact in database.all(
        "SELECT m.* FROM json_each(?) j CROSS JOIN merged m ON m.key = j.value", (json.dumps(list(keys)),)
    ):
        facts[key] = (*facts.get(key, ()), Fact(*fact))
    order = {field: number for number, field in enumerate(FIELDS)}
    return {
        key: tuple(sorted(known, key=lambda fact: order.get(fact.field, len(order))))
        for key, known in facts.items()
    }


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
    versions = _versions(
        database,
        "a.story = (SELECT story FROM articles WHERE key = ?)"
        f" ORDER BY key <> ?, {FULLEST_FIRST} LIMIT {_MOST_VERSIONS}",
        (representative, representative),
    )
    first = next(versions, None)
    return merge(first[1], versions) if first is not None and first[0] == representative else ()


def _versions(database: Database, condition: str, values: Sequence[Any]) -> Iterator[tuple[int, Article]]:
    """Yield the readable versions that meet a condition."""
    for key, record in database.rows(
        f"SELECT key, record FROM articles a CROSS JOIN records r USING (key) WHERE {condition}",
        values,
    ):
        with suppress(ValueError, TypeError):
            yield key, decode_article(record)


# Writing


class Merged(NamedTuple):
    """The facts of a representative before and after a change."""

    before: Facts
    after: Facts


def update(database: Database, counts: Mapping[int, int], unlisted: Sequence[int]) -> dict[int, Merged]:
    """In the open transaction, merge the versions of changed stories. Return the versions whose facts changed.

    `counts` has the number of versions by the key of each representative; `unlisted` are former representatives.
    """
    before = read_facts(database, [*counts, *unlisted])
    changed = {key: Merged(before[key], ()) for key in unlisted if key in before}
    for key, count in counts.items():
        merged = Merged(before.get(key, ()), () if count == 1 else facts_of_story(database, key))
        if merged.before != merged.after:
            changed[key] = merged
    # Lists and their filter show the merged facts too.
    rows: list[tuple[Any, ...]] = []
    texts: list[tuple[Any, ...]] = []
    for key, article in _versions(
        database, "key IN (SELECT value FROM json_each(?))", (json.dumps(list(changed)),)
    ):
        shown = with_facts(article, changed[key].after)
        rows.append((*shown_columns(shown), key))
        texts.append((filter_text(shown), key))
    database.run_many("UPDATE articles SET published = ?, authors = ?, sponsor = ? WHERE key = ?", rows)
    database.run_many("UPDATE folded SET rest = ? WHERE key = ?", texts)
    database.run_many("DELETE FROM merged WHERE key = ?", [(key,) for key in changed])
    database.insert(
        "merged",
        "key, field, value, version",
        [(key, *fact) for key, merged in changed.items() for fact in merged.after],
    )
    return changed
