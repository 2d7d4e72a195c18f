"""Text by the cells it takes on a terminal: measured, cut and padded."""

from __future__ import annotations

from rich.cells import cell_len

_NARROW = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x300), *range(0x2010, 0x2028))))


def width_of(text: str) -> int:
    """How many cells `text` takes."""
    return len(text) if _NARROW.issuperset(text) else cell_len(text)


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with … where it is cut."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    cut = text[: width - 1]
    while cut and width_of(cut) > width - 1:
        cut = cut[:-1]
    return cut.rstrip(" ,;:—–-\u200d") + "…"


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut or followed by spaces."""
    text = fit(text, width)
    return text + " " * (width - width_of(text))


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces where there are some."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        while width_of(word) > width:
            room = width - width_of(line) - bool(line)
            if room < 2:
                lines.append(line)
                line, room = "", width
            head = fit(word, room).removesuffix("…") or word[0]
            lines.append(f"{line} {head}" if line else head)
            line, word = "", word[len(head) :]
        if line and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
