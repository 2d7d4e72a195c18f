"""The line that says what a command is at, and what the commands say on it; what is passed over, in one sentence."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from queue import Queue

import pytest

from reader.cli import main
from reader.commands import check, remove
from reader.commands.passed_over import PassedOver
from reader.commands.waiting import Waiting, amount, counted, is_printed
from reader.library import Library, removing
from reader.library.upkeep import check as damages
from tests.generated import build

CLEAR = "\r\x1b[K"


class Screen(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


class Pauses:
    """Pauses that end when a test says so, or for good."""

    def __init__(self) -> None:
        self._asked: Queue[float] = Queue()
        self._ends: Queue[bool] = Queue()

    def __call__(self, seconds: float) -> bool:
        self._asked.put(seconds)
        return self._ends.get()

    def next(self) -> float:
        """End this pause; how long the next one is, before which the line was painted."""
        self._ends.put(False)
        return self._asked.get()

    def begin(self) -> float:
        return self._asked.get()

    def end(self) -> None:
        self._ends.put(True)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pauses]:
    monkeypatch.setenv("TERM", "xterm")
    pauses = Pauses()
    yield pauses
    pauses.end()


def test_what_takes_long_is_said_and_taken_away(pauses: Pauses) -> None:
    out = Screen()
    with Waiting("opening", out, pauses) as line:
        assert pauses.begin() == 1.0
        assert out.getvalue() == ""
        assert pauses.next() < 1.0
        assert out.getvalue() == f"{CLEAR}opening"
        pauses.next()
        assert out.getvalue() == f"{CLEAR}opening"  # said once
        line.say("reading " + "x" * 200)
        pauses.next()
        assert out.getvalue() == f"{CLEAR}opening{CLEAR}reading {'x' * 71}"
        line.clear()
        assert out.getvalue().endswith(f"x{CLEAR}")
        line.clear()
        assert out.getvalue().endswith(f"x{CLEAR}")
        pauses.next()
        assert out.getvalue().endswith(f"{CLEAR}reading {'x' * 71}")
    assert out.getvalue().endswith(f"x{CLEAR}")
    said = out.getvalue()
    pauses.next()
    assert out.getvalue() == said


def test_what_is_quick_is_not_said(pauses: Pauses) -> None:
    out = Screen()
    with Waiting("opening", out, pauses):
        pauses.begin()
    assert out.getvalue() == ""


@pytest.mark.parametrize(("out", "term"), [(StringIO(), "xterm"), (Screen(), "dumb")])
def test_only_a_terminal_is_told(monkeypatch: pytest.MonkeyPatch, out: StringIO, term: str) -> None:
    monkeypatch.setenv("TERM", term)

    def pause(_: float) -> bool:
        raise AssertionError

    assert list(counted("ab", None, out, pause)) == ["a", "b"]
    assert out.getvalue() == ""


def test_items_are_counted_as_they_go_by(pauses: Pauses) -> None:
    out = Screen()
    items = counted("abcd", 1_234, out, pauses)
    assert next(items) == "a"
    pauses.begin()
    assert next(items) == "b"
    pauses.next()
    assert [*items] == ["c", "d"]
    assert out.getvalue() == f"{CLEAR}1 of 1,234 articles{CLEAR}"
    assert amount(7, None, "articles") == "7 articles"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    build(path, 240)
    return path


def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(Waiting, "say", lambda _, text: texts.append(text))
    return texts


def test_checking_says_what_is_looked_at(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = said(monkeypatch)
    assert main(["check", "--library", str(library), "--words"]) == 0
    assert texts == [
        check._SAID["pages"], "0 of 30 captures", "0 of 240 articles", check._SAID["counts"], check._SAID["index"],
        check._SAID["words"],
    ]  # fmt: skip


def test_a_copy_says_how_much_is_copied(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[int, int]] = []
    with Library.open(library) as opened:
        opened.database.copy_to(tmp_path / "copy.db", lambda *both: done.append(both))
    size = (tmp_path / "copy.db").stat().st_size
    assert done[-1] == (size, size)
    assert list(damages(tmp_path / "copy.db")) == []


def test_removing_can_be_broken_off(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(removing, "_FIRST_BATCH", 2)
    texts: list[str] = []

    def say(_: Waiting, text: str) -> None:
        texts.append(text)
        if len(texts) == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Waiting, "say", say)
    with Library.open(library) as opened:
        captures = [source for (source,) in opened.database.all("SELECT source FROM captures")]
    command = ["remove", "--library", str(library), "--yes", *captures]
    assert main(command) == 130
    assert texts == ["removing: 2 of 30 captures", "removing: 5 of 30 captures"]
    out, err = capsys.readouterr()
    assert out == "5 captures with 40 articles were removed\n"
    assert "stopped: the same command goes on from there" in err
    assert list(damages(library)) == []
    monkeypatch.setattr(Waiting, "say", lambda *_: None)
    assert main(command) == 1
    assert "25 captures with 200 articles were removed" in capsys.readouterr().out


def test_one_capture_is_said_to_be_one() -> None:
    assert remove._what(1, 1) == "1 capture with 1 article"
    assert remove._what(1_000, 2) == "1,000 captures with 2 articles"


def test_what_is_passed_over_is_counted_by_its_endings() -> None:
    others = PassedOver()
    assert not others
    others.add("pile/data.json")
    assert str(others).startswith(
        "1 file that is no capture was passed over in folders (1 .json), such as pile/data.json;"
    )
    for number in range(3_000):
        others.add(f"pile/{number}.json")
        others.add(f"pile/{number}.{number % 1_500}")
    others.add("pile/README")
    text = str(others)
    assert text.startswith("6,002 files that are no captures were passed over in folders (3,001 .json, ")
    assert " such as pile/data.json;" in text
    kinds = text[text.index("(") + 1 : text.index(")")].split(", ")
    assert kinds[-1].endswith(" more")
    assert sum(int(kind.split()[0].replace(",", "")) for kind in kinds[1:]) == 3_001
    assert len(text) < 250


@pytest.mark.parametrize(
    ("output", "terminal", "printed"),
    [(None, True, True), ("-", True, True), ("a.md", True, False), (None, False, False)],
)
def test_nothing_is_counted_in_the_way_of_what_is_printed(
    output: str | None, terminal: bool, printed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", Screen() if terminal else StringIO())
    assert is_printed(output) is printed
