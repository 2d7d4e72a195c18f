"""The versions screen: the versions of a story, how two of them differ, and splitting one off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from reader.app.keys import with_keys
from reader.app.notices import errors_shown
from reader.app.screen_keys import screen_bindings
from reader.app.text.article_lines import day
from reader.app.text.wrapping import fit, fit_path, pad_path, width_of
from reader.app.threads import Write
from reader.app.versions.differences import MARKS, Comparison, DifferencesView, comparison
from reader.app.widgets.bars import HELP, Hint, Piece, key_line, title_line
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.layers import Finder
from reader.app.widgets.panes import TwoPaneScreen, side_width
from reader.library import Library, StoredArticle, Version
from reader.library.stories.differences import differences
from reader.sanitize import many, sanitize

ONE_VERSION = "There is only one version: no other capture in the library has this story."
ITSELF = "The other versions are compared with this one. To compare with another, choose it and press {versions.base}."


class VersionList(GroupedList[Version]):
    """Versions, three lines each: source, length and date, and why it is the same story. The fullest comes first."""

    ROW_LINES = 3
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {**GroupedList.LOOKS, "list--source": "foreground bold"}

    base: Version | None = None
    """The version that the others are compared with."""

    def draw(self, row: Version, part: int, width: int) -> list[tuple[str, str]]:
        """Draw one of the three lines."""
        if part == 2:
            why = row.why or "the first one in the library"
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            state = ("list--badge", "TRUNCATED") if row.truncated else ("list--whole", "WHOLE")
            facts = many(row.words, "word") + (f" · {day(row.captured)}" if row.captured else "")
            room = max(0, width - 1 - len(state[1]))
            return [("list--detail", " "), state, ("list--detail", fit(f" · {sanitize(facts)}", room))]
        is_base = self.base is not None and row.key == self.base.key
        badge = " · ".join(word for word, applies in (("BASE", is_base), ("LISTED", row.listed)) if applies)
        if not badge:
            return [("list--source", fit_path(sanitize(row.source), width))]
        room = max(0, width - width_of(badge) - 2)
        return [("list--source", pad_path(sanitize(row.source), room) + "  "), ("list--whole", badge)]


class VersionsScreen(TwoPaneScreen[int | None]):
    """Closes with the key of a version to read, or with None."""

    AUTO_FOCUS = "VersionList"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("versions")
    SHOWS_ARTICLE = True
    """True, so that global keys for the article work (`ReaderApp.action_everywhere`)."""

    def __init__(self, library: Library, stored: StoredArticle, write: Write) -> None:
        """`stored`: the version that is open."""
        self.versions = VersionList(id="versions")
        self.versions.keys_elsewhere = True
        self.view = DifferencesView(id="differences")
        super().__init__(library, self.versions, self.view)
        self._write = write
        self._stored = stored
        self._story: Sequence[Version] = ()
        self.changed = False
        """Has the story changed?"""
        self._pair: tuple[Version, Version] | None = None
        """The old and the new version being compared or shown."""
        self._comparison: Comparison | None = None
        self._current = 0
        """Number of the current difference, from 1."""

    def heading(self, width: int) -> list[Piece]:
        """The title of the story and the number of versions."""
        count = Piece(f" {many(self._count, 'version')} ")
        return title_line(f" Versions ─ {sanitize(self._stored.article.title)} ", width, count)

    def legend(self, width: int) -> list[Piece]:
        """The marks of each version, and how many words differ."""
        if self._pair is None:
            return [Piece("─" * width, "bar--rule")]
        (open_old, close_old), (open_new, close_new) = MARKS["removed"], MARKS["added"]
        removed, added = (0, 0) if self._comparison is None else self._comparison[2:]
        counts = f" −{removed:,} +{added:,} words "
        half = max(4, (width - width_of(counts) - 14) // 2)
        old, new = (fit_path(sanitize(name), half) for name in _names(*self._pair))
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
        return pieces if room < 0 else [*pieces, Piece(" " * room), Piece(counts, "bar--muted")]

    def footer(self, width: int) -> list[Piece]:
        """The keys for what has focus, and the number of the current difference."""
        changes = 0 if self._comparison is None else len(self._comparison.changes)
        reading = self.focused is self.view
        hints: list[Hint] = [("{panes.read}", "read it", "choose")]
        if self._count > 1:
            hints = [
                ("{move.down}/{move.up}", "scroll" if reading else "version", "move('down')"),
                ("{find.next}/{find.previous}", "difference", "change(1)"),
                *hints,
                ("{versions.base}", "base", "base"),
                ("{versions.split}", "split off", "split"),
                ("{panes.other}", "list" if reading else "text", "other"),
            ]
        place = f"{self._current:,} of {changes:,} " if changes else ""
        return key_line(hints, (("{panes.back}", "back", "close"), HELP), place, width)

    def left(self, width: int) -> int:
        """Columns of the list."""
        return side_width(width)

    def upper(self, rows: int) -> int:
        """Rows of the list above the differences."""
        return max(VersionList.ROW_LINES, min(rows // 2, 3 * self._count))

    def on_mount(self) -> None:
        """Compare the open version with the representative one, or with the next one."""
        self._list(self._stored.key)

    def _list(self, key: int | None = None) -> None:
        """List the versions again, with the cursor on `key` unless that is the base."""
        with errors_shown(self):
            story = self._story = self.library.versions(self._stored.key)
            indexes = {version.key: index for index, version in enumerate(story)}
            base = 0 if self.versions.base is None else indexes.get(self.versions.base.key, 0)
            self.versions.base = story[base] if story else None
            cursor = 0 if key is None else indexes.get(key, 0)
            if cursor == base and len(story) > 1:
                cursor = 1 if cursor == 0 else 0
            self.versions.show(GroupedRows([("", story)]), cursor)
            self.versions.refresh(layout=True)
            self._compare()

    @property
    def _count(self) -> int:
        """The number of versions of the story."""
        return len(self._story)

    def _compare(self) -> None:
        """Compare the version under the cursor with the base."""
        old, new = self._version, self.versions.base
        self._pair = self._comparison = None
        if old is None or new is None or self._count < 2:
            self.view.show_note(ONE_VERSION)
        elif old.key == new.key:
            self.view.show_note(with_keys(ITSELF))
        else:
            self._pair = old, new
            self.run_worker(self._show_comparison(old.key, new.key), exclusive=True)
        self.refresh_bars()

    async def _show_comparison(self, old: int, new: int) -> None:
        def compare(library: Library) -> Comparison:
            return comparison(differences(library.version(old).article, library.version(new).article))

        shown = await self.queries.ask("differences", compare)
        if self._pair is not None:  # Else the cursor is on the base by now.
            self._comparison, self._current = shown, 0
            self.refresh_bars()
            self.view.show(shown)

    def on_finder_found(self, message: Finder.Found) -> None:
        """Show the number of the current difference."""
        self._current = message.current
        self.refresh_bars()

    @property
    def _version(self) -> Version | None:
        """The version under the cursor."""
        cursor = self.versions.cursor
        return None if cursor is None else self.versions.row(cursor)

    # Keys

    def action_move(self, how: str) -> None:
        """Move to another version, or scroll the differences."""
        if self.focused is self.view:
            self.action_scroll(how)
        elif self.versions.move_by_key(how):
            self._compare()

    def action_scroll(self, how: str) -> None:
        """Scroll the differences."""
        self.view.scroll_by_key(how)

    def action_change(self, step: int) -> None:
        """Go to the next or previous difference."""
        self.view.finder.step(step)

    def action_base(self) -> None:
        """Make the version under the cursor the base; scroll a page if the differences have focus."""
        if self.focused is self.view:
            self.action_scroll("page_down")
        elif (version := self._version) is not None and version != self.versions.base:
            before, self.versions.base = self.versions.base, version
            self._list(None if before is None else before.key)

    def action_choose(self) -> None:
        """Close with the version under the cursor."""
        if (version := self._version) is not None:
            self.dismiss(version.key)

    def action_split(self) -> None:
        """Split the version under the cursor off from the story."""
        version = self._version
        if version is None or self._count < 2:
            return

        async def split() -> None:
            with errors_shown(self):
                await self._write(lambda own: own.state.split(version.key))
                self.changed = True
                if self._stored.key == version.key and self._story:
                    # Stay with the rest of the story.
                    first = self._story[0].key
                    rest = first if first != version.key else self._story[1].key
                    self._stored = self._stored._replace(key=rest)
                self._list()
                back = with_keys("{state.undo} undoes it")
                self.notice(f"Split off: {version.source} is now a separate article; {back}")

        self.app.run_worker(split())

    def action_undo(self) -> None:
        """Undo the last action."""

        async def undo() -> None:
            with errors_shown(self):
                words = await self._write(lambda own: own.state.undo())
                self.changed = True
                self._list(None if self._version is None else self._version.key)
                self.notice("Nothing to undo" if words is None else f"Undone: {words}")

        self.app.run_worker(undo())

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if self.versions.move(message.index):
            self._compare()


def _names(old: Version, new: Version) -> tuple[str, str]:
    """Name two versions by their file names if these differ, else by their sources."""
    names = [version.source.rstrip("/").rpartition("/")[2] for version in (old, new)]
    if names[0] == names[1]:
        return old.source, new.source
    return names[0] or old.source, names[1] or new.source
