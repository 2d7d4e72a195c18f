"""Stories known only by their openings, as JSON Lines: an object a story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from reader.export.openings import opening
from reader.export.piece import About, Piece


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """A line a story."""
    for one in map(opening, pieces):
        seen = [{"source": other.source, "url": other.url, "captured": other.captured} for other in one.seen]
        yield json.dumps({**one._asdict(), "seen": seen}, ensure_ascii=False) + "\n"
