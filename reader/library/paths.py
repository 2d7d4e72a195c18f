"""Where files are that were read: apart from `known_files`, which brings along what reads them."""

from __future__ import annotations

import os

from reader.library.database.connection import Database


def path_of(database: Database, path: str) -> str | None:
    """The whole path of a file that was read, by the end of it; None when none, or more than one, is known."""
    ending = b"/" + os.fsencode(os.path.normpath(path))
    rows = database.all("SELECT path FROM files WHERE substr(path, ?) = ? LIMIT 2", (-len(ending), ending))
    return os.fsdecode(rows[0][0]) if len(rows) == 1 else None
