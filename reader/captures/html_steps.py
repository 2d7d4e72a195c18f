"""What a tag does where it stands, worked out once for each place and then looked up.

The elements around a place, what they say of text, and what a tag changes of both repeat from page to page, so places
are the states of a lazily built automaton, as in the parser's decoder. What differs from page to page (addresses, how
many stories there were, numbers of list items) is no part of a place: steps only name what is to be done with it.
"""

from __future__ import annotations

from typing import Final

from reader.captures import html_marks as marks
from reader.captures.html_marks import (
    CLOSED_BY,
    ENDS_PARAGRAPH,
    KEEPS_PARAGRAPH,
    NONE,
    WORDS,
)
from reader.captures.html_places import Context, Ops, Place, Step, is_open, left, passes_links
from reader.captures.html_tags import (
    CLOSE,
    HIDDEN_TEXT,
    IMAGE,
    LISTS,
    NOTHING,
    OPEN,
    PLAIN,
    SCRIPT,
    Tag,
    Tags,
)

MAX_DEPTH: Final = 2_000
"""Elements that may stand in one another; what is deeper is read as if it stood there."""
_NEARBY: Final = 64
"""How many open elements are looked through for one whose end is not written."""
LIST, STRUCTURED, SCOPE, PAID, WRITERS, LINK, TOO_DEEP = range(10, 17)
"""What steps ask for, besides what tags do: (whether lists or items end, how many of those are lists, the name of the
list or item that begins); the page is structured; a story begins (of the page's own, paid for); the story is paid for;
its authors; an address (how many are around it, whether it may tell that the story is paid for); an element is not
noted (name)."""


class Memory(Tags):
    """All that is remembered of tags and places."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Place(None, "", NONE, Context(), 0)
        self._contexts: dict[Context, Context] = {}

    def step(self, place: Place, tag: Tag) -> Step:
        """What a tag does at a place."""
        return place.steps.get(tag) or self._step(place, tag)

    def step_again(self, place: Place, tag: Tag, spelling: bytes) -> Step:
        """The same for a tag whose spelling was met before."""
        step = self.step(place, tag)
        if not self.full:
            self.kept += 2
            to, breaks, ops = step
            place.fresh[spelling] = place.begun[spelling] = (
                to,
                breaks,
                tuple([(op, told, spelling, to) for op, told in ops]),
            )
        return step

    def _step(self, place: Place, tag: Tag) -> Step:
        if tag.act == CLOSE:
            step = _closed(place, tag)
        elif tag.act == OPEN and not (tag.name == "a" and passes_links(place)):
            step = self._opened(place, tag)
        elif tag.act in (OPEN, PLAIN):
            step = self._noted(place, tag if tag.act == PLAIN else self.passing)
        elif tag.act == SCRIPT:
            inside = place.context._replace(role="body", strong=False, body=True, rest=True)
            step = self._place(place, tag, self._context(inside)), NONE, ()
        else:
            context = place.context
            unused = tag.act == NOTHING or (
                context.hidden if tag.act == HIDDEN_TEXT else tag.act == IMAGE and _without_pictures(context)
            )
            step = place, tag.breaks, () if unused else ((tag.act, tag.name),)
        if not self.full:
            self.kept += 1
            place.steps[tag] = step
        return step

    def alt(self, place: Place) -> Place:
        """The place of a picture's description, which says what it is."""
        if place.alt is None:
            context = place.context._replace(role="alt", inline=None, links=0)
            place.alt = Place(place, "", NONE, self._context(context), 0)
        return place.alt

    def _context(self, context: Context) -> Context:
        return context if self.full else self._contexts.setdefault(context, context)

    def _place(self, above: Place, tag: Tag, context: Context) -> Place:
        """The place of an element, whatever stood before it."""
        found = above.inside.get(tag)
        if found is None:
            found = Place(above, tag.name, tag.breaks, context, tag.bit)
            if not self.full:
                above.inside[tag] = found
        return found

    def _noted(self, place: Place, tag: Tag) -> Step:
        """What the start of an element does that says nothing of its text."""
        breaks, lists, counted = tag.breaks, False, 0
        if breaks and tag.name in ENDS_PARAGRAPH:
            place, closed, lists, counted = left(place, _implied(place, _PARAGRAPHS, KEEPS_PARAGRAPH))
            breaks = max(breaks, closed)
        ops: Ops = ((LIST, (True, counted, "")),) if lists else ()
        # Only what tells the ends of two elements of one name apart is kept.
        if is_open(place, tag):
            if place.depth >= MAX_DEPTH:
                return place, breaks, (*ops, (TOO_DEEP, tag.name))
            place = self._place(place, tag, place.context)
        return place, breaks, ops

    def _opened(self, place: Place, tag: Tag) -> Step:
        name, breaks, mark = tag.name, tag.breaks, tag.mark
        lists, counted = False, 0
        if name in CLOSED_BY:
            place, breaks, lists, counted = left(place, _implied(place, *CLOSED_BY[name]))
            breaks = max(breaks, tag.breaks)
        if tag.breaks and name in ENDS_PARAGRAPH:
            place, closed, more, others = left(place, _implied(place, _PARAGRAPHS, KEEPS_PARAGRAPH))
            breaks, lists, counted = max(breaks, closed), lists or more, counted + others
        if place.depth >= MAX_DEPTH:
            ops: Ops = ((LIST, (True, counted, "")),) if lists else ()
            return place, breaks, (*ops, (TOO_DEEP, name))
        context = place.context
        ops = ()
        if mark is not None:
            context, ops = _marked(mark, name, context)
        if name == "a":
            context = context._replace(links=context.links + 1)
            ops = (*ops, (LINK, (context.links - 1, context.scoped and context.role == "headline")))
        begun = ""
        if name in LISTS:
            begun = "" if name == "li" and context.strong and context.role == "furniture" else name
        elif name == "pre":
            context = context._replace(pre=True)
        if lists or begun:
            ops = ((LIST, (lists, counted, begun)), *ops)
        return self._place(place, tag, self._context(context)), breaks, ops


_memory = Memory()


def memory() -> Memory:
    """What is remembered: shared by all pages, and begun anew between two when it is full."""
    global _memory
    if _memory.full:
        _memory = Memory()
    return _memory


def leave(place: Place, until: Place) -> tuple[int, Ops]:
    """What it does to leave all elements below `until`."""
    _, breaks, lists, counted = left(place, until)
    return breaks, ((LIST, (True, counted, "")),) if lists else ()


def _implied(place: Place, names: frozenset[str], until: frozenset[str]) -> Place:
    """Where it leads to close the innermost of `names`, unless one of `until` is around what is open now."""
    at, last = place, max(place.floor, place.depth - _NEARBY)
    while at.depth > last and at.above is not None:
        if at.name in names:
            return at.above
        if at.name in until:
            return place
        at = at.above
    return place


def _closed(place: Place, tag: Tag) -> Step:
    """What an end tag does."""
    if not is_open(place, tag):
        return place, tag.breaks, ()
    at, name = place, tag.name
    while at.depth > place.floor and at.above is not None:
        if at.name == name:
            _, breaks, lists, counted = left(place, at.above)
            return at.above, breaks, ((LIST, (True, counted, "")),) if lists else ()
        if name in WORDS and at.breaks:
            break  # Words are marked across blocks: </b> closes no paragraph.
        at = at.above
    return place, NONE, ()


def _marked(mark: marks.Mark, name: str, context: Context) -> tuple[Context, Ops]:
    """What holds inside an element with this mark, and what is to be done."""
    kind = mark.kind
    if kind == marks.ROLE:
        if context.body and not mark.strong:
            role = marks.body_role(name)
            return (context._replace(role=role) if role else context), ()
        if (context.strong and not mark.strong) or (name == "footer" and context.scoped):
            return context, ()
        return context._replace(role=mark.role, strong=mark.strong), ()
    if kind == marks.INLINE:
        return (context if context.strong else context._replace(inline=mark)), ()
    if kind == marks.BODY:
        return context._replace(role="body", strong=False, body=True), ((STRUCTURED, None),)
    if kind == marks.REST:
        return context._replace(role="body", strong=False, body=True, rest=True), ()
    if kind == marks.TEMPLATE:
        return (context if context.rest else context._replace(hidden=True)), ()
    if kind == marks.DROP:
        return context._replace(hidden=True), ()
    if kind in (marks.LEAD, marks.STREAM):
        return context._replace(lead=kind == marks.LEAD), ((STRUCTURED, None),)
    paid = mark.role == "sponsored"
    if kind == marks.SCOPE and not context.scoped:
        return context._replace(scoped=True), ((SCOPE, (context.lead, paid)),)
    if context.scoped:
        if kind == marks.BADGE or paid:
            return context, ((PAID, None),)
        if kind == marks.WRITERS:
            return context, ((WRITERS, mark.value),)
    return context, ()


def _without_pictures(context: Context) -> bool:
    return context.hidden or context.role in _WITHOUT_PICTURES


_PARAGRAPHS: Final = frozenset(["p"])
_WITHOUT_PICTURES: Final = frozenset("furniture aside author bio".split())
