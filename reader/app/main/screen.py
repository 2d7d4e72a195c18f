"""The main screen: what each key does, and what follows from what its parts and the library report."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from reader.app import keys
from reader.app.loading import Loader
from reader.app.main import bar_texts
from reader.app.main.article_pane import ArticlePane
from reader.app.main.bar_texts import FooterState, HeaderState, StripState, match_words
from reader.app.main.dialogs import Dialogs
from reader.app.main.layout import PaneState, Parts, arrange, arrange_spoken, frame_strips
from reader.app.main.links import Links
from reader.app.main.list_pane import SMALL, ListPane
from reader.app.main.marks import Marks
from reader.app.main.opener import Opener
from reader.app.main.pictures import Pictures
from reader.app.main.prompt import Prompt
from reader.app.main.session import OpenNow, Session, pane_state_of
from reader.app.messages import Failed, Filled, Filling, Listed, PlacesFound, TitleFound, UnreadFound
from reader.app.notices import errors_shown, show_error, show_notice
from reader.app.query_worker import QueryWorker
from reader.app.text.flow import ReadingPosition
from reader.app.view import View
from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.bars import Bar, Texts
from reader.app.widgets.drawing import FRAME, cropped, filtered, paint_together, style_of
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.layers import Finder, LinkLayer
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import RegionLayout, Regions, has_one_pane
from reader.app.write_queue import Task, WriteQueue
from reader.errors import LibraryError
from reader.library import ArticleRow, Library, Sort
from reader.model import Problem
from reader.permissions import Permission, permitted
from reader.settings import Settings

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.app.pictures.gallery import PictureDrawn, PictureInSight, PicturesFound
    from reader.app.widgets.entry_bar import EntryBar
    from reader.settings.session_store import SessionStore, Window

NARROWEST, WIDEST = 28, 120
"""Columns of text."""
POLL_SECONDS = 0.5
SAVE_SECONDS = 5.0
"""How often reading positions are saved, at most."""
Result = TypeVar("Result")


class Speech(NamedTuple):
    """What a main screen that is read aloud needs: words instead of signs, and a place for announcements."""

    row: Callable[[ArticleRow, bool], str]
    """A row of the list in words; True for a pinned row."""
    header: Texts[HeaderState]
    announcer: Callable[[], Widget]


class MainScreen(Screen[None]):
    """Two panes, or one at a time where the terminal is narrow; the article follows the list's cursor."""

    AUTO_FOCUS = ""
    BINDINGS = keys.bindings()
    app: ReaderApp

    # What happens here, for the screen-reader mode, which announces it.

    class ArticleOpened(Message):
        """Another article is being read, or none."""

    class PanesArranged(Message):
        """Another pane has the keys, or the panes are arranged in another way."""

    class ListChanged(Message):
        """Filters, order or counts may have changed."""

    class CapturesRead(Message):
        """All captures have been read."""

    class MatchFound(Message):
        """A search in the article has come further, or to another match."""

    class FooterChanged(Message):
        """The reader is elsewhere in the article, or the footer shows something else."""

    class Greeted(Message):
        """The reader is to be shown the first steps."""

    class Resumed(Message):
        """The screen is on top again."""

    class PromptOpened(Message):
        """The prompt has opened."""

        def __init__(self, label: str) -> None:
            super().__init__()
            self.label = label
            """What the typed text is for."""

    class Marked(Message):
        """The article was marked."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(
        self, library: Library, *, paths: Sequence[str] | None, title: str, speech: Speech | None = None
    ) -> None:
        """`paths`: captures to read into `library` once the screen is shown; `speech`: where it is read aloud."""
        super().__init__()
        self.library = library
        self.speech = speech
        self.queries = QueryWorker(library, self._query_failed)
        self.writes = WriteQueue(library)
        self.session = Session(library, self.writes)
        loader = Loader(library, paths, self.post_message) if paths else None
        rows = ArticleList(id="list", in_words=speech.row if speech else None)
        self.list_pane = ListPane(library, rows, self.queries, loader, title)
        self.article_pane = ArticlePane()
        self.links = Links(self.article_pane)
        self.pictures = Pictures(library, self.article_pane)
        self.opener = Opener(self)
        self.marks = Marks(self)
        self.prompt = Prompt(self)
        self.dialogs = Dialogs(self)
        self.header = Bar(speech.header if speech else bar_texts.header, HeaderState(), id="header")
        self.strip = Bar(bar_texts.strip, StripState(), id="strip")
        self.footer = Bar(bar_texts.footer, FooterState(), id="footer")
        self.pane_state = PaneState()
        self._announcer = speech.announcer() if speech else None
        self._region_layout = RegionLayout(self._regions)
        self._restored = False
        """Whether the view is the one that the reader left, not that of the settings."""
        self._poll_timer: Timer | None = None
        """Runs once the first screen is painted."""
        self._pointed: str | None = None
        """Where the link under the mouse leads."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.app.settings

    @property
    def loading_failure(self) -> Problem | None:
        """Why reading the captures of this session broke off; None unless it did."""
        loader = self.list_pane.loader
        return None if loader is None else loader.failure

    # Starting and ending

    def restore(self, store: SessionStore, settings: Settings) -> None:
        """Before the screen is shown: begin where the reader left off."""
        window = self.session.restore(store, settings)
        if window is None:
            return
        listed = self.list_pane
        try:
            listed.sections = self.library.sections()
            self._restored = True
            listed.begin(self.session.view_of(window, listed.sections))
            if len(listed.shown) or self.session.first_key() is not None:
                self.pane_state = pane_state_of(window)
        except LibraryError:
            # Whatever it is, it will be met again and shown.
            listed.view = View()

    def compose(self) -> ComposeResult:
        """The parts of the screen."""
        yield from (self.header, self.strip, self.list_pane.rows, self.article_pane.view, self.footer)
        if self._announcer is not None:
            yield self._announcer

    def on_mount(self) -> None:
        """Show what there is; poll, and read captures, once it is painted."""
        settings, width = self.settings, self.session.text_width
        # Nothing is shown yet, so that the text is set once.
        self.article_pane.view.set_text(settings._replace(text_width=_readable(width)) if width else settings)
        self._focus_pane()
        listed, first = self.list_pane, None
        with errors_shown(self):
            first = self.session.first_key()
        with errors_shown(self):
            if not self._is_sorted and listed.totals.articles <= SMALL:
                listed.begin(listed.view._replace(sort=Sort(settings.sort)))
            if listed.take(listed.shown.listing, first):
                self.opener.open_under_cursor()
        self.show_counts()
        self.call_after_refresh(self._begin)

    @property
    def _is_sorted(self) -> bool:
        """Is the list in the order to begin with?"""
        return self._restored or Sort(self.settings.sort) is self.list_pane.view.sort

    def _begin(self) -> None:
        """The first screen is painted: do what it did not wait for."""
        self._poll_timer = self.set_interval(POLL_SECONDS, self.poll)
        if not self._is_sorted:
            self._list_view(self.list_pane.view._replace(sort=Sort(self.settings.sort)))
        elif self.list_pane.choosing:
            self._list_view(self.list_pane.view)
        if self.list_pane.loader is not None:
            self.list_pane.loader.start()
        if self.library.kept:
            self.set_interval(SAVE_SECONDS, self.save_positions)
            self.queries.ask("places", self._find_positions)
        # Where it cannot be remembered, it would come with every page that is opened.
        if permitted(Permission.REMEMBER_WINDOW) and self.session.take_welcome():
            self.dialogs.open("welcome")
        self.pictures.show()

    def update_node_styles(self, animate: bool = True) -> None:
        """Apply every style again, but not on the way to the first paint: mounting has just done so."""
        if self._poll_timer is not None:
            super().update_node_styles(animate)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """The screen is on top: the first time, everything has just been given its styles."""
        if not self.stack_updates:
            event.refresh_styles = False
        self.post_message(self.Resumed())

    def on_screen_suspend(self) -> None:
        """What opens over the text takes the keys."""
        self.links.stop_following()

    def on_unmount(self) -> None:
        """Remember what is open, and end what runs beside the screen; what is not written yet still will be."""
        self.pictures.close()
        if (stored := self.article_pane.stored) is not None:
            view = self.article_pane.view
            open_now = OpenNow(
                self.pane_state, self.list_pane.view, stored.key, view.position, view.text_width
            )
            self.session.keep(open_now, self.settings)
        self.dialogs.close()
        self.opener.keep_position(save=True)
        self.session.begin_to_save()
        self.writes.close()
        self.queries.close()
        if self.list_pane.loader is not None:
            self.list_pane.loader.stop()

    # Layout and panes

    @property
    def layout(self) -> Layout:
        """Where the parts stand."""
        return self._region_layout

    @property
    def pane(self) -> str:
        """The pane that has the keys: "list" or "article"."""
        return self.pane_state.pane

    @property
    def narrow(self) -> bool:
        """Is one pane shown at a time?"""
        return has_one_pane(self, self.app.size.width)

    @property
    def parts(self) -> Parts:
        """Where the parts stand: after a resize `self.size` is the new size before the screen is laid out for it."""
        return self._arrange(self.outer_size)

    def _arrange(self, size: Size) -> Parts:
        if self._announcer is None:
            return arrange(size, self.pane_state)
        height = self._announcer.styles.height
        return arrange_spoken(size, self.pane_state, int(height.value) if height else 0, self.prompt.is_open)

    def _regions(self, size: Size) -> Regions:
        parts, entry = self._arrange(size), self.prompt.entry
        return {
            self.header: parts.header,
            self.strip: parts.strip,
            self.list_pane.rows: parts.list,
            self.article_pane.view: parts.article,
            entry if entry is not None and self.prompt.is_open else self.footer: parts.footer,
        }

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what stands between the parts: the rule below the sections and the line between the panes."""
        width, height = self.outer_size
        parts = self.parts
        strips = frame_strips(parts, width, self.visual_style.rich_style, style_of(self, FRAME))
        plain, ruled = filtered(self, strips)
        lines = [ruled if y == parts.rule else plain for y in range(height)]
        return cropped(lines[crop.y : crop.bottom], crop, width)

    def arrange_panes(self, pane_state: PaneState) -> None:
        """Arrange the panes as asked, and give the keys to the one that is to have them."""
        self.session.awaited = None
        self.pane_state = pane_state
        self.arrange_again()
        self._focus_pane()
        self.update_footer()
        self.post_message(self.PanesArranged())

    def turn_to(self, pane: str) -> None:
        """Give the keys to "list" or "article", and show it where it is hidden."""
        listing = pane == "list"
        zen = self.pane_state.zen and not listing
        self.arrange_panes(PaneState(pane, sidebar=self.pane_state.sidebar or listing, zen=zen))

    def _focus_pane(self) -> None:
        pane = self.list_pane.rows if self.pane == "list" else self.article_pane.view
        # At once: `focus()` would come after whatever takes the keys next.
        self.set_focus(pane, scroll_visible=False)

    def arrange_again(self) -> None:
        """Put the parts where they are wanted now."""
        # It takes a child to ask: a parent forgets where they were.
        self.header.refresh(layout=True)
        self.refresh()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The mouse can change panes too."""
        for pane, widget in (("list", self.list_pane.rows), ("article", self.article_pane.view)):
            if event.widget is widget and pane != self.pane:
                self.pane_state = self.pane_state._replace(pane=pane)
                self.update_footer()

    def on_resize(self, _: events.Resize) -> None:
        """The footer is another in a narrow terminal, and cells may have another size now."""
        self.pictures.resize()
        self.update_footer()

    def paint_at_once(self) -> None:
        """Have row, article, footer and scrollbars painted in one frame."""
        rows, article = self.list_pane.rows, self.article_pane.view
        bars = (rows.vertical_scrollbar, article.vertical_scrollbar)
        paint_together(self, (rows, article, self.footer, *bars))

    def action_focus_list(self) -> None:
        """Give the list the keys."""
        self.turn_to("list")

    def action_focus_article(self) -> None:
        """Give the article the keys."""
        if self.article_pane.stored is not None:
            self.turn_to("article")

    def action_focus_other(self) -> None:
        """Give the other pane the keys."""
        if self.pane == "list":
            self.action_focus_article()
        else:
            self.turn_to("list")

    def action_sidebar(self) -> None:
        """Hide the list beside the article, or show it; in a narrow terminal turn to the other pane."""
        if self.narrow:
            self.action_focus_other()
        elif not self.pane_state.sidebar:
            self.turn_to("list")
        elif self.article_pane.stored is not None:
            self.arrange_panes(PaneState("article", sidebar=False))

    def action_zen(self) -> None:
        """Show the article alone, or everything again."""
        if self.article_pane.stored is not None:
            self.arrange_panes(self.pane_state._replace(pane="article", zen=not self.pane_state.zen))

    def action_back(self) -> None:
        """Leave one layer: prompt, another version or a hit, matches, the article pane, then the last filter."""
        if self.prompt.is_open:
            self.prompt.close(keep=False)
        elif self.pane == "article" and self.opener.leave_version():
            pass
        elif self.pane == "article" and self.article_pane.hit is not None:
            self.article_pane.hit = None
            self.dialogs.open_results()
        elif self.article_pane.matches is not None:
            self.article_pane.stop_finding()
            self.update_footer()
        elif self.pane_state.zen or self.pane == "article":
            self._leave_pane()
        elif (outer := self.list_pane.view.peel()) is not None:
            self.choose(outer)

    def action_leave(self) -> None:
        """Go back to the list, or leave the program."""
        if self.pane_state.zen or self.pane == "article":
            self._leave_pane()
        else:
            self.app.exit()

    def _leave_pane(self) -> None:
        if self.pane_state.zen:
            self.action_zen()
        else:
            self.turn_to("list")

    # The library

    def poll(self, *, always: bool = False) -> None:
        """Follow what other programs or threads have changed in the library; `always`: as if something has."""
        with errors_shown(self):
            if always or self.list_pane.changed:
                self.renew()

    def renew(self) -> None:
        """The library has changed: show what it holds now."""
        with errors_shown(self):
            if self.list_pane.renew():
                self.opener.open_under_cursor()
            self.show_counts()
        self.marks.show_star()
        self.opener.renew_version()
        if self.session.awaited is not None and self.is_current:
            self._restore_awaited(self.session.awaited)

    def _restore_awaited(self, window: Window) -> None:
        """Go where the reader was when the captures were read the last time, once that is among them."""
        key = self.session.key_of(window)
        if key is None and self.list_pane.files_read is not None:
            return
        self.session.awaited = None
        view = self.session.view_of(window, self.list_pane.sections)
        if key is not None:
            self.session.set_position(key, ReadingPosition(window.block, window.offset))
            self.list_pane.successor = key
        if view != self.list_pane.view or key is not None:
            self.choose(view)
        if self.article_pane.stored is not None:
            self.arrange_panes(pane_state_of(window))

    def choose(self, view: View) -> None:
        """List another choice of articles, with the one being read among them whatever the filters."""
        self.session.awaited = None
        self._list_view(view)

    def _list_view(self, view: View) -> None:
        with errors_shown(self):
            if self.list_pane.choose(view):
                self.opener.open_under_cursor()
        self.show_counts()

    def show_counts(self) -> None:
        """Bring header and strip up to date."""
        self.header.state, self.strip.state = self.list_pane.header, self.list_pane.strip
        self.post_message(self.ListChanged())

    def on_listed(self, message: Listed) -> None:
        """The articles of a view have been chosen."""
        with errors_shown(self):
            if self.list_pane.listed(message):
                self.opener.open_under_cursor()
        self.show_counts()

    def on_filling(self, message: Filling) -> None:
        """Some captures have been read."""
        self.list_pane.files_read = message.progress.captures + message.progress.problems
        self.poll(always=True)

    def on_filled(self, _: Filled) -> None:
        """All captures have been read."""
        self.list_pane.files_read = None
        self.poll(always=True)
        self.post_message(self.CapturesRead())

    def on_failed(self, message: Failed) -> None:
        """Something could not be done."""
        if message.filling:
            self.list_pane.files_read = None
            self.poll(always=True)
        self.list_pane.choosing = False
        show_error(self, message.sentence)
        self.show_counts()

    def _query_failed(self, error: LibraryError) -> None:
        """In the query worker's thread."""
        self.post_message(Failed(str(error)))

    def write(self, task: Task[Result]) -> Awaitable[Result]:
        """Put a task in the write queue, now; awaiting gives its result, or raises LibraryError.

        After that the screen shows what the library holds then.
        """
        return self._written(self.writes.do(task))

    async def _written(self, writing: Future[Result]) -> Result:
        try:
            return await wrap_future(writing)
        finally:
            self.call_later(self._show_written)

    def _show_written(self) -> None:
        self.poll()
        self.marks.show_star()

    # The article being read

    def go_to(self, index: int) -> None:
        """Put the cursor on row `index` and read it."""
        self.session.awaited = None
        if self.list_pane.rows.move(index):
            self.opener.open_under_cursor()
        self.paint_at_once()

    def save_positions(self) -> None:
        """Have reading positions saved, that of the article being read as the newest."""
        if self.pane == "article":
            self.opener.keep_position()
        self.run_worker(self.session.save())

    def _find_positions(self, own: Library) -> None:
        self.post_message(self.session.find_positions(own))

    def on_places_found(self, message: PlacesFound) -> None:
        """The positions of earlier sessions have been read."""
        self.session.add_positions(message.places)

    def article_opened(self) -> None:
        """Another article is in the pane: show what depends on it."""
        self.update_footer()
        # No picture is looked for on the way to the first paint.
        if self._poll_timer is not None:
            self.pictures.show()
        self.post_message(self.ArticleOpened())

    def update_footer(self) -> None:
        """Bring the footer up to date, and what else depends on what is open and how far it has been read."""
        pane = self.article_pane
        line, lines, percent = pane.view.where if pane.stored is not None else (0, None, 0)
        self.footer.state = FooterState(
            pane=self.pane,
            narrow=self.narrow,
            line=line,
            lines=lines,
            percent=percent,
            match=pane.matches,
            hit=pane.hit is not None,
            following=self.links.following,
            pointed=self._pointed,
        )
        self.marks.follow_reading(percent)
        self.post_message(self.FooterChanged())

    def _show_moved(self) -> None:
        self.update_footer()
        self.paint_at_once()

    def on_line_view_moved(self, _: LineView.Moved) -> None:
        """The article was scrolled."""
        self._show_moved()

    def on_finder_found(self, message: Finder.Found) -> None:
        """A search in the article has come further, or to another match."""
        self.article_pane.matches = matches = (message.current, message.count)
        self.prompt.note(match_words(matches))
        self._show_moved()
        self.post_message(self.MatchFound())

    def on_article_view_name_clicked(self, message: ArticleView.NameClicked) -> None:
        """A name in the article leads to the page of whoever bears it."""
        self.dialogs.open_name(message.name, sponsor=message.sponsor)

    def apply_text_settings(self, settings: Settings) -> None:
        """Set the text as `settings` say; the position stays."""
        self.article_pane.view.set_text(settings)
        self._show_moved()

    def settings_changed(self, before: Settings) -> None:
        """Other settings hold than `before`: show the article and the list by them."""
        settings = self.settings
        self.apply_text_settings(settings)
        if settings.sort != before.sort:
            self.choose(self.list_pane.view._replace(sort=Sort(settings.sort)))
        if settings.citation_style != before.citation_style:
            self.dialogs.forget_citation_style()
        if (settings.pictures, settings.picture_protocol) != (before.pictures, before.picture_protocol):
            self.pictures.settings_changed()

    def action_text_width(self, change: int) -> None:
        """Make the text wider or narrower; 0 for the default width."""
        view = self.article_pane.view
        view.text_width = _readable(view.text_width + change) if change else self.settings.text_width

    # Moving

    def action_move(self, how: str) -> None:
        """Move the list's cursor or scroll the article."""
        if self.pane == "article":
            self.article_pane.view.scroll_by_key(how)
            self._show_moved()
        elif len(self.list_pane.shown):
            self.go_to(self.list_pane.rows.moved(how))

    def action_step(self, step: int) -> None:
        """Read the next or the previous article, or hit of a search."""
        cursor = self.list_pane.cursor
        if self.article_pane.hit is not None and self.pane == "article":
            self.dialogs.step_hit(step)
        elif cursor is not None:
            self.go_to(cursor + step)

    def action_step_whole(self, step: int) -> None:
        """Read the next or the previous article that is neither truncated nor sponsored."""
        cursor = self.list_pane.cursor
        index = None if cursor is None else self.list_pane.shown.seek_whole(cursor + step, step)
        if index is None:
            show_notice(self, f"No whole article further {_way(step)}")
        else:
            self.go_to(index)

    def action_step_unread(self, step: int) -> None:
        """Read the next or the previous unread article, from either pane."""
        if self.list_pane.cursor is not None and (index := self.list_pane.seek_unread(step)) is not None:
            self.go_to(index)

    def on_unread_found(self, message: UnreadFound) -> None:
        """An unread article was found far away, or there is none."""
        index = None if message.key is None else self.list_pane.shown.index_of(message.key)
        if index is None:
            show_notice(self, f"No unread article further {_way(message.step)}")
        else:
            self.go_to(index)

    @on(GroupedList.Clicked)
    def _row_clicked(self, message: GroupedList.Clicked) -> None:
        self.go_to(message.index)
        if self.narrow:
            self.action_focus_article()

    # Filters

    def action_section(self, number: int) -> None:
        """Show the `number`-th section alone, or all again where it is shown already; 0 for all."""
        listed = self.list_pane
        if number > len(listed.sections):
            show_notice(self, f"There are {len(listed.sections)} sections")
            return
        name = listed.sections[number - 1].name if number else None
        self.choose(listed.view.with_section(None if name == listed.view.filters.section else name))

    def action_cycle(self, what: str) -> None:
        """Choose the next order ("sort"), or show, hide or show only articles with a badge or a mark."""
        self.choose(self.list_pane.view.cycle(what))

    # The prompt

    async def action_filter_words(self) -> None:
        """Filter by words as they are typed."""
        await self.prompt.filter_words()

    async def action_find(self) -> None:
        """Find in the pane that has the keys, as words are typed."""
        await self.prompt.find()

    def action_find_step(self, step: int) -> None:
        """Go to the next or the previous match."""
        self.prompt.find_step(step)

    async def action_pipe(self) -> None:
        """Let a command be typed that gets the article's text."""
        if not permitted(Permission.RUN_COMMANDS):
            show_notice(self, Permission.RUN_COMMANDS.value)
        elif self.article_pane.stored is not None:
            await self.prompt.pipe()

    def on_entry_bar_changed(self, message: EntryBar.Changed) -> None:
        """Act on what is typed."""
        self.prompt.changed(message.purpose, message.text)

    def on_entry_bar_submitted(self, message: EntryBar.Submitted) -> None:
        """Go back to the pane; run a command."""
        self.prompt.close(keep=True)
        if message.purpose == "pipe":
            self.dialogs.open_piped(message.text)

    def on_title_found(self, message: TitleFound) -> None:
        """A title was found, or there is none."""
        self.prompt.title_found(message)

    # Marks

    def action_mark(self, what: str) -> None:
        """Mark "read" or "star", mark all that is "listed" as read, "undo" or "redo"."""
        marks = self.marks
        actions = {
            "read": marks.toggle_read, "star": marks.toggle_star, "listed": marks.mark_listed_read,
            "undo": marks.undo, "redo": marks.redo,
        }  # fmt: skip
        actions[what]()

    def on_main_screen_marked(self, message: Marked) -> None:
        """Say what the list would show."""
        if self.speech is None and self.parts.list is None:
            show_notice(self, message.words)

    # Links

    def take_key(self, key: str, character: str | None) -> bool:
        """Give a key to the letters of links; False where it is not meant for them."""
        return self.links.take_key(key, character)

    def action_link(self, what: str) -> None:
        """Open the page ("open") or its captures ("archive"), "copy" its address, or put "letters" on links."""
        links = self.links
        if what == "letters":
            links.offer_letters(visible=self.parts.article is not None)
        elif what == "copy":
            links.copy_address()
        else:
            links.open_page(archived=what == "archive")

    def on_links_letters_changed(self) -> None:
        """The footer says what the letters do."""
        self._show_moved()

    def on_article_view_link_clicked(self, message: ArticleView.LinkClicked) -> None:
        """A link of the text was clicked."""
        self.links.stop_following()
        self.links.open(message.url)

    def on_link_layer_pointed(self, message: LinkLayer.Pointed) -> None:
        """The mouse came to a link, or left it."""
        self._pointed = message.url
        self.update_footer()

    # Pictures

    def action_pictures(self) -> None:
        """Show pictures, or captions alone."""
        self.pictures.toggle()
        self.paint_at_once()

    def on_pictures_found(self, message: PicturesFound) -> None:
        """It is known which figures of an article have a picture."""
        self.pictures.add_found(message)
        self.paint_at_once()

    def on_picture_in_sight(self, message: PictureInSight) -> None:
        """A picture is needed."""
        self.pictures.draw(message)

    def on_picture_drawn(self, message: PictureDrawn) -> None:
        """A picture is ready."""
        self.pictures.show_drawn(message)
        self.paint_at_once()

    # Other screens

    def action_open(self, name: str) -> None:
        """Open another screen; see `Dialogs.open`."""
        self.dialogs.open(name)

    def on_recovery_changed(self) -> None:
        """The search for what is missing has said something, or has ended."""
        self.dialogs.show_recovery()


def _readable(text_width: int) -> int:
    return max(NARROWEST, min(WIDEST, text_width))


def _way(step: int) -> str:
    return "down" if step > 0 else "up"
