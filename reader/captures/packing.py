"""Ways to pack bytes, and what undoes each for one member."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Decompressor(Protocol):
    """What unpacks one member."""

    @property
    def eof(self) -> bool:
        """Whether the member's end was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more packed bytes."""

    @property
    def unused_data(self) -> bytes:
        """Packed bytes behind the member's end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Up to `max_length` more bytes; DamagedError when the data is damaged."""

    def last(self) -> bytes:
        """What else comes out of packed bytes that end too early."""


class DamagedError(Exception):
    """Raised for packed data that cannot be; `salvaged` came out before it turned out so."""

    def __init__(self, salvaged: bytes = b"", reason: str | None = None) -> None:
        super().__init__(reason)
        self.salvaged = salvaged
        self.reason = reason


class Packing(NamedTuple):
    """A way to pack bytes."""

    name: str
    starts: tuple[bytes, ...]
    """How a member may begin; none where there is one member that begins anyhow."""
    begin: Callable[[], Decompressor]
    """What unpacks a new member."""
    wbits: int = 0
    """As zlib has it, where members may be many and short and begin with a gzip head; 0 elsewhere."""
