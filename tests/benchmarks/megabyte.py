"""Opening an article of a megabyte: the article view, which wraps what is in sight, beside a widget that wraps all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import perf_counter

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from reader.app.widgets.article_view import ArticleView
from reader.library import StoredArticle
from reader.model import Block
from reader.settings import Settings
from tests.benchmarks import Figure, Place
from tests.generated import an_article

_SIZE = 1_000_000
"""Characters of the article."""
_SENTENCE = "The queue reached the bicycle racks, and the minutes were a photograph of the whiteboard. "
_PARAGRAPH = 400
_SHORT = ("Nobody has weighed it yet.",)


class _Both(App[None]):
    """The two widgets, one below the other and of the same size."""

    CSS = "ArticleView, VerticalScroll { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield ArticleView()
        with VerticalScroll():
            yield Static(markup=False)


def megabyte(place: Place) -> Iterator[Figure]:
    """From handing over the text until it has been drawn, in ms."""
    text = (_SENTENCE * (_SIZE // len(_SENTENCE) + 1))[:_SIZE]
    paragraphs = tuple(text[start : start + _PARAGRAPH] for start in range(0, _SIZE, _PARAGRAPH))
    justified = Settings(alignment="justified", hyphenation="en_US")
    for form, texts, settings in (
        (f"{len(paragraphs):,} paragraphs", paragraphs, Settings()),
        ("one line", (text,), Settings()),
        ("one line, justified and hyphenated", (text,), justified),
    ):
        shown, updated = asyncio.run(_opened(texts, settings, place.runs))
        yield Figure(f"opening a 1 MB article, {form} ÷ Static", shown, "ms", updated, 0.05)


async def _opened(texts: tuple[str, ...], settings: Settings, runs: int) -> tuple[list[float], list[float]]:
    shown: list[float] = []
    updated: list[float] = []
    app = _Both()
    async with app.run_test(size=(120, 80)) as pilot:
        view, static = app.query_one(ArticleView), app.query_one(Static)
        view.apply_settings(settings)
        await pilot.pause()
        await app.workers.wait_for_complete()
        for _ in range(runs + 1):
            view.show(_article(_SHORT))
            static.update(_SHORT[0])
            await pilot.pause()
            start = perf_counter()
            view.show(_article(texts))
            await view.wait_for_refresh()
            shown.append(1000 * (perf_counter() - start))
            await pilot.pause()
            start = perf_counter()
            static.update("\n\n".join(texts))
            await static.wait_for_refresh()
            updated.append(1000 * (perf_counter() - start))
    return shown[1:], updated[1:]  # The first only warms up.


def _article(texts: tuple[str, ...]) -> StoredArticle:
    article = an_article(body=tuple(Block("paragraph", text) for text in texts))
    return StoredArticle(1, article, "-", None, None, 1, "utf-8", None)
