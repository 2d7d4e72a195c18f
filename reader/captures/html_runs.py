"""What tags that follow one another do together, worked out once for each place and then looked up.

Between two texts of a page stand three tags in the mean, and a page that is captured again has the same. What they do
one after the other is put together here: only where a line ends, or where a picture or hidden text may add lines, does
order matter.
"""

from __future__ import annotations

from typing import Any, Final

from reader.captures.html_marks import NONE
from reader.captures.html_places import Place, Run, passes_links
from reader.captures.html_steps import TOO_DEEP, Memory
from reader.captures.html_tags import HIDDEN_TEXT, IMAGE, Tag
from reader.captures.html_tokens import is_raw, name_of, start_of, tags_of

BREAK, BLANKS = 20, 21
"""What runs ask for, besides what steps do: an end of the line (how it parts text), blanks that may be text (they)."""
_LONGEST: Final = 1_000
"""Runs of more bytes are gone through tag by tag."""


def run_of(memory: Memory, place: Place, run: bytes, *, begun: bool) -> Run | None:
    """What tags do at a place where a line has `begun`, or none has; None while that is not remembered."""
    if len(run) > _LONGEST or memory.full or not memory.meets(run):
        return None
    found = _worked_out(memory, place, run, begun=begun)
    if found is not None:
        memory.kept += 2 + len(run) // 200 + len(found[2]) // 2
        (place.begun if begun else place.fresh)[run] = found
    return found


def _worked_out(memory: Memory, at: Place, run: bytes, *, begun: bool) -> Run | None:
    breaks, late = NONE, False
    ops: list[tuple[int, Any, bytes, Place]] = []
    pairs = [pair for texts, tags in tags_of(run) for pair in zip(texts, tags, strict=False)]
    for blanks, spelling in pairs:
        if begun and blanks and not at.hidden:
            ops.append((BLANKS, blanks.decode(), b"", at))
        tag = _known(memory, at, spelling)
        if tag is None:
            return None
        at, parts, asked = memory.step(at, tag)
        if parts:
            if begun:
                # Blanks that a line ends in are nothing.
                ops = [op for op in ops if op[0] != BLANKS or not op[3].plain]
                begun, late = False, bool(ops)
            if late:
                ops.append((BREAK, parts, b"", at))
            else:
                breaks = max(breaks, parts)
        for op, told in asked:
            if op == TOO_DEEP:
                return None
            ops.append((op, told, spelling, at))
            late = late or op in (IMAGE, HIDDEN_TEXT)
    return at, breaks, tuple(ops)


def _known(memory: Memory, place: Place, spelling: bytes) -> Tag | None:
    """What a tag does that was met before."""
    if (tag := memory.known.get(spelling)) is not None or not spelling.endswith(b">"):
        return tag
    if is_raw(spelling):
        return memory.known.get(start_of(spelling))
    opens_link = spelling[1] != ord("/") and name_of(spelling) == "a"
    return memory.passing if opens_link and passes_links(place) else None
