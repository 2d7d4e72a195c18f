"""What comes out of a file as it is walked through, and the captures and problems that this comes to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from reader.captures.raw_page import RawPage
from reader.captures.tally import Late, Tally
from reader.model import Capture, Problem

Item = Capture | Problem | RawPage | Tally
Items = Iterator[Item]


class Finished(Iterator[Capture | Problem]):
    """Items, with the text of each page read and each tally told.

    No generator: that would hold each item for as long as what comes of it is in use.
    """

    def __init__(self, items: Items) -> None:
        self._items = items
        self._next: deque[Problem] = deque()
        self._late: list[Late] = []

    def __next__(self) -> Capture | Problem:
        while not self._next:
            item = next(self._items)
            if isinstance(item, RawPage):
                return self._read(item)
            if not isinstance(item, Tally):
                return item
            item.settle(self._late)
            self._next += item.problems()
        return self._next.popleft()

    def _read(self, page: RawPage) -> Capture:
        capture, problem = page.read()
        if problem and page.ticket:
            self._late.append(Late(page.ticket, problem))
        elif problem:
            self._next.append(problem)
        return capture
