"""One tree of errors; what each says is meant for a person.

ReaderError
├── CaptureError        a capture that cannot be read: names the file and says why
├── FetchError          a web archive, or what to get from it: names it and says what to do
├── LibraryError        the library file: locked, damaged, newer, read-only, disk full
├── ExportError         a file that cannot be written: names it and says why
├── QueryError          a query that cannot be read: says where and what is allowed
└── SettingsError       a setting that is not usable: names file, line and choices
"""

from __future__ import annotations

_REPR_LENGTH = 300


class ReaderError(Exception):
    """Anything that Protocol Reader can explain to the person in front of it."""


def described(error: BaseException) -> str:
    """A sentence's end about an error that nobody has foreseen."""
    return f"an error of this program, please report it: {repr(error)[:_REPR_LENGTH]}"


class CaptureError(ReaderError):
    """A capture that could not be read, or not wholly."""

    def __init__(self, source: str, reason: str) -> None:
        """`source` is the path as the user wrote it; `reason` a phrase without a full stop."""
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class FetchError(ReaderError):
    """Captures cannot be fetched as asked."""


class LibraryError(ReaderError):
    """The library file cannot be used as asked."""


class ExportError(ReaderError):
    """An export that cannot be written."""

    def __init__(self, sentence: str, *, exists: bool = False) -> None:
        """`exists`: a file that is there already was in the way."""
        super().__init__(sentence)
        self.exists = exists


class SettingsError(ReaderError):
    """A setting is not usable."""


class QueryError(ReaderError):
    """A query that cannot be read, and where in it."""

    def __init__(self, reason: str, position: int, length: int) -> None:
        """`position` and `length`, in characters of the query as typed, are those of the faulty piece."""
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.length = length
