"""Addresses: patterns to list, the identity of pages, the endpoints of a web archive, and whose page one is. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from reader.addresses import clean_url
from reader.errors import FetchError
from reader.sanitize import sanitize

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


# Matching addresses with headlines. The address of a story's page contains some words of its headline, in order:
# `/china/rooftop-farms-lettuce` is “The rooftop farms are not feeding anyone lettuce yet”. So an address fits a
# headline that contains all of its words in that order. The more words, the surer the match.

MOST = 3
"""The most pages for one story, if several fit equally well."""
_SURE = 4
_LIKELY = 3
_LEAST = 2
_LITTLE = frozenset(
    "a an and are as at be but by for from has have how in is it its of on or our that the their this to was what when"
    " who why will with you your".split()
)


class Trust(IntEnum):
    """Confidence that an address is a story's."""

    LIKELY = 1
    """Three distinctive words of the headline, or two in the story's own section."""
    SURE = 2
    """Four distinctive words, or all that the headline has."""
    KNOWN = 3
    """A capture has this address."""


class MissingStory(NamedTuple):
    """A story whose page is missing."""

    headline: str | None
    section: str | None
    address: str | None


class Fit(NamedTuple):
    """A page that may be a story's."""

    story: int
    page: int
    trust: Trust


def best_pages(pages: Sequence[str], wanted: Sequence[MissingStory]) -> list[Fit]:
    """The best pages (addresses as `clean_url` returns them) for each story, at most `MOST`, story by story."""
    known: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        known.setdefault(page_key(page), []).append(number)
    best: dict[int, list[tuple[tuple[Trust, int], int]]] = {}
    headlines = [words(story.headline or "") for story in wanted]
    with_word: dict[str, list[int]] = {}
    for story, headline in enumerate(headlines):
        for word in set(headline):
            with_word.setdefault(word, []).append(story)
    for number, page in enumerate(pages):
        section, name = page_words(page)
        if not name or not all(word in with_word for word in name):
            continue
        for story in with_word[min(name, key=lambda word: len(with_word[word]))]:
            is_in_section = bool(section) and section == slug(wanted[story].section or "")
            if rank := _rank(name, headlines[story], is_in_section=is_in_section):
                best.setdefault(story, []).append((rank, number))
    result = []
    for story, (_, _, address) in enumerate(wanted):
        if address is not None and (key := page_key(address)) in known:
            result += [Fit(story, page, Trust.KNOWN) for page in known[key][:MOST]]
        elif story in best:
            top = max(rank for rank, _ in best[story])
            result += [Fit(story, page, top[0]) for rank, page in best[story] if rank == top][:MOST]
    return result


def _rank(name: list[str], headline: list[str], *, is_in_section: bool) -> tuple[Trust, int] | None:
    """How surely an address with these words is that of a headline, and its distinctive words; None if it is not."""
    left = iter(headline)
    if not all(word in left for word in name):  # in this order
        return None
    count, in_headline = (sum(word not in _LITTLE for word in text) for text in (name, headline))
    if count >= _SURE or (count >= _LEAST and count == in_headline):
        return Trust.SURE, count
    if count == _LIKELY or (count >= _LEAST and is_in_section):
        return Trust.LIKELY, count
    return None


def words(text: str) -> list[str]:
    """The words of a headline as in addresses: lower-case letters and digits, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", re.sub(r"['’‘ʼ]", "", plain))


def slug(text: str) -> str:
    """A section as in addresses."""
    return "-".join(words(text))


def page_words(page: str) -> tuple[str, list[str]]:
    """The section and the words of a page's address, without a number at the end, which only makes it unique."""
    folders = [unquote(part) for part in urlsplit(page).path.split("/") if part]
    if not folders:
        return "", []
    # Some write “who’s” as who-s.
    name = words(
        re.sub(r"(?<=\w)-([st])(?![a-z0-9])", r"\1", re.sub(r"\.html?$", "", folders[-1].casefold()))
    )
    if len(name) > 1 and name[-1].isdigit() and (len(name[-1]) == 1 or len(name[-1]) > 4):
        name = name[:-1]
    return (slug(folders[0]) if len(folders) > 1 else ""), name
