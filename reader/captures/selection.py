"""The user's choice of pages: a site or all, the columns to read, and what to skip."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from reader.errors import SettingsError
from reader.patterns import Pattern
from reader.sanitize import host_of

_HOST: Final = Pattern(r"[^/?#\\]*://(?:[^/?#\\]*@)?([^/?#\\:]*)")


class Site:
    """A host with its subdomains. Counts the skipped pages of other hosts."""

    def __init__(self, name: str) -> None:
        """`name` is a host, or any address on it. SettingsError if it is neither."""
        host = host_of(name if "://" in name else f"https://{name}")
        if not host:
            raise SettingsError(f"“{name}” is not a site; write a host such as protocol.com")
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
        return f"{pages} skipped"


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


class Columns(NamedTuple):
    """The columns of a page in rows of a crawl corpus, as the user named them; "" for the default names.

    A name with dots is that of a nested column, such as "page.text".
    """

    text: str = ""
    url: str = ""
    date: str = ""

    @classmethod
    def parse(cls, option: str) -> "Columns":
        """Parse "text=NAME,url=NAME,date=NAME", in any order. SettingsError if it is something else."""
        named = dict(part.partition("=")[::2] for part in option.split(","))
        if not named.keys() <= set(cls._fields) or not all(name.strip() for name in named.values()):
            raise SettingsError(f"“{option}” does not name columns; write text=NAME,url=NAME,date=NAME")
        return cls(**{field: name.strip() for field, name in named.items()})


DEFAULT_COLUMNS: Final = Columns()


class SelectedPaths(tuple[str, ...]):
    """Paths of captures, with what the user said about the pages to read there."""

    site: str | None
    """The only site whose pages are wanted; None for all."""
    columns: Columns

    def __new__(
        cls, paths: Iterable[str], site: str | None, columns: Columns = DEFAULT_COLUMNS
    ) -> "SelectedPaths":
        """`site` is a host, or any address on it; SettingsError when it is neither."""
        made = super().__new__(cls, paths)
        made.site = None if site is None else Site(site).host
        made.columns = columns
        return made

    def __getnewargs__(self) -> tuple[tuple[str, ...], str | None, Columns]:
        return tuple(self), self.site, self.columns


def host_in(url: str) -> str:
    """Quickly extract the host of an unchecked address; "" if it has none."""
    match = _HOST.match(url)
    return match[1].lower().rstrip(".") if match else ""
