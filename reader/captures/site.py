"""Selects pages: those of a site or all, and, when a file is read again, those after the first few."""

from __future__ import annotations

from collections.abc import Iterable

from reader.errors import SettingsError
from reader.sanitize import host_of


class Site:
    """A host with its subdomains. Counts the skipped pages of other hosts."""

    def __init__(self, name: str) -> None:
        """`name` is a host, or any address on it. SettingsError if it is neither."""
        host = host_of(name if "://" in name else f"https://{name}")
        if not host:
            raise SettingsError(f"{name!r} is no site; name it like protocol.com")
        self.host = host
        self.skipped = 0
        self._below = f".{host}"

    def accepts(self, url: str | None) -> bool:
        """Return whether a page with this address belongs to the site; count it if not.

        A page without an address belongs to it.
        """
        host = host_in(url) if url else ""
        if not host or host == self.host or host.endswith(self._below):
            return True
        self.skipped += 1
        return False

    @property
    def summary(self) -> str:
        """The number of skipped pages in words; "" if none."""
        if not self.skipped:
            return ""
        pages = "1 page of another site" if self.skipped == 1 else f"{self.skipped:,} pages of other sites"
        return f"{pages} passed over"


class PageFilter:
    """Selects the pages of a file: those of a site, after the first `skip`."""

    def __init__(self, site: Site | None = None, skip: int = 0) -> None:
        self.site = site
        self.skip = skip
        self.seen = 0
        """How many pages were seen so far, including skipped ones."""

    def begin_page(self) -> bool:
        """Count the next page. Return False if it must be skipped."""
        self.seen += 1
        return self.seen > self.skip

    def accepts(self, url: str | None) -> bool:
        """Return whether to read a page with this address; count it if not."""
        return self.site is None or self.site.accepts(url)


class PathsOfSite(tuple[str, ...]):
    """Paths of captures, limited to the pages of one site."""

    site: str

    def __new__(cls, paths: Iterable[str], site: str) -> PathsOfSite:
        """`site` is a host, or any address on it; SettingsError when it is neither."""
        made = super().__new__(cls, paths)
        made.site = Site(site).host
        return made

    def __getnewargs__(self) -> tuple[tuple[str, ...], str]:
        return tuple(self), self.site


def host_in(url: str) -> str:
    """Quickly extract the host of an unchecked address; "" if it has none."""
    _, found, rest = url.partition("://")
    if not found:
        return ""
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
