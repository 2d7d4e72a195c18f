"""What to list: one address, all below it, or a whole domain; and which addresses are the same page.

Everything here is pure.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from reader.errors import FetchError
from reader.safe_text import clean, clean_url

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
            f"{clean(text) or repr(text)}: no address to list; write it as protocol.com/china/*, *.protocol.com "
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
            f"{clean(text) or repr(text)}: no date; write it as 2022, 2022-05 or 2022-05-17"
        ) from None
    return digits


def _as_key(address: str) -> str:
    return re.sub(r"[\[\]]|%(?![0-9a-f]{2})", lambda found: f"%{ord(found[0]):x}", address.lower())


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
