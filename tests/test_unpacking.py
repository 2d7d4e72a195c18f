"""Unpacking with and without ISA-L: the same bytes come out, also of what is damaged, cut or long."""

from __future__ import annotations

import gzip
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import unpacking
from reader.captures.source import CutShortError, Source
from reader.captures.unpacking import GZIP, Unpacking

pytest.importorskip("isal")


def unpacking_of(data: bytes) -> Unpacking:
    return Unpacking(Source("", "", io.BytesIO(data).read, explicit=True), GZIP)


def unpacked(data: bytes, step: int = 1000) -> tuple[bytes, str]:
    """What comes out until the first cut, and its kind."""
    reading = unpacking_of(data)
    parts = []
    try:
        while part := reading.read(step):
            assert len(part) <= step or len(part) <= 16 << 20
            parts.append(part)
    except CutShortError as cut:
        return b"".join(parts), cut.kind
    return b"".join(parts), ""


def both(data: bytes, step: int = 1000) -> tuple[bytes, str]:
    """The same with either, which must agree."""
    fast = unpacked(data, step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "isal_zlib", None)
        assert unpacked(data, step) == fast
    return fast


def noise(size: int) -> bytes:
    chosen = random.Random(size)
    return bytes(chosen.choice(b"abcdefgh \n") for _ in range(size))


@pytest.mark.parametrize("size", [0, 1, 5000, 300_000, 2_000_000])
@pytest.mark.parametrize("step", [1, 1000, 1 << 20])
def test_whole_members(size: int, step: int) -> None:
    if size // step > 10_000:
        return
    data = noise(size)
    assert both(gzip.compress(data) * 2, step) == (data * 2, "")


@pytest.mark.parametrize("size", [200, 40_000, 1_500_000])
def test_damaged_and_cut_members(size: int) -> None:
    data = noise(size)
    packed = gzip.compress(data)
    for at in range(10, len(packed), max(len(packed) // 40, 1)):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        came, kind = both(bytes(damaged), 100_000)
        assert kind == "damaged" or came == data
        came, kind = both(packed[:at], 100_000)
        assert (data.startswith(came), kind) == (True, "damaged")
    assert both(packed[:-8] + bytes(8), 100_000) == (data, "damaged")


@pytest.mark.parametrize("flags", range(256))
@pytest.mark.parametrize("step", [1, 100])
def test_any_flags_of_a_members_head(flags: int, step: int) -> None:
    packed = bytearray(gzip.compress(b"Twelve words.", mtime=0))
    packed[3] = flags
    both(bytes(packed), step)


@given(st.binary(max_size=300), st.integers(0, 60), st.binary(max_size=4), st.integers(1, 400))
def test_anything(data: bytes, at: int, damage: bytes, step: int) -> None:
    packed = bytearray(gzip.compress(data, mtime=0))
    packed[at : at + len(damage)] = damage
    both(bytes(packed), step)


def test_what_stands_between_members_costs_none_and_repeats_none() -> None:
    """That was gone through again once for each such place, which doubled with every one."""
    data = b"".join(gzip.compress(b"page %d " % n) + b"what is no gzip" for n in range(40))
    reading = unpacking_of(data)
    parts, cuts = [], 0
    while True:
        try:
            part = reading.read(1000)
        except CutShortError:
            cuts += 1
            if reading.resume() is None:
                break
        else:
            if not part:
                break
            parts.append(part)
    assert b"".join(parts) == b"".join(b"page %d " % n for n in range(40))
    assert cuts == 40


@given(
    st.lists(st.sampled_from([1, 17, 300, 5_000, 40_000, 200_000]), min_size=1, max_size=20),
    st.integers(0, 99),
)
def test_each_byte_is_known_to_be_in_its_member(sizes: list[int], step: int) -> None:
    text = noise(200_000)
    members = [gzip.compress(text[:size]) for size in sizes]
    reading = unpacking_of(b"".join(members))
    while reading.read(1000 * (step + 1)):
        pass
    packed = given = 0
    for member, size in zip(members, sizes, strict=True):
        for offset in (0, size // 2, size - 1):
            assert reading.member_at(given + offset) == (packed, offset)
        packed += len(member)
        given += size
