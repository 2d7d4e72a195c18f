"""The search screen: a query, its hits as the reader types, and suggested searches."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, Static

from reader.app.keymap import screen_bindings
from reader.app.keys import key_for, with_keys
from reader.app.messages import errors_shown, report_error, show_notice, toggle
from reader.app.text.wrapping import fit, width_of
from reader.app.threads import POLL_SECONDS, QueryWorker, Task, Write
from reader.app.widgets.article_list import ROOMY, HitList, Start, StartList
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.panes import Bar, Hint, Piece, key_line
from reader.app.widgets.screens import EntryBar, QueryLine
from reader.errors import QueryError
from reader.library import ArticleRow, Library, Stamps, StoredArticle
from reader.library.listing import MOST_COUNTED, Hit, Order, Results
from reader.library.search.parser import hint_for, parse_query
from reader.library.search.searcher import find_places
from reader.sanitize import many, sanitize

EXAMPLES = (
    ("cloud outage", "both words; case and accents do not matter"),
    ('"status page"', "this exact phrase"),
    ("cloud -outage", "the first word without the second"),
    ("lease OR permit", "either word"),
    ("regul*", "words that begin like this"),
    ("section:fintech author:haas", "in a section, by an author"),
    ("in:headline battery", "in one part of the article"),
    ("is:whole -is:sponsored", "also truncated, unread, starred, doubtful"),
    ("after:2021-06 before:2022", "by publication date"),
)

# The screen

SPARE = 8
"""The first page has two screens of hits and this many more."""
PAGE = 100
"""How many hits are fetched at a time after the first page."""
PAUSE = 0.3
"""Seconds after an answer until a search that was too large to count is counted, or another spelling is looked for."""
RECENT = 8
"""How many searches are remembered while the program runs."""
_ADVICE = (
    (),
    ("word* finds words that begin like this.",),
    ("Fewer words find more; word* finds words that begin like this, and OR finds either of two words.",),
)
"""How to find more, by the number of words without a field: none, one or several."""
ORDERS = {Order.NEWEST: "newest first", Order.RELEVANCE: "by relevance"}


class SearchRequest(NamedTuple):
    """A search. Equal requests have equal answers until the library changes."""

    query: str
    order: Order
    typing: bool
    """May the last word be incomplete?"""

    def hits(self, library: Library, limit: int, after: int | None = None) -> Results:
        """The first `limit` hits, or those `after` a page of results. QueryError for a faulty query."""
        return library.search(self.query, order=self.order, limit=limit, after=after, typing=self.typing)


class OpenedHit(NamedTuple):
    """A hit with the article to read."""

    row: ArticleRow
    stored: StoredArticle
    places: Sequence[tuple[int, int, int]]
    """Where the query matches, in page order: block, first character, end."""
    annotation: int | None


def open_hit(library: Library, request: SearchRequest, hit: Hit) -> OpenedHit:
    """Load the article of a hit and find the matches in it."""
    stored = library.article(hit.row.key)
    try:
        places = find_places(stored.article, request.query, stems=library.stems)
    except QueryError:
        places = []
    return OpenedHit(hit.row, stored, places, hit.annotation)


class SearchScreen(Screen[None]):
    """The search screen. It stays installed in the app, and so comes back as the reader left it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    SearchScreen {
        overflow: hidden;
        & > #query { height: 1; background: $panel; }
        & > #query > Static { width: auto; color: $text-accent; background: $panel; text-style: bold; }
        & > GroupedList { height: 1fr; }
        & > EntryBar { display: none; }
    }
    """
    BINDINGS = screen_bindings("search")

    def __init__(
        self,
        library: Library,
        open_hit: Callable[[OpenedHit], None],
        leave: Callable[[], None],
        export_hit: Callable[[int], None],
        write: Write,
    ) -> None:
        """`open_hit` shows a hit to read, once this screen has closed; `leave` is called when it closes without one.

        `export_hit` offers to export the results, or the article with this key.
        """
        super().__init__()
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self.order = Order.NEWEST
        self.recent: list[str] = []
        """The queries whose hits were read, the newest first."""
        self.line = QueryLine()
        speech = getattr(self.app, "speech", None)
        self.hits: HitList = HitList(id="hits", in_words=speech.row if speech else None)
        self.starts = StartList(id="starts")
        self.hits.keys_elsewhere = self.starts.keys_elsewhere = True
        self.rule = Bar(self._rule, id="rule")
        self.footer = Bar(self._keys, id="footer")
        self.entry = EntryBar(id="entry")
        self._open_hit = open_hit
        self._leave = leave
        self._export_hit = export_hit
        self._write = write
        self._hits: list[Hit] = []
        """The hits fetched so far."""
        self._request: SearchRequest | None = None
        """The latest search."""
        self._answered: SearchRequest | None = None
        """The search whose hits are shown."""
        self._last: Results | None = None
        """The latest page of hits; None until there is an answer."""
        self._count: tuple[int, bool] | None = None
        """How many stories match, and whether there are more; None without an answer."""
        self._fetching = False
        self._open_when_answered = False
        self._suggestion: str | None = None
        """The query that may have been meant, where nothing matches."""
        self._stamps: Stamps | None = None
        """The library's change stamp when what is listed was read."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="query"):
            yield Static(" Search ", markup=False)
            yield self.line
        yield from (self.rule, self.hits, self.starts, self.footer, self.entry)

    def on_mount(self) -> None:
        self.hits.display = False
        self.watch(
            self.hits, "scroll_y", self._fetch_ahead, init=False
        )  # The wheel scrolls without a key, too.
        self.set_focus(self.line, scroll_visible=False)
        self._list_starts()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_unmount(self) -> None:
        self.queries.close()

    def on_screen_resume(self) -> None:
        """List searches that have been used meanwhile, and look for changes."""
        if self.starts.display:
            self._list_searches(self.starts.cursor or 0)
        self._poll()

    def _poll(self) -> None:
        with errors_shown(self):
            stamps, before = self.library.stamps(), self._stamps
            if stamps == before or not self.is_current or self.queries.busy():
                return
            self._stamps = stamps
            if self.starts.display:
                self._list_searches(self.starts.cursor or 0)
            elif before is not None and stamps.content == before.content:
                self._update_marks()
            elif self._answered is not None and self._answered == self._request:
                self.run_worker(self._show_answer(self._answered, again=True), exclusive=True)

    def _update_marks(self) -> None:
        """Show the hits as they are marked by now. Raises LibraryError."""
        rows = [(hit, self.library.row(hit.row.key)) for hit in self._hits]
        self._hits = [
            hit if row is None or row.key != hit.row.key else hit._replace(row=row) for hit, row in rows
        ]
        self._list_hits()

    def _list_hits(self, note: tuple[str, ...] | None = None) -> None:
        """List the hits after a change; the cursor stays. None keeps the note."""
        self.hits.model = GroupedRows([("", self._hits)])
        self.hits.reread(note)

    # Searching

    @property
    def answered(self) -> tuple[str, Order, bool, Results] | None:
        """The last search (a `SearchRequest`), and its latest page of hits; None until there is an answer."""
        if self._answered is None or self._last is None:
            return None
        return *self._answered, self._last

    def search(self, query: str) -> None:
        """Search for a complete query."""
        with self.line.prevent(Input.Changed):
            self.line.value = query
        self.line.cursor_position = len(query)
        self._search(typing=False)

    @on(Input.Changed, "QueryLine")
    def _query_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(typing=True)

    def _search(self, *, typing: bool) -> None:
        request = SearchRequest(self.line.value, self.order, typing)
        self._open_when_answered = False
        if request == self._request:
            return
        self._suggestion = self._last = self._request = None
        self.workers.cancel_node(self)
        if request.query.strip():
            self._request = request
            self.run_worker(self._show_answer(request))
        else:
            self._list_starts()

    async def _show_answer(self, request: SearchRequest, *, again: bool = False) -> None:
        """Show the hits; later count them all, or look for another spelling. The next search cancels this.

        `again`: after a change of the library, as many as there were; the cursor stays.
        """
        limit = max(2 * self.hits.page_size + SPARE, len(self._hits) if again else 0)

        def first_hits(library: Library) -> Results | QueryError:
            try:
                return request.hits(library, limit)
            except QueryError as error:
                return error

        results = await self.queries.ask("search", first_hits)
        if isinstance(results, QueryError):
            self._open_when_answered, self._answered, self._hits = False, None, []
            self.line.fault = results
            self.hits.show(GroupedRows([("", self._hits)]), 0, self._note())
            self._show_list(self.hits)
            self.update_bars()
            return
        # As the query is refined, keep the cursor on its story, if the reader has moved it.
        cursor = self.hits.cursor or 0
        key = self._hits[cursor].row.key if self._hits and (again or cursor) else None
        self._answered, self._last, self._fetching = request, results, False
        self._suggestion = self.line.fault = None
        self._hits = list(results.hits)
        otherwise = cursor if again else 0
        cursor = next((index for index, hit in enumerate(self._hits) if hit.row.key == key), otherwise)
        self.hits.show(GroupedRows([("", self._hits)]), cursor, self._note())
        self._show_list(self.hits)
        self._show_count((results.count, results.capped))
        if self._open_when_answered:
            self._open_when_answered = False
            self.action_open()
        self.call_after_refresh(self._fetch_ahead)
        await self._count_all(request, results)

    async def _count_all(self, request: SearchRequest, results: Results) -> None:
        """After a pause, count all matches if there were too many, or look for another spelling if there is none."""
        query, typing = request.query, request.typing
        await sleep(PAUSE)
        if results.capped and results.count < MOST_COUNTED:
            count, capped = await self.queries.ask(
                "search", lambda own: own.count_found(query, typing=typing)
            )
            if count >= results.count:
                self._show_count((count, capped))
        elif not results.hits and results.after is None:
            self._suggestion = await self.queries.ask(
                "search", lambda own: own.suggestion(query, typing=typing)
            )
            self.hits.reread(self._note())

    def _show_count(self, count: tuple[int, bool] | None) -> None:
        """Show how many stories match the query, which has no fault."""
        self._count = count
        self.line.fault = None
        self.update_bars()

    def _fetch_ahead(self) -> None:
        """Fetch more hits before the reader reaches the last one."""
        last, request = self._last, self._request
        if self._fetching or last is None or request is None or last.after is None:
            return
        nearest = max(self.hits.last_visible, self.hits.cursor or 0)
        if nearest + self.hits.page_size >= len(self._hits):
            self._fetching = True
            self.run_worker(self._append_hits(request, last))

    async def _append_hits(self, request: SearchRequest, last: Results) -> None:
        try:
            results = self._last = await self.queries.ask(
                "more", lambda own: request.hits(own, PAGE, after=last.after)
            )
        finally:
            self._fetching = False
        self._hits += results.hits
        self._list_hits(self._note())
        self._fetch_ahead()

    def _note(self) -> tuple[str, ...]:
        more = self._last is not None and self._last.after is not None
        if len(self._hits):
            return ("Loading more…",) if more else ()
        if more:
            return ("No match yet; searching older articles…",)
        if not self.library.totals().articles:
            return ("There are no articles to search yet.",)
        advice = (
            *_ADVICE[min(2, sum(":" not in word for word in self.line.value.split()))],
            with_keys("{panes.back} goes back; clear the query to see examples."),
        )
        if self._suggestion:
            advice = (
                f"Did you mean {sanitize(self._suggestion)}?",
                with_keys("{panes.read} searches for that."),
            )
        if (fault := self.line.fault) is not None and width_of(sanitize(fault.reason)) < self.size.width:
            return (advice[-1],)  # The rule has the whole reason.
        try:
            parse_query(self.line.value)
        except QueryError as error:
            return (f"No story matches yet: {sanitize(error.reason)}.", advice[-1])
        hint = hint_for(self.line.value)
        return ("No story matches.", *([hint] if hint else []), *advice)

    # Reading hits

    def action_open(self) -> None:
        if self.starts.display and self._request is None:
            if (start := self.starts.chosen) is not None:
                self.search(start.query)
        elif self._request is not None and self._last is None:
            # Enter came before the answer: it is meant for the new query, not for what is still listed.
            self._open_when_answered = self.line.fault is None
        elif self._suggestion:
            self.search(self._suggestion)
        elif self.hits.cursor is not None:
            self._open(self.hits.cursor)

    def step(self, step: int) -> bool:
        """Open the next or previous hit; False if there is none."""
        cursor = self.hits.cursor
        if cursor is None or not 0 <= cursor + step < len(self._hits):
            return False
        self.hits.move(cursor + step)
        self.update_bars()
        self._open(cursor + step)
        self._fetch_ahead()
        return True

    def _open(self, index: int) -> None:
        if (request := self._answered) is not None:
            query = " ".join(request.query.split())
            self.recent = [query, *(other for other in self.recent if other != query)][:RECENT]
            self.app.run_worker(self._show_article(request, self._hits[index]))

    async def _show_article(self, request: SearchRequest, hit: Hit) -> None:
        opened = await self.queries.ask("open", lambda own: open_hit(own, request, hit))
        if self.is_current:
            self.dismiss()
        self._open_hit(opened)

    @on(Input.Submitted, "QueryLine")
    def _query_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        if message.grouped_list is self.starts:
            self.starts.move(message.index)
            self.action_open()
        elif message.index < len(self._hits):  # Fewer may have been found since the click.
            self.hits.move(message.index)
            self._open(message.index)

    # Saved searches

    def _list_searches(self, cursor: int = 0) -> None:
        with errors_shown(self):
            saved = [Start("saved", search.query, search.name) for search in self.library.state.searches()]
            recent = [Start("recent", query) for query in self.recent]
            examples = [Start("example", *example) for example in EXAMPLES]
            groups = [("saved searches", saved), ("recent", recent), ("how to search", examples)]
            self.starts.show(GroupedRows(groups), cursor)

    def _list_starts(self) -> None:
        self._list_searches()
        self._show_list(self.starts)
        self._show_count(None)

    def action_save(self) -> None:
        query = " ".join(self.line.value.split())
        if not query or self.entry.is_open:
            return
        try:
            parse_query(query)
        except QueryError as error:
            show_notice(self, f"Not saved: {error}")
            return
        self.footer.display = False
        self.entry.open("save as", query, selected=True)

    @on(Input.Submitted, "EntryBar Input")
    def _save_named(self, event: Input.Submitted) -> None:
        name, query = " ".join(event.value.split()), " ".join(self.line.value.split())
        if not name:
            show_notice(self, with_keys("A saved search needs a name; {panes.back} cancels"))
            return
        self._stop_naming()
        done = f"Saved as “{name}”; {key_for('filter.sections')} lists it below the sections"
        with errors_shown(self):
            replaced = {saved.name: saved.query for saved in self.library.state.searches()}.get(name, query)
            if replaced != query:
                undo = f"{key_for('state.undo')} on the main screen undoes it"
                done = f"“{name}” now searches for “{query}”, no longer for “{replaced}”; {undo}"
            self._change(lambda own: own.state.save_search(name, query), done)

    def action_remove(self) -> None:
        starts = self.starts
        row = starts.chosen if starts.display else None
        if row is not None and row.kind == "saved":
            done = f"“{row.about}” removed; {key_for('state.undo')} on the main screen brings it back"
            self._change(lambda own: own.state.remove_search(row.about), done)

    def _change(self, task: Task[object], done: str) -> None:
        """Change the saved searches, and say what is `done`."""

        def report(_: object) -> None:
            if self.starts.display:
                self._list_searches()
            show_notice(self, done, seconds=4)

        self._write(task, report)

    def _stop_naming(self) -> None:
        self._close_entry()
        self.set_focus(self.line, scroll_visible=False)

    def on_descendant_focus(self) -> None:
        """Save nothing when a click leaves the input for the name."""
        if self.entry.is_open and self.entry.is_left:
            self._close_entry()

    def _close_entry(self) -> None:
        self.entry.close()
        self.footer.display = True

    # Moving about

    @property
    def _list(self) -> GroupedList[Any]:
        return self.starts if self.starts.display else self.hits

    def action_move(self, how: str) -> None:
        if not self.entry.is_open:
            self._list.move_by_key(how)
            self.update_bars()
            self.call_after_refresh(self._fetch_ahead)

    def action_other(self) -> None:
        if not self.entry.is_open:
            self.set_focus(self.line if self.focused is self._list else self._list, scroll_visible=False)

    def action_query(self) -> None:
        """Select the query, so that another one can be typed over it."""
        if not self.entry.is_open:
            self.set_focus(self.line, scroll_visible=False)
            self.line.action_select_all()

    def action_order(self) -> None:
        self.order = Order.RELEVANCE if self.order is Order.NEWEST else Order.NEWEST
        if self._request is not None:
            self._search(typing=self._request.typing)
        if self._request is None:
            show_notice(self, f"Results are shown {ORDERS[self.order]}", seconds=4)

    def action_export(self) -> None:
        if not self.entry.is_open and self.answered is not None and (key := self._chosen_key) is not None:
            self._export_hit(key)

    @property
    def _chosen_key(self) -> int | None:
        """The key of the article of the hit under the cursor; None without hits."""
        hit = self.hits.chosen if self.hits.display else None
        return None if hit is None else hit.row.key

    def action_mark(self, mark: str) -> None:
        if (key := self._chosen_key) is None:
            show_notice(self, "There is no result to mark")
            return
        self._write(lambda own: toggle(own, key, mark), partial(show_notice, self))

    def action_close(self) -> None:
        if self.entry.is_open:
            self._stop_naming()
        else:
            self.dismiss()
            self._leave()

    @on(events.DescendantFocus)
    def update_bars(self) -> None:
        """Draw rule and keys again, after a change of what they show."""
        self.rule.refresh()
        self.footer.refresh()

    def _rule(self, width: int) -> list[Piece]:
        """Compose the fault of the query, or a rule with the order and, if it is known, the number of stories."""
        if (fault := self.line.fault) is not None:
            return [Piece(fit(f" {sanitize(fault.reason)}", width), "bar--fault")]
        if self._count is None:
            return [Piece("─" * width, "bar--rule")]
        count, has_more = self._count
        words = many(count, "story", "stories") if count else "no stories"
        words = f"over {words}" if has_more else words
        order = Piece(f"{ORDERS[self.order]} ", "bar--text", "order")
        full = [Piece(f" {words}", "bar--strong"), Piece(" · "), order]
        room = width - sum(width_of(piece.text) for piece in full) - 2
        if room < 0:
            full = [Piece(f" {fit(words, max(0, width - 4))} ", "bar--strong")]
            room = max(0, width - width_of(full[0].text) - 2)
        return [Piece("─" * room, "bar--rule"), *full, Piece("──", "bar--rule")]

    def _keys(self, width: int) -> list[Piece]:
        """Compose as many keys as fit, always the one that goes back, and the number of the hit under the cursor."""
        typing, starts = self.focused is self.line, self.starts.display
        hit = None if starts else self.hits.cursor
        place = "" if hit is None else f"{'result ' if width >= ROOMY else ''}{hit + 1:,} "
        hints: list[Hint] = []
        if starts or hit is not None:
            hints = [
                ("{panes.read}", "search this" if starts else "open", "open"),
                ("↓↑", "choose", "move('down')")
                if typing
                else ("{move.down}/{move.up}", "move", "move('down')"),
                ("{panes.other}", "list", "other") if typing else ("{find.start}", "query", "other"),
            ]
        if not starts:
            hints += [("{search.order}", "order", "order"), ("{search.save}", "save", "save")]
        elif not typing:
            hints.append(("{search.remove}", "remove", "remove"))
        return key_line(hints, (("{panes.back}", "back", "close"),), place, width)

    def _show_list(self, shown: HitList | StartList) -> None:
        self.hits.display, self.starts.display = shown is self.hits, shown is self.starts
        if self.focused in (self.hits, self.starts) and self.focused is not shown:
            self.set_focus(shown, scroll_visible=False)
