"""Tags as they are spelt -> what they do, one for all that do the same."""

from __future__ import annotations

import re
from itertools import count
from typing import Final

from reader.captures import html_marks as marks
from reader.captures.html_marks import BREAKS, CLOSED_BY, KEEPS_PARAGRAPH, LINE, NONE, PARAGRAPH, VOID
from reader.captures.html_tokens import RAW, attributes_of, plain, start_of

_REMEMBERED: Final = 20_000
"""How many spellings of tags are kept before they are worked out anew."""
_STEPS: Final = 20_000
"""The same of steps: about 10 MB."""
_LONGEST_LINK: Final = 1_000
"""Bytes of a link's start that is looked at for what but its address is new; too few for too many attributes."""
_with_address = re.compile(rb'<a((?:\s[a-z-]+="[^"]*")*?)\shref="([^"]*)"(?=[\s>])').match
_FEW: Final = 16
"""If one of so many runs of tags is new, it is quicker to read a page tag by tag."""
_LONGEST_PAUSE: Final = 14
"""Pages that are read tag by tag, at most, before it is tried again whether their runs of tags are remembered."""
NAMED: Final = 2_000
"""How many names of elements are told apart at a look."""

OPEN, PLAIN, CLOSE, NOTHING, IMAGE, DATA, HIDDEN_TEXT, SCRIPT = range(8)
"""What tags do: open an element that counts; one that need only be known for its end; close one; nothing; show a
picture; tell of the page; hold hidden text; and what stands around hidden text."""


class Tag:
    """What a tag does, one for all that do the same."""

    __slots__ = ("act", "bit", "breaks", "mark", "name")

    def __init__(self, act: int, name: str, breaks: int, mark: marks.Mark | None, bit: int) -> None:
        self.act = act
        self.name = name
        self.breaks = breaks
        self.mark = mark
        self.bit = bit
        """Says its name in `Place.open`."""


class Tags:
    """What tags do, remembered."""

    def __init__(self) -> None:
        self.known: dict[bytes, Tag] = {}
        """Tags by how they are spelt."""
        self.addresses: dict[bytes, str] = {}
        """Where links lead, by how they are spelt."""
        self._met: set[int] = set()
        """Runs of tags that were met, by their hashes."""
        self._pause = self._pauses = 0
        """After how many pages runs of tags are looked for again; how many that were."""
        self.kept = 0
        """How much is remembered besides."""
        self._tags: dict[tuple[int, str, int, marks.Mark | None], Tag] = {}
        self._bits: dict[str, int] = {}
        self._numbers = count()
        self.passing = self._tag(PLAIN, "a", NONE)
        """A link where nobody follows it: in navigation."""
        self.script = self._tag(SCRIPT, "#script", LINE)

    @property
    def full(self) -> bool:
        """Whether nothing more is kept."""
        return self.kept > _STEPS

    def keep(self, spelling: bytes, tag: Tag, address: str | None) -> None:
        """Remember what a tag does, and where it leads."""
        if len(self.known) > _REMEMBERED:
            self.known.clear()
            self.addresses.clear()
        if address is not None:
            self.addresses[spelling] = address
        self.known[spelling] = tag

    def meets(self, run: bytes) -> bool:
        """Note that a run of tags was met; whether it was before."""
        number = hash(run)
        if number in self._met:
            return True
        if len(self._met) > _REMEMBERED:
            self._met.clear()
        self._met.add(number)
        return False

    def expects_runs(self) -> bool:
        """Whether a page may well have runs of tags that are remembered: not soon after one that had few."""
        self._pause -= self._pause > 0
        return self._pause == 0

    @staticmethod
    def mostly_new(runs: int, new: int) -> bool:
        """Whether so many new ones of all runs make it quicker to go on tag by tag."""
        return _FEW * new > runs

    def note_runs(self, runs: int, new: int) -> None:
        """Note how many runs of tags a page had, and how many of them were new: then it is quicker tag by tag."""
        self._pauses = min(2 * self._pauses + 2, _LONGEST_PAUSE) if self.mostly_new(runs, new) else 0
        self._pause = self._pauses

    def read(self, name: str, tag: bytes) -> tuple[Tag, str | None, bool]:
        """(what a tag does, the address of a link, whether not all of its attributes were looked at)."""
        if not name or not tag.endswith(b">"):
            return self._tag(NOTHING, name, NONE), None, False
        breaks = BREAKS.get(name, NONE)
        if tag[1:2] == b"/":
            if name == "br":
                return self._tag(NOTHING, name, LINE), None, False
            return self._tag(NOTHING if name in ("html", "body") else CLOSE, name, breaks), None, False
        if name in _APART or (name in ("svg", "math") and tag.endswith(b"/>")):
            return self._apart(name, tag), None, False
        if name == "a" and (link := self._link(tag)):
            return *link, False
        attributes, too_many = attributes_of(tag)
        mark = marks.mark_of(name, attributes)
        if mark is None and name not in _STRUCTURE:
            return self._tag(PLAIN, name, breaks), None, too_many
        if mark and mark.strong and breaks == NONE:
            breaks = LINE
        return (
            self._tag(OPEN, name, breaks, mark),
            attributes.get("href", "") if name == "a" else None,
            too_many,
        )

    def _link(self, tag: bytes) -> tuple[Tag, str] | None:
        """(what the start of a link does, its address), where it is written as most are and just the address is new."""
        match = _with_address(tag) if len(tag) <= _LONGEST_LINK else None
        if match is None or not match[2].isascii():
            return None
        others = b"<a" + match[1] + tag[match.end() :]
        found = self.known.get(others)
        if found is None:
            found, address, _ = self.read("a", others)
            self.keep(others, found, address)
        return found, plain(match[2].decode())

    def _apart(self, name: str, tag: bytes) -> Tag:
        """What the start of an element does whose marks do not matter."""
        if name in RAW:
            act = _raw(name, tag)
            return self._tag(act, name, LINE if act == HIDDEN_TEXT else NONE)
        if name in ("meta", "link", "base"):
            return self._tag(DATA, name, NONE)
        if name == "img":
            return self._tag(IMAGE, name, NONE)
        return self._tag(NOTHING, name, LINE if name == "br" else PARAGRAPH if name == "hr" else NONE)

    def _tag(self, act: int, name: str, breaks: int, mark: marks.Mark | None = None) -> Tag:
        key = act, name, breaks, mark
        found = self._tags.get(key)
        if found is None:
            if (bit := self._bits.get(name)) is None:
                bit = 1 << min(next(self._numbers), NAMED)
                if bit >> NAMED == 0:
                    bit = self._bits.setdefault(name, bit)
            found = Tag(act, name, breaks, mark, bit)
            if not self.full:
                self.kept += 1
                self._tags[key] = found
        return found


def _raw(name: str, tag: bytes) -> int:
    """What an element does whose content is no markup."""
    if name == "script":
        start = start_of(tag)
        kind = attributes_of(start)[0].get("type", "").strip().lower() if b"type" in start.lower() else ""
        if kind == "keep-reading-content":
            return HIDDEN_TEXT
        if kind.startswith("application/ld+json"):
            return DATA
    return NOTHING


_APART: Final = VOID | {*RAW, "html", "body", "head"}
LISTS: Final = frozenset("ul ol menu dir li".split())
"""Lists and their items."""
_STRUCTURE: Final = LISTS | CLOSED_BY.keys() | KEEPS_PARAGRAPH | frozenset("pre dl select object".split())
"""Elements that are noted though they say nothing of their text."""
