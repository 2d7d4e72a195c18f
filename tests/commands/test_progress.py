"""The line that says what a command is at, and what the commands say on it; what is passed over, in one sentence."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from io import StringIO
from pathlib import Path
from threading import Condition

import pyte
import pytest

from reader.cli import main
from reader.commands.output import ProgressLine, StatusLine
from reader.library import Library
from reader.library.ingest import removing
from reader.library.repair import check as damages
from reader.model import NOT_A_CAPTURE, Problem
from tests.filling import sql
from tests.generated import build, page_texts


class Terminal(StringIO):
    """A terminal, whose writing can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._written = Condition()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._written:
            self._written.notify_all()
            return super().write(text)

    def wait_for(self, text: str) -> str:
        """All that was written, once this text is in it."""
        with self._written:
            assert self._written.wait_for(lambda: text in self.getvalue(), timeout=60), self.getvalue()
            return self.getvalue()

    def lines(self) -> list[str]:
        """What stands on the screen now."""
        screen = pyte.Screen(int(os.environ["COLUMNS"]), 5)
        pyte.Stream(screen).feed(self.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display]


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 100) -> Terminal:
    """Make stderr a terminal. Called in a test, since pytest replaces stderr after the fixtures."""
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_what_takes_long_is_said_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    out = on_terminal(monkeypatch)
    with StatusLine("opening") as line:
        out.wait_for("opening")
        line.update(f"reading [red]{'x' * 100}\x1b[31m")
        out.wait_for("reading [red]")
        assert out.lines()[0].startswith("reading [red]xxx")
        assert out.lines()[1:] == [""] * 4
        line.clear()
        assert out.lines() == [""] * 5
        line.update("writing", 30, 60)
        assert "━" in out.wait_for("writing")
    assert out.lines() == [""] * 5
    said = out.getvalue()
    # The cursor is there if the command is killed.
    assert said.rfind("\x1b[?25l") < said.rfind("\x1b[?25h")
    assert "\x1b[31m" not in said
    line.update("too late")


def test_nothing_is_drawn_over_a_pager_or_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = on_terminal(monkeypatch)
    reading, writing = os.pipe()
    with open(reading), open(writing, "w") as pipe:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", pipe)
        with StatusLine("reading") as line:
            assert not line.is_shown
    assert out.getvalue() == ""
    # The terminal may be none, or one that can do nothing, or the line unwanted.
    for stream, term, shown in (
        (StringIO(), "xterm", True),
        (Terminal(), "dumb", True),
        (Terminal(), "xterm", False),
    ):
        monkeypatch.setenv("TERM", term)
        monkeypatch.setattr(sys, "stderr", stream)
        with ProgressLine([], shown=shown) as line:
            line.show()
            assert not line.is_shown
        assert stream.getvalue() == ""


def test_files_are_counted_and_the_time_that_is_left_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = on_terminal(monkeypatch)
    for name in "abcd":
        (tmp_path / name).write_text("")
    with ProgressLine([str(tmp_path)]) as line:

        def show_until(files: int, text: str) -> None:
            # Other threads count the files and draw the line.
            line.files, line.articles = files, 3 * files
            for _ in range(600):
                line.show()
                if re.search(text, out.lines()[files > 1]):
                    return
                time.sleep(0.01)
            raise AssertionError(out.getvalue())

        show_until(0, "0 of 4 files · 0 articles")
        show_until(1, "1 of 4 files · 3 articles")
        line.report(Problem("a", "binary", "binary data"))
        show_until(3, r"3 of 4 files · 1 problem · 9 articles [\d,.]+/s [━╸╺]+ \d:\d\d:\d\d \d:\d\d:\d\d")
    assert out.lines() == ["protocol-reader: a: binary data", "", "", "", ""]


@pytest.mark.parametrize("columns", [40, 80])
def test_in_a_narrow_terminal_the_text_is_cut_and_not_the_figures(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = on_terminal(monkeypatch, columns)
    with StatusLine() as line:
        for done in (1, 2, 3):
            line.update(f"{done} of 10 files · {'9' * 80}", done, 10)
        figures = r"3 of 10 f.*… [\d,.]+/s \d:\d\d:\d\d \d:\d\d:\d\d"
        for _ in range(600):
            if re.fullmatch(figures, out.lines()[0]):
                break
            time.sleep(0.01)
        assert re.fullmatch(figures, out.lines()[0]), out.lines()


@pytest.mark.parametrize("columns", [40, 100])
def test_what_the_terminal_shows_for_ctrl_c_is_taken_away_with_the_line(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = on_terminal(monkeypatch, columns)
    with StatusLine() as line:
        line.update(f"reading {'x' * 100}", 1, 2)
        out.wait_for("reading")
        out.write("^C")
    assert out.lines() == [""] * 5


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    build(path, 80)
    return path


def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(StatusLine, "update", lambda _, text, *__: texts.append(text))
    return texts


CHECKING = [
    "checking the file…", "checking captures: 0 of 10", "checking articles: 0 of 80",
    "checking the counts…", "checking the search index…",
]  # fmt: skip
EXPORTING = [*(f"{number} of 80 articles" for number in range(80)), "finishing…"]


@pytest.mark.parametrize(
    ("words", "expected"), [("check", CHECKING), ("export --output book.epub", EXPORTING)]
)
def test_a_command_says_how_far_it_is(
    library: Path, words: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(library.parent)
    texts = said(monkeypatch)
    assert main([*words.split(), "--library", str(library)]) == 0
    assert texts == expected


def test_parsing_into_a_file_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_texts(4)[0], "utf-8")
    texts = said(monkeypatch)
    monkeypatch.setattr("sys.stderr", Terminal())
    assert main(["parse", str(page)]) == 0
    assert re.fullmatch(r"0 (of 1 )?files · 4 articles", texts[0])
    # What is printed on the terminal shows by itself how far it is.
    texts.clear()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["parse", str(page)]) == 0
    assert texts == []


def test_adding_shows_that_ctrl_c_was_pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_texts(4)[0], "utf-8")
    texts = said(monkeypatch)
    monkeypatch.setattr(ProgressLine, "show", lambda _: signal.raise_signal(signal.SIGINT))
    assert main(["add", "--library", str(tmp_path / "library.db"), str(page)]) == 130
    assert set(texts) == {"stopping; Ctrl-C again stops at once"}


def test_removing_can_be_broken_off(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(removing, "_BATCH", 2)
    texts: list[str] = []

    def update(_: StatusLine, text: str, *__: object) -> None:
        texts.append(text)
        if len(texts) == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(StatusLine, "update", update)
    with Library.open(library) as opened:
        captures = [source for (source,) in sql(opened, "SELECT source FROM captures")]
    command = ["remove", "--library", str(library), "--yes", *captures]
    assert main(command) == 130
    assert texts == ["removing: 2 of 10 captures", "removing: 4 of 10 captures"]
    removed = "removed 4 captures and 32 articles that no other capture has"
    assert f"stopped; {removed}; run the same command again to continue" in capsys.readouterr().err
    assert list(damages(library)) == []
    monkeypatch.setattr(StatusLine, "update", lambda *_: None)
    assert main(command) == 1
    assert "removed 6 captures and 48 articles that" in capsys.readouterr().out


def test_mending_that_is_broken_off_leaves_the_library_as_it_was(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Library.open(library) as opened:
        sql(opened, "UPDATE records SET record = x'00' WHERE key = 7")
    before = library.read_bytes()
    monkeypatch.setattr(StatusLine, "complain", lambda *_: signal.raise_signal(signal.SIGINT))
    assert main(["check", "--mend", "--library", str(library)]) == 130
    assert f"stopped; {library} is as it was" in capsys.readouterr().err
    assert library.read_bytes() == before
    assert [file.name for file in library.parent.iterdir()] == [library.name]


@pytest.mark.parametrize("place", ["folder", "pages.zip"])
def test_what_is_passed_over_is_counted_by_its_endings(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.json").touch()
    line = ProgressLine([])
    others = "README a.1 a.1 a.2 a.3 a.4 a.5".split()
    for name in ("data.json", *(f"{number}.json" for number in range(3_000)), *others):
        line.report(Problem(f"{place}/{name}", NOT_A_CAPTURE, ""))
    assert line.finish(something=True) == 0
    err = capsys.readouterr().err
    assert (
        "skipped 3,008 files or folders that are not captures (3,001 .json, 2 .1, 1 no ending, 1 .2, 1 .3, 2 more),"
        f" such as {place}/data.json"
    ) in err
    assert ("name it on the command line" in err) == (place == "folder")
