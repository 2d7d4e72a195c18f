"""Selects, highlights and annotates the article being read, and opens the screen that lists all highlights."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import actions

from reader.app.keys import with_keys, with_own_keys
from reader.app.messages import Announced, errors_shown, no_more, show_notice
from reader.app.text.document import Place
from reader.app.text.wrapping import fit
from reader.app.widgets.panes import Piece, key_line
from reader.errors import LibraryError
from reader.library import GoneError, Library
from reader.library.state.anchors import Quote
from reader.library.state.notes import COLORS, Annotation, Color, NoteChangedError
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen
    from reader.app.notes import NoteRow
    from reader.app.widgets.article_view import ArticleView
    from reader.app.widgets.highlights import Kind

_NOT_SELECTABLE: Final = "Headline, byline and captions cannot be selected"
_NOTHING_SELECTED: Final = (
    "Nothing is selected yet; move with {move.down}, {select.word} or {select.right}, "
    f"or press {{notes.select_lines}} for whole lines. {_NOT_SELECTABLE}"
)
_SPOKEN_KEYS: Final = (
    "{select.right} and {select.left} move by characters, {select.word} and {select.previous_word} by words, "
    "{move.down} and {move.up} by lines. {notes.select} starts again at the cursor. {panes.read} highlights, "
    "{select.note} adds a note, {select.copy} copies, {panes.back} stops selecting"
)


class Highlights:
    """Acts on the selection, the highlights, the note and the tags of the article on a main screen."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._pane = main.article_pane
        self._selection = main.article_pane.selection
        self._color: Color = COLORS[0]
        self._opened: NoteRow | None = None
        """The row opened last in the list of all highlights."""
        self._discarded = ("", "")
        """The text of a note that was discarded last, after the words or the title that it was on."""
        self._announced = False
        """Has this selection been announced?"""

    # Selecting

    def select(self, kind: "Kind") -> None:
        """Begin to select in the article, by "characters" or by "lines"."""
        main = self._main

        def begin() -> None:
            if not self._selection.begin(kind):
                show_notice(main, "This article has no text to select")

        if self._pane.stored is None:
            return
        if main.pane != "article":
            main.panes.focus_pane("article")
        if self._pane.view.flow is None:
            main.call_after_refresh(begin)
        else:
            begin()

    def footer(self, width: int) -> list[Piece] | None:
        """Compose the keys for a selection, and how much is selected; None without one."""
        if not self._selection.active:
            return None
        words = 0 if self._is_empty else len(self._selection.words.split())
        enter = "change it" if self._under_cursor is not None else f"highlight in {self._color}"
        hints = (
            ("{panes.read}", enter if width >= 60 else "highlight", "selection('highlight')"),
            ("{select.yellow} {select.green} {select.blue}", "colours", "selection('highlight')"),
            ("{select.note}", "note", "selection('note')"),
            ("{select.copy}", "copy", "selection('copy')"),
            ("{select.word}/{select.previous_word}", "by words", "selection('word_right')"),
            ("{notes.select}", "start here", "select('characters')"),
            ("{notes.select_lines}", "lines", "select('lines')"),
        )
        place = f"{many(words, 'word')} " if width >= 60 else ""
        return key_line(hints, (("{panes.back}", "leave", "selection('leave')"),), place, width)

    @property
    def _is_empty(self) -> bool:
        """Has a selection by characters only begun?"""
        return self._selection.kind == "characters" and not self._selection.has_moved

    @property
    def _under_cursor(self) -> Annotation | None:
        """The highlight under the cursor of a selection that has only begun."""
        return self._pane.highlights.at(self._selection.cursor) if self._is_empty else None

    def changed(self) -> None:
        """Show the selection, and announce its beginning or its change."""
        main, selection = self._main, self._selection
        main.app.clear_old_notices()
        main.update_footer()
        if main.speech is not None and selection.active:
            begins = with_keys(f"Selecting by {selection.kind}. {_SPOKEN_KEYS}")
            main.post_message(Announced(self._selected_words() if self._announced else begins))
        self._announced = selection.active

    def _selected_words(self) -> str:
        """Describe the selection: its last words, how many there are, and the highlight under its end."""
        selection = self._selection
        words, spans = selection.words.split(), selection.spans
        is_forward = not spans or selection.cursor >= (spans[-1].block, spans[-1].end - 1)
        last = " ".join(words[-6:] if is_forward else words[:6])
        highlight = self._pane.highlights.at(selection.cursor)
        on = f", on a {highlight.color} highlight" if highlight is not None else ""
        return f"{last}: {many(len(words), 'word')} selected{on}"

    def take_key(self, key: str) -> bool:
        """Use a key while text is selected; False for keys that mean the same as always."""
        main = self._main
        if not self._selection.active or main.prompt.is_open:
            return False
        if main.pane != "article":
            self._selection.end()
            return False
        from reader.app.keymap import SCREENS  # Not for the first screen.

        for row in map(with_own_keys, SCREENS["selection"]):
            if key in row.names:
                _, _, (name,) = actions.parse(row.action)
                self.act(str(name))
                return True
        # The other digits would choose a section.
        return key in "456789"

    def act(self, name: str) -> None:
        selection = self._selection
        match name:
            case "characters" | "lines":
                self.select(name)
            case "highlight" | "yellow" | "green" | "blue" | "note" | "copy":
                annotation = self._under_cursor or self._pane.highlights.of_spans(selection.spans)
                if annotation is not None:
                    selection.end()
                    self._change(annotation, name)
                elif self._is_empty:
                    show_notice(self._main, with_keys(_NOTHING_SELECTED), seconds=5)
                elif not (quote := selection.quote()).text:
                    show_notice(self._main, "Only spaces are selected")
                else:
                    self._use(quote, name)
            case "leave":
                selection.end()
                self._main.post_message(Announced("Selection cleared"))
            case "swap":
                selection.swap()
            case "next" | "previous":
                self._go_to_highlight(1 if name == "next" else -1)
            case _:
                selection.move(name)

    def _go_to_highlight(self, step: int) -> None:
        starts = sorted({Place(*spans[0][:2]) for _, spans in self._pane.highlights.placed})
        cursor = self._selection.cursor
        beyond = [start for start in starts if (start > cursor if step > 0 else start < cursor)]
        if beyond:
            start = beyond[0 if step > 0 else -1]
            self._selection.select(start, start)
        else:
            show_notice(self._main, no_more("highlights", step))

    def dragged(self, message: "ArticleView.Dragged") -> None:
        """Select what the mouse is dragged over; at an edge, scroll."""
        selection, view = self._selection, self._pane.view
        character = view.character_at(*message.start) if message.first else None
        if character and view.document.place_in_body(*character) is None:
            show_notice(self._main, _NOT_SELECTABLE)
        if message.first and (start := selection.near(*message.start)) is not None:
            selection.select(start, start, "characters")
        if not selection.active:
            return
        if not 0 <= message.end.y < view.size.height:
            selection.move("up" if message.end.y < 0 else "down")
        elif (end := selection.near(*message.end)) is not None:
            selection.extend_to(end)

    def clicked(self, character: tuple[int, int] | None) -> None:
        """End the selection, or offer to change the highlight that was clicked."""
        if self._selection.active:
            self._selection.end()
        elif (
            character is not None and (annotation := self._pane.highlights.at(Place(*character))) is not None
        ):
            self._change(annotation, "highlight")

    # Highlights

    def _use(self, quote: Quote, name: str) -> None:
        """Copy the selected words, or highlight them: with a note, in a colour or in the one used last."""
        assert self._pane.stored is not None
        stored, words = self._pane.stored, self._selection.words
        color = next((color for color in COLORS if color == name), self._color)

        def highlight(library: Library, note: str = "", _: str = "") -> str | None:
            return library.annotations.highlight(stored, quote, color, note)

        if name == "note":
            noted = f"Highlighted in {color}, with your note; {{state.undo}} undoes it"
            self._edit(quote.text, "", highlight, noted, self._selection.end)
            return
        self._selection.end()
        if name == "copy":
            self._copy(words)
        else:
            self._color = color
            self._write(highlight, f"Highlighted in {color}; {{state.undo}} undoes it")

    def _change(self, annotation: Annotation, name: str) -> None:
        """Change, copy or remove a highlight; "highlight" offers all of these in a menu."""
        match name:
            case "highlight":
                from reader.app.dialogs.lists import HighlightMenu

                self._main.dialogs.push(HighlightMenu(annotation), partial(self._change, annotation))
            case "note":
                self.edit_note_of(annotation)
            case "copy":
                self._copy(annotation.quote.text)
            case "remove":
                self._write(
                    lambda library: library.annotations.remove(annotation.number),
                    f"Highlight{' and note' if annotation.note else ''} removed; {{state.undo}} undoes it",
                )
            case "yellow" | "green" | "blue":
                self._color = name
                self._write(
                    lambda library: library.annotations.change(annotation.number, color=name),
                    f"Highlighted in {name}",
                )

    def _copy(self, text: str) -> None:
        self._main.links.copy(text, "The selection", many(len(text.split()), "word"))

    # Notes and tags

    def edit_note(self) -> None:
        if (stored := self._pane.stored) is not None:
            self._edit(
                stored.article.title,
                self._pane.written.note,
                lambda library, note, seen: library.annotations.write_note(stored, note, seen=seen),
            )

    def edit_note_of(self, annotation: Annotation) -> None:
        """Write or change the note of a highlight, or a note on any article."""
        self._edit(
            annotation.quote.text or annotation.title,
            annotation.note,
            lambda library, note, seen: library.annotations.change(annotation.number, note=note, seen=seen),
        )

    def _edit(
        self,
        on: str,
        note: str,
        task: Callable[[Library, str, str], str | None],
        done: str = "",
        saved: Callable[[], object] = lambda: None,
    ) -> None:
        """Edit the note on some words. A task saves it, given its text and the note that the reader saw.

        `done` is the notice once it is saved, by default that it is; then `saved` is called.
        """
        from reader.app.notes import NoteScreen

        async def save(text: str, seen: str) -> None:
            default = f"{'Note saved' if text.strip() else 'Note removed'}; {{state.undo}} undoes it"
            try:
                await self._save(lambda library: task(library, text, seen), done or default)
            except GoneError as error:
                self._main.app.copy_to_clipboard(text)
                raise LibraryError(f"{error}; what you typed was sent to the clipboard") from error
            self._discarded = ("", "")
            saved()

        def discard(text: str) -> None:
            self._discarded = (on, text)

        def keep(text: str, seen: str) -> None:
            def write(library: Library) -> str | None:
                try:
                    return task(library, text, seen)
                except NoteChangedError as error:  # Nobody is left to decide: keep both.
                    return task(library, f"{error.note}\n\n{text}", error.note)

            self._main.writes.do(write)

        discarded = self._discarded[1] if self._discarded[0] == on else ""
        title = f"Note on “{fit(' '.join(on.split()), 40)}”"
        self._main.dialogs.push(NoteScreen(title, note, save, keep, discarded), discard)

    def edit_tags(self) -> None:
        from reader.app.dialogs.lists import TagsScreen

        stored, seen = self._pane.stored, self._pane.written.tags
        if stored is None:
            return

        async def save(tags: tuple[str, ...]) -> None:
            await self._save(
                lambda library: library.annotations.set_tags(stored, tags, seen=seen),
                f"{'Tags saved' if tags else 'Tags removed'}; {{state.undo}} undoes it",
            )

        with errors_shown(self._main):
            known = self._main.library.annotations.all_tags()
            self._main.dialogs.push(TagsScreen(known, seen, save))

    def open_list(self) -> None:
        from reader.app.notes import NotesScreen

        main = self._main

        def chosen(opened: "NoteRow") -> None:
            self._opened = opened
            if opened.key is not None:
                version = opened.version
                self._pane.open_note(opened.annotation, opened.key if version is None else version.key)

        screen = NotesScreen(
            main.library, main.queries, main.write, self.edit_note_of, main.dialogs.export_notes, self._opened
        )
        main.dialogs.push(screen, chosen)

    def _write(self, task: Callable[[Library], str | None], done: str) -> None:
        """Run a task that describes its change, or returns None if nothing had to change; then show `done`."""
        self._main.write(task, partial(self._report, done))

    async def _save(self, task: Callable[[Library], str | None], done: str) -> None:
        """Do the same for a dialog, which shows the LibraryError that may be raised."""
        self._report(done, await self._main.save(task))

    def _report(self, done: str, change: str | None) -> None:
        if change is not None:
            warning = self._main.session.warning()
            show_notice(self._main, with_keys(done) + warning, seconds=10 if warning else 3)
