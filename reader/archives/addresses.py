"""Addresses: patterns to list, the identity of pages, and the endpoints of a web archive. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from reader.errors import FetchError
from reader.sanitize import clean_url, sanitize

_MARKS = r"utm_\w+|fbclid|gclid|rebelltitem"
"""Parameters of a query that do not choose the page: the referrer, or the item on the screen."""
LIFETIME = ("2020", "2022")
"""The first and last year of protocol.com."""


class Pattern(NamedTuple):
    """The pattern to list, as the archive's index expects it."""

    url: str
    """The address without its star, ASCII."""
    match: str
    """`exact`, `prefix` or `domain`, the index's own words."""
    key: str
    """The start of the `page_key` of each match; for a domain, the host."""

    def covers(self, url: str) -> bool:
        """Return whether `url`, as `clean_url` returns it, matches."""
        key = page_key(url)
        if self.match == "exact":
            return key == self.key
        if self.match == "prefix":
            return f"{key}/".startswith(self.key)
        host = urlsplit(url).hostname or ""
        return is_on(host, self.key)


def is_on(host: str, site: str = "protocol.com") -> bool:
    """Return whether this is the host of a site, or a subdomain of it."""
    return host == site or host.endswith(f".{site}")


def pattern_of(text: str) -> Pattern:
    """Parse a pattern: `host/path`, `host/path/*` or `*.host`, with or without https://.

    FetchError if it is not one.
    """
    bare = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE)
    domain = re.fullmatch(r"\*\.([^/*]+)(/\*?)?", bare)
    stem = domain[1] if domain else bare.removesuffix("*")
    url = clean_url(f"https://{stem}")
    if url is None or "*" in stem or "." not in urlsplit(url).netloc:
        raise FetchError(
            f"{sanitize(text) or repr(text)}: not an address to list; write it as protocol.com/china/*, *.protocol.com "
            "or one page's address"
        )
    if domain:
        return Pattern(url, "domain", urlsplit(url).hostname or "")
    if bare.endswith("*"):
        parts = urlsplit(url)
        return Pattern(url, "prefix", _as_key(f"{_host(url)}{parts.path or '/'}"))
    return Pattern(url, "exact", page_key(url))


def page_key(url: str) -> str:
    """A key that is the same for all addresses of a page; `url` as `clean_url` returns it.

    It ignores scheme, `www.`, port, a last slash, case, fragment and parameters that do not choose the page
    (`rebelltitem`, `utm_…`, `fbclid`, `gclid`), and whether brackets and stray percent signs are percent-encoded.
    """
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and not re.match(rf"(?:{_MARKS})(?:=|$)", part)]
    query = f"?{'&'.join(sorted(kept))}" if kept else ""
    return _as_key(f"{_host(url)}{parts.path.rstrip('/')}{query}")


def is_plain(url: str) -> bool:
    """Return whether `url` has no query or fragment, and so is the page's own address."""
    parts = urlsplit(url)
    return not parts.query and not parts.fragment


def moment(text: str) -> str:
    """Parse 2022, 2022-05, 2022-05-17 or digits to a date of the index: 4 to 14 digits of YYYYMMDDhhmmss.

    FetchError if it is no date.
    """
    digits = re.sub(r"[-:TZ ]", "", text.strip())
    try:
        if not re.fullmatch(r"\d{4}(?:\d\d){0,5}", digits, re.ASCII):
            raise ValueError
        datetime.strptime(digits + "00000101000000"[len(digits) :], "%Y%m%d%H%M%S")
    except ValueError:
        raise FetchError(
            f"{sanitize(text) or repr(text)}: not a date; write it as 2022, 2022-05 or 2022-05-17"
        ) from None
    return digits


def _as_key(address: str) -> str:
    return re.sub(r"[\[\]]|%(?![0-9a-f]{2})", lambda match: f"%{ord(match[0]):x}", address.lower())


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


class Server(NamedTuple):
    """The endpoints of one archive."""

    name: str
    """The address as the user wrote it, sanitized."""
    listing: str
    """The address that lists captures (CDX)."""
    replay: str
    """The address that shows captures, without a last slash."""
    paged: bool
    """True if the listing may have numbered pages, like pywb's."""
    filters: tuple[str, ...] = ("statuscode:200", "mimetype:text/html")
    named_by: str = "--server or the setting network.wayback"
    """What names another server, if anything can."""

    def bytes_of(self, timestamp: str, url: str) -> str:
        """The address of a capture's original bytes: not rewritten, without the archive's banner."""
        return f"{self.replay}/{timestamp}id_/{url.replace('#', '%23')}"


def capture_in(address: str) -> tuple[str, str] | None:
    """Timestamp and address of the capture that an archive shows at `address`; None for another address."""
    match = re.search(r"/(\d{14})id_/(https?:/.*)", address, re.ASCII)
    # Some servers fold the two slashes into one.
    url = clean_url(re.sub(r"^(https?):/+", r"\1://", match[2].replace("%23", "#"))) if match else None
    return (match[1], url) if match and url else None


def server_at(address: str) -> Server:
    """The archive at `address`: with the Wayback Machine's layout at a bare host or /web, else a pywb collection.

    FetchError if it is no address.
    """
    url = clean_url(address if "://" in address else f"https://{address}")
    if url is None or not is_plain(url):
        raise FetchError(
            f"{sanitize(address) or repr(address)}: not the address of a server; write https://web.archive.org or"
            " http://127.0.0.1:8080/collection, with --server or the setting network.wayback"
        )
    url = url.rstrip("/")
    if urlsplit(url).path in ("", "/web"):
        url = url.removesuffix("/web")
        return Server(url, f"{url}/cdx/search/cdx", f"{url}/web", paged=False)
    return Server(url, f"{url}/cdx", url, paged=True)
