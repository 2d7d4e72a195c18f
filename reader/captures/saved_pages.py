"""Reads pages that a browser saved with their pictures in one file: MHTML, and the web archives of Safari."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from reader.captures.html.reading import read_html
from reader.captures.source import Source
from reader.captures.text import is_binary
from reader.model import Capture, Problem
from reader.sanitize import clean_url, parse_http_date, time_of

MAX_SAVED: Final = 32 << 20
"""The most bytes of a file that are read. Pictures usually come after the page."""
_HEAD_BYTES: Final = 4096
_HTML: Final = ("text/html", "application/xhtml+xml")


class SavedPage(NamedTuple):
    """A page with its pictures."""

    html: bytes
    charset: str | None
    url: str | None
    captured: str | None
    pictures: dict[str, bytes]
    """By address and by content ID ("cid:…")."""


def is_mhtml(name: str, head: bytes) -> bool:
    """Return whether a file starts like a message of related parts, or is named like MHTML."""
    start = head[:_HEAD_BYTES].lower()
    related = b"multipart/related" in start and b"mime-version:" in start
    return related or (name.lower().endswith((".mhtml", ".mht")) and not is_binary(head))


def is_webarchive(name: str, head: bytes) -> bool:
    """Return whether a file is a property list that is named like a web archive, or starts like one."""
    is_list = head.startswith(b"bplist00") or b"<plist" in head[:_HEAD_BYTES]
    return is_list and (name.lower().endswith(".webarchive") or b"WebMainResource" in head)


def read_saved_page(source: Source) -> Iterator[Capture | Problem]:
    """Read the page, with the address and time noted by the browser; a problem if there is no page."""
    data = source.read_page(MAX_SAVED, f"longer than {MAX_SAVED >> 20} MB: the rest was left out")
    page = saved_page(bytes(data))
    if page is None and source.cut:
        yield source.cut._replace(partial=False)
    elif page is None:
        yield Problem(source.label, "damaged", "a saved page that does not contain the page; save it again")
    else:
        inside = source.page("", "page.html", page.html, source.cut)
        inside.url, inside.captured, inside.charset = page.url, page.captured, page.charset
        yield from read_html(inside)


def saved_page(data: bytes) -> SavedPage | None:
    """Return the page in a file, and its pictures; None if there is none."""
    if not (data.startswith(b"bplist00") or b"<plist" in data[:_HEAD_BYTES]):
        return _of_message(data)
    import plistlib  # Only here: loading it takes 2 ms.
    from xml.parsers.expat import ExpatError

    try:
        return _of_web_archive(plistlib.loads(data))
    except (ExpatError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _of_message(data: bytes) -> SavedPage | None:
    from email import message_from_bytes  # 14 ms, and few captures are messages

    message = message_from_bytes(data)
    parts = [(part, part.get_payload(decode=True)) for part in message.walk()]
    pages = ((part, content) for part, content in parts if part.get_content_type() in _HTML)
    page, html = next(pages, (None, None))
    if page is None or not isinstance(html, bytes):
        return None
    pictures: dict[str, bytes] = {}
    for part, content in parts:
        if part.get_content_maintype() == "image" and isinstance(content, bytes):
            name = str(part.get("Content-ID") or "").strip().strip("<>")
            for reference in (*_addresses(part.get("Content-Location")), name and f"cid:{name}"):
                pictures.setdefault(reference, content)
    url = message.get("Snapshot-Content-Location") or page.get("Content-Location")
    captured = time_of(parse_http_date(str(message.get("Date") or "")))
    return SavedPage(html, page.get_content_charset(), str(url) if url else None, captured, pictures)


def _of_web_archive(archive: Any) -> SavedPage | None:
    main = archive["WebMainResource"]
    if main["WebResourceMIMEType"] not in _HTML:
        return None
    pictures: dict[str, bytes] = {}
    for resource in archive.get("WebSubresources", ()):
        if str(resource.get("WebResourceMIMEType")).startswith("image/"):
            for address in _addresses(resource.get("WebResourceURL")):
                pictures.setdefault(address, bytes(resource["WebResourceData"]))
    html = bytes(main["WebResourceData"])
    charset, url = main.get("WebResourceTextEncodingName"), main.get("WebResourceURL")
    return SavedPage(html, str(charset) if charset else None, str(url) if url else None, None, pictures)


def _addresses(value: object) -> Iterator[str]:
    address = str(value or "").strip()
    yield from filter(None, (address, clean_url(address)))
