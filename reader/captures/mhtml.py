"""Reads MHTML: a page that a browser saved with its pictures as one message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reader.captures.html import read_html
from reader.captures.source import Source
from reader.captures.text import is_binary
from reader.captures.times import time_of
from reader.model import Capture, Problem
from reader.sanitize import clean_url, parse_http_date

if TYPE_CHECKING:
    from email.message import Message

MAX_MESSAGE: Final = 32 << 20
"""The most bytes of a message that are read. Pictures usually come after the page."""
_HEAD_BYTES: Final = 4096


def is_mhtml(name: str, head: bytes) -> bool:
    """Return whether a file starts like a message of related parts, or is named like MHTML."""
    start = head[:_HEAD_BYTES].lower()
    related = b"multipart/related" in start and b"mime-version:" in start
    return related or (name.lower().endswith((".mhtml", ".mht")) and not is_binary(head))


def read_mhtml(source: Source) -> Iterator[Capture | Problem]:
    """Read the page, with the address and time noted by the browser; a problem if there is no page."""
    if not source.filter.begin_page():
        return
    data = source.read(MAX_MESSAGE + 1)
    if len(data) > MAX_MESSAGE:
        source.stop("too large", f"longer than {MAX_MESSAGE >> 20} MB: the rest was left out")
        del data[MAX_MESSAGE:]
    if source.cut and not data:
        yield source.cut._replace(partial=False)
        return
    message = _message_of(bytes(data))
    page_part = _page_of(message)
    if page_part is None:
        yield Problem(source.label, "damaged", "a saved page without the page in it; save it again")
        return
    page, content, charset = page_part
    url = message.get("Snapshot-Content-Location") or page.get("Content-Location")
    address = str(url) if url else None
    captured = time_of(parse_http_date(str(message.get("Date") or "")))
    yield from read_html(
        content, source.label, url=address, captured=captured, charset=charset, cut=source.cut
    )


def _message_of(data: bytes) -> Message:
    from email import message_from_bytes  # 14 ms, and few captures are messages

    return message_from_bytes(data)


def _page_of(message: Message) -> tuple[Message, bytes, str | None] | None:
    """Return the part with the page, its bytes and declared encoding; None if there is none."""
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return part, content, part.get_content_charset()
    return None


def parts_of(data: bytes) -> tuple[bytes, str | None, dict[str, bytes]]:
    """Return the page, its declared encoding, and the pictures by their addresses and content IDs."""
    try:
        message = _message_of(data[:MAX_MESSAGE])
        page_part = _page_of(message)
        parts: dict[str, bytes] = {}
        for part in message.walk():
            if part.get_content_maintype() == "image" and isinstance(
                content := part.get_payload(decode=True), bytes
            ):
                address = str(part.get("Content-Location") or "").strip()
                name = str(part.get("Content-ID") or "").strip().strip("<>")
                for reference in (address, clean_url(address), name and f"cid:{name}"):
                    if reference:
                        parts.setdefault(reference, content)
    except (ValueError, LookupError, TypeError, RecursionError):
        return b"", None, {}
    return (page_part[1], page_part[2], parts) if page_part else (b"", None, {})
