"""The header of a WARC record."""

from __future__ import annotations


class Header:
    """A record's header: names are found in their usual spelling first, else in any."""

    __slots__ = ("_block", "_fields", "position")

    def __init__(self, block: bytes, position: int) -> None:
        """`block` is all of it from the line of the version to the last line's end."""
        self._block = block
        self._fields: dict[bytes, bytes] | None = None
        self.position = position
        """Where it begins in the unpacked file."""

    def get(self, name: bytes) -> bytes:
        """The value of a field; empty without one."""
        at = self._block.find(b"\r\n%s: " % name)
        if at >= 0:
            begin = at + len(name) + 4
            return self._block[begin : self._block.find(b"\r\n", begin)].strip()
        if self._fields is None:
            self._fields = _fields(self._block)
        return self._fields.get(name.lower(), b"")


def _fields(block: bytes) -> dict[bytes, bytes]:
    """Every field, its name in lower case."""
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in block.split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and name:
            fields[name] += b" " + line.strip()
        else:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
