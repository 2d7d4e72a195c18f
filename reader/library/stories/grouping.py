"""Groups versions into stories, with the same result for every order of arrival. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from reader.library.stories.comparing import ComparedText

Compare = Callable[[ComparedText, ComparedText], str | None]
Apart = Mapping[bytes, Set[bytes]]


class Joined(NamedTuple):
    """A version in its story."""

    text: ComparedText
    why: str
    """Why it belongs to the story, in words; empty while it is the only version."""


class _Group:
    """A story under construction."""

    def __init__(self, first: ComparedText) -> None:
        self.members = [Joined(first, "")]
        self._identities = {first.identity}
        self._headlines = {first.headline}
        self._authors = set(first.authors)

    def add(self, text: ComparedText, why: str, partner: int) -> None:
        """Add a version that matches the member with index `partner`."""
        if not self.members[partner].why:
            self.members[partner] = Joined(self.members[partner].text, why)
        self.members.append(Joined(text, why))
        self._identities.add(text.identity)
        self._headlines.add(text.headline)
        self._authors |= text.authors

    def agreeing(self, text: ComparedText, compare: Compare) -> tuple[str, int] | None:
        """Return why a version may join, and the index of the first member that it matches; None if it matches none."""
        for number, member in enumerate(self.members):
            why = compare(text, member.text)
            if why is not None:
                return why, number
        return None

    def has_any_of(self, identities: Set[bytes]) -> bool:
        return bool(identities) and not self._identities.isdisjoint(identities)

    def has_headline_of(self, text: ComparedText) -> bool:
        return bool(text.headline) and text.headline in self._headlines

    def has_author_of(self, text: ComparedText) -> bool:
        return not self._authors.isdisjoint(text.authors)


def group(texts: Iterable[ComparedText], compare: Compare, apart: Apart) -> list[list[Joined]]:
    """Group versions into stories; the members of each are in order of rank.

    Versions are taken from the longest to the shortest, and each joins the story that it matches. A version that
    matches two stories which do not match each other is a start that both share: it joins the one with its
    headline, or else the one with its authors, or else neither.
    """
    groups: list[_Group] = []
    doubtful: dict[int, frozenset[int]] = {}
    """The groups matched by each group of shared starts that belongs to no single story."""
    for text in sorted(texts, key=lambda text: text.rank, reverse=True):
        others = apart.get(text.identity, frozenset[bytes]())
        links = {
            number: link
            for number, group in enumerate(groups)
            if not group.has_any_of(others) and (link := group.agreeing(text, compare)) is not None
        }
        chosen = _choose(text, groups, links, doubtful)
        if chosen is not None:
            groups[chosen].add(text, *links[chosen])
            continue
        if links:
            doubtful[len(groups)] = frozenset(links)
        groups.append(_Group(text))
    return [group.members for group in groups]


def _choose(
    text: ComparedText,
    groups: Sequence[_Group],
    links: Mapping[int, object],
    doubtful: Mapping[int, frozenset[int]],
) -> int | None:
    if len(links) < 2:
        return next(iter(links), None)
    for number in links:
        if groups[number].has_any_of({text.identity}):
            return number
    firm = [number for number in links if number not in doubtful]
    for agrees in (_Group.has_headline_of, _Group.has_author_of):
        agreeing = [number for number in firm if agrees(groups[number], text)]
        if len(agreeing) == 1:
            return agreeing[0]
    # Another start shared by the same stories joins the group of such starts.
    alike = [number for number in links if doubtful.get(number, frozenset()) >= frozenset(firm)]
    return alike[0] if alike else None
