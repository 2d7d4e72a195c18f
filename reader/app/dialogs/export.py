"""The export dialog: which articles, in which format, into which file. It stays open while they are written."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from typing import BinaryIO, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from reader.app.keymap import screen_bindings
from reader.app.keys import hint
from reader.app.messages import show_notice
from reader.app.text.wrapping import fit, pad
from reader.app.widgets.chooser import DIALOG_BREAKPOINTS, DialogBox
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.errors import ExportError, explain
from reader.export.formats import (
    FORMATS,
    NOTE_FORMATS,
    OPENING_FORMATS,
    Format,
    format_of_file,
    format_suffix,
    is_folder,
    save_export,
    title_file_name,
)
from reader.export.items import Export, ExportItem
from reader.library import Library, Listing, StoredArticle
from reader.library.listing import Order, Results
from reader.permissions import Permission, permitted
from reader.sanitize import clean_filename, many, sanitize

SITE = "Protocol"
_ENDING: Final = re.compile(r"\.[a-z][a-z0-9]{0,7}$", re.IGNORECASE)
"""What names a format at the end of a file name, known or not."""
_PROGRESS_SECONDS = 0.1
"""Seconds between two reports of progress."""


class Selection(NamedTuple):
    """Articles that can be exported together."""

    name: str
    """A heading for the dialog."""
    title: str
    """The title of the export, and the name of its file."""
    number: int
    """How many articles there are; 0 if unknown."""
    keys: Callable[[Library], Iterable[int]]
    """Lists their keys; called in another thread with a library of its own."""
    forms: Sequence[Format] = FORMATS
    """The formats they can be exported in; in those for notes, an empty list of keys stands for all articles."""

    def items(self, library: Library, on_damage: Callable[[str], None]) -> Iterator[ExportItem]:
        """Yield what is exported; `on_damage` receives a sentence about each article that cannot be read."""
        keys = self.keys(library)
        if self.forms is NOTE_FORMATS:
            return library.noted_items("", on_damage, keys=list(keys) or None)
        return library.export_items(keys, on_damage)

    def file_name(self, form: Format) -> str:
        suffix = (self.number == 1 and form.single_suffix) or form.suffix
        return title_file_name(self.title, suffix)


def this_article(stored: StoredArticle) -> Selection:
    """One article, in the version that is open."""
    return Selection("this article", stored.article.title, 1, lambda _: (stored.key,))


def notes_of_article(stored: StoredArticle) -> Selection:
    """The highlights, notes and tags of one article."""

    def listed_key(library: Library) -> list[int]:
        versions = library.versions(stored.key)
        return [versions[0].key if versions else stored.key]

    return Selection("your notes on it", f"Notes: {stored.article.title}", 1, listed_key, NOTE_FORMATS)


def notes_of(keys: Sequence[int], count: int) -> Selection:
    """The highlights, notes and tags of `count` articles; without keys, all that there are."""
    name = "all notes on the listed articles" if keys else "highlights, notes and tags"
    return Selection(name, f"{SITE}: notes", count, lambda _: keys, NOTE_FORMATS)


def listed_articles(listing: Listing, view: Sequence[str]) -> Selection:
    """All listed articles; `view`: the filters in words."""
    title = f"{SITE}: {', '.join(view)}" if view else SITE
    return Selection("the listed articles", title, len(listing), lambda own: own.bind(listing).keys())


def all_openings(count: int) -> Selection:
    """A list of all truncated stories, to look for them elsewhere."""
    title = f"{SITE}: truncated"
    return Selection("truncated stories", title, count, Library.opening_keys, OPENING_FORMATS)


def search_results(query: str, order: Order, typing: bool, results: Results) -> Selection:
    """All results of a search, in the order of the screen; `typing`: the last word may be incomplete."""
    query = " ".join(query.split())
    count = 0 if results.capped else results.count
    # The name is a heading in capitals, in which the query would be another one.
    return Selection(
        "search results",
        f"{SITE}: {query}",
        count,
        lambda own: own.found_keys(query, order, typing=typing),
    )


_NAME_WIDTH = 12


class StoppedError(Exception):
    """The reader has stopped the export."""


class FormatList(GroupedList[tuple[Selection, Format]]):
    """Formats, one line each, under headings that name the articles."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: tuple[Selection, Format], part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        _, form = row
        return [
            ("list--title", pad(form.label, _NAME_WIDTH)),
            ("list--detail", fit(form.purpose, width - _NAME_WIDTH)),
        ]


class ExportScreen(ModalScreen[None]):
    """Asks, writes, and shows where the file is."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = DIALOG_BREAKPOINTS
    DEFAULT_CSS = """
    ExportScreen {
        align: center middle;
        & > #dialog { max-height: 26; }
        & FormatList { height: 1fr; }
        & #file { height: 1; background: $panel; }
        & #file > Static { width: auto; color: $text-accent; background: $panel; text-style: bold; }
        & Input { width: 1fr; }
        & #note { height: auto; max-height: 3; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS = screen_bindings("export")

    def __init__(self, library: Library, selections: Sequence[Selection]) -> None:
        super().__init__()
        self._library = library
        self._selections = selections
        self._box = DialogBox("Export")
        self._formats = FormatList()
        self._file = Input(compact=True, select_on_focus=False)
        self._file.cursor_blink = False
        self._note = Static(id="note", markup=False)
        self._suggested = ""
        self._confirmed = ""
        """What another Enter replaces: an existing file, or the files of a folder."""
        self._writing = False
        self._warning = ""
        """What another key to quit does, once the reader has pressed one while articles are written."""
        self._stop = Event()
        self._written = 0

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._formats
            with Horizontal(id="file"):
                yield Static(" Save as ", markup=False)
                yield self._file
            yield self._note

    def on_mount(self) -> None:
        groups = [
            (_heading(selection), [(selection, form) for form in selection.forms])
            for selection in self._selections
        ]
        self._formats.show(GroupedRows(groups), 0)
        self.set_focus(self._formats, scroll_visible=False)
        self._move(0)
        self._set_writing(False)

    def on_unmount(self) -> None:
        self._stop.set()

    def _set_writing(self, writing: bool) -> None:
        """Begin or end writing, and show the keys that work then."""
        self._writing, self._warning = writing, ""
        keys = "{panes.read} exports · {panes.other} name · {panes.back} closes"
        self._box.show_keys("{panes.back} stops" if writing else keys)

    def _show_note(self, sentence: str) -> None:
        self._note.display = bool(sentence)
        self._note.update(Content(sanitize(sentence)))

    # Choosing

    @property
    def _choice(self) -> tuple[Selection, Format]:
        return self._formats.row(self._formats.cursor or 0)

    def action_move(self, how: str) -> None:
        self._move(self._formats.moved(how))

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self._move(message.index)

    def _move(self, index: int) -> None:
        """Choose a format. Suggest a file name; if the reader has typed another, change only its ending."""
        if self._writing:
            return
        self._formats.move(index)
        selection, form = self._choice
        suggested, typed = selection.file_name(form), self._file.value
        if typed == self._suggested:
            self._suggested = self._file.value = suggested
        elif suffix := format_suffix(typed):
            self._file.value = typed.removesuffix(suffix) + format_suffix(suggested)
        self._file.cursor_position = len(self._file.value)
        self._show_note("")

    def action_other(self) -> None:
        self.set_focus(self._file if self.focused is self._formats else self._formats, scroll_visible=False)

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a character that does nothing in the list as the first one of another file name."""
        is_typed = character is not None and character.isprintable() and key not in self.active_bindings
        if not is_typed or self._writing or self.focused is not self._formats:
            return False
        self._file.value = character or ""
        self._file.cursor_position = len(self._file.value)
        self.action_other()
        return True

    def action_close(self) -> None:
        if self._writing:
            self._stop.set()
        else:
            self.dismiss(None)

    def may_discard(self, key: str) -> bool:
        """Is nothing being written, or has the dialog warned that `key` stops it half-way? If not, warn."""
        if not self._writing or self._warning:
            return True
        self._warning = hint(f" Not finished: {{panes.back}} stops, {key} again quits")
        self._show_progress()
        return False

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._confirmed:
            self._confirmed = ""
            self._show_note("")
        # As in the shell, the ending of the name chooses the format.
        (selection, form), name = self._choice, self._file.value.strip()
        named = format_of_file(name, selection.forms)
        if (
            named is not None
            and not form.suffix.endswith(named.ending(name).lower())
            and not form.ending(name)
        ):
            steps = selection.forms.index(named) - selection.forms.index(form)
            self._formats.move((self._formats.cursor or 0) + steps)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_save()

    # Writing

    def action_save(self) -> None:
        output, download = self._file.value.strip(), None
        if self._writing:
            return
        if output in ("", "-"):  # In the shell, - is standard output.
            self._show_note("Type the name of a file or a folder")
            return
        replace = False
        if permitted(Permission.WRITE_FILES):
            try:
                output = str(Path(output).expanduser().absolute()) + ("/" if output.endswith("/") else "")
            except RuntimeError:
                self._show_note(f"{output}: there is no such user")
                return
            if self._has_other_ending(output):
                return
            replace = output == self._confirmed
            if not replace and not is_folder(output) and Path(output).exists():
                self._confirmed = output
                self._show_note(f"The file exists. {hint('{panes.read}')} again replaces {output}")
                return
            self._confirmed = ""
        elif output.endswith("/"):
            self._show_note("A browser downloads one file: remove the / at the end")
            return
        elif self._has_other_ending(output):
            return
        else:
            # The reader has no access to this machine's disk; Textual closes the file after the download.
            output, download = clean_filename(output), TemporaryFile()  # noqa: SIM115
        self._stop.clear()
        self._written = 0
        self._set_writing(True)
        self._show_note("Exporting…")
        self.run_worker(self._export(output, download, replace=replace))

    def _has_other_ending(self, output: str) -> bool:
        """Does the name end like a file of no format that is offered? Then say so."""
        (selection, form), ending = self._choice, _ENDING.search(output)
        if not ending or is_folder(output) or format_of_file(output, selection.forms) is not None:
            return False
        wanted = format_suffix(selection.file_name(form))
        self._show_note(
            f"{ending[0]} is not one of these formats; for {form.label}, end the name in {wanted}"
        )
        return True

    async def _export(self, output: str, download: BinaryIO | None, *, replace: bool) -> None:
        progress = self.set_interval(_PROGRESS_SECONDS, self._show_progress)
        exported = False
        try:
            unread, unsaved, where = await to_thread(
                self._write, *self._choice, output, download, replace=replace
            )
        except StoppedError:
            kept = "the folder keeps what was written" if is_folder(output) else "nothing was written"
            sentence = f"Stopped; {kept}"
        except Exception as error:  # Otherwise the dialog would wait for ever.
            sentence = explain(error)
        else:
            existing = sum(error.existing for error in unsaved)
            lost_files = [str(error) for error in unsaved if not error.existing]
            count = self._written - existing - len(lost_files)
            failures = unread + lost_files
            lost = f"; {len(failures):,} failed: {failures[0]}" if failures else ""
            where += "" if download is None else ", for the browser to download"
            sentence = f"{many(count, 'article')} exported to {where}{lost}"
            if existing:
                self._confirmed = output
                verb = "exists" if existing == 1 else "exist"
                again = f"{hint('{panes.read}')} again replaces {'it' if existing == 1 else 'them'}"
                exists = f"{many(existing, 'file')} {verb} already; {again}"
                sentence = f"{exists}. {sentence}" if count or failures else exists
            exported = count > 0 and not existing
        progress.stop()
        self._set_writing(False)
        if exported:
            if download is not None:
                self.app.deliver_binary(download, save_filename=output)
            show_notice(self, sentence, seconds=8)
            self.dismiss(None)
            return
        if download is not None:
            download.close()
        self._show_note(sentence)

    def _write(
        self, selection: Selection, form: Format, output: str, download: BinaryIO | None, *, replace: bool
    ) -> tuple[list[str], list[ExportError], str]:
        """In a thread: write the articles; return why some could not be read or saved, and where the others are."""
        unread: list[str] = []
        unsaved: list[ExportError] = []
        with self._library.another() as own:
            items = self._counted(selection.items(own, unread.append))
            export = Export(selection.title, datetime.now().astimezone().date(), items)
            if download is None:
                _, output = save_export(output, export, form, replace=replace, report=unsaved.append)
            else:
                form.write(export, download)
                download.seek(0)
        return unread, unsaved, output

    def _counted(self, items: Iterable[ExportItem]) -> Iterator[ExportItem]:
        """Yield and count the articles. Raises StoppedError when the reader stops the export."""
        for item in items:
            if self._stop.is_set():
                raise StoppedError
            yield item
            self._written += 1

    def _show_progress(self) -> None:
        if not self._stop.is_set():
            total = self._choice[0].number
            of = f" of {total:,}" if total else ""
            count = f"{self._written:,}{of} articles…" if self._written else "Exporting…"
            self._show_note(count + self._warning)


def _heading(selection: Selection) -> str:
    count = f" · {many(selection.number, 'article')}" if selection.number else ""
    return sanitize(selection.name) + ("" if selection.name == "this article" else count)
