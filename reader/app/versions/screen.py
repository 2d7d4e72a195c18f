"""The versions screen: the versions of a story, how two of them differ, and splitting one off."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.binding import BindingType

from reader.app.keys import with_keys
from reader.app.notices import errors_shown
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit_path, width_of
from reader.app.versions.differences import MARKS, Comparison, DifferencesView, comparison
from reader.app.versions.version_list import VersionList, VersionRow, VersionRows
from reader.app.widgets.bars import HELP, Bar, Hint, Piece, key_line, title_line
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.layers import Finder
from reader.app.widgets.panes import TwoPaneScreen, side_width
from reader.app.write_queue import Write
from reader.library import Library, StoredArticle, StoryVersions, Version
from reader.library.stories.differences import differences
from reader.sanitize import many, sanitize

ONE_VERSION = "There is only one version: no other capture in the library has this story."
ITSELF = "The other versions are compared with this one. To compare with another, choose it and press {versions.base}."


class VersionsState(NamedTuple):
    """The data of the bars."""

    title: str = ""
    versions: int = 0
    old: str = ""
    """The source of the version under the cursor; empty if nothing is compared."""
    new: str = ""
    """The source of the version that it is compared with."""
    removed: int = 0
    added: int = 0
    current: int = 0
    """Number of the current difference, from 1."""
    changes: int = 0
    reading: bool = False
    """Do the differences have the focus, not the list?"""
    several: bool = False
    """Are there versions to compare?"""


def heading(state: VersionsState, width: int) -> list[Piece]:
    """The title of the story and the number of versions."""
    count = Piece(f" {many(state.versions, 'version')} ")
    return title_line(f" Versions ─ {sanitize(state.title)} ", width, count)


def legend(state: VersionsState, width: int) -> list[Piece]:
    """The marks of each version, and how many words differ."""
    if not state.old:
        return [Piece("─" * width, "bar--rule")]
    (open_old, close_old), (open_new, close_new) = MARKS["removed"], MARKS["added"]
    counts = f" −{state.removed:,} +{state.added:,} words "
    half = max(4, (width - width_of(counts) - 14) // 2)
    old, new = fit_path(sanitize(state.old), half), fit_path(sanitize(state.new), half)
    pieces = [
        Piece(" only in ", "bar--muted"),
        Piece(f"{open_old}{old}{close_old}", "bar--removed"),
        Piece(" "),
        Piece(f"{open_new}{new}{close_new}", "bar--added"),
    ]
    room = width - sum(width_of(piece.text) for piece in pieces) - width_of(counts)
    if room < 0:
        pieces = pieces[1:]
        room += 9
    if room < 0:
        return pieces
    return [*pieces, Piece(" " * room), Piece(counts, "bar--muted")]


def footer(state: VersionsState, width: int) -> list[Piece]:
    """The keys for what has focus, and the number of the current difference."""
    place = f"{state.current:,} of {state.changes:,} " if state.changes else ""
    hints: list[Hint] = [("{panes.read}", "read it", "choose")]
    if state.several:
        hints = [
            ("{move.down}/{move.up}", "scroll" if state.reading else "version", "move('down')"),
            ("{find.next}/{find.previous}", "difference", "change(1)"),
            *hints,
            ("{versions.base}", "base", "base"),
            ("{versions.split}", "split off", "split"),
            ("{panes.other}", "list" if state.reading else "text", "other"),
        ]
    return key_line(hints, (("{panes.back}", "back", "close"), HELP), place, width)


class Pair(NamedTuple):
    """The keys of two versions to compare."""

    old: int
    new: int


class VersionsScreen(TwoPaneScreen[int | None, VersionsState]):
    """Closes with the key of a version to read, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("versions")
    SHOWS_ARTICLE = True
    """True, so that global keys for the article work (`ReaderApp.action_everywhere`)."""

    def __init__(self, library: Library, stored: StoredArticle, write: Write) -> None:
        """`stored`: the version that is open."""
        self.versions = VersionList(id="versions")
        self.versions.keys_elsewhere = True
        self.view = DifferencesView(id="differences")
        bars = (
            Bar(heading, VersionsState(), id="above"),
            Bar(legend, VersionsState(), id="legend"),
            Bar(footer, VersionsState(), id="below"),
        )
        super().__init__(library, self.versions, self.view, bars)
        self._write = write
        self._stored = stored
        self._story: StoryVersions | None = None
        self._base: Version | None = None
        """The version that the others are compared with."""
        self.changed = False
        """Has the story changed?"""
        self._pair: Pair | None = None
        """The versions being compared or shown."""

    def left(self, width: int) -> int:
        """Columns of the list."""
        return side_width(width)

    def upper(self, rows: int) -> int:
        """Rows of the list above the differences."""
        return max(VersionList.ROW_LINES, min(rows // 2, 3 * self._count))

    def on_mount(self) -> None:
        """Compare the open version with the representative one, or with the next one."""
        self.set_focus(self.versions, scroll_visible=False)
        self._list(self._stored.key)

    def _list(self, key: int | None = None) -> None:
        """List the versions again, with the cursor on `key` unless that is the base."""
        with errors_shown(self):
            self._list_story(self.library.story(self._stored.key), key)

    def _list_story(self, story: StoryVersions, key: int | None) -> None:
        base = 0 if self._base is None else story.index_of(self._base.key) or 0
        self._base = next(iter(story.rows(base, base + 1)), None)
        rows = VersionRows(story, 0 if self._base is None else self._base.key)
        self._story = story
        cursor = (None if key is None else story.index_of(key)) or 0
        if cursor == base and len(rows) > 1:
            cursor = 1 if cursor == 0 else 0
        self.versions.show(rows, cursor)
        self.versions.refresh(layout=True)
        self._compare()

    @property
    def _count(self) -> int:
        """The number of versions of the story."""
        return 0 if self._story is None else len(self._story)

    def _compare(self) -> None:
        """Compare the version under the cursor with the base."""
        row = self._row
        old, new = (None if row is None else row.version), self._base
        several = self._count > 1
        state = VersionsState(
            title=self._stored.article.title,
            versions=self._count,
            several=several,
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
        comparing = self.queries.ask("differences", lambda own: _compare(own, pair))
        self.run_worker(self._show_comparison(comparing, pair))

    async def _show_comparison(self, comparing: Awaitable[Comparison], pair: Pair) -> None:
        shown = await comparing
        if pair == self._pair:  # Other versions may be chosen by now.
            self.update_bars(
                self.below.state._replace(
                    removed=shown.removed, added=shown.added, changes=len(shown.changes), current=0
                )
            )
            self.view.show(shown)

    def on_finder_found(self, message: Finder.Found) -> None:
        """Show the number of the current difference."""
        self.update_bars(self.below.state._replace(current=message.current))

    @property
    def _row(self) -> VersionRow | None:
        cursor = self.versions.cursor
        return None if cursor is None else self.versions.row(cursor)

    # Keys

    async def action_move(self, how: str) -> None:
        """Move to another version, or scroll the differences."""
        if self.focused is self.view:
            await self.action_scroll(how)
        elif self.versions.move_by_key(how):
            self._compare()

    async def action_scroll(self, how: str) -> None:
        """Scroll the differences."""
        self.view.scroll_by_key(how)

    def action_change(self, step: int) -> None:
        """Go to the next or previous difference."""
        self.view.finder.step(step)

    async def action_base(self) -> None:
        """Make the version under the cursor the base; scroll a page if the differences have focus."""
        if self.focused is self.view:
            await self.action_scroll("page_down")
        elif (row := self._row) is not None and not row.base:
            before, self._base = self._base, row.version
            self._list(None if before is None else before.key)

    def action_choose(self) -> None:
        """Close with the version under the cursor."""
        if (row := self._row) is not None:
            self.dismiss(row.version.key)

    def action_close(self) -> None:
        """Go back to the article."""
        self.dismiss(None)

    def action_split(self) -> None:
        """Split the version under the cursor off from the story."""
        row = self._row
        if row is None or self._count < 2:
            return
        version = row.version

        writing = self._write(lambda own: own.state.split(version.key))
        self.app.run_worker(self._show_split(version, writing))

    async def _show_split(self, version: Version, writing: Awaitable[object]) -> None:
        with errors_shown(self):
            await writing
            self.changed = True
            self._stay_with_the_rest(version.key)
            self._list()
            back = with_keys("{state.undo} undoes it")
            self.notice(f"Split off: {version.source} is now a separate article; {back}")

    def action_undo(self) -> None:
        """Undo the last action."""
        self.app.run_worker(self._show_undone(self._write(lambda own: own.state.undo())))

    async def _show_undone(self, writing: Awaitable[str | None]) -> None:
        with errors_shown(self):
            words = await writing
            self.changed = True
            self._list(self._row.version.key if self._row is not None else None)
            self.notice("Nothing to undo" if words is None else f"Undone: {words}")

    def _stay_with_the_rest(self, key: int) -> None:
        """Stay with the story when version `key`, which may be the open one, is split off."""
        if self._stored.key == key and self._story is not None:
            first = self._story.key_at(0)
            rest = first if first != key else self._story.key_at(1)
            self._stored = self._stored._replace(key=rest)

    # Messages of the widgets

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if self.versions.move(message.index):
            self._compare()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Show the keys for what has focus."""
        self.update_bars(self.below.state._replace(reading=self.focused is self.view))


def _compare(library: Library, pair: Pair) -> Comparison:
    old, new = library.version(pair.old).article, library.version(pair.new).article
    return comparison(differences(old, new))


def _name(version: Version, other: Version) -> str:
    """Name a version so that it differs from another one: by its file name if possible, else by its source."""
    names = [shown.source.rstrip("/").rpartition("/")[2] for shown in (version, other)]
    return names[0] if names[0] != names[1] and names[0] else version.source
