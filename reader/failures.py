"""Explain an exception to the person in front of the program: expected ones by what to do, others as a bug to report.

Nothing here prints. Tracebacks are shown only where PROTOCOL_READER_DEBUG asks for them, and without local variables,
which would hold texts of captures.
"""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path
from typing import Final

from reader.errors import ReaderError
from reader.sanitize import sanitize

DEBUG_VARIABLE: Final = "PROTOCOL_READER_DEBUG"
"""The environment variable that asks for tracebacks."""
_REASONS: Final = {
    errno.EACCES: "permission is denied; change the permissions or name another",
    errno.EPERM: "permission is denied; change the permissions or name another",
    errno.EROFS: "nothing can be written there; name another place",
    errno.ENOENT: "there is no such file or folder; check the name",
    errno.ENOTDIR: "part of this path is a file where a folder should be; check the path",
    errno.EISDIR: "this is a folder; name a file",
    errno.EEXIST: "there is such a file already; name another",
    errno.ENAMETOOLONG: "the name is too long (at most 255 bytes a name, 4,095 a path); name a shorter one",
    errno.ELOOP: "the links lead in a circle; name another",
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "the disk quota is used up; make room and try again",
    errno.EFBIG: "the file would be too large; make room or name another place",
    errno.EIO: "the disk cannot be read or written; check it, then try again",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open; close other programs",
    errno.ENOMEM: "there is not enough memory; close other programs",
    errno.EAGAIN: "no more processes can be started; close other programs",
}


def reason(error: OSError) -> str:
    """Why the system refused, and what to do about it, as a phrase without a full stop."""
    known = _REASONS.get(error.errno or 0)
    return known or sanitize(error.strerror or str(error)) or type(error).__name__


def explain(error: BaseException) -> str:
    """One sentence on what went wrong and what to do."""
    if isinstance(error, ReaderError):
        return sanitize(str(error))
    return _expected(error) or _unexpected(error)


def is_debugging() -> bool:
    """Does the user want to see tracebacks?"""
    return os.environ.get(DEBUG_VARIABLE, "").lower() not in ("", "0", "no", "off", "false")


def trace(error: BaseException) -> str:
    """The traceback without local variables, sanitized, as lines."""
    return sanitize("".join(traceback.format_exception(error)), multiline=True)


def _expected(error: BaseException) -> str | None:
    """The sentence for what can happen on any machine; None for anything else."""
    if isinstance(error, OSError):
        if error.filename is None and not _has_folder():
            return "the current folder is gone or cannot be read; change to another and try again"
        name = _shown(error.filename)
        return f"{name}: {reason(error)}" if name else reason(error)
    if isinstance(error, UnicodeEncodeError):
        return (
            f"the locale's encoding ({error.encoding}) has no way to write {sanitize(ascii(error.object[:80]))};"
            " set a UTF-8 locale, such as LC_ALL=C.UTF-8"
        )
    if isinstance(error, MemoryError):
        return "there is not enough memory; close other programs, or read fewer captures at a time"
    return None


def _unexpected(error: BaseException) -> str:
    """The sentence for an error of the program itself: what it is, where, and how to report it."""
    found = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in found if f"{os.sep}reader{os.sep}" in frame.filename] or found
    where = f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
    message = sanitize(str(error))[:200]
    kind = f"{type(error).__name__}: {message}" if message else type(error).__name__
    hint = "" if is_debugging() else f"; {DEBUG_VARIABLE}=1 shows where it happened"
    return f"this is an error in Protocol Reader itself: {kind}{where}. Please report it{hint}"


def _shown(name: object) -> str:
    return sanitize(os.fsdecode(name)) if isinstance(name, str | bytes) else ""


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True
