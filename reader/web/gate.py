"""Who may use the reader in a browser: the token, and what tells that a request comes from our own page.

A page of another site, open in the same browser, can send requests to 127.0.0.1 and open WebSockets to it, and can have
its own name lead there (DNS rebinding). So the name that was asked for must be one of ours, and what asks must be our
page.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, NamedTuple
from urllib.parse import urlsplit

SHORTEST_TOKEN: Final = 16
"""Characters."""
NO_TOKEN: Final = (
    "This reader is opened by the whole address that “protocol-reader serve” printed, with its token."
)
OTHER_NAME: Final = (
    "This reader is not known by that name; open the address that “protocol-reader serve” printed."
)
OTHER_SITE: Final = "Another site's page may not use this reader."


class Asked(NamedTuple):
    """What counts of a request."""

    host: str
    """The Host header: name, and port where there is one."""
    origin: str | None
    """The Origin header: which page asks; None where it does not say."""
    token: str | None
    """The token in the address."""
    cookie: str | None
    """The value of our cookie."""
    socket: bool = False
    """Whether it is for a WebSocket, for which browsers always say who asks."""


class Gate:
    """Lets a request through, or says why not."""

    def __init__(self, *, token: str | None, names: Collection[str] | None) -> None:
        """`token`: None where none is needed. `names`: the hosts that may be asked for; None for any."""
        self._token = token
        self._names = None if names is None else frozenset(map(str.lower, names))
        self.cookie = token_urlsafe(32)
        """What a browser that has shown the token is given; another each time the server starts."""

    def refusal(self, asked: Asked) -> str | None:
        """Why a request is refused, as a sentence; None when it is let through."""
        if self._names is not None and _name(asked.host) not in self._names:
            return OTHER_NAME
        if asked.origin is None:
            if asked.socket:
                return OTHER_SITE
        elif _authority(asked.origin) != asked.host.lower():
            return OTHER_SITE
        if self._token is None or self.shows_token(asked) or _same(asked.cookie, self.cookie):
            return None
        return NO_TOKEN

    def shows_token(self, asked: Asked) -> bool:
        """Whether the address has the token in it."""
        return self._token is not None and _same(asked.token, self._token)


def make_token() -> str:
    """A token that nobody guesses: 32 characters."""
    return token_urlsafe(24)


def is_token(text: str) -> bool:
    """Whether this can be a token: long enough, and of characters that mean nothing else in an address."""
    return re.fullmatch(rf"[A-Za-z0-9_-]{{{SHORTEST_TOKEN},}}", text) is not None


def _same(given: str | None, right: str) -> bool:
    """Compared in a time that tells nothing of how much of it is right, nor how long it is."""
    return given is not None and compare_digest(
        sha256(given.encode("utf-8", "replace")).digest(), sha256(right.encode()).digest()
    )


def _name(host: str) -> str | None:
    """The host of a Host header, without its port; None when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname if parts.netloc == host and "@" not in host else None
    except ValueError:
        return None


def _authority(origin: str) -> str | None:
    """Host and port of an Origin header; None for the opaque “null” and what is no web page's."""
    scheme, found, authority = origin.lower().partition("://")
    return authority if found and scheme in ("http", "https") else None
