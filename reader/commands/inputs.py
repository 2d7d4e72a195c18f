"""What commands work with: the library, salvaged if it is damaged, the settings in force, and the sample captures."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reader.commands.output import Status, StatusLine, amount, complain
from reader.errors import LibraryError, reason
from reader.library import DamagedError, ForeignError, Library
from reader.settings import InForce, command_for, in_force, library_path
from reader.settings.config import LIBRARY_VARIABLE, Given

CANNOT_OPEN: Final = (DamagedError, ForeignError)
"""Failures to open a library that a new one, made of what is intact, may repair. A newer library is not touched."""


def existing_path(named: str | None) -> Path:
    """The path of the library; LibraryError if there is none."""
    path = library_path(named)
    if not is_there(path):
        make = command_for(path, "add PATH")
        raise LibraryError(f"{path}: there is no such library; check the path, or make one with “{make}”")
    return path


def path_unless_new(named: str | None) -> Path | None:
    """The path of the library; None if none is named and there is no default one yet."""
    is_named = named or os.environ.get(LIBRARY_VARIABLE)
    return existing_path(named) if is_named or is_there(library_path()) else None


def is_there(path: Path) -> bool:
    """Is there a file with something in it? LibraryError if a link leads nowhere, or the system does not tell."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        if path.is_symlink():
            raise LibraryError(
                f"{path}: this link points to a library that is not there; check the disk, or remove the link"
            ) from error
        return False
    except OSError as error:
        raise LibraryError(f"{path}: {reason(error)}") from error
    return status.st_size > 0 or not stat.S_ISREG(status.st_mode)


def open_library(path: Path) -> Library:
    """Open the library at `path`, or create it, and say so: its name may be a mistake."""
    is_new = not is_there(path)
    library = Library.open(path)
    if is_new:
        complain(f"{path}: made a new library")
    library.stems = in_force().settings.stems
    return library


def open_existing(named: str | None) -> Library:
    """Open the library; LibraryError if there is none."""
    return open_library(existing_path(named))


def with_what_is_intact(path: Path, command: Callable[[Library], int]) -> int:
    """Run a command that only reads on the library at `path`; return its exit status.

    If the library is damaged, the command runs on a temporary library of what is intact, and is done in part.
    """
    try:
        with open_library(path) as library:
            return command(library)
    except CANNOT_OPEN as error:
        complain(str(error))
        is_foreign = isinstance(error, ForeignError)
    complain("looking for what is intact, which takes minutes in a large library")
    with Library.temporary() as intact:
        try:
            with salvage_reports() as (line, on_progress):
                intact.stems = in_force().settings.stems
                intact.salvage(path, line.complain, on_progress)
        except DamagedError:
            if not is_foreign:
                raise
            # A backup must not replace another program's file.
            complain("nothing of a library was found in it")
            return Status.FAILED
        return command(intact) or Status.IN_PART


@contextmanager
def salvage_reports() -> Iterator[tuple[StatusLine, Callable[[int, int], None]]]:
    """A line that names and counts what is lost, and a function that shows the progress of a salvage on it."""
    with StatusLine("looking for what is intact…") as line:
        yield line, lambda done, total: line.update(amount(done, total, "captures"), done, total)


def settings_in_force(given: Given | None = None) -> InForce:
    """The settings with all their faults; `given` is what the command line sets (see `config.in_force`)."""
    current = in_force(given)
    if not current.settings.keys:
        return current
    from reader.app.keymap import with_checked_keys  # Only for own keys: 1 ms.

    return with_checked_keys(current)


def sample_captures() -> list[str]:
    """The paths of the sample captures: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "sample_data"
    folder = installed if installed.is_dir() else package.parent / "sample_data"
    # The .json file beside a capture holds the articles that it should give.
    return sorted(str(path) for path in folder.iterdir() if path.suffix in (".txt", ".html", ".gz", ".jsonl"))
