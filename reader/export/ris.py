"""Articles as RIS, the tagged lines that reference managers exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reader.export.citing import SITE, citation
from reader.export.facts import chapter, note
from reader.export.names import inverted
from reader.export.piece import About, Piece

_END = "\r\n"


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """The records, an empty line between them."""
    for number, one in enumerate(pieces):
        lines = [f"{tag}  - {value}" for tag, value in _fields(one)]
        yield (_END if number else "") + _END.join([*lines, "ER  - ", ""])


def _fields(one: Piece) -> Iterator[tuple[str, str]]:
    """Tags and their values, each a text on one line."""
    article, cited = one.article, citation(one)
    yield "TY", "ELEC"
    for name in cited.authors:
        yield "AU", inverted(name)
    yield "TI", cited.title
    yield "T2", SITE
    if when := cited.published:
        yield "PY", str(when.year)
        yield "DA", f"{when:%Y/%m/%d}/"
    else:
        yield "PY", "[n.d.]"
    if article.deck:
        yield "AB", article.deck
    yield "KW", chapter(article)
    if cited.url:
        yield "UR", cited.url
    if cited.captured:
        yield "Y2", f"{cited.captured:%Y/%m/%d}/"
    yield "N1", note(one)
    yield "ID", one.id
