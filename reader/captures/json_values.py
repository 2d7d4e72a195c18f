"""JSON Lines and JSON -> its objects, one at a time, from a stream that may be damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from reader.captures.source import Source

MAX_OBJECT: Final = 32 << 20
"""The most that one object may take, in bytes."""

_BOM: Final = b"\xef\xbb\xbf"
_TOKEN: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|[{}"]', re.DOTALL)


class Piece(NamedTuple):
    """Bytes that should be one JSON value."""

    number: int
    """Number of its line, or of the object where they are not one a line; from 1."""
    data: bytes | None
    """None when it is longer than `MAX_OBJECT`."""
    cut_off: bool = False
    """Whether its end was lost to damage of the file."""


def one_a_line(head: bytes) -> bool:
    """Whether objects stand one a line, also if commas and brackets of an array stand around them."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n", 40) if line.strip(b" \t\r[],")][:2]
    if len(lines) < 2:
        return bool(lines) and not head.removeprefix(_BOM).lstrip().startswith(b"[")
    first, second = (line.strip(b" \t\r[],") for line in lines)
    if second.startswith(b"{") and len(second) > 1 and not lines[1].startswith(b" "):
        return True
    return first.startswith(b"{") and first.endswith(b"}") and first.count(b"{") == first.count(b"}")


def lines(source: Source, most: int | None = None) -> Iterator[Piece]:
    """The lines of `source` that have anything in them, without the data of those of over `most` bytes.

    That is `MAX_OBJECT` unless told otherwise.
    """
    most = MAX_OBJECT if most is None else most
    number, parts, size = 1, [b""], 0
    while True:
        block = source.read_block()
        if not block:
            cut = source.cut is not None
            if size:
                yield Piece(number, _joined(parts, size, most), cut_off=cut)
            if not source.go_on():
                return
            number, parts, size = number + 1, [], 0
            continue
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= most:
            parts.append(first)
        for line in rest:
            if size:
                yield Piece(number, _joined(parts, size, most))
            number, parts, size = number + 1, [line], len(line)


def _joined(parts: list[bytes], size: int, most: int) -> bytes | None:
    return b"".join(parts) if size <= most else None


def objects(source: Source) -> Iterator[Piece]:
    """The outermost objects in `source`, wherever their lines end."""
    data = b""
    start = at = depth = 0  # where the object begins, how far it was looked at, and how deep that is
    number, too_long = 1, False
    while True:
        block = source.read_block()
        data, start, at = data[start:] + block, 0, at - start
        while token := _TOKEN.search(data, at):
            what = token[0]
            if what == b'"':  # No string, as its line ends first, or as there is more to come.
                end = data.find(b"\n", token.start())
                at = token.start() if end < 0 and block else len(data) if end < 0 else end
                if at == token.start():
                    break
                continue
            at = token.end()
            if what == b"{":
                start = start if depth else token.start()
                depth += 1
            elif what == b"}" and depth:
                depth -= 1
                if not depth:
                    yield Piece(number, None if too_long else data[start:at])
                    number, start, too_long = number + 1, at, False
        else:
            at = len(data)
        if not block:
            if depth:
                yield Piece(number, None if too_long else data[start:], cut_off=True)
                number += 1
            if not source.go_on():
                return
            data, start, at, depth, too_long = b"", 0, 0, 0, False
            continue
        too_long = depth > 0 and (too_long or len(data) - start > MAX_OBJECT)
        if len(data) - at > MAX_OBJECT:
            # Within a string longer than an object: only that it goes on, and whether an escape does, matters.
            backslashes = len(data) - len(data.rstrip(b"\\"))
            data, start, at = b'"' + b"\\" * (backslashes % 2), 0, 0
        elif not depth or too_long:
            start = at
