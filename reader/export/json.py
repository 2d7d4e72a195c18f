"""Articles as JSON Lines: the object that `parse` gives, and where each came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from reader.export.piece import About, Piece


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """One object a line."""
    encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False)
    for one in pieces:
        yield encoder.encode(to_json(one)) + "\n"


def to_json(one: Piece) -> dict[str, Any]:
    """The article's object; `sightings` are all captures of its story, the one the text is from `chosen`."""
    return {
        **one.article.to_json(),
        "id": one.id,
        "source": one.source,
        "url": one.url,
        "captured": one.captured,
        "partial": one.partial,
        "sightings": [sighting._asdict() for sighting in one.sightings],
    }
