"""Connections to the server: how many there may be at once, and how long each may take.

A client that sends nothing, or a byte now and then, must not keep others out. Each connection has a deadline for
sending a complete request, and another for taking the answer. If there are too many connections, a new one replaces
one that waits for a request: the oldest from the address that has the most.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Final, NamedTuple

_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_MANY: Final = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Stage(Enum):
    """The state of a connection's request."""

    NEW = 1
    """The client has sent nothing yet."""
    REQUESTING = 2
    """The request is arriving."""
    ANSWERING = 3
    ANSWERED = 4
    """The client has the answer, or it is on its way."""


class Limits(NamedTuple):
    """Limits for the clients of a server."""

    connections: int = 128
    """Number of connections at once."""
    request_seconds: float = 10.0
    """Seconds from the start of the connection, or the first byte of a further request, to the end of the request."""
    answer_seconds: float = 60.0
    """Seconds to take an answer, or the next part of a long one, and to begin the next request."""


class Connections:
    """Makes the protocol for each connection, and closes connections that are too many or too slow."""

    def __init__(self, make_protocol: Callable[[], asyncio.Protocol], limits: Limits) -> None:
        """`make_protocol` makes the HTTP protocol of one connection."""
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
        """While a request is answered: the answer has a deadline of its own, or none if it is `long`."""
        connection = self._open.get(transport) if transport is not None else None
        if connection is None:
            yield
            return
        connection.stage = Stage.ANSWERING
        connection.set_deadline(None if long else self.limits.answer_seconds)
        try:
            yield
        finally:
            # The answer is complete; it is not known whether the client has taken all of it.
            connection.stage = Stage.ANSWERED
            connection.set_deadline(self.limits.answer_seconds)

    def extend(self, transport: asyncio.BaseTransport | None) -> None:
        """Give the next part of a long answer as much time as the first."""
        if transport is not None and (connection := self._open.get(transport)) is not None:
            connection.set_deadline(self.limits.answer_seconds)

    def add(self, connection: _Connection, transport: asyncio.Transport) -> bool:
        """Count a new connection, and close another if there are too many; False if there is no room for it."""
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
        """Stop counting a connection; again is no error."""
        self._open.pop(transport, None)


class _Connection(asyncio.Protocol):
    """One connection: passes all events to the HTTP protocol, and ends at its deadline."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = False
        self.stage = Stage.NEW
        self.address = ""
        """The IP address of the client."""

    def set_deadline(self, seconds: float | None) -> None:
        """Close the connection after this time; None for never."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None and self._transport is not None and not self._transport.is_closing():
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._expire)

    def drop(self) -> None:
        """Close it at once."""
        assert self._transport is not None
        # It no longer counts, even before the loop has closed it.
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
        self.set_deadline(self._connections.limits.request_seconds)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self.stage is Stage.NEW:
            self.stage = Stage.REQUESTING
        elif self.stage is Stage.ANSWERED:
            self.stage = Stage.REQUESTING
            self.set_deadline(self._connections.limits.request_seconds)
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
        self.set_deadline(None)
        assert self._transport is not None
        self._connections.remove(self._transport)
        if not self._refused:
            self._inner.connection_lost(error)

    def _expire(self) -> None:
        assert self._transport is not None
        if self.stage is Stage.REQUESTING:
            with suppress(RuntimeError):  # A file is still being sent for the previous request.
                self._transport.write(_TOO_SLOW)
                self._transport.close()
                return
        self._transport.abort()
