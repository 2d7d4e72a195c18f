"""The commands that keep a library, as a shell sees them: output, messages and exit status."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reader import parse
from reader.commands.inputs import sample_captures
from reader.library import Library
from reader.library.database.schema import SCHEMA_VERSION
from reader.library.repair import check
from reader.settings import library_path
from tests.commands.stage import Done, Run
from tests.filling import sql
from tests.generated import build, page_texts
from tests.paths import ROOT
from tests.pseudo_terminal import Terminal, python


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    folder.mkdir()
    for number, text in enumerate(page_texts(96)):
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.db"


@pytest.fixture
def command(path: Path, run: Run) -> Run:
    return lambda name, *words: run(name, "--library", path, *words)


@pytest.fixture
def kept(path: Path, pile: Path, command: Run) -> Path:
    assert command("add", pile).status == 0
    return path


def captures_in(path: Path) -> int:
    with Library.open(path) as library:
        return library.totals().captures


def test_add_says_what_came_of_it(pile: Path, command: Run) -> None:
    articles = [a for file in sorted(pile.iterdir()) for a in parse(file.read_text("utf-8")).articles]
    (pile / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (pile / "notes.md").write_text("# Notes")
    (pile / "link.txt").symlink_to(pile / "picture.txt")
    before = signal.getsignal(signal.SIGINT)
    status, out, err = command("add", pile)
    assert status == 1
    assert signal.getsignal(signal.SIGINT) is before
    assert "captures   12: 12 new, 0 already known" in out
    assert f"articles   {len(articles)}: " in out
    cut = sum(article.truncated is not None for article in articles)
    paid = sum(article.sponsored is not None for article in articles)
    assert f" {cut} truncated and {paid} sponsored in the new captures\n" in out
    assert "problems   1: 1 binary\n" in out
    assert "skipped    2 on purpose:\n" in out
    assert "           links inside folders are not followed: 1\n" in out
    assert "           not a capture by its name or first line: 1\n" in out
    assert f"{pile}/picture.txt: binary data" in err
    assert "1 .md" in err
    (again,) = command("add", pile, "--json").objects
    assert (again["captures"], again["new"], again["known"], again["articles"]) == (12, 0, 12, len(articles))
    assert again["problems"] == {"binary": 1}
    assert again["skipped"] == {
        "links inside folders are not followed": 1,
        "not a capture by its name or first line": 1,
    }
    (pile / "00.txt").write_text("China\n\nA headline\n\nA body of one sentence.")
    out = command("add", pile).out
    assert "1 of the new ones from changed files, whose earlier text is kept too\n" in out
    moved = pile.rename(pile.with_name("moved"))
    assert "12 of the known ones moved; the library has their new place\n" in command("add", moved).out


COMMANDS = (
    "stats",
    "check",
    "remove x",
    "backup x",
    "missing",
    "corrections",
    "search x",
    "export --format json",
)


def test_without_a_library_or_an_article_there_is_a_sentence(
    path: Path, tmp_path: Path, run: Run, command: Run
) -> None:
    for words in COMMANDS:
        status, _, err = command(*words.split())
        assert (status, "protocol-reader add PATH" in err, path.exists()) == (3, True, False)
    named = tmp_path / "named.txt"
    named.touch()
    status, _, err = run("stats", "--library", named)
    assert (status, "there is no such library" in err, named.read_bytes()) == (3, True, b"")
    assert "made a new library" in run("add", "--library", named, sample_captures()[0]).err
    empty, missing = tmp_path / "empty.txt", tmp_path / "missing.txt"
    empty.touch()
    for done in (run(empty), command("add", empty), run("--library", path, "add", empty, missing)):
        assert (done.status, "no article was found in what was read" in done.err) == (3, True)
    assert run(f"--library={path}", "stats") == command("stats")


def test_no_path_opens_the_library_once_there_is_something_in_it(
    tmp_path: Path, pile: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = library_path()
    assert "From " in run().out
    assert not path.exists()
    run("add", next(pile.iterdir()))
    shown = run().out
    with Library.open(path) as library:
        listing = library.listing()
        assert shown.count("─" * 72) == len(listing)
        assert all(row.title[:30] in shown for row in listing.rows(0, len(listing)) if not row.untitled)
    assert run("--library", path) == Done(0, shown, "")


def test_a_library_that_is_named_or_linked_but_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    gone = tmp_path / "unmounted" / "library.db"
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(gone))
    status, out, err = run()
    assert (status, out, f"{gone}: there is no such library" in err) == (3, "", True)
    monkeypatch.delenv("PROTOCOL_READER_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    library_path().parent.mkdir()
    library_path().symlink_to(gone)
    for words in ("", "stats", "serve --port 0"):
        status, out, err = run(*words.split())
        assert (status, out, "this link points to a library that is not there" in err) == (3, "", True)


def test_remove_asks_and_without_a_terminal_does_nothing(kept: Path, pile: Path, command: Run) -> None:
    status, _, err = command("remove", pile / "03.txt")
    assert (status, "use --yes to remove 1 capture and 8 articles that no other capture has" in err) == (
        2,
        True,
    )
    with Terminal(python("-m", "reader", "remove", "--library", str(kept), str(pile / "03.txt"))) as terminal:
        terminal.until_shown("Remove 1 capture and 8 articles that no other capture has? You cannot")
        terminal.press("n\n")
        terminal.until_shown("nothing was removed")
        assert terminal.status() == 0
    with Terminal(python("-m", "reader", "remove", "--library", str(kept), str(pile / "03.txt"))) as terminal:
        terminal.until_shown("[y/N]")
        terminal.press("\x04")
        terminal.until_shown("[y/N]\nprotocol-reader: nothing was removed")
        assert terminal.status() == 0
    done = command("remove", pile / "03.txt", pile / "missing", "--yes", "--json")
    assert (done.status, done.objects) == (1, [{"captures": 1, "articles": 8, "problems": 0, "skipped": 0}])
    assert f"{pile}/missing: the library has no captures" in done.err
    assert command("remove", pile / "03.txt", "--yes").status == 3
    assert captures_in(kept) == 11
    copy = shutil.copy(pile / "04.txt", pile / "copy.txt")
    command("add", copy)
    done = command("remove", copy, "--yes")
    said = f"{copy}: the library has no captures from there; the same text was added from {pile / '04.txt'}"
    assert (done.status, said in done.err) == (3, True)


def test_check_names_damage_and_sets_aside_only_when_told(kept: Path, command: Run) -> None:
    assert "no damage found" in command("check").out
    with Library.open(kept) as library:
        sql(library, "UPDATE records SET record = x'00' WHERE key = 7")
        sql(library, "UPDATE counters SET last_article = 0")
        sql(library, "UPDATE groups SET articles = 0 WHERE articles")
    out = command("check").out
    assert out.count("counters: ") > 1
    assert out.count("makes a new library from the intact parts") == 1
    done = command("check", "--json")
    assert done.status == 1
    assert {damage["where"].split()[0] for damage in done.objects} == {"article", "counters"}
    assert all(damage["advice"] for damage in done.objects)
    status, out, err = command("check", "--mend")
    assert (status, "article 7" in err, "--mend" in out) == (1, True, False)
    assert "if anything is lost, add its file again" in err
    assert command("check").status == 0
    assert kept.with_name("library.db.damaged-1").exists()


def test_a_backup_is_the_library_and_overwrites_nothing(kept: Path, tmp_path: Path, command: Run) -> None:
    target = tmp_path / "copies" / "library.bak"
    done = command("backup", target)
    assert (done.status, f"{target.parent}: there is no such folder" in done.err) == (2, True)
    target.parent.mkdir()
    assert command("backup", target).status == 0
    assert list(check(target)) == []
    with Library.open(target) as copy, Library.open(kept) as library:
        assert copy.totals() == library.totals()
    before = target.read_bytes()
    status, _, err = command("backup", target)
    assert (status, "exists already" in err, target.read_bytes() == before) == (2, True, True)
    assert [found.name for found in target.parent.iterdir()] == ["library.bak"]
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    assert command("backup", link).status == 2
    assert link.is_symlink()
    assert command("backup", "-").status == 2
    status, _, err = command("backup", tmp_path / ("x" * 254))
    assert (status, "cannot make the copy" in err) == (3, True)


def test_a_newer_library_is_refused_untouched_by_every_command(kept: Path, pile: Path, run: Run) -> None:
    with Library.open(kept) as library:
        sql(library, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    before = kept.read_bytes()
    for command in (
        ["add", pile], ["stats"], ["check"], ["check", "--mend"], ["remove", "x"], ["backup", "x"],
        ["search", "x"], ["export", "--format", "json"], [],
    ):  # fmt: skip
        status, _, err = run(*command, "--library", kept)
        assert (status, "newer Protocol Reader" in err) == (3, True)
    assert kept.read_bytes() == before
    assert [found.name for found in kept.parent.iterdir()] == [kept.name]


# Broken off


def in_process(
    code: str, path: Path, *paths: Path, begin: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """`add` in a process of its own, changed by some code."""
    script = f"import sys; from reader import cli\n{code}\nif __name__ == '__main__': sys.exit(cli.main(sys.argv[1:]))"
    words = python("-c", script, "add", "--library", str(path), *map(str, paths))
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, start_new_session=True, preexec_fn=begin
    )


def test_a_disk_with_no_room_keeps_what_was_finished(path: Path, pile: Path, command: Run) -> None:
    small_batches = "from reader.library.ingest import engine; engine.BATCH_ARTICLES = 20"
    small_files = (500_000, 500_000)
    done = in_process(
        small_batches, path, pile, begin=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, small_files)
    )
    assert "run the same command again to continue" in done.stderr, done.stderr
    assert done.returncode == 1
    assert list(check(path)) == []
    assert 0 < captures_in(path) < 12
    assert command("add", pile).status == 0
    assert captures_in(path) == 12


@pytest.mark.parametrize("words", ["backup", "export --output"])
def test_a_copy_that_fails_leaves_no_file_and_names_a_limit(tmp_path: Path, words: str) -> None:
    library, copies = tmp_path / "library.db", tmp_path / "copies"
    build(library, 400)
    copies.mkdir()
    done = subprocess.run(
        python("-m", "reader", *words.split(), str(copies / "copy.sqlite"), "--library", str(library)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert (done.returncode, list(copies.iterdir())) == (3, [])
    assert "any limit of file sizes" in done.stderr


@pytest.mark.parametrize(
    ("times", "says"),
    [(1, "stopped; what is counted here is in the library"), (2, " added; run the same command")],
)
def test_an_interrupt_keeps_what_was_finished_and_says_so(
    path: Path, tmp_path: Path, times: int, says: str
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number, text in enumerate(page_texts(8 * 150)):
        (many / f"{number}.txt").write_text(text, encoding="utf-8")
    code = (
        "import os, signal; from reader.commands.output import ProgressLine\n"
        "from reader.library.ingest import engine; engine.BATCH_ARTICLES = 150\n"
        "show = ProgressLine.show\n"
        f"left = {times}\n"
        "def interrupted(self):\n"
        "    global left\n"
        "    show(self)\n"
        "    while self.files >= 30 and left:\n"
        "        left -= 1\n"
        "        os.killpg(0, signal.SIGINT)\n"  # as a terminal sends it: to every process
        "ProgressLine.show = interrupted"
    )
    done = in_process(code, path, many)
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr
    assert says in done.stderr
    assert list(check(path)) == []
    assert (19 if times == 1 else 0) <= captures_in(path) < 150


# Problems


def test_problems_go_with_what_caused_them(kept: Path, pile: Path, command: Run) -> None:
    def problems() -> int:
        with Library.open(kept) as library:
            return library.totals().problems

    assert (command("add", pile.parent / "no such file.txt").status, problems()) == (3, 0)
    for name in ("gone.txt", "mended.txt", "removed.txt", "once.txt"):
        (pile / name).write_bytes(b"\x89PNG\0\0")
    assert (command("add", pile).status, problems()) == (1, 4)
    (pile / "link.txt").symlink_to("03.txt")
    (pile / "gone.txt").unlink()
    (pile / "mended.txt").write_text((pile / "03.txt").read_text("utf-8").replace("a", "o"), "utf-8")
    assert (command("add", pile).status, problems()) == (1, 2)
    done = command("remove", pile / "removed.txt", "--json")
    assert done.objects == [{"captures": 0, "articles": 0, "problems": 1, "skipped": 0}]
    done = command("remove", pile / "once.txt", pile / "link.txt")
    assert (done.status, done.out, problems()) == (0, "removed 1 problem; 1 skipped file\n", 0)


def test_a_removal_that_cannot_be_printed_is_reported(kept: Path, pile: Path) -> None:
    words = python("-m", "reader", "remove", "--yes", "--library", str(kept), str(pile / "03.txt"))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "removed 1 capture and 8 articles" in done.stderr) == (3, True)
