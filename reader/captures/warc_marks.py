"""Where the records of a WARC file begin and end, as their bytes show it, whatever their lengths say."""

from __future__ import annotations

import re
from typing import Final

_VERSION: Final = rb"WARC/[01]\.\d{1,2}[ \t]*\r?\n"
START: Final = re.compile(_VERSION + rb"[A-Za-z][\w-]*[ \t]*:")
"""Where a record begins: what is looked for behind damage."""
START_SPAN: Final = 128
"""No start of a record that is looked for is longer."""
_HIDDEN: Final = re.compile(rb"\r?\n\r?\n(?=" + _VERSION + rb"[A-Za-z][\w-]*[ \t]*:)")
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_MAX_HEADER: Final = 1 << 16
_ENDS: Final = (b"\r\n\r\n", b"\n\n")
_GAPS: Final = (*_ENDS, b"\r\n", b"\n", b"")


def swallows(data: bytes, start: int, end: int) -> bool:
    """Whether another record, whole, stands at the end of the content from `start` to `end`: then its length lies.

    A page that only shows what a record looks like does not end where that record would.
    """
    # Behind the last carriage return none begins, and most pages have none: that is seen at once.
    if data.rfind(b"\r\n\r\nWARC/", start, data.rfind(b"\r", start, end) + 9) < 0:
        return False
    for hidden in _HIDDEN.finditer(data, start, end):
        head = data[hidden.end() : min(end, hidden.end() + _MAX_HEADER)]
        head_end = head.find(b"\r\n\r\n")
        length = _LENGTH.search(head[: head_end + 2])
        if head_end >= 0 and length:
            inner_end = hidden.end() + head_end + 4 + int(length[1])
            if inner_end == end or _HIDDEN.match(data, inner_end, end):
                return True
    return False


def is_followed_by_record(data: bytes, start: int, end: int) -> bool:
    """Whether the content from `start` to `end` is whole: another record or the file's end comes, or what ends one."""
    if data.startswith(b"WARC/", end + 4):
        return True
    for gap in _GAPS:
        if data.startswith(gap, end) and data[end + len(gap) : end + len(gap) + 5] in (b"", b"WARC/"):
            # Writers of few line ends there are; but a length may reach into them, too.
            return gap in _ENDS or not (data[max(end - 4, start) : end] + gap).endswith(_ENDS)
    return data.startswith(_ENDS[0], end) or _ENDS[0].startswith(data[end : end + 4])


def without_end(content: bytes) -> bytes:
    """A content without the line ends between it and the next record."""
    for end in _ENDS:
        if content.endswith(end):
            return content[: -len(end)]
    return content
