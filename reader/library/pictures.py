"""Finds the pictures of an article in the file that holds its capture."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import Interrupted
from reader.library.ingest import files
from reader.model import Article

if TYPE_CHECKING:
    from reader.captures.pictures import Offsets, Pictures


class CaptureFile(NamedTuple):
    """The file on the disk that holds a capture."""

    path: str
    inner: str
    """The rest of the source: a member ("2022/page.html"), a record (":12"), or nothing."""


def pictures_of(database: Database, source: str, article: Article, *, for_export: bool = False) -> Pictures:
    """Find the pictures of an article of the capture `source`; none if its file is gone.

    `for_export`: only those that an export may have; see `find_pictures`.
    """
    file = file_of(source)
    if file is None:
        return {}
    # The readers of captures take longer to import than the first frame takes to draw.
    from reader.captures.pictures import addresses_of, find_pictures
    from reader.captures.results import address_key
    from reader.captures.source import FileOffset

    keys = [address_key(address) for address in addresses_of(article).values()]
    offsets: Offsets = {}
    try:
        stored = files.picture_offsets(database, source, file.path, keys)
        offsets = {key: [FileOffset(*row) for row in rows] for key, rows in stored.items()}
    except Interrupted:
        raise
    except LibraryError:
        pass  # The file itself can be searched.
    try:
        return find_pictures(file.path, file.inner, article, offsets, for_export=for_export)
    except Exception:  # Whatever is wrong with the file, the article can be read and exported without it.
        return {}


def file_of(source: str) -> CaptureFile | None:
    """The file that holds a capture; None if it is gone. Of those that the source can mean, the longest path."""
    path, _, record = source.rpartition(":")
    possible = [CaptureFile(source, "")]
    if record.isdecimal():
        possible.append(CaptureFile(path, f":{record}"))
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        possible.append(CaptureFile(source[:at], source[at + 1 :]))
    for file in possible:
        with suppress(ValueError):  # a path with a NUL
            if os.path.isfile(file.path):  # noqa: PTH113 (Path does not keep a path's spelling)
                return file
    return None
