"""Random lives of a library against the simplest description of what the reader has marked in it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from reader.library import Filters, Library, Show, Sort
from tests.filling import add_pages, sql
from tests.generated import a_page
from tests.library.same_story import keep
from tests.library.test_stories import OTHER, UNRELATED, VERSIONS, WHOLE, by_story, check

CAPTURES = [
    *(a_page(f"pile/{number:02}.txt", version) for number, version in enumerate(VERSIONS)),
    a_page("pile/policy.txt", UNRELATED._replace(section="Policy")),
    a_page("pile/both.txt", WHOLE, OTHER._replace(position=1)),
]
"""Stories in several captures each: whole, cut off, under another headline, without a section."""


class Entry(NamedTuple):
    """An action: what it added to a set, or took out of it."""

    where: set[Any]
    changed: frozenset[Any]
    on: bool

    def apply(self, forth: bool) -> None:
        """Do it, or take it back."""
        if self.on is forth:
            self.where.update(self.changed)
        else:
            self.where.difference_update(self.changed)


class Life(RuleBasedStateMachine):
    """What readers and imports do to a library, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "library.db"
        self.library = Library.open(self.path)
        self.other = Library.open(self.path)
        self.read: set[str] = set()
        self.starred: set[str] = set()
        self.apart: set[tuple[str, str]] = set()
        self.done: list[Entry] = []
        self.undone: list[Entry] = []

    def teardown(self) -> None:
        """Every count is right, and a library that gets all of it at once, the last first, has the same stories."""
        check(self.library)
        keys = [key for (key,) in sql(self.library, "SELECT key FROM articles ORDER BY key DESC")]
        with Library.temporary() as fresh:
            for pair in sql(self.library, "SELECT one, other FROM apart"):
                sql(fresh, "INSERT INTO apart (one, other) VALUES (?, ?)", pair)
            keep(fresh, [self.library.article(key).article for key in keys])
            assert by_story(fresh) == by_story(self.library)
        self.library.close()
        self.other.close()
        self.folder.cleanup()

    # What happens

    @rule(number=st.integers(0, len(CAPTURES) - 1))
    def add(self, number: int) -> None:
        add_pages(self.library, [CAPTURES[number]])

    @rule(number=st.integers(0, len(CAPTURES) - 1))
    def remove(self, number: int) -> None:
        source = CAPTURES[number][0].source
        rows = sql(self.library, "SELECT capture_key FROM captures WHERE source = ?", (source,))
        self.library.remove([key for (key,) in rows])

    @rule(data=st.data(), on=st.booleans(), starred=st.booleans())
    def mark(self, data: st.DataObject, on: bool, starred: bool) -> None:
        key = self.any_version(data)
        if key is None:
            return
        marked, identities = self.starred if starred else self.read, self.identities(key)
        changes = bool(identities & marked) is not on
        said = self.other.state.set_starred(key, on) if starred else self.library.state.set_read(key, on)
        assert (said is not None) is changes
        if changes:
            self.log(Entry(marked, frozenset(identities - marked if on else identities & marked), on))

    @rule(
        section=st.sampled_from([None, "China", "Policy"]),
        show=st.sampled_from(Show),
        sort=st.sampled_from([Sort.ADDED, Sort.TITLE]),
    )
    def mark_listed_read(self, section: str | None, show: Show, sort: Sort) -> None:
        listing = self.library.listing(Filters(section=section, truncated=show), sort)
        unread = [row.key for row in listing.rows(0, len(listing)) if row.unread]
        identities = {identity for key in unread for identity in self.identities(key)}
        assert self.library.state.mark_listed_read(listing) == len(unread)
        if unread:
            self.log(Entry(self.read, frozenset(identities), True))

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        key = self.any_version(data)
        if key is None:
            return
        said = self.library.state.split(key)
        now = self.pairs()
        assert (said is not None) is (now != self.apart)
        if now != self.apart:
            self.log(Entry(self.apart, frozenset(now ^ self.apart), True))

    @rule(forth=st.booleans(), elsewhere=st.booleans())
    def travel(self, forth: bool, elsewhere: bool) -> None:
        state = (self.other if elsewhere else self.library).state
        source, target = (self.undone, self.done) if forth else (self.done, self.undone)
        said = state.redo() if forth else state.undo()
        assert (said is not None) is bool(source)
        if source:
            entry = source.pop()
            entry.apply(forth)
            target.append(entry)

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.library = Library.open(self.path)

    # What then holds

    @invariant()
    def every_story_is_what_its_identities_are(self) -> None:
        listing = self.library.listing()
        rows = listing.rows(0, len(listing))
        read = {row.key for row in rows if self.identities(row.key) & self.read}
        starred = {row.key for row in rows if self.identities(row.key) & self.starred}
        assert {row.key for row in rows if not row.unread} == read
        assert {row.key for row in rows if row.starred} == starred
        totals = self.library.totals()
        assert (totals.read, totals.starred) == (len(read), len(starred))
        for filters, keys in (
            (Filters(unread=Show.HIDE), read),
            (Filters(unread=Show.ONLY), {row.key for row in rows} - read),
            (Filters(starred=Show.ONLY), starred),
            (Filters(starred=Show.HIDE), {row.key for row in rows} - starred),
        ):
            listed = self.other.listing(filters)
            assert {row.key for row in listed.rows(0, len(listed))} == keys

    @invariant()
    def splits_are_those_that_stand(self) -> None:
        assert self.pairs() == self.apart

    # Help

    def any_version(self, data: st.DataObject) -> int | None:
        keys = [key for (key,) in sql(self.library, "SELECT key FROM articles ORDER BY key")]
        return data.draw(st.sampled_from(keys)) if keys else None

    def identities(self, key: int) -> set[str]:
        return {version.identity for version in self.library.versions(key)}

    def pairs(self) -> set[tuple[str, str]]:
        rows = sql(self.library, "SELECT lower(hex(one)), lower(hex(other)) FROM apart")
        return {(one, other) for one, other in rows}

    def log(self, entry: Entry) -> None:
        entry.apply(True)
        self.done.append(entry)
        self.undone.clear()


TestLife = Life.TestCase
