"""Packed bytes, unpacked in steps, with a cap on what a bomb may give and a way on behind damage."""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Any

from reader.captures.packing import DamagedError, Decompressor, Packing
from reader.captures.source import CutShortError, Source

isal_zlib: Any
try:
    from isal import isal_zlib  # It is twice as fast as zlib: extra `fast`.
except ImportError:
    isal_zlib = None

MAX_RATIO = 200
"""The most bytes that one packed byte may give: text gives 3 to 20, a bomb a thousand."""
FREE_BYTES = 1 << 20
"""Bytes that may come out before the ratio counts: a short page of blanks is no bomb."""
FREE_MEMBERS = 50_000
"""Members that may hold next to nothing: beginning each takes time, so no file may be made of these."""
LEAST_MEMBER = 32
"""Bytes that members give at least on average, if there are more: the shortest record of a WARC has more."""
STEP = 1 << 14
"""Packed bytes a step: each gives at most 16 MB."""
_BEHIND = 1 << 18
"""Packed bytes of a damaged member that are searched for the start of the next."""
_MOST_DAMAGE = 1000
"""How often reading goes on behind damage before the file is given up."""
_TRIAL = 512
_REMEMBERED = 1 << 16
"""Members whose places are remembered, the latest: more than lie in what a reader looks ahead."""
_HEAD = 10
"""Bytes of a gzip member's head without names: most writers give all members of a file the same."""
_FLAGS = 4
"""Those of them before the time: the others give each member its own."""
_ODD_FLAGS = 0xE2
"""Flags in it that mean what zlib checks and ISA-L does not: a sum of the head, or nothing."""
_SHORT = 1 << 12
"""Packed bytes of a member that is unpacked together with those around it."""
_ROOM = 1 << 14
"""Bytes that such a member usually gives no more than."""
_FAST_BYTES = 1 << 18
"""Packed bytes of a member that ISA-L unpacks."""


class Unpacking:
    """The unpacked bytes of a source, a few at a time."""

    def __init__(self, packed: Source, packing: Packing, position: int = 0) -> None:
        """`position` is where in the packed bytes `packed` stands."""
        self._packed = packed
        self._position = position
        self._starts: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)  # of members, packed and unpacked
        self._packing = packing
        self._member: Decompressor | None = None
        self._members = 0
        self._member_at = 0  # how much had come out before this member
        self._waiting = b""  # packed bytes still to be unpacked
        self._behind = b""  # packed bytes of this member that have been
        self._taken = self._given = self._resumed = 0
        self._end: CutShortError | None = None

    def read(self, most: int) -> bytes:
        """Up to `most` bytes, none at the end; CutShortError if the data is damaged or a bomb."""
        while not self._end:
            if not self._member and self._packing.wbits and (data := self._short_members(most)):
                return data
            member = self._member or self._begin_member()
            if not member:
                break
            if data := self._step(member, most):
                self._given += len(data)
                self._look_for_bomb()
                return data
        if self._end:
            raise self._end
        return b""

    def member_at(self, position: int) -> tuple[int, int] | None:
        """Where the member begins that holds an unpacked byte, and how many of its bytes come before that one.

        None if that is forgotten: each position must be at least that of the call before.
        """
        starts = self._starts
        while len(starts) > 1 and starts[1][1] <= position:
            starts.popleft()
        if not starts or starts[0][1] > position:
            return None
        packed, unpacked = starts[0]
        return packed, position - unpacked

    def resume(self) -> int | None:
        """After damage: go to the start of the next member; None when there is none.

        Else how many of the bytes that came last were those of the damaged member.
        """
        if not self._end or self._end.kind != "damaged" or self._resumed == _MOST_DAMAGE:
            return None
        self._resumed += 1
        # The damage may have hidden a member's end: the next may start among the bytes unpacked already.
        self._waiting = (self._behind + self._waiting)[1:]
        self._behind, self._member = b"", None
        while True:
            for at in self._possible_starts():
                if len(self._waiting) - at < _TRIAL:
                    self._take()
                if self._starts_at(at):
                    self._waiting, self._end = self._waiting[at:], None
                    return self._given - self._member_at
            self._waiting = self._waiting[-8:]
            if not self._take():
                return None

    def _short_members(self, most: int) -> bytes:
        """The bytes of the next members as far as each is short and sound, and the next one's head waits behind it.

        Archives have very many: so each costs little, and its end is known before it is unpacked.
        """
        waiting, at = self._waiting, 0
        head = waiting[:_HEAD]
        if len(head) < _FLAGS or not head.startswith(self._packing.starts) or head[3] & _ODD_FLAGS:
            return b""
        library, wbits, find = isal_zlib or zlib, self._packing.wbits, waiting.find
        if find(head, _HEAD, _SHORT) < 0 and find(head[:_FLAGS], _HEAD, _SHORT) > 0:
            head = head[:_FLAGS]
        parts: list[bytes] = []
        given, most_given = self._given, MAX_RATIO * self._taken
        while most >= _ROOM and (end := find(head, at + _HEAD, at + _SHORT)) > 0:
            inflate = library.decompressobj(wbits)
            try:
                data = inflate.decompress(waiting[at:end], most)
            except library.error:
                break
            if not inflate.eof or inflate.unused_data:
                break
            self._members += 1
            self._member_at = given
            self._starts.append((self._position + self._taken - len(waiting) + at, given))
            at = end
            parts.append(data)
            most -= len(data)
            given += len(data)
            if given > most_given and given > FREE_BYTES:
                break
        if at:
            self._waiting, self._behind, self._given = waiting[at:], b"", given
            self._look_for_bomb()
        return b"".join(parts)

    def _begin_member(self) -> Decompressor | None:
        """Go to the start of the next member; None when there is none."""
        starts = self._packing.starts
        if not starts:
            if self._members:
                return None
        elif not self._waiting.startswith(starts):
            self._waiting = self._waiting.lstrip(b"\0")  # padding, as tapes leave it
            while len(self._waiting) < max(map(len, starts)) and self._take():
                self._waiting = self._waiting.lstrip(b"\0")
            if not self._waiting:
                return None
            if not self._waiting.startswith(starts):
                self._member_at = self._given
                # What waits was given to the member before, too: it would be gone through twice.
                self._behind = b""
                self._damaged(
                    f"other data follows its {self._packing.name} data and was left out; pack it anew"
                )
                return None
        self._members += 1
        self._behind = b""
        self._member_at = self._given
        self._starts.append((self._position + self._taken - len(self._waiting), self._given))
        if self._members > FREE_MEMBERS and self._given < LEAST_MEMBER * self._members:
            reason = (
                f"it is made of over {FREE_MEMBERS:,} pieces with next to nothing in them; do not trust it"
            )
            self._end = CutShortError("too large", reason)
            return None
        self._member = self._packing.begin()
        return self._member

    def _step(self, member: Decompressor, most: int) -> bytes:
        """Unpack some of what waits; nothing may come out of it."""
        waiting, self._waiting = self._waiting, b""
        self._behind = (self._behind + waiting)[-_BEHIND:] if self._behind else waiting
        try:
            data = member.decompress(waiting, most)
        except DamagedError as error:
            reason = f"its {self._packing.name} data is damaged: what comes before is kept; get it anew"
            self._damaged(error.reason or reason)
            return error.salvaged
        if member.eof:
            self._member, self._waiting = None, member.unused_data
        elif not data and member.needs_input and not self._take():
            data = member.last()
            self._damaged(f"its {self._packing.name} data ends too early: what came is kept; get it anew")
        return data

    def _look_for_bomb(self) -> None:
        if self._given > FREE_BYTES and self._given > MAX_RATIO * self._taken:
            reason = f"it unpacks to over {MAX_RATIO} times its size, as no page does; do not trust it"
            self._end = CutShortError("too large", reason)

    def _damaged(self, reason: str) -> None:
        self._end = self._end or CutShortError("damaged", reason)

    def _take(self) -> bool:
        """Read more packed bytes; False when there are no more."""
        more = self._packed.read(STEP)
        self._waiting += more
        self._taken += len(more)
        if not more and self._packed.cut:
            self._end = CutShortError(self._packed.cut.kind, self._packed.cut.reason)
        return bool(more)

    def _possible_starts(self) -> Iterator[int]:
        """Where a member may start in what waits: one after the other, since the first few are mostly enough."""
        starts = b"|".join(map(re.escape, self._packing.starts))
        if starts:
            for found in re.finditer(b"(?s:(?=" + starts + b"))", self._waiting):
                yield found.start()

    def _starts_at(self, at: int) -> bool:
        """Whether what waits can be unpacked from there, as far as a little of it tells."""
        try:
            self._packing.begin().decompress(self._waiting[at : at + _TRIAL], _TRIAL)
        except DamagedError:
            return False
        return True


def inflate(wbits: int) -> Decompressor:
    """What unpacks one member of gzip, zlib or raw deflate data, as zlib's `wbits` says."""
    return _Inflate(wbits) if isal_zlib is None else _FastInflate(wbits)


class _Inflate:
    """One member, with zlib."""

    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits)
        self._wbits = wbits
        self._fresh = True
        self._tail = b""

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        data = self._tail + data if self._tail else data
        # A small member is unpacked in one step, and can be begun anew as well as copied.
        before = None if self._fresh else self._inflate.copy()
        try:
            unpacked = self._inflate.decompress(data, max_length)
        except zlib.error:
            raise DamagedError(_salvage(before or zlib.decompressobj(self._wbits), data)) from None
        self._fresh = False
        self._tail = self._inflate.unconsumed_tail
        return unpacked

    def last(self) -> bytes:
        return b""


class _FastInflate:
    """One member, with ISA-L as long as it is short, as it is in archives of pages.

    ISA-L cannot tell what comes out before damage: zlib can, once it has read the member from its start, too.
    """

    # What each begins with, here: an archive has very many.
    eof = False
    _slow: _Inflate | None = None
    _packed = b""
    _given = 0
    _tail = b""

    def __init__(self, wbits: int) -> None:
        self._inflate: Any = isal_zlib.decompressobj(wbits)
        self._wbits = wbits

    @property
    def needs_input(self) -> bool:
        return self._slow.needs_input if self._slow else not self._tail

    @property
    def unused_data(self) -> bytes:
        rest: bytes = (self._slow or self._inflate).unused_data
        return rest

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if not self._slow:
            packed = self._packed = self._packed + data if self._packed else data
            if len(packed) <= _FAST_BYTES and not self._has_odd_head(packed):
                inflate = self._inflate
                try:
                    unpacked: bytes = inflate.decompress(
                        self._tail + data if self._tail else data, max_length
                    )
                except isal_zlib.error:
                    pass
                else:
                    self._tail = inflate.unconsumed_tail
                    self._given += len(unpacked)
                    self.eof = inflate.eof
                    return unpacked
            unpacked = self._again(max_length)
        else:
            unpacked = self._slow.decompress(data, max_length)
        self.eof = self._slow is not None and self._slow.eof
        return unpacked

    def _has_odd_head(self, packed: bytes) -> bool:
        """Whether a gzip member's head has such flags."""
        return len(packed) > 3 and packed[3] & _ODD_FLAGS != 0 and self._wbits > zlib.MAX_WBITS

    def last(self) -> bytes:
        try:
            return b"" if self._slow else self._again(1 << 20)
        except DamagedError as error:
            return error.salvaged

    def _again(self, max_length: int) -> bytes:
        """The next bytes, from zlib, and go on with it."""
        self._slow = _Inflate(self._wbits)
        packed, given = self._packed, self._given
        self._packed = self._tail = b""
        while given:
            try:
                again = self._slow.decompress(packed, given)
            except DamagedError as error:
                raise DamagedError(error.salvaged[given:]) from None
            packed = b""
            given -= len(again)
            if not again:
                break
        return self._slow.decompress(packed, max_length)


def _salvage(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """What comes out of `packed` before it turns out to be damaged: an error takes a whole step with it."""
    data = bytearray()
    try:
        for i in range(len(packed)):
            data += inflate.decompress(packed[i : i + 1])
    except zlib.error:
        pass
    return bytes(data)
