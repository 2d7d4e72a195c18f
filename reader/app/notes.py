"""The screen that lists all highlights, notes and tags, and the editor of a note."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import ClassVar, Final, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from reader.app.keymap import screen_bindings
from reader.app.keys import hint, with_keys
from reader.app.messages import errors_shown, redo, show_error, show_notice, undo
from reader.app.text.article_lines import day, file_name
from reader.app.text.wrapping import around, fit, marked, width_of
from reader.app.threads import POLL_SECONDS, QueryWorker, Task, Write
from reader.app.widgets.chooser import DIALOG_BREAKPOINTS, DialogBox
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.highlights import NOTE_SIGN
from reader.app.widgets.panes import Bar, Hint, Piece, key_line, title_line
from reader.errors import LibraryError
from reader.library import Library, Stamps, Version, fold, folded_words
from reader.library.state import anchors
from reader.library.state.notes import Annotation, GoneStory, NoteChangedError, clean_note
from reader.sanitize import sanitize

# The editor

Save = Callable[[str, str], Awaitable[None]]
"""Saves a note, given its text and the note that the reader saw. Raises NoteChangedError or another LibraryError."""
Keep = Callable[[str, str], None]
"""Queues the same write as the program ends. If the note was changed elsewhere, both texts are kept."""
_QUOTED: Final = 120
"""How many cells of a note that was changed elsewhere are shown."""


class NoteScreen(ModalScreen[str]):
    """Edits a note. It closes once the note is saved, or with the text that is discarded; an empty note is removed."""

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
            & > .text-area--matching-bracket { color: $foreground; background: $panel; text-style: underline; }
            &:nocolor > .text-area--cursor { text-style: reverse; }
        }
        & #note { height: auto; max-height: 4; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS = screen_bindings("note")

    def __init__(self, title: str, note: str, save: Save, keep: Keep, discarded: str) -> None:
        """`discarded`: the text that was discarded before, which undo brings back."""
        super().__init__()
        self._title = title
        self._save = save
        self._keep = keep
        self._discarded = discarded
        self._seen = note
        """The note in the library, as the reader has seen it."""
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
        with DialogBox(sanitize(self._title), "{notes.save} saves · {panes.back} closes"):
            yield self._editor
            yield self._note

    def on_mount(self) -> None:
        editor = self._editor
        for text in (self._discarded, self._before) if self._discarded else ():
            editor.replace(text, (0, 0), editor.document.end)
            editor.history.checkpoint()
        editor.move_cursor(editor.document.end)
        self._show("Ctrl-z brings back what you discarded" if self._discarded else "")

    def _show(self, sentence: str) -> None:
        self._note.display = bool(sentence)
        self._note.update(Content(sanitize(sentence)))

    def action_save(self) -> None:
        note = clean_note(self._editor.text)
        if note == self._before:
            self.dismiss(None)
        elif not self._editor.read_only:
            self._editor.read_only = True
            self._show("Saving…")
            self.run_worker(self._write(note))

    async def _write(self, note: str) -> None:
        """Save the note and close, or say why it is not saved and keep what was typed."""
        try:
            await self._save(note, self._seen)
        except NoteChangedError as error:
            self._seen, self._before = error.note, sanitize(error.note, multiline=True)
            again = with_keys("{notes.save} again")
            if error.note:
                note = fit(_one_line(error.note), _QUOTED)
                self._refuse(f"The note was changed elsewhere, to “{note}”. {again} replaces it")
            else:
                self._refuse(f"The note was removed elsewhere. {again} saves yours")
        except LibraryError as error:
            self._refuse(f"Not saved: {error}")
        else:
            self.dismiss(None)

    def _refuse(self, sentence: str) -> None:
        self._editor.read_only = False
        self._show(sentence)
        if is_spoken(self):
            show_error(self, sentence)

    def keep_unsaved(self) -> None:
        """Save what is typed because the program is being ended, for example with its terminal."""
        note = clean_note(self._editor.text)
        if note and note != self._before and not self._editor.read_only:
            self._keep(note, self._seen)

    def action_close(self) -> None:
        # While it is being saved, the result will soon be known.
        if not self._editor.read_only and self.may_discard("{panes.back}"):
            self.dismiss(self._editor.text if self._is_changed else None)

    def may_discard(self, key: str) -> bool:
        """Is nothing unsaved, or has the dialog warned that `key` discards what was typed? If not, warn."""
        if not self._is_changed or self._warned_of == key:
            return True
        self._warned_of = key
        self._show(hint(f"Not saved yet: {{notes.save}} saves, {key} again discards what you typed"))
        return False

    @property
    def _is_changed(self) -> bool:
        return self._editor.text.strip() != self._before.strip()

    @on(TextArea.Changed)
    def _typed(self) -> None:
        row, column = self._editor.cursor_location
        if self._editor.document.get_line(row)[:column].endswith(" "):
            # Undo takes back one word at a time.
            self._editor.history.checkpoint()
        if self._warned_of:
            self._warned_of = ""
            self._show("")


# The list

GONE: Final = "none of its captures is in the library"
NOT_PLACED: Final = "the text no longer has these words"


class NoteRow(NamedTuple):
    """A highlight, a note to an article, or the tags of an article."""

    title: str
    key: int | None
    """The article in the list; None if no capture of its story is kept."""
    tags: tuple[str, ...] = ()
    annotation: Annotation | None = None
    """None for a row of tags alone."""
    placed: bool = True
    """Do the words of the highlight stand in the listed version?"""
    version: Version | None = None
    """The version that has the words, if the listed one has not."""
    gone: GoneStory | None = None
    """The story, if no capture of it is kept."""

    @property
    def article(self) -> int | str:
        """What tells its article from others: the key, or the title of one that is not kept."""
        return self.title if self.key is None else self.key

    @property
    def status(self) -> str:
        """Where the words are, unless in the listed version, or why the row cannot lead to them."""
        if self.version is not None:
            return f"in the version from {file_name(self.version.source)}"
        return GONE if self.key is None else "" if self.placed else NOT_PLACED


def load_rows(library: Library) -> list[NoteRow]:
    """Read all highlights and notes, the newest first, then the tags of each article."""
    annotations = library.annotations
    tagged: dict[int, list[str]] = {}
    for tag in annotations.all_tags():
        for key in tag.keys:
            tagged.setdefault(key, []).append(tag.name)

    @cache
    def article(key: int) -> tuple[str, list[str]]:
        """The title and the texts of an article; both empty if it cannot be read."""
        try:
            stored = library.article(key).article
        except LibraryError:
            return "", []
        return stored.title, [sanitize(block.text) for block in stored.body]

    def version_with(highlight: Annotation, key: int) -> Version | None:
        """The version that has the highlighted words, first of all the one in which they were highlighted."""
        having = (
            version
            for version in library.versions(key)
            if anchors.locate(highlight.quote, article(version.key)[1])
        )
        return min(having, key=lambda version: version.source != highlight.source, default=None)

    gone = annotations.gone()
    owners = {annotation.number: story for story in gone for annotation in story.annotations}
    rows: list[NoteRow] = []
    for annotation, own_key in annotations.all():
        title, texts = article(own_key) if own_key is not None else ("", [])
        placed = not annotation.is_highlight or bool(anchors.locate(annotation.quote, texts))
        version = None if placed or own_key is None else version_with(annotation, own_key)
        story = owners.get(annotation.number)
        tags = story.tags if story else tuple(tagged.get(own_key or 0, ()))
        rows.append(NoteRow(title or annotation.title, own_key, tags, annotation, placed, version))
    rows += [NoteRow(article(key)[0], key, tuple(tags)) for key, tags in tagged.items()]
    rows += [NoteRow(story.title, None, story.tags, gone=story) for story in gone if story.tags]
    return rows


def matching(rows: Iterable[NoteRow], text: str) -> list[NoteRow]:
    """The rows that have all words of `text` in their words, note, tags, colour or title."""
    words = folded_words(text)

    def folded(row: NoteRow) -> str:
        annotation = row.annotation
        color = annotation.color if annotation is not None and annotation.is_highlight else ""
        own = () if annotation is None else (annotation.quote.text, annotation.note, color)
        return fold(" ".join((row.title, *(f"#{tag}" for tag in row.tags), *own)))

    return [row for row in rows if all(word in folded(row) for word in words)]


def grouped(rows: Iterable[NoteRow]) -> GroupedRows[NoteRow]:
    """The rows under the titles of their articles, in the order of their newest rows."""
    groups: dict[object, list[NoteRow]] = {}
    for row in rows:
        groups.setdefault(row.article, []).append(row)
    return GroupedRows([(of_article[0].title, of_article) for of_article in groups.values()])


class NoteList(GroupedList[NoteRow]):
    """Highlights, notes and tags, two lines each: the words with those around them, then the note and the date."""

    ROW_LINES = 2
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {
        **GroupedList.LOOKS,
        "list--yellow": "highlight-text underline on highlight-yellow",
        "list--green": "highlight-text underline on highlight-green",
        "list--blue": "highlight-text underline on highlight-blue",
        "list--alert": "text-warning",
    }

    def lines_in(self, row: NoteRow, width: int) -> int:  # noqa: ARG002
        return 1 if row.annotation is None else self.ROW_LINES

    def draw(self, row: NoteRow, part: int, width: int) -> list[tuple[str, str]]:
        annotation = row.annotation
        if part:
            return self._details(row, width)
        if annotation is None:
            return [("list--mark", fit(" ".join(f"#{sanitize(tag)}" for tag in row.tags), width))]
        if not annotation.is_highlight:
            note = _one_line(annotation.note).strip()
            sign = self._note_sign
            return [("list--mark", sign), ("list--title", fit(note, width - width_of(sign)))]
        return self._in_context(annotation, width)

    @property
    def _note_sign(self) -> str:
        return "Note: " if is_spoken(self) else f"{NOTE_SIGN} "

    def _details(self, row: NoteRow, width: int) -> list[tuple[str, str]]:
        """The note to a highlight, the date, and why it has no place."""
        annotation, status = row.annotation, row.status
        line = day(annotation.made) if annotation is not None else ""
        room = width - (width_of(status) + 3 if status else 0)
        if annotation is not None and annotation.is_highlight and annotation.note:
            note = self._note_sign + _one_line(annotation.note).strip()
            line = f"{fit(note, max(12, room - width_of(line) - 3))} · {line}"
        pieces = [("list--detail", fit(line, max(0, room)))]
        if status:
            between = " · " if line and room > 0 else ""
            pieces += [("list--detail", between), ("list--alert", fit(status, width))]
        return pieces

    def _in_context(self, annotation: Annotation, width: int) -> list[tuple[str, str]]:
        """The words of a highlight between those before and after them, as far as there is room."""
        quote = annotation.quote
        opening, closing = ("[", f"] ({annotation.color})") if self.app.no_color else ("", "")
        if is_spoken(self):
            opening, closing = f"({annotation.color}: ", ")"
        before, after = quote.before, quote.after
        # As long as this they were cut, perhaps within a word.
        if len(before) >= anchors.CONTEXT - 1:
            before = "…" + (before.lstrip().partition(" ")[2] or before)
        if len(after) >= anchors.CONTEXT - 1:
            after = (after.rstrip().rpartition(" ")[0] or after) + "…"
        before, words, after = map(_one_line, (before, quote.text, after))
        start = len(before) + len(opening)
        text = f"{before}{opening}{words}{closing}{after}"
        passage, marks = around(text, [(start, start + len(words))], width)
        return list(marked(passage, marks, "list--detail", f"list--{annotation.color}"))


def _one_line(text: str) -> str:
    """Sanitize a text, and write each run of spaces and line ends as one space."""
    return re.sub(r"\s+", " ", sanitize(text, multiline=True))


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
        self.list.keys_elsewhere = is_spoken(self)  # So that the row is announced while the filter is typed.
        self.set_focus(self.list, scroll_visible=False)
        self.set_interval(POLL_SECONDS, self._poll)

    @property
    def is_opening(self) -> bool:
        """Should keys wait for the rows?"""
        return self._rows is None

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
        note: tuple[str, ...] = () if self._library.is_durable else (NOT_KEPT,)
        if self._rows is None:
            note = ("Reading…",)
        elif not rows:
            note = (*map(with_keys, EMPTY), *note)
        elif not self._listed.all:
            note = ("Nothing matches the filter.",)
        self.list.show(self._listed, cursor, note)
        self._update_bars()

    @on(events.DescendantFocus)
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
        self.set_focus(self.list, scroll_visible=False)

    def action_filter(self) -> None:
        self.set_focus(self.entry, scroll_visible=False)

    def action_other(self) -> None:
        self.set_focus(self.list if self.focused is self.entry else self.entry, scroll_visible=False)

    def action_close(self) -> None:
        if self.focused is self.entry or self.entry.value:
            self.entry.value = ""
            self.set_focus(self.list, scroll_visible=False)
        else:
            self.dismiss(None)

    # The list

    def action_move(self, how: str) -> None:
        self.list.move_by_key(how)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if message.index == self.list.cursor:
            self.action_open()
        self.list.move(message.index)

    def action_open(self) -> None:
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
        if (row := self.list.chosen) is None:
            return
        annotation, key, gone = row.annotation, row.key, row.gone
        if annotation is not None:
            self._change(lambda library: library.annotations.remove(annotation.number))
        elif key is not None:
            self._change(lambda library: library.annotations.set_tags(key, ()))
        elif gone is not None:
            self._change(lambda library: library.annotations.remove_tags(gone))

    def action_undo(self) -> None:
        self._change(undo)

    def action_redo(self) -> None:
        self._change(redo)

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

    def _change(self, task: Task[str | None]) -> None:

        def report(words: str | None) -> None:
            self._poll()
            done = words or "Nothing was removed"
            show_notice(self, f"{done[:1].upper()}{done[1:]}")

        self._write(task, report)
