"""The versions screen: the versions of a story, how two of them differ, and splitting one off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on

from reader.app.keymap import screen_bindings
from reader.app.keys import with_keys
from reader.app.messages import errors_shown, redo, report_error, undo
from reader.app.text.article_lines import day, file_names
from reader.app.text.document import Document, Part, ReadingPosition
from reader.app.text.typesetting import StyledSpan
from reader.app.text.wrapping import fit, fit_path, pad_path, width_of
from reader.app.threads import QueryWorker, Task, Write
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import Hint, Piece, key_line, title_line
from reader.app.widgets.screens import TextScreen, TwoPanes
from reader.library import Library, StoredArticle, Version
from reader.library.stories.comparing import Difference, differences
from reader.sanitize import many, sanitize

# The differences as a document

MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
"""Marks around text that only the old or only the new version has."""
TEXT = "body"
"""The part of an article that is always shown, even if both versions are equal."""
PART_NAMES = {TEXT: "text", "published": "date"}
"""Headings of parts whose names are not clear."""


class Comparison(NamedTuple):
    """A document of two versions and their differences."""

    document: Document
    changes: Sequence[ReadingPosition]
    """Where each difference begins, in page order."""
    removed: int
    """Words that only the old version has."""
    added: int
    """Words that only the new version has."""


class _Writer:
    """Builds paragraphs from pieces that both versions have, or only one of them."""

    def __init__(self) -> None:
        self.parts: list[Part] = [Part("space", "", 0)]
        self.changes: list[ReadingPosition] = []
        """Where each difference begins."""
        self._text = ""
        self._styled: list[StyledSpan] = []
        self._breaks = False
        """Does the paragraph end before the next piece?"""
        self._kind = "same"
        """The kind of the last piece."""
        self._replacing = False
        """Does the last piece belong to a difference?"""

    def begin(self, name: str) -> None:
        self.close()
        self._replacing = False
        self.parts.append(Part("label", PART_NAMES.get(name, name).upper(), 0))

    def put(self, text: str, kind: str) -> None:
        """Append a line of text to the paragraph."""
        # Text that replaces the end of a paragraph stays beside it: the break comes after both.
        waits = kind == "added" and self._kind == "removed"
        if self._breaks and text and not waits:
            self.close()
        self._kind = kind
        words = text.strip(" ")
        before, after = MARKS.get(kind, ("", ""))
        if not before or not words:
            self._text += text
            self._replacing = self._replacing and not words
            return
        if self._text and not self._text.endswith(" ") and (text != text.lstrip(" ") or self._replacing):
            self._text += " "
        start = len(self._text)
        if not self._replacing:
            # Removed text and the text that replaces it are one difference.
            self.changes.append(ReadingPosition(len(self.parts), start))
        self._replacing = True
        self._text += before + words + after
        self._styled.append(StyledSpan(start, len(self._text), kind))
        if text != text.rstrip(" "):
            self._text += " "

    def end_line(self) -> None:
        """End a line, at which a paragraph ends in at least one version."""
        self._breaks = True

    def close(self) -> None:
        self._breaks = False
        if self._text.strip():
            self.parts.append(Part("text", self._text, styled=tuple(self._styled)))
        self._text, self._styled = "", []


def comparison(differences: Iterable[Difference]) -> Comparison:
    """Make a document of the differences between two versions."""
    writer = _Writer()
    counts = {"removed": 0, "added": 0}
    name = ""
    pieces = list(differences)
    shown = {part for kind, part, _ in pieces if kind in counts} | {TEXT}
    for kind, part, text in pieces:
        if part not in shown:
            continue
        if part != name:
            name = part
            writer.begin(part)
        if kind in counts:
            counts[kind] += len(text.split())
        for number, line in enumerate(text.split("\n")):
            if number:
                writer.end_line()
            writer.put(sanitize(line), kind)
    writer.close()
    if not any(counts.values()):
        writer.parts.insert(1, Part("note", "The two versions have the same words."))
    document = Document((), tail=writer.parts)
    return Comparison(document, writer.changes, counts["removed"], counts["added"])


# The view

WIDEST = 84
INDENT = 2


class DifferencesView(LineView):
    """Shows a comparison; its matches are the differences."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "text": "text-muted",
        "label": "text-accent bold",
        "note": "foreground",
        "space": "",
        "mark": "",
        "removed": "text-error strike",
        "added": "text-success underline",
        "match": "bold",
        "current": "bold reverse",
    }

    def show(self, comparison: Comparison) -> None:
        self.set_document(comparison.document)
        self.show_changes(comparison)

    def show_changes(self, comparison: Comparison) -> None:
        """Make the differences the matches."""
        self.finder.show((place, 2) for place in comparison.changes)

    def show_note(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.set_document(Document((Part("space", "", 0), Part("note", sentence))))

    def column(self, width: int) -> tuple[int, int]:
        indent = INDENT if width > 30 else 0
        return indent, min(WIDEST, width - indent - 1)


# The screen

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
        if part == 2:
            why = row.why or ("the others were matched with it" if len(self.model) > 1 else "")
            return [("list--detail", " " + fit(sanitize(why), max(0, width - 1)))]
        if part:
            state = ("list--badge", "TRUNCATED") if row.truncated else ("list--whole", "WHOLE")
            facts = many(row.words, "word") + (f" · {day(row.captured)}" if row.captured else "")
            room = max(0, width - 1 - len(state[1]))
            return [("list--detail", " "), state, ("list--detail", fit(f" · {sanitize(facts)}", room))]
        is_base = self.base is not None and row.key == self.base.key
        badge = " · ".join(word for word, applies in (("BASE", is_base), ("LISTED", row.listed)) if applies)
        # The same room in every row, so that paths of one folder look alike.
        widest = "BASE · LISTED" if self.base is not None and self.base.listed else "LISTED"
        room, path = max(0, width - width_of(widest) - 2), sanitize(row.source)
        if not badge and width_of(path.rpartition("/")[2]) + 2 > room:
            return [("list--source", fit_path(path, width))]
        return [("list--source", pad_path(path, room) + "  "), ("list--whole", badge)]


class VersionsScreen(TextScreen[int | None]):
    """Closes with the key of a version to read, or with None."""

    AUTO_FOCUS = "VersionList"
    BINDINGS = screen_bindings("versions")
    SHOWS_ARTICLE = True

    def __init__(self, library: Library, stored: StoredArticle, write: Write) -> None:
        """`stored`: the version that is open."""
        self.versions = VersionList(id="versions")
        self.versions.keys_elsewhere = True
        view = DifferencesView(id="differences")
        super().__init__(view, panes=TwoPanes(self.versions, view, self._legend, upper=self._upper))
        self.view: DifferencesView = view
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self._write = write
        self._stored = stored
        self._story: Sequence[Version] = ()
        self.changed = False
        self._pair: tuple[Version, Version] | None = None
        """The old and the new version being compared or shown."""
        self._comparison: Comparison | None = None

    def heading(self, width: int) -> list[Piece]:
        count = Piece(f" {many(len(self._story), 'version')} ")
        return title_line(f" Versions ─ {sanitize(self._stored.article.title)} ", width, count)

    def _legend(self, width: int) -> list[Piece]:
        if self._pair is None:
            return [Piece("─" * width, "bar--rule")]
        (open_old, close_old), (open_new, close_new) = MARKS["removed"], MARKS["added"]
        removed, added = (0, 0) if self._comparison is None else self._comparison[2:]
        counts = f" −{removed:,} +{added:,} words "
        half = max(4, (width - width_of(counts) - 14) // 2)
        sources = (version.source for version in self._pair)
        old, new = (fit_path(name, half) for name in file_names(*sources))
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
        current, changes = self.view.finder.match or (0, 0)
        searching = self.find.match is not None
        reading = self.focused is self.view
        hints: list[Hint] = [("{panes.read}", "read it", "choose")]
        if len(self._story) > 1:
            hints = [
                ("{move.down}/{move.up}", "scroll" if reading else "version", "move('down')"),
                ("{find.next}/{find.previous}", "match" if searching else "difference", "find_step(1)"),
                *hints,
                ("{versions.base}", "base", "base"),
                ("{versions.split}", "split off", "split"),
                ("{panes.other}", "list" if reading else "text", "other"),
                ("{find.start}", "find", "find"),
            ]
        place = f"{current:,} of {changes:,} " if changes else "no match " if searching else ""
        return key_line(hints, self.closing_hints(), place, width)

    def _upper(self, rows: int) -> int:
        return max(VersionList.ROW_LINES, min(rows // 2, 3 * len(self._story)))

    @property
    def is_opening(self) -> bool:
        """Should keys wait for the differences?"""
        return not self._story or (self._pair is not None and self._comparison is None)

    def on_mount(self) -> None:
        """Compare the open version with the representative one, or with the next one."""
        self._list(self._stored.key)

    def on_unmount(self) -> None:
        self.queries.close()

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

    def _compare(self) -> None:
        old, new = self.versions.chosen, self.versions.base
        self._pair = self._comparison = None
        if old is None or new is None or len(self._story) < 2:
            self.view.show_note(ONE_VERSION)
        elif old.key == new.key:
            self.view.show_note(with_keys(ITSELF))
        else:
            if old.captured and new.captured and old.captured > new.captured:
                old, new = new, old
            self._pair = old, new
            self.run_worker(self._show_comparison(old.key, new.key), exclusive=True)
        self.refresh_bars()

    async def _show_comparison(self, old: int, new: int) -> None:
        def compare(library: Library) -> Comparison:
            return comparison(differences(library.version(old).article, library.version(new).article))

        shown = await self.queries.ask("differences", compare)
        if self._pair is not None:  # Else the cursor is on the base by now.
            self._comparison = shown
            self.find.forget()
            self.view.show(shown)
            self.refresh_bars()

    def search_cleared(self) -> None:
        if self._comparison is not None:
            self.view.show_changes(self._comparison)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        if action == "find_step" and self.find.match is not None:
            return True
        return action not in ("base", "find_step") or len(self._story) > 1

    def action_move(self, how: str) -> None:
        if self.focused is self.view:
            self.action_scroll(how)
        elif self.versions.move_by_key(how):
            self._compare()

    def action_scroll(self, how: str) -> None:
        self.view.scroll_by_key(how)

    def action_find_step(self, step: int) -> None:
        """Go to the next match of a search, or to the next difference."""
        self.view.finder.step(step)

    def action_base(self) -> None:
        """Make the version under the cursor the base; scroll a page if the differences have focus."""
        if self.focused is self.view:
            self.action_scroll("page_down")
        elif (version := self.versions.chosen) is not None and version != self.versions.base:
            before, self.versions.base = self.versions.base, version
            self._list(None if before is None else before.key)

    def action_choose(self) -> None:
        if (version := self.versions.chosen) is not None:
            self.dismiss(version.key)

    def action_split(self) -> None:
        """Split the version under the cursor off from the story, and with it all that have the same words."""
        version = self.versions.chosen
        if version is None or len(self._story) < 2:
            self.notice(ONE_VERSION)
            return

        def report(words: str | None) -> None:
            if words is None:
                self.notice("These versions have the same words, so none can be split off")
                return
            self.changed = True
            apart = {other.key for other in self.library.versions(version.key)}
            rest = [other.key for other in self._story if other.key not in apart]
            captures = len(self._story) - len(rest)
            if self._stored.key in apart and rest:
                # Stay with the rest of the story.
                self._stored = self._stored._replace(key=rest[0])
            self._list()
            now = f"Split off: {version.source} is" if captures == 1 else f"{captures} captures are"
            self.notice(f"{now} now a separate article; {with_keys('{state.undo} undoes it')}")

        self._write(lambda own: own.state.split(version.key), report)

    def action_undo(self) -> None:
        self._change(undo)

    def action_redo(self) -> None:
        self._change(redo)

    def _change(self, change: Task[str]) -> None:

        def report(notice: str) -> None:
            self.changed = True
            chosen, before = self.versions.chosen, {version.key for version in self._story}
            keys = [version.key for version in self.library.versions(self._stored.key)]
            back = [key for key in keys if key not in before]
            self._list(next(iter(back), None if chosen is None else chosen.key))
            self.notice(notice)

        self._write(change, report)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if self.versions.move(message.index):
            self._compare()
