"""What a search finds: questions to the library, answers on the screen, hits to be read. Keys are its subclass's."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from reader.app.keys import with_keys
from reader.app.messages import Failed
from reader.app.notices import errors_shown, show_error
from reader.app.query_worker import QueryWorker
from reader.app.questions import (
    Answered,
    Asked,
    Counted,
    Fetched,
    HitOpened,
    Opened,
    Write,
    ask_count,
    ask_hit,
    ask_more,
    ask_search,
)
from reader.app.search import texts as search_texts
from reader.app.search.bars import RuleBar
from reader.app.search.hit_list import HitList, Hits, StartList
from reader.app.search.query_line import QueryLine
from reader.app.search.texts import Fault, RuleState, SearchFooterState
from reader.app.widgets.bars import Bar
from reader.app.widgets.drawing import paint_together
from reader.app.widgets.grouped_list import GroupedList
from reader.errors import LibraryError
from reader.library import Library
from reader.library.search.results import MOST_COUNTED, Order, Results

SPARE = 8
"""So many hits more than two screens of them are asked for at first."""
OVERDUE = 0.25
"""Seconds until the reader is told that an answer is waited for."""
PAUSE = 0.3
"""Seconds after an answer until its hits are counted, where there was no time for it."""
RECENT = 8
"""How many searches are remembered while the program runs."""
LABEL = " Search "
ORDERS = {Order.NEWEST: "newest first", Order.RELEVANCE: "by relevance"}


class Finds(Screen[None]):
    """The part of the search screen that asks and shows what is found."""

    def __init__(self, library: Library, opener: Callable[[Opened], None], write: Write) -> None:
        """`opener` shows a hit that is to be read; this screen has left by then."""
        super().__init__()
        self.library = library
        self.line = QueryLine()
        self.hits: HitList = HitList(id="hits", in_words=getattr(self.app, "ROW_WORDS", None))
        self.starts = StartList(id="starts")
        self.hits.keys_elsewhere = self.starts.keys_elsewhere = True
        self.rule = RuleBar(search_texts.rule, RuleState(), id="rule")
        self.footer = Bar(search_texts.footer, SearchFooterState(), id="footer")
        self.queries = QueryWorker(library, self._fail)
        self.order = Order.NEWEST
        self.recent: list[str] = []
        """Queries of which hits were read, the newest first."""
        self.write = write
        self._opener = opener
        self._found = Hits()
        self._asked: Asked | None = None
        self._answered: Asked | None = None
        """What the hits in sight were found for."""
        self._last: Results | None = None
        """The newest page of hits; None until the search is answered."""
        self._fetching = False
        self._open_soon = False
        self._arranged = True
        """Whether the list in sight has its place on the screen."""
        self._timer: Timer | None = None

    def on_unmount(self) -> None:
        """End what runs beside the screen."""
        self.queries.close()

    def list_starts(self, cursor: int = 0) -> None:
        """Show what a search can begin with."""
        raise NotImplementedError

    # Asking

    def search(self, query: str) -> None:
        """Search for `query`, which is complete."""
        with self.line.prevent(Input.Changed):
            self.line.value = query
        self.line.cursor_position = len(query)
        self._ask(typing=False)

    @on(Input.Changed, "QueryLine")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._ask(typing=True)

    def _ask(self, *, typing: bool) -> None:
        asked = Asked(self.line.value, self.order, typing)
        self._open_soon = False
        if not asked.query.strip():
            self._asked = self._last = None
            self._wait(overdue=False)
            self.list_starts()
            return
        if asked != self._asked:
            self._asked, self._last = asked, None
            ask_search(self.queries, self, asked, 2 * self.hits.in_sight + SPARE)
            if self._timer is None:
                self._timer = self.set_timer(OVERDUE, lambda: self._wait(overdue=True))

    def _wait(self, *, overdue: bool) -> None:
        """Say that an answer is overdue, or no longer say so."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if overdue and self._asked is not None and self._last is None:
            self.rule.state = self.rule.state._replace(busy=True, fault=None)

    def ask_again(self) -> None:
        """Search for the same in the order that is wanted now."""
        if self._asked is not None:
            self._ask(typing=self._asked.typing)

    def on_answered(self, message: Answered) -> None:
        """Show the results; ignore those of a query that has changed since."""
        if message.asked != self._asked:
            return
        self._wait(overdue=False)
        if message.results is None:
            self._blame(message.fault)
            return
        before = self._found
        cursor = self.hits.cursor
        results = self._last = message.results
        self._fetching = False
        self.count = results.count
        self._answered = message.asked
        self._found = Hits(results.hits)
        # The same story stays under the cursor while the query is refined, unless the cursor was never moved.
        kept = self._found.index_of(before.rows(cursor, cursor + 1)[0].row.key) if cursor else None
        self.hits.show(self._found, kept or 0, self._note())
        self.show_list(self.hits)
        self.line.blame(None)
        self.rule.state = RuleState(results.count, results.capped, ORDERS[self.order])
        self.update_footer()
        self._paint_at_once()
        if self._open_soon:
            self._open_soon = False
            self.action_open()
        self.call_after_refresh(self._fetch_ahead)
        if results.capped and results.count < MOST_COUNTED:
            self.set_timer(PAUSE, lambda: self._count(message.asked))

    def _count(self, asked: Asked) -> None:
        """Have the hits counted, nothing else having been asked for a while."""
        if asked == self._asked and self._fetching:
            self.set_timer(PAUSE, lambda: self._count(asked))
        elif asked == self._asked:
            ask_count(self.queries, self, asked)

    def on_counted(self, message: Counted) -> None:
        """The hits have been counted."""
        results = self._last
        if message.asked == self._asked and results is not None and message.count >= self.count:
            self.count = message.count
            self.rule.state = RuleState(message.count, message.capped, ORDERS[self.order])

    def _blame(self, fault: Fault | None) -> None:
        """Say what is wrong with the query; what was found before stays."""
        if fault is None:
            return
        self._open_soon = False
        start = min(fault.position, len(self.line.value))
        before, cells = self.line.blame((start, start + fault.length))
        self.rule.state = RuleState(fault=fault, column=len(LABEL), before=before, cells=cells)
        self._paint_at_once()

    def _fetch_ahead(self) -> None:
        """Fetch more hits before the reader comes to the last one."""
        last, asked = self._last, self._asked
        if self._fetching or last is None or asked is None or last.after is None:
            return
        near = max(self.hits.last_in_sight, self.hits.cursor or 0)
        if near + self.hits.in_sight >= len(self._found):
            self._fetching = True
            ask_more(self.queries, self, asked, last)

    def on_fetched(self, message: Fetched) -> None:
        """More hits have come."""
        if message.asked != self._asked or self._last is None:
            return
        self._fetching = False
        self._last = message.results
        self._found.add(message.results.hits)
        self.hits.grown(self._note())
        self._fetch_ahead()

    @property
    def answered(self) -> tuple[Asked, Results] | None:
        """What was searched for last and what it found; None while there is no answer."""
        return None if self._answered is None or self._last is None else (self._answered, self._last)

    @property
    def _more(self) -> bool:
        """Whether there are hits that have not been fetched."""
        return self._last is not None and self._last.after is not None

    def _note(self) -> tuple[str, ...]:
        """What stands below the hits."""
        if len(self._found):
            return ("More is being fetched…",) if self._more else ()
        if self._more:
            return ("Nothing so far; looking further back…",)
        if not self.library.totals().articles:
            return ("There is no article to be found yet.",)
        return (
            "No story matches.",
            "Fewer words find more; word* finds every word that begins like it, and OR either of two words.",
            with_keys("{panes.back} goes back; an empty query shows examples."),
        )

    # Hits

    @on(GroupedList.Clicked, "#hits")
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.hits.move(message.index)
        self._open(message.index)

    @on(Input.Submitted, "QueryLine")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Read the hit under the cursor, or begin the search under it."""
        if self.starts.display:
            if self.starts.cursor is not None:
                self.search(self.starts.row(self.starts.cursor).query)
        elif self._asked is not None and self._last is None:
            # Enter came before the answer: it is meant for what was typed, not for what is still shown.
            self._open_soon = not self.rule.state.fault
        elif self.hits.cursor is not None:
            self._open(self.hits.cursor)

    def renew_hits(self) -> None:
        """Show the hits in sight as they are marked now."""
        first = self.hits.scroll_offset.y // self.hits.ROW_LINES
        with errors_shown(self):
            if self._found.renew(self.library, first, self.hits.last_in_sight + 1):
                self.hits.reread()

    def step(self, step: int) -> bool:
        """Read the next hit or the one before; False when there is none."""
        cursor = self.hits.cursor
        if cursor is None or not 0 <= cursor + step < len(self._found):
            return False
        self.hits.move(cursor + step)
        self.update_footer()
        self._open(cursor + step)
        self._fetch_ahead()
        return True

    def _open(self, index: int) -> None:
        if self._answered is None:
            return
        self._remember(self._answered.query)
        ask_hit(self.queries, self, self._answered, self._found.rows(index, index + 1)[0], index)

    def on_hit_opened(self, message: HitOpened) -> None:
        """The article has come: leave, and have it shown."""
        if self.is_current:
            self.dismiss()
        self._opener(message.opened)

    def _remember(self, query: str) -> None:
        query = " ".join(query.split())
        self.recent = [query, *(other for other in self.recent if other != query)][:RECENT]

    @property
    def in_sight(self) -> GroupedList[object]:
        """The list in sight."""
        shown: GroupedList[object] = self.starts if self.starts.display else self.hits  # type: ignore[assignment]
        return shown

    def show_list(self, shown: HitList | StartList) -> None:
        """Have one of the two lists seen."""
        if not shown.display:
            self._arranged = False
            for one in (self.hits, self.starts):
                one.display = one is shown
            self.call_after_refresh(self._arrangement_stands)
        if self.focused in (self.hits, self.starts) and self.focused is not shown:
            self.set_focus(shown, scroll_visible=False)

    def moved(self) -> None:
        """The cursor of a list has moved."""
        if self.starts.display:
            self.rule.state = RuleState(said=self.starts.said)
        self.update_footer()
        self._paint_at_once()
        self.call_after_refresh(self._fetch_ahead)

    def update_footer(self) -> None:
        """Bring the footer up to date."""
        cursor = self.hits.cursor
        self.footer.state = SearchFooterState(
            typing=self.focused is self.line,
            starts=self.starts.display,
            at=0 if cursor is None else cursor + 1,
        )

    def on_hit_list_scrolled(self) -> None:
        """What comes into sight must be there."""
        self._fetch_ahead()

    def _arrangement_stands(self) -> None:
        self._arranged = True

    def _paint_at_once(self) -> None:
        """Have all that an answer changes painted in one frame."""
        shown = self.in_sight
        # A list that has no place yet is painted when it gets one, unless it is reported before that.
        lists = (shown, shown.vertical_scrollbar) if self._arranged else ()
        paint_together(self, (self.line, self.rule, self.footer, *lists))

    def on_failed(self, message: Failed) -> None:
        """The query worker could not answer."""
        self._fetching = self._open_soon = False
        show_error(self, message.sentence)

    def _fail(self, error: LibraryError) -> None:
        """In the query worker's thread: a question could not be answered."""
        self.post_message(Failed(str(error)))
