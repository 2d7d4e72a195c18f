"""What is said of the files in folders that are no captures."""

from __future__ import annotations

import os

from reader.sanitize import many

_MOST_ENDINGS = 1_000
"""So many endings are counted apart."""
_NAMED_ENDINGS = 5


class PassedOver:
    """The files in folders that are no captures, counted by their endings."""

    def __init__(self) -> None:
        self._first = ""
        self._counts: dict[str, int] = {}

    def add(self, name: str) -> None:
        """Count one."""
        self._first = self._first or name
        ending = os.path.splitext(name)[1] or "no ending"  # noqa: PTH122
        if ending not in self._counts and len(self._counts) == _MOST_ENDINGS:
            ending = "other endings"
        self._counts[ending] = self._counts.get(ending, 0) + 1

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        """One sentence for all of them."""
        ranked = sorted(self._counts.items(), key=lambda pair: -pair[1])
        kinds = [f"{count:,} {ending}" for ending, count in ranked[:_NAMED_ENDINGS]]
        if rest := sum(count for _, count in ranked[_NAMED_ENDINGS:]):
            kinds.append(f"{rest:,} more")
        files = many(
            sum(self._counts.values()), "file that is no capture was", "files that are no captures were"
        )
        return (
            f"{files} passed over in folders ({', '.join(kinds)}), such as {self._first};"
            " name a file to read it all the same"
        )
