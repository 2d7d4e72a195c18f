"""Articles as CSL-JSON, which citation processors read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from reader.export.citing import SITE, citation
from reader.export.facts import chapter, note
from reader.export.names import Name
from reader.export.piece import About, Piece


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """One array, an item a line."""
    encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False)
    empty = True
    for one in pieces:
        yield ("[\n" if empty else ",\n") + encoder.encode(to_item(one))
        empty = False
    yield "[]\n" if empty else "\n]\n"


def to_item(one: Piece) -> dict[str, Any]:
    """A piece as an item; what is not known is left out."""
    article, cited = one.article, citation(one)
    item: dict[str, Any] = {
        "id": one.id,
        "type": "webpage",
        "title": cited.title,
        "author": [_name(name) for name in cited.authors],
        "container-title": SITE,
        "issued": _date(cited.published),
        "accessed": _date(cited.captured),
        "URL": cited.url,
        "abstract": article.deck,
        "section": chapter(article),
        "genre": "Sponsored content" if article.sponsored else None,
        "note": note(one),
        "language": "en-US",
    }
    return {name: value for name, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _date(when: date | None) -> dict[str, Any] | None:
    return None if when is None else {"date-parts": [[when.year, when.month, when.day]]}
