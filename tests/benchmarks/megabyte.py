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
from tests.benchmarks.figures import Figure, Quantity
from tests.generated import an_article

BUDGET = 0.05
SIZE = 1_000_000
"""Characters of the article."""
_SENTENCE = "The queue reached the bicycle racks, and the minutes were a photograph of the whiteboard. "
_PARAGRAPH = 400
_SET = Settings(alignment="justified", hyphenation="en_US")
_SHORT = ("Nobody has weighed it yet.",)


class _Both(App[None]):
    """The two widgets, one below the other and of the same size."""

    CSS = "ArticleView, VerticalScroll { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield ArticleView()
        with VerticalScroll():
            yield Static(markup=False)


def megabyte(runs: int) -> Iterator[Figure]:
    """From handing over the text until it has been drawn, in ms."""
    text = _SENTENCE * (SIZE // len(_SENTENCE) + 1)
    paragraphs = tuple(text[start : start + _PARAGRAPH] for start in range(0, SIZE, _PARAGRAPH))
    line = (text[:SIZE],)
    for form, texts, settings in (
        (f"{len(paragraphs):,} paragraphs", paragraphs, Settings()),
        ("one line", line, Settings()),
        ("one line, justified and hyphenated", line, _SET),
    ):
        shown, updated = asyncio.run(_opened(texts, settings, runs))
        name = f"opening a 1 MB article, {form} ÷ Static"
        yield Figure(name, Quantity(shown, "ms"), Quantity(updated, "ms"), BUDGET)


async def _opened(texts: tuple[str, ...], settings: Settings, runs: int) -> tuple[list[float], list[float]]:
    shown: list[float] = []
    updated: list[float] = []
    article, whole = _article(texts), "\n\n".join(texts)
    app = _Both()
    async with app.run_test(size=(120, 80)) as pilot:
        view, static = app.query_one(ArticleView), app.query_one(Static)
        view.set_text(settings)
        await pilot.pause()
        await app.workers.wait_for_complete()
        for number in range(runs + 1):
            view.show(_article(_SHORT))
            static.update(_SHORT[0])
            await pilot.pause()
            start = perf_counter()
            view.show(article)
            await view.wait_for_refresh()
            between = perf_counter()
            await pilot.pause()
            again = perf_counter()
            static.update(whole)
            await static.wait_for_refresh()
            if number:  # The first only warms up.
                shown.append(1000 * (between - start))
                updated.append(1000 * (perf_counter() - again))
    return shown, updated


def _article(texts: tuple[str, ...]) -> StoredArticle:
    article = an_article()._replace(body=tuple(Block("paragraph", text) for text in texts))
    return StoredArticle(
        key=1,
        article=article,
        source="-",
        url=None,
        captured=None,
        capture_key=1,
        encoding="utf-8",
        partial=None,
    )
