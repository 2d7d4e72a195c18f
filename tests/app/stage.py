"""The app on a stage: a small invented library, an app over it without a terminal, and what its screen shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from reader.app.app import ReaderApp
from reader.app.main.screen import MainScreen
from reader.library import Library
from reader.model import Article, Block, Capture, Page, Problem, Reason
from reader.settings import InForce, Settings, in_force
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.waiting import PATIENCE, eventually

AnyScreen = TypeVar("AnyScreen", bound=Screen[Any])
KEEP_READING = Reason("marker", 9, "Keep ReadingShow less")
PAID = Reason("author slot", 5, "Nimbuspay")
_NUMBERS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")
_NOUNS = (
    ("lamps", "lettuce", "water"), ("racks", "rent", "cables"), ("lights", "letters", "alarm"),
    ("cells", "shed", "inspector"), ("audits", "coins", "accountant"), ("words", "work", "editor"),
    ("boxes", "computers", "coffee"), ("cards", "change", "till"), ("balloons", "forecast", "rain"),
    ("stamps", "lease", "judge"),
)  # fmt: skip


def body(*nouns: str) -> tuple[Block, ...]:
    """Nine paragraphs about three things."""
    one, other, third = nouns
    return tuple(
        Block(
            "paragraph",
            f"{number}. The {one} cost more than the {other}, and nobody had put the {third} into the plan.",
        )
        for number in _NUMBERS
    )


def story(position: int, section: str | None, headline: str | None, **changes: Any) -> Article:
    """A story of nine paragraphs, about its headline unless they are given."""
    own = body(f"lamps of {headline}", "lettuce", "water")
    return an_article(
        position, section=section, kicker=section, headline=headline, **{"body": own, **changes}
    )


STORIES: tuple[tuple[str | None, str | None, dict[str, Any]], ...] = (
    ("China", "The rooftop farms are not feeding anyone yet", {}),
    (
        "Enterprise",
        "Kestrel Cloud was down for 19 minutes",
        {"truncated": KEEP_READING, "authors": ("Anders Whitlock",)},
    ),
    ("Enterprise", "A status page with nine green check marks", {"published": "2022-06-02"}),
    ("China", "A permit for a battery", {"truncated": KEEP_READING}),
    (
        "Fintech",
        "The people who audit stablecoins would like you to lower your expectations",
        {"body": body(*_NOUNS[4]) * 3},
    ),
    (
        None,
        None,
        {"body": (Block("paragraph", "Three years ago we set out to explain the work."), *body(*_NOUNS[5]))},
    ),
    ("Enterprise", "The beige box returns", {"deck": "A quiet café gets its computers back."}),
    ("Fintech", None, {"sponsored": PAID, "sponsor": "Nimbuspay", "authors": (), "truncated": KEEP_READING}),
    (
        "Policy",
        "Who owns the weather data?",
        {"published": "2021-01-01", "authors": ("Oksana Vu", "Bram Haas")},
    ),
    ("China", "A court in Wuxi reads the lease", {}),
)
"""Section, headline and what else is special, in order of arrival."""
TITLES_AS_LISTED = (
    "The rooftop farms are not feeding anyone yet",
    "A permit for a battery",
    "A court in Wuxi reads the lease",
    "Kestrel Cloud was down for 19 minutes",
    "A status page with nine green check marks",
    "The beige box returns",
    "The people who audit stablecoins would like you to lower your expectations",
    "Who owns the weather data?",
    "Three years ago we set out to explain the work.",
    "First. The cards cost more than the change, and nobody had put the till into…",
)
"""The titles of `STORIES` in the order of an unfiltered list: by section, then by arrival."""
PROBLEMS = (
    Problem("pile/photo.jpg", "binary", "it is binary, not text; name a text file"),
    Problem("pile/long.txt", "too large", "longer than 32 MB: the rest was left out", partial=True),
)


def pages() -> Iterator[tuple[Capture, Page]]:
    for number, (section, headline, changes) in enumerate(STORIES):
        text = "\n".join(f"Line {line} of capture {number}" for line in range(1, 40))
        made = story(0, section, headline, **{"body": body(*_NOUNS[number]), **changes})
        url = f"https://protocol.example/{number}" if number % 2 else None
        yield a_page(f"pile/{number:02}.txt", made, text=text, url=url)


@contextmanager
def a_library(problems: Sequence[Problem] = ()) -> Iterator[Library]:
    """A temporary library with the articles of `pages`."""
    with Library.temporary() as library:
        add_pages(library, pages(), problems)
        yield library


def busy(screen: Any) -> bool:
    """Whether a screen waits for its queries or writes."""
    queries, writes = getattr(screen, "queries", None), getattr(screen, "writes", None)
    return (queries is not None and queries.busy()) or (writes is not None and writes.busy)


async def press_keys(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other; what is typed into a field comes at once, not drawn for each letter."""
    for is_letter, run in groupby(keys, lambda key: len(key) == 1):
        pressed = list(run)
        while is_letter and len(pressed) > 1:
            if isinstance(pilot.app.focused, Input | TextArea):
                for letter in pressed:
                    pilot.app.post_message(Key(_character_to_key(letter), letter))
                await pilot.pause()
                pressed = []
            else:
                await pilot.press(pressed.pop(0))
        await pilot.press(*pressed)


class Stage(NamedTuple):
    app: ReaderApp
    pilot: Pilot[None]
    screen: MainScreen

    async def press(self, *keys: str) -> None:
        """Press keys one after the other and wait until all that follows is done."""
        await press_keys(self.pilot, *keys)
        await self.settle()

    async def type_at_once(self, characters: str) -> None:
        """Type faster than the screen follows, as a terminal sends what was typed ahead; then wait."""
        for character in characters:
            name = "enter" if character == "\r" else _character_to_key(character)
            self.app.post_message(Key(name, character))
        await self.settle()

    async def step(self, *keys: str) -> None:
        """Press keys, each once all that follows the one before is done."""
        for key in keys:
            await self.press(key)

    async def click(self, words: str, offset: int = 0) -> None:
        """Click on the first of these words, or so many characters after it, and wait."""
        y = next(y for y, line in enumerate(self.lines()) if words in line)
        await self.pilot.click(offset=(self.lines()[y].index(words) + offset, y))
        await self.settle()

    async def settle(self) -> None:
        """Wait until every screen's queries are answered, all is written and drawn."""
        while True:
            await eventually(lambda: not self._is_busy)
            await self.pilot.pause()
            await self.pilot.pause()
            if not self._is_busy:
                return

    def top(self, kind: type[AnyScreen]) -> AnyScreen:
        """The screen on top, which must be of this kind."""
        assert isinstance(self.app.screen, kind)
        return self.app.screen

    @property
    def _is_busy(self) -> bool:
        # The search screen goes on while a hit is read.
        return any(map(busy, (*self.app.screen_stack, self.screen.dialogs.search)))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds, and what follows is done."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self.pilot.pause(0.02)  # Draws what has changed.
        await self.settle()

    def lines(self) -> list[str]:
        return [
            "".join(segment.text for segment in strip)
            for strip in self.app.screen._compositor.render_strips()
        ]

    def text(self) -> str:
        return "\n".join(self.lines())

    def cursor_title(self) -> str:
        cursor = self.screen.list_pane.rows.cursor
        assert cursor is not None
        return self.screen.list_pane.rows.row(cursor).title

    def row_of_cursor(self) -> int:
        """The first line of the screen under the list's cursor."""
        return next(y for y, line in enumerate(self.lines()) if line.startswith("▌"))

    def open_title(self) -> str:
        assert self.screen.article_pane.stored is not None
        return self.screen.article_pane.stored.article.title

    def titles(self) -> list[str]:
        return [
            row.title for row in self.screen.list_pane.listing.rows(0, len(self.screen.list_pane.listing))
        ]

    def said(self) -> list[str]:
        """What was said in passing."""
        return [notification.message for notification in self.app._notifications]


def with_settings(settings: Settings) -> InForce:
    return in_force()._replace(settings=settings)


@asynccontextmanager
async def on_stage(
    library: Library,
    *,
    size: tuple[int, int] = (120, 40),
    kind: type[ReaderApp] = ReaderApp,
    **options: Any,
) -> AsyncIterator[Stage]:
    """Run the app over `library`; `options` are those of the app, or `settings`."""
    if "settings" in options:
        options["in_force"] = with_settings(options.pop("settings"))
    app = kind(library, **options)
    notify = app.notify
    # A notice is gone after some seconds, which a busy machine may take until a test looks.
    app.notify = lambda message, **options: notify(message, **options | {"timeout": 3600})  # type: ignore[method-assign]
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        stage = Stage(app, pilot, screen)
        await stage.settle()
        yield stage
        stage.lines()  # Whatever is shown at the end can be drawn.
    # As at the end of the program, which waits for what is still to be written.
    app.finish(6)


@asynccontextmanager
async def on_pages(
    pages: Iterable[tuple[Capture, Page]] = (), problems: Iterable[Problem] = (), **options: Any
) -> AsyncIterator[Stage]:
    """Run the app over a temporary library with these pages; `options` are those of `on_stage`."""
    with Library.temporary() as library:
        add_pages(library, pages, problems)
        async with on_stage(library, **options) as stage:
            yield stage
