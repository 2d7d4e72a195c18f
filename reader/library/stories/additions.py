"""Whether a version that agrees with one story alone is only one more of it: told from a few of its versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from reader.library.stories.kept_versions import KeptVersions

_TRIED = 32
"""With so many versions that share a clue with it one is compared."""


class Additions:
    """What is known of the stories that versions are added to, within one transaction."""

    def __init__(self, versions: KeptVersions) -> None:
        self._versions = versions
        self._heads: dict[int, int] = {}
        """By story the version of the highest rank, where it was looked for."""
        self._long: dict[int, int | None] = {}
        """By story one that is likely to have the highest rank, or nearly so; None while none is written."""
        self._firm: set[int] = set()
        """Stories whose head is not in doubt between others."""

    def changed(self, stories: Iterable[int]) -> None:
        """These stories have other versions than what was added here."""
        for story in stories:
            self._heads.pop(story, None)
            self._long.pop(story, None)
            self._firm.discard(story)

    def grouped(self, story: int, head: int) -> None:
        """A story was grouped anew, and has this version of the highest rank."""
        self._heads[story] = head

    def why(self, key: int, story: int, others: Sequence[int]) -> str | None:
        """Why a version that agrees with this story alone is only one more of it; None when that is not sure.

        It is when all that were grouped before it would be grouped as they are, and so would all after it: those
        have the choice between stories by headlines and authors, of which it must bring no new ones. `others`
        are versions of the story that share a clue with it.
        """
        versions = self._versions
        for other in chain(others[:_TRIED], self._long_one(story)):
            if self._brings_nothing_new(key, other) and versions.rank(other) > versions.rank(key):
                why = versions.compare(key, other)
                if why is not None:
                    return why
        head = self._heads.get(story)
        if head is None:
            head = self._heads[story] = versions.highest(versions.members_of(story))
        why = versions.compare(key, head) if self._brings_nothing_new(key, head) else None
        if why is None or versions.rank(head) > versions.rank(key):
            return why
        if not self._is_firm(story, head):
            return None
        self._heads[story] = key
        return why

    def _long_one(self, story: int) -> Iterator[int]:
        if story not in self._long:
            self._long[story] = self._versions.longest(story)
        if (key := self._long[story]) is not None:
            yield key

    def _brings_nothing_new(self, key: int, other: int) -> bool:
        one, before = self._versions.piece(key), self._versions.piece(other)
        return (
            one is not None
            and before is not None
            and one.headline == before.headline
            and one.authors <= before.authors
        )

    def _is_firm(self, story: int, head: int) -> bool:
        """Whether no version of another story, that would be grouped before its head, agrees with that."""
        versions = self._versions
        if story not in self._firm:
            for other_story, others in versions.candidates(versions.clues_of(head), head).items():
                if other_story != story and any(
                    versions.compare(head, other) is not None and versions.rank(other) > versions.rank(head)
                    for other in others
                ):
                    return False
            self._firm.add(story)
        return True
