"""The keys that send articles elsewhere: citations, exports, other commands."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from asyncio import CancelledError, create_task, sleep
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from textual.widgets import Input

from reader.app.dialogs import plain_text
from reader.app.dialogs.export import ExportScreen, Selection
from reader.app.dialogs.plain_text import MAX_OUTPUT, Outcome, PipedScreen, run_command, shell
from reader.app.main.screen import MainScreen
from reader.app.search import SearchScreen
from reader.errors import LibraryError
from reader.export.formats import FORMATS
from reader.library import Library
from tests.app.stage import TITLES_AS_LISTED, Stage, on_pages, pages
from tests.filling import add_pages
from tests.pseudo_terminal import Terminal, python
from tests.waiting import is_running, number_in, wait_until

pytestmark = pytest.mark.staged(size=(110, 24))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/sh")


def file_name(stage: Stage) -> str:
    return stage.top(ExportScreen).query_one(Input).value


async def name_it(stage: Stage, name: str) -> None:
    """Type another file name over the one that is offered."""
    await stage.press("tab", "ctrl+u", *name)
    assert file_name(stage) == name


async def written(stage: Stage) -> None:
    await stage.until(lambda: isinstance(stage.app.screen, MainScreen))


# Export


async def test_an_article_goes_into_a_file_of_its_title_or_into_a_folder(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.press("e", "j", "escape")
    assert stage.app.screen is stage.screen
    assert list(tmp_path.iterdir()) == []
    await stage.press("e")
    assert "THIS ARTICLE" in stage.text()
    assert file_name(stage) == f"{TITLES_AS_LISTED[0]}.md"
    await stage.press("enter")
    await written(stage)
    path = tmp_path / f"{TITLES_AS_LISTED[0]}.md"
    assert f"# {TITLES_AS_LISTED[0]}\n" in path.read_text("utf-8")
    assert stage.said() == [f"1 article exported to {path}"]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    (tmp_path / "out").mkdir()
    await stage.press("e")
    await name_it(stage, "out")
    await stage.press("enter")
    await written(stage)
    (path,) = (tmp_path / "out").iterdir()
    assert stage.said()[-1] == f"1 article exported to {path}"


async def test_every_format_can_be_chosen(stage: Stage, tmp_path: Path) -> None:
    await stage.press("e")
    for form in FORMATS:
        assert file_name(stage).endswith(form.single_suffix or form.suffix)
        await stage.press("j")
    await stage.press("k", "enter")
    await written(stage)
    assert [path.name.endswith(FORMATS[-1].suffix) for path in tmp_path.iterdir()] == [True]


async def test_what_is_listed_goes_out_in_its_order(stage: Stage, tmp_path: Path) -> None:
    await stage.press("1", "S", "S", "e", *["j"] * (len(FORMATS) + 4))
    assert "THE LISTED ARTICLES · 3 ARTICLES" in stage.text()
    assert file_name(stage) == "Protocol China, by title.jsonl"
    await stage.press("enter")
    await written(stage)
    lines = (tmp_path / "Protocol China, by title.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["title"] for line in lines] == [
        "A court in Wuxi reads the lease", "A permit for a battery", "The rooftop farms are not feeding anyone yet",
    ]  # fmt: skip
    # A folder gets a file an article.
    await stage.press("e", *["j"] * len(FORMATS))
    await name_it(stage, "out/")
    await stage.press("enter")
    await written(stage)
    assert len(list((tmp_path / "out").iterdir())) == 3
    assert stage.said()[-1] == f"3 articles exported to {tmp_path}/out/"


async def test_a_file_in_the_way_is_replaced_only_when_asked_twice(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("mine")
    await stage.press("e")
    await name_it(stage, "mine.md")
    await stage.press("enter")
    assert "The file exists. ⏎ again replaces" in stage.text()
    assert path.read_text() == "mine"
    await stage.press("x", "backspace", "enter")
    assert path.read_text() == "mine"
    await stage.press("enter")
    await written(stage)
    assert path.read_text("utf-8") != "mine"


async def test_files_in_the_way_in_a_folder_are_counted_and_replaced_when_asked_again(
    stage: Stage, tmp_path: Path
) -> None:
    async def export_china() -> None:
        await stage.press("e", *["j"] * len(FORMATS))
        await name_it(stage, "out/")
        await stage.press("enter")

    await stage.press("1")
    await export_china()
    await written(stage)
    first, second, third = sorted((tmp_path / "out").iterdir())
    second.write_text("mine")
    third.unlink()
    await export_china()
    await stage.until(lambda: "again replaces them" in stage.text())
    note = " ".join(stage.text().replace("│", " ").split())
    assert "2 files exist already; ⏎ again replaces them. 1 article exported to" in note
    assert third.exists()
    assert second.read_text() == "mine"
    await stage.press("enter")
    await written(stage)
    assert second.read_text() != "mine"
    assert stage.said()[-1] == f"3 articles exported to {tmp_path}/out/"
    await export_china()
    await stage.until(lambda: "3 files exist already" in stage.text())
    assert "0 articles exported" not in stage.text()
    await stage.press("tab")
    await name_it(stage, "-")
    await stage.press("enter")
    assert "Type the name of a file or a folder" in stage.text()
    assert first.exists()


async def test_the_name_follows_the_format_and_the_format_the_ending_of_the_name(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.press("e", *"notes.md")  # Letters that do nothing in the list name the file.
    assert file_name(stage) == "notes.md"
    for name, followed in (("~/notes/a.md", "~/notes/a.html"), ("plain", "plain")):
        await stage.press("ctrl+u", *name, "down", "down")
        assert file_name(stage) == followed
    # A format with a longer ending keeps it.
    for name, form in (("a.HTML", "HTML"), ("a.feed.json", "JSON Feed"), ("b.json", "JSON Feed")):
        await stage.press("ctrl+u", *name)
        assert f"▌ {form}" in stage.text()
    await stage.press("ctrl+u", *"c.html", "enter")
    await written(stage)
    assert (tmp_path / "c.html").read_text("utf-8").startswith("<!DOCTYPE html>")


async def test_a_name_that_cannot_be_written_is_said_and_can_be_mended(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "no").write_text("a file, not a folder")
    await stage.press("e")
    await name_it(stage, "x.pdf")
    await stage.press("enter")
    assert ".pdf is not one of these formats; for Markdown, end the name in .md" in stage.text()
    await stage.press("ctrl+u", "enter")
    assert "Type the name of a file or a folder" in stage.text()
    await stage.press(*"no/a.md", "enter")
    await stage.until(lambda: "written" in stage.text())  # The line may be broken anywhere before it.
    assert [path.name for path in tmp_path.iterdir()] == ["no"]
    # A name without an ending is written in the format of the list.
    await stage.press("tab", "ctrl+u", *"v1.5 notes", "enter")
    await written(stage)
    assert {path.name for path in tmp_path.iterdir()} == {"no", "v1.5 notes"}


async def test_a_search_goes_out_as_it_is_listed_with_its_last_word_incomplete(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.press("ctrl+f", *"jud")
    search = stage.app.screen
    assert isinstance(search, SearchScreen)
    await stage.until(lambda: search.answered is not None and search.answered[0] == "jud")
    await stage.press("tab", "e")
    assert "SEARCH RESULTS · 1 ARTICLE" in stage.text()
    assert file_name(stage) == "Protocol jud.md"
    await stage.press("enter")
    await stage.until(lambda: isinstance(stage.app.screen, SearchScreen))
    assert "# A court in Wuxi reads the lease" in (tmp_path / "Protocol jud.md").read_text("utf-8")
    await stage.press("escape", "e", "G", "enter")
    csl = tmp_path / "Protocol jud.csl.json"
    await stage.until(lambda: "exists" in stage.text() or csl.exists())


async def export(stage: Stage, keys: Callable[[Library], Iterable[int]]) -> None:
    """Export two articles or more with these keys."""
    stage.app.push_screen(ExportScreen(stage.screen.library, [Selection("all", "Protocol", 9, keys)]))
    await stage.press("enter")


async def begin_export(stage: Stage) -> Event:
    """Export articles, of which all but the first wait for the event that is returned."""
    begun, go_on = Event(), Event()

    def slowly(_: Library) -> Iterator[int]:
        yield 1
        begun.set()
        go_on.wait(30)
        yield from range(2, 9)

    await export(stage, slowly)
    await stage.until(begun.is_set)
    return go_on


async def test_an_export_can_be_stopped_and_leaves_nothing_or_closes_its_dialog(
    stage: Stage, tmp_path: Path
) -> None:
    go_on = await begin_export(stage)
    assert "Esc stops" in stage.text()
    await stage.press("escape")
    go_on.set()
    await stage.until(lambda: "Stopped; nothing was written" in stage.text())
    assert list(tmp_path.iterdir()) == []
    await stage.press("escape")
    # One that ends below the palette closes it, too.
    go_on = await begin_export(stage)
    await stage.press("ctrl+p")
    go_on.set()
    await written(stage)
    assert stage.app.is_running
    # Ctrl-q asks before it leaves one unfinished.
    (tmp_path / "Protocol.md").unlink()
    go_on = await begin_export(stage)
    await stage.press("ctrl+q")
    assert stage.app.is_running
    assert "Not finished: Esc stops, Ctrl-q again quits" in stage.text()
    await stage.pilot.press("ctrl+q")
    await stage.until(lambda: not stage.app.is_running)
    go_on.set()


async def test_what_the_library_cannot_give_is_said(stage: Stage) -> None:
    def broken(_: Library) -> Iterator[int]:
        raise LibraryError("the library is damaged")

    await export(stage, broken)
    await stage.until(lambda: "the library is damaged" in stage.text())
    await stage.press("escape")
    # An article that cannot be read is counted.
    with closing(sqlite3.connect(stage.screen.library.path)) as database, database:
        database.execute("UPDATE records SET record = x'00' WHERE key = 2")
    await export(stage, lambda _: (1, 2))
    await written(stage)
    assert "; 1 failed: " in stage.said()[0]


# Citations


async def test_a_citation_goes_to_the_clipboard_in_the_style_chosen_last(stage: Stage) -> None:
    await stage.press("j", "Y", "enter")
    assert stage.app.clipboard == (
        "Huarong, L. (2021, March 4). A permit for a battery [Only the beginning is kept]. Protocol. "
        "Seen on https://protocol.example/3."
    )
    assert stage.said()[-1] == "Citation sent to the clipboard"
    await stage.press("k", "Y", "j", "enter", "J", "Y", "Y")
    assert stage.app.clipboard.startswith("Huarong, Lian. “A permit for a battery.” Protocol, 4 Mar. 2021")
    await stage.press("Y", "G", "enter")
    assert stage.app.clipboard.startswith("@misc{huarong2021-")
    # Nothing is copied when the dialog is left.
    stage.app.copy_to_clipboard("")
    await stage.press("Y", "escape")
    assert stage.app.screen is stage.screen
    assert stage.app.clipboard == ""


# Other commands


async def pipe(stage: Stage, command: str) -> None:
    await stage.press("vertical_line", *command, "enter")


async def test_a_command_gets_the_article_and_what_it_says_is_shown(stage: Stage, tmp_path: Path) -> None:
    await pipe(stage, "grep -c lettuce; echo $0 'a  b'")
    await stage.until(lambda: "done" in stage.lines()[0])
    assert "| grep -c lettuce" in stage.lines()[0]
    assert stage.lines()[1].split() == ["1", "9"]
    assert "/bin/sh a  b " in stage.lines()[2]
    await stage.press("q")
    assert stage.app.screen is stage.screen
    assert stage.app.is_running
    # One that says nothing leaves no screen.
    await pipe(stage, "cat > copy")
    await stage.until(lambda: isinstance(stage.app.screen, MainScreen) and bool(stage.said()))
    assert stage.said() == ["“cat > copy” finished without output"]
    text = (tmp_path / "copy").read_text("utf-8")
    assert TITLES_AS_LISTED[0] in text
    assert "Source: 00.txt" in text
    # What it says as it fails is clean.
    await pipe(stage, r"printf '\033[31mred\033]0;OWNED\007' >&2; exit 3")
    await stage.until(lambda: "failed with status 3" in stage.lines()[0])
    assert "␛[31mred␛]0;OWNED␇" in stage.lines()[1]


async def test_nothing_is_run_unless_a_command_is_typed_which_looks_for_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "run_command", lambda *_: pytest.fail("it was run"))
    for keys in (["enter"], ["space", "enter"], ["l", "s", "escape"], [*"box", "escape"]):
        await stage.press("vertical_line")
        assert "pipe to" in stage.lines()[-1]
        await stage.press(*keys)
        assert stage.app.screen is stage.screen
        assert stage.app.focused is stage.screen.list_pane.rows
        assert stage.cursor_title() == TITLES_AS_LISTED[0]
    await stage.press("n")
    assert stage.said() == ["No search yet; / finds in this pane"]


async def test_a_command_can_be_stopped(stage: Stage, tmp_path: Path) -> None:
    await pipe(stage, "echo $$ >pid; sleep 300")
    await stage.until(lambda: isinstance(stage.app.screen, PipedScreen) and "stop" in stage.lines()[-1])
    pid = tmp_path / "pid"
    await stage.until(lambda: pid.exists() and bool(pid.read_text()))
    await stage.press("escape")
    assert stage.app.screen is stage.screen
    await stage.until(lambda: not is_running(int(pid.read_text())))


async def test_a_command_that_never_ends_its_sentence_is_cut_off_with_all_that_it_started(
    tmp_path: Path,
) -> None:
    outcome = await run_command(f"sleep 300 & echo $! >{tmp_path}/number; yes", "")
    assert (len(outcome.output), outcome.cut) == (MAX_OUTPUT, True)
    wait_until(lambda: not is_running(number_in(tmp_path / "number")))


async def test_a_command_that_closes_its_output_and_goes_on_can_be_stopped(tmp_path: Path) -> None:
    number = tmp_path / "number"
    running = create_task(run_command(f"exec >&- 2>&-; echo $$ >{number}; exec sleep 60", ""))
    while not number.exists() or not number.read_text():
        await sleep(0.02)
    running.cancel()
    with pytest.raises(CancelledError):
        await running
    wait_until(lambda: not is_running(number_in(number)))


async def test_a_command_that_reads_nothing_of_a_long_text_does_not_wait() -> None:
    assert await run_command("echo a", "x" * 3_000_000) == Outcome("a\n", 0)


def test_a_shell_that_cannot_be_run_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for odd in ("", "sh", "/no/such/shell"):
        monkeypatch.setenv("SHELL", odd)
        assert shell() == "/bin/sh"
    monkeypatch.setenv("SHELL", os.path.realpath("/bin/sh"))
    assert shell() == os.path.realpath("/bin/sh")


async def test_without_an_article_nothing_leaves() -> None:
    async with on_pages() as stage:
        await stage.press("Y", "vertical_line", "e")
        assert stage.app.screen is stage.screen
        assert stage.said() == ["There are no articles to export"]


def test_a_command_cannot_draw_on_the_terminal_and_ends_with_the_app(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        add_pages(library, pages())
    own, other = tmp_path / "own", tmp_path / "other"
    with Terminal(
        python("-m", "reader", "--library", str(tmp_path / "library.db")), env={"SHELL": "/bin/sh"}
    ) as terminal:
        terminal.until_shown("j/k move")
        terminal.press("|")
        terminal.until_shown("pipe to")
        terminal.press("echo OWNED > /dev/tty || grep -c . | tr 0-9 n; tty\r")
        terminal.until_shown("not a tty")
        assert "OWNED" not in "\n".join(terminal.lines[1:])
        terminal.press("q")
        terminal.until_shown("j/k move")
        terminal.press("|")
        terminal.until_shown("pipe to")
        # One with a session of its own does not hold up the end.
        terminal.press(
            f"setsid sh -c 'echo $$ > {other}; exec sleep 3600' & "
            f"trap '' TERM INT HUP; echo $$ > {own}; while :; do sleep 1; done\r"
        )
        numbers = number_in(own), number_in(other)
        try:
            terminal.press("\x11")
            assert terminal.status() == 0
            wait_until(lambda: not is_running(numbers[0]))
        finally:
            os.kill(numbers[1], signal.SIGKILL)
