"""Connections to the server: how many there may be at once, and how long each may take.

A client that sends nothing, or a byte now and then, must not keep others out. Each connection has a deadline: for its
request to come whole, and for the answer to be taken. Where there are too many connections, one that waits for a
request makes room for the new one: the oldest of the address that has most of them.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final, NamedTuple

_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_MANY: Final = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Stage(Enum):
    """How far a connection is with its request."""

    NEW = 1
    """Nothing has come yet."""
    ASKING = 2
    """The request is coming."""
    ANSWERING = 3
    ANSWERED = 4
    """The answer is with the client, or on its way."""


class Limits(NamedTuple):
    """What a server puts up with."""

    connections: int = 128
    """At once."""
    request_seconds: float = 10.0
    """Until a request has come, from the start of the connection or its first byte."""
    answer_seconds: float = 60.0
    """Until an answer, or the next part of a long one, has been taken and the next request begins."""


class Connections:
    """Makes the protocol for each connection, and closes connections that are too many or too slow."""

    def __init__(self, make_protocol: Callable[[], asyncio.Protocol], limits: Limits) -> None:
        """`make_protocol`: makes what speaks HTTP on one connection."""
        self._make_protocol = make_protocol
        self.limits = limits
        # Every connection takes a file descriptor, and sessions need some too.
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = limits.connections
        if descriptors != resource.RLIM_INFINITY:
            self._most = max(1, min(limits.connections, descriptors // 2))
        self._open: dict[asyncio.BaseTransport, _Connection] = {}

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        return _Connection(self, self._make_protocol())

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._open)

    @contextmanager
    def answering(self, transport: asyncio.BaseTransport | None, *, long: bool = False) -> Iterator[None]:
        """A request has come: its answer has a deadline of its own, or none where it is `long`."""
        connection = self._open.get(transport) if transport is not None else None
        if connection is None:
            yield
            return
        connection.stage = Stage.ANSWERING
        connection.give(None if long else self.limits.answer_seconds)
        try:
            yield
        finally:
            # The answer is there; whether the client has taken it all, nobody tells.
            connection.stage = Stage.ANSWERED
            connection.give(self.limits.answer_seconds)

    def go_on(self, transport: asyncio.BaseTransport | None) -> None:
        """A part of the answer has been taken: the next part gets as long."""
        if transport is not None and (connection := self._open.get(transport)) is not None:
            connection.give(self.limits.answer_seconds)

    def add(self, connection: _Connection, transport: asyncio.Transport) -> bool:
        """Count a new connection, and close another where there are too many; False where there is no room for it."""
        if len(self._open) >= self._most:
            waiting = [other for other in self._open.values() if other.stage is not Stage.ANSWERING]
            if not waiting:
                return False
            numbers = Counter(other.address for other in waiting)
            ((busiest, _),) = numbers.most_common(1)
            next(other for other in waiting if other.address == busiest).drop()
        self._open[transport] = connection
        return True

    def remove(self, transport: asyncio.BaseTransport) -> None:
        """A connection has ended; again is no error."""
        self._open.pop(transport, None)


class _Connection(asyncio.Protocol):
    """One connection: hands on all that happens to the protocol that speaks HTTP, and keeps the deadline."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = False
        self.stage = Stage.NEW
        self.address = ""
        """Where it comes from."""

    def give(self, seconds: float | None) -> None:
        """Let it last so long from now on; None for as long as it likes."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None and self._transport is not None and not self._transport.is_closing():
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._expire)

    def drop(self) -> None:
        """End it at once."""
        assert self._transport is not None
        # It is not counted any more, even if the loop has not come round to it.
        self._connections.remove(self._transport)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        name = transport.get_extra_info("peername")
        self.address = str(name[0]) if name else ""
        if not self._connections.add(self, transport):
            self._refused = True
            transport.write(_TOO_MANY)
            transport.close()
            return
        self.give(self._connections.limits.request_seconds)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self.stage is Stage.NEW:
            self.stage = Stage.ASKING
        elif self.stage is Stage.ANSWERED:
            self.stage = Stage.ASKING
            self.give(self._connections.limits.request_seconds)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._refused else self._inner.eof_received()

    def pause_writing(self) -> None:
        if not self._refused:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if not self._refused:
            self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self.give(None)
        assert self._transport is not None
        self._connections.remove(self._transport)
        if not self._refused:
            self._inner.connection_lost(error)

    def _expire(self) -> None:
        assert self._transport is not None
        if self.stage is Stage.ASKING:
            self._transport.write(_TOO_SLOW)
            self._transport.close()
        else:
            self._transport.abort()
