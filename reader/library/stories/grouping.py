"""Groups versions into stories, with the same result for every order of arrival. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from reader.library.stories.comparing import ComparedText


class Joined(NamedTuple):
    """A version in its story."""

    text: ComparedText
    why: str
    """Why it belongs to the story, in words; empty while it is the only version."""


def group(
    texts: Iterable[ComparedText],
    compare: Callable[[ComparedText, ComparedText], str | None],
    apart: Mapping[bytes, Set[bytes]],
) -> list[list[Joined]]:
    """Group versions into stories; the members of each are in order of rank.

    Versions are taken from the longest to the shortest, and each joins the story that it matches. A version that
    matches two stories which do not match each other is a start that both share: it joins the one with its
    headline, or else the one with its authors, or else neither.
    """
    groups: list[list[Joined]] = []
    doubtful: dict[int, frozenset[int]] = {}
    """The groups matched by each group of shared starts that belongs to no single story."""
    for text in sorted(texts, key=lambda text: text.rank, reverse=True):
        others = apart.get(text.identity, frozenset[bytes]())
        links: dict[int, tuple[str, int]] = {}
        """Why the version may join a group, and the index of the first member that it matches."""
        for number, members in enumerate(groups):
            if others and any(member.text.identity in others for member in members):
                continue
            for index, member in enumerate(members):
                if (why := compare(text, member.text)) is not None:
                    links[number] = why, index
                    break
        chosen = _choose(text, groups, links, doubtful)
        if chosen is None:
            if links:
                doubtful[len(groups)] = frozenset(links)
            groups.append([Joined(text, "")])
        else:
            why, index = links[chosen]
            partner = groups[chosen][index]
            groups[chosen][index] = partner._replace(why=partner.why or why)
            groups[chosen].append(Joined(text, why))
    return groups


def _choose(
    text: ComparedText,
    groups: Sequence[Sequence[Joined]],
    links: Mapping[int, object],
    doubtful: Mapping[int, frozenset[int]],
) -> int | None:
    """Return the group that a version joins, of those that it matches; None if it starts its own."""
    if len(links) < 2:
        return next(iter(links), None)
    firm = [number for number in links if number not in doubtful]
    for agrees, candidates in (
        (lambda other: other.identity == text.identity, list(links)),
        (lambda other: bool(text.headline) and other.headline == text.headline, firm),
        (lambda other: not text.authors.isdisjoint(other.authors), firm),
    ):
        agreeing = [number for number in candidates if any(agrees(member.text) for member in groups[number])]
        if len(agreeing) == 1:
            return agreeing[0]
    # Another start shared by the same stories joins the group of such starts.
    alike = [number for number in links if doubtful.get(number, frozenset()) >= frozenset(firm)]
    return alike[0] if alike else None
