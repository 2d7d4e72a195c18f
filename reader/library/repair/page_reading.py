"""Reads rows of a damaged SQLite file page by page, without SQLite.

Each leaf page of a table or index lists its own rows, so damage to one page costs only the rows of that page. Free
pages are skipped, since they contain deleted data. Committed pages in a write-ahead log replace those in the file.

The format is https://sqlite.org/fileformat2.html, with UTF-8 as the encoding, pages of `PAGE_BYTES` (whatever a damaged
header says) and no reserved bytes in a page.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from reader.errors import LibraryError
from reader.library.database.errors import DamagedError
from reader.library.database.schema import PAGE_BYTES

_INNER_INDEX, _INNER_TABLE, _LEAF_INDEX, _LEAF_TABLE = 2, 5, 10, 13
_HEADER: Final = 100
"""Bytes before the content of the first page."""
_LOG_HEADER, _FRAME_HEADER = 32, 24
_MOST_COLUMNS: Final = 64

Value = int | float | str | bytes | None


RowRef = int
"""The position of a row, packed into one number: its page from 1, the offset of its cell, and the kind of the page."""
_OFFSET_BITS: Final = 20


class RawRow(NamedTuple):
    """A row as stored in the file."""

    ref: RowRef
    page: int
    key: int | None
    """The rowid; None in an index or a table WITHOUT ROWID."""
    values: tuple[Value, ...]


class _NotARowError(Exception):
    """These bytes are not a row."""


class PageReader(AbstractContextManager["PageReader"]):
    """Reads one file, as a context. LibraryError if it cannot be read at all."""

    def __init__(self, path: Path, *, with_log: bool = True) -> None:
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise LibraryError(f"{path}: the library cannot be read ({error.strerror})") from error
        except ValueError as error:  # an empty file cannot be mapped
            raise DamagedError(f"{path}: the library is empty; put a backup in its place") from error
        self._log = b""
        with suppress(FileNotFoundError):
            self._log = path.with_name(f"{path.name}-wal").read_bytes() if with_log else b""
        self._logged = _committed_pages(self._log)
        count = -(-len(self._data) // PAGE_BYTES)
        self._pages = max([count, *self._logged])
        self._free = self._free_pages()

    def __exit__(self, *_: object) -> None:
        self._data.close()

    def rows(self) -> Iterator[RawRow]:
        """Yield all readable rows, page by page."""
        for number in range(1, self._pages + 1):
            if number not in self._free:
                yield from self._rows_of(number)

    def tables(self) -> dict[int, str]:
        """Map pages to the names of their tables or indexes, as far as the schema is readable."""
        owners: dict[int, str] = {}
        for page in self._walk(1):
            for row in self._rows_of(page):
                if len(row.values) == 5:
                    name, root = row.values[1], row.values[3]
                    if isinstance(name, str) and isinstance(root, int):
                        owners.update(dict.fromkeys(self._walk(root), name))
        return owners

    def row(self, ref: RowRef) -> RawRow | None:
        """Return the row at this `RawRow.ref`."""
        with suppress(_NotARowError, struct.error, IndexError, ValueError):
            return self._row(self._page(ref >> _OFFSET_BITS), ref)
        return None

    def _rows_of(self, number: int) -> Iterator[RawRow]:
        page = self._page(number)
        kind, pointers = self._cells(number, page)
        if kind == _INNER_TABLE:
            return
        for offset in pointers:
            with suppress(_NotARowError, struct.error, IndexError, ValueError):
                yield self._row(page, number << _OFFSET_BITS | offset << 4 | kind)

    def _walk(self, root: int) -> Iterator[int]:
        """Yield the pages of a tree that can be reached from its root."""
        waiting, seen = [root], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen or not 1 <= number <= self._pages:
                continue
            seen.add(number)
            yield number
            page = self._page(number)
            kind, pointers = self._cells(number, page)
            if kind in (_INNER_INDEX, _INNER_TABLE):
                start = _HEADER if number == 1 else 0
                with suppress(struct.error):
                    waiting.append(struct.unpack_from(">I", page, start + 8)[0])
                    waiting += [struct.unpack_from(">I", page, offset)[0] for offset in pointers]

    def _page(self, number: int) -> bytes:
        logged = self._logged.get(number)
        if logged is not None:
            return self._log[logged : logged + PAGE_BYTES]
        start = (number - 1) * PAGE_BYTES
        return self._data[start : start + PAGE_BYTES]

    def _cells(self, number: int, page: bytes) -> tuple[int, tuple[int, ...]]:
        """Return the kind of a page and the offsets of its cells; 0 and nothing if it has no cells."""
        start = _HEADER if number == 1 else 0
        if len(page) < start + 12:
            return 0, ()
        kind = page[start]
        if kind not in (_INNER_INDEX, _INNER_TABLE, _LEAF_INDEX, _LEAF_TABLE):
            return 0, ()
        (count,) = struct.unpack_from(">H", page, start + 3)
        first = start + (12 if kind in (_INNER_INDEX, _INNER_TABLE) else 8)
        count = min(count, (len(page) - first) // 2)
        pointers = struct.unpack_from(f">{count}H", page, first)
        least = first + 2 * count
        return kind, tuple(pointer for pointer in pointers if least <= pointer < PAGE_BYTES)

    def _row(self, page: bytes, ref: RowRef) -> RawRow:
        at, kind = ref >> 4 & 0xFFFF, ref & 0xF
        if kind == _INNER_INDEX:
            at += 4
        length, at = _varint(page, at)
        key = None
        if kind == _LEAF_TABLE:
            key, at = _varint(page, at)
        payload = self._payload(page, at, length, kind)
        return RawRow(ref, ref >> _OFFSET_BITS, key, _values(payload))

    def _payload(self, page: bytes, at: int, length: int, kind: int) -> bytes:
        """Return the bytes of a row, including its overflow pages."""
        size = PAGE_BYTES
        if length > len(self._data) + len(self._log):
            raise _NotARowError
        most = size - 35 if kind == _LEAF_TABLE else (size - 12) * 64 // 255 - 23
        if length <= most:
            return _slice(page, at, length)
        least = (size - 12) * 32 // 255 - 23
        local = least + (length - least) % (size - 4)
        local = local if local <= most else least
        parts = [_slice(page, at, local)]
        (following,) = struct.unpack_from(">I", page, at + local)
        left = length - local
        for _ in range(-(-left // (size - 4))):
            page = self._page(following) if 1 <= following <= self._pages else b""
            parts.append(_slice(page, 4, min(left, size - 4)))
            left -= size - 4
            (following,) = struct.unpack_from(">I", page)
        return b"".join(parts)

    def _free_pages(self) -> set[int]:
        """Return the pages in the file's free list, or none if that list is damaged."""
        free: set[int] = set()
        trunk, count = struct.unpack_from(">II", self._page(1).ljust(_HEADER, b"\0"), 32)
        while trunk:
            if trunk in free or not 1 < trunk <= self._pages:
                return set()
            free.add(trunk)
            page = self._page(trunk).ljust(PAGE_BYTES, b"\0")
            trunk, leaves = struct.unpack_from(">II", page)
            if leaves > PAGE_BYTES // 4 - 2:
                return set()
            free.update(struct.unpack_from(f">{leaves}I", page, 8))
        return free if len(free) == count else set()


def _slice(page: bytes, at: int, length: int) -> bytes:
    data = page[at : at + length]
    if len(data) < length:
        raise _NotARowError
    return data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length integer; return it and the offset after it."""
    number = 0
    for place in range(8):
        byte = data[at + place]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + place + 1
    number = number << 8 | data[at + 8]
    return number - (1 << 64) if number >= 1 << 63 else number, at + 9


_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""The size in bytes of each integer type."""


def _values(payload: bytes) -> tuple[Value, ...]:
    """Decode the columns of a row."""
    head, at = _varint(payload, 0)
    types: list[int] = []
    while at < head:
        kind, at = _varint(payload, at)
        types.append(kind)
    if at != head or len(types) > _MOST_COLUMNS:
        raise _NotARowError
    values: list[Value] = []
    for kind in types:
        if kind in _INTEGERS:
            values.append(int.from_bytes(_slice(payload, at, _INTEGERS[kind]), "big", signed=True))
            at += _INTEGERS[kind]
        elif kind == 7:
            values.append(struct.unpack_from(">d", payload, at)[0])
            at += 8
        elif kind in (8, 9):
            values.append(kind - 8)
        elif kind >= 12:
            data = _slice(payload, at, (kind - 12) // 2)
            values.append(data.decode() if kind % 2 else data)  # UnicodeDecodeError is a ValueError
            at += len(data)
        elif kind == 0:
            values.append(None)
        else:
            raise _NotARowError
    if at != len(payload):
        raise _NotARowError
    return tuple(values)


def _committed_pages(log: bytes) -> dict[int, int]:
    """Map pages to the offset of their newest committed version in a write-ahead log."""
    if len(log) < _LOG_HEADER:
        return {}
    magic, _, log_size, _, *salts, sum1, sum2 = struct.unpack_from(">8I", log)
    if magic not in (0x377F0682, 0x377F0683) or log_size != PAGE_BYTES:
        return {}
    order = ">" if magic & 1 else "<"
    sums = _sums(log[:24], (0, 0), order)
    if sums != (sum1, sum2):
        return {}
    committed: dict[int, int] = {}
    open_: dict[int, int] = {}
    step = _FRAME_HEADER + PAGE_BYTES
    for at in islice(range(_LOG_HEADER, len(log), step), (len(log) - _LOG_HEADER) // step):
        number, pages, *frame_salts, sum1, sum2 = struct.unpack_from(">6I", log, at)
        body = at + _FRAME_HEADER
        sums = _sums(log[body : body + PAGE_BYTES], _sums(log[at : at + 8], sums, order), order)
        if frame_salts != salts or sums != (sum1, sum2):
            break
        open_[number] = body
        if pages:  # the last frame of a transaction
            committed.update(open_)
            open_ = {}
    return committed


def _sums(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """Continue the running checksum of a log."""
    first, second = sums
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for one, other in zip(words, words, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
