"""Time grows with the length of hostile inputs, not with its square, and a megabyte needs little time and memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from reader.app.dialogs.raw import RawDocument
from reader.app.text.article_lines import head_parts
from reader.app.text.parts import PartsDocument
from reader.app.text.typesetting import Typesetting
from reader.captures import read_captures
from reader.errors import QueryError
from reader.library import Library
from reader.library.ingest.preparing import prepare
from reader.model import Article, Capture
from reader.parsing import parse, parse_capture
from reader.settings.checking import read as read_settings
from tests.fuzz.runner import peak_memory
from tests.growth_shapes import ARCHIVES, HTML, JSON, KB, QUERIES, SETTINGS, TEXTS, Shape

MOST_GROWTH: Final = 7.0
"""How many times as long an input of four times the length may take; 16 is the square."""
MOST_SECONDS: Final = 10.0
"""Seconds of processor time for a megabyte."""
MOST_MEMORY: Final = 512.0
"""Megabytes of memory for a megabyte."""
MEASURED: Final = 0.001
"""The least seconds that can be measured; the small input grows until it takes as long."""
QUICK: Final = 0.004
"""Seconds of the large input that are too few for a ratio: they are mostly the cost of new memory."""
LONGEST: Final = 64 * KB
"""The most bytes of the small input; one that cannot be measured even then is quick."""
TRIES: Final = 3
WIDTH: Final = 60
LAID_OUT: Final = (
    "lines of a letter", "spaces", "one word", "one paragraph", "names in a line", "words with dashes", "ideographs",
    "combining marks", "letters with marks", "flags", "emoji", "quotation marks", "sentence ends", "controls", "dashes",
)  # fmt: skip
"""The texts that are also laid out for the screen."""


def read_file(folder: Path, kind: str) -> Callable[[str | bytes], Callable[[], object]]:
    """Read a file, parse it and prepare its articles for the library."""

    def ready(data: str | bytes) -> Callable[[], object]:
        path = folder / f"a.{kind}"
        path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return lambda: [
            prepare(item, parse_capture(item))
            for item in read_captures([str(path)])
            if isinstance(item, Capture)
        ]

    return ready


def lay_out(data: str | bytes) -> Callable[[], object]:
    """Lay out the articles of a page, and its raw text."""
    assert isinstance(data, str)
    articles = parse(data).articles

    def run() -> None:
        documents = [_document(article) for article in articles]
        for document in (RawDocument(data), *documents):
            document.estimates(WIDTH)
            for unit in range(len(document)):
                document.lay_out(unit, WIDTH)

    return run


def _document(article: Article) -> PartsDocument:
    document = PartsDocument(tuple(head_parts(article)), article.body)
    document.typeset(Typesetting(justified=True, hyphenate=lambda word: range(2, len(word) - 2, 3)))
    return document


def settings(data: str | bytes) -> Callable[[], object]:
    """Read a config.toml."""
    assert isinstance(data, str)
    return lambda: read_settings(data)


@cache
def _empty_library() -> Library:
    return Library.temporary()


def query(data: str | bytes) -> Callable[[], object]:
    """Search an empty library for a query, while it is typed and finished."""
    assert isinstance(data, str)
    library = _empty_library()

    def run() -> None:
        for typing in (True, False):
            with suppress(QueryError):
                library.search(data, typing=typing)

    return run


def _all() -> Iterator[object]:
    kinds = {
        "txt": TEXTS,
        "layout": [shape for shape in TEXTS if shape.name in LAID_OUT],
        "html": HTML,
        "jsonl": JSON,
        **ARCHIVES,
    }
    for kind, shapes in {**kinds, "settings": SETTINGS, "query": QUERIES}.items():
        for shape in shapes:
            yield pytest.param(kind, shape, id=f"{kind}: {shape.name}")


def seconds(
    ready: Callable[[str | bytes], Callable[[], object]], shape: Shape, size: int, times: int
) -> float:
    """Return the least processor time of several runs."""
    best = float("inf")
    for _ in range(times):
        run = ready(shape.make(size))
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> Iterator[None]:
    """Keep the garbage collector from the objects of earlier tests."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(("kind", "shape"), _all())
def test_time_grows_with_the_length(kind: str, shape: Shape, tmp_path: Path, thorough: bool) -> None:
    if shape.slow and not thorough:
        pytest.skip("takes seconds: only with --thorough")
    ways = {"layout": lay_out, "settings": settings, "query": query}
    ready = ways.get(kind) or read_file(tmp_path, kind)
    most = 16 * KB if kind == "settings" else max(LONGEST, shape.size)
    size = min(shape.size if thorough else shape.size // 4, most)
    small = seconds(ready, shape, size, 2)
    while small < MEASURED and size < most:
        size *= 2
        small = seconds(ready, shape, size, 2)
    before = peak_memory(begin=True)
    large = seconds(ready, shape, 4 * size, 1)
    megabytes = 4 * size / KB / KB
    assert large <= MOST_SECONDS * megabytes + 1
    if before:
        assert (peak_memory() - before) / KB / KB <= 64 + (MOST_MEMORY - 64) * megabytes
    for _ in range(TRIES):
        if large < QUICK or large / small <= MOST_GROWTH:
            break
        # The machine may have been busy.
        small = seconds(ready, shape, size, 3)
        large = min(large, seconds(ready, shape, 4 * size, 2))
    assert large < QUICK or large / small <= MOST_GROWTH
