"""The versions of a story: which there are, how any two differ, and which are not the same story after all."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.binding import BindingType
from textual.message import Message

from reader.app.keys import with_keys
from reader.app.notices import errors_shown
from reader.app.screen_keys import screen_bindings
from reader.app.versions.bars import VersionsBar, VersionsState, footer, heading, legend
from reader.app.versions.differences import Compared, DifferencesView, compared
from reader.app.versions.version_list import VersionList, VersionRow, VersionRows
from reader.app.widgets.arrangement import side_of
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.panes import PairScreen
from reader.app.write_queue import Write
from reader.library import Library, StoredArticle, StoryVersions, Version

ONE_VERSION = "There is one version only: no other capture in the library has this story."
ITSELF = (
    "This is the version that the others are compared with."
    " Choose another one; {versions.base} on it makes it the one to compare with."
)


class Pair(NamedTuple):
    """The keys of two versions to be compared."""

    old: int
    new: int


class Differ(Message):
    """How two versions differ."""

    def __init__(self, pair: Pair, compared: Compared) -> None:
        super().__init__()
        self.pair = pair
        self.compared = compared


class VersionsScreen(PairScreen[int | None, VersionsState]):
    """Answers with the key of a version that is to be read, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("versions")

    def __init__(self, library: Library, stored: StoredArticle, write: Write) -> None:
        """`stored` is the version that is being read."""
        self.versions = VersionList(id="versions")
        self.versions.keys_elsewhere = True
        self.view = DifferencesView(id="differences")
        bars = (
            VersionsBar(heading, VersionsState(), id="above"),
            VersionsBar(legend, VersionsState(), id="legend"),
            VersionsBar(footer, VersionsState(), id="below"),
        )
        super().__init__(library, self.versions, self.view, bars)
        self._write = write
        self._stored = stored
        self._story: StoryVersions | None = None
        self._apart: list[Version] = []
        """What was split off, the last one last."""
        self._base: Version | None = None
        """The version that the others are compared with."""
        self.changed = False
        """Whether the story has other versions now than before."""
        self._pair: Pair | None = None
        self._listed = 1
        """How many versions are listed."""

    def left(self, width: int) -> int:
        """How many of so many cells the list has."""
        return side_of(width)

    def upper(self, rows: int) -> int:
        """How many of so many rows the list has above the differences."""
        return max(VersionList.ROW_LINES, min(rows // 2, 3 * self._listed))

    def on_mount(self) -> None:
        """Compare what is read with the version that the list shows, or else with the next one."""
        self.set_focus(self.versions, scroll_visible=False)
        self._list(self._stored.key)

    def _list(self, key: int | None = None) -> None:
        """Read anew which versions there are; the cursor on `key`, which is not the base, or on another one.

        Of thousands only those are read that are seen.
        """
        with errors_shown(self):
            self._list_story(key)

    def _list_story(self, key: int | None) -> None:
        story = self.library.story(self._stored.key)
        base = 0 if self._base is None else story.index_of(self._base.key) or 0
        self._base = next(iter(story.rows(base, base + 1)), None)
        rows = VersionRows(story, 0 if self._base is None else self._base.key, tuple(self._apart))
        self._story = story
        self._listed = len(rows)
        cursor = (None if key is None else rows.index_of(key)) or 0
        if cursor == base and len(rows) > 1:
            cursor = 1 if cursor == 0 else 0
        self.versions.show(rows, cursor)
        self.versions.refresh(layout=True)
        self._compare()

    @property
    def _count(self) -> int:
        """How many versions the story has."""
        return 0 if self._story is None else len(self._story)

    def _compare(self) -> None:
        """Have the version under the cursor compared with the base."""
        row = self._row
        old, new = (None if row is None else row.version), self._base
        several = self._count + len(self._apart) > 1
        state = VersionsState(
            title=self._stored.article.title,
            versions=self._count,
            several=several,
            apart=bool(self._apart),
            reading=self.focused is self.view,
        )
        self._pair = None
        if old is None or new is None or not several:
            self.update_bars(state)
            self.view.show_note(ONE_VERSION)
        elif old.key == new.key:
            self.update_bars(state)
            self.view.show_note(with_keys(ITSELF))
        else:
            self.update_bars(state._replace(old=_name(old, new), new=_name(new, old)))
            self._ask(Pair(old.key, new.key))

    def _ask(self, pair: Pair) -> None:
        self._pair = pair

        def question(own: Library) -> None:
            from reader.library.stories.differences import differences

            old, new = own.article(pair.old).article, own.article(pair.new).article
            self.post_message(Differ(pair, compared(differences(old, new))))

        self.queries.ask("differences", question)

    def on_differ(self, message: Differ) -> None:
        """Two versions have been compared; perhaps others are chosen by now."""
        if message.pair == self._pair:
            found = message.compared
            self.update_bars(
                self.below.state._replace(
                    removed=found.removed, added=found.added, changes=len(found.changes), current=0
                )
            )
            self.view.show(found)

    def on_differences_view_found(self, message: DifferencesView.Found) -> None:
        """Another difference is the current one."""
        self.update_bars(self.below.state._replace(current=message.current))

    @property
    def _row(self) -> VersionRow | None:
        cursor = self.versions.cursor
        return None if cursor is None else self.versions.row(cursor)

    # Keys

    async def action_move(self, how: str) -> None:
        """Another version, or another line of the differences."""
        if self.focused is self.view:
            await self.action_scroll(how)
        elif self.versions.move_by_key(how):
            self._compare()

    async def action_scroll(self, how: str) -> None:
        """Scroll the differences."""
        await self.view.scroll_by_key(how)

    def action_change(self, step: int) -> None:
        """To the next or the previous difference."""
        self.view.find_step(step)

    async def action_base(self) -> None:
        """Compare the others with the version under the cursor; a page down while the differences are read."""
        if self.focused is self.view:
            await self.action_scroll("page_down")
        elif (row := self._row) is not None and not row.base:
            before, self._base = self._base, row.version
            self._list(None if before is None else before.key)

    def action_choose(self) -> None:
        """Read the version under the cursor."""
        if (row := self._row) is not None:
            self.dismiss(row.version.key)

    def action_close(self) -> None:
        """Back to the article."""
        self.dismiss(None)

    def action_split(self) -> None:
        """Say that the version under the cursor is not the same story."""
        row = self._row
        if row is None or row.apart or self._count < 2:
            return
        version = row.version

        writing = self._write(lambda own: own.state.split(version.key))
        self.app.run_worker(self._show_split(version, writing))

    async def _show_split(self, version: Version, writing: Awaitable[object]) -> None:
        with errors_shown(self):
            await writing
            if version in self._apart:
                return
            self.changed = True
            self._apart.append(version)
            self._stay_with_the_rest(version.key)
            self._list()
            back = with_keys("{state.undo} puts it back")
            self.notice(f"Not the same story: {version.source} is an article of its own now; {back}")

    def action_unsplit(self) -> None:
        """Put a version back that was split off: the one under the cursor, else the last."""
        if not self._apart:
            self.notice(
                with_keys(
                    "Nothing has been split off here; {state.undo} on the main screen undoes what was done before"
                )
            )
            return
        row = self._row
        version = row.version if row is not None and row.apart else self._apart[-1]

        writing = self._write(lambda own: own.state.unsplit(version.key))
        self.app.run_worker(self._show_unsplit(version, writing))

    async def _show_unsplit(self, version: Version, writing: Awaitable[object]) -> None:
        with errors_shown(self):
            await writing
            if version not in self._apart:
                return
            self.changed = True
            self._apart.remove(version)
            self._list(version.key)
            self.notice(f"The same story again: {version.source} is back")

    def _stay_with_the_rest(self, key: int) -> None:
        """The story shown goes on without version `key`, though that be the one that was read."""
        if self._stored.key == key and self._story is not None:
            first = self._story.key_at(0)
            rest = first if first != key else self._story.key_at(1)
            self._stored = self._stored._replace(key=rest)

    # What the widgets say

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if self.versions.move(message.index):
            self._compare()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Other keys matter now."""
        self.update_bars(self.below.state._replace(reading=self.focused is self.view))


def _name(version: Version, other: Version) -> str:
    """What a version is called beside another: the file's name where that tells them apart."""
    names = [one.source.rstrip("/").rpartition("/")[2] for one in (version, other)]
    return names[0] if names[0] != names[1] and names[0] else version.source
