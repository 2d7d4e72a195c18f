"""A correction made: the capture is read again at once, and what the reader has marked in it stays."""

from __future__ import annotations

import json

from reader.library.database.connection import Database
from reader.library.database.errors import damaged
from reader.library.database.records import decode_hints, unpack_text
from reader.library.ingest.preparing import PreparedPage, prepare
from reader.library.ingest.removing import take_out
from reader.library.ingest.rereading import articles_of, heir
from reader.library.ingest.writing import write
from reader.library.state import corrections, marks
from reader.library.state import positions as state_places
from reader.library.state.corrections import Correction, Kind, Word
from reader.library.state.state_records import Spot
from reader.model import Article, Capture
from reader.parsing import parse_capture

Done = tuple[str, bytes]
"""What was done, in words, and what to log of it."""


def correct(database: Database, spot: Spot, word: Word, shown: str) -> Done | None:
    """In the open transaction: say something of a line; None where that has been said already."""
    change = _change(database, spot, corrections.kind_of(word), word, shown)
    return None if change is None else (f"said that {corrections.in_words(word, shown)}", change)


def take_back(database: Database, correction: Correction) -> Done | None:
    """In the open transaction: say something no longer; None where it is not said any more."""
    spot = Spot(correction.capture, correction.line)
    change = _change(database, spot, correction.kind, None, correction.shown)
    return None if change is None else (f"no longer said that {correction.sentence}", change)


def _change(database: Database, spot: Spot, kind: Kind, word: Word | None, shown: str) -> bytes | None:
    before = corrections.said_of(database, spot, kind)
    if before == word:
        return None
    corrections.put(database, spot, kind, word, shown)
    reread(database, spot.capture)
    return json.dumps([spot.capture.hex(), spot.line, kind, before, word, shown]).encode()


def travel(database: Database, change: bytes, *, forth: bool) -> None:
    """In the open transaction: do what was logged again, or take it back."""
    capture, line, kind, before, after, shown = json.loads(change)
    word = after if forth else before
    spot = Spot(bytes.fromhex(capture), line)
    corrections.put(database, spot, kind, None if word is None else Word(*word), shown)
    # What was marked since has been taken back before: the articles from before have their own marks still.
    reread(database, spot.capture, places_alone=not forth)


def reread(database: Database, digest: bytes, *, places_alone: bool = False) -> None:
    """In the open transaction: read a capture again, if it is kept, with what is said of it now.

    What is marked of an article is given to the one that has most of its lines; of `places_alone`, the place.
    """
    row = database.one(
        "SELECT capture_key, text, source, url, captured, encoding, partial, hints FROM captures WHERE digest = ?",
        (digest,),
    )
    if row is None:
        return
    key, text, source, url, captured, encoding, partial, known = row
    capture = Capture(
        source, _text(database, key, text, digest), url, captured, encoding, partial, decode_hints(known)
    )
    page = parse_capture(corrections.corrected(database, capture, digest))
    prepared = prepare(capture, page, digest)
    _share_marks(database, key, prepared, page.articles, places_alone)
    take_out(database, [key])
    write(database, [prepared])


def _text(database: Database, key: int, packed: bytes, digest: bytes) -> str:
    try:
        return unpack_text(packed, digest)
    except ValueError as error:
        raise damaged(database.path, f"the text of capture {key} {error}") from error


def _share_marks(
    database: Database, key: int, page: PreparedPage, new: tuple[Article, ...], places_alone: bool
) -> None:
    """The old identities keep theirs: other captures may have them, and taking the correction back brings them back."""
    same = {article.columns[1] for article in page.articles}
    for old in articles_of(database, key):
        identity = bytes.fromhex(old.id)
        inheritor = heir(old, new)
        if identity in same or inheritor is None:
            continue
        blocks = {block.text: number for number, block in reversed(list(enumerate(inheritor.body)))}
        moved = [blocks.get(block.text, 0) for block in old.body]
        own = bytes.fromhex(inheritor.id)
        state_places.share(database, identity, own, moved)
        if not places_alone:
            marks.share(database, identity, own)
