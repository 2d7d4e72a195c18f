"""Finds the pictures of an article in the file that holds its capture."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import Interrupted
from reader.library.ingest import files
from reader.model import Article

if TYPE_CHECKING:
    from reader.captures.pictures import Offsets, Pictures


def pictures_of(database: Database, source: str, article: Article, *, for_export: bool = False) -> Pictures:
    """Find the pictures of an article of the capture `source`; none if its file is gone.

    `for_export`: only those that an export may have; see `find_pictures`.
    """
    file = file_of(source)
    if file is None:
        return {}
    path, inner = file
    # The readers of captures take longer to import than the first frame takes to draw.
    from reader.captures.pictures import addresses_of, find_pictures
    from reader.captures.results import address_key
    from reader.captures.source import FileOffset

    keys = [address_key(address) for address in addresses_of(article).values()]
    offsets: Offsets = {}
    try:
        stored = files.picture_offsets(database, source, path, keys)
        offsets = {key: [FileOffset(*row) for row in rows] for key, rows in stored.items()}
    except Interrupted:
        raise
    except LibraryError:
        pass  # The file itself can be searched.
    try:
        return find_pictures(path, inner, article, offsets, for_export=for_export)
    except Exception:  # Whatever is wrong with the file, the article can be read and exported without it.
        return {}


def file_of(source: str) -> tuple[str, str] | None:
    """Split a source into the file that holds the capture, and the rest; None if the file is gone.

    The rest is a member ("2022/page.html"), a record (":12"), or nothing. Of several files that the source can mean,
    it is the one with the longest path.
    """
    path, _, record = source.rpartition(":")
    possible = [(source, "")]
    if record.isdecimal():
        possible.append((path, f":{record}"))
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        possible.append((source[:at], source[at + 1 :]))
    for file in possible:
        with suppress(ValueError):  # a path with a NUL
            if os.path.isfile(file[0]):  # noqa: PTH113 (Path does not keep a path's spelling)
                return file
    return None
