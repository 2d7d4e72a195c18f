"""Addresses: what a user wants listed, when two addresses are the same page, and where a web archive answers. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from reader.errors import FetchError
from reader.sanitize import clean_url, sanitize

_MARKS = r"utm_\w+|fbclid|gclid|rebelltitem"
"""Parts of a query that do not choose the page: where the reader came from, and which item was on the screen."""


class Pattern(NamedTuple):
    """What the user wants listed, as the archive's index is asked for it."""

    url: str
    """The address without its star, ASCII."""
    match: str
    """`exact`, `prefix` or `domain`, the index's own words."""
    key: str
    """How `page_key` must start; for a domain, the host."""

    def covers(self, url: str) -> bool:
        """Whether `url`, as `clean_url` gives it, is among what was asked for."""
        key = page_key(url)
        if self.match == "exact":
            return key == self.key
        if self.match == "prefix":
            return f"{key}/".startswith(self.key)
        host = urlsplit(url).hostname or ""
        return host == self.key or host.endswith(f".{self.key}")


def pattern_of(text: str) -> Pattern:
    """The pattern that `text` is: `host/path`, `host/path/*` or `*.host`; with or without https://.

    Raises FetchError for what is no address.
    """
    bare = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE)
    domain = re.fullmatch(r"\*\.([^/*]+)(/\*?)?", bare)
    stem = domain[1] if domain else bare.removesuffix("*")
    url = clean_url(f"https://{stem}")
    if url is None or "*" in stem or "." not in urlsplit(url).netloc:
        raise FetchError(
            f"{sanitize(text) or repr(text)}: no address to list; write it as protocol.com/china/*, *.protocol.com "
            "or one page's address"
        )
    if domain:
        return Pattern(url, "domain", urlsplit(url).hostname or "")
    if bare.endswith("*"):
        parts = urlsplit(url)
        return Pattern(url, "prefix", _as_key(f"{_host(url)}{parts.path or '/'}"))
    return Pattern(url, "exact", page_key(url))


def page_key(url: str) -> str:
    """A key that is the same for every address of one page; `url` as `clean_url` gives it.

    Scheme, `www.`, port, a last slash, case, fragment and the parts of a query that do not choose the page
    (`rebelltitem`, `utm_…`, `fbclid`, `gclid`) make no difference, nor whether brackets and stray percent signs are
    percent-encoded.
    """
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and not re.match(rf"(?:{_MARKS})(?:=|$)", part)]
    query = f"?{'&'.join(sorted(kept))}" if kept else ""
    return _as_key(f"{_host(url)}{parts.path.rstrip('/')}{query}")


def is_plain(url: str) -> bool:
    """Whether `url` has no query or fragment: the page's own address rather than one of its others."""
    parts = urlsplit(url)
    return not parts.query and not parts.fragment


def moment(text: str) -> str:
    """A date as the index writes it: 4 to 14 digits of YYYYMMDDhhmmss, from 2022, 2022-05, 2022-05-17 or digits.

    Raises FetchError for what is no date.
    """
    digits = re.sub(r"[-:TZ ]", "", text.strip())
    try:
        if not re.fullmatch(r"\d{4}(?:\d\d){0,5}", digits, re.ASCII):
            raise ValueError
        datetime.strptime(digits + "00000101000000"[len(digits) :], "%Y%m%d%H%M%S")
    except ValueError:
        raise FetchError(
            f"{sanitize(text) or repr(text)}: no date; write it as 2022, 2022-05 or 2022-05-17"
        ) from None
    return digits


def _as_key(address: str) -> str:
    return re.sub(r"[\[\]]|%(?![0-9a-f]{2})", lambda found: f"%{ord(found[0]):x}", address.lower())


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


class Server(NamedTuple):
    """The addresses of one archive."""

    name: str
    """As the user wrote it, safe to show."""
    listing: str
    """Where captures are listed (CDX)."""
    replay: str
    """Where captures are shown, without a last slash."""
    paged: bool
    """Whether the listing may come in numbered pages, as pywb's does."""

    def listing_of(self, fields: list[tuple[str, str]]) -> str:
        """The address of the listing with these parameters."""
        return f"{self.listing}?{urlencode(fields)}"

    def bytes_of(self, timestamp: str, url: str) -> str:
        """The address of a capture's bytes as they were kept: not rewritten, without the archive's banner."""
        return f"{self.replay}/{timestamp}id_/{url.replace('#', '%23')}"

    def capture_at(self, address: str) -> tuple[str, str] | None:
        """Timestamp and address of the capture whose bytes `address` shows; None for another address."""
        ours = address.partition("://")[2].startswith(self.replay.partition("://")[2] + "/")
        return capture_in(address) if ours else None


def capture_in(address: str) -> tuple[str, str] | None:
    """Timestamp and address of the capture that an archive shows at `address`; None for another address."""
    found = re.search(r"/(\d{14})id_/(https?:/.*)", address, re.ASCII)
    # Some servers fold the two slashes into one.
    url = clean_url(re.sub(r"^(https?):/+", r"\1://", found[2].replace("%23", "#"))) if found else None
    return (found[1], url) if found and url else None


def server_at(address: str) -> Server:
    """The archive at `address`: the Wayback Machine's layout at a bare host or /web, else pywb's collection.

    Raises FetchError for what is no address.
    """
    url = clean_url(address if "://" in address else f"https://{address}")
    if url is None or urlsplit(url).query:
        raise FetchError(
            f"{sanitize(address) or repr(address)}: no server's address; write https://web.archive.org or "
            "http://127.0.0.1:8080/collection, by --server or PROTOCOL_READER_WAYBACK"
        )
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    if path in ("", "/web"):
        return Server(root, f"{root}/cdx/search/cdx", f"{root}/web", paged=False)
    return Server(root + path, f"{root}{path}/cdx", root + path, paged=True)
