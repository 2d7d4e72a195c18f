"""The main screen: what each key does, and what follows from what its parts and the library report."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Awaitable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer

from reader.app import keys
from reader.app.loading import Loader
from reader.app.main import bar_texts
from reader.app.main.article_pane import ArticlePane, Opener
from reader.app.main.bar_texts import FooterState, HeaderState, StripState, match_words
from reader.app.main.dialogs import Dialogs
from reader.app.main.layout import Panes, Speech
from reader.app.main.links import Links
from reader.app.main.list_pane import SMALL, ListPane
from reader.app.main.marks import Marks
from reader.app.main.pictures import Pictures
from reader.app.main.prompt import Prompt
from reader.app.main.session import Restoring, Session
from reader.app.messages import (
    ArticleOpened,
    CapturesRead,
    Failed,
    Filled,
    Filling,
    FooterChanged,
    ListChanged,
    Listed,
    Marked,
    MatchFound,
    PlacesFound,
    Resumed,
    TitleFound,
    UnreadFound,
)
from reader.app.notices import errors_shown, show_error, show_notice
from reader.app.query_worker import QueryWorker
from reader.app.view import View
from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.bars import Bar
from reader.app.widgets.drawing import paint_together
from reader.app.widgets.grouped_list import GroupedList
from reader.app.widgets.layers import Finder, LinkLayer
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import has_one_pane
from reader.app.write_queue import Task, WriteQueue
from reader.errors import LibraryError
from reader.library import Library, Sort
from reader.permissions import Permission, permitted
from reader.settings import Settings

if TYPE_CHECKING:
    from reader.app.app import ReaderApp
    from reader.app.pictures.gallery import PictureDrawn, PictureInSight, PicturesFound
    from reader.app.widgets.entry_bar import EntryBar

POLL_SECONDS = 0.5
SAVE_SECONDS = 5.0
"""How often reading positions are saved, at most."""
Result = TypeVar("Result")


class MainScreen(Screen[None]):
    """Two panes, or one at a time where the terminal is narrow; the article follows the list's cursor."""

    AUTO_FOCUS = ""
    BINDINGS = keys.bindings()
    app: ReaderApp

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
        self.panes = Panes(self)
        self.restoring = Restoring(self)
        self._poll_timer: Timer | None = None
        """Runs once the first screen is painted."""
        self._pointed: str | None = None
        """Where the link under the mouse leads."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.app.settings

    # Starting and ending

    def compose(self) -> ComposeResult:
        """The parts of the screen."""
        yield from (self.header, self.strip, self.list_pane.rows, self.article_pane.view, self.footer)
        if self.panes.announcer is not None:
            yield self.panes.announcer

    def on_mount(self) -> None:
        """Show what there is; poll, and read captures, once it is painted."""
        settings = self.settings
        self.article_pane.view.set_text(settings)
        if self.session.text_width:
            self.article_pane.set_text_width(self.session.text_width)
        self.panes.focus()
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
        return self.restoring.done or Sort(self.settings.sort) is self.list_pane.view.sort

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
            self.session.ask_positions(self.queries, self.post_message)
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
        self.post_message(Resumed())

    def on_screen_suspend(self) -> None:
        """What opens over the text takes the keys."""
        self.links.stop_following()

    def on_unmount(self) -> None:
        """Remember what is open, and end what runs beside the screen; what is not written yet still will be."""
        self.pictures.close()
        self.restoring.keep()
        self.dialogs.close()
        self.opener.keep_position(save=True)
        self.session.begin_to_save()
        self.writes.close()
        self.queries.close()
        if self.list_pane.loader is not None:
            self.list_pane.loader.stop()

    # Panes

    @property
    def layout(self) -> Layout:
        """Where the parts stand."""
        return self.panes.layout

    @property
    def pane(self) -> str:
        """The pane that has the keys: "list" or "article"."""
        return self.panes.state.pane

    @property
    def narrow(self) -> bool:
        """Is one pane shown at a time?"""
        return has_one_pane(self, self.app.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what stands between the parts."""
        return self.panes.render_lines(crop)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The mouse can change panes too."""
        self.panes.follow_focus(event.widget)

    def on_resize(self, _: events.Resize) -> None:
        """The footer is another in a narrow terminal, and cells may have another size now."""
        self.pictures.resize()
        self.update_footer()

    def paint_at_once(self) -> None:
        """Have row, article, footer and scrollbars painted in one frame."""
        rows, article = self.list_pane.rows, self.article_pane.view
        bars = (rows.vertical_scrollbar, article.vertical_scrollbar)
        paint_together(self, (rows, article, self.footer, *bars))

    def action_turn_to(self, pane: str) -> None:
        """Give the keys to the "list", the "article" or the "other" pane."""
        if pane == "other":
            pane = "article" if self.pane == "list" else "list"
        if pane == "list" or self.article_pane.stored is not None:
            self.panes.turn_to(pane)

    def action_sidebar(self) -> None:
        """Hide the list beside the article, or show it; in a narrow terminal turn to the other pane."""
        if self.narrow:
            self.action_turn_to("other")
        else:
            self.panes.toggle_sidebar()

    def action_zen(self) -> None:
        """Show the article alone, or everything again."""
        self.panes.toggle_zen()

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
        elif not self.panes.leave() and (outer := self.list_pane.view.without_last_filter()) is not None:
            self.choose(outer)

    def action_leave(self) -> None:
        """Go back to the list, or leave the program."""
        if not self.panes.leave():
            self.app.exit()

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
        self.restoring.restore_awaited()

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
        self.post_message(ListChanged())

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
        self.post_message(CapturesRead())

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

    def on_places_found(self, message: PlacesFound) -> None:
        """The positions of earlier sessions have been read."""
        self.session.add_positions(message.places)

    def article_opened(self) -> None:
        """Another article is in the pane: show what depends on it."""
        self.update_footer()
        # No picture is looked for on the way to the first paint.
        if self._poll_timer is not None:
            self.pictures.show()
        self.post_message(ArticleOpened())

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
        self.post_message(FooterChanged())

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
        self.post_message(MatchFound())

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
        pane = self.article_pane
        pane.set_text_width(pane.view.text_width + change if change else self.settings.text_width)

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
            self.action_turn_to("article")

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

    async def action_prompt(self, purpose: str) -> None:
        """Have words typed to "filter" by or to "find", or a command to "pipe" the article to."""
        await self.prompt.open(purpose)

    def action_find_step(self, step: int) -> None:
        """Go to the next or the previous match."""
        self.prompt.find_step(step)

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

    def on_marked(self, message: Marked) -> None:
        """Say what the list would show."""
        if self.speech is None and self.panes.parts.list is None:
            show_notice(self, message.words)

    # Links

    def take_key(self, key: str, character: str | None) -> bool:
        """Give a key to the letters of links; False where it is not meant for them."""
        return self.links.take_key(key, character)

    def action_link(self, what: str) -> None:
        """Open the page ("open") or its captures ("archive"), "copy" its address, or put "letters" on links."""
        links = self.links
        if what == "letters":
            links.offer_letters(visible=self.panes.parts.article is not None)
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


def _way(step: int) -> str:
    return "down" if step > 0 else "up"
