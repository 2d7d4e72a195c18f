"""Letters by which a link in sight is chosen, and what the footer says meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from reader.app.browser import host_first
from reader.app.keys import key_for
from reader.app.text.cells import fit
from reader.app.text.wrapping import width_of
from reader.app.widgets.bar_texts import Piece

LETTERS = "fjdkslaghrueiwotpvmcbnxz"
"""Those that are nearest to resting fingers first; y and q mean something else."""
SINGLE = 20
"""The most links that have one letter each."""
COPY = "y"
_HOME = LETTERS[:9]
_SHORTEST = 12
"""The fewest cells in which an address says something."""


def labels(count: int) -> list[str]:
    """So many different labels, all of the same length, so that none is the start of another."""
    if count <= SINGLE:
        return list(LETTERS[:count])
    length = 2
    while len(LETTERS) ** length < count:
        length += 1
    letters = _HOME if count <= len(_HOME) ** length else LETTERS
    return ["".join(label) for label, _ in zip(product(letters, repeat=length), range(count), strict=False)]


class Following(NamedTuple):
    """Links that wait for letters."""

    targets: Sequence[tuple[str, str]]
    """Label and address of each link."""
    typed: str = ""
    copies: bool = False
    """Whether the address is copied, not opened."""

    @property
    def left(self) -> list[tuple[str, str]]:
        """Those that what was typed can still mean."""
        return [target for target in self.targets if target[0].startswith(self.typed)]


def following_pieces(following: Following, width: int) -> list[Piece]:
    """The footer: what the letters do, and where as many links lead as there is room for."""
    left = following.left
    ends = [(key_for("panes.back"), "leave")]
    if not following.copies and not following.typed:
        # Where there is little room, that Esc leaves goes without saying.
        ends = [(COPY, "copy instead"), *ends] if width >= 60 else [(COPY, "copy")]
    tail = [piece for key, word in ends for piece in _hint(key, word)]
    does = "copy" if following.copies else "open"
    pieces = [Piece(f" {does}  ", "bar--strong")]
    room = width - sum(width_of(piece.text) for piece in (*pieces, *tail))
    for number, (label, url) in enumerate(left):
        more = number + 1 < len(left)
        rest = room - len(label) - 3 - (3 if more else 0)
        if rest < _SHORTEST:
            pieces.append(Piece("…  ", "bar--muted"))
            room -= 3
            break
        # A single one is shown whole; of several the host tells most.
        address = host_first(url)
        shown = fit(address if len(left) == 1 else address.partition("/")[0], min(rest, 60 if more else rest))
        pieces += _hint(label, shown)
        room -= len(label) + 3 + width_of(shown)
    return [*pieces, Piece(" " * max(0, room)), *tail]


def _hint(key: str, word: str) -> list[Piece]:
    return [Piece(key, "bar--key"), Piece(f" {word}", "bar--muted"), Piece("  ")]
