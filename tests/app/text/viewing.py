"""A view alone in an app, the records it shows in tests, and what it has drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from reader.app.dialogs.plain_text import RawView
from reader.app.keymap import screen_bindings
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.line_view import LineView
from reader.library import StoredArticle
from reader.model import Article, Bio, Block, Figure
from tests.generated import an_article

STORY = an_article(
    headline="The rooftop farms are not feeding anyone yet",
    deck="The grocery giant said it would grow lettuce for a city.",
    authors=("Mara Feld", "Anders Whitlock"),
    published="2022-06-02",
    figures=(Figure("The rooftop farms", "Lettuce under lamps.", "Photo: Ren Kaiping/Getty Images"),),
    body=(
        Block("paragraph", "For years vertical farming has been sold as the answer to everything."),
        Block("subhead", "What went wrong"),
        Block("item", "The lamps cost more than the lettuce, said the people who signed the lease."),
        Block("item", "Water."),
        Block("quote", "We did not build a farm, one engineer wrote in a memo that was later deleted."),
        Block("signoff", "— Mara Feld"),
    ),
    bios=(Bio("Mara Feld", "Mara Feld covers retail."), Bio("Anders Whitlock", "A reporter in Oslo.")),
    last_line=22,
)


def stored(article: Article = STORY, **fields: Any) -> StoredArticle:
    known: dict[str, Any] = {
        "key": 1,
        "article": article,
        "source": "pages/017.txt",
        "url": "https://example.org/farms",
        "captured": "2022-06-03T10:00:00Z",
        "capture_key": 1,
        "encoding": "utf-8",
        "partial": None,
    }
    return StoredArticle(**known | fields)


def paragraphs(*texts: str) -> StoredArticle:
    body = tuple(Block("paragraph", text) for text in texts)
    return stored(STORY._replace(body=body, bios=(), figures=(), deck=None))


def numbered(count: int) -> StoredArticle:
    """Paragraphs of uneven length that say their number at their start, and no word twice."""
    return paragraphs(
        *(f"§{n} " + " ".join(f"lorem{n}.{i}" for i in range(n * 7 % 40)) for n in range(count))
    )


class ViewApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in screen_bindings("raw")
        if isinstance(binding, Binding) and (binding.id or "").startswith("move.")
    ]

    def __init__(self, view: LineView) -> None:
        super().__init__()
        self.view = view
        self.found: list[tuple[int, int] | None] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def action_move(self, how: str) -> None:
        self.view.scroll_by_key(how)

    def on_finder_found(self) -> None:
        self.found.append(self.view.finder.match)


@asynccontextmanager
async def viewing(
    shown: StoredArticle | None, size: tuple[int, int] = (60, 20)
) -> AsyncIterator[tuple[ArticleView, Pilot[None], ViewApp]]:
    view = ArticleView()
    app = ViewApp(view)
    async with app.run_test(size=size) as pilot:
        view.focus()
        view.show(shown)
        await pilot.pause()
        yield view, pilot, app


def rows(view: LineView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def styles(view: LineView) -> dict[str, Style]:
    """Every stretch of text in view with its style."""
    found: dict[str, Style] = {}
    for y in range(view.size.height):
        for segment in view.render_line(y):
            if segment.text.strip():
                assert segment.style is not None
                found[segment.text.strip()] = segment.style
    return found


@asynccontextmanager
async def viewing_raw(text: str, line: int = 1) -> AsyncIterator[tuple[RawView, Pilot[None]]]:
    view = RawView()
    async with ViewApp(view).run_test(size=(60, 12)) as pilot:
        view.focus()
        view.show(text, line)
        await pilot.pause()
        yield view, pilot
