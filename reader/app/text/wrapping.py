"""Wraps text to a width in terminal cells, or cuts it to one line. Pure functions.

A wrapped line is a span of the text. The spans are adjacent, so each character is on exactly one line at every width.
Trailing spaces of a span are not drawn.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from rich.cells import cell_len

Span = tuple[int, int]
"""Offsets of the first character and after the last one."""
Line = tuple[int, int, bool]
"""A span, and True if it ends within a word, so that a hyphen is drawn."""

Hyphenate = Callable[[str], Sequence[int]]
"""Finds where a word of letters may be broken: offsets of letters that may begin a line."""

NARROWEST = 2
"""The minimum width in cells: one wide character must fit."""
_LEAD = 3
"""A passage that is cut at its start keeps a third of the line for the text before the match."""
PIECE = 16_384
"""Longer texts, in characters, are wrapped in pieces."""

# Characters of one cell, with no break opportunity but spaces and dashes; most captures have no others.
_NARROW = "[ -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0558\u2010-\u2027\u2030-\u205e\u2070-\u20cf]"
_is_narrow = re.compile(f"{_NARROW}*+").fullmatch

_WIDE_FROM = "\u1100"
_JOINER = "\u200d"
_NO_LINE_START = frozenset(
    "、。，．：；？！）」』】〉》〕｝］”’…‥ー～・々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ%°℃"
)
_DASHES = "-\u2010\u2013\u2014"
_NO_LINE_END = frozenset("（「『【〈《〔｛［“‘")
_MIN_GAIN = 5
"""A word is broken only if its line would otherwise have this many empty cells."""
_MAX_HYPHENS = 2
"""How many successive lines may end with a hyphen."""
# A word with its punctuation; not a part of an address, a hyphenated compound or a name with digits.
_WORD = r"[\"'(\[“‘«¿¡]*([^\W\d_]{5,})(?:[’'][^\W\d_]{1,2})?[\"')\]”’».,;:!?…%]*(?=[ —–])"


def wrap(text: str, width: int) -> list[Span]:
    """Wrap a one-line `text` to `width` cells; at least one line.

    Lines break at spaces, after a dash within a word and between ideographs, otherwise between any characters.
    Combining marks, joined emoji and flags are never cut.
    """
    return [(start, end) for start, end, _ in lines_of(text, width)]


def lines_of(text: str, width: int, *, indent: int = 0, hyphenate: Hyphenate | None = None) -> list[Line]:
    """Wrap like `wrap`, with the first line shorter by `indent` cells and words broken by `hyphenate`.

    A line with a hyphen has room for it. The last word of a text is never broken.
    """
    width = max(width, NARROWEST)
    room = max(width - indent, NARROWEST)
    if not _is_narrow(text):
        return _wrap_clusters(text, room, width, hyphenate)
    lines: list[Line] = []
    start = 0
    while len(text) - start > room and (match := _line_pattern(room).match(text, start)) is not None:
        if (end := match.end()) == len(text):
            break
        broken = 0 if hyphenate is None else _break(text, start, end, room, hyphenate, lines)
        lines.append((start, broken or end, broken > 0))
        start, room = broken or end, width
    return [*lines, (start, len(text), False)]


def drawn(text: str, span: Span) -> str:
    """The text of a line as it is drawn, without trailing spaces."""
    return text[span[0] : span[1]].rstrip(" ")


def width_of(text: str) -> int:
    """How many cells `text` takes."""
    return len(text) if _is_narrow(text) else cell_len(text)


def is_wide(text: str) -> bool:
    """Does `text` have wide characters, such as ideographs and emoji?"""
    return not _is_narrow(text) and any(map(_is_ideographic, text))


def pieces(text: str, size: int = PIECE) -> list[Span]:
    """Cut `text` into spans of at most `size` characters, after words if possible."""
    spans: list[Span] = []
    start = 0
    while len(text) - start > size:
        end = text.rfind(" ", start + size // 2, start + size) + 1 or start + size
        spans.append((start, end))
        start = end
    return [*spans, (start, len(text))]


def clusters(text: str) -> list[str]:
    """Split `text` into visible characters: a base with its marks, a joined emoji, a flag."""
    result: list[str] = []
    joined = begins_flag = False
    for char in text:
        is_flag = "\U0001f1e6" <= char <= "\U0001f1ff"
        begins_flag = is_flag and not begins_flag
        is_mark = char == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff" or not cell_len(char)
        if result and (joined or (not begins_flag if is_flag else is_mark)):
            result[-1] += char
        else:
            result.append(char)
        joined = char == _JOINER
    return result


def fit(text: str, width: int) -> str:
    """Cut `text` to at most `width` cells, with … at the cut."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    head = text[: width * 8]
    cut = head[: width - 1] if head.isascii() else "".join(_fitting(clusters(head), width - 1))
    return cut.rstrip(" ,;:—–-…") + "…"


def _fitting(characters: Sequence[str], width: int) -> Sequence[str]:
    """As many of these visible characters as fit in `width` cells."""
    return characters[: bisect_right(list(accumulate(map(width_of, characters))), width)]


def pad(text: str, width: int) -> str:
    """Cut `text` to exactly `width` cells, or pad it with spaces."""
    text = fit(text, width)
    return text + " " * (width - width_of(text))


def fit_path(path: str, width: int) -> str:
    """Cut `path` to at most `width` cells from its start, at a folder where one fits.

    A file name that is too long by itself is cut at its end, as in `fit`.
    """
    if width_of(path) <= width:
        return path
    name = path[path.rfind("/") + 1 :]
    if width_of(name) + 2 > width:
        return fit(name, width)
    kept = "".join(reversed(_fitting(clusters(path[-width * 8 :])[::-1], width - 1)))
    folder = kept.find("/")
    return "…" + (kept[folder:] if 0 <= folder < len(kept) // 2 else kept)


def pad_path(path: str, width: int) -> str:
    """Cut `path` as `fit_path` does, to exactly `width` cells."""
    return pad(fit_path(path, width), width)


def around(text: str, marks: Sequence[Span], width: int) -> tuple[str, list[Span]]:
    """Cut `text` to `width` cells around its first mark; return it with the marks moved along."""
    if width_of(text) <= width or not marks:
        return fit(text, width), list(marks)
    first, last = marks[0]
    start = 0
    if width_of(text[:last]) > width * 2 // _LEAD:
        before = max(0, min(width // _LEAD, width - 2 - width_of(text[first:last])))
        start = first - (before // 2 if is_wide(text) else min(first, before))
        start = text.find(" ", start, first) + 1 or start
    lead = "…" if start else ""
    cut = fit(lead + text[start:], width)
    shift = len(lead) - start
    end = len(cut) - (cut[-1:] == "…")
    return cut, [(a + shift, min(b + shift, end)) for a, b in marks if a >= start and a + shift < end]


def marked(text: str, marks: Sequence[Span], plain: str, match: str) -> Iterator[tuple[str, str]]:
    """Split `text` into pieces of style `plain` and, where it is marked, of style `match`."""
    done = 0
    for start, end in marks:
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        if start > done:
            yield plain, text[done:start]
        yield match, text[start:end]
        done = end
    if done < len(text):
        yield plain, text[done:]


@lru_cache(maxsize=64)
def _line_pattern(width: int) -> re.Pattern[str]:
    # The longest run that ends before a space, at the end or after a dash within a word; else a full line.
    return re.compile(
        rf".{{1,{width}}}(?:(?=[ ])|\Z|(?<=[ ])|(?<=\w[{_DASHES}])(?=\w))[ ]*|.{{1,{width}}}", re.DOTALL
    )


def _break(text: str, start: int, end: int, width: int, hyphenate: Hyphenate, before: Sequence[Line]) -> int:
    """Where to break the word at `end` so that its start fits on the line from `start`; 0 for no break."""
    if width - width_of(drawn(text, (start, end))) < _MIN_GAIN or text[end - 1] not in " —–":
        return 0
    if len(before) >= _MAX_HYPHENS and all(hyphen for _, _, hyphen in before[-_MAX_HYPHENS:]):
        return 0
    word = re.compile(_WORD).match(text, end)
    if word is None or not text[word.end() :].strip(" "):
        return 0
    first = word.start(1)
    points = (first + point for point in reversed(hyphenate(word[1])))
    return next((point for point in points if width_of(text[start:point]) < width), 0)


def _wrap_clusters(text: str, first: int, width: int, hyphenate: Hyphenate | None) -> list[Line]:
    """Wrap visible character by visible character to `width` cells, the first line to `first`."""
    lines: list[Line] = []
    room = first
    start = offset = used = 0
    # The last place where the line may end, and the cells used before it.
    end = end_used = 0
    earlier = before = ""
    for cluster in clusters(text):
        cells = cell_len(cluster)
        if before and _may_break(earlier, before, cluster):
            end, end_used = offset, used
        while used + cells > room and cluster != " " and offset > start:
            broken = 0
            if end <= start:
                end, end_used = offset, used
            elif hyphenate is not None and (broken := _break(text, start, end, room, hyphenate, lines)):
                end, end_used = broken, width_of(text[start:broken])
            lines.append((start, end, broken > 0))
            start, room = end, width
            used, end_used = used - end_used, 0
        used += cells
        offset += len(cluster)
        earlier, before = before, cluster
    lines.append((start, len(text), False))
    return lines


def _may_break(earlier: str, before: str, after: str) -> bool:
    """May a line end between the characters `before` and `after`, which follow `earlier`?"""
    if before == " " or after == " ":
        return before == " " and after != " "
    if before in _DASHES:
        return earlier[:1].isalnum() and after[0].isalnum()
    return (
        (_is_ideographic(before) or _is_ideographic(after))
        and after not in _NO_LINE_START
        and before not in _NO_LINE_END
    )


def _is_ideographic(cluster: str) -> bool:
    return cluster[0] >= _WIDE_FROM and cell_len(cluster[0]) == 2
