"""What comes out of a file as it is walked through, and the captures and problems that this comes to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from reader.captures.picture_records import PictureRecord
from reader.captures.raw_page import RawPage
from reader.captures.source import explained
from reader.captures.tally import Late, Tally
from reader.model import Capture, Problem

Item = Capture | Problem | RawPage | Tally | PictureRecord
Items = Iterator[Item]


class Caught(Iterator[Item]):
    """Items of one file, member, record or row; where reading it fails, a problem of it is the last.

    No generator: that would hold each item for as long as what comes of it is in use.
    """

    __slots__ = ("_items", "_label", "_partial")

    def __init__(self, items: Items, label: str) -> None:
        """`label` names what is read."""
        self._items = items
        self._label = label
        self._partial = False

    def __next__(self) -> Item:
        try:
            item = next(self._items)
        except StopIteration:
            raise
        except Exception as error:
            self._items = iter(())
            cut = explained(error)
            return Problem(self._label, cut.kind, cut.reason, self._partial)
        self._partial = self._partial or not isinstance(item, Problem | PictureRecord)
        return item


class Finished(Iterator[Capture | Problem]):
    """Items, with the text of each page read and each tally told.

    No generator: that would hold each item for as long as what comes of it is in use.
    """

    def __init__(
        self, items: Items, on_picture: Callable[[PictureRecord], object] | None = None, skip: int = 0
    ) -> None:
        """The first `skip` pages and problems are left out, and not read."""
        self._items = items
        self._on_picture = on_picture
        self._skip = skip
        self.taken = 0
        """How many pages and problems have been met, those left out included."""
        self._next: deque[Problem] = deque()
        self._late: list[Late] = []

    def __next__(self) -> Capture | Problem:
        while not self._next:
            item = next(self._items)
            if not isinstance(item, PictureRecord | Tally):
                self.taken += 1
                if self.taken <= self._skip:
                    continue
            if isinstance(item, RawPage):
                if (capture := self._read(item)) is not None:
                    return capture
            elif isinstance(item, PictureRecord):
                if self._on_picture is not None:
                    self._on_picture(item)
            elif not isinstance(item, Tally):
                return item
            else:
                item.settle(self._late)
                self._next += item.problems()
        return self._next.popleft()

    def _read(self, page: RawPage) -> Capture | None:
        capture, problem = page.read()
        if problem and page.ticket:
            self._late.append(Late(page.ticket, problem))
        elif problem:
            self._next.append(problem)
        return capture
