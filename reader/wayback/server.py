"""Where a web archive answers: the Internet Archive's Wayback Machine, or a pywb collection. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from reader.errors import FetchError
from reader.safe_text import clean, clean_url


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
            f"{clean(address) or repr(address)}: no server's address; write https://web.archive.org or "
            "http://127.0.0.1:8080/collection, by --server or PROTOCOL_READER_WAYBACK"
        )
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    if path in ("", "/web"):
        return Server(root, f"{root}/cdx/search/cdx", f"{root}/web", paged=False)
    return Server(root + path, f"{root}{path}/cdx", root + path, paged=True)
