"""Where the server listens: the address of this machine that is meant, and what to open in a browser."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final, NamedTuple

from reader.errors import SettingsError

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""Names that lead to this machine and nowhere else, in every browser."""
BACKLOG: Final = 512
"""Connections that wait to be accepted: further ones try again after a second."""
_NOWHERE: Final = ("192.0.2.1", 9)
"""An address for documentation: connecting a datagram socket sends nothing, but tells which way it would go."""


class Place(NamedTuple):
    """Where to listen."""

    family: socket.AddressFamily
    address: str
    """An IP address of this machine, or one that stands for all of them."""
    host: str
    """As it was asked for."""

    @property
    def private(self) -> bool:
        """Whether only this machine gets there."""
        return ipaddress.ip_address(self.address.partition("%")[0]).is_loopback

    @property
    def names(self) -> tuple[str, ...] | None:
        """The hosts that a browser may ask for; None for any, where other machines may call it what they like."""
        return (*LOOPBACK_NAMES, self.address, self.host) if self.private else None


def find_place(host: str) -> Place:
    """The place that `host`, a name or an IP address, means; SettingsError when there is none."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SettingsError(
            f"--host {host}: there is no such address; 127.0.0.1 is this machine alone, 0.0.0.0 all its networks"
        ) from None
    # Where a name has addresses of both kinds, the older one is known to more of what may ask.
    family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return Place(family, str(address[0]), host)


def listen(place: Place, port: int) -> socket.socket:
    """A socket that listens there, on a free port for port 0; SettingsError, with what to do, when it cannot."""
    found = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((place.address, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise SettingsError(_why_not(place, port, error)) from error
    return found


def open_address(place: Place, port: int, token: str | None) -> str:
    """What to open in a browser."""
    address = place.address
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        address = _own_address(place.family) or socket.gethostname()
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}:{port}/" + (f"?token={token}" if token else "")


def _own_address(family: socket.AddressFamily) -> str | None:
    """The address under which others reach this machine; None when it has none of that kind."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as found:
            found.connect(_NOWHERE if family == socket.AF_INET else ("2001:db8::1", 9))
            return str(found.getsockname()[0])
    except OSError:
        return None


def _why_not(place: Place, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {place.host} is in use by another program; --port 0 takes a free one"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} of {place.host} may not be used by this account; one above 1023 may"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {place.host}: that is no address of this machine"
    return f"port {port} of {place.host} cannot be used ({error.strerror or error})"
