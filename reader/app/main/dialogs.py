"""Opens the screens and dialogs over the main screen, and acts on their results.

The main screen imports this file when the first of them opens: that takes about 60 ms, a quarter of the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from reader.app.dialogs.export import (
    ExportScreen,
    all_openings,
    listed_articles,
    notes_of,
    notes_of_article,
    search_results,
    this_article,
)
from reader.app.dialogs.fetching import FetchScreen, Recovery
from reader.app.dialogs.lists import (
    CitationScreen,
    LinksScreen,
    MenuScreen,
    ProblemsScreen,
    SectionsScreen,
    WelcomeScreen,
)
from reader.app.dialogs.plain_text import PipedScreen, RawScreen
from reader.app.dialogs.settings import SettingsScreen
from reader.app.main.layout import PaneState
from reader.app.messages import WelcomeRequested, errors_shown, no_more, show_notice
from reader.app.overview import Opens, OverviewScreen
from reader.app.people import NamesScreen, ProfileScreen
from reader.app.search import SearchScreen
from reader.app.versions import VersionsScreen
from reader.app.view import View
from reader.export.documents import item_text
from reader.library import Filters, SavedSearch, SectionCount, StoredArticle
from reader.permissions import Permission, permitted

if TYPE_CHECKING:
    from textual.screen import Screen

    from reader.app.main.screen import MainScreen
    from reader.library.overview import NameCount

_SEARCH = "search"
"""The name by which the app keeps the search screen."""
_NOTHING_TRUNCATED = "No story is truncated: some capture has it whole"


class Dialogs:
    """Opens the screens and dialogs over the main screen."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._library = main.library
        self.search: SearchScreen | None = None
        """The search screen; None until it is first opened."""
        self._before_search: tuple[View, int | None, PaneState] | None = None
        """Where the search was opened: the view, the article under the cursor and the panes.

        None once the reader has gone back there.
        """
        self.recovery: Recovery | None = None
        """The last search for truncated stories in the Wayback Machine."""
        self._overview_on: Opens | None = None
        """The row of the overview's cursor when it was last closed."""
        self.citation_style = ""
        """The style of the last citation; "" for that of the settings."""

    def open(self, name: str) -> None:
        """Open a screen by its name, for the `open` actions of keys."""
        if name.endswith("_menu"):
            self.push(MenuScreen(name.removesuffix("_menu")), self._main.run_action)
        else:
            getattr(self, f"open_{name}")()

    @property
    def _stored(self) -> StoredArticle | None:
        return self._main.article_pane.stored

    def close_above(self, screen: Screen[Any] | None = None) -> None:
        """Close every screen above the main one, or above another one."""
        stack = self._main.app.screen_stack
        for above in reversed(stack[stack.index(screen or self._main) + 1 :]):
            above.dismiss(None)

    def push(self, screen: Screen[Any], chosen: Callable[[Any], object] | None = None) -> None:
        """Show a screen; call `chosen` with its result unless that is None."""

        async def close(result: Any) -> None:
            if result is not None and chosen is not None and isawaitable(running := chosen(result)):
                await running

        self._main.app.push_screen(screen, close)

    # Search

    def open_search(self, query: str = "") -> None:
        """Open the search screen; the last query is kept and can be typed over."""
        app, main = self._main.app, self._main
        if main.article_pane.hit is None and self.search not in app.screen_stack:
            self._before_search = main.list_pane.view, main.list_pane.key, main.panes.state
        if self.search is None:
            self.search = SearchScreen(
                self._library, main.article_pane.open_hit, self._leave_search, self._export_hit, main.write
            )
            app.install_screen(self.search, _SEARCH)
            app.push_screen(_SEARCH)
        elif self.search in app.screen_stack:
            self.close_above(self.search)
        else:
            app.push_screen(_SEARCH)
            self.search.action_query()
        if query:
            self.search.call_after_refresh(self.search.search, query)

    def reopen_search(self) -> None:
        """Show the search screen again, as it was left."""
        self._main.app.push_screen(_SEARCH)

    def _leave_search(self) -> None:
        """Go back to where the search was opened, if a hit has been read meanwhile."""
        before, main = self._before_search, self._main
        self._before_search = None
        if before is None:
            return
        view, key, pane_state = before
        if (view, key) != (main.list_pane.view, main.list_pane.key):
            main.list_pane.to_select = key
            main.list_pane.show_view(view)
            main.panes.arrange(pane_state)

    def _export_hit(self, key: int) -> None:
        """Export the search results, or the hit with this key."""
        if self.search is not None and (answered := self.search.answered) is not None:
            with errors_shown(self._main):
                choices = [search_results(*answered), this_article(self._library.article(key))]
                self.push(ExportScreen(self._library, choices))

    def step_hit(self, step: int) -> None:
        if self.search is None or not self.search.step(step):
            show_notice(self._main, no_more("results", step))

    def open_sections(self) -> None:
        main, list_pane, library = self._main, self._main.list_pane, self._library

        def read_sections() -> Sequence[SectionCount]:
            return library.sections(by_name=list_pane.is_loading)

        def chosen(answer: SectionCount | SavedSearch) -> None:
            if isinstance(answer, SavedSearch):
                self.open_search(answer.query)
            else:
                list_pane.show_view(list_pane.view.with_section(answer.name or None))

        section = list_pane.view.filters.section
        with errors_shown(main):
            self.push(SectionsScreen(library, read_sections, section, main.write), chosen)

    # Authors and sponsors

    def open_authors(self) -> None:
        self._choose_name(False)

    def open_sponsors(self) -> None:
        self._choose_name(True)

    def open_name(self, name: str, *, sponsor: bool = False) -> None:
        """Show the profile of an author, or of a `sponsor` ("" for unnamed sponsors); the list stays the same."""
        write, choose_another = self._main.write, self._choose_name
        screen = ProfileScreen(self._library, name, choose_another, write, sponsor=sponsor)
        open_from = self._main.article_pane.open_from
        self.push(screen, lambda key: open_from(self._view_of(name, sponsor), key))

    def _choose_name(self, sponsors: bool) -> None:
        """Choose a name, list its articles and show its profile, in place of what is open above the main screen.

        The cursor starts on the name that is listed, or on the first one of the article being read.
        """
        main, filters = self._main, self._main.list_pane.view.filters

        def chosen(count: NameCount) -> None:
            self.close_above()
            main.list_pane.show_other_view(self._view_of(count.name, sponsors))
            self.open_name(count.name, sponsor=sponsors)

        start = filters.sponsor if sponsors else filters.author
        if start is None and self._stored is not None:
            article = self._stored.article
            if sponsors:
                start = article.sponsor or "" if article.sponsored else None
            else:
                start = next(iter(article.authors), None)
        self.push(NamesScreen(self._library, main.queries, start, sponsors=sponsors), chosen)

    def _view_of(self, name: str, sponsor: bool) -> View:
        """The view of all articles of an author or sponsor, in the current order."""
        filters = Filters(sponsor=name) if sponsor else Filters(author=name)
        return View(filters, self._main.list_pane.view.sort)

    # The article

    def open_versions(self) -> None:
        pane, stored = self._main.article_pane, self._stored
        if stored is None:
            return
        screen = VersionsScreen(self._library, stored, self._main.write)

        def closed(key: int | None) -> None:
            if key is not None:
                pane.open_version(key)
            elif screen.changed and pane.stored is not None:
                # Its notices mention the other versions.
                pane.open_version(pane.stored.key, focus=False)

        self._main.app.push_screen(screen, closed)

    def open_why(self) -> None:
        """Show how the parser read each line of the article, and why."""
        from reader.app.why.screen import WhyScreen  # 40 ms: the parser.

        pane, stored = self._main.article_pane, self._stored
        if stored is not None:
            write, paragraph = self._main.write, pane.paragraph
            self.push(WhyScreen(self._library, stored, write, pane.follow, self.open_raw, paragraph))

    def open_raw(self, line: int | None = None, stored: StoredArticle | None = None) -> None:
        """Show the text of a capture from `line`, by default from the first line of the article."""
        if (stored := stored or self._stored) is not None:
            self.push(RawScreen(self._library, stored, line))

    def open_links(self) -> None:
        if self._stored is not None:
            self.push(LinksScreen(self._stored.article), self._main.links.open)

    def open_citation(self) -> None:
        def chosen(answer: tuple[str, str]) -> None:
            self.citation_style, text = answer
            self._main.links.copy(text, "The citation", "Citation")

        if self._stored is not None:
            style = self.citation_style or self._main.app.settings.citation_style
            self.push(CitationScreen(self._library.export_item(self._stored), style), chosen)

    def open_piped(self, command: str) -> None:
        if self._stored is not None and command.strip():
            self.push(PipedScreen(command.strip(), item_text(self._library.export_item(self._stored))))

    # The library

    def open_export(self) -> None:
        stored, list_pane, written = self._stored, self._main.list_pane, self._main.article_pane.written
        listing, words = list_pane.listing, list_pane.view.in_words()
        choices = [] if stored is None else [this_article(stored)]
        if stored is not None and (written.annotations or written.tags):
            choices.append(notes_of_article(stored))
        if len(listing):
            choices.append(listed_articles(listing, words))
        if self.search is not None and (answered := self.search.answered) is not None:
            choices.append(search_results(*answered))
        if choices:
            self.push(ExportScreen(self._library, choices))
        else:
            show_notice(self._main, "There are no articles to export")

    def export_notes(self, keys: Sequence[int], count: int) -> None:
        """Export the highlights, notes and tags of `count` articles; without keys, all that there are."""
        self.push(ExportScreen(self._library, [notes_of(keys, count)]))

    def open_overview(self) -> None:
        """Show the overview: counts by section, author, sponsor and month."""
        main, list_pane = self._main, self._main.list_pane
        screen = OverviewScreen(
            self._library, list_pane.title, self._overview_on, lambda: list_pane.is_loading, self.open
        )

        def closed(opens: Filters | None) -> None:
            self._overview_on = screen.opens
            if opens is not None:
                self.close_above()
                list_pane.show_view(View(opens, list_pane.view.sort))
                main.panes.focus_pane("list")

        main.app.push_screen(screen, closed)

    def open_problems(self) -> None:
        pane = self._main.list_pane
        self.push(ProblemsScreen(self._library, lambda: pane.failure, lambda: pane.is_loading))

    def open_help(self, screen: Screen[Any] | None = None) -> None:
        """Show the keys of a screen, by default the main one; run the action that is chosen."""
        from reader.app.dialogs.help import HelpScreen, keys_of_screen  # 20 ms: Markdown.

        listed = None if screen is None else keys_of_screen(screen)
        help_screen = HelpScreen(listed, selecting=self._main.article_pane.selection.active)
        self.push(help_screen, (screen or self._main).run_action)

    def open_settings(self) -> None:
        self.push(SettingsScreen())

    def open_welcome(self) -> None:
        """Show the first steps, or have the screen reader read them."""
        if self._main.speech is not None:
            self._main.post_message(WelcomeRequested())
        else:
            self.push(WelcomeScreen())

    # Truncated stories

    def open_save_openings(self) -> None:
        """Export the list of stories that the library has only truncated."""
        truncated = self._main.list_pane.totals.truncated
        if truncated:
            self.push(ExportScreen(self._library, [all_openings(truncated)]))
        else:
            show_notice(self._main, _NOTHING_TRUNCATED)

    def open_fetch_openings(self) -> None:
        """Search the Wayback Machine for the full text of truncated stories, once the reader has agreed."""
        truncated = self._main.list_pane.totals.truncated
        if not permitted(Permission.FETCH):
            show_notice(self._main, Permission.FETCH.value)
        elif not self._library.is_durable:
            show_notice(self._main, "This needs a library; “protocol-reader add PATH…” creates one")
        elif not truncated and self.recovery is None:
            show_notice(self._main, _NOTHING_TRUNCATED)
        else:
            wayback = self._main.app.settings.wayback
            self.push(FetchScreen(truncated, wayback, self.recovery, self._start_recovery))

    def _start_recovery(self) -> Recovery:
        # It reads the address of the archive from the settings, as this program has.
        self.recovery = Recovery(["missing", "--fetch", "--library", str(self._library.path), "--progress"])
        self._main.run_worker(self.recovery.run(self.show_recovery))
        return self.recovery

    def show_recovery(self) -> None:
        """Show the progress of that search on its screen; on other screens only its end."""
        app = self._main.app
        if isinstance(app.screen, FetchScreen):
            app.screen.show_progress()
        elif self.recovery is not None and not self.recovery.running and (output := self.recovery.output):
            app.notify(output[-1], title="Wayback Machine", timeout=15, markup=False)

    def close(self) -> None:
        """Stop a search for truncated stories: it must not go on unseen."""
        if self.recovery is not None:
            self.recovery.stop()
