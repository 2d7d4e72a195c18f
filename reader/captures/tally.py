"""What is met many times in one file, told once with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reader.model import Capture, Problem

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
        self.places: list[str] = []

    def __str__(self) -> str:
        return ", ".join(self.places) + (", …" if self.count > len(self.places) else "")


class Tally:
    """Failures in one file by kind: each becomes one problem with a count and the first places."""

    def __init__(self, label: str, thing: str) -> None:
        """`label` is the file's, `thing` the word for one of what it holds ("line", "record")."""
        self._label = label
        self._thing = thing
        self._found: dict[tuple[str, str], _Found] = {}

    def add(self, kind: str, reason: str, place: object) -> None:
        """One more, at `place` (the number of a line or a record, or a name). `reason` is the program's own words."""
        found = self._found.setdefault((kind, reason), _Found())
        found.count += 1
        if len(found.places) < _PLACES:
            found.places.append(str(place))

    def collect(self, items: Iterable[Capture | Problem], place: object) -> Iterator[Capture]:
        """The captures among `items`, which are at `place`; the problems are counted."""
        for item in items:
            if isinstance(item, Problem):
                self.add(item.kind, item.reason, place)
            else:
                yield item

    def __bool__(self) -> bool:
        return bool(self._found)

    def problems(self) -> Iterator[Problem]:
        """A problem a kind, in the order of their first."""
        for (kind, reason), found in self._found.items():
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


def many(count: int, thing: str) -> str:
    """A count with its word: "1 record", "3,000 records"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
