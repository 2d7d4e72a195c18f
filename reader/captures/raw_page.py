"""A page of HTML as its archive holds it: taking it out is quick, and its text can be read elsewhere and later."""

from __future__ import annotations

from typing import NamedTuple

from reader.captures.source import explained
from reader.model import Capture, Problem


class Ticket(NamedTuple):
    """A place kept in a tally (`reader.captures.tally`) for what may turn out once the page is read."""

    label: str
    """The tally's."""
    at: int
    """How many places came before it."""
    place: str
    """The number of the line or record."""


class RawPage(NamedTuple):
    """The bytes of a page, and what is known about where they come from."""

    data: bytes
    source: str
    url: str | None
    captured: str | None
    charset: str | None
    cut: Problem | None
    """Why the bytes ended early; whoever took the page out has told that."""
    ticket: Ticket | None = None
    """Where its problem is counted; None when it is told by itself."""

    def read(self) -> tuple[Capture | None, Problem | None]:
        """The capture, and a problem if only a part of the page was kept for a reason that its markup gave.

        Without the capture, if the page cannot be read at all.
        """
        from reader.captures.html import read_html  # Only here: whoever takes pages out need not read them.

        capture: Capture | None = None
        late: Problem | None = None
        try:
            for item in read_html(
                self.data,
                self.source,
                url=self.url,
                captured=self.captured,
                charset=self.charset,
                cut=self.cut,
            ):
                if isinstance(item, Capture):
                    capture = item
                elif self.cut is None:
                    late = item
        except Exception as error:
            cut = explained(error)
            return None, Problem(self.source, cut.kind, cut.reason)
        return capture, late
