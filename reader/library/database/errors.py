"""The errors of a library file, and the boundary where exceptions become LibraryErrors.

LibraryError
├── Interrupted     a query was ended from another thread
├── GoneError       the requested article, capture or note was removed
├── ForeignError    the file does not look like a library of this program
├── NewerError      a newer version of this program made it
└── DamagedError    the file contains impossible values

`Database` translates SQLite's own errors. Impossible values cause failures later, in any code that works with them, so
`library_errors` and `methods_raise_library_errors` decorate the functions and classes that others call.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FunctionType, GeneratorType
from typing import Any, ParamSpec, TypeVar

from reader.errors import LibraryError
from reader.sanitize import sanitize
from reader.settings import command_for

BUSY_SECONDS = 5.0
"""How long a write waits for another to finish before it gives up."""

RAISED_BY_SQLITE = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
"""Exceptions of the sqlite3 module; some occur only with damaged files."""
_RAISED_BY_UNEXPECTED_VALUES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    sqlite3.Error,
    zlib.error,
)

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_Class = TypeVar("_Class", bound=type)


class Interrupted(LibraryError):  # noqa: N818 (not a failure)
    """Another thread stopped a query with `interrupt`; the library is fine."""


class GoneError(LibraryError):
    """The requested article, capture, highlight or note is no longer in the library."""


class ForeignError(LibraryError):
    """The file does not look like a library of this program."""


class NewerError(LibraryError):
    """A newer version of this program made the file."""


class DamagedError(LibraryError):
    """The file contains impossible values."""


def rebuild_advice(path: Path) -> str:
    """Return how to rescue what is intact in a damaged library, as a clause."""
    mend = command_for(path, "check --mend")
    return f"“{mend}” makes a new library from the intact parts and sets this file aside"


def damaged(path: Path, damage: str) -> DamagedError:
    """Return the error for impossible content."""
    rebuild = rebuild_advice(path)
    return DamagedError(
        f"{path}: the library is damaged ({sanitize(damage)}). {rebuild}; or put a backup in its place"
    )


def sqlite_code(error: BaseException | None) -> int:
    """Return SQLite's code of an error, or 0 for other exceptions."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_full(error: BaseException) -> bool:
    """Did the disk have no room for a change, or for the index of the log, which even a reader needs?"""
    no_room_for_index = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE
    return sqlite_code(error) == sqlite3.SQLITE_FULL or no_room_for_index


def explain(error: BaseException, path: Path) -> LibraryError:
    """Return an error that says in one sentence what happened to the library at `path`, and what to do."""
    if isinstance(error, MemoryError):  # a damaged length can request any amount
        return damaged(path, "a query needs more memory than this machine has")
    if isinstance(error, UnicodeDecodeError):  # SQLite's message quotes a damaged name
        return damaged(path, "a name in its schema is not text")
    code = sqlite_code(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        return Interrupted(f"{path}: the query was stopped")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryError(
            f"{path}: another program has kept the library locked for over {BUSY_SECONDS:.0f} seconds; "
            "wait until it has finished, then try again"
        )
    if is_full(error):
        return LibraryError(f"{path}: the disk is full; free some space and try again")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return LibraryError(
            f"{path}: the library or its folder cannot be written ({error}); "
            "change the permissions or choose another file with --library, such as a copy of this one and of any "
            "-wal file beside it"
        )
    if code == sqlite3.SQLITE_IOERR:
        return LibraryError(
            f"{path}: the disk could not be read or written ({error}); check the disk and any limit of file "
            "sizes, then try again"
        )
    return damaged(path, str(error))


def library_errors(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Make a function raise LibraryError for any exception that a damaged library causes in its code.

    Its first argument must be a Path or have one. It may be a generator function.
    """

    @wraps(function)
    def call(*given: _Parameters.args, **named: _Parameters.kwargs) -> _Result:
        with _explained(given[0]):
            result = function(*given, **named)
        return _items(given[0], result) if isinstance(result, GeneratorType) else result

    return call


def _items(first: Any, items: Any) -> Any:
    with _explained(first):
        yield from items


@contextmanager
def _explained(first: Any) -> Iterator[None]:
    try:
        yield
    except _RAISED_BY_UNEXPECTED_VALUES as error:
        if isinstance(error, sqlite3.ProgrammingError):  # misuse, which is a bug
            raise
        path = first if isinstance(first, Path) else getattr(first, "path", None) or first._database.path
        if isinstance(error, sqlite3.Error | UnicodeDecodeError | MemoryError):
            raise explain(error, path) from error
        check = command_for(path, "check")
        raise DamagedError(
            f"{path}: a value in the library is invalid ({type(error).__name__}: {error}). “{check}” "
            f"says what is damaged, and {rebuild_advice(path)}. If “check” finds nothing, please report this"
        ) from error


def methods_raise_library_errors(class_: _Class) -> _Class:
    """Apply `library_errors` to the constructor and to every public method and property of a class.

    `ingest` is left out: it also runs the capture readers and the caller's code, whose errors do not mean damage.
    """
    for name, value in list(vars(class_).items()):
        if name == "ingest" or (name.startswith("_") and name != "__init__"):
            continue
        if isinstance(value, FunctionType):
            setattr(class_, name, library_errors(value))
        elif isinstance(value, property) and value.fget is not None:
            setattr(class_, name, property(library_errors(value.fget)))
    return class_
