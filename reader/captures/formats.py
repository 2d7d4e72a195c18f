"""The capture formats, in the order in which they are tried, and reading one format inside another."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from reader.captures.foreign import PACKED_STARTS, kind_of_foreign, skip_foreign
from reader.captures.html.reading import is_html, read_html
from reader.captures.results import Items, catch_failures
from reader.captures.saved_pages import is_mhtml, is_webarchive, read_saved_page
from reader.captures.source import TOOL_FOLDERS, FileOffset, Source
from reader.captures.text import is_binary, is_text, read_text
from reader.model import NOT_A_CAPTURE, Problem

_COLUMNS: Final = (b'"text":', b'"raw_content":', b'"content":', b'"html":', b'"raw_html":', b'"articles":')
"""The column names of `reader.captures.rows` in JSON."""
MAX_DEPTH: Final = 2
"""How deeply archives may be nested."""
_TOO_DEEP: Final = "archives are opened only two levels deep; unpack the outer ones first"
_LEAST_HEAD: Final = 512
"""How many bytes at the start of a file identify its format."""


class Format(NamedTuple):
    """A file format of captures."""

    name: str
    recognises: Callable[[str, bytes], bool]
    """Does a file with this name (without folders) and these first bytes have this format?"""
    read: Callable[[Source], Items]
    """Reads the captures of a file in order, with a problem for whatever cannot be read."""
    is_archive: bool = False
    """True if it contains files."""


def read_source(source: Source) -> Items:
    """Read the captures of a source in the first format that recognises it.

    If none does, the source is tried as text if the user named it; otherwise it is a problem.
    """
    return catch_failures(_read_as(FORMATS, source), source.label)


def read_page(source: Source) -> Items:
    """Read the single capture in a page of an archive. The caller catches failures."""
    return _read_as(PAGES, source)


def read_member(
    archive: Source, name: str, read: Callable[[int], bytes], position: int | None = None
) -> Items:
    """Read a member of an archive like a file in a folder: by its name and its first bytes.

    `position` is the offset of its bytes in the archive, or None if they are compressed.
    """
    *folders, last = name.split("/")
    label = f"{archive.label}/{name}"
    if not TOOL_FOLDERS.isdisjoint(folders):
        yield Problem(label, NOT_A_CAPTURE, "in a tool's folder; unpack it and name it to read it anyway")
        return
    member = archive.inside(label, last, read, explicit=False)
    member.depth = archive.depth + 1
    if position is not None:
        member.offset_of = lambda at: archive.offset_of(position + at)
    yield from read_source(member)


def _read_as(formats: tuple[Format, ...], source: Source) -> Items:
    head = source.head
    form = next((form for form in formats if form.recognises(source.name, head)), None)
    is_file = formats is not PAGES
    if is_file and form in (None, TEXT) and source.columns.text and head.lstrip().startswith((b"{", b"[")):
        form = JSON  # the user says that it has columns
    if form is None and (source.explicit or is_binary(head)):
        form = TEXT
    if form is None:
        reason = "not a capture by its name or first line; name the file to read it anyway"
        yield Problem(source.label, NOT_A_CAPTURE, reason)
    elif form.is_archive and source.depth >= MAX_DEPTH:
        yield Problem(source.label, "nested", _TOO_DEEP)
    else:
        yield from form.read(source)


def _read_packed(source: Source) -> Items:
    """Read a packed file, under its own label and its name without the suffix."""
    from reader.captures.unpacking import (  # Only here: loading it takes 3 ms.
        Unpacking,
        codec_of,
        unpacked_name,
    )

    codec = codec_of(source)
    assert codec is not None
    unpacking = Unpacking(source, codec)
    inside = source.inside(source.label, unpacked_name(source.name), unpacking.read, explicit=source.explicit)
    begins = source.offset_of(0)

    def offset_of(position: int) -> FileOffset | None:
        member = unpacking.member_at(position)
        if begins is None or member is None:
            return None
        return FileOffset(begins.packed, begins.packed + member[0], member[1])

    inside.offset_of = offset_of
    yield from _read_as(CONTENT, inside)


def _read_in(name: str, source: Source) -> Items:
    """Read a source in a format that is no page."""
    # Only here, because a page of text would wait 5 ms for them.
    from reader.captures.jsonl import read_json
    from reader.captures.parquet import read_parquet
    from reader.captures.shard import read as read_shard
    from reader.captures.tar import read_tar
    from reader.captures.warc.pages import read_arc, read_har, read_warc
    from reader.captures.zip import read_zip

    if name == "shard":
        return read_shard(source)
    if name in ("tar", "zip"):
        return (read_tar if name == "tar" else read_zip)(source, read_member)
    readers = {
        "ARC": read_arc,
        "HAR": read_har,
        "JSON": read_json,
        "Parquet": read_parquet,
        "WARC": read_warc,
    }
    return readers[name](source, read_page)


def is_har(name: str, head: bytes) -> bool:
    """Return whether a file starts like a log, or is JSON and named like one."""
    if not head.lstrip().startswith(b"{"):
        return False
    if name.lower().endswith(".har"):
        return True
    start = b"".join(head.split())
    return start.startswith(b'{"log":{') and (b'"creator":' in start or b'"entries":' in start)


def is_warc(name: str, head: bytes) -> bool:
    """Return whether the file starts with a record's version line, or is named like a WARC and has one later."""
    if head.startswith((b"WARC/0.", b"WARC/1.")) and b"\n" in head[:16]:
        return True
    return name.lower().endswith((".warc", ".wet")) and (b"WARC/1." in head or b"WARC/0." in head)


def is_zip(name: str, head: bytes) -> bool:
    """Return whether the file starts with a member, is an empty archive, or is named like a zip and has a member."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")):
        return True
    if b"<html data-sfz" in head[:_LEAST_HEAD]:  # SingleFile's archive that opens itself in a browser
        return True
    return name.lower().endswith((".zip", ".wacz")) and b"PK\x03\x04" in head


def is_tar(name: str, head: bytes) -> bool:
    """Return whether the file starts with a member's header."""
    if len(head) < 512:
        return False
    if head[257:263] in (b"ustar\0", b"ustar "):  # POSIX and GNU; a page of text may have “mustard” there
        return True
    return name.lower().endswith(".tar") and b"\0" in head[:512]


def is_json(name: str, head: bytes) -> bool:
    """Return whether the file starts with a JSON object or list, and has a column of a page or a JSON name.

    A page of text may start with JSON, too.
    """
    called_so = name.lower().endswith((".json", ".jsonl", ".ndjson"))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n[")[:64]
    if start.startswith(b"{") and start[1:].lstrip().startswith((b'"', b"}")):
        return called_so or any(column in head.lower() for column in _COLUMNS)
    return called_so and b'\n{"' in head


JSON: Final = Format("JSON", is_json, partial(_read_in, "JSON"))
TEXT: Final = Format("text", is_text, read_text)
PAGES: Final = (Format("MHTML", is_mhtml, read_saved_page), Format("HTML", is_html, read_html), TEXT)
"""The formats of a single page, which archives of pages contain."""
CONTENT: Final = (
    Format("web archive", is_webarchive, read_saved_page),
    Format("foreign", lambda _, head: kind_of_foreign(head) is not None, skip_foreign),
    Format("ARC", lambda _, head: head.startswith(b"filedesc://"), partial(_read_in, "ARC")),
    Format("HAR", is_har, partial(_read_in, "HAR")),
    Format("WARC", is_warc, partial(_read_in, "WARC")),
    Format("tar", is_tar, partial(_read_in, "tar"), is_archive=True),
    Format("zip", is_zip, partial(_read_in, "zip"), is_archive=True),
    Format("Parquet", lambda _, head: head.startswith(b"PAR1"), partial(_read_in, "Parquet")),
    Format(
        "shard", lambda _, head: head.startswith(b'{"protocol_reader_shard":'), partial(_read_in, "shard")
    ),
    JSON,
    *PAGES,
)
"""The formats inside packed files."""
FORMATS: Final = (Format("packed", lambda _, head: head.startswith(PACKED_STARTS), _read_packed), *CONTENT)
"""All formats, the most specific first."""
