"""What the reader marks and where the reader stops: shown at once, written by the scribe."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reader.app.flow import Place
from reader.app.keys import key_for
from reader.app.messages import PlacesFound, UnreadFound, Written
from reader.app.screens.panes import PLACES_KEPT, Panes
from reader.app.scribe import Scribe, Task
from reader.errors import LibraryError
from reader.library import ArticleRow, Library, ReadingPlace

SAVE_SECONDS = 5.0
"""How often the reading place is kept, at most."""
NEAR = 2_000
"""So many rows away the next unread article is looked for at once."""


class Marking(Panes):
    """Read marks, stars, undo and reading places of the main screen."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self.scribe = Scribe(library)
        self._told: object = None
        """The article that the footer was last told of."""
        self._noticed = False
        """Whether the end of the article has been seen since it was opened, or its mark set by hand."""
        self._left: dict[int, Place] = {}
        """Places that are not kept yet, the newest last."""
        self._saved: tuple[int, Place] | None = None
        """The place that was kept last."""

    # Starting and ending

    def first_key(self) -> int | None:
        """The article to open first: in a library that lasts, the one that was open last."""
        if not self.library.kept:
            return None
        try:
            place = self.library.last_place()
        except LibraryError as error:
            self.complain(str(error))
            return None
        if place is None:
            return None
        self._places[place.key] = Place(place.block, place.offset)
        self._saved = place.key, self._places[place.key]
        return place.key

    def _begin(self) -> None:
        super()._begin()
        if self.library.kept:
            self.set_interval(SAVE_SECONDS, self._save_places)
            self.clerk.ask("places", self._find_places)

    def _find_places(self, own: Library) -> None:
        self.post_message(PlacesFound(own.state.places(PLACES_KEPT)))

    def on_places_found(self, message: PlacesFound) -> None:
        """What was read in this session is newer."""
        earlier = {place.key: Place(place.block, place.offset) for place in reversed(message.places)}
        self._places = earlier | self._places

    def on_unmount(self) -> None:
        """Keep the place; what is not written yet still will be."""
        self._save_places(leaving=True)
        self.scribe.close()

    # Writing

    def write(self, task: Task, done: Callable[[], None], failed: Callable[[], None] | None = None) -> None:
        """Have something written, and then do something on the screen: `failed` when it could not be."""

        def written(own: Library) -> None:
            task(own)
            self.post_message(Written(done))

        def not_written(error: LibraryError) -> None:
            self.post_message(Written(failed or (lambda: None), str(error)))

        self.scribe.do(written, not_written)

    def on_written(self, message: Written) -> None:
        """Show what the library holds now."""
        if message.error is not None:
            self.complain(message.error)
        message.done()
        self._poll()
        self._show_star()

    def _renew(self, version: int) -> None:
        super()._renew(version)
        self._show_star()

    # Marks

    def action_toggle_read(self) -> None:
        """Mark the article that is read, or unread."""
        row = self._row_read()
        if row is not None:
            self._noticed = True
            self._mark_read(row, row.unread)

    def _mark_read(self, row: ArticleRow, read: bool) -> None:
        self._mark(row._replace(unread=not read), lambda own: own.state.set_read(row.key, read))
        self._say_unseen("Read" if read else "Unread")

    def action_toggle_star(self) -> None:
        """Star the article, or take its star away."""
        row = self._row_read()
        if row is not None:
            starred = not row.starred
            self._mark(row._replace(starred=starred), lambda own: own.state.set_starred(row.key, starred))
            self._say_unseen("Starred" if starred else "No star any more")

    def _mark(self, row: ArticleRow, task: Task) -> None:
        """Show an article as marked like `row` while that is written; if it cannot be, it is as it was."""
        before = self._row_read() or row
        ticket = self.articles.mark(row)
        self._totals = self._totals._replace(
            read=self._totals.read + before.unread - row.unread,
            starred=self._totals.starred + row.starred - before.starred,
        )

        def over() -> None:
            self.articles.unmark(row.key, ticket)

        def failed() -> None:
            over()
            self._renew(self._version)

        self.write(task, over, failed)
        self._tell()
        self._show_star()
        self.paint_at_once()

    def _say_unseen(self, said: str) -> None:
        """Say what the list would show."""
        if self.standing_parts.list is None:
            self.say(said)

    def _row_read(self) -> ArticleRow | None:
        """The row of the article being read, as it is marked now."""
        if self.stored is None:
            return None
        cursor, key = self.articles.cursor, self.stored.key
        try:
            row = None if cursor is None else self.articles.row(cursor)
            if row is None or row.key != key:
                row = self.library.row(key)
        except LibraryError as error:
            self.complain(str(error))
            return None
        return None if row is None else self.articles.marked(row)

    def action_mark_listed_read(self) -> None:
        """Mark everything that is listed as read."""
        if self._choosing:
            self.say("The list is still being made")
            return
        listing, numbers = self.shown.listing, list[int]()

        def done() -> None:
            number = numbers[0]
            articles = f"{number:,} article{'' if number == 1 else 's'}"
            self.say(
                f"Marked {articles} read: {key_for('state.undo')} undoes it"
                if number
                else "Nothing that is listed is unread"
            )

        self._noticed = True
        self.write(lambda own: numbers.append(own.state.mark_listed_read(own.bind(listing))), done)

    def action_undo(self) -> None:
        """Take back the last action."""
        self._travel(lambda own: own.state.undo(), "Undone: {}", "Nothing to undo")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._travel(lambda own: own.state.redo(), "Done again: {}", "Nothing to do again")

    def _travel(self, go: Callable[[Library], str | None], said: str, nothing: str) -> None:
        gone: list[tuple[str | None, int | None]] = []
        self._noticed = True
        stored = self.stored

        def task(own: Library) -> None:
            from reader.library import spots

            spot = None if stored is None else spots.spot_of(own.database, stored.key)
            words = go(own)
            # A correction gives the articles of its capture other keys.
            lost = stored is not None and spots.spot_of(own.database, stored.key) is None
            gone.append((words, spots.key_at(own.database, spot) if spot is not None and lost else None))

        def done() -> None:
            words, key = gone[0]
            if key is not None and self.stored is stored:
                self.follow(key)
            self.say(nothing if words is None else said.format(words))

        self.write(task, done)

    def follow(self, key: int) -> None:
        """The article being read has another key, since its capture was read again."""
        raise NotImplementedError

    # Reading to the end

    def tell_footer(self) -> None:
        """Bring the footer up to date, and what else depends on what is open and how far it has been read."""
        super().tell_footer()
        if self.stored is not self._told:
            self._told = self.stored
            self._noticed = False
            self._show_star()
        if self.pane == "article" and not self._noticed and self.article.where[2] == 100:
            self._noticed = True
            row = self._row_read()
            if row is not None and row.unread:
                self._mark_read(row, True)

    def _show_star(self) -> None:
        row = self._row_read()
        self.article.star(row is not None and row.starred)

    # Unread articles and filters

    def action_step_unread(self, step: int) -> None:
        """Read the next or the previous unread article, from either pane."""
        cursor = self.articles.cursor
        if cursor is None:
            return
        start, shown, marked = cursor + step, self.shown, self.articles.marked_read()
        index = shown.seek_unread(start, step, NEAR, marked)
        if index is not None:
            self.go_to(index)
            return

        def question(own: Library) -> None:
            through = shown.through(own)
            found = through.seek_unread(start, step, None, marked)
            key = None if found is None else through.rows(found, found + 1)[0].key
            self.post_message(UnreadFound(key, step))

        self.clerk.ask("unread", question)

    def on_unread_found(self, message: UnreadFound) -> None:
        """The clerk has found an unread article far away, or knows that there is none."""
        index = None if message.key is None else self.shown.index_of(message.key)
        if index is None:
            self.say(f"No unread article further {'down' if message.step > 0 else 'up'}")
        else:
            self.go_to(index)

    def action_cycle_unread(self) -> None:
        """Show all articles, the unread ones, or the others."""
        self.choose(self.view.cycle_unread())

    def action_cycle_starred(self) -> None:
        """Show all articles, the starred ones, or the others."""
        self.choose(self.view.cycle_starred())

    # Places

    def _keep_place(self) -> None:
        super()._keep_place()
        if self.stored is not None and self.library.kept and self.pane == "article":
            self._leave(self.stored.key)

    def _leave(self, key: int) -> None:
        self._left.pop(key, None)
        self._left[key] = self._places[key]

    def _save_places(self, *, leaving: bool = False) -> None:
        """Have the places kept that are not yet, that of the article being read as the newest."""
        if not self.library.kept:
            return
        if self.stored is not None and (leaving or self.pane == "article"):
            super()._keep_place()
            self._leave(self.stored.key)
        left, self._left = self._left, {}
        if not left or list(left.items()) == [self._saved]:
            return
        self._saved = list(left.items())[-1]

        def task(own: Library) -> None:
            try:
                own.state.set_places([ReadingPlace(key, *place) for key, place in left.items()])
            except LibraryError:
                # Not worth a word: it is tried again with the next place.
                self.call_later(self._leave_again, left)

        self.scribe.do(task, lambda _: None)

    def _leave_again(self, left: dict[int, Place]) -> None:
        self._left = left | self._left
        self._saved = None
