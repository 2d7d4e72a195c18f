"""Filling a library: batches, what becomes of captures that fail, stopping, and the counts at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reader.errors import CaptureError, LibraryError
from reader.library import Library, importing, reading
from reader.library.importing import Progress, Summary, fill, sharing_the_processor
from reader.model import Capture, Page, Problem, Reason
from tests.generated import a_page, an_article, pages

CUT = Reason("marker", 4, "Keep ReadingShow less")
Item = Capture | Problem | BaseException


class Pile:
    """Stands in for the formats and the parser: what `items` says is read, and parsed into `pages`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.items: list[Item] = []
        self.pages: dict[str, Page | BaseException] = {}
        self.parsed: list[str] = []
        self.on_read: Callable[[int], None] = lambda number: None
        patch.setattr(importing, "read_captures", self.read)
        patch.setattr(reading, "parse_capture", self.parse)

    def put(
        self, source: str, articles: int = 1, text: str | None = None, partial: str | None = None
    ) -> None:
        capture, page = a_page(source, *(an_article(n) for n in range(articles)), text=text)
        self.items.append(Capture(source, capture.text, partial=partial))
        self.pages[source] = page

    def read(self, paths: Iterable[str], **_options: object) -> Iterator[Capture | Problem]:
        assert list(paths) == ["pile"]
        for number, item in enumerate(self.items):
            self.on_read(number)
            if isinstance(item, BaseException):
                raise item
            yield item

    def parse(self, capture: Capture) -> Page:
        self.parsed.append(capture.source)
        page = self.pages[capture.source]
        if isinstance(page, BaseException):
            raise page
        return page


@pytest.fixture
def pile(monkeypatch: pytest.MonkeyPatch) -> Pile:
    return Pile(monkeypatch)


@pytest.fixture
def library() -> Iterator[Library]:
    with Library.temporary() as library:
        yield library


def run(
    library: Library,
    *,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = lambda: 0.0,
    reports: list[Progress] | None = None,
) -> Summary:
    return fill(
        library, ["pile"], on_progress=(reports if reports is not None else []).append, stop=stop, clock=clock
    )


def test_the_counts_at_the_end(pile: Pile, library: Library) -> None:
    pile.put("one", articles=2)
    pile.items.append(Problem("a.bin", "binary", "not text"))
    pile.put("two", partial="the rest was left out", text="é")
    pile.put("again", text="é")
    pile.items.append(Problem("b.bin", "binary", "not text"))
    pile.items.append(Problem("c.txt", "unreadable", "permission denied"))
    cut, paid, other = an_article(truncated=CUT), an_article(sponsored=CUT), an_article(truncated=CUT)
    pile.put("three")
    pile.pages["three"] = a_page("three", cut, paid, other)[1]
    assert run(library) == Summary(
        captures=3,
        known=1,
        partial=1,
        articles=6,
        truncated=2,
        sponsored=1,
        problems=(("binary", 2), ("unreadable", 1)),
        bytes_done=len("The page one") + 2 + 2 + len("The page three"),
        stopped=False,
    )
    totals = library.totals()
    assert (totals.captures, totals.partial_captures, totals.articles, totals.problems) == (3, 1, 6, 3)
    assert [problem.source for problem in library.problems()] == ["a.bin", "b.bin", "c.txt"]


def test_a_second_fill_parses_nothing_and_changes_nothing(pile: Pile, library: Library) -> None:
    for number in range(7):
        pile.put(str(number))
    pile.items.append(Problem("a.bin", "binary", "not text"))
    run(library)
    pile.parsed.clear()
    before = library.version()
    reports: list[Progress] = []
    again = run(library, reports=reports)
    assert (again.captures, again.known, again.articles) == (0, 7, 0)
    assert again.problems == (("binary", 1),)
    assert pile.parsed == []
    assert library.totals().problems == 1
    assert library.version() == before
    assert (reports[-1].captures, reports[-1].articles) == (7, 0)


@pytest.mark.parametrize("error", [ValueError("on line 3\x1b[2J"), RecursionError(), MemoryError()])
def test_a_page_the_parser_fails_on_is_a_problem(pile: Pile, library: Library, error: Exception) -> None:
    pile.put("before")
    pile.put("bad/one.txt")
    pile.put("after")
    pile.pages["bad/one.txt"] = error
    summary = run(library)
    assert (summary.captures, summary.problems) == (2, (("parser", 1),))
    (problem,) = library.problems()
    assert (problem.source, problem.kind, problem.partial) == ("bad/one.txt", "parser", False)
    assert type(error).__name__ in problem.reason
    assert "\x1b" not in problem.reason


def test_a_capture_error_of_a_format_is_a_problem(pile: Pile, library: Library) -> None:
    pile.put("before")
    pile.items.append(CaptureError("bad.gz", "ends too soon"))
    summary = run(library)
    assert (summary.captures, summary.problems) == (1, (("unreadable", 1),))
    assert library.problems() == [Problem("bad.gz", "unreadable", "ends too soon")]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("a bug in a format")])
def test_what_was_read_is_kept_when_reading_breaks_off(
    pile: Pile, library: Library, error: BaseException
) -> None:
    pile.put("one")
    pile.put("two")
    pile.items.append(error)
    with pytest.raises(type(error)):
        run(library)
    assert library.totals().captures == 2


def test_a_library_error_ends_it_at_once(
    pile: Pile, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def full(*args: object) -> None:
        calls.append(args)
        raise LibraryError("the disk is full")

    monkeypatch.setattr(library, "add_prepared", full)
    for number in range(20):
        pile.put(str(number))
    with pytest.raises(LibraryError, match="disk is full"):
        run(library)
    assert len(calls) == 1


def test_stopping_keeps_what_was_read(pile: Pile, library: Library) -> None:
    for number in range(20):
        pile.put(str(number))
    reports: list[Progress] = []
    summary = run(library, stop=lambda: len(pile.parsed) == 8, reports=reports)
    assert (summary.captures, summary.stopped) == (8, True)
    assert library.totals().captures == len(pile.parsed) == 8
    assert reports[-1].done


def test_the_first_batch_is_a_handful_and_later_ones_are_large(pile: Pile, library: Library) -> None:
    for number in range(1_000):
        pile.put(str(number), articles=5)
    reports: list[Progress] = []
    seen: list[int] = []
    pile.on_read = lambda number: seen.append(library.totals().captures)
    run(library, reports=reports)
    assert [report.captures for report in reports] == [5, 405, 805, 1_000]
    assert [report.articles for report in reports] == [25, 2_025, 4_025, 5_000]
    assert [report.done for report in reports] == [False, False, False, True]
    assert (seen[4], seen[5], seen[404], seen[405]) == (0, 5, 5, 405)


def test_slow_captures_are_shown_as_they_come(pile: Pile, library: Library) -> None:
    now = 0.0

    def step(number: int) -> None:
        nonlocal now
        now += 0.016 if number < 3 else 0.06

    pile.on_read = step
    for number in range(10):
        pile.put(str(number))
    reports: list[Progress] = []
    run(library, clock=lambda: now, reports=reports)
    # Two take 32 ms, the next four 196 ms and a fifth 256; the last three are the end.
    assert [report.captures for report in reports] == [2, 7, 10]


def test_long_captures_do_not_pile_up(pile: Pile, library: Library) -> None:
    pile.put("first", text="x" * 5_000_000)
    for number in range(9):
        pile.put(str(number), text=str(number) * 3_000_000)
    reports: list[Progress] = []
    run(library, reports=reports)
    assert [report.captures for report in reports] == [5, 8, 10]


def test_a_stream_of_problems_is_kept_too(pile: Pile, library: Library) -> None:
    pile.items += [Problem(f"{n}.bin", "binary", "not text") for n in range(300)]
    ticks = iter(range(10_000))
    reports: list[Progress] = []
    summary = run(library, clock=lambda: next(ticks) * 0.1, reports=reports)
    assert summary.problems == (("binary", 300),)
    assert library.totals().problems == 300
    assert len(reports) > 50
    assert [report.problems for report in reports] == sorted(report.problems for report in reports)


def test_an_empty_pile(pile: Pile, library: Library) -> None:
    reports: list[Progress] = []
    summary = run(library, reports=reports)
    assert summary == Summary(0, 0, 0, 0, 0, 0, (), 0, False)
    assert reports == [Progress(0, 0, 0, 0, done=True)]


def test_threads_change_more_often_only_while_asked_to() -> None:
    before = sys.getswitchinterval()
    with sharing_the_processor():
        assert sys.getswitchinterval() < before
        with suppress(KeyError), sharing_the_processor():
            raise KeyError
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before


def test_real_captures_through_the_real_parser(library: Library, tmp_path: Path) -> None:
    texts = {f"{number:02}.txt": capture.text for number, (capture, _) in enumerate(pages(96))}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "same.txt").write_text(texts["03.txt"], encoding="utf-8")
    reports: list[Progress] = []
    summary = fill(library, [str(tmp_path)], on_progress=reports.append, stop=lambda: False)
    assert (summary.captures, summary.known, summary.stopped) == (12, 1, False)
    assert [kind for kind, _ in summary.problems] == ["binary"]
    assert summary.articles == library.totals().articles == reports[-1].articles > 12
    rows = library.listing().rows(0, summary.articles)
    for row in rows:
        stored = library.article(row.key)
        assert library.raw(stored.capture_key) == texts[stored.source.rpartition("/")[2]]
    assert {row.group for row in rows} >= {"China", "Power"}
