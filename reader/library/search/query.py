"""A query as a tree, and the names of its parts. Pure; `parser` makes one from text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from reader.library.search.schema import LEAD

STATES = ("truncated", "whole", "sponsored", "unread", "read", "starred")
"""What `is:` takes."""
FIELDS = ("section", "author", "sponsor", "is", "before", "after", "in")
"""What can stand before a colon."""

ALL, TRUNCATED, WHOLE, SPONSORED = "a", "t", "w", "p"
SECTION, SPONSOR, AUTHOR = "s", "o", "u"
YEAR, MONTH, DAY = "y", "m", "d"
"""Kinds of special tokens (`tokens.special`): every article has ALL, and of the others what is true of it."""


LAST_DAY = date.max.toordinal() + 1
"""The ordinal behind every day there is."""


class Phrase(NamedTuple):
    """Tokens that stand side by side in one part of an article."""

    tokens: tuple[str, ...]
    """At least one, folded."""
    prefix: bool = False
    """Whether the last one may go on."""
    parts: tuple[str, ...] = ()
    """The parts it must stand in; none: any."""

    @property
    def plain(self) -> bool:
        """Whether it is looked for in what can be read, not in what is known of an article."""
        return self.tokens[0][0] != LEAD or self.tokens[0][1] == "x"


class Dates(NamedTuple):
    """Printed dates from the first to before the last, as ordinals of days (1 is 0001-01-01)."""

    first: int
    last: int


class Condition(NamedTuple):
    """What the index does not know: it is looked up in the rows of articles."""

    kind: str
    """One of unread, read, starred, in."""
    value: str = ""
    """For `in`: what the path or address of a capture contains, in lower case."""


class And(NamedTuple):
    """All of them."""

    nodes: tuple[Node, ...]


class Or(NamedTuple):
    """At least one of them."""

    nodes: tuple[Node, ...]


class Not(NamedTuple):
    """What is not so."""

    node: Node


Node = Phrase | Dates | Condition | And | Or | Not


def ordinal(published: str | None) -> int:
    """The day of a printed date, from 1 for 0001-01-01; 0 when there is none."""
    if published is None:
        return 0
    try:
        return date.fromisoformat(published).toordinal()
    except ValueError:
        return 0


def wanted(node: Node | None) -> Iterator[Phrase]:
    """The plain phrases that make an article match: what is to be marked in it."""
    if isinstance(node, (And, Or)):
        for part in node.nodes:
            yield from wanted(part)
    elif isinstance(node, Phrase) and node.plain:
        yield node


def conjunction(nodes: Sequence[Node]) -> Node:
    """All of `nodes`, of which there is at least one."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def disjunction(nodes: Sequence[Node]) -> Node:
    """Any of `nodes`, of which there is at least one."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))
