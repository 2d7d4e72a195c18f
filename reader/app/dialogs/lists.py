"""Small dialogs with a list: menus, sections, tags, links, citations, problems, commands; and the first steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Static

from reader.addresses import clean_url, host_first
from reader.app.keymap import screen_bindings
from reader.app.keys import hint, key_for, keys_of, shown_keys, with_keys
from reader.app.messages import errors_shown, show_error, show_notice
from reader.app.text.wrapping import fit, fit_path, pad_path, width_of
from reader.app.threads import POLL_SECONDS, Write
from reader.app.widgets.chooser import Chooser, ChooserRow, DialogBox
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedList, GroupedRows, PagedRows
from reader.errors import LibraryError
from reader.export.citations import STYLES, bibtex_entry
from reader.export.items import ExportItem
from reader.library import Library, SavedSearch, SectionCount, fold, folded_words
from reader.library.state.notes import COLORS, Annotation, Tag, clean_tags
from reader.model import HEADLINE_LINK, Article, Problem
from reader.sanitize import many, sanitize

# Menus

MENUS: Final = {
    "browse": ("Browse", ("browse.authors", "browse.sponsors", "view.overview", "notes.list")),
    "links": ("Page and links", ("out.open", "out.archive", "out.address", "out.links", "out.follow")),
    "export": ("Copy and export", ("out.citation", "out.export", "out.pipe")),
    "view": ("View", ("view.wider", "view.narrower", "view.usual", "view.sort", "view.pictures")),
}
"""The title of each menu and the ids of its actions, by its name. Each action keeps its own key outside the menu."""


class MenuScreen(Chooser[str], keys="list menu"):
    """Closes with the action of the chosen row. A row's own key chooses it, too."""

    AUTO_FOCUS = ""
    KEYS = "letter or {panes.read} chooses · {panes.back} closes"
    DETAIL_LINES = 0
    DEFAULT_CSS = """
    MenuScreen > #dialog { width: 95%; min-width: 0; max-width: 50; min-height: 0; }
    """

    def __init__(self, name: str) -> None:
        """`name`: one of `MENUS`."""
        title, ids = MENUS[name]
        by_id = {key.id: key for key in shown_keys()}
        keys = [by_id[id_] for id_ in ids if id_ in by_id]
        rows = [ChooserRow(key.action, key.does, label=key.shown) for key in keys]
        super().__init__(title, GroupedRows([("", rows)]))
        self.label_width = max((width_of(key.shown) for key in keys), default=0) + 2
        # If the reader has given two of them the same key, it chooses the upper row.
        self._actions = {name: key.action for key in reversed(keys) for name in keys_of(key.id)}

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Choose the row with this key; False for any other key."""
        if key in self._actions:
            self.dismiss(self._actions[key])
        return key in self._actions


# The first steps

_STEPS: Final = (
    ("move.down move.up", "next and previous article"),
    ("panes.read", "read it ({panes.back} goes back)"),
    ("filter.sections", "choose a section"),
    ("find.start", "find a word"),
    ("app.help", "help: keys and manual"),
    ("app.quit", "back, and in the list: quit"),
)
"""The ids of the keys to learn first, and what they do."""
_BADGES: Final = (("TRUNCATED", "the end is missing"), ("SPONSORED", "somebody paid for it"))


class WelcomeScreen(ModalScreen[None]):
    """Any key closes it and acts on the main screen; Esc and q only close it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    WelcomeScreen {
        align: center middle;
        & > #dialog { width: 38; min-width: 0; height: auto; min-height: 0; }
        & Static { color: $foreground; padding: 0 1; }
    }
    """
    BINDINGS = screen_bindings("welcome")

    def compose(self) -> ComposeResult:
        lines = []
        for ids, does in _STEPS:
            keys = " ".join(map(key_for, ids.split()))
            lines.append(Content.styled(f"{keys:7}", "bold $text-accent") + with_keys(does))
        lines.append(Content(""))
        lines += [Content.styled(f"{badge:11}", "bold $text-warning") + meaning for badge, meaning in _BADGES]
        with DialogBox("Welcome to Protocol Reader", "any key closes this box"):
            yield Static(Content("\n").join(lines), id="steps", markup=False)

    def take_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Close, and leave the key to the screen below; keys that only close are bindings."""
        if key not in self._bindings.key_to_bindings:
            self.dismiss(None)
        return False

    def on_click(self) -> None:
        if self.is_current:
            self.dismiss(None)


# Sections and saved searches

Choice = SectionCount | SavedSearch


class SectionsScreen(Chooser[Choice], keys="sections"):
    """Closes with a section (without a name: all sections), a saved search, or None."""

    TITLE = "Sections"
    COUNTS = True
    PLACEHOLDER = "Type to filter"

    def __init__(
        self,
        library: Library,
        read_sections: Callable[[], Sequence[SectionCount]],
        chosen: str | None,
        write: Write,
    ) -> None:
        """`chosen`: the section that is listed now; `write` removes a saved search. Raises LibraryError."""
        self._library = library
        self._read_sections = read_sections
        self._write = write
        self._read()
        names = [section.name for section in self._sections]
        super().__init__(start=names.index(chosen) + 1 if chosen in names else 0)

    def _read(self) -> None:
        self._stamps = self._library.stamps()
        self._sections = self._read_sections()
        self._searches = self._library.state.searches()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(POLL_SECONDS, self._poll)

    def _poll(self) -> None:
        with errors_shown(self):
            if self._library.stamps() != self._stamps:
                self._read()
                self.show_again(lambda choice: (type(choice), choice.name))

    def draw(self, row: ChooserRow[Choice], part: int, width: int) -> list[tuple[str, str]]:
        if isinstance(row.result, SectionCount):
            return super().draw(row, part, width)
        name, query = fit(row.text, width), sanitize(row.result.query)
        room = width - width_of(name) - 2
        if query == row.text or room < 8:
            return [("list--title", name)]
        return [("list--title", f"{name}  "), ("list--detail", fit(query, room))]

    def matching(self, text: str) -> GroupedRows[ChooserRow[Choice]]:
        """The sections and searches with every word of `text` in their names, those that begin with it first."""
        everything = SectionCount("", sum(section.count for section in self._sections))
        sections: Sequence[Choice] = [everything, *self._sections]
        searches: Sequence[Choice] = self._searches
        if words := folded_words(text):
            sections, searches = (
                _beginning_first(words, self._sections),
                _beginning_first(words, self._searches),
            )
        return GroupedRows([("", map(_choice_row, sections)), ("saved searches", map(_choice_row, searches))])

    def action_remove(self) -> None:
        """Remove the saved search under the cursor, unless there is text to cut."""
        entry, chosen = self.entry, self.chosen
        if not entry.selection.is_empty:
            entry.action_cut()
        elif isinstance(chosen, SavedSearch):

            def report(_: object) -> None:
                self._poll()
                show_notice(self, f"“{chosen.name}” removed; {key_for('state.undo')} brings it back")

            self._write(lambda own: own.state.remove_search(chosen.name), report)


def _beginning_first(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    matches = [choice for choice in choices if all(word in fold(choice.name) for word in words)]
    return sorted(matches, key=lambda choice: not fold(choice.name).startswith(words[0]))


def _choice_row(choice: Choice) -> ChooserRow[Choice]:
    if isinstance(choice, SectionCount):
        return ChooserRow(choice, choice.name or "All sections", f"{choice.count:,}")
    name, query = sanitize(choice.name), sanitize(choice.query)
    return ChooserRow(choice, name, detail=f"{query} ({key_for('sections.remove')} removes this search)")


# Links and citations


class LinksScreen(Chooser[str], keys="list links"):
    """Closes with the address to open; y copies one."""

    TITLE = "Links of this article"
    KEYS = "{panes.read} opens · {out.address} copies · {panes.back} closes"
    ROW_LINES = 2
    COUNTS = True
    NOTHING = "The capture has no links in this article. Plain text never has any."

    def __init__(self, article: Article) -> None:
        groups = (
            ("the page of the story", _links(article, own=True)),
            ("in the text", _links(article, own=False)),
            ("pictures", _pictures(article)),
        )
        # Each once.
        super().__init__(rows=GroupedRows([(heading, dict.fromkeys(rows)) for heading, rows in groups]))

    def action_copy(self) -> None:
        if (url := self.chosen) is not None:
            self.app.copy_to_clipboard(url)
            show_notice(self, f"{url} sent to the clipboard")


def _links(article: Article, *, own: bool) -> Iterator[ChooserRow[str]]:
    """The links of the headline (`own`) or of the body, checked: a record may be forged."""
    for link in article.links:
        url = clean_url(link.url)
        if url is None or (link.block == HEADLINE_LINK) is not own or link.block >= len(article.body):
            continue
        text = article.headline if own else article.body[link.block].text
        yield _link_row(sanitize((text or "")[link.start : link.end]).strip() or host_first(url), url)


def _pictures(article: Article) -> Iterator[ChooserRow[str]]:
    for figure in article.figures:
        if figure.url and (url := clean_url(figure.url)):
            yield _link_row(figure.caption or figure.alt or figure.credit or "Picture", url)


def _link_row(words: str, url: str) -> ChooserRow[str]:
    return ChooserRow(url, words, below=host_first(url), detail=url)


class CitationScreen(Chooser[tuple[str, str]], keys="list citation"):
    """Closes with the name of a style and the citation in it."""

    TITLE = "Copy a citation"
    KEYS = "{panes.read} copies · {panes.back} closes"
    TALLEST = 0
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CitationScreen {
        & > #dialog { height: auto; min-height: 0; max-height: 100%; }
        & GroupedList { height: 4; }
        & #detail { max-height: 16; border-top: solid $border; color: $foreground; }
    }
    """

    def __init__(self, item: ExportItem, style: str) -> None:
        """`style`: the style to begin with, if there is one of that name, in upper or lower case."""
        texts = {name: write(item) for name, write in STYLES.items()}
        texts["BibTeX"] = bibtex_entry(item).rstrip()
        rows = [ChooserRow((name, text), name, detail=text) for name, text in texts.items()]
        names = [name.casefold() for name in texts]
        start = names.index(style.casefold()) if style.casefold() in names else 0
        super().__init__(rows=GroupedRows([("", rows)]), start=start)


# Problems

_SOLVED: Final = ChooserRow(None, "No longer a problem", below="the file has been read or removed meanwhile")


class ProblemsScreen(Chooser[None], keys="list problems"):
    """Lists all problems; nothing can be chosen."""

    TITLE = "Problems"
    KEYS = "{panes.back} closes"
    ROW_LINES = 2
    COUNTS = True
    NOTHING = "No problems: everything was read."

    def __init__(
        self, library: Library, failure: Callable[[], Problem | None], is_reading: Callable[[], bool]
    ) -> None:
        """`failure`: why reading stopped early, which the library does not hold, and comes first."""
        super().__init__()
        self._library = library
        self._failure = failure
        self._is_reading = is_reading

    def on_mount(self) -> None:
        """List the problems, and again while captures are being read."""
        with errors_shown(self):
            super().on_mount()
        if self._is_reading():
            self._again = self.set_interval(POLL_SECONDS, self._update)

    def _update(self) -> None:
        if not self._is_reading():
            self._again.stop()
        with errors_shown(self):
            self.show("", self.rows.cursor or 0)

    def matching(self, text: str) -> PagedRows[ChooserRow[None]]:  # noqa: ARG002
        library, failure = self._library, self._failure()
        session = () if failure is None else (failure,)

        def read(start: int, stop: int) -> list[ChooserRow[None]]:
            before = len(session)
            stored = library.problems(max(0, start - before), max(0, stop - before))
            rows = [*map(_problem_row, session[start:stop]), *map(_problem_row, stored)]
            # Another program may have read or removed some of the files meanwhile.
            return rows + [_SOLVED] * (stop - start - len(rows))

        skipped = [(f"Skipped: {reason}", count) for reason, count in library.skipped()]
        return PagedRows([("Problems", len(session) + library.totals().problems), *skipped], read)

    def nothing(self) -> str:
        return "No problems so far; reading…" if self._is_reading() else self.NOTHING

    def draw(self, row: ChooserRow[None], part: int, width: int) -> list[tuple[str, str]]:
        if part:
            return super().draw(row, part, width)
        if not row.right:
            return [("list--title", fit_path(row.text, width))]
        path = pad_path(row.text, width - width_of(row.right) - 2)
        return [("list--title", f"{path}  "), ("list--badge", row.right)]


def _problem_row(problem: Problem) -> ChooserRow[None]:
    badge = "" if problem.is_skipped else "IN PART" if problem.partial else "NOT READ"
    source, reason = sanitize(problem.source), sanitize(problem.reason)
    return ChooserRow(None, source, badge, below=reason, detail=f"{source}: {reason}")


# Commands


class PaletteScreen(Chooser[SystemCommand]):
    """Closes with the command to run."""

    TITLE = "Commands"
    PLACEHOLDER = "Search for commands…"
    KEYS = "{panes.read} runs it · {panes.back} closes"
    ROW_LINES = 2
    DETAIL_LINES = 0

    def __init__(self, commands: Iterable[SystemCommand]) -> None:
        super().__init__()
        self._commands = sorted(commands, key=lambda command: command.title)

    def matching(self, text: str) -> GroupedRows[ChooserRow[SystemCommand]]:
        """The commands with the letters of `text` in this order in their titles, the best matches first."""
        matcher, commands = Matcher(text), self._commands
        if text:
            scored = [(matcher.match(command.title), command) for command in commands]
            scored.sort(key=lambda pair: -pair[0])
            commands = [command for score, command in scored if score]
        rows = [ChooserRow(command, command.title, below=command.help) for command in commands]
        return GroupedRows([("", rows)])


# Tags and highlights


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
        self._before = "".join(f"{sanitize(tag)}, " for tag in tags)
        self._warned_of = ""
        """The key of which the dialog warns that it discards what was typed."""
        self.entry.value = self._before
        self.entry.select_on_focus = False

    def matching(self, text: str) -> GroupedRows[ChooserRow[tuple[str, ...]]]:
        """The known tags that the text does not have, those first that begin like what is being typed."""
        self._is_chosen, self._warned_of = False, ""
        *entered, typed = (piece.strip().lstrip("#").casefold() for piece in text.split(","))
        tags = [
            tag for tag in self._known if tag.name.casefold() not in entered and typed in tag.name.casefold()
        ]
        tags.sort(key=lambda tag: not tag.name.casefold().startswith(typed))
        rows: list[ChooserRow[tuple[str, ...]]] = [
            ChooserRow((tag.name,), f"#{tag.name}", many(len(tag.keys), "article")) for tag in tags
        ]
        return GroupedRows([("", rows)])

    def nothing(self) -> str:
        if self.entry.value.rpartition(",")[2].strip():
            return "No tag begins like this; it will be a new one. Commas separate tags."
        return "Type tags, separated by commas."

    def action_move(self, how: str) -> None:
        super().action_move(how)
        self._is_chosen, self._warned_of = True, ""

    def action_complete(self) -> None:
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
            self.show_detail(f"Not saved: {error}")
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
            self.show_detail(f"Not saved: {error}")
            if is_spoken(self):
                show_error(self, f"Not saved: {error}")
        else:
            self.dismiss(None)
        self._is_saving = False

    def action_close(self) -> None:
        if not self._is_saving and self.may_discard("{panes.back}"):
            self.dismiss(None)

    def may_discard(self, key: str) -> bool:
        """Is nothing unsaved, or has the dialog warned that `key` discards what was typed? If not, warn."""
        if self.entry.value.strip(" ,") == self._before.strip(" ,") or self._warned_of == key:
            return True
        self._warned_of = key
        self.show_detail(hint(f"Not saved yet: {{panes.read}} saves, {key} again discards what you typed"))
        return False

    @on(GroupedList.Clicked)
    def _complete_clicked(self, message: GroupedList.Clicked) -> None:
        message.prevent_default()
        self.rows.move(message.index)
        self.action_complete()


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

        choices = [
            *((color, f"{color} (now)" if color == annotation.color else color) for color in COLORS),
            ("note", "change the note" if note else "add a note"),
            ("copy", "copy the words"),
            ("remove", "remove the highlight"),
        ]
        rows = []
        for result, text in choices:
            key = key_for("notes.remove" if result == "remove" else f"select.{result}")
            rows.append(ChooserRow(result, text, label=key, detail=detail))
        # The note is wanted most.
        super().__init__(f"Highlight in {annotation.color}", GroupedRows([("", rows)]), start=len(COLORS))
