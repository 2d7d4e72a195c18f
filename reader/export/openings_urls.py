"""The addresses of stories known only by their openings, one a line, each once: of those whose own page is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reader.export.openings import own_address
from reader.export.piece import About, Piece


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """A line an address."""
    said = set()
    for one in pieces:
        address = own_address(one)
        if address is not None and address not in said:
            said.add(address)
            yield f"{address}\n"
