"""Addresses of pages: made safe, shown, and those that a web archive has for them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from reader.sanitize import JOINERS, sanitize

MAX_URL = 8192
"""The longest address, in characters of its ASCII form."""

ARCHIVE: Final = "https://web.archive.org/web/"
"""The start of addresses in the Wayback Machine; a time and the page's own address follow."""
_ARCHIVED: Final = re.compile(r"https?://web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(https?://.+)")
_HOST = r"(?=.{1,253}\.?\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?|\[[0-9a-f:.]+\]"
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=512)
def clean_url(url: str) -> str | None:
    """Convert `url` to a form that is safe to show, link and open in a browser; None if that is impossible.

    The result is ASCII, at most `MAX_URL` characters, http or https, with a host and without user
    information: international hosts in their xn-- form, other characters percent-encoded. An address
    with a backslash or with anything that `sanitize` would change is refused, not repaired.
    """
    url = url.strip(" \t\r\n")
    if len(url) > MAX_URL or "\\" in url or sanitize(url) != url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = _ascii_host(parts.hostname or "")
    if parts.scheme not in _PORTS or "@" in parts.netloc or host is None:
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path, query, fragment = (
        quote(part, safe="/:@!$&'()*+,;=-._~%?#[]") for part in (parts.path, parts.query, parts.fragment)
    )
    result = urlunsplit((parts.scheme, netloc, path, query, fragment))
    return result if len(result) <= MAX_URL else None


def _ascii_host(host: str) -> str | None:
    """Convert `host` to lower-case ASCII; None if it is not a host name or address."""
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        # The 2003 encoding turns these into other names than browsers do.
        if any(char in host for char in "\xdf\u03c2" + JOINERS):
            return None
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    return host if re.fullmatch(_HOST, host) else None


def is_url(path: str) -> bool:
    """Return whether a path is a URL. A local file with such a name is written as ./s3://name."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.:-]*://", path) is not None


def host_of(url: str) -> str:
    """Return the host of `url` as `clean_url` writes it, with a port other than the default; "" if there is none."""
    return urlsplit(clean_url(url) or "").netloc


def host_first(url: str) -> str:
    """An address without its scheme, so that the host comes first."""
    return url.partition("://")[2]


def archive_address(url: str | None, captured: str | None) -> str | None:
    """Return where a web archive has a page: by its address and time, or from the address of an archived page.

    None without an address or a day. The Wayback Machine leads on to the capture nearest to the time.
    """
    if url is None or _ARCHIVED.fullmatch(url):
        return url
    time = re.sub(r"\D", "", (captured or "").partition("+")[0].partition(".")[0])[:14]
    return f"{ARCHIVE}{time}/{url}" if len(time) >= len("20220630") else None


def original_address(url: str | None) -> str | None:
    """Return the address that a page had on its site, also for that of an archived page."""
    archived = _ARCHIVED.fullmatch(url or "")
    return archived[2] if archived else url


def archive_time(url: str | None) -> str | None:
    """Return the day, or the second, in the address of an archived page, in 8 or 14 digits; None if it has no day."""
    archived = _ARCHIVED.fullmatch(url or "")
    digits = archived[1] if archived else ""
    return digits[: 14 if len(digits) == 14 else 8] if len(digits) >= 8 else None
