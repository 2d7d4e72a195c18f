"""A page's tags and texts -> its lines, as a text crawl would keep them, with what the markup says of each.

Blocks are lines; a paragraph or heading has an empty line around it, a `div` has none. Roles come from `html_marks`,
what tags do from `html_steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final

from reader.captures import html_steps as steps
from reader.captures.html_lines import LineWriter, Scope
from reader.captures.html_marks import LINE, NONE, PARAGRAPH
from reader.captures.html_places import Place, Step, is_open, passes_links
from reader.captures.html_runs import BLANKS, BREAK, run_of
from reader.captures.html_tags import CLOSE, DATA, HIDDEN_TEXT, IMAGE, Tag
from reader.captures.html_tokens import (
    attributes_of,
    content_of,
    first_of,
    is_raw,
    name_of,
    plain,
    start_of,
    tags_of,
    tokens,
)

MAX_DEPTH: Final = steps.MAX_DEPTH
MAX_TAGS: Final = 200_000
"""Tags of one page that are read: about two seconds."""
_LONGEST_REMEMBERED: Final = 300
_END: Final = ord(">")
_KEPT_SCRIPTS: Final = 3
"""How deep hidden text may stand in hidden text."""


class PageText(LineWriter):
    """Reads a page; `lines`, `scopes` and `partial` are what came of it."""

    def __init__(self, data: Callable[[str, bytes], None]) -> None:
        """`data(name, tag)` is told of each `meta`, `link`, `base` and `script` with page data."""
        super().__init__()
        self.partial: str | None = None
        self.structured = False
        """Whether it is a RebelMouse page."""
        self._data = data
        self._memory = steps.memory()
        self._too_deep: dict[str, int] = {}
        self._few = False
        """Whether there are surely not too many tags."""
        self._in_runs = False
        """Whether tags are taken in by runs of them."""
        self._runs = self._new_runs = 0
        """How many there were, and how many of them that were not remembered."""
        self._left = MAX_TAGS
        self._scripts = 0
        self._counters: list[int] = []

    def feed(self, html: bytes) -> None:
        """Read a document; UnicodeDecodeError if it is no UTF-8."""
        memory = self._memory
        # Each tag begins with a sign of its own, in hidden text perhaps with an entity.
        self._few = len(html) <= 2 * MAX_TAGS or html.count(b"<") + html.count(b"&") <= MAX_TAGS
        self._in_runs = self._few and memory.expects_runs()
        self._read(html, memory.root)
        self._flush(PARAGRAPH)
        if self._in_runs:
            memory.note_runs(self._runs, self._new_runs)

    def _read(self, html: bytes, place: Place) -> Place:
        """Read what stands at a place; return where it ends."""
        few = self._few
        for cut in tokens(html, runs=self._in_runs):
            texts, tags = cut.texts, cut.tags
            whole = few or len(tags) + bool(cut.start) <= self._left
            if not whole:
                self.partial = f"more than {MAX_TAGS:,} tags: the rest was left out"
                tags = tags[: self._left]
            if not few:
                self._left -= len(tags)
            self._runs += len(tags)
            place = self._follow(texts, tags, place)
            if not whole:
                return place
            text = texts[-1]
            if text and (self._pieces or not text.isspace()) and not place.hidden:
                self._add(text.decode(), place.context)
            if cut.start:
                self._left -= not few
                self._element(cut.start, cut.element, place)
        return place

    def _follow(self, texts: Iterable[bytes], tags: Iterable[bytes], place: Place) -> Place:
        """Take in tags, or runs of them, each after its text; return where they lead."""
        pieces, too_deep, add, flush, do = self._pieces, self._too_deep, self._add, self._flush, self._do
        memory, runs = self._memory, self._in_runs
        pairs = zip(texts, tags, strict=False)
        for text, tag in pairs:
            if text and (pieces or not text.isspace()) and not place.hidden:
                if place.plain and b"&" not in text:
                    if not pieces:
                        self._context = place.context
                    pieces.append(text.decode())
                else:
                    add(text.decode(), place.context)
            known = (place.begun if pieces else place.fresh).get(tag)
            if known is None or too_deep:
                if runs and tag.count(b"<") > 1:
                    place = self._new_run(tag, place)
                    if memory.mostly_new(self._runs, self._new_runs):
                        others = list(pairs)
                        self._new_runs += len(others)
                        return self._follow_apart(others, place)
                    continue
                place, breaks, asked = self._step(tag, place)
                if breaks:
                    flush(breaks)
                if asked:
                    for op, told in asked:
                        do(op, told, tag, place)
                continue
            place, breaks, ops = known
            if breaks:
                if pieces:
                    flush(breaks)
                elif breaks > self._gap:
                    self._gap = breaks
            if ops:
                for op, told, spelling, at in ops:
                    do(op, told, spelling, at)
        return place

    def _follow_apart(self, pairs: list[tuple[bytes, bytes]], place: Place) -> Place:
        """Take in runs of tags, each after its text, tag by tag; return where they lead."""
        for _, run in pairs:
            self._memory.meets(run)
        self._in_runs = False
        for texts, tags in tags_of(b"".join(chain.from_iterable(pairs))):
            place = self._follow(texts, tags, place)
        self._in_runs = True
        return place

    def _new_run(self, run: bytes, place: Place) -> Place:
        """What a run of tags does that is not remembered; return where it leads."""
        if not self._too_deep:
            known = run_of(self._memory, place, run, begun=bool(self._pieces))
            if known is not None:
                place, breaks, ops = known
                if breaks:
                    self._flush(breaks)
                for one in ops:
                    self._do(*one)
                return place
        if is_raw(run):
            # What stands in such an element seldom comes again; the tags after it do.
            element, rest = first_of(run)
            self._element(start_of(element) if element[-1] == _END else element, element, place)
            run = rest.lstrip()
            return self._follow((rest[: len(rest) - len(run)],), (run,), place) if run else place
        self._new_runs += 1
        return self._follow_apart([(b"", run)], place)

    def _element(self, start: bytes, element: bytes | memoryview, place: Place) -> None:
        """An element whose content is no markup; nothing where the document ends in it."""
        _, breaks, ops = self._step(start, place)
        if element[-1] == _END:
            if breaks:
                self._flush(breaks)
            for op, told in ops:
                self._do(op, told, bytes(element), place)

    def _step(self, tag: bytes, place: Place) -> Step:
        """What a tag does at a place."""
        memory = self._memory
        found = memory.known.get(tag)
        met = found is not None
        if found is None:
            found = self._learned(tag, place)
        if self._too_deep:
            if found.act == CLOSE and self._too_deep.get(found.name) and is_open(place, found):
                # The end of an element that was not noted.
                self._too_deep[found.name] -= 1
                return place, NONE, ()
            return memory.step(place, found)
        return memory.step_again(place, found, tag) if met else memory.step(place, found)

    def _learned(self, tag: bytes, place: Place) -> Tag:
        """What a tag does that was not met before."""
        name = name_of(tag)
        if name == "a" and tag[1:2] != b"/" and tag.endswith(b">") and passes_links(place):
            return self._memory.passing
        found, address, too_many = self._memory.read(name, tag)
        if too_many:
            self.partial = self.partial or "a tag with over 1,000 attributes: the others were left out"
        if len(tag) <= _LONGEST_REMEMBERED:
            self._memory.keep(tag, found, address)
        return found

    def _do(self, op: int, told: Any, tag: bytes, place: Place) -> None:
        """What a tag asks for, at the place that it led to."""
        if op == steps.STRUCTURED:
            self.structured = True
        elif op == steps.LIST:
            self._list(*told)
        elif op == IMAGE:
            self._image(tag, place)
        elif op == steps.LINK:
            self._link(tag, *told)
        elif op == DATA:
            self._data(told, tag)
        elif op == HIDDEN_TEXT:
            self._hidden_text(tag, place)
        elif op == steps.SCOPE:
            self._scope(*told)
        elif op == steps.PAID:
            self.scopes[-1].sponsored = True
        elif op == steps.WRITERS:
            self.scopes[-1].writers = [name.strip() for name in plain(told).split(",") if name.strip()]
        elif op == BREAK:
            self._flush(told)
        elif op == BLANKS:
            if self._pieces:
                self._add(told, place.context)
        elif op == steps.TOO_DEEP:
            self.partial = self.partial or f"nested deeper than {MAX_DEPTH:,} elements: its order may be lost"
            self._too_deep[told] = self._too_deep.get(told, 0) + 1

    def _scope(self, lead: bool | None, paid: bool) -> None:
        """A story begins; a line that has begun is not of it."""
        if self._pieces and self._before is None:
            self._before = len(self.scopes) - 1
        self.scopes.append(Scope(lead=lead, sponsored=paid))

    def _list(self, ended: bool, lists: int, begun: str) -> None:
        counters = self._counters
        if ended:
            self._bullet = ""
            if lists:
                del counters[-lists:]
        if not begun:
            return
        if begun != "li":
            counters.append(0 if begun == "ol" else -1)
        elif counters and counters[-1] >= 0:
            counters[-1] += 1
            self._bullet = f"{counters[-1]}. "
        else:
            self._bullet = "• "

    def _link(self, tag: bytes, around: int, may_tell: bool) -> None:
        address = self._memory.addresses.get(tag)
        # Each link has an address of its own, so that two in a row are told apart.
        address = attributes_of(tag)[0].get("href", "") if address is None else (address + " ")[:-1]
        del self._addresses[around:]
        self._addresses.append(address)
        if may_tell and "/a-message-from" in address:
            self.scopes[-1].sponsored = True

    def _hidden_text(self, tag: bytes, place: Place) -> None:
        """The rest of a story, which a script holds as escaped HTML."""
        if self._scripts == _KEPT_SCRIPTS:
            return
        memory = self._memory
        inside, _, _ = memory.step(place, memory.script)
        self._scripts += 1
        # Most of what is escaped are tags: these are much quicker put back by themselves, to the same end.
        escaped = content_of(tag).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
        end = self._read(plain(escaped).encode("utf-8", "replace"), inside)
        self._scripts -= 1
        breaks, ops = steps.leave(end, place)
        self._flush(breaks)
        for op, told in ops:
            self._do(op, told, b"", place)

    def _picture(self, attributes: Mapping[str, str]) -> str:
        """Where a picture is; "" where the page holds it itself."""
        return next(
            (attributes[name] for name in ADDRESSES if attributes.get(name, "data:")[:5] != "data:"), ""
        )

    def _image(self, tag: bytes, place: Place) -> None:
        attributes, _ = attributes_of(tag)
        address = self._picture(attributes)
        alt = " ".join(attributes.get("alt", "").split())
        if any(piece.strip() for piece in self._pieces):
            if address:
                self._images.append(address)
            return
        if alt:
            # In a body and out of it, a description is a line of its own.
            self._flush(LINE)
            self._add(alt, self._memory.alt(place).context)
            if address:
                self._images.append(address)
            self._flush(PARAGRAPH)
        elif address:
            self._images.append(address)


ADDRESSES: Final = ("src", "data-runner-src", "data-src", "data-original", "data-lazy-src")
"""Attributes that say where a picture is."""
