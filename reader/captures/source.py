"""An open file, or standard input, as a stream of bytes that never raises because of a bad file.

The user chooses the pages that are wanted (of a site, or all), and which columns of rows to read.
"""

# ruff: noqa: PTH114, PTH116, PTH118, PTH119
# Path changes the spelling of paths such as "./a" and "".

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeVar

from reader.addresses import clean_url, host_of, original_address
from reader.errors import CaptureError, SettingsError
from reader.model import CRASH, MISSING, NOT_A_CAPTURE, PASSED_OVER, UNREADABLE, Problem
from reader.patterns import Pattern
from reader.sanitize import label_of, sanitize

HEAD_BYTES = 8192
"""How many bytes at the start of a file identify its format."""
FIRST_READ = 1 << 16
"""Bytes of the first read; most captures fit."""
NEXT_READ = 1 << 20
"""Bytes of each further read."""
MAX_COPY = 4 << 30
"""The size of the largest file that is copied from a pipe or an archive."""

STANDARD_INPUT = "-"
NOT_FOLLOWED = (NOT_A_CAPTURE, "links inside folders are not followed; name it to read it")
TOOL_FOLDERS = frozenset({".git", ".hg", ".svn", ".protocol-reader", "__pycache__", "__MACOSX"})

GZIP_MAGIC: Final = b"\x1f\x8b\x08"
BZIP2_STARTS: Final = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
XZ_MAGIC: Final = b"\xfd7zXZ\0"
ZSTD_FRAME: Final = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPED: Final = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))
"""The starts of frames without text, the first of which may contain a dictionary."""
PACKED_STARTS: Final = (GZIP_MAGIC, *BZIP2_STARTS, XZ_MAGIC, ZSTD_FRAME, *ZSTD_SKIPPED)
"""The first bytes of files that are compressed as a whole."""

_LONGEST_NAME = 300
"""The most characters of a member's name that are shown."""
_PAGE = (".html", ".htm", ".xhtml")
_FOLDER_OF_PAGE = tuple("_files .files -Dateien _fichiers _archivos _arquivos _bestanden _file".split())
_HOST: Final = Pattern(r"[^/?#\\]*://(?:[^/?#\\]*@)?([^/?#\\:]*)")

Part = TypeVar("Part")


# Which pages are wanted


class PageFilter:
    """Selects the pages of a file: those of a site and its subdomains, after the first `skip`."""

    def __init__(self, site: str | None = None, skip: int = 0) -> None:
        """`site` is that of `SelectedPaths`."""
        self.skip = skip
        self.seen = 0
        """How many pages were seen so far, including skipped ones."""
        self.other_sites = 0
        """How many pages of other sites were skipped."""
        self._site = site

    def begin_page(self) -> bool:
        """Count the next page. Return False if it must be skipped."""
        self.seen += 1
        return self.seen > self.skip

    def accepts(self, url: str | None) -> bool:
        """Return whether a page with this address belongs to the site; count it if not.

        A page without an address belongs to it, but not one with a faulty address on another host. Of an archived
        page, the original address counts.
        """
        address = (original_address(url) or "") if self._site else ""
        match = _HOST.match(clean_url(address) or address)
        host = match[1].lower().rstrip(".") if match else ""
        is_accepted = not host or f".{host}".endswith(f".{self._site}")
        self.other_sites += not is_accepted
        return is_accepted


def other_sites_problem(site: str | None, count: int) -> Problem:
    """Return the problem that counts the skipped pages of other sites."""
    pages = "1 page of another site" if count == 1 else f"{count:,} pages of other sites"
    return Problem(f"--site {site}", PASSED_OVER, f"{pages} skipped", partial=True)


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
        made.site = None if site is None else host_of(site if "://" in site else f"https://{site}")
        if made.site == "":
            raise SettingsError(f"“{site}” is not a site; write a host such as protocol.com")
        made.columns = columns
        return made


# The bytes


def folders_of_pages(names: Iterable[str]) -> set[str]:
    """Return the names that folders have which a browser saves beside the pages among `names`."""
    stems = {name[: name.rfind(".")] for name in names if name.lower().endswith(_PAGE)}
    return {stem + suffix for stem in stems for suffix in _FOLDER_OF_PAGE}


class InputFile(NamedTuple):
    """A file to read, or standard input."""

    path: str
    """The path as the user would write it; "-" is standard input."""
    explicit: bool
    """True if the user named the file itself, not just its folder."""
    beside: str = ""
    """The folder that a relative path starts from; "" for the current folder."""
    columns: Columns = DEFAULT_COLUMNS


class CutShortError(Exception):
    """Raised when the bytes of a source end too early; the bytes before that count."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind` and `reason` are those of the Problem."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def explained(error: Exception) -> CutShortError:
    """Convert an exception raised by reading to the kind and reason of a Problem."""
    if isinstance(error, CutShortError):
        return error
    if isinstance(error, OSError):
        return CutShortError(
            UNREADABLE, f"reading it failed ({_plain(error)}); try again, or copy it elsewhere first"
        )
    if isinstance(error, MemoryError):
        return CutShortError(
            "too large", "reading it needs more memory than this machine has; split the file"
        )
    if isinstance(error, RecursionError):
        return CutShortError("damaged", "nested too deeply, so skipped")
    reason = (
        f"reading it failed ({type(error).__name__}), so it was skipped; please report this with the file"
    )
    return CutShortError(CRASH, reason)


class FileOffset(NamedTuple):
    """Where to find a record of an archive again in its file on disk."""

    start: int
    """The offset of the archive, which may start with a dictionary."""
    packed: int
    """The offset of the compressed member that contains the record, or of the record itself if it is not compressed."""
    skipped: int = 0
    """How many uncompressed bytes of that member precede the record."""


class Source:
    """Bytes to read captures from, and what is known about their origin."""

    url: str | None = None
    """The page's address from its archive, as `clean_url` writes it; None if unknown."""
    captured: str | None = None
    """When the page was captured according to its archive, as ISO 8601; None if unknown."""
    charset: str | None = None
    """The encoding named by its archive, which may be wrong or unknown."""
    depth = 0
    descriptor: int | None = None
    """The open regular file with these bytes; None if they come from elsewhere."""

    def __init__(self, label: str, name: str, read: Callable[[int], bytes], *, explicit: bool) -> None:
        """`read(n)` must return up to n bytes, none at the end; it may raise CutShortError or OSError."""
        self.label = label
        """The path as the user would write it, safe to show."""
        self.name = name
        """The file's name, without folders, and without the suffix of a compression that is already undone."""
        self.explicit = explicit
        """True if the user named the file itself, not just its folder."""
        self.cut: Problem | None = None
        """Why the bytes ended before the file; None if they did not."""
        self.offset_of: Callable[[int], FileOffset | None] = lambda _: None
        """Maps a position to its offset on disk, or None if it cannot be read again. Positions must not decrease."""
        self.filter = PageFilter()
        self.columns = DEFAULT_COLUMNS
        self._read = read
        self._ahead = b""

    def inside(self, label: str, name: str, read: Callable[[int], bytes], *, explicit: bool) -> "Source":
        """Return a source inside this one, with the same page filter and columns."""
        source = Source(label, name, read, explicit=explicit)
        source.filter, source.columns, source.depth = self.filter, self.columns, self.depth
        source.url, source.captured, source.charset = self.url, self.captured, self.charset
        return source

    def page(
        self, place: object, name: str, data: bytes, cut: CutShortError | Problem | None = None
    ) -> "Source":
        """Return a page inside this source, whose bytes are in memory; `cut` is why they end too early.

        `place` is where it is, such as a line number; "" for the only page.
        """
        label = f"{self.label}:{place}" if place else self.label
        page = self.inside(label, name, lambda _: b"", explicit=True)
        page._ahead = data
        if cut:
            page.stop(cut.kind, cut.reason)
        return page

    @property
    def head(self) -> bytes:
        """The first `HEAD_BYTES` bytes, or all. Only before the first `read`."""
        while len(self._ahead) < HEAD_BYTES and (more := self._read_some(FIRST_READ)):
            self._ahead += more
        return self._ahead[:HEAD_BYTES]

    def read(self, most: int) -> bytearray:
        """Return the next `most` bytes; fewer only at the end of the file, or at a `cut`."""
        data = bytearray(self._ahead[:most])
        self._ahead = self._ahead[most:]
        while len(data) < most and (more := self._read_some(min(most - len(data), NEXT_READ))):
            data += more
        return data

    def read_page(self, most: int, reason: str) -> bytearray:
        """Return all bytes, or the first `most`; then `cut` has the `reason`."""
        data = self.read(most + 1)
        if len(data) > most:
            self.stop("too large", reason)
            del data[most:]
        return data

    def read_some(self, most: int = NEXT_READ) -> bytes:
        """Return some of the next bytes, at most `most`; none only at the end or a `cut`."""
        data = self._ahead or self._read_some(most)
        self._ahead = data[most:]
        return data[:most]

    def stop(self, kind: str, reason: str) -> None:
        """Note why reading ends here. The first reason counts."""
        self.cut = self.cut or Problem(self.label, kind, reason, partial=True)

    def parts(self, parts: Iterator[Part]) -> Iterator[Part]:
        """Yield `parts` that are read from this source. An exception cuts off the rest."""
        try:
            yield from parts
        except Exception as error:
            cut = explained(error)
            self.stop(cut.kind, cut.reason)

    def _read_some(self, most: int) -> bytes:
        if self.cut:
            return b""
        try:
            return self._read(most) or b""
        except Exception as error:
            cut = explained(error)
            self.stop(cut.kind, cut.reason)
        return b""


@contextmanager
def open_file(path: str, *, explicit: bool, beside: str = "") -> Iterator[Source]:
    """Open the regular file at `path` for reading. Links are followed only if it is `explicit`.

    A relative path starts from the folder `beside`, or from the current folder if that is "". UnreadableError for
    anything but a readable regular file; devices and pipes are never opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if explicit else os.O_NOFOLLOW)
    try:
        # Merely opening a pipe or a device can have effects: check before opening, and again afterwards.
        place = os.path.join(beside, path) if beside else path
        _require_regular_file(path, os.stat(place, follow_symlinks=explicit).st_mode)
        descriptor = os.open(place, flags)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    try:
        _require_regular_file(path, os.fstat(descriptor).st_mode)
        name = os.path.basename(path)
        source = Source(label_of(path), name, lambda most: os.read(descriptor, most), explicit=explicit)
        source.descriptor = descriptor
        source.offset_of = lambda position: FileOffset(0, position)
        yield source
    finally:
        os.close(descriptor)


@contextmanager
def seekable(source: Source) -> Iterator[int]:
    """Provide the bytes of a source as a file descriptor for `os.pread`.

    Bytes from a pipe or an archive are copied to an unnamed temporary file. If they are cut short, `source.cut` says
    so, and the file has the bytes before the cut. CutShortError if they cannot be copied.
    """
    if source.descriptor is not None:
        yield source.descriptor
        return
    from tempfile import TemporaryFile  # 4 ms, and most files need no copy.

    try:
        with TemporaryFile(buffering=0) as copy:
            size = 0
            while block := source.read_some():
                size += len(block)
                if size > MAX_COPY:
                    reason = f"over {MAX_COPY >> 30} GB; save it as a separate file and name that"
                    source.stop("too large", reason)
                    break
                copy.write(block)
            yield copy.fileno()
    except OSError as error:
        reason = (
            f"it must be copied to a temporary file, and that failed ({error.strerror}); name a file instead"
        )
        raise CutShortError(UNREADABLE, reason) from error


def open_standard_input() -> Source:
    """Open standard input as a source. UnreadableError if there is none."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or stream.closed or not stream.readable():
        raise UnreadableError(STANDARD_INPUT, MISSING, "standard input is closed; name a file instead")
    return Source(STANDARD_INPUT, "", stream.read, explicit=True)


class UnreadableError(CaptureError):
    """Raised for a path with nothing to read; `problem` is for the user."""

    def __init__(self, path: str, kind: str, reason: str) -> None:
        super().__init__(label_of(path), reason)
        self.problem = Problem(self.source, kind, reason)


def member_name(name: bytes) -> str:
    """Make the name of an archive member safe to show: a path below the archive, never empty."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("cp437")
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return sanitize("/".join(parts))[-_LONGEST_NAME:] or "?"


def encoded(text: str) -> bytes:
    """Encode a text from JSON in UTF-8, with U+FFFD for the halves of surrogate pairs that it may contain."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def unreadable(path: str, error: OSError | ValueError) -> UnreadableError:
    """Explain an error of the operating system about `path` to the user."""
    kind, reason = UNREADABLE, f"it cannot be opened ({_plain(error)})"
    number = error.errno if isinstance(error, OSError) else errno.EINVAL
    if number in (errno.ENOENT, errno.ENOTDIR):
        kind, reason = MISSING, "there is no such file or folder; check the path"
        if os.path.islink(path):
            kind, reason = "link", "a link to a file that does not exist; fix or remove the link"
    elif number == errno.ELOOP:
        kind, reason = "link", "a link that loops, or leads nowhere; name the file itself"
    elif number in (errno.EACCES, errno.EPERM):
        reason = "permission denied; change its permissions, or read it as its owner"
    elif isinstance(error, ValueError):
        kind, reason = MISSING, "no file can have this name; check the path"
    return UnreadableError(path, kind, reason)


def _require_regular_file(path: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISLNK(mode):
        raise UnreadableError(path, *NOT_FOLLOWED)
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}
    kind = kinds.get(stat.S_IFMT(mode), "a device")
    instead = "pipe it in and name - instead" if stat.S_ISFIFO(mode) else "copy its contents to a file first"
    raise UnreadableError(path, "not a file", f"{kind}, not a file; {instead}")


def _plain(error: OSError | ValueError) -> str:
    return sanitize(getattr(error, "strerror", None) or str(error) or type(error).__name__)
