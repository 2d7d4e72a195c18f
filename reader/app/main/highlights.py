"""Selects, highlights and annotates the article being read, and opens the screen that lists all highlights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from reader.app.keys import own_keys, with_keys
from reader.app.messages import Announced
from reader.app.notices import errors_shown, no_more, show_notice
from reader.app.text.selecting import Place
from reader.library import Library
from reader.library.state.anchors import Quote
from reader.library.state.notes import COLORS, Annotation, Color
from reader.sanitize import many

if TYPE_CHECKING:
    from reader.app.highlights.layers import Kind
    from reader.app.highlights.screen import Opened
    from reader.app.main.screen import MainScreen
    from reader.app.widgets.article_view import ArticleView

Write = Callable[[Library], str | None]
"""Changes highlights, notes or tags; returns a description of the change, or None if nothing had to change."""
NOT_KEPT: Final = "These captures are not in a library, so notes are lost when you quit"
"""Short enough for one line; the list of notes says how to keep them."""
_NOTHING_SELECTED: Final = (
    "Nothing is selected yet; move with {move.down}, {select.word} or {select.right}, "
    "or press {notes.select_lines} for whole lines"
)
_NO_TEXT: Final = "This article has no text to select"
_SPOKEN_KEYS: Final = (
    "{select.right} and {select.left} move by characters, {select.word} and {select.previous_word} by words, "
    "{move.down} and {move.up} by lines. {notes.select} starts again at the cursor. {panes.read} highlights, "
    "{select.note} adds a note, {select.copy} copies, {panes.back} stops selecting"
)


class SelectionState(NamedTuple):
    """The state of a selection, for the footer."""

    words: int
    """How many words are selected."""
    color: str
    """The colour that Enter highlights in."""
    on_highlight: bool = False
    """Does Enter change the highlight under the cursor?"""


class Highlights:
    """Acts on the selection, the highlights, the note and the tags of the article on a main screen."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._pane = main.article_pane
        self._selection = main.article_pane.selection
        self._color: Color = COLORS[0]
        """The colour used last."""
        self._names: dict[str, str] = {}
        """The action of each key while text is selected; filled with the first selection."""
        self._has_warned = False
        """Has the reader been warned that notes are not kept?"""
        self._opened: Opened | None = None
        """The row opened last in the list of all highlights."""
        self._announced = False
        """Has this selection been announced?"""

    def update(self) -> None:
        """Show the highlights, notes and tags of the article as the library has them now."""
        if self._pane.stored is not None:
            self._pane.show_written(self._main.opener.written(self._pane.stored))

    # Selecting

    def select(self, kind: Kind) -> None:
        """Begin to select in the article, by "characters" or by "lines"."""
        main = self._main
        if self._pane.stored is None:
            return
        if main.pane != "article":
            main.panes.focus_pane("article")
        if self._pane.view.flow is None:
            main.call_after_refresh(self._begin, kind)
        else:
            self._begin(kind)

    def _begin(self, kind: Kind) -> None:
        if not self._selection.begin(kind):
            show_notice(self._main, _NO_TEXT)

    @property
    def state(self) -> SelectionState | None:
        """The selection for the footer; None without one."""
        if not self._selection.active:
            return None
        words = len(self.selected_text.split())
        return SelectionState(words, self._color, self._under_cursor is not None)

    @property
    def selected_text(self) -> str:
        """The selected words, a line for each paragraph."""
        document = self._pane.view.document
        return "\n".join(
            document.text(unit)[start:end].strip()
            for unit, start, end in self._selection.spans
            if document is not None
        )

    @property
    def _under_cursor(self) -> Annotation | None:
        """The highlight under the cursor of a selection that has only begun."""
        if self._selection.kind == "lines" or self._selection.has_moved:
            return None
        return self._pane.highlights.at(*self._selection.cursor)

    def changed(self) -> None:
        """Show and announce the selection."""
        main, selection = self._main, self._selection
        main.update_footer()
        if main.speech is None:
            return
        if selection.active and not self._announced:
            by = "lines" if selection.kind == "lines" else "characters"
            main.post_message(Announced(with_keys(f"Selecting by {by}. {_SPOKEN_KEYS}")))
        elif selection.active:
            main.post_message(Announced(self._spoken()))
        self._announced = selection.active

    def _spoken(self) -> str:
        """Describe the selection: its last words, how many there are, and the highlight under its end."""
        words = self.selected_text.split()
        last = " ".join(words[-6:] if self._selection.cursor >= self._end else words[:6])
        highlight = self._pane.highlights.at(*self._selection.cursor)
        on = f", on a {highlight.color} highlight" if highlight is not None else ""
        return f"{last}: {many(len(words), 'word')} selected{on}"

    @property
    def _end(self) -> Place:
        spans = self._selection.spans
        return Place(spans[-1][0], spans[-1][2] - 1) if spans else self._selection.cursor

    def take_key(self, key: str) -> bool:
        """Use a key while text is selected; False for keys that mean the same as always."""
        main = self._main
        if not self._selection.active or main.prompt.is_open:
            return False
        if main.pane != "article":
            self._selection.end()
            return False
        name = self._key_names().get(key)
        if name is not None:
            self.act(name)
        # The other digits would choose a section.
        return name is not None or key in "456789"

    def _key_names(self) -> Mapping[str, str]:
        if not self._names:
            from reader.app.screen_keys import SCREENS  # Not for the first screen.

            for id_, defaults, action, *_ in SCREENS["selection"]:
                name = action.partition("('")[2].removesuffix("')")
                for key in own_keys().get(id_, defaults.split(",")):
                    self._names[key] = name
        return self._names

    def act(self, name: str) -> None:
        """Do what a key does while text is selected."""
        actions: dict[str, Callable[[], object]] = {
            "characters": lambda: self.select("characters"),
            "lines": lambda: self.select("lines"),
            "highlight": self.highlight,
            "note": self._highlight_with_note,
            "copy": self.copy,
            "leave": self._leave,
            "swap": self._selection.swap,
            "next": lambda: self._go_to_highlight(1),
            "previous": lambda: self._go_to_highlight(-1),
            **{color: partial(self.highlight, color) for color in COLORS},
        }
        if name in actions:
            actions[name]()
        else:
            self._selection.move(name)

    def _leave(self) -> None:
        """Clear the selection."""
        self._selection.end()
        self._main.post_message(Announced("Selection cleared"))

    def _go_to_highlight(self, step: int) -> None:
        """Move to the next or previous highlight of the article."""
        starts = sorted({Place(*spans[0][:2]) for _, spans in self._pane.highlights.placed if spans})
        cursor = self._selection.cursor
        beyond = [start for start in starts if (start > cursor if step > 0 else start < cursor)]
        if beyond:
            self._selection.go_to(beyond[0 if step > 0 else -1])
        else:
            show_notice(self._main, no_more("highlights", step))

    def dragged(self, message: ArticleView.Dragged) -> None:
        """Select what the mouse is dragged over; at an edge, scroll."""
        selection, height = self._selection, self._pane.view.size.height
        if message.first:
            start = selection.near(*message.start)
            if start is not None:
                selection.begin_at(start)
        if not selection.active:
            return
        if not 0 <= message.end.y < height:
            selection.move("up" if message.end.y < 0 else "down")
        elif (end := selection.near(*message.end)) is not None:
            selection.extend_to(end)

    def clicked(self, unit: int, offset: int) -> None:
        """End the selection, or offer to change the highlight that was clicked."""
        if self._selection.active:
            self._selection.end()
        elif (annotation := self._pane.highlights.at(unit, offset)) is not None:
            self.open_menu(annotation)

    # Highlights

    def highlight(self, color: Color | None = None, note: str = "") -> None:
        """Highlight what is selected, in the colour used last or another one."""
        if (annotation := self._under_cursor) is not None:
            self._selection.end()
            if color is None:
                self.open_menu(annotation)
            else:
                self._recolor(annotation, color)
            return
        stored, quote = self._pane.stored, self._quote()
        if stored is None or quote is None:
            return
        self._color = chosen = color or self._color
        same = self._pane.highlights.of_span(self._selection.spans)
        self._selection.end()
        if same is None:
            self._write(
                lambda library: library.annotations.highlight(stored.key, quote, chosen, note),
                with_keys(f"Highlighted in {chosen}; {{state.undo}} undoes it"),
            )
        else:
            self._write(
                lambda library: library.annotations.change(same.number, color=chosen, note=note or None),
                f"Highlighted in {chosen}",
            )

    def _quote(self) -> Quote | None:
        """The selected words; None, with a notice, if there are none."""
        selection = self._selection
        if selection.kind == "characters" and not selection.has_moved:
            show_notice(self._main, with_keys(_NOTHING_SELECTED), seconds=5)
            return None
        quote = selection.quote()
        if not quote.text:
            show_notice(self._main, "Only spaces are selected")
            return None
        return quote

    def _highlight_with_note(self) -> None:
        if (annotation := self._under_cursor) is not None:
            self._selection.end()
            self.edit_note_of(annotation)
        elif (quote := self._quote()) is not None:

            def written(note: str | None) -> None:
                if note is not None:
                    self.highlight(note=note)

            self._open_editor(f"Note on “{_short(quote.text)}”", "", written)

    def copy(self) -> None:
        """Copy the selection, and clear it."""
        if (annotation := self._under_cursor) is not None:
            text = annotation.quote.text
        elif self._quote() is None:
            return
        else:
            text = self.selected_text
        self._selection.end()
        self._copy(text)

    def _copy(self, text: str) -> None:
        self._main.links.copy(text, "The selection", many(len(text.split()), "word"))

    def open_menu(self, annotation: Annotation) -> None:
        """Offer to change, copy or remove a highlight."""
        from reader.app.highlights.editing import HighlightMenu

        def chosen(name: str | None) -> None:
            if name == "note":
                self.edit_note_of(annotation)
            elif name == "copy":
                self._copy(annotation.quote.text)
            elif name == "remove":
                self._write(
                    lambda library: library.annotations.remove(annotation.number),
                    with_keys("Highlight removed; {state.undo} undoes it"),
                )
            elif name in get_args(Color):
                self._recolor(annotation, name)  # type: ignore[arg-type]

        self._main.app.push_screen(HighlightMenu(annotation), chosen)

    def _recolor(self, annotation: Annotation, color: Color) -> None:
        self._color = color
        self._write(
            lambda library: library.annotations.change(annotation.number, color=color),
            f"Highlighted in {color}",
        )

    # Notes and tags

    def annotate(self, name: str) -> None:
        """Write a "note" on the article, edit its "tags", or "list" all highlights and notes."""
        {"note": self.edit_note, "tags": self.edit_tags, "list": self.open_list}[name]()

    def edit_note(self) -> None:
        """Write or change the note on the article."""
        stored = self._pane.stored
        if stored is not None:
            self._edit_note(
                stored.article.title,
                self._pane.written.note,
                lambda library, note: library.annotations.write_note(stored.key, note),
            )

    def edit_note_of(self, annotation: Annotation) -> None:
        """Write or change the note of a highlight, or a note on any article."""
        self._edit_note(
            annotation.quote.text or annotation.title,
            annotation.note,
            lambda library, note: library.annotations.change(annotation.number, note=note),
        )

    def _edit_note(self, on: str, note: str, write: Callable[[Library, str], str | None]) -> None:
        def written(text: str | None) -> None:
            if text is not None:
                done = "Note saved" if text.strip() else "Note removed"
                self._write(
                    lambda library: write(library, text), with_keys(f"{done}; {{state.undo}} undoes it")
                )

        self._open_editor(f"Note on “{_short(on)}”", note, written)

    def _open_editor(self, title: str, note: str, written: Callable[[str | None], None]) -> None:
        from reader.app.highlights.editing import NoteScreen

        self._main.app.push_screen(NoteScreen(title, note), written)

    def edit_tags(self) -> None:
        """Edit the tags of the article."""
        from reader.app.highlights.editing import TagsScreen

        stored = self._pane.stored
        if stored is None:
            return

        def chosen(tags: tuple[str, ...] | None) -> None:
            if tags is not None:
                self._write(
                    lambda library: library.annotations.set_tags(stored.key, tags),
                    with_keys(f"{'Tags saved' if tags else 'Tags removed'}; {{state.undo}} undoes it"),
                )

        with errors_shown(self._main):
            known = self._main.library.annotations.all_tags()
            self._main.app.push_screen(TagsScreen(known, self._pane.written.tags), chosen)

    # The list of all highlights

    def open_list(self) -> None:
        """List all highlights, notes and tags."""
        from reader.app.highlights.screen import NotesScreen

        def chosen(opened: Opened | None) -> None:
            if opened is not None:
                self._opened = opened
                self._main.opener.open_highlight(opened.key, opened.annotation)

        self._main.app.push_screen(
            NotesScreen(
                self._main.library,
                self._main.queries,
                self._main.write,
                self.edit_note_of,
                self._main.dialogs.export_notes,
                self._opened,
            ),
            chosen,
        )

    # Writing

    def _write(self, task: Write, done: str) -> None:
        self._main.run_worker(self._report(self._main.write(task), done))

    async def _report(self, writing: Awaitable[str | None], done: str) -> None:
        with errors_shown(self._main):
            if await writing is None:
                return
            if self._main.library.kept or self._has_warned:
                show_notice(self._main, done)
            else:
                self._has_warned = True
                show_notice(self._main, f"{done}. {NOT_KEPT}", seconds=10)


def _short(text: str) -> str:
    """The start of a text, for a title."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39].rstrip() + "…"
