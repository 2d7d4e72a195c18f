"""A page's tags and texts -> its lines, as a text crawl would keep them, with what the markup says of each.

Blocks are lines; a paragraph or heading has an empty line around it, a `div` has none. Roles come from `html_marks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from reader.captures import html_marks as marks
from reader.captures.html_lines import Context, LineWriter, Scope
from reader.captures.html_marks import (
    BREAKS,
    CLOSED_BY,
    ENDS_PARAGRAPH,
    KEEPS_PARAGRAPH,
    LINE,
    NONE,
    PARAGRAPH,
    VOID,
    WORDS,
)
from reader.captures.html_tokens import RAW, attributes_of, content_of, name_of, plain, tokens

MAX_DEPTH: Final = 2_000
"""Elements that may stand in one another; what is deeper is read as if it stood there."""
MAX_TAGS: Final = 200_000
"""Tags of one page that are read: about two seconds."""
_REMEMBERED: Final = 20_000
_LONGEST_REMEMBERED: Final = 300
_NEARBY: Final = 64
"""How many open elements are looked through for one whose end is not written."""
_KEPT_SCRIPTS: Final = 3
"""How deep hidden text may stand in hidden text."""

OPEN, PLAIN, CLOSE, NOTHING, IMAGE, DATA, HIDDEN_TEXT = range(7)


class Tag(NamedTuple):
    """What a tag does, worked out once for all tags that are spelt alike."""

    act: int
    name: str
    breaks: int
    mark: marks.Mark | None = None
    href: str | None = None


_known: dict[bytes, Tag] = {}


class PageText(LineWriter):
    """Reads a page; `lines`, `scopes` and `partial` are what came of it."""

    def __init__(self, data: Callable[[str, bytes], None]) -> None:
        """`data(name, tag)` is told of each `meta`, `link`, `base` and `script` with page data."""
        super().__init__()
        self.partial: str | None = None
        self.structured = False
        """Whether it is a RebelMouse page."""
        self._data = data
        self._stack: list[tuple[str, int, Context]] = []
        self._counts: dict[str, int] = {}
        self._too_deep: dict[str, int] = {}
        self._floor = 0
        self._left = MAX_TAGS
        self._scripts = 0
        self._counters: list[int] = []

    def feed(self, html: bytes) -> None:
        """Read a document, or a part of one; UnicodeDecodeError if it is no UTF-8."""
        known, pieces, counts, stack = _known, self._pieces, self._counts, self._stack
        for parts in tokens(html):
            count = len(parts) // 2
            if count > self._left:
                self.partial = f"more than {MAX_TAGS:,} tags: the rest was left out"
                count = self._left
            self._left -= count
            for text, tag in zip(parts[: 2 * count : 2], parts[1 : 2 * count : 2], strict=True):
                if text and (pieces or not text.isspace()) and not self._context.hidden:
                    self._add(text.decode())
                found = known.get(tag) or self._learn(tag)
                act, name, breaks, mark, href = found
                if act == CLOSE:
                    if not counts.get(name):
                        pass
                    elif stack[-1][0] == name and len(stack) > self._floor and not self._too_deep:
                        self._pop(len(stack) - 1)
                        continue
                    else:
                        self._close(name)
                        continue
                elif act == OPEN:
                    self._open(name, breaks, mark, href)
                    continue
                elif act == PLAIN:
                    if breaks and counts.get("p") and name in ENDS_PARAGRAPH:
                        self._close_implied(_PARAGRAPHS, KEEPS_PARAGRAPH)
                    if counts.get(name):
                        # Only what tells the ends of two elements of one name apart is kept.
                        self._push(name, breaks)
                elif act == IMAGE:
                    self._image(tag)
                elif act == DATA:
                    self._data(name, tag)
                elif act == HIDDEN_TEXT:
                    self._hidden_text(tag)
                if breaks:
                    if pieces:
                        self._flush(breaks)
                    elif breaks > self._gap:
                        self._gap = breaks
            if count * 2 < len(parts) - 1:
                return
            text = parts[-1]
            if text and (pieces or not text.isspace()) and not self._context.hidden:
                self._add(text.decode())

    def end(self) -> None:
        """The document ends here."""
        self._flush(PARAGRAPH)

    def _learn(self, tag: bytes) -> Tag:
        """What a tag does."""
        name = name_of(tag)
        found = self._tag(name, tag)
        if len(tag) <= _LONGEST_REMEMBERED and found.href is None and found is not _PASSING_LINK:
            if len(_known) > _REMEMBERED:
                _known.clear()
            _known[tag] = found
        return found

    def _tag(self, name: str, tag: bytes) -> Tag:
        if not name or not tag.endswith(b">"):
            return Tag(NOTHING, name, NONE)
        breaks = BREAKS.get(name, NONE)
        if tag[1:2] == b"/":
            if name == "br":
                return Tag(NOTHING, name, LINE)
            return Tag(NOTHING if name in ("html", "body") else CLOSE, name, breaks)
        if name in RAW:
            return self._raw(name, tag)
        if name in ("meta", "link", "base"):
            return Tag(DATA, name, NONE)
        if name in ("html", "body", "head"):
            return Tag(NOTHING, name, NONE)
        if name == "img":
            return Tag(IMAGE, name, NONE)
        if name in ("svg", "math") and tag.endswith(b"/>"):
            return Tag(NOTHING, name, NONE)
        if name in VOID:
            return Tag(NOTHING, name, LINE if name == "br" else PARAGRAPH if name == "hr" else NONE)
        if name == "a" and (self._context.hidden or self._context.role == "furniture"):
            return _PASSING_LINK
        attributes, too_many = attributes_of(tag)
        if too_many:
            self.partial = self.partial or "a tag with over 1,000 attributes: the others were left out"
        mark = marks.mark_of(name, attributes)
        if mark is None and name not in _STRUCTURE:
            return Tag(PLAIN, name, breaks)
        if mark and mark.strong and breaks == NONE:
            breaks = LINE
        return Tag(OPEN, name, breaks, mark, attributes.get("href", "") if name == "a" else None)

    def _raw(self, name: str, tag: bytes) -> Tag:
        if name == "script":
            start = tag[: tag.find(b">") + 1]
            kind = attributes_of(start)[0].get("type", "").strip().lower() if b"type" in start.lower() else ""
            if kind == "keep-reading-content":
                return Tag(HIDDEN_TEXT, name, LINE)
            if kind.startswith("application/ld+json"):
                return Tag(DATA, name, NONE)
        return Tag(NOTHING, name, NONE)

    def _open(self, name: str, breaks: int, mark: marks.Mark | None, href: str | None) -> None:
        if name in CLOSED_BY:
            self._close_implied(*CLOSED_BY[name])
        if breaks:
            if self._counts.get("p") and name in ENDS_PARAGRAPH:
                self._close_implied(_PARAGRAPHS, KEEPS_PARAGRAPH)
            self._flush(breaks)
        if not self._push(name, breaks):
            return
        context = self._context
        if mark is not None:
            context = self._marked(mark, name, context)
        if href is not None:
            context = context._replace(href=href)
            if context.scope >= 0 and context.role == "headline" and "/a-message-from" in href:
                self.scopes[context.scope].sponsored = True
        if name in _LISTS:
            self._list(name, context)
        elif name == "pre":
            context = context._replace(pre=True)
        self._context = context

    def _push(self, name: str, breaks: int) -> bool:
        """Note an open element; False if it stands too deep to be noted."""
        stack = self._stack
        if len(stack) >= MAX_DEPTH:
            self.partial = self.partial or f"nested deeper than {MAX_DEPTH:,} elements: its order may be lost"
            self._too_deep[name] = self._too_deep.get(name, 0) + 1
            return False
        stack.append((name, breaks, self._context))
        self._counts[name] = self._counts.get(name, 0) + 1
        return True

    def _list(self, name: str, context: Context) -> None:
        if name != "li":
            self._counters.append(0 if name == "ol" else -1)
        elif not (context.strong and context.role == "furniture"):
            counter = self._counters[-1] if self._counters else -1
            if counter >= 0:
                counter = self._counters[-1] = counter + 1
            self._bullet = f"{counter}. " if counter >= 0 else "• "

    def _marked(self, mark: marks.Mark, name: str, context: Context) -> Context:
        """What holds inside an element with this mark."""
        kind = mark.kind
        if kind == marks.ROLE:
            if context.body and not mark.strong:
                role = marks.body_role(name)
                return context._replace(role=role) if role else context
            if (context.strong and not mark.strong) or (name == "footer" and context.scope >= 0):
                return context
            return context._replace(role=mark.role, strong=mark.strong)
        if kind == marks.INLINE:
            return context if context.strong else context._replace(inline=mark)
        if kind == marks.BODY:
            self.structured = True
            return context._replace(role="body", strong=False, body=True)
        if kind == marks.REST:
            return context._replace(role="body", strong=False, body=True, rest=True)
        if kind == marks.TEMPLATE:
            return context if context.rest else context._replace(hidden=True)
        if kind == marks.DROP:
            return context._replace(hidden=True)
        if kind in (marks.LEAD, marks.STREAM):
            self.structured = True
            return context._replace(lead=kind == marks.LEAD)
        if kind == marks.SCOPE and context.scope < 0:
            self.scopes.append(Scope(lead=context.lead, sponsored=mark.role == "sponsored"))
            return context._replace(scope=len(self.scopes) - 1)
        if context.scope >= 0:
            scope = self.scopes[context.scope]
            if kind == marks.BADGE or mark.role == "sponsored":
                scope.sponsored = True
            elif kind == marks.WRITERS:
                scope.writers = [name.strip() for name in plain(mark.value).split(",") if name.strip()]
        return context

    def _close_implied(self, names: frozenset[str], until: frozenset[str]) -> None:
        """Close the innermost of `names`, unless one of `until` is around what is open now."""
        stack = self._stack
        for i in range(len(stack) - 1, max(self._floor, len(stack) - _NEARBY) - 1, -1):
            name = stack[i][0]
            if name in names:
                self._pop(i)
                return
            if name in until:
                return

    def _close(self, name: str) -> None:
        """Close an element that is open, but not innermost."""
        if self._too_deep.get(name):
            self._too_deep[name] -= 1
            return
        stack = self._stack
        for i in range(len(stack) - 1, self._floor - 1, -1):
            if stack[i][0] == name:
                self._pop(i)
                return
            if name in WORDS and stack[i][1]:
                return  # Words are marked across blocks: </b> closes no paragraph.

    def _pop(self, depth: int) -> None:
        """Close the elements from this depth on."""
        stack, counts = self._stack, self._counts
        while len(stack) > depth:
            name, breaks, context = stack.pop()
            counts[name] -= 1
            if breaks:
                if self._pieces:
                    self._flush(breaks)
                elif breaks > self._gap:
                    self._gap = breaks
                if name in _LISTS:
                    self._bullet = ""
                    if name != "li":
                        self._counters.pop()
            self._context = context

    def _hidden_text(self, tag: bytes) -> None:
        """The rest of a story, which a script holds as escaped HTML."""
        if self._context.hidden or self._scripts == _KEPT_SCRIPTS:
            return
        self._flush(LINE)
        floor, context, depth = self._floor, self._context, len(self._stack)
        self._context = context._replace(role="body", strong=False, body=True, rest=True)
        self._stack.append(("#script", LINE, context))
        self._counts["#script"] = self._counts.get("#script", 0) + 1
        self._floor = depth + 1
        self._scripts += 1
        self.feed(plain(content_of(tag)).encode("utf-8", "replace"))
        self._scripts -= 1
        self._floor = floor
        self._pop(depth)

    def _picture(self, attributes: Mapping[str, str]) -> str:
        """Where a picture is; "" where the page holds it itself."""
        return next(
            (attributes[name] for name in ADDRESSES if attributes.get(name, "data:")[:5] != "data:"), ""
        )

    def _image(self, tag: bytes) -> None:
        context = self._context
        if context.hidden or context.role in _WITHOUT_PICTURES:
            return
        attributes, _ = attributes_of(tag)
        address = self._picture(attributes)
        alt = " ".join(attributes.get("alt", "").split())
        if any(piece.strip() for piece in self._pieces):
            if address:
                self._images.append(address)
            return
        if alt:
            # In a body and out of it, a description is a line of its own.
            before, self._context = self._context, context._replace(role="alt", inline=None, href=None)
            self._flush(LINE)
            self._add(alt)
            if address:
                self._images.append(address)
            self._flush(PARAGRAPH)
            self._context = before
        elif address:
            self._images.append(address)


_PARAGRAPHS: Final = frozenset(["p"])
_LISTS: Final = frozenset("ul ol menu dir li".split())
_STRUCTURE: Final = _LISTS | CLOSED_BY.keys() | KEEPS_PARAGRAPH | frozenset("pre dl select object".split())
"""Elements that are noted though they say nothing of their text."""
_PASSING_LINK: Final = Tag(PLAIN, "a", NONE)
"""A link where nobody follows it: in navigation."""
_WITHOUT_PICTURES: Final = frozenset("furniture aside author bio".split())
ADDRESSES: Final = ("src", "data-runner-src", "data-src", "data-original", "data-lazy-src")
"""Attributes that say where a picture is."""
