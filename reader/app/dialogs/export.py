"""The export dialog: which articles, in which format, into which file; it stays while they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from time import monotonic
from typing import BinaryIO, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reader.app.keys import hint, key_for, with_keys
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.search.questions import SearchRequest
from reader.app.text.cells import fit, pad
from reader.app.widgets.chooser import Dialog, GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.errors import ReaderError, explain
from reader.export.formats import FORMATS, OPENING_FORMATS, Format, format_suffix
from reader.export.items import Export, ExportItem
from reader.export.saving import is_folder, save_export, title_file_name
from reader.library import Library, Listing, StoredArticle
from reader.library.search.results import Results
from reader.permissions import Permission, permitted
from reader.sanitize import clean_filename, sanitize

SITE = "Protocol"


class Taking(NamedTuple):
    """Articles that can be exported together."""

    what: str
    """What they are, for a heading."""
    title: str
    """What to call the export."""
    number: int
    """How many articles there are; 0 when unknown."""
    keys: Callable[[Library], Iterable[int]]
    """Which they are, asked in another thread of its library."""
    forms: Sequence[Format] = FORMATS
    """The formats in which they can be had."""


class Way(NamedTuple):
    """Articles in a format."""

    taking: Taking
    form: Format

    @property
    def file_name(self) -> str:
        """The name that is offered for the file."""
        single = self.taking.number == 1 and self.form.single_suffix
        return title_file_name(self.taking.title.replace(": ", " "), single or self.form.suffix)


def an_article(stored: StoredArticle) -> Taking:
    """One article, the version that is read."""
    return Taking("this article", stored.article.title, 1, lambda _: (stored.key,))


def what_is_listed(listing: Listing, view: Sequence[str]) -> Taking:
    """All that is listed; `view` are the filters in words."""
    title = f"{SITE}: {', '.join(view)}" if view else SITE
    return Taking("what is listed", title, len(listing), lambda own: own.listed_keys(listing))


def all_openings(number: int) -> Taking:
    """All stories known only by their openings, as a list to look for them with."""
    return Taking(
        "known only by their openings",
        f"{SITE}: missing",
        number,
        lambda own: own.opening_keys(),
        OPENING_FORMATS,
    )


def listed_openings(listing: Listing, view: Sequence[str]) -> Taking:
    """The same of what is listed, which are such stories alone."""
    title = f"{SITE}: missing, {', '.join(view)}"
    keys = what_is_listed(listing, view).keys
    return Taking("as a list to look for them with", title, len(listing), keys, OPENING_FORMATS)


def what_is_found(request: SearchRequest, results: Results) -> Taking:
    """All that a search finds, in the order it is shown."""
    query = " ".join(request.query.split())
    number = 0 if results.capped else results.count
    return Taking(
        f"results of “{query}”", f"{SITE}: {query}", number, lambda own: own.found_keys(query, request.order)
    )


_EVERY = 0.1
"""Seconds between two words on how far it is."""
_NAME_WIDTH = 12
Trouble = Callable[[str], None]
"""Takes a sentence about what could not be exported."""
Fill = Callable[[Export, Trouble], None]
"""Writes the articles."""


class StoppedError(Exception):
    """The reader wants no more of it."""


class Download(NamedTuple):
    """A file for the browser."""

    name: str
    content: BinaryIO


class WayList(GroupedList[Way]):
    """Formats, a line each, below what can be had in them."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Way, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The format and what it is good for."""
        return [
            ("list--title", pad(row.form.label, _NAME_WIDTH)),
            ("list--detail", fit(row.form.purpose, width - _NAME_WIDTH)),
        ]


class ExportScreen(Dialog[None]):
    """Asks, writes, and says where it went."""

    DEFAULT_CSS = """
    ExportScreen {
        & > #dialog { max-height: 26; }
        & WayList { height: 1fr; }
        & #file { height: 1; background: $panel; }
        & #file > Static { width: auto; color: $text-accent; background: $panel; text-style: bold; }
        & Input { width: 1fr; padding: 0; }
        & #note { height: auto; max-height: 3; padding: 0 1; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings("export")

    class Written(Message):
        """How many articles are written so far."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Ended(Message):
        """The export has ended: a sentence, whether the dialog can close, and a download for the browser."""

        def __init__(self, sentence: str, *, done: bool, download: Download | None = None) -> None:
            super().__init__()
            self.sentence = sentence
            self.done = done
            self.download = download

    def __init__(self, library: Library, takings: Sequence[Taking]) -> None:
        super().__init__()
        self._library = library
        self._takings = takings
        self._ways = WayList()
        self._file = Input(compact=True, select_on_focus=False)
        self._file.cursor_blink = False
        self._note = Static(id="note", markup=False)
        self._offered = ""
        """The file name that was put in last."""
        self._confirmed = ""
        """The file that may be replaced."""
        self._writing = False
        self._stop = Event()
        self._written = 0
        """How many articles are in the file."""

    def compose(self) -> ComposeResult:
        """The dialog's parts."""
        dialog = Vertical(id="dialog")
        dialog.border_title = Content("Export")
        with dialog:
            yield self._ways
            with Horizontal(id="file"):
                yield Static(" Save as ", markup=False)
                yield self._file
            yield self._note

    def on_mount(self) -> None:
        """Offer every format of everything."""
        named = [(_heading(one), [Way(one, form) for form in one.forms]) for one in self._takings]
        self._ways.show(GroupedRows(named), 0, ())
        self.set_focus(self._ways, scroll_visible=False)
        self._offer()

    def on_unmount(self) -> None:
        """What is not written by now will not be."""
        self._stop.set()

    # Choosing

    @property
    def _way(self) -> Way:
        return self._ways.row(self._ways.cursor or 0)

    def _offer(self) -> None:
        """Put in a file name, unless the reader has typed another; of that only the ending follows the format."""
        way, typed = self._way, self._file.value
        if typed == self._offered:
            self._offered = self._file.value = way.file_name
        elif suffix := format_suffix(typed):
            self._file.value = typed.removesuffix(suffix) + format_suffix(way.file_name)
        self._file.cursor_position = len(self._file.value)
        self._tell_keys()

    def _tell_keys(self) -> None:
        self._tell(hint("{panes.read} exports · {panes.other} name · {panes.back} closes"))

    def _tell(self, sentence: str) -> None:
        self._note.update(Content(sanitize(sentence)))

    def action_move(self, how: str) -> None:
        """Choose another format."""
        if not self._writing:
            self._ways.move_by_key(how)
            self._offer()

    def action_other(self) -> None:
        """Give the keys to the file name, or back to the formats."""
        self.set_focus(self._file if self.focused is self._ways else self._ways, scroll_visible=False)

    def action_close(self) -> None:
        """Stop writing, or close the dialog."""
        if self._writing:
            self._stop.set()
        else:
            self.dismiss(None)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if not self._writing:
            self._ways.move(message.index)
            self._offer()

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._confirmed:
            self._confirmed = ""
            self._tell_keys()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_save()

    # Writing

    def action_save(self) -> None:
        """Begin to write, unless a file is in the way that the reader has not been asked about."""
        if self._writing or not self._file.value.strip():
            return
        output = self._file.value.strip()
        if not permitted(Permission.WRITE_FILES):
            self._save_in_browser(output)
            return
        try:
            output = str(Path(output).expanduser().absolute()) + ("/" if output.endswith("/") else "")
        except RuntimeError:
            self._tell(f"{output}: there is no such person here")
            return
        replace = output == self._confirmed
        if not replace and not is_folder(output) and Path(output).exists():
            self._confirmed = output
            self._tell(f"It exists; {hint('{panes.read}')} again replaces it: {output}")
            return
        self._confirmed = ""
        way = self._way
        self._begin(lambda: self._write_file(way, output, replace=replace))

    def _save_in_browser(self, output: str) -> None:
        """Begin to write what the browser then downloads: to the person there, our files are somewhere else."""
        if output.endswith("/"):
            self._tell("A browser downloads one file: give a name without / at its end")
            return
        way, name = self._way, clean_filename(output)
        self._begin(lambda: self._write_for_browser(way, name))

    def _begin(self, write: Callable[[], object]) -> None:
        self._writing = True
        self._stop.clear()
        self._tell(with_keys("Exporting… {panes.back} stops"))
        self.run_worker(write, thread=True, exit_on_error=False)

    def _write_for_browser(self, way: Way, name: str) -> None:
        """In a thread: write it into a file without a name, for the browser to fetch."""
        content: BinaryIO = TemporaryFile()  # noqa: SIM115  # It is closed once it has been downloaded.

        def fill(export: Export, _trouble: Trouble) -> None:
            way.form.write(export, content)
            content.seek(0)

        if not self._write(way, name, fill, Download(name, content)):
            content.close()

    def _write_file(self, way: Way, output: str, *, replace: bool) -> None:
        """In a thread: write it into a file or folder."""

        def fill(export: Export, trouble: Trouble) -> None:
            save_export(output, export, way.form, replace=replace, report=trouble)

        self._write(way, output, fill)

    def _write(self, way: Way, output: str, fill: Fill, download: Download | None = None) -> bool:
        """In a thread: have the articles written, and post how that went; whether they are."""
        troubles: list[str] = []
        today = datetime.now().astimezone().date()
        self._written = 0
        try:
            with self._library.another() as own:
                items = self._going(own.pieces(way.taking.keys(own), troubles.append))
                fill(Export(way.taking.title, today, items), troubles.append)
        except StoppedError:
            self.post_message(self.Ended("Stopped; nothing was written" + _so_far(output), done=False))
        except (ReaderError, OSError) as error:
            self.post_message(self.Ended(str(error), done=False))
        except Exception as error:  # Whatever it is, the dialog must not go on waiting.
            self.post_message(self.Ended(explain(error), done=False))
        else:
            number = f"{self._written:,} article{'' if self._written == 1 else 's'}"
            lost = f"; {len(troubles):,} could not be: {troubles[0]}" if troubles else ""
            where = output if download is None else f"{output}, for the browser to download"
            self.post_message(self.Ended(f"{number} exported to {where}{lost}", done=True, download=download))
            return True
        return False

    def _going(self, taken: Iterable[ExportItem]) -> Iterator[ExportItem]:
        """The articles, told of as they go by, until the reader stops them."""
        due = monotonic() + _EVERY
        for number, one in enumerate(taken, 1):
            if self._stop.is_set():
                raise StoppedError
            if monotonic() >= due:
                due = monotonic() + _EVERY
                self.post_message(self.Written(number))
            yield one
            self._written = number

    @on(Written)
    def _tell_progress(self, message: Written) -> None:
        if self._writing and not self._stop.is_set():
            total = self._way.taking.number
            of = f" of {total:,}" if total else ""
            self._tell(f"{message.number:,}{of} articles… {key_for('panes.back')} stops")

    @on(Ended)
    def _tell_end(self, message: Ended) -> None:
        self._writing = False
        if message.download is not None:
            self.app.deliver_binary(message.download.content, save_filename=message.download.name)
        if message.done:
            show_notice(self, message.sentence, seconds=8)
            self.dismiss(None)
        else:
            self._tell(message.sentence)


def _heading(taking: Taking) -> str:
    number = f" · {taking.number:,} article{'' if taking.number == 1 else 's'}" if taking.number else ""
    return sanitize(taking.what) + ("" if taking.what == "this article" else number)


def _so_far(output: str) -> str:
    return " but what is in the folder already" if is_folder(output) else ""
