"""The bytes of a source as a file that can be read anywhere: the file itself, or a temporary copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Final

from reader.captures.source import CutShortError, Source

MAX_COPY: Final = 4 << 30
"""The most that is copied, in bytes: what comes from a pipe or lies in an archive is no larger."""


@contextmanager
def seekable(source: Source) -> Iterator[int]:
    """A descriptor of an open file with all bytes of `source`, to be read with `os.pread`.

    What comes from a pipe or out of an archive is copied to a temporary file without a name. If it is cut
    short on the way, `source.cut` says so, and the descriptor has what came. CutShortError when it cannot be
    copied.
    """
    if source.descriptor is not None:
        yield source.descriptor
        return
    try:
        with TemporaryFile(buffering=0) as copy:
            size = 0
            while block := source.read_block():
                size += len(block)
                if size > MAX_COPY:
                    source.stop(
                        "too large", f"over {MAX_COPY >> 30} GB; save it as a file of its own and name that"
                    )
                    break
                copy.write(block)
            yield copy.fileno()
    except OSError as error:
        reason = (
            f"it must be copied to a temporary file, and that failed ({error.strerror}); name a file instead"
        )
        raise CutShortError("unreadable", reason) from error
