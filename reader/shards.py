"""Shards: files of rows that hold captures with their articles, each made by one task that can run anywhere.

`plan` divides captures into tasks. `make_shard` runs a task, in any process on any machine, and can be repeated. The
bytes and name of a shard depend only on its captures, so an existing shard need not be made again. Shards are stored in
a `ShardFolder`: on this machine, on a shared disk, or on remote storage.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader import __version__
from reader.captures import (
    InputFile,
    find_files,
    is_url,
    read_files,
    remote_stamp,
    storage_at,
)
from reader.captures.shard import FORMAT, MARK, fits
from reader.errors import ReaderError, reason
from reader.extras import needs_extra
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.sanitize import escape_json, sanitize

_LARGE: Final = 4 << 20
"""A file with at least this many bytes becomes a shard by itself."""
_MOST_FILES, _MOST_BYTES = 1024, 16 << 20
"""The most bytes in a shard of smaller files, not counting the last file."""
_USUAL_FILES: Final = 256
"""How many small files a shard has on average."""
_TRANSIENT: Final = frozenset({"missing", "unreadable", "needs an extra", "parser", "crash"})
"""Kinds of problems that may disappear when the same files are read again."""
_NAMED_PROBLEMS: Final = 100
"""This many problems of a shard are reported; its rows hold all of them."""
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_COLUMNS: Final = {
    **dict.fromkeys(("source", "url", "captured", "text", "encoding", "partial"), "VARCHAR"),
    "parser": "INTEGER",
    **dict.fromkeys(("hints", "articles", "furniture", "lines", "problem"), "JSON"),
}
"""The columns of a shard in Parquet, with their types in DuckDB."""
_ROW_GROUP: Final = 2048
"""Rows per group in Parquet: the fewest that DuckDB allows."""
_LONGEST_ROW: Final = 16 << 20
_MEMORY: Final = 512 << 20

UNFINISHED: Final = ".protocol-reader"
"""The subfolder for unfinished shards."""

Stamp = tuple[int, int | str]
"""Size and version of a file, which differ once it changes."""


class ShardOptions(NamedTuple):
    """The format and the content of shards."""

    form: str
    """The suffix of the files: "jsonl", "jsonl.gz", "jsonl.zst" or "parquet"."""
    lines: bool = False
    """True if rows have the label of every line."""
    site: str | None = None
    """The only site whose pages are wanted; None for all."""
    with_text: bool = True
    """True if rows hold the captures too; without, they are what `parse` prints."""
    ascii_only: bool = False


class Task(NamedTuple):
    """The task of making one shard from consecutive files, with the problems found among them."""

    number: int
    """Position among the tasks, from 0."""
    identity: str
    """16 hex digits that identify the files' current state, the options and the version of this program."""
    items: tuple[InputFile | Problem, ...]
    size: int
    """Bytes of the files."""
    options: ShardOptions

    @property
    def files(self) -> list[InputFile]:
        """The files to read."""
        return [item for item in self.items if isinstance(item, InputFile)]

    @property
    def label(self) -> str:
        """The files in words."""
        paths = [file.path for file in self.files] or ["no file"]
        return sanitize(paths[0] if len(paths) == 1 else f"{paths[0]} to {paths[-1]}")

    def shard_name(self, *, final: bool = True) -> str:
        """Return the shard's file name, which sorts by number. If not `final`, the next run makes the shard again."""
        return f"{self.number:06}-{self.identity}{'' if final else '-again'}.{self.options.form}"


class ShardMade(NamedTuple):
    """A shard that was made, or that could not be."""

    name: str = ""
    """The name of its file; empty if it could not be made."""
    pages: int = 0
    articles: int = 0
    problems: tuple[Problem, ...] = ()
    """The first problems met."""
    failures: int = 0
    """The number of problems, without files that were skipped on purpose."""


def plan(paths: Iterable[str], options: ShardOptions) -> Iterator[Task]:
    """Yield the tasks for the captures at `paths`, in order: one for each large file or group of small files."""
    for number, group in enumerate(_groups(find_files(paths))):
        # Rows contain the paths as typed, so they do not depend on the machine or the current folder.
        inputs = [
            [item.path, item.explicit, stamp, *filter(any, [item.columns])]
            if isinstance(item, InputFile)
            else item
            for item, stamp in group
        ]
        content = json.dumps([FORMAT, PARSER_VERSION, __version__, options, inputs])
        identity = sha256(content.encode()).hexdigest()[:16]
        size = sum(stamp[0] for _, stamp in group if stamp)
        yield Task(number, identity, tuple(item for item, _ in group), size, options)


def _groups(
    items: Iterable[InputFile | Problem],
) -> Iterator[list[tuple[InputFile | Problem, Stamp | None]]]:
    """Group items with their stamps. Names decide where groups end, so a new file changes only its own group."""
    folder = str(Path.cwd())
    group: list[tuple[InputFile | Problem, Stamp | None]] = []
    size = 0
    for item in items:
        if isinstance(item, Problem):
            group.append((item, None))
            continue
        stamp = _stamp_of(item)
        file_size = stamp[0] if stamp else 0
        if group and file_size >= _LARGE:
            yield group
            group, size = [], 0
        group.append((item._replace(beside=folder), stamp))
        size += file_size
        ends_group = zlib.crc32(os.fsencode(item.path)) % _USUAL_FILES == 0
        if ends_group or file_size >= _LARGE or size >= _MOST_BYTES or len(group) >= _MOST_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _stamp_of(file: InputFile) -> Stamp | None:
    """Return the stamp of a file, or None if it is missing or not a regular file."""
    if is_url(file.path):
        return remote_stamp(file.path)
    try:
        status = os.stat(file.path, follow_symlinks=file.explicit)  # noqa: PTH116 (as it is opened)
    except (OSError, ValueError):
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


class ShardFolder:
    """The folder for the shards, at a path or URL."""

    def __init__(self, place: str) -> None:
        """ReaderError if the storage at a URL cannot be opened."""
        self._place = place
        self._storage, self._path = storage_at(place)
        self._unfinished = f"{self._path}/{UNFINISHED}"

    def make(self) -> None:
        """Make the folder if it does not exist. ReaderError if that fails."""
        try:
            self._storage.makedirs(self._unfinished, exist_ok=True)
        except Exception as error:  # each storage system has its own errors
            raise ReaderError(f"{sanitize(self._place)}: cannot write shards there: {_why(error)}") from error

    def has(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        self._storage.invalidate_cache()
        return bool(self._storage.exists(f"{self._path}/{name}"))

    def identities(self) -> set[str]:
        """Return the identities of the finished shards."""
        self._storage.invalidate_cache()
        paths = self._storage.ls(self._path, detail=False) if self._storage.exists(self._path) else ()
        names = (str(path).rstrip("/").rpartition("/")[2] for path in paths)
        return {name.partition("-")[2].partition(".")[0] for name in names}

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(Exception):
            self._storage.rm(f"{self._path}/{name}", recursive=True)

    @contextmanager
    def draft(self, identity: str) -> Iterator[Path]:
        """Provide a path on this machine for a file that will be published."""
        aside = None
        if not is_url(self._place):  # on the same disk, so that it can be renamed
            self._storage.makedirs(self._unfinished, exist_ok=True)
            aside = self._unfinished
        with TemporaryDirectory(prefix=f"{identity}.", dir=aside) as folder:
            yield Path(folder, identity)

    def publish(self, draft: Path, name: str) -> None:
        """Give a complete file its name in the folder, atomically. OSError if that fails."""
        aside = str(draft)
        try:
            if is_url(self._place):  # some storage systems show half-uploaded files
                aside = f"{self._unfinished}/{draft.name}.{secrets.token_hex(8)}"
                self._storage.put_file(draft, aside)
            else:
                with draft.open("rb") as file:
                    os.fsync(file.fileno())  # a named shard is complete even after a power cut
            self._storage.mv(aside, f"{self._path}/{name}")
        except OSError:
            raise
        except Exception as error:
            raise OSError(_why(error)) from error
        finally:
            with suppress(Exception):
                self._storage.rm_file(aside)

    def tidy(self) -> None:
        """Remove the drafts that killed processes left behind."""
        self.remove(UNFINISHED)


def _why(error: Exception) -> str:
    return reason(error) if isinstance(error, OSError) else sanitize(str(error)) or type(error).__name__


def make_shard(task: Task, folder: str) -> Iterator[ShardMade | None]:
    """Make the shard of a task in `folder`, a path or URL. Yields None after each row, and last what was made.

    OSError if the shard cannot be written.
    """
    place = ShardFolder(folder)
    options = task.options
    encode = _row_encoder(options)
    pages = articles = failures = 0
    problems: list[Problem] = []
    final = True
    with place.draft(task.identity) as path:
        with _writer(options.form, path) as write:
            if options.with_text and options.form != "parquet":
                write(encode({MARK: FORMAT, "program": __version__, "parser": PARSER_VERSION}))
            for item in read_files(task.items, options.site):
                row = item if isinstance(item, Problem) else _page_row(item, options, encode)
                if isinstance(row, Problem):
                    final = final and row.kind not in _TRANSIENT
                    failures += not row.is_skipped
                    if options.with_text:
                        write(encode({"problem": row._asdict()}))
                    if len(problems) < _NAMED_PROBLEMS or not options.with_text:
                        problems.append(row)
                else:
                    write(row[0])
                    pages += 1
                    articles += row[1]
                yield None
        name = task.shard_name(final=final)
        place.publish(path, name)
    if final:
        place.remove(task.shard_name(final=False))  # it may exist from an earlier run
    yield ShardMade(name, pages, articles, tuple(problems), failures)


def _page_row(
    capture: Capture, options: ShardOptions, encode: Callable[[dict[str, Any]], bytes]
) -> tuple[bytes, int] | Problem:
    """Return the row of a capture and the number of its articles, or the problem."""
    try:
        page = parse_capture(capture)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)
    row = page.to_json(options.lines)
    if not options.with_text:
        return encode(row), len(page.articles)
    of_capture = {
        "text": capture.text,
        "encoding": capture.encoding,
        "partial": capture.partial,
        "hints": [list(hint) for hint in capture.hints],
        "parser": PARSER_VERSION,
    }
    # A page with too many articles for a row is kept as text.
    for of_page in row, {name: row[name] for name in ("source", "url", "captured")}:
        if fits(encoded := encode(of_page | of_capture)):
            return encoded, len(page.articles)
    return Problem(capture.source, "too large", "it is too large for a shard; split the file")


def _row_encoder(options: ShardOptions) -> Callable[[dict[str, Any]], bytes]:
    """Return the function that encodes rows: like the output of `parse`, or with texts as compactly as possible."""
    separators = (",", ":") if options.with_text else (", ", ": ")
    encoder = json.JSONEncoder(ensure_ascii=options.ascii_only, separators=separators, check_circular=False)

    def encode(row: dict[str, Any]) -> bytes:
        text = encoder.encode(row) + "\n"
        if not options.with_text:
            return escape_json(text).encode("utf-8", "replace")
        if options.form == "parquet":  # Parquet cannot store half of a surrogate pair
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        # This escapes half of a surrogate pair, as JSON allows.
        return text.encode("utf-8", "backslashreplace")

    return encode


def form_for(name: str) -> str:
    """Return the best available form for "jsonl" or "parquet". ReaderError if an extra is missing."""
    if name == "jsonl":
        return "jsonl.zst" if is_possible("jsonl.zst") else "jsonl.gz"
    if not is_possible(name):
        raise ReaderError(needs_extra("--format parquet", "parquet"))
    return name


def is_possible(form: str) -> bool:
    """Return whether the libraries for a form are installed."""
    zstd = "backports.zstd" if sys.version_info < (3, 14) else "compression.zstd"
    try:
        return find_spec({"jsonl.zst": zstd, "parquet": "duckdb"}.get(form, "json")) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def _writer(form: str, path: Path) -> Iterator[Callable[[bytes], object]]:
    """Provide a function that writes rows to a new file, which is complete at the end. Equal rows give equal bytes."""
    if form == "parquet":
        rows = path.with_suffix(".jsonl")
        with rows.open("wb") as file:
            yield file.write
        _to_parquet(rows, path)
        return
    with ExitStack() as files:
        file = files.enter_context(path.open("wb"))
        packed: Any = file
        if form == "jsonl.gz":
            packed = files.enter_context(gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0))
        elif form == "jsonl.zst":
            if TYPE_CHECKING or sys.version_info < (3, 14):
                from backports import zstd  # an optional extra
            else:
                from compression import zstd
            parameter = zstd.CompressionParameter
            settings: dict[int, int] = {
                parameter.compression_level: _ZSTD_LEVEL,
                parameter.checksum_flag: 1,
                parameter.nb_workers: 0,
            }
            packed = files.enter_context(zstd.ZstdFile(file, "wb", options=settings))
        yield packed.write


def _to_parquet(rows: Path, path: Path) -> None:
    """Write a file of JSON rows as Parquet. OSError if that fails."""
    import duckdb  # an optional extra

    with rows.open("rb") as file:
        room = max(_LONGEST_ROW, max(map(len, file), default=0) + 1024)
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{(_MEMORY + 4 * room) >> 20}MB",
        "threads": "1",
        "preserve_insertion_order": "true",
    }
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
    source, target = (str(name).replace("'", "''") for name in (rows, path))
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(
                f"COPY (SELECT 1::INTEGER AS {MARK}, {', '.join(_COLUMNS)} FROM read_json('{source}',"
                f" format = 'newline_delimited', maximum_object_size = {room}, columns = {{{columns}}}))"
                f" TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from error
