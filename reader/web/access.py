"""Decides who may use the reader in a browser, and where the server listens.

A page of another site, open in the same browser, can send requests to 127.0.0.1 and open WebSockets to it, and can have
its own name resolve to that address (DNS rebinding). So a request must name a host of ours, and come from our page.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections.abc import Collection
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from reader.errors import SettingsError

SHORTEST_TOKEN: Final = 16
"""Characters."""
NO_TOKEN: Final = "Open the whole address that “protocol-reader serve” printed, including its token."
OTHER_NAME: Final = "This server has another name; open the address that “protocol-reader serve” printed."
OTHER_SITE: Final = "Pages of other sites cannot use this reader."
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""Names of this machine that every browser resolves to nothing else."""
BACKLOG: Final = 512
"""Connections that wait to be accepted; further ones try again after a second."""
_NOWHERE: Final = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}
"""Addresses for documentation: connecting a datagram socket sends nothing, but chooses our own address."""


class AccessPolicy:
    """Decides which requests are allowed."""

    def __init__(self, *, token: str | None, hosts: Collection[str] | None) -> None:
        """`token`: None if none is needed. `hosts`: the names that requests may use; None for any."""
        self._token = token
        self._hosts = None if hosts is None else frozenset(map(str.lower, hosts))
        self.cookie = token_urlsafe(32)
        """For browsers that have shown the token; another each time the server starts."""

    def refusal(
        self, host: str, origin: str | None, token: str | None, cookie: str | None, *, websocket: bool = False
    ) -> str | None:
        """Why a request is refused, as a sentence; None if it is allowed.

        `host` and `origin` are headers, `token` is that of the address, and `cookie` is the value of ours. `websocket`:
        it opens a WebSocket, for which browsers always send an Origin.
        """
        if self._hosts is not None and _host_of(host) not in self._hosts:
            return OTHER_NAME
        if (websocket and origin is None) or (origin is not None and _authority(origin) != host.lower()):
            return OTHER_SITE
        if self._token is None or _same(token, self._token) or _same(cookie, self.cookie):
            return None
        return NO_TOKEN


def make_token() -> str:
    """A token that nobody guesses: 32 characters."""
    return token_urlsafe(24)


def is_token(text: str) -> bool:
    """Return whether this can be a token: long enough, and without characters that mean something in an address."""
    return re.fullmatch(rf"[A-Za-z0-9_-]{{{SHORTEST_TOKEN},}}", text) is not None


def _same(given: str | None, expected: str) -> bool:
    """Compare in a time that reveals neither how much is right nor how long it is."""
    return given is not None and compare_digest(
        sha256(given.encode("utf-8", "replace")).digest(), sha256(expected.encode()).digest()
    )


def _host_of(header: str) -> str | None:
    """The host of a Host header, without its port; None if it is malformed."""
    try:
        parts = urlsplit(f"//{header}")
        return parts.hostname if parts.netloc == header and "@" not in header else None
    except ValueError:
        return None


def _authority(origin: str) -> str | None:
    """Host and port of an Origin header; None for the opaque “null” and for what is no web page's."""
    scheme, separator, authority = origin.lower().partition("://")
    return authority if separator and scheme in ("http", "https") else None


class ListenAddress(NamedTuple):
    """An address of this machine to listen on."""

    family: socket.AddressFamily
    ip: str
    """An IP address, or one that stands for all of this machine's."""
    host: str
    """The address as the user named it."""

    @property
    def is_loopback(self) -> bool:
        """True if only this machine can reach it."""
        return ipaddress.ip_address(self.ip.partition("%")[0]).is_loopback

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The host names that a browser may use; None for any, since other machines may have their own name for it."""
        return (*LOOPBACK_NAMES, self.ip, self.host) if self.is_loopback else None


def resolve(host: str) -> ListenAddress:
    """Resolve a name or an IP address; SettingsError if there is none."""
    try:
        addresses = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SettingsError(
            f"--host {host}: there is no such address; 127.0.0.1 means only this machine, 0.0.0.0 all its networks"
        ) from None
    # If a name has addresses of both kinds, more clients know IPv4.
    family, *_, address = min(addresses, key=lambda info: info[0] != socket.AF_INET)
    return ListenAddress(family, str(address[0]), host)


def listen(address: ListenAddress, port: int) -> socket.socket:
    """A socket that listens there, on a free port for port 0; SettingsError, with what to do, if it cannot."""
    listening = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.ip, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise SettingsError(_why_not(address, port, error)) from error
    return listening


def page_url(address: ListenAddress, port: int, token: str | None) -> str:
    """The URL to open in a browser."""
    ip = address.ip
    if ipaddress.ip_address(ip.partition("%")[0]).is_unspecified:
        ip = _own_ip(address.family) or socket.gethostname()
    host = f"[{ip}]" if ":" in ip else ip
    return f"http://{host}:{port}/" + (f"?token={token}" if token else "")


def _own_ip(family: socket.AddressFamily) -> str | None:
    """The address under which others reach this machine; None if it has none of that kind."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(_NOWHERE[family])
            return str(probe.getsockname()[0])
    except OSError:
        return None


def _why_not(address: ListenAddress, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {address.host} is used by another program; --port 0 chooses a free one"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} of {address.host} needs privileges that this account does not have; use a port above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {address.host}: this machine has no such address"
    return f"port {port} of {address.host} cannot be used ({error.strerror or error})"
