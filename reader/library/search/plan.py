"""What a query asks for -> what SQLite is asked: alternatives of an FTS5 expression, days, and conditions on rows.

The index knows everything but states and places of captures. A query that has these beside the rest is one
alternative; where they are among ORs or left out, the query is turned inside out until each stands beside the
rest of its own alternative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from typing import NamedTuple

from reader.errors import QueryError
from reader.library.search.prefixes import Ending
from reader.library.search.query import (
    ALL,
    DAY,
    LAST_DAY,
    MONTH,
    YEAR,
    And,
    Condition,
    Dates,
    Node,
    Not,
    Or,
    Phrase,
    has_condition,
)
from reader.library.search.schema import LEAD, PREFIXES
from reader.library.search.tokens import special

MOST_ALTERNATIVES = 32
"""How many alternatives a query may have once it is turned inside out."""
_MOST_PHRASES = 12
"""How many phrases stand for one whose last word is a beginning, if that is a long one, which few words have."""
_NOTHING = f'"{LEAD}nothing"'
EVERYTHING = f'"{special(ALL)[0]}"'

Expand = Callable[[str], list[Ending]]
"""What stands for the words that begin with something: `expanding.expand`."""


class Look(NamedTuple):
    """A condition, or that it does not hold."""

    condition: Condition
    holds: bool


class Alternative(NamedTuple):
    """What an article must be to match in one of the ways a query leaves it."""

    match: str
    """The FTS5 expression."""
    first: int
    last: int
    """The days of its printed date: from `first` to before `last`; 0 is no date."""
    looks: tuple[Look, ...]
    slow: bool
    """Whether SQLite takes some time for it each time it is asked, however little is asked for."""
    at_once: bool
    """Whether it is therefore best to ask for all of it; not for a phrase, which takes far longer to the end."""
    gaps: bool = False
    """Whether the next match may be far, that of a phrase of frequent words."""
    wide: str = ""
    """An expression that is found sooner and matches more; "" where there is none."""
    unsure: tuple[Phrase, ...] = ()
    """What an article that it matches must have besides."""


class _Draft(NamedTuple):
    nodes: tuple[Node, ...] = ()
    first: int = 0
    last: int = LAST_DAY
    looks: tuple[Look, ...] = ()


def plan(node: Node, expand: Expand, years: Callable[[], tuple[int, int]]) -> list[Alternative]:
    """The alternatives of a query; QueryError when they are too many.

    `years` tells the first and the last of any printed date, for dates that are asked for among ORs.
    """
    found: list[Alternative] = []
    for draft in _drafts(node, True):
        if draft.first < draft.last:
            writer = _Writer(expand, years)
            match = writer.all_of(draft.nodes)
            unsure = tuple(node for node in draft.nodes if isinstance(node, Phrase) and node in writer.many)
            wide = [
                _wider(node) if isinstance(node, Phrase) and node in unsure else node for node in draft.nodes
            ]
            found.append(
                Alternative(
                    match,
                    draft.first,
                    draft.last,
                    draft.looks,
                    writer.slow,
                    writer.at_once,
                    writer.gaps,
                    _Writer(expand, years).all_of(wide) if unsure else "",
                    unsure,
                )
            )
    return list(dict.fromkeys(found))


def _drafts(node: Node, holds: bool) -> list[_Draft]:
    """The alternatives of a node, or of its contrary."""
    if isinstance(node, Not):
        return _drafts(node.node, not holds)
    if isinstance(node, Condition):
        return [_Draft(looks=(Look(node, holds),))]
    if isinstance(node, Dates) and holds:
        return [_Draft(first=node.first, last=node.last)]
    if isinstance(node, And) and holds:
        return _together([_drafts(part, True) for part in node.nodes])
    if not has_condition(node) or not isinstance(node, (And, Or)):
        return [_Draft(nodes=(node if holds else Not(node),))]
    parts = [_drafts(part, holds) for part in node.nodes]
    if isinstance(node, Or) is not holds:
        return _together(parts)
    return [draft for part in parts for draft in part]


def _together(parts: Sequence[list[_Draft]]) -> list[_Draft]:
    """Every combination of one alternative of each part."""
    number = 1
    for part in parts:
        number *= len(part)
    if number > MOST_ALTERNATIVES:
        raise QueryError("too many ORs with is:read, is:unread, is:starred or in: among them", 0, 1)
    return [
        _Draft(
            tuple(node for draft in chosen for node in draft.nodes),
            max(draft.first for draft in chosen),
            min(draft.last for draft in chosen),
            tuple(dict.fromkeys(look for draft in chosen for look in draft.looks)),
        )
        for chosen in product(*parts)
    ]


def _wider(phrase: Phrase) -> Phrase:
    """A phrase with as much of its last beginning as the index can look up at once."""
    *before, last = phrase.tokens
    length = max((length for length in PREFIXES if length <= len(last)), default=0)
    return Phrase((*before, last[:length]) if length else tuple(before), length > 0, phrase.parts)


class _Writer:
    """Writes FTS5 expressions."""

    def __init__(self, expand: Expand, years: Callable[[], tuple[int, int]]) -> None:
        self.slow = False
        """Whether anything that was written is slow."""
        self.at_once = False
        """Whether that is words alone."""
        self.gaps = False
        """Whether the next match of what was written may be far from one."""
        self.many: list[Phrase] = []
        """Phrases that are read of articles for which several phrases were written."""
        self._slow_phrases = False
        self._expand = expand
        self._years = years

    def all_of(self, nodes: Sequence[Node]) -> str:
        """What matches all of `nodes`; what matches everything when there is none."""
        # The index has nothing but phrases, so what is left out is taken from something.
        kept = [self.write(node) for node in nodes if not isinstance(node, Not)]
        left_out = [self.write(node.node) for node in nodes if isinstance(node, Not)]
        match = _joined(" AND ", kept) if kept else EVERYTHING
        return f"({match} NOT {_joined(' OR ', left_out)})" if left_out else match

    def write(self, node: Node) -> str:
        """A node as an expression that can stand anywhere in another."""
        if isinstance(node, And):
            return self.all_of(node.nodes)
        if isinstance(node, Or):
            return _joined(" OR ", list(map(self.write, node.nodes)))
        if isinstance(node, Not):
            return self.all_of((node,))
        if isinstance(node, Dates):
            days = days_within(node.first, node.last, *self._years())
            return _joined(" OR ", [f'"{token}"' for token in days]) if days else _NOTHING
        assert isinstance(node, Phrase)
        return self._phrase(node)

    def _phrase(self, phrase: Phrase) -> str:
        *before, last = phrase.tokens
        endings = self._expand(last) if phrase.prefix else [Ending(last, False)]
        self.gaps |= bool(before)
        if before and len(endings) > 1 and phrase.plain:
            self.many.append(phrase)
        if before and len(endings) > _MOST_PHRASES and len(last) > PREFIXES[-1]:
            endings = [Ending(last, True, slow=True)]
        if any(end.slow for end in endings):
            self.slow = True
            self._slow_phrases |= bool(before)
            self.at_once = not self._slow_phrases
        if not endings:
            return _NOTHING
        written = [f'"{" ".join([*before, end.token])}"{" *" if end.prefix else ""}' for end in endings]
        match = _joined(" OR ", written)
        return f"({{{' '.join(phrase.parts)}}} : {match})" if phrase.parts else match


def _joined(operator: str, written: list[str]) -> str:
    return written[0] if len(written) == 1 else f"({operator.join(written)})"


def days_within(first: int, last: int, first_year: int, last_year: int) -> list[str]:
    """Special tokens of the years, months and days that make up the days from `first` to before `last`."""
    start = max(first, date(max(first_year, 1), 1, 1).toordinal())
    stop = min(last, date(last_year, 12, 31).toordinal() + 1)
    found: list[str] = []
    while start < stop:
        day = date.fromordinal(start)
        year_end = date(day.year, 12, 31).toordinal() + 1
        month_end = year_end if day.month == 12 else date(day.year, day.month + 1, 1).toordinal()
        if day.month == day.day == 1 and year_end <= stop:
            found += special(YEAR, f"{day:%Y}")
            start = year_end
        elif day.day == 1 and month_end <= stop:
            found += special(MONTH, f"{day:%Y%m}")
            start = month_end
        else:
            found += special(DAY, f"{day:%Y%m%d}")
            start += 1
    return found
