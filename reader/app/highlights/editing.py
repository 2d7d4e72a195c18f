"""The dialogs for a highlight, a note and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from reader.app.keys import hint, key_for
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import Chooser, ChooserRow, DialogBox
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.errors import LibraryError
from reader.library.state.notes import COLORS, Annotation, Tag, clean_note, clean_tags
from reader.sanitize import many, sanitize


class NoteScreen(ModalScreen[str | None]):
    """Closes with the text of the note, which is empty to remove the note, or with None."""

    AUTO_FOCUS = "TextArea"
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
        & #note { height: auto; max-height: 2; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("note")

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._before = sanitize(note, multiline=True)
        self._editor = TextArea(
            self._before,
            show_line_numbers=False,
            placeholder="An empty note is removed" if note else "Write your note here",
            compact=True,
        )
        self._editor.cursor_blink = False
        self._note = Static(id="note", markup=False)
        self._has_warned = False
        """Does the dialog warn that closing discards what was typed?"""

    def compose(self) -> ComposeResult:
        """Yield the text and a line for messages in a frame."""
        with DialogBox(sanitize(self._title), hint("{notes.save} saves · {panes.back} closes")):
            yield self._editor
            yield self._note

    def on_mount(self) -> None:
        """Put the cursor at the end."""
        self._editor.move_cursor(self._editor.document.end)
        self._show("")

    def _show(self, sentence: str) -> None:
        self._note.display = bool(sentence)
        self._note.update(Content(sanitize(sentence)))

    def action_save(self) -> None:
        """Close with the text, unless it is too long."""
        try:
            note = clean_note(self._editor.text)
        except LibraryError as error:
            self._show(str(error))
        else:
            self.dismiss(None if note == self._before else note)

    def action_close(self) -> None:
        """Close without saving. If that discards what was typed, warn first."""
        if self._editor.text.strip() == self._before.strip() or self._has_warned:
            self.dismiss(None)
        else:
            self._has_warned = True
            self._show(hint("Not saved yet: {notes.save} saves, {panes.back} again discards what you typed"))

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._has_warned:
            self._has_warned = False
            self._show("")


class TagsScreen(Chooser[tuple[str, ...]], keys="tags"):
    """Closes with the typed tags, which are separated by commas. Completes tags of the library."""

    TITLE = "Tags"
    KEYS = "{panes.read} saves · {notes.complete} completes · {panes.back} closes"
    PLACEHOLDER = "chips, to read again"
    TALLEST = 18

    def __init__(self, known: Sequence[Tag], tags: Sequence[str]) -> None:
        """`known`: all tags of the library; `tags`: those of the article."""
        super().__init__()
        self._known = known
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
        """Complete the chosen tag, or close with the typed tags."""
        if self._is_chosen:
            self.action_complete()
            return
        try:
            self.dismiss(clean_tags(self.entry.value.split(",")))
        except LibraryError as error:
            self.box.show_keys(sanitize(str(error)))

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
        """Close with a name."""
        self.dismiss(name)
