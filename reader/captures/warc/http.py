"""Parses HTTP responses in archives: status, type and body, with transfer and content encodings undone."""

from __future__ import annotations

import io
import re
from typing import Final, NamedTuple

from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import BROTLI, DEFLATE, ZLIB, Unpacking, codec_of

MAX_BODY: Final = (32 << 20) + 1
"""The most bytes of a body that are unpacked: more than any page may have, so that a longer one is marked as cut."""
_MAX_HEAD: Final = 1 << 18
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_MEDIA: Final = re.compile(rb"[\w.+-]{1,60}/[\w.+-]{1,100}")
_LOOKS_LIKE_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")

_NO_CODING: Final = frozenset({b"", b"identity", b"none", b"utf-8"})
_TRIAL: Final = 512
"""How many bytes show whether a body is packed with Brotli."""
_MAX_CODINGS: Final = 5
"""The most content encodings; servers use one, rarely two."""

CHUNKS_DAMAGED: Final = "its chunks are damaged: the part before the damage is kept"


class Response(NamedTuple):
    """The head of a response."""

    status: int
    fields: dict[bytes, bytes]
    body: int
    """The offset of the body in the message."""


class Media(NamedTuple):
    """A parsed Content-Type."""

    name: str
    """The type in lower case, without parameters; "" if there is none."""
    charset: str | None


def response_of(message: bytes) -> Response | None:
    """Parse the head of a response; None if the message is not a response."""
    match = _STATUS.match(message)
    if not match:
        return None
    line_end = message.find(b"\n", 0, _MAX_HEAD)
    blank = b"\r\n\r\n" if line_end > 0 and message[line_end - 1 : line_end] == b"\r" else b"\n\n"
    end = message.find(blank, match.end(), _MAX_HEAD)
    if end < 0:
        return Response(int(match[1]), {}, len(message))
    return Response(int(match[1]), fields_of(message[:end]), end + len(blank))


def fields_of(head: bytes) -> dict[bytes, bytes]:
    """Return the fields of a head after its first line, by their names in lower case."""
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in head.split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and name:
            fields[name] += b" " + line.strip()
        else:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def media_of(content_type: bytes) -> Media:
    """Parse a Content-Type."""
    name = _MEDIA.match(content_type)
    charset = _CHARSET.search(content_type)
    return Media(
        name[0].decode("ascii", "replace").lower() if name else "",
        charset[1].decode("ascii", "replace") if charset else None,
    )


def body_of(message: bytes, response: Response | None) -> tuple[bytes, CutShortError | None]:
    """Return the body of `message`, at most `MAX_BODY` bytes of it, and why it ends too early.

    Without a `response`, the message is the body. Many archives undo encodings but keep the header fields, so a body
    that does not look encoded is returned as it is. CutShortError if the encoding is not supported.
    """
    if response is None:
        return message, None
    body, cut = message[response.body :], None
    if b"chunked" in response.fields.get(b"transfer-encoding", b"").lower() and _CHUNK_SIZE.match(body):
        body, is_complete = _unchunked(body)
        cut = None if is_complete else CutShortError("damaged", CHUNKS_DAMAGED)
    codings = map(bytes.strip, response.fields.get(b"content-encoding", b"").lower().split(b","))
    packings = [coding for coding in codings if coding not in _NO_CODING]
    if len(packings) > _MAX_CODINGS:
        raise CutShortError("packed", f"packed over {_MAX_CODINGS} times, so skipped")
    for coding in reversed(packings):
        body, damage = _decoded(body, coding)
        cut = cut or damage
    return body, cut


def _decoded(body: bytes, coding: bytes) -> tuple[bytes, CutShortError | None]:
    """Undo one encoding."""
    packed = Source("", "", io.BytesIO(body).read, explicit=True)
    codec = None
    if _LOOKS_LIKE_MARKUP.match(body):
        return body, None
    if coding in (b"gzip", b"x-gzip", b"zstd"):
        codec = codec_of(packed)
    elif coding == b"deflate":
        has_zlib_head = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        codec = ZLIB if has_zlib_head else DEFLATE
    elif coding == b"br":
        codec = BROTLI if BROTLI.can_unpack(body[:_TRIAL]) else None
    else:
        raise CutShortError("packed", "packed with an unknown encoding, so skipped")
    if codec is None:
        return body, None
    read = Unpacking(packed, codec).read
    data = bytearray()
    try:
        while len(data) < MAX_BODY and (more := read(MAX_BODY - len(data))):
            data += more
    except CutShortError as cut:
        return bytes(data), cut
    return bytes(data), None


def _unchunked(body: bytes) -> tuple[bytes, bool]:
    """Join the chunks of a body. Return it, and whether the last chunk is present."""
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        if not size:
            return b"".join(parts), True
        parts.append(body[match.end() : match.end() + size])
        at = match.end() + size
        if at >= len(body):
            return b"".join(parts), False
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
    parts.append(body[at:])
    return b"".join(parts), False
