"""Groups versions into stories, with the same result for every order of arrival. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from reader.library.stories.comparing import Piece

Compare = Callable[[Piece, Piece], str | None]
Apart = Mapping[bytes, Set[bytes]]


class Joined(NamedTuple):
    """A version in its story."""

    piece: Piece
    why: str
    """What it has in common with another version of the story; empty while it is alone."""


class _Group:
    """A story as far as it has come, and what its versions have."""

    def __init__(self, first: Piece) -> None:
        self.members = [Joined(first, "")]
        self._identities = {first.identity}
        self._headlines = {first.headline}
        self._authors = set(first.authors)

    def add(self, piece: Piece, why: str, partner: int) -> None:
        """A version joins, in agreement with the member of that number."""
        if not self.members[partner].why:
            self.members[partner] = Joined(self.members[partner].piece, why)
        self.members.append(Joined(piece, why))
        self._identities.add(piece.identity)
        self._headlines.add(piece.headline)
        self._authors |= piece.authors

    def agreeing(self, piece: Piece, compare: Compare) -> tuple[str, int] | None:
        """Why a version may join, and the first member that it agrees with."""
        for number, member in enumerate(self.members):
            why = compare(piece, member.piece)
            if why is not None:
                return why, number
        return None

    def has_any_of(self, identities: Set[bytes]) -> bool:
        return bool(identities) and not self._identities.isdisjoint(identities)

    def has_headline_of(self, piece: Piece) -> bool:
        return bool(piece.headline) and piece.headline in self._headlines

    def has_author_of(self, piece: Piece) -> bool:
        return not self._authors.isdisjoint(piece.authors)


def group(pieces: Iterable[Piece], compare: Compare, apart: Apart) -> list[list[Joined]]:
    """The stories that these versions make, the members of each in order of rank.

    From the longest to the shortest each joins the story it agrees with. One that agrees with two stories,
    which do not agree with each other, is a start that both have: it joins the one with its headline, else
    the one with its authors, else neither.
    """
    groups: list[_Group] = []
    doubtful: dict[int, frozenset[int]] = {}
    """Groups of starts that belong to no one story: the groups they agree with."""
    for piece in sorted(pieces, key=lambda piece: piece.rank, reverse=True):
        others = apart.get(piece.identity, frozenset[bytes]())
        links = {
            number: link
            for number, group in enumerate(groups)
            if not group.has_any_of(others) and (link := group.agreeing(piece, compare)) is not None
        }
        chosen = _choose(piece, groups, links, doubtful)
        if chosen is not None:
            groups[chosen].add(piece, *links[chosen])
            continue
        if links:
            doubtful[len(groups)] = frozenset(links)
        groups.append(_Group(piece))
    return [group.members for group in groups]


def _choose(
    piece: Piece,
    groups: Sequence[_Group],
    links: Mapping[int, object],
    doubtful: Mapping[int, frozenset[int]],
) -> int | None:
    if len(links) < 2:
        return next(iter(links), None)
    for number in links:
        if groups[number].has_any_of({piece.identity}):
            return number
    firm = [number for number in links if number not in doubtful]
    for agrees in (_Group.has_headline_of, _Group.has_author_of):
        agreeing = [number for number in firm if agrees(groups[number], piece)]
        if len(agreeing) == 1:
            return agreeing[0]
    # A start of the same stories as one that is in doubt already is in doubt together with it.
    alike = [number for number in links if doubtful.get(number, frozenset()) >= frozenset(firm)]
    return alike[0] if alike else None
