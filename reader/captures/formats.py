"""The formats that captures come in: a file each, asked in order.

A format's file is imported when the first capture in it is met; what recognises it is here or as small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from reader.captures import recognise
from reader.captures.html import Html
from reader.captures.mhtml import Mhtml
from reader.captures.results import NOT_A_CAPTURE, Items, catch_failures
from reader.captures.source import FileOffset, Source
from reader.captures.text import Text, is_binary
from reader.model import Problem

_TELLING = 512
"""Bytes of a start that tell what a file is."""


class Format(Protocol):
    """One way to keep captures in a file."""

    @property
    def name(self) -> str:
        """A word for it."""

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file of this name (no folders) and these first bytes is of this format."""

    def read(self, source: Source) -> Items:
        """The captures of the file, in order, and a problem for whatever could not be read of it."""


class _Kept(NamedTuple):
    """A format whose reader is imported when it is needed."""

    name: str
    recognises: Callable[[str, bytes], bool]
    read: Callable[[Source], Items]


def read_source(source: Source) -> Items:
    """The captures of `source`, read as the first format that recognises it.

    What none recognises is tried as text if the user named it, else it is a problem.
    """
    return catch_failures(_read_as(FORMATS, source), source.label)


def read_page(source: Source) -> Items:
    """The one capture in `source`, which lies in an archive of pages and is none itself.

    What fails is for the archive to catch, which knows the record or row.
    """
    return _read_as(PAGES, source)


def _read_as(formats: tuple[Format, ...], source: Source) -> Items:
    head = source.head
    form = next((form for form in formats if form.recognises(source.name, head)), None)
    if form is None and (source.explicit or is_binary(head)):
        form = TEXT
    if form is not None:
        yield from form.read(source)
        return
    reason = "its name or first line says that it is no capture; name it to read it all the same"
    yield Problem(source.label, NOT_A_CAPTURE, reason)


def _packed(source: Source) -> Items:
    """What is inside, under the packed file's own label and its name without the suffix."""
    from reader.captures.unpacking import unpack

    unpacked = unpack(source)
    name = source.name
    for suffix in (".gz", ".tgz", ".zst", ".tzst"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    inside = source.inside(
        source.label, name, unpacked.read, explicit=source.explicit, resume=unpacked.resume
    )
    begins = source.offset_of(0)

    def offset_of(position: int) -> FileOffset | None:
        member = unpacked.member_at(position)
        if begins is None or member is None:
            return None
        return FileOffset(begins.packed, begins.packed + member[0], member[1])

    inside.offset_of = offset_of
    while len(inside.head) < _TELLING and inside.go_on():
        pass  # The first member is damaged at its start, and says nothing of the others.
    yield from _read_as(CONTENT, inside)
    for (kind, reason), count in inside.overcome.items():
        times = "in one place" if count == 1 else f"in {count:,} places"
        yield Problem(source.label, kind, f"{times}, behind which reading went on: {reason}", partial=True)


def _warc(source: Source) -> Items:
    from reader.captures.warc import read

    return read(source)


def _zip(source: Source) -> Items:
    from reader.captures.zip import read

    return read(source)


def _tar(source: Source) -> Items:
    from reader.captures.tar import read

    return read(source)


def _json(source: Source) -> Items:
    from reader.captures.jsonl import read

    return read(source)


def _shard(source: Source) -> Items:
    from reader.captures.shard import read

    return read(source)


def _parquet(source: Source) -> Items:
    from reader.captures.parquet import read

    return read(source)


TEXT = Text()
PAGES: tuple[Format, ...] = (Mhtml(), Html(), TEXT)
"""The formats of one page: what archives of pages hold."""
CONTENT: tuple[Format, ...] = (
    _Kept("WARC", recognise.warc, _warc),
    _Kept("tar", recognise.tar, _tar),
    _Kept("zip", recognise.zip, _zip),
    _Kept("Parquet", recognise.parquet, _parquet),
    _Kept("shard", recognise.shard, _shard),
    _Kept("JSON", recognise.json, _json),
    *PAGES,
)
"""The formats that may be packed, and read unpacked."""
FORMATS: tuple[Format, ...] = (
    _Kept("gzip", recognise.gzip, _packed),
    _Kept("zstd", recognise.zstd, _packed),
    *CONTENT,
)
"""All formats, the most particular first."""
