"""Text fitted to the cells of one line: cut with … or padded."""

from __future__ import annotations

from reader.app.layout import clusters, width_of


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with … where it is cut."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    head = text[: width * 8]
    cut = head[: width - 1]
    if not head.isascii():
        cut, used = "", 0
        for cluster in clusters(head):
            used += width_of(cluster)
            if used > width - 1:
                break
            cut += cluster
    return cut.rstrip(" ,;:—–-") + "…"


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut or followed by spaces."""
    text = fit(text, width)
    return text + " " * (width - width_of(text))
