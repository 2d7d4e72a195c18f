"""Reading captures while one reads: the list grows, the header counts, nothing moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from reader.app.messages import Filled, Filling
from reader.app.spoken import SpokenApp
from reader.library import Library
from reader.library.ingest.writing import Summary
from reader.model import Problem
from tests.app.stage import Stage, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page, build
from tests.pseudo_terminal import Terminal, python

CAPTURE = """\
Protocol | China

Roof {number} is not feeding anyone yet

The grocery giant said it would grow lettuce for a third of the city, roof by roof, and it has not.

Photo: Ren Kaiping/Getty Images

For years, vertical farming has been sold as the answer to everything from droughts to dinner.

The lamps cost more than the lettuce, said three of the people who signed the lease for roof {number}.
"""


@pytest.fixture
def library() -> Iterator[Library]:
    """An empty library."""
    with Library.temporary() as library:
        yield library


class Feeder:
    """Takes the place of `ingest`: adds articles when told to, as a slow disk would."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.steps: list[Callable[[Library], Summary]] = []
        self.error: BaseException | None = None
        self.stopped = False

    def __call__(self, library: Library, paths: Iterable[str], *, on_progress: Any, stop: Any) -> None:
        for step in self.steps:
            while not self.go_on.wait(0.01):
                if stop():
                    self.stopped = True
                    return
            self.go_on.clear()
            on_progress(step(library))
        if self.error is not None:
            raise self.error


@pytest.fixture
def feeder(monkeypatch: pytest.MonkeyPatch) -> Feeder:
    feeder = Feeder()
    monkeypatch.setattr(Library, "ingest", lambda *given, **named: feeder(*given, **named))
    return feeder


def batch(start: int, count: int, section: str, *problems: Problem) -> Callable[[Library], Summary]:
    def add(library: Library) -> Summary:
        made = [
            a_page(f"pile/{number}.txt", story(0, section, f"{section} {number}"))
            for number in range(start, start + count)
        ]
        add_pages(library, made, problems)
        return Summary(captures=start + count)

    return add


async def grown(stage: Stage, feeder: Feeder, count: int) -> None:
    """Have a batch read, and wait for its articles."""
    feeder.go_on.set()
    await stage.until(lambda: len(stage.screen.list_pane.listing) == count)


async def test_the_list_grows_and_the_cursor_stays(library: Library, feeder: Feeder) -> None:
    feeder.steps = [batch(0, 20, "Policy"), batch(20, 40, "China"), batch(60, 40, "Policy")]
    async with on_stage(library, paths=["pile"], title="pile", size=(120, 20)) as stage:
        assert "Reading captures…" in stage.text()
        assert "reading… 0 captures" in stage.lines()[0]
        assert "The list is empty" not in stage.text()
        await grown(stage, feeder, 20)
        assert stage.open_title() == "Policy 0"
        assert "20 articles · reading… 20 captures" in stage.lines()[0]
        await stage.press("j")
        y = stage.row_of_cursor()
        # All is read at the end: then the section with the most articles is the first.
        for count, order in ((60, "1 China  2 Policy"), (100, "1 Policy  2 China")):
            await grown(stage, feeder, count)
            await stage.until(lambda order=order: order in stage.lines()[1])  # type: ignore[misc]
            assert stage.cursor_title() == stage.open_title() == "Policy 1"
            assert stage.row_of_cursor() == y
        assert "100 articles in 100 captures" in stage.lines()[0]


async def test_the_cursor_stays_at_the_top_until_a_key_is_pressed(library: Library, feeder: Feeder) -> None:
    feeder.steps = [batch(0, 20, "Policy"), batch(20, 40, "China"), batch(60, 5, "Cards")]
    async with on_stage(library, paths=["pile"], title="pile", size=(120, 20)) as stage:
        for count, title in ((20, "Policy 0"), (60, "China 20")):
            await grown(stage, feeder, count)
            assert stage.cursor_title() == stage.open_title() == title
            assert stage.screen.list_pane.rows.cursor == 0
        await stage.press("enter")
        await grown(stage, feeder, 65)
        assert stage.cursor_title() == stage.open_title() == "China 20"


async def test_that_all_is_read_is_announced_after_the_article_that_the_last_batch_opens(
    library: Library,
) -> None:
    async with on_stage(library, kind=SpokenApp) as stage:
        batch(0, 20, "Policy")(library)
        # As a small pile is read: its end is there before the list of its only batch is.
        for message in (Filling(20), Filled()):
            stage.screen.post_message(message)
        await stage.until(lambda: stage.screen.article_pane.stored is not None)
        await stage.settle()
        assert isinstance(stage.app, SpokenApp)
        assert stage.app.announced.strip().startswith("All captures read, 20 articles. Article 1 of 20, ")


async def test_the_problems_are_those_so_far_and_leaving_stops_the_reading(
    library: Library, feeder: Feeder
) -> None:
    problem = Problem("pile/b.bin", "binary", "it is binary, not text")
    feeder.steps = [batch(0, 20, "China"), batch(20, 20, "China", problem), batch(40, 20, "China")]
    async with on_stage(library, paths=["pile"], size=(120, 20)) as stage:
        feeder.go_on.set()
        await stage.press("P")
        assert "No problems so far; reading…" in stage.text()
        await grown(stage, feeder, 40)
        await stage.until(lambda: "pile/b.bin" in stage.text())
        await stage.press("escape", "q")
    assert feeder.stopped


async def test_a_reader_that_fails_unforeseen_is_among_the_problems(library: Library, feeder: Feeder) -> None:
    feeder.steps = [batch(0, 0, "China", Problem("pile/[b].bin", "binary", "it is binary, not text"))]
    feeder.error = ZeroDivisionError("nobody [thought] of it")
    explained = "this is a bug in Protocol Reader: ZeroDivisionError"
    async with on_stage(library, paths=["pile"], size=(200, 30)) as stage:
        feeder.go_on.set()
        await stage.until(lambda: bool(stage.said()) and "Nothing could be read." in stage.text())
        await stage.until(lambda: "2 problems" in stage.lines()[0])
        assert "The list is empty" in stage.text()
        assert stage.said()[0].startswith(f"Reading the captures stopped: {explained}")
        assert "reading…" not in stage.text().casefold()
        await stage.press("P")
        assert "pile: reading stopped: th" in stage.text()
        await stage.press("j")
        assert "pile/[b].bin: it is binary, not text" in stage.text()


def test_a_reader_that_fails_shows_in_the_exit_status() -> None:
    program = (
        "import sys\n"
        "from reader.library import Library\n"
        "from reader.cli import main\n"
        "def fail(*_, **__): raise ZeroDivisionError('nobody thought of it')\n"
        "Library.ingest = fail\n"
        "sys.exit(main(['sample_data']))"
    )
    with Terminal(python("-c", program)) as terminal:
        terminal.until_shown("1 problem")
        terminal.press("q")
        assert terminal.status() == 1
        assert "sample_data: reading stopped: " in terminal.text
        assert "Traceback" not in terminal.text


def test_lost_marks_show_in_the_exit_status(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    build(kept, 20)
    with Terminal(python("-m", "reader", "--library", str(kept))) as terminal:
        terminal.until_shown("20 articles")
        kept.rename(tmp_path / "moved.db")
        terminal.press("*q")
        assert terminal.status() == 1
        assert "the last marks could not be saved" in terminal.text


async def test_captures_are_read_from_files(library: Library, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.txt").write_text(CAPTURE.format(number=number), "utf-8")
    (tmp_path / "picture.txt").write_bytes(b"\0" * 100)
    async with on_stage(library, paths=[str(tmp_path)], title="pile") as stage:
        await stage.until(lambda: "12 articles in 12 captures" in stage.lines()[0])
        assert "1 problem" in stage.lines()[0]
        assert stage.open_title() == "Roof 0 is not feeding anyone yet"
        await stage.press("G")
        assert stage.open_title() == "Roof 11 is not feeding anyone yet"
    (tmp_path / "empty.txt").touch()
    with Library.temporary() as empty:
        async with on_stage(empty, paths=[str(tmp_path / "empty.txt")]) as stage:
            await stage.until(lambda: "The capture is empty: no article was found." in stage.text())


def test_a_small_capture_is_in_the_first_picture_and_a_missing_path_shows_in_the_exit_status(
    tmp_path: Path,
) -> None:
    path = tmp_path / "roof.txt"
    path.write_text(CAPTURE.format(number=7), "utf-8")
    with Terminal(python("-m", "reader", str(path), str(tmp_path / "nope.txt"))) as terminal:
        terminal.until_shown("Roof 7 is")
        assert b"Reading" not in terminal.output
        terminal.press("q")
        assert terminal.status() == 1
