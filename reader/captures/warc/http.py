"""Parses HTTP responses in archives: status, type and body, with transfer and content encodings undone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from reader.captures.foreign import GZIP_MAGIC, ZSTD_FRAME
from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import BROTLI, DEFLATE, GZIP, ZLIB, Unpacking, unpack

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


class PackedBodyError(Exception):
    """Raised for a body with an unsupported encoding, which the message names."""


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


def body_of(
    message: bytes, response: Response | None, cut: CutShortError | None = None
) -> Callable[[int], bytes]:
    """Return a function that reads the body of `message`, up to n bytes per call; CutShortError if it is damaged.

    Without a `response`, the message is the body. `cut` is raised at its end.

    Many archives undo encodings but keep the header fields, so a body that does not look encoded is read as it is.
    PackedBodyError if the encoding is not supported.
    """
    if response is None:
        return _feed(message, cut)
    body = message[response.body :]
    if b"chunked" in response.fields.get(b"transfer-encoding", b"").lower() and _CHUNK_SIZE.match(body):
        body, is_complete = _unchunked(body)
        cut = cut or (None if is_complete else CutShortError("damaged", CHUNKS_DAMAGED))
    read = _feed(body, cut)
    codings = map(bytes.strip, response.fields.get(b"content-encoding", b"").lower().split(b","))
    packings = [coding for coding in codings if coding not in _NO_CODING]
    if len(packings) > _MAX_CODINGS:
        raise PackedBodyError(f"over {_MAX_CODINGS} nested encodings")
    for coding in reversed(packings):
        read = _decoded(read, coding)
    return read


def _decoded(read: Callable[[int], bytes], coding: bytes) -> Callable[[int], bytes]:
    packed = Source("", "", read, explicit=True)
    head = packed.head
    if _LOOKS_LIKE_MARKUP.match(head):
        return _rest(packed)
    if coding in (b"gzip", b"x-gzip"):
        return Unpacking(packed, GZIP).read if head.startswith(GZIP_MAGIC) else _rest(packed)
    if coding == b"deflate":
        has_zlib_head = len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return Unpacking(packed, ZLIB if has_zlib_head else DEFLATE).read
    if coding == b"zstd":
        try:
            return unpack(packed).read if head.startswith(ZSTD_FRAME) else _rest(packed)
        except CutShortError:
            raise PackedBodyError("zstd, which needs the extra `zstd`") from None
    if coding == b"br":
        return Unpacking(packed, BROTLI).read if BROTLI.can_unpack(head[:_TRIAL]) else _rest(packed)
    raise PackedBodyError("an unknown encoding")


def _rest(source: Source) -> Callable[[int], bytes]:
    """Return a function that reads the rest of a source, and raises its cut at the end."""

    def read(most: int) -> bytes:
        data = bytes(source.read(most))
        if not data and source.cut:
            raise CutShortError(source.cut.kind, source.cut.reason)
        return data

    return read


def _feed(data: bytes, cut: CutShortError | None) -> Callable[[int], bytes]:
    read = io.BytesIO(data).read

    def feed(most: int) -> bytes:
        more = read(most)
        if not more and cut:
            raise cut
        return more

    return feed


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


def looks_like_html(head: bytes) -> bool:
    """Return whether a body without a declared type starts like HTML."""
    return _LOOKS_LIKE_MARKUP.match(head) is not None
