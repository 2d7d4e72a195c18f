"""Zip archives of captures in any format, and WACZ, which is one of WARC files. Nothing is unpacked to disk."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from typing import Final

from reader.captures.members import EMPTY, clean_name, read_member, too_deep
from reader.captures.results import Items, Tally
from reader.captures.source import CutShortError, Source, seekable
from reader.captures.unpacking import DEFLATE, Unpacking
from reader.captures.zip_members import (
    DEFLATED,
    ENCRYPTED,
    STORED,
    BadEntry,
    Member,
    Members,
    Overlap,
)
from reader.model import Problem

_DEFLATE: Final = DEFLATE._replace(name="zip")
_WACZ_MARK: Final = b"datapackage.json"
_WACZ_PAGES: Final = b"archive/"
_LOCKED: Final = "encrypted: left out; unpack the archive with its password first"
_OTHER_METHOD: Final = "packed in a way that cannot be undone here: left out; unpack the archive first"
_LINK: Final = "links inside archives are not followed"
_OVERLAP: Final = "in the bytes of another member, as no honest archive has them: left out"
_GONE: Final = "not where the archive's directory says: left out there"
_NO_DIRECTORY: Final = (
    "its directory is missing or damaged: its members were looked for one by one; get it anew"
)
_WRONG_SIZE: Final = "it is not as long as its archive says; get it anew"
_WRONG_SUM: Final = "its checksum is wrong: it was damaged in its archive; get it anew"
_TOO_SHORT: Final = "its archive ends before it does; get it anew"


def read(source: Source) -> Items:
    """The captures in the members, in the order of the archive's directory; its own problems last."""
    if problem := too_deep(source):
        yield problem
        return
    try:
        with seekable(source) as descriptor:
            yield from _read_members(source, descriptor)
    except CutShortError as error:
        yield Problem(source.label, error.kind, error.reason)
    if source.cut:
        yield source.cut


def _read_members(source: Source, descriptor: int) -> Items:
    tally = Tally(source.label, "member")
    members = Members(descriptor)
    only_archived = source.name.lower().endswith(".wacz") or _is_wacz(descriptor, members.size)
    given = found = 0
    for member in source.parts(iter(members)):
        name = clean_name(member.name)
        found += 1
        if isinstance(member, Overlap):
            tally.add("bomb", _OVERLAP, name)
        elif isinstance(member, BadEntry):
            tally.add("damaged", _GONE, name)
        elif member.name.endswith(b"/") or (only_archived and not member.name.startswith(_WACZ_PAGES)):
            continue
        elif member.is_link:
            tally.add("link", _LINK, name)
        elif member.flags & ENCRYPTED:
            tally.add("encrypted", _LOCKED, name)
        elif member.method not in (STORED, DEFLATED):
            tally.add("packed", _OTHER_METHOD, name)
        else:
            given += 1
            yield from _read_one(source, descriptor, member)
    yield from tally.problems()
    if not found and not members.damaged:
        yield Problem(source.label, "empty archive", EMPTY)
    if members.damaged:
        yield Problem(source.label, "damaged", _NO_DIRECTORY, partial=given > 0)


def _is_wacz(descriptor: int, size: int) -> bool:
    """Whether the directory at the end names what a WACZ has."""
    tail = os.pread(descriptor, 1 << 16, max(size - (1 << 16), 0))
    return _WACZ_MARK in tail and _WACZ_PAGES in tail and b".warc" in tail


def _read_one(source: Source, descriptor: int, member: Member) -> Items:
    in_place = member.method == STORED and source.descriptor is not None
    read = unpacked(descriptor, member)
    yield from read_member(source, clean_name(member.name), read, member.data if in_place else None)


def unpacked(descriptor: int, member: Member) -> Callable[[int], bytes]:
    """What reads a member that is stored or deflated; CutShortError at its end where that is not as it should be."""
    return _Checked(_Packed(descriptor, member), member).read


class _Packed:
    """The packed bytes of a member."""

    def __init__(self, descriptor: int, member: Member) -> None:
        self._file = descriptor
        self._at = member.data
        self._left = member.packed

    def read(self, most: int) -> bytes:
        data = os.pread(self._file, min(most, self._left), self._at)
        self._at += len(data)
        self._left -= len(data)
        if not data and self._left > 0:
            raise CutShortError("damaged", _TOO_SHORT)
        return data


class _Checked:
    """The bytes of a member, with a cut at their end when they are not those that the archive says."""

    def __init__(self, packed: _Packed, member: Member) -> None:
        inside = Source("", "", packed.read, explicit=True)
        self._read = packed.read if member.method == STORED else Unpacking(inside, _DEFLATE).read
        self._member = member
        self._size = self._crc = 0

    def read(self, most: int) -> bytes:
        data = self._read(most)
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if not data and self._member.size >= 0:
            if self._size != self._member.size:
                raise CutShortError("damaged", _WRONG_SIZE)
            if self._crc != self._member.crc:
                raise CutShortError("damaged", _WRONG_SUM)
        return data
