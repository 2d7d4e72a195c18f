"""Finds the pictures of an article in the file that holds its capture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
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
    label: str
    """Its name in the source of the capture."""
    inner: str
    """The rest of the source: a member ("2022/page.html"), a record (":12"), or nothing."""


def pictures_of(database: Database, source: str, article: Article, *, for_export: bool = False) -> Pictures:
    """Find the pictures of an article of the capture `source`; none if its file is gone.

    `for_export`: only those that an export may have; see `find_pictures`.
    """
    file = file_of(source, partial(_path_elsewhere, database))
    if file is None:
        return {}
    # The readers of captures take longer to import than the first frame takes to draw.
    from reader.captures.pictures import addresses_of, find_pictures
    from reader.captures.results import address_key
    from reader.captures.source import FileOffset

    keys = [address_key(address) for address in addresses_of(article).values()]
    offsets: Offsets = {}
    try:
        stored = files.picture_offsets(database, source, file.label, keys)
        offsets = {key: [FileOffset(*row) for row in rows] for key, rows in stored.items()}
    except Interrupted:
        raise
    except LibraryError:
        pass  # The file itself can be searched.
    try:
        return find_pictures(file.path, file.inner, article, offsets, for_export=for_export)
    except Exception:  # Whatever is wrong with the file, the article can be read and exported without it.
        return {}


def file_of(source: str, elsewhere: Callable[[str], str | None] = lambda _: None) -> CaptureFile | None:
    """The file that holds a capture; None if it is gone.

    `elsewhere` finds a file whose relative path leads to nothing from the current folder.
    """
    candidates = list(_possible_files(source))
    for file in candidates:
        if _is_file(file.path):
            return file
    if source.startswith("/"):
        return None
    for file in candidates:
        if (path := elsewhere(file.label)) and _is_file(path):
            return file._replace(path=path)
    return None


def _possible_files(source: str) -> Iterator[CaptureFile]:
    """The files that a source can mean, the longest path first."""
    yield CaptureFile(source, source, "")
    path, _, record = source.rpartition(":")
    if record.isdecimal():
        yield CaptureFile(path, path, f":{record}")
    at = len(source)
    while (at := source.rfind("/", 0, at)) > 0:
        yield CaptureFile(source[:at], source[:at], source[at + 1 :])


def _is_file(path: str) -> bool:
    try:
        return os.path.isfile(path)  # noqa: PTH113 (Path does not keep a path's spelling)
    except ValueError:
        return False


def _path_elsewhere(database: Database, path: str) -> str | None:
    """Where a file is that was added from another folder."""
    try:
        return files.added_path(database, path)
    except Interrupted:
        raise
    except LibraryError:
        return None
