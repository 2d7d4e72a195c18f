"""The tree of errors, whose texts are meant for users, and explanations of any other exception.

ReaderError
├── CaptureError        a capture that cannot be read: names the file and the reason
├── FetchError          a web archive, or what to fetch from it: names it and says what to do
├── LibraryError        the library file: locked, damaged, newer, read-only, disk full
├── ExportError         a file that cannot be written: names it and the reason
├── NotPermittedError   something that a visitor in a browser may not do
├── QueryError          a query that cannot be parsed: says where, and what is allowed
└── SettingsError       a setting that cannot be used: names file, line and choices

Nothing here prints. Tracebacks are shown only if PROTOCOL_READER_DEBUG is set, and without local variables, which would
contain texts of captures.
"""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path
from typing import Final

from reader.sanitize import label_of, sanitize, sanitize_message

DEBUG_VARIABLE: Final = "PROTOCOL_READER_DEBUG"
_REASONS: Final = {
    errno.EACCES: "permission denied; change the permissions, or choose another file",
    errno.EPERM: "permission denied; change the permissions, or choose another file",
    errno.EROFS: "this place is read-only; choose another",
    errno.ENOENT: "there is no such file or folder; check the name",
    errno.ENOTDIR: "part of this path is a file where a folder should be; check the path",
    errno.EISDIR: "this is a folder; choose a file",
    errno.EEXIST: "this file exists already; choose another name",
    errno.ENAMETOOLONG: "the name is too long (over 255 bytes, or 4,095 for the path); choose a shorter one",
    errno.ELOOP: "the symbolic links form a loop; choose another path",
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the disk quota is used up; free some space and try again",
    errno.EFBIG: "the file would be too large; choose another place",
    errno.EIO: "the disk cannot be read or written; check the disk, then try again",
    errno.EMFILE: "too many files are open; raise the limit with ulimit -n",
    errno.ENFILE: "too many files are open; close other programs",
    errno.ENOMEM: "there is not enough memory; close other programs",
    errno.EAGAIN: "cannot start another process; close other programs",
}


class ReaderError(Exception):
    """An error that Protocol Reader can explain to its user."""


class CaptureError(ReaderError):
    """A capture cannot be read, or only in part."""

    def __init__(self, source: str, reason: str) -> None:
        """`source` is the path as the user wrote it, `reason` a phrase without a full stop."""
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class FetchError(ReaderError):
    """Captures cannot be fetched as asked."""


class LibraryError(ReaderError):
    """The library file cannot be used as asked."""


class ExportError(ReaderError):
    """An export cannot be written."""

    def __init__(self, sentence: str, *, existing: int = 0) -> None:
        """`existing`: how many files are not written because they exist already."""
        super().__init__(sentence)
        self.existing = existing


class NotPermittedError(ReaderError):
    """This process may not do that; see `reader.permissions`."""


class SettingsError(ReaderError):
    """A setting cannot be used."""


class QueryError(ReaderError):
    """A query cannot be parsed; says where."""

    def __init__(self, reason: str, position: int, length: int) -> None:
        """`position` and `length` of the faulty part, in characters of the query as typed."""
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.length = length


def reason(error: OSError) -> str:
    """Return why the system refused, and what to do, as a phrase without a full stop."""
    known = _REASONS.get(error.errno or 0)
    return known or sanitize(error.strerror or str(error)) or type(error).__name__


def explain(error: BaseException) -> str:
    """Explain in one sentence what went wrong and what to do."""
    if isinstance(error, ReaderError):
        return sanitize_message(str(error))
    if isinstance(error, OSError):
        if error.filename is None and not _has_folder():
            return (
                "the current folder does not exist or cannot be read; change to another folder and try again"
            )
        named = isinstance(error.filename, str | bytes) and error.filename
        return f"{label_of(os.fsdecode(error.filename))}: {reason(error)}" if named else reason(error)
    if isinstance(error, UnicodeEncodeError):
        return (
            f"the locale's encoding ({error.encoding}) cannot represent {sanitize(ascii(error.object[:80]))};"
            " set a UTF-8 locale, such as LC_ALL=C.UTF-8"
        )
    if isinstance(error, MemoryError):
        return "there is not enough memory; close other programs, or read fewer captures at a time"
    # A bug.
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}reader{os.sep}" in frame.filename] or frames
    where = f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
    kind = ": ".join(filter(None, (type(error).__name__, sanitize(str(error))[:200])))
    hint = "" if is_debugging() else f"; {DEBUG_VARIABLE}=1 shows where it happened"
    return f"this is a bug in Protocol Reader: {kind}{where}. Please report it{hint}"


def is_debugging() -> bool:
    """Does the user want to see tracebacks?"""
    return is_switched_on(DEBUG_VARIABLE)


def is_switched_on(variable: str) -> bool:
    """Is an environment variable set to something other than a word for no?"""
    return os.environ.get(variable, "").lower() not in ("", "0", "no", "off", "false")


def trace(error: BaseException) -> str:
    """Return the sanitized traceback, without local variables, as lines."""
    return sanitize("".join(traceback.format_exception(error)), multiline=True)


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True
