"""Which pages are wanted: those of one site or all, and when a file is read again, those after the first few."""

from __future__ import annotations

from collections.abc import Iterable

from reader.errors import SettingsError
from reader.sanitize import host_of


class Site:
    """One host and its subdomains; counts the pages of others that were passed over."""

    def __init__(self, name: str) -> None:
        """`name` is a host, or any address on it; SettingsError if it is neither."""
        host = host_of(name if "://" in name else f"https://{name}")
        if not host:
            raise SettingsError(f"{name!r} is no site; name it like protocol.com")
        self.host = host
        self.passed_over = 0
        self._below = f".{host}"

    def takes(self, url: str | None) -> bool:
        """Return whether a page of this address belongs to the site; one that does not is counted.

        A page that does not say its address belongs to it.
        """
        host = host_in(url) if url else ""
        if not host or host == self.host or host.endswith(self._below):
            return True
        self.passed_over += 1
        return False

    @property
    def summary(self) -> str:
        """How many pages were passed over, in words; "" if none."""
        if not self.passed_over:
            return ""
        pages = (
            "1 page of another site"
            if self.passed_over == 1
            else f"{self.passed_over:,} pages of other sites"
        )
        return f"{pages} passed over"


class PageFilter:
    """Which pages of a file to read: those of a site, after the first `skip`."""

    def __init__(self, site: Site | None = None, skip: int = 0) -> None:
        self.site = site
        self.skip = skip
        self.begun = 0
        """Pages met so far, skipped ones included."""

    def begin_page(self) -> bool:
        """Count the next page; False if it is to be skipped."""
        self.begun += 1
        return self.begun > self.skip

    def takes(self, url: str | None) -> bool:
        """Return whether a page of this address is wanted; one that is not is counted."""
        return self.site is None or self.site.takes(url)


class PathsOfSite(tuple[str, ...]):
    """Paths of captures of which only the pages of one site are wanted."""

    site: str

    def __new__(cls, paths: Iterable[str], site: str) -> PathsOfSite:
        """`site` is a host, or any address on it; SettingsError when it is neither."""
        made = super().__new__(cls, paths)
        made.site = Site(site).host
        return made

    def __getnewargs__(self) -> tuple[tuple[str, ...], str]:
        return tuple(self), self.site


def host_in(url: str) -> str:
    """The host of an address as it stands in a file, found quickly; "" if it has none."""
    _, found, rest = url.partition("://")
    if not found:
        return ""
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
