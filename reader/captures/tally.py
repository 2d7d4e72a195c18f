"""What is met many times in one file, told once with a count."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.captures.raw_page import RawPage, Ticket
from reader.model import Problem
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.captures.items import Items

NOT_A_CAPTURE: Final = "not a capture"
"""Kind of the problem of a file in a folder that is something else: named, but no failure."""
PASSED_OVER: Final = "passed over"
"""Kind of the problem of what was not wanted or is no page, inside a file that was read: told, but no failure."""

_PLACES = 3
"""How many places are named."""
_NAMED = 6
"""How many kinds of what was passed over are named."""


class _Found:
    """How many of one kind there were, and where the first were."""

    def __init__(self) -> None:
        self.count = 0
        self.places: list[tuple[int, str]] = []
        """Each with how many places in the file came before it."""

    def add(self, at: int, place: str) -> None:
        self.count += 1
        insort(self.places, (at, place))
        del self.places[_PLACES:]

    def __str__(self) -> str:
        named = ", ".join(place for _, place in self.places)
        return named + (", …" if self.count > len(self.places) else "")


class Late(NamedTuple):
    """What turned out of a page when it was read."""

    ticket: Ticket
    problem: Problem


class Tally:
    """Failures in one file by kind: each becomes one problem with a count and the first places."""

    def __init__(self, label: str, thing: str) -> None:
        """`label` is the file's, `thing` the word for one of what it holds ("line", "record")."""
        self._label = label
        self._thing = thing
        self._found: dict[tuple[str, str], _Found] = {}
        self._at = 0

    def add(self, kind: str, reason: str, place: object) -> None:
        """One more, at `place` (the number of a line or a record, or a name). `reason` is the program's own words."""
        self._at += 1
        self._add(kind, reason, self._at, str(place))

    def take(self, page: RawPage, place: object) -> RawPage:
        """The page, which is at `place`, with a ticket for what turns out of it."""
        self._at += 1
        return page._replace(ticket=Ticket(self._label, self._at, str(place)))

    def collect(self, items: Items, place: object) -> Items:
        """The captures and pages among `items`, which are at `place`; the problems are counted."""
        for item in items:
            if isinstance(item, Problem):
                self.add(item.kind, item.reason, place)
            else:
                yield self.take(item, place) if isinstance(item, RawPage) else item

    def settle(self, late: list[Late]) -> None:
        """Count what turned out of its pages, and take it from the list; in what order it came is no matter."""
        for ticket, problem in late:
            if ticket.label == self._label:
                self._add(problem.kind, problem.reason, ticket.at, ticket.place)
        late[:] = [one for one in late if one.ticket.label != self._label]

    def _add(self, kind: str, reason: str, at: int, place: str) -> None:
        self._found.setdefault((kind, reason), _Found()).add(at, place)

    def __bool__(self) -> bool:
        return bool(self._found)

    def problems(self) -> Iterator[Problem]:
        """A problem a kind, in the order of their first."""
        for (kind, reason), found in sorted(self._found.items(), key=lambda pair: pair[1].places):
            yield Problem(
                self._label, kind, f"{many(found.count, self._thing)} ({found}): {reason}", partial=True
            )


def passed_over(label: str, thing: str, counts: Mapping[str, int]) -> Iterator[Problem]:
    """One problem for all that is no page, with the most frequent kinds of it; none when there is nothing."""
    if not counts:
        return
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [f"{count:,} {kind}" for kind, count in ranked[:_NAMED]]
    rest = sum(count for _, count in ranked[_NAMED:])
    reason = f"{many(sum(counts.values()), thing)} passed over: {', '.join(named)}" + (
        f", {rest:,} others" if rest else ""
    )
    yield Problem(label, PASSED_OVER, reason, partial=True)
