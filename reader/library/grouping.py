"""Versions that may be one story, told apart: pure, and the same whatever the order they came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from reader.library.comparing import Piece

Compare = Callable[[Piece, Piece], str | None]
Apart = Mapping[bytes, Set[bytes]]


class Joined(NamedTuple):
    """A version in its story."""

    piece: Piece
    why: str
    """What it has in common with another version of the story; empty while it is alone."""


def group(pieces: Iterable[Piece], compare: Compare, apart: Apart) -> list[list[Joined]]:
    """The stories that these versions make.

    From the longest to the shortest each joins the story it agrees with. One that agrees with two stories,
    which do not agree with each other, is a start that both have: it joins the one with its headline, else
    the one with its authors, else neither.
    """
    groups: list[list[Joined]] = []
    doubtful: dict[int, frozenset[int]] = {}
    """Groups of starts that belong to no one story: the groups they agree with."""
    for piece in sorted(pieces, key=lambda piece: piece.rank, reverse=True):
        links = _links(piece, groups, compare, apart)
        chosen = _choose(piece, groups, links, doubtful)
        if chosen is None:
            if links:
                doubtful[len(groups)] = frozenset(links)
            groups.append([Joined(piece, "")])
            continue
        why, partner = links[chosen]
        members = groups[chosen]
        if not members[partner].why:
            members[partner] = Joined(members[partner].piece, why)
        members.append(Joined(piece, why))
    return groups


def _links(
    piece: Piece, groups: Sequence[Sequence[Joined]], compare: Compare, apart: Apart
) -> dict[int, tuple[str, int]]:
    """The groups a version may join: why, and the member that it agrees with."""
    others = apart.get(piece.identity, frozenset[bytes]())
    links: dict[int, tuple[str, int]] = {}
    for number, members in enumerate(groups):
        if any(member.piece.identity in others for member in members):
            continue
        for index, member in enumerate(members):
            why = compare(piece, member.piece)
            if why is not None:
                links[number] = why, index
                break
    return links


def _choose(
    piece: Piece,
    groups: Sequence[Sequence[Joined]],
    links: Mapping[int, object],
    doubtful: Mapping[int, frozenset[int]],
) -> int | None:
    if len(links) < 2:
        return next(iter(links), None)
    for number in links:
        if any(member.piece.identity == piece.identity for member in groups[number]):
            return number
    firm = [number for number in links if number not in doubtful]
    for agrees in (_same_headline, _same_authors):
        agreeing = [n for n in firm if any(agrees(piece, member.piece) for member in groups[n])]
        if len(agreeing) == 1:
            return agreeing[0]
    # A start of the same stories as one that is in doubt already is in doubt together with it.
    alike = [number for number in links if doubtful.get(number, frozenset()) >= frozenset(firm)]
    return alike[0] if alike else None


def _same_headline(one: Piece, other: Piece) -> bool:
    return bool(one.headline) and one.headline == other.headline


def _same_authors(one: Piece, other: Piece) -> bool:
    return bool(one.authors & other.authors)
