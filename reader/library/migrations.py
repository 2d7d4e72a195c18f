"""A library file of an older version, or a new one, is brought up to date, with a copy made before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.errors import LibraryError
from reader.library.database.schema import APPLICATION_ID, PAGE_BYTES
from reader.library.migration import Migration

if TYPE_CHECKING:
    from reader.library.database.connection import Database

KEPT: Final = 3
"""So many copies of older versions stay beside a library; the oldest goes when another is made."""


def upgrade(database: Database, migrations: Sequence[Migration]) -> None:
    """Apply the steps that are missing, in order, all of them or none.

    A file that holds captures is copied first, to a file beside it (`copies`). Where that fails, nothing is done.
    """
    database.run(f"PRAGMA page_size={PAGE_BYTES}")  # of no effect on a file that has pages
    # SQLite does not wait for another program that does the same at this moment.
    database.patiently(lambda: database.run("PRAGMA journal_mode=WAL"))
    with database.writing():
        # Looked up under the lock: another program may have just done it.
        version = database.number("PRAGMA user_version")
        missing = migrations[version:]
        if missing and version and database.number("SELECT captures FROM counters"):
            _copy(database.path)
        for number, migration in enumerate(missing, version + 1):
            for statement in migration.statements:
                database.run(statement)
            if migration.then is not None:
                migration.then(database)
            database.run("INSERT INTO migrations VALUES (?, ?)", (number, migration.name))
            database.run(f"PRAGMA application_id={APPLICATION_ID}")
            database.run(f"PRAGMA user_version={number}")
    # The marks belong in the file itself, where a version that must not touch it can read them.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)")


def copies(library: Path) -> list[Path]:
    """The copies of older versions beside a library, oldest first."""
    start = f"{library.name}.before-"
    found = [path for path in library.parent.iterdir() if path.name.startswith(start)]
    return sorted(
        (path for path in found if path.name.removeprefix(start).isdecimal()),
        key=lambda path: int(path.name.removeprefix(start)),
    )


def _copy(library: Path) -> None:
    """Copy what is committed, which is the file before the open transaction; drop the oldest copies."""
    from reader.library.database.connection import Database

    older = copies(library)
    number = 1 + (int(older[-1].name.rpartition("-")[2]) if older else 0)
    try:
        with closing(Database(library, as_is=True)) as before:
            before.copy_to(library.with_name(f"{library.name}.before-{number}"))
    except LibraryError as error:
        raise LibraryError(
            f"{library}: this program has to change the library, and copies it before: that failed, so nothing "
            f"was done ({error})"
        ) from error
    for path in older[: 1 - KEPT]:
        with suppress(OSError):
            path.unlink()
