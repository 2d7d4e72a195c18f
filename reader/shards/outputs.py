"""Rows -> a file: the same rows make the same bytes, wherever and whenever they are written."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from io import BufferedIOBase
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from reader.captures.shard import MARK
from reader.errors import ReaderError

_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_COLUMNS: Final = {
    "source": "VARCHAR",
    "url": "VARCHAR",
    "captured": "VARCHAR",
    "text": "VARCHAR",
    "encoding": "VARCHAR",
    "partial": "VARCHAR",
    "parser": "INTEGER",
    "hints": "JSON",
    "articles": "JSON",
    "furniture": "JSON",
    "lines": "JSON",
    "problem": "JSON",
}
_ROW_GROUP: Final = 2048
"""Rows that Parquet keeps in memory: the fewest that DuckDB gathers."""
_LONGEST_ROW: Final = 16 << 20
"""Bytes for which DuckDB makes room anyhow."""
_MEMORY: Final = 512 << 20


class Output(Protocol):
    """A file that rows are written to."""

    def write(self, data: bytes, /) -> object:
        """Append whole lines."""


class Form(Protocol):
    """How rows become a file."""

    def __call__(self, path: str) -> AbstractContextManager[Output]:
        """A new file at `path`, which is whole when the context ends without an error."""


@contextmanager
def _plain(path: str) -> Iterator[Output]:
    with open(path, "xb") as file:  # noqa: PTH123
        yield file


@contextmanager
def _gzip(path: str) -> Iterator[Output]:
    with (
        open(path, "xb") as file,  # noqa: PTH123
        gzip.GzipFile("", "wb", _GZIP_LEVEL, cast("IO[bytes]", file), mtime=0) as packed,
    ):
        yield cast("BufferedIOBase", packed)


@contextmanager
def _zstd(path: str) -> Iterator[Output]:
    if TYPE_CHECKING or sys.version_info < (3, 14):
        from backports import zstd
    else:
        from compression import zstd
    parameter = zstd.CompressionParameter
    options: dict[int, int] = {
        parameter.compression_level: _ZSTD_LEVEL,
        parameter.checksum_flag: 1,
        parameter.nb_workers: 0,
    }
    with open(path, "xb") as file, zstd.ZstdFile(file, "wb", options=options) as packed:  # noqa: PTH123
        yield packed


@contextmanager
def _parquet(path: str) -> Iterator[Output]:
    rows = f"{path}.jsonl"
    try:
        with open(rows, "xb") as file:  # noqa: PTH123
            lines = _Measured(file.write)
            yield lines
        _to_parquet(rows, path, lines.longest)
    finally:
        if os.path.exists(rows):  # noqa: PTH110
            os.unlink(rows)  # noqa: PTH108


class _Measured:
    """An output that knows its longest row."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.longest = 0

    def write(self, data: bytes) -> None:
        self.longest = max(self.longest, len(data))
        self._write(data)


def _to_parquet(rows: str, path: str, longest: int) -> None:
    import duckdb

    room = max(_LONGEST_ROW, longest + 1024)
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{(_MEMORY + 4 * room) >> 20}MB",
        "threads": "1",
        "preserve_insertion_order": "true",
    }
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(
                f"COPY (SELECT 1::INTEGER AS {MARK}, {', '.join(_COLUMNS)} FROM read_json({_quoted(rows)},"
                f" format = 'newline_delimited', maximum_object_size = {room}, columns = {{{columns}}}))"
                f" TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from error


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"


FORMS: Final[dict[str, Form]] = {
    "jsonl": _plain,
    "jsonl.gz": _gzip,
    "jsonl.zst": _zstd,
    "parquet": _parquet,
}
"""By the suffix of the file."""
_NEEDED: Final = {"jsonl.zst": ("compression.zstd", "backports.zstd"), "parquet": ("duckdb",)}


def is_possible(form: str) -> bool:
    """Whether what a form needs is installed."""
    needed = _NEEDED.get(form)
    return needed is None or any(map(_is_there, needed))


def form_for(name: str) -> str:
    """The form for "jsonl" or "parquet", as well packed as can be; ReaderError when an extra is missing."""
    if name == "jsonl":
        return "jsonl.zst" if is_possible("jsonl.zst") else "jsonl.gz"
    if not is_possible(name):
        raise ReaderError(
            "--format parquet needs the extra `parquet`: pip install 'protocol-reader[parquet]'"
        )
    return name


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
