"""The main screen: what every key does."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.screen import Screen

from reader.app import keys
from reader.app.arrangement import Wishes
from reader.app.messages import TitleFound
from reader.app.screens.picturing import Picturing
from reader.app.screens.remembering import Remembering
from reader.app.shown import Shown
from reader.app.widgets.bars import Bar
from reader.app.widgets.grouped_list import GroupedList
from reader.library import Library, SavedSearch, SectionCount, Sort
from reader.safe_text import clean
from reader.settings import Settings

NARROWEST, WIDEST = 28, 120
"""Columns of text."""


class MainScreen(Picturing, Remembering, Screen[None]):
    """The panes with their keys."""

    BINDINGS = keys.bindings()

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self._wanted = ""
        """The words looked for in titles, for n and N."""
        self._origin = 0
        """Where the cursor was when the search began."""
        self._searched: tuple[Shown, Shown] | None = None
        """The clerk's: what is shown and how it reads that; it remembers what was found in it."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """The first time, everything has just been given its styles."""
        if not self.stack_updates:
            event.refresh_styles = False

    # Moving

    async def action_move(self, how: str) -> None:
        """Move the list's cursor or scroll the article."""
        if self.pane == "article":
            await self.article.scroll_by_key(how)
            self.tell_footer()
            self.paint_at_once()
        elif len(self.shown):
            self.go_to(self.articles.moved(how))

    def action_step(self, step: int) -> None:
        """Read the next or the previous article."""
        if not self.step_hit(step) and self.articles.cursor is not None:
            self.go_to(self.articles.cursor + step)

    def action_step_whole(self, step: int) -> None:
        """Read the next or the previous article that is neither truncated nor sponsored."""
        cursor = self.articles.cursor
        index = None if cursor is None else self.shown.seek_whole(cursor + step, step)
        if index is None:
            self.say(f"No whole article further {'down' if step > 0 else 'up'}")
        else:
            self.go_to(index)

    # Panes

    def action_focus_list(self) -> None:
        """Give the list the keys."""
        self.turn_to("list")

    def action_focus_article(self) -> None:
        """Give the article the keys."""
        if self.stored is not None:
            self.turn_to("article")

    def action_focus_other(self) -> None:
        """Give the other pane the keys."""
        if self.pane == "list":
            self.action_focus_article()
        else:
            self.turn_to("list")

    def action_sidebar(self) -> None:
        """Hide the list beside the article, or show it; in a narrow terminal the other pane."""
        if self.narrow:
            self.action_focus_other()
        elif not self.wishes.sidebar:
            self.turn_to("list")
        elif self.stored is not None:
            self.wish(Wishes("article", sidebar=False))

    def action_zen(self) -> None:
        """Show the article alone, or everything again."""
        if self.stored is not None:
            self.wish(self.wishes._replace(pane="article", zen=not self.wishes.zen))

    def action_back(self) -> None:
        """One layer less: typing, matches, zen, the article pane, then the filters from the innermost."""
        if self.typing:
            self.stop_typing(keep=False)
        elif self.back_from_elsewhere():
            pass
        elif self.matches is not None:
            self.article.clear_find()
            self.matches = None
            self.tell_footer()
        elif self.wishes.zen or self.pane == "article":
            self._leave_pane()
        elif (outer := self.view.peel()) is not None:
            self.choose(outer)

    def action_leave(self) -> None:
        """Back to the list, or out of the program."""
        if self.wishes.zen or self.pane == "article":
            self._leave_pane()
        else:
            self.app.exit()

    def _leave_pane(self) -> None:
        if self.wishes.zen:
            self.action_zen()
        else:
            self.turn_to("list")

    # Filters

    def action_section(self, number: int) -> None:
        """Show the `number`-th section alone, or all again where it is shown already; 0 for all."""
        if number > len(self.sections):
            self.say(f"There are {len(self.sections)} sections")
            return
        name = self.sections[number - 1].name if number else None
        self.choose(self.view.with_section(None if name == self.view.filters.section else name))

    def action_sections(self) -> None:
        """Let a section be chosen by name."""
        from reader.app.screens.sections import SectionsScreen

        def chosen(answer: SectionCount | SavedSearch | None) -> None:
            if isinstance(answer, SavedSearch):
                self.action_search(answer.query)
            elif answer is not None:
                self.choose(self.view.with_section(answer.name or None))

        section, searches = self.view.filters.section, self.saved_searches()
        self.app.push_screen(SectionsScreen(self.sections, section, searches, self.forget_search), chosen)

    def action_cycle_truncated(self) -> None:
        """Show, hide or show only truncated articles."""
        self.choose(self.view.cycle_truncated())

    def action_cycle_sponsored(self) -> None:
        """Show, hide or show only sponsored articles."""
        self.choose(self.view.cycle_sponsored())

    def action_cycle_sort(self) -> None:
        """The next order."""
        self.choose(self.view.cycle_sort())

    async def action_filter_words(self) -> None:
        """Filter by words as they are typed, in sight of the list."""
        if self.narrow:
            self.turn_to("list")
        await self.start_typing("words", "filter", self.view.filters.words)

    # Finding

    async def action_find(self) -> None:
        """Find in the pane that has the keys, as words are typed."""
        if self.pane == "article":
            await self.start_typing("article", "find in article", "")
        elif self.articles.cursor is not None:
            self._origin = self.articles.cursor
            await self.start_typing("titles", "find title", "")

    def action_find_step(self, step: int) -> None:
        """Go to the next or the previous match."""
        if self.pane == "article":
            if self.matches is None:
                self.say(keys.tell("Nothing is looked for: {find.start} finds in this pane"))
            else:
                self.article.find_step(step)
        elif not self._wanted:
            self.say(keys.tell("Nothing is looked for: {find.start} finds in this pane"))
        elif self.articles.cursor is not None:
            self._look_for(self.articles.cursor + step, step)

    def typed(self, purpose: str, text: str) -> None:
        """Something was typed into the line for it."""
        if purpose == "words":
            self.choose(self.view.with_words(text))
        elif purpose == "article":
            self.article.find(text)
        elif text.strip():
            self._wanted = text
            self._look_for(self._origin, 1)
        else:
            self._wanted = ""
            self.go_to(self._origin)

    def gave_up_typing(self, purpose: str) -> None:
        """Esc was pressed while something was typed."""
        if purpose == "article":
            self.article.clear_find()
            self.matches = None
        elif purpose == "titles":
            self._wanted = ""
            self.go_to(self._origin)

    def _look_for(self, start: int, step: int) -> None:
        """Have the clerk find the next title with the wanted words, going round the end once."""
        shown, words = self.shown, self._wanted

        def question(own: Library) -> None:
            if self._searched is None or self._searched[0] is not shown:
                self._searched = shown, shown.through(own)
            through = self._searched[1]
            found = through.find(start, step, words)
            if found is None:
                found = through.find(0 if step > 0 else len(through) - 1, step, words)
            self.post_message(
                TitleFound(words, None if found is None else through.rows(found, found + 1)[0].key)
            )

        self.clerk.ask("title", question)

    def on_title_found(self, message: TitleFound) -> None:
        """The clerk has found a title, or knows that there is none."""
        if message.words != self._wanted:
            return
        index = None if message.key is None else self.shown.index_of(message.key)
        if self.typing and self.entry is not None:
            self.entry.tell("" if index is not None else "no such title")
        elif index is None:
            self.say(f"No title has “{clean(self._wanted)}”")
        if index is not None:
            self.go_to(index)

    # View

    def action_text_width(self, change: int) -> None:
        """Make the text wider or narrower; 0 for the usual width."""
        width = self.article.text_width + change if change else self.settings.text_width
        self.article.text_width = max(NARROWEST, min(WIDEST, width))

    def action_raw(self) -> None:
        """Show the capture as it was kept."""
        from reader.app.screens.raw import RawScreen

        if self.stored is not None:
            self.app.push_screen(RawScreen(self.library, self.stored))

    # App

    def action_help(self) -> None:
        """Show the keys."""
        from reader.app.screens.help import HelpScreen

        async def chosen(action: str | None) -> None:
            if action is not None:
                await self.run_action(action)

        self.app.push_screen(HelpScreen(), chosen)

    def action_settings(self) -> None:
        """Show what is in force, and where it comes from."""
        from reader.app.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen())

    def settings_changed(self, before: Settings) -> None:
        """Other settings hold than `before`: show the article and the list by them."""
        settings = self.settings
        self.apply_text_settings(settings)
        if settings.sort != before.sort:
            self.choose(self.view._replace(sort=Sort(settings.sort)))
        if settings.citation_style != before.citation_style:
            self._style = ""
        if (settings.pictures, settings.picture_protocol) != (before.pictures, before.picture_protocol):
            self.picture_anew()

    def action_problems(self) -> None:
        """Show the files that could not be read."""
        from reader.app.screens.problems import ProblemsScreen

        failure = self.loading_failure
        self.app.push_screen(ProblemsScreen(self.library, () if failure is None else (failure,)))

    # What the widgets say

    @on(GroupedList.Clicked)
    def _row_clicked(self, message: GroupedList.Clicked) -> None:
        self.go_to(message.index)
        if self.narrow:
            self.action_focus_article()

    @on(Bar.Clicked)
    async def _bar_clicked(self, message: Bar.Clicked) -> None:
        await self.run_action(message.action)
