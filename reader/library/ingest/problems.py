"""Forgets the problems of files that are gone, were read again, or were removed from the library."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from reader.library.database.connection import Database
from reader.library.database.records import column
from reader.model import Problem


def keys_of_problems(
    database: Database, sources: Iterable[str], still_there: Iterable[Problem] = ()
) -> list[int]:
    """Return the keys of the problems of files or folders, and of what is in them, without those `still_there`."""
    query = (
        "SELECT key, source, kind, reason FROM problems"
        " WHERE source = ? OR source > ? AND source < ? OR source > ? AND source < ?"
    )
    known = {(column(problem.source), problem.kind, column(problem.reason)) for problem in still_there}
    keys: list[int] = []
    for source in map(column, sources):
        # "0" comes after "/", and ";" after ":".
        rows = database.all(query, (source, f"{source}/", f"{source}0", f"{source}:", f"{source};"))
        keys += (key for key, *problem in rows if tuple(problem) not in known)
    return keys


def forget_problems(database: Database, keys: Iterable[int]) -> None:
    """In the open transaction, forget problems by their keys."""
    for key in keys:
        database.run(
            "UPDATE counters SET problems = problems - 1,"
            " partial_problems = partial_problems - (SELECT partial FROM problems WHERE key = ?)",
            (key,),
        )
        database.run("DELETE FROM problems WHERE key = ?", (key,))


def forget_problems_of_gone_files(database: Database) -> None:
    """Forget the problems of files that no longer exist."""
    rows = database.all("SELECT key, source FROM problems")
    gone = [key for key, source in rows if _is_gone(source)]
    if gone:
        with database.writing():
            forget_problems(database, gone)


def _is_gone(source: str) -> bool:
    """Does neither the file of a source exist, nor an archive that could contain it?"""
    if not source.startswith("/") or os.path.lexists(source):
        return False
    return not any(map(os.path.isfile, _paths_above(source)))


def _paths_above(source: str) -> Iterator[str]:
    """Yield the paths of the archives that could contain a source, the longest first."""
    while (cut := max(source.rfind("/"), source.rfind(":"))) > 0:
        source = source[:cut]
        yield source
