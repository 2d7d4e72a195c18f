"""The screen that lists all highlights, notes and tags, and the dialogs for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from reader.app.keys import hint, key_for, with_keys
from reader.app.messages import errors_shown, show_error, show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit
from reader.app.threads import QueryWorker, Task, Write
from reader.app.widgets.bars import Bar, Hint, Piece, key_line, title_line
from reader.app.widgets.chooser import DIALOG_BREAKPOINTS, Chooser, ChooserRow, DialogBox
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.note_list import NoteList, NoteRow, grouped, load_rows, matching
from reader.errors import LibraryError
from reader.library import Library, Stamps
from reader.library.state.notes import COLORS, Annotation, Tag, clean_note, clean_tags
from reader.sanitize import many, sanitize

# The dialogs

_NOT_SAVED: Final = "Not saved: {}"


class NoteScreen(ModalScreen[None]):
    """Edits a note. It closes once the note is saved; an empty one is removed."""

    AUTO_FOCUS = "TextArea"
    HORIZONTAL_BREAKPOINTS = DIALOG_BREAKPOINTS
    DEFAULT_CSS = """
    NoteScreen {
        align: center middle;
        & > #dialog { height: 60%; min-height: 9; max-height: 18; }
        & TextArea {
            height: 1fr;
            border: none;
            padding: 0 1;
            background: $panel;
            color: $foreground;
            scrollbar-size-vertical: 1;
            &:focus { border: none; background: $panel; background-tint: $foreground 0%; }
            & > .text-area--cursor { background: $foreground !important; color: $background !important; }
            & > .text-area--cursor-line { background: $panel; }
            & > .text-area--selection { background: $input-selection-background; color: $input-selection-foreground; }
            & > .text-area--placeholder { color: $text-muted; }
            & > .text-area--gutter { color: $foreground; background: $panel; }
            & > .text-area--cursor-gutter { color: $foreground; background: $panel; }
            & > .text-area--matching-bracket { color: $foreground; background: $panel; text-style: underline; }
            &:nocolor > .text-area--cursor { text-style: reverse; }
        }
        & #note { height: auto; max-height: 4; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS = screen_bindings("note")

    def __init__(self, title: str, note: str, save: Callable[[str], Awaitable[None]]) -> None:
        """`save` may raise LibraryError."""
        super().__init__()
        self._title = title
        self._save = save
        self._before = sanitize(note, multiline=True)
        self._editor = TextArea(
            self._before,
            show_line_numbers=False,
            placeholder="An empty note is removed" if note else "Write your note here",
            compact=True,
        )
        self._editor.cursor_blink = False
        self._note = Static(id="note", markup=False)
        self._warned_of = ""
        """The key of which the dialog warns that it discards what was typed."""

    def compose(self) -> ComposeResult:
        with DialogBox(sanitize(self._title), hint("{notes.save} saves · {panes.back} closes")):
            yield self._editor
            yield self._note

    def on_mount(self) -> None:
        self._editor.move_cursor(self._editor.document.end)
        self._show("")

    def _show(self, sentence: str) -> None:
        self._note.display = bool(sentence)
        self._note.update(Content(sanitize(sentence)))

    def action_save(self) -> None:
        """Save the note and close, unless it is too long or being saved."""
        try:
            note = clean_note(self._editor.text)
        except LibraryError as error:
            self._show(str(error))
            return
        if note == self._before:
            self.dismiss(None)
        elif not self._editor.read_only:
            self._editor.read_only = True
            self._show("Saving…")
            self.run_worker(self._write(note))

    async def _write(self, note: str) -> None:
        """Save the note and close, or say why it is not saved and keep what was typed."""
        try:
            await self._save(note)
        except LibraryError as error:
            self._editor.read_only = False
            self._show(_NOT_SAVED.format(error))
            if is_spoken(self):
                show_error(self, _NOT_SAVED.format(error))
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close without saving. If that discards what was typed, warn first."""
        # While it is being saved, the result will soon be known.
        if not self._editor.read_only and self.may_discard("{panes.back}"):
            self.dismiss(None)

    def may_discard(self, key: str) -> bool:
        """Is nothing unsaved, or has the dialog warned that `key` discards what was typed? If not, warn."""
        if self._editor.text.strip() == self._before.strip() or self._warned_of == key:
            return True
        self._warned_of = key
        self._show(hint(f"Not saved yet: {{notes.save}} saves, {key} again discards what you typed"))
        return False

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._warned_of:
            self._warned_of = ""
            self._show("")


class TagsScreen(Chooser[tuple[str, ...]], keys="tags"):
    """Edits tags, which are separated by commas, and completes those of the library. It closes once they are saved."""

    TITLE = "Tags"
    KEYS = "{panes.read} saves · {notes.complete} completes · {panes.back} closes"
    PLACEHOLDER = "chips, to read again"
    TALLEST = 18

    def __init__(
        self, known: Sequence[Tag], tags: Sequence[str], save: Callable[[tuple[str, ...]], Awaitable[None]]
    ) -> None:
        """`known`: all tags of the library; `tags`: those of the article; `save` may raise LibraryError."""
        super().__init__()
        self._known = known
        self._save = save
        self._is_saving = False
        self._is_chosen = False
        """Has the reader moved to a row? Then Enter completes it."""
        self.entry.value = "".join(f"{sanitize(tag)}, " for tag in tags)
        self.entry.select_on_focus = False

    def matching(self, text: str) -> GroupedRows[ChooserRow[tuple[str, ...]]]:
        """The known tags that the text does not have, those first that begin like what is being typed."""
        self._is_chosen = False
        *entered, typed = (piece.strip().lstrip("#").casefold() for piece in text.split(","))
        tags = [
            tag for tag in self._known if tag.name.casefold() not in entered and typed in tag.name.casefold()
        ]
        tags.sort(key=lambda tag: not tag.name.casefold().startswith(typed))
        return GroupedRows([("", map(_row, tags))])

    def nothing(self) -> str:
        """Say why there is no tag to complete."""
        if self.entry.value.rpartition(",")[2].strip():
            return "No tag begins like this; it will be a new one. Commas separate tags."
        return "Type tags, separated by commas."

    def action_move(self, how: str) -> None:
        """Move the cursor; Enter then completes."""
        super().action_move(how)
        self._is_chosen = True

    def action_complete(self) -> None:
        """Complete the tag that is being typed with the one under the cursor."""
        if self.chosen is None:
            return
        (tag,) = self.chosen
        before, comma, _ = self.entry.value.rpartition(",")
        self.entry.value = f"{before}{comma}{' ' if comma else ''}{sanitize(tag)}, "
        self.entry.cursor_position = len(self.entry.value)

    def action_choose(self) -> None:
        """Complete the chosen tag, or save the typed tags and close."""
        if self._is_chosen:
            self.action_complete()
            return
        try:
            tags = clean_tags(self.entry.value.split(","))
        except LibraryError as error:
            self.box.show_keys(sanitize(str(error)))
            return
        if not self._is_saving:
            self._is_saving = True
            self.show_detail("Saving…")
            self.run_worker(self._write(tags))

    async def _write(self, tags: tuple[str, ...]) -> None:
        """Save the tags and close, or say why they are not saved and keep what was typed."""
        try:
            await self._save(tags)
        except LibraryError as error:
            self.show_detail(_NOT_SAVED.format(error))
            if is_spoken(self):
                show_error(self, _NOT_SAVED.format(error))
        else:
            self.dismiss(None)
        self._is_saving = False

    @on(GroupedList.Clicked)
    def _complete_clicked(self, message: GroupedList.Clicked) -> None:
        message.prevent_default()
        self.rows.move(message.index)
        self.action_complete()


def _row(tag: Tag) -> ChooserRow[tuple[str, ...]]:
    return ChooserRow((tag.name,), f"#{tag.name}", many(tag.stories, "article"))


class HighlightMenu(Chooser[str], keys="list highlight"):
    """Closes with what to do: a colour, "note", "copy" or "remove"."""

    TALLEST = 0
    DEFAULT_CSS = """
    HighlightMenu {
        & > #dialog { height: auto; min-height: 8; }
        & GroupedList { height: 6; }
    }
    """
    label_width = 4

    def __init__(self, annotation: Annotation) -> None:
        note = " ".join(annotation.note.split())
        words = f"“{' '.join(annotation.quote.text.split())}”"
        detail = f"{fit(words, 140)}\n{fit(note, 140)}" if note else fit(words, 210)

        def row(result: str, text: str, key: str) -> ChooserRow[str]:
            return ChooserRow(result, text, label=key_for(key), detail=detail)

        rows = [
            *(
                row(color, f"{color} (now)" if color == annotation.color else color, f"select.{color}")
                for color in COLORS
            ),
            row("note", "change the note" if note else "add a note", "select.note"),
            row("copy", "copy the words", "select.copy"),
            row("remove", "remove the highlight", "notes.remove"),
        ]
        # The note is wanted most.
        super().__init__(f"Highlight in {annotation.color}", GroupedRows([("", rows)]), start=len(COLORS))

    def action_pick(self, name: str) -> None:
        self.dismiss(name)


# The screen

EMPTY = (
    "There are no highlights, notes or tags yet.",
    "In an article, {notes.select} selects words and {panes.read} highlights them; you can also select with the mouse. "
    "{notes.write} writes a note on the article, {notes.tags} tags it.",
)
NOT_KEPT = (
    "These captures are not in a library, so this list will be lost when you quit. "
    "To keep what you write, first run “protocol-reader add PATH…”."
)


_LISTING: tuple[Hint, ...] = (
    ("{panes.read}", "open", "open"),
    ("{find.start}", "filter", "filter"),
    ("{notes.edit}", "note", "edit"),
    ("{notes.remove}", "remove", "remove"),
    ("{state.undo}", "undo", "undo"),
    ("{out.export}", "export", "export"),
)
_TYPING: tuple[Hint, ...] = (("{panes.read}", "go to list", "other"),)


class NotesScreen(Screen[NoteRow | None]):
    """Closes with what to read, or with None."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    NotesScreen {
        overflow: hidden;
        & > #filter { height: 1; background: $panel; }
        & > #filter > Static { width: auto; color: $text-accent; background: $panel; text-style: bold; }
        & Input { width: 1fr; }
        & > GroupedList { height: 1fr; }
    }
    """
    BINDINGS = screen_bindings("notes")

    def __init__(
        self,
        library: Library,
        queries: QueryWorker,
        write: Write,
        edit: Callable[[Annotation], None],
        export: Callable[[Sequence[int], int], None],
        start: NoteRow | None,
    ) -> None:
        """`edit` opens the editor of a note. The cursor starts on the row that was opened as `start`.

        `export` offers to export articles, given their keys, none for all, and their number.
        """
        super().__init__()
        self.queries = queries
        self._library = library
        self._write = write
        self._edit = edit
        self._export = export
        self._start = start
        self._rows: list[NoteRow] | None = None
        """None until they have been read."""
        self._stamps: Stamps | None = None
        """The library's change stamp when they were read."""
        self.list = NoteList(id="notes")
        self._listed: GroupedRows[NoteRow] = GroupedRows(())
        self.entry = Input(placeholder="words, notes, #tags, colours, titles", compact=True)
        self.entry.cursor_blink = False
        self.entry.select_on_focus = False
        self._above = Bar(self._heading)
        self._below = Bar(self._keys)

    def compose(self) -> ComposeResult:
        yield self._above
        with Horizontal(id="filter"):
            yield Static(" Filter ", markup=False)
            yield self.entry
        yield from (self.list, self._below)

    def on_mount(self) -> None:
        """Read the rows, again after each change by this or another program."""
        self.list.keys_elsewhere = is_spoken(self)  # So that the row is announced while the filter is typed.
        self._focus(self.list)
        self.set_interval(0.5, self._poll)  # Other programs may change the library.

    def on_screen_resume(self) -> None:
        self._poll()

    def _poll(self) -> None:
        with errors_shown(self):
            if (stamps := self._library.stamps()) != self._stamps:
                self._stamps = stamps
                self.run_worker(self._load(), group="rows", exclusive=True)

    async def _load(self) -> None:
        self._rows = await self.queries.ask("notes", load_rows)
        self._show(self.list.cursor or 0)
        if (start := self._start) is not None:
            places = [(row.key, row.annotation) for row in self._listed.all]
            if (place := (start.key, start.annotation)) in places:
                self.list.move(places.index(place))
        self._start = None

    def _show(self, cursor: int) -> None:
        """List the rows that the filter leaves, with the cursor on a row, or say why there are none."""
        rows = self._rows or []
        self._listed = grouped(matching(rows, self.entry.value))
        note: tuple[str, ...] = () if self._library.kept else (NOT_KEPT,)
        if self._rows is None:
            note = ("Reading…",)
        elif not rows:
            note = (*map(with_keys, EMPTY), *note)
        elif not self._listed.all:
            note = ("Nothing matches the filter.",)
        self.list.show(self._listed, cursor, note)
        self._update_bars()

    def _update_bars(self) -> None:
        self._above.refresh()
        self._below.refresh()

    def _heading(self, width: int) -> list[Piece]:
        rows, shown = len(self._rows or ()), len(self._listed)
        count = f"{shown:,} of {rows:,}" if shown != rows else f"{rows:,}"
        right = f" {count} " if rows else ""
        title = " Highlights, notes and tags " if width >= 37 + len(right) else " Highlights "
        return title_line(title, width, Piece(right))

    def _keys(self, width: int) -> list[Piece]:
        typing = self.focused is self.entry
        last = ("{panes.back}", "clear filter" if self.entry.value else "back", "close")
        return key_line(_TYPING if typing else _LISTING if self._rows else (), (last,), "", width)

    # The filter

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show(0)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._focus(self.list)

    def action_filter(self) -> None:
        self._focus(self.entry)

    def action_other(self) -> None:
        self._focus(self.list if self.focused is self.entry else self.entry)

    def action_close(self) -> None:
        """Drop the filter, or close."""
        if self.focused is self.entry or self.entry.value:
            self.entry.value = ""
            self._focus(self.list)
        else:
            self.dismiss(None)

    def _focus(self, widget: Widget) -> None:
        self.set_focus(widget, scroll_visible=False)
        self._update_bars()

    # The list

    def action_move(self, how: str) -> None:
        self.list.move_by_key(how)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if message.index == self.list.cursor:
            self.action_open()
        self.list.move(message.index)

    def action_open(self) -> None:
        """Close with the row under the cursor, if its article is kept."""
        if (row := self.list.chosen) is None:
            return
        if row.key is None:
            show_notice(self, "The library has no capture of this story; add one again to read it", seconds=5)
        else:
            self.dismiss(row)

    def action_edit(self) -> None:
        if (row := self.list.chosen) is None:
            return
        if row.gone is not None:
            self.action_open()  # which says why it cannot be opened
        elif row.annotation is None:
            show_notice(
                self, with_keys("{panes.read} opens the article, where {notes.tags} changes its tags")
            )
        else:
            self._edit(row.annotation)

    def action_remove(self) -> None:
        """Remove the highlight, note or tags under the cursor."""
        if (row := self.list.chosen) is None:
            return
        annotation, key, gone = row.annotation, row.key, row.gone
        if annotation is not None:
            self._change(lambda library: library.annotations.remove(annotation.number), "Nothing was removed")
        elif key is not None:
            self._change(lambda library: library.annotations.set_tags(key, ()), "Nothing was removed")
        elif gone is not None:
            self._change(lambda library: library.annotations.remove_tags(gone), "Nothing was removed")

    def action_undo(self) -> None:
        self._change(lambda library: library.state.undo(), "Nothing to undo", "undone: ")

    def action_redo(self) -> None:
        self._change(lambda library: library.state.redo(), "Nothing to redo", "redone: ")

    def action_export(self) -> None:
        """Export all, or the articles that the filter leaves."""
        rows = self._listed.all
        keys = list(dict.fromkeys(row.key for row in rows if row.key is not None))
        if rows and not self.entry.value.strip():
            self._export((), len({row.article for row in rows}))
        elif keys:
            self._export(keys, len(keys))
        elif self._rows:
            show_notice(self, with_keys("The filter leaves no notes to export; {panes.back} clears it"))
        else:
            show_notice(self, "There are no notes to export")

    def _change(self, task: Task[str | None], nothing: str, prefix: str = "") -> None:
        """Write, and show what was done, or `nothing`."""

        def report(words: str | None) -> None:
            self._poll()
            done = f"{prefix}{words}"
            show_notice(self, nothing if words is None else f"{done[:1].upper()}{done[1:]}")

        self._write(task, report)
