"""Results of reading a file (captures, problems, picture records), and summaries of problems."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from reader.addresses import clean_url
from reader.captures.source import FileOffset, Source, explained
from reader.model import PASSED_OVER, Capture, Problem
from reader.patterns import Pattern
from reader.sanitize import many

MAX_PICTURE: Final = 8 << 20
"""The size of the largest picture that is shown, in bytes as stored."""
MAX_PICTURE_RECORDS: Final = 500_000

_SHOWN_PLACES: Final = 3
_SHOWN_KINDS, _MOST_KINDS = 6, 200
_PICTURE_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_PICTURE_SUFFIX: Final = Pattern(r"[^?#]*\.(?:png|jpe?g|gif|webp)(?:[?#]|$)", re.IGNORECASE)


class PictureRecord(NamedTuple):
    """A record of a WARC file that may hold a picture."""

    source: str
    """The label of the WARC file."""
    key: bytes
    """The `address_key` of its address."""
    offset: FileOffset


Item = Capture | Problem | PictureRecord
Items = Iterator[Item]
ReadPage = Callable[[Source], Items]
"""Reads a source that is a single page."""
ReadMember = Callable[[Source, str, Callable[[int], bytes], int | None], Items]
"""Reads a member of an archive like a file in a folder. Takes the archive, the member's name, a function that reads its
bytes, and their offset in the archive (None if they are compressed)."""


def catch_failures(items: Items, label: str) -> Items:
    """Yield the items of a file, member, record or row. An exception ends them with a problem at `label`."""
    has_pages = False
    try:
        for item in items:
            has_pages = has_pages or isinstance(item, Capture)
            yield item
            del item  # It may be long.
    except Exception as error:
        cut = explained(error)
        yield Problem(label, cut.kind, cut.reason, has_pages)


class Tally:
    """Counts the problems and skipped parts of a file. Each kind of problem becomes one that names the first places."""

    def __init__(self, label: str, unit: str) -> None:
        """`label` names the file, `unit` is the word for one place in it ("line", "record")."""
        self.skipped: Counter[str] = Counter()
        """The skipped parts by kind, of which a file can name any number: only some are kept apart."""
        self._label = label
        self._unit = unit
        self._last: tuple[str, str, object] = ("", "", "")
        self._places: dict[tuple[str, str], list[str]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts or self.skipped)

    def add(self, kind: str, reason: str, place: object) -> None:
        """Count a problem at `place`: a line or record number, or a name. The same one again is not counted."""
        if (kind, reason, place) == self._last:
            return
        self._last = kind, reason, place
        places = self._places.setdefault((kind, reason), [])
        if len(places) < _SHOWN_PLACES:
            places.append(str(place))
        self._counts[kind, reason] += 1

    def skip(self, kind: str) -> None:
        """Count a skipped part."""
        self.skipped[kind if kind in self.skipped or len(self.skipped) < _MOST_KINDS else "others"] += 1

    def collect(self, items: Items, place: object) -> Items:
        """Yield the items at `place`, but count problems and failures instead of yielding them."""
        for item in catch_failures(items, self._label):
            if isinstance(item, Problem):
                self.add(item.kind, item.reason, place)
            else:
                yield item
            del item

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each kind and reason, in the order of the first places, and one for all skipped parts."""
        for (kind, reason), places in self._places.items():
            count = self._counts[kind, reason]
            named = ", ".join(places) + (", …" if count > len(places) else "")
            yield Problem(self._label, kind, f"{many(count, self._unit)} ({named}): {reason}", partial=True)
        if self.skipped:
            ranked = sorted(self.skipped.items(), key=lambda pair: (-pair[1], pair[0]))
            kinds = [f"{count:,} {kind}" for kind, count in ranked[:_SHOWN_KINDS]]
            if len(ranked) == 1:
                kinds = [ranked[0][0]]
            if others := sum(count for _, count in ranked[_SHOWN_KINDS:]):
                kinds.append(f"{others:,} others")
            reason = f"{many(self.skipped.total(), self._unit)} skipped on purpose: {', '.join(kinds)}"
            yield Problem(self._label, PASSED_OVER, reason, partial=True)


def address_key(address: str) -> bytes:
    """Return a digest of an address that ignores the fragment and the difference between http and https."""
    plain = (clean_url(address) or address).partition("#")[0].partition("://")[2]
    return blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest()


def names_picture(address: str) -> bool:
    """Return whether an address ends in a picture suffix."""
    return _PICTURE_SUFFIX.match(address) is not None


def is_picture(data: bytes) -> bool:
    """Return whether the bytes start like a PNG, JPEG, GIF or WebP, and are not longer than `MAX_PICTURE`."""
    if len(data) > MAX_PICTURE:
        return False
    return data.startswith(_PICTURE_STARTS) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")
