"""Bars of block characters. The command `stats` draws them too, and so this file does without Textual."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Final

from reader.library.overview import Shares

_CHARACTERS: Final = "█▓▒░"
"""They fill the cells of each part, in the order of `Shares`, so that it also shows without colours."""


def bar(shares: Shares, scale: int, room: int) -> list[tuple[str, str]]:
    """Draw a bar on a scale on which `scale` articles fill `room` cells, as pairs of a part's name and its cells.

    A total above 0 has at least one cell.
    """
    if room <= 0 or not any(shares):
        return []
    totals = list(accumulate(shares))
    ends = [round(room * total / scale) for total in totals]
    if not ends[-1]:
        ends = [min(total, 1) for total in totals]
    return [
        (part, character * (end - start))
        for part, character, (start, end) in zip(
            Shares._fields, _CHARACTERS, pairwise([0, *ends]), strict=True
        )
        if end > start
    ]
