"""The capture formats, in the order in which they are tried, and reading one format inside another.

Files that are not captures are recognised by their first bytes, to name their kind.
"""

import codecs
import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from reader.captures.pages import (
    UTF_16_MARKS,
    is_binary,
    is_html,
    is_mhtml,
    is_text,
    is_webarchive,
    read_html,
    read_saved_page,
    read_text,
)
from reader.captures.results import Items, catch_failures
from reader.captures.source import (
    BZIP2_STARTS,
    GZIP_MAGIC,
    PACKED_STARTS,
    TOOL_FOLDERS,
    XZ_MAGIC,
    ZSTD_FRAME,
    CutShortError,
    FileOffset,
    Source,
)
from reader.model import NOT_A_CAPTURE, Problem

_COLUMNS: Final = (b'"text":', b'"raw_content":', b'"content":', b'"html":', b'"raw_html":', b'"articles":')
"""The column names of `reader.captures.tables` in JSON."""
MAX_DEPTH: Final = 2
_TOO_DEEP: Final = "archives are opened only two levels deep; unpack the outer ones first"
_LEAST_HEAD: Final = 512

_LIBRARY, _TABLE, _NOTEBOOK = "a library of Protocol Reader", "a table", "a notebook"
_STARTS: Final[dict[bytes, str]] = {
    b"%PDF-": "a PDF document",
    b"%!PS": "a PostScript document",
    b"{\\rtf": "a rich text document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document",
    b"ZIM\x04": "a ZIM archive for Kiwix",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\0": "a TIFF picture",
    b"\0\0\1\0": "an icon",
    b"wOF": "a font",
    b"OTTO\0": "a font",
    b"\0\1\0\0\0": "a font",
    b"OggS\0": "a sound or video file",
    b"\x1aE\xdf\xa3": "a video file",
    b"\x7fELF": "a program",
    b"MZ\x90\0": "a program",
    b"Obj\1": "an Avro file",
    b"bplist00": "an Apple property list",
    b"\0\0\0\1Bud1": "a macOS folder view",
    b"\0\5\x16\7": "the macOS metadata of another file",
    b"b0VIM ": "an editor's swap file",
    b"b0nano": "an editor's swap file",
}
"""The first bytes of files that are often beside captures, or could be taken for text; others are "binary data"."""
_PACKED: Final[dict[bytes, str]] = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    GZIP_MAGIC: "data packed with gzip",
    **dict.fromkeys(BZIP2_STARTS, "data packed with bzip2"),
    XZ_MAGIC: "data packed with xz",
    ZSTD_FRAME: "data packed with Zstandard",
}
"""The first bytes of archives that cannot be opened here, or not inside of others, and may contain captures."""
_PATTERNS: Final = (
    (b"SQLite format 3\0", rb"(?s).{68}PRDR", _LIBRARY),  # see `LIBRARY_ID`
    (b"SQLite format 3\0", b"", "an SQLite database"),
    (b"\0\0\0", rb"(?s)....ftyp", "a picture or video file"),
    (b"RIFF", rb"(?s)RIFF.{4}(?:WEBP|WAVE|AVI )", "a picture, sound or video file"),
    (b"ID3", rb"ID3[\x02-\x04]", "a sound file"),
    (b"PK\3\4", rb"(?s).{30}mimetypeapplication/epub\+zip", "an EPUB book"),
    (b"PK\3\4", rb"(?s).{30}mimetypeapplication/vnd\.oasis", "an OpenDocument file"),
    (b"PK\3\4", rb"(?s).{30}\[Content_Types\]\.xml", "an Office document"),
    (
        b"From ",
        rb"From \S+ +[MTWFS][a-z]{2} [^\r\n]{10,60}\r?\n>?[\w-]+: ?[^\r\n]*\r?\n",
        "a mailbox of messages",
    ),
)
"""(first bytes, pattern, kind); `re` compiles a pattern when a file starts so."""


_TABLE_HEAD: Final = (
    rb"(?:\xef\xbb\xbf)?\"?[^,;\t\r\n\"<{]{0,40}(?:\"?[,;\t]\"?[^,;\t\r\n\"<{]{0,40})+\"?\r?(?:\n|$)"
)
"""The line with the names of a table's columns."""


class Format(NamedTuple):
    """A file format of captures."""

    name: str
    recognises: Callable[[str, bytes], bool]
    """Does a file with this name (without folders) and these first bytes have this format?"""
    read: Callable[[Source], Items]
    """Reads the captures of a file in order, with a problem for whatever cannot be read."""
    is_archive: bool = False


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
    if is_file and not source.explicit and source.name.endswith("~"):
        form = None  # an editor's copy of the file beside it
    if form is None and (source.explicit or is_binary(head)):
        form = TEXT
    if form is None:
        advice = "unpack the archive and name the file" if source.depth else "name the file"
        reason = f"not a capture by its name or first line; {advice} to read it anyway"
        yield Problem(source.label, NOT_A_CAPTURE, reason)
    elif form.is_archive and source.depth >= MAX_DEPTH:
        yield Problem(source.label, "nested", _TOO_DEEP)
    else:
        yield from form.read(source)


def _read_text(source: Source) -> Items:
    """Read the capture; just a problem for binary data."""
    head = source.head
    kind = kind_of_foreign(source.name, head) or ("binary data" if is_binary(head) else None)
    if (
        kind == "binary data"
        and max(head[::2].count(0), head[1::2].count(0)) > 0.8 * head.count(0) > len(head) / 4
        and not is_binary(head.replace(b"\0", b""))
    ):
        kind = "UTF-16 without a byte order mark"
    if kind:
        yield Problem(source.label, "binary", f"{kind}, not text; unpack or convert it first")
    else:
        yield from read_text(source)


def _read_packed(source: Source) -> Items:
    from reader.captures.unpacking import Unpacking, codec_of, unpacked_name  # takes 3 ms

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


def _read_utf_16_json(source: Source) -> Items:
    """Read JSON in UTF-16, as “>” of PowerShell writes it, by converting it to UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def read(most: int) -> bytes:
        while data := source.read_some(max(1, most // 3)):  # Two bytes may become three.
            if text := decoder.decode(data):
                return text.encode()
        if source.cut:
            raise CutShortError(source.cut.kind, source.cut.reason)
        return b""

    yield from JSON.read(source.inside(source.label, source.name, read, explicit=source.explicit))


def _reader(module: str, function: str, *inner: Callable[..., Items]) -> Callable[[Source], Items]:
    """Return a function of a module of `captures` that is imported to read: a page of text would wait 5 ms for it."""

    def read(source: Source) -> Items:
        items: Items = getattr(import_module(f"reader.captures.{module}"), function)(source, *inner)
        return items

    return read


def kind_of_foreign(name: str, head: bytes) -> str | None:
    """Return what a file with this name and these first bytes is ("a PDF document"); None if it may be a capture."""
    if name.lower().endswith((".csv", ".tsv")) and re.match(_TABLE_HEAD, head):
        return _TABLE
    if name.lower().endswith(".ipynb") and b'"cells"' in head:
        return _NOTEBOOK
    kinds = [kind for start, kind in (_STARTS | _PACKED).items() if head.startswith(start)]
    kinds += [
        kind for start, pattern, kind in _PATTERNS if head.startswith(start) and re.match(pattern, head)
    ]
    return next(iter(kinds), None)


def skip_foreign(source: Source) -> Items:
    """Name what a file is instead of reading it.

    This is a failure only if the user named the file itself, or if it may contain captures.
    """
    kind = kind_of_foreign(source.name, source.head)
    if source.head.startswith(tuple(_PACKED)):
        yield Problem(source.label, "packed", f"{kind}, which cannot be opened here; unpack it first")
        return
    problem, advice = "binary", "export or unpack what it contains as text or HTML to read it"
    if kind == _LIBRARY:
        advice = "open it with --library FILE"
    elif kind in (_TABLE, _NOTEBOOK):
        problem = "no page"
        advice = (
            "convert it to JSON Lines or Parquet with a page in each row; see “protocol-reader help captures”"
        )
    problem = problem if source.explicit else NOT_A_CAPTURE
    yield Problem(source.label, problem, f"{kind}, not a capture; {advice}")


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


def _is_utf_16_json(name: str, head: bytes) -> bool:
    return head.startswith(UTF_16_MARKS) and is_json(name, head.decode("utf-16", "ignore").encode())


JSON: Final = Format("JSON", is_json, _reader("tables", "read_json", read_page))
TEXT: Final = Format("text", is_text, _read_text)
PAGES: Final = (Format("MHTML", is_mhtml, read_saved_page), Format("HTML", is_html, read_html), TEXT)
"""The formats of a single page, which archives of pages contain."""
CONTENT: Final = (
    Format("web archive", is_webarchive, read_saved_page),
    Format("foreign", lambda name, head: kind_of_foreign(name, head) is not None, skip_foreign),
    Format("ARC", lambda _, head: head.startswith(b"filedesc://"), _reader("warc", "read_arc", read_page)),
    Format("HAR", is_har, _reader("tables", "read_har", read_page)),
    Format("WARC", is_warc, _reader("warc", "read_warc", read_page)),
    Format("tar", is_tar, _reader("archives", "read_tar", read_member), is_archive=True),
    Format("zip", is_zip, _reader("archives", "read_zip", read_member), is_archive=True),
    Format("Parquet", lambda _, head: head.startswith(b"PAR1"), _reader("tables", "read_parquet", read_page)),
    Format(
        "shard",
        lambda _, head: head.startswith(b'{"protocol_reader_shard":'),
        _reader("tables", "read_shard"),
    ),
    JSON,
    Format("JSON in UTF-16", _is_utf_16_json, _read_utf_16_json),
    *PAGES,
)
FORMATS: Final = (Format("packed", lambda _, head: head.startswith(PACKED_STARTS), _read_packed), *CONTENT)
