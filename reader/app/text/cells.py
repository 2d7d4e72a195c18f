"""Text fitted to the cells of one line: cut with … or padded."""

from __future__ import annotations

from reader.app.text.wrapping import clusters, width_of


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


def fit_path(path: str, width: int) -> str:
    """The end of `path` in at most `width` cells, which says more than its start: whole folders where some fit.

    Of a file's name that does not fit itself it is the start, as in `fit`: the ends of names are alike.
    """
    if width_of(path) <= width:
        return path
    name = path[path.rfind("/") + 1 :]
    if width_of(name) + 2 > width:
        return fit(name, width)
    kept, used = "", 0
    for cluster in reversed(clusters(path[-width * 8 :])):
        used += width_of(cluster)
        if used > width - 1:
            break
        kept = cluster + kept
    folder = kept.find("/")
    return "…" + (kept[folder:] if 0 <= folder < len(kept) // 2 else kept)


def pad_path(path: str, width: int) -> str:
    """The end of `path` in exactly `width` cells."""
    path = fit_path(path, width)
    return path + " " * (width - width_of(path))
