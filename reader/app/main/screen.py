"""The main screen: runs the action of each key, and handles the messages of its widgets and threads."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from inspect import isawaitable
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.layout import Layout
from textual.screen import Screen
from textual.strip import Strip

from reader.app import keys, messages
from reader.app.main import bar_texts
from reader.app.main.article_pane import ArticlePane
from reader.app.main.highlights import Highlights
from reader.app.main.layout import Panes
from reader.app.main.links import Links, link_choice_pieces
from reader.app.main.list_pane import ListPane
from reader.app.main.pictures import Pictures
from reader.app.main.prompt import Prompt
from reader.app.main.state import Marks, Session
from reader.app.messages import Failed, Filled, Filling, errors_shown, no_more, show_error, show_notice
from reader.app.text.article_lines import name_at
from reader.app.threads import POLL_SECONDS, Loader, QueryWorker, Task, WriteQueue
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.layers import LinkLayer
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import Bar, Piece, has_one_pane, match_words
from reader.library import Library
from reader.permissions import Permission, permitted
from reader.sanitize import many
from reader.settings import Settings

if TYPE_CHECKING:
    from textual.widgets import Input

    from reader.app.app import ReaderApp
    from reader.app.main.dialogs import Dialogs
    from reader.app.widgets.highlights import Kind
    from reader.app.widgets.pictures import PictureNeeded
    from reader.settings.session_store import SessionStore

SAVE_SECONDS = 5.0
"""The interval at which reading positions are saved."""
_READ_ONLY = "This library can only be read: marks, notes and reading positions cannot be saved"
Result = TypeVar("Result")


class MainScreen(Screen[None]):
    """Two panes, or one at a time where the terminal is narrow; the article follows the list's cursor.

    It runs the actions of keys, and hands messages on. Each of its parts has one subject.
    """

    AUTO_FOCUS = ""
    BINDINGS = keys.bindings()
    app: ReaderApp

    def __init__(
        self,
        library: Library,
        *,
        paths: Sequence[str] | None,
        title: str,
        store: SessionStore | None,
    ) -> None:
        """`paths`: captures to read once it is shown; `store` has what was open last."""
        super().__init__()
        self.library = library
        self.can_write = library.can_write
        """False if the reader was told that marks cannot be saved: then only marks by hand report it."""
        self.speech = speech = self.app.speech
        self.queries = QueryWorker(library, lambda error: self.post_message(Failed(str(error))))
        self.writes = WriteQueue(library)
        loader = Loader(library, paths, self.post_message) if paths else None
        self.list_pane = ListPane(self, loader, title)
        self.article_pane = ArticlePane(self)
        self.links = Links(self)
        self.pictures = Pictures(self)
        self.marks = Marks(self)
        self.highlights = Highlights(self)
        self.prompt = Prompt(self)
        self._dialogs: Dialogs | None = None
        self.session = Session(self, store)
        header = speech.header if speech else bar_texts.header
        self.header = Bar(lambda width: header(self.list_pane.header, width), id="header")
        self.strip = Bar(
            lambda width: bar_texts.strip(
                self.list_pane.sections, self.list_pane.view.filters.section, width
            ),
            id="strip",
        )
        self.footer = Bar(self._footer, id="footer")
        self.panes = Panes(self)
        self._is_painted = False

    @property
    def dialogs(self) -> Dialogs:
        """The other screens and dialogs."""
        if self._dialogs is None:
            from reader.app.main.dialogs import Dialogs  # 60 ms.

            self._dialogs = Dialogs(self)
        return self._dialogs

    # Starting and ending

    def compose(self) -> ComposeResult:
        yield from (self.header, self.strip, self.list_pane.rows, self.article_pane.view, self.footer)
        if self.panes.announcer is not None:
            yield self.panes.announcer

    def on_mount(self) -> None:
        """Show the list and the first article; everything else waits for the first paint."""
        self.article_pane.view.apply_settings(self.app.settings)
        self.session.show_first()
        self.panes.focus()
        self.show_counts()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Do the work that was put off until after the first paint."""
        self._is_painted = True
        self.set_interval(POLL_SECONDS, self.poll)
        if self.list_pane.is_pending:
            self.list_pane.show_view(self.list_pane.view)
        if self.list_pane.loader is not None:
            self.list_pane.loader.start()
        if not self.can_write:
            show_notice(self, _READ_ONLY, seconds=15)
        if self.library.is_durable:
            self.set_interval(SAVE_SECONDS, self.save_position)
            self.run_worker(self.session.load_positions())
        # Without a memory, the welcome would show on every start.
        if permitted(Permission.REMEMBER_WINDOW) and self.session.start_welcome():
            self.dialogs.open_welcome()
        self.pictures.show()

    def update_node_styles(self, animate: bool = True) -> None:
        """Skip this before the first paint: mounting has just applied all styles."""
        if self._is_painted:
            super().update_node_styles(animate)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Skip the styles the first time, when they have just been applied."""
        if not self.stack_updates:
            event.refresh_styles = False
        self.post_message(messages.Resumed())

    def on_screen_suspend(self) -> None:
        """Take the letters off the links: the screen above gets the keys."""
        self.links.stop_choosing()

    def on_unmount(self) -> None:
        """Remember what is open, and stop the threads. The write queue still writes what it has."""
        self.pictures.close()
        self.session.keep()
        if self._dialogs is not None:
            self._dialogs.close()
        self.article_pane.keep_position(save=True)
        self.writes.close()
        self.queries.close()
        if self.list_pane.loader is not None:
            self.list_pane.loader.stop()

    # Panes

    @property
    def pane(self) -> str:
        """The pane with the focus: "list" or "article"."""
        return self.panes.state.pane

    @property
    def narrow(self) -> bool:
        return has_one_pane(self, self.app.size.width)

    @property
    def layout(self) -> Layout:
        return self.panes.layout

    def render_line(self, y: int) -> Strip:
        return self.panes.render_line(y)

    def on_descendant_focus(self) -> None:
        """Follow a change of panes by the mouse, which also leaves the prompt."""
        self.panes.follow_focus()
        self.prompt.accept_if_left()

    def on_resize(self, _: events.Resize) -> None:
        self.pictures.resize()
        self.update_footer()

    def action_leave(self) -> None:
        """Leave zen mode or the article, or exit the app."""
        if self.panes.state.zen:
            self.panes.act("zen")
        elif self.pane == "article":
            self.panes.focus_pane("list")
        elif self.session.may_leave("{app.quit}"):
            self.app.exit()

    def action_back(self) -> None:
        if self.prompt.is_open:
            self.prompt.cancel()
        else:
            _, go_back = self.step_back()
            go_back()
            self.update_footer()

    def step_back(self) -> tuple[str, Callable[[], object]]:
        """Leave a version, hit, note, search or pane, or clear the last filter: the effect in a word, and the step.

        The effect is "" if there is nothing to leave or clear.
        """
        article, list_pane = self.article_pane, self.list_pane
        reading = self.pane == "article"
        if article.listed is not None:
            return "listed version", article.leave_version
        if reading and article.hit is not None:
            return "results", article.leave_hit
        if reading and article.is_from_notes:
            return "notes", article.leave_to_notes
        if article.view.finder.match is not None:
            return "clear matches", article.view.finder.clear
        if not reading and list_pane.title_words:
            return "clear matches", lambda: list_pane.look_for("")
        if reading:
            return "show all panes" if self.panes.state.zen else "list", self.action_leave
        view = list_pane.view.without_last_filter()
        return (
            ("", lambda: None) if view is None else ("clear filter", lambda: self.list_pane.show_view(view))
        )

    # The library

    def poll(self) -> None:
        """Reload if another program or thread has changed the library."""
        with errors_shown(self):
            self.library.retry_full_disk()
            if self.list_pane.is_outdated:
                self.reload()

    def reload(self) -> None:
        """Show the library as it is after a change."""
        with self.article_pane.selection.kept():
            with errors_shown(self):
                self.list_pane.reload()
                self.show_counts()
            self.article_pane.update_versions()
            self.article_pane.update_written()
        # Last: an article that is shown anew has no star.
        self.marks.show_star()

    def show_counts(self) -> None:
        """Update the bars after a change of the list."""
        for bar in (self.header, self.strip, self.footer):
            bar.refresh()
        self.post_message(messages.ListChanged())

    def _on_filling(self, message: Filling) -> None:
        self.list_pane.captures_read = message.captures
        self.reload()

    def _on_filled(self, _: Filled) -> None:
        self.list_pane.captures_read = None
        self.reload()
        self.post_message(messages.CapturesRead())

    def _on_failed(self, message: Failed) -> None:
        if message.filling:
            self.list_pane.captures_read = None
            self.reload()
        self.list_pane.is_pending = False
        show_error(self, message.sentence)
        self.show_counts()

    async def save(self, task: Task[Result]) -> Result:
        """Run a task in the write queue; return its result, or raise its LibraryError."""
        return await self._finish(self.writes.do(task))

    def write(self, task: Task[Result], report: Callable[[Result], object]) -> None:
        """Queue a task at once. Call `report` with its result once it has run, or show its error."""

        async def finish(writing: Future[Result]) -> None:
            with errors_shown(self):
                report(await self._finish(writing))

        self.run_worker(finish(self.writes.do(task)))

    async def _finish(self, writing: Future[Result]) -> Result:
        """Wait for a task in the write queue, then show what it has changed."""
        try:
            return await wrap_future(writing)
        finally:
            self.call_later(self.poll)

    def settings_changed(self, before: Settings) -> None:
        settings = self.app.settings
        self.article_pane.view.apply_settings(settings)
        self.update_footer()
        if self._dialogs is not None and settings.citation_style != before.citation_style:
            self._dialogs.citation_style = ""
        if (settings.pictures, settings.picture_protocol) != (before.pictures, before.picture_protocol):
            self.pictures.settings_changed()

    # The list and the article

    def save_position(self) -> None:
        if self.pane == "article":
            self.article_pane.keep_position()

    def article_opened(self) -> None:
        """Update what depends on the article in the pane."""
        self.marks.article_opened()
        self.update_footer()
        # Do not look for pictures before the first paint.
        if self._is_painted:
            self.pictures.show()
        self.post_message(messages.ArticleShown())

    @on(LineView.Moved)
    @on(LinkLayer.Pointed)
    def update_footer(self) -> None:
        """Update the footer and the read mark after a change of article, position or pane."""
        self.footer.refresh()
        pane = self.article_pane
        if self.pane == "article" and pane.stored is not None and pane.view.is_at_end:
            self.marks.end_reached()
        pane.visit()
        self.post_message(messages.FooterChanged())

    def _footer(self, width: int) -> list[Piece]:
        if letters := self.links.letters:
            return link_choice_pieces(letters, width)
        return self.highlights.footer(width) or bar_texts.footer(self, width)

    def action_move(self, how: str) -> None:
        """Move the list's cursor or scroll the article."""
        pane = self.article_pane
        if self.pane == "list":
            if len(self.list_pane.listing):
                self.list_pane.go_to(self.list_pane.rows.moved(how))
            return
        if not pane.scroll(how):
            self.action_step(1, "any" if pane.hit is not None else "unread")
        elif pane.leads_on and self.panes.state.zen and self.speech is None:
            show_notice(self, pane.leads_on_words)
        self.update_footer()

    def action_step(self, step: int, kind: str) -> None:
        """Open the next (1) or previous (-1) article; from a search hit, the next or previous hit.

        `kind` is "any", "unread", or "whole" for articles that are neither truncated nor sponsored.
        """
        cursor = self.list_pane.cursor
        if kind == "any" and self.article_pane.hit is not None and self.pane == "article":
            self.dialogs.step_hit(step)
        elif cursor is not None:
            index = self.list_pane.seek(cursor + step, step, kind)
            if index is not None:
                self.list_pane.go_to(index)
            else:
                name = "articles" if kind == "any" else f"{kind} articles"
                show_notice(self, no_more(name, step))

    @on(GroupedList.Clicked)
    def _row_clicked(self, message: GroupedList.Clicked) -> None:
        self.list_pane.go_to(message.index)
        if self.narrow:
            self.panes.act("article")

    def action_section(self, number: int) -> None:
        """Show only section `number`, or all sections if it is shown already; 0 for all."""
        sections, view = self.list_pane.sections, self.list_pane.view
        if number > len(sections):
            verb = "is" if len(sections) == 1 else "are"
            show_notice(self, f"There {verb} {many(len(sections), 'section')}")
            return
        name = sections[number - 1].name if number else None
        self.list_pane.show_view(view.with_section(None if name == view.filters.section else name))

    def action_cycle(self, field: str) -> None:
        """Step to the next order ("sort"), or show, hide or show only articles with a badge or mark."""
        self.list_pane.show_view(self.list_pane.view.cycle(field))

    def action_text_width(self, change: int) -> None:
        """Make the text wider or narrower; 0 for the default width."""
        view = self.article_pane.view
        before, room = view.text_width, view.room.width
        # In a narrow pane the text is narrower than it may be.
        shown = view.column(room)[1] if room else before
        view.text_width = shown + change if change else self.app.settings.text_width
        seen = view.column(room)[1] if room else view.text_width
        if change and seen == shown:
            view.text_width = before
            how = "wider here" if change > 0 else "narrower"
            show_notice(self, f"The text cannot get {how} than {shown} columns")
        else:
            here = "" if seen == view.text_width else f", {seen} here"
            show_notice(self, f"Text width: {view.text_width} columns{here}")

    # Keys that one of the parts acts on

    def take_key(self, key: str, character: str | None) -> bool:
        """Use a key to choose a link by its letters, or to select text; False for any other key."""
        if self.links.take_key(key, character) or self.highlights.take_key(key):
            return True
        is_shared = all(key in keys.keys_of(id_) for id_ in keys.BY_PANE)
        if is_shared and self.pane == "list" and not self.prompt.is_open:
            self.dialogs.open_overview()
            return True
        return False

    async def _action_do(self, method: str, *arguments: object) -> None:
        """Run a method of a part, such as "marks.undo"."""
        result = attrgetter(method)(self)(*arguments)
        if isawaitable(result):
            await result

    def _action_select(self, kind: Kind) -> None:
        self.highlights.select(kind)

    def _action_selection(self, name: str) -> None:
        self.highlights.act(name)

    def _action_open(self, name: str) -> None:
        self.dialogs.open(name)

    # Messages that one of the parts acts on

    def _on_finder_found(self) -> None:
        finder = self.article_pane.view.finder
        self.app.clear_old_notices()
        self.prompt.note(match_words(finder.match))
        self.update_footer()
        if finder.match is not None:
            self.post_message(messages.Announced(match_words(finder.match).capitalize() + finder.turn))

    def _on_input_changed(self, event: Input.Changed) -> None:
        self.prompt.changed(event.value)

    def _on_input_submitted(self, event: Input.Submitted) -> None:
        self.prompt.submit(event.value)

    def _on_article_view_clicked(self, message: ArticleView.Clicked) -> None:
        view, stored = self.article_pane.view, self.article_pane.stored
        character = view.character_at(*message.at)
        if (url := view.links.at(*message.at)) is not None:
            self.links.stop_choosing()
            self.links.open(url)
        else:
            self.highlights.clicked(character)
        if character is not None and stored is not None:
            role = view.document.role(character[0])
            if (name := name_at(stored.article, role, character[1])) is not None:
                self.dialogs.open_name(name, sponsor=role == "paid")

    def _on_selection_layer_ended(self) -> None:
        show_notice(self, "The selection ended, because the article has changed", seconds=5)

    def _on_selection_layer_changed(self) -> None:
        self.highlights.changed()

    def _on_article_view_dragged(self, message: ArticleView.Dragged) -> None:
        self.highlights.dragged(message)

    def _on_picture_needed(self, message: PictureNeeded) -> None:
        self.pictures.draw(message)
