"""The commands that keep a library, as a shell sees them: output, messages and exit status."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reader import parse
from reader.cli import main
from reader.library import Library
from reader.library.database.schema import SCHEMA_VERSION
from reader.library.repair.checking import check
from tests.filling import sql
from tests.generated import build, page_texts
from tests.paths import ROOT


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    folder.mkdir()
    for number, text in enumerate(page_texts(240)):
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.db"


@pytest.fixture
def kept(path: Path, pile: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["add", "--library", str(path), str(pile)]) == 0
    capsys.readouterr()
    return path


def words(command: str, path: Path, *more: object) -> list[str]:
    return [command, "--library", str(path), *map(str, more)]


def test_the_library_can_be_named_before_the_command(
    path: Path, pile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--library", str(path), "add", str(pile)]) == 0
    assert main(["stats", "--library", str(path)]) == 0
    behind = capsys.readouterr().out.split("\n\n")[-1]
    assert main([f"--library={path}", "stats"]) == 0
    assert capsys.readouterr().out.split("\n\n")[-1] == behind


def test_add_says_what_came_of_it(path: Path, pile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = [a for file in sorted(pile.iterdir()) for a in parse(file.read_text("utf-8")).articles]
    (pile / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (pile / "notes.md").write_text("# Notes")
    assert main(words("add", path, pile)) == 1
    out, err = capsys.readouterr()
    assert "captures   30: 30 new, 0 already known" in out
    assert f"articles   {len(articles)}: " in out
    cut = sum(article.truncated is not None for article in articles)
    paid = sum(article.sponsored is not None for article in articles)
    assert f" {cut} truncated and {paid} sponsored in the new captures\n" in out
    assert "problems   1: 1 binary\n" in out
    assert "skipped    1 on purpose:\n           1 not a capture by its name or first line\n" in out
    assert f"{pile}/picture.txt: binary data" in err
    assert "1 .md" in err
    assert main(words("add", path, pile, "--json")) == 1
    again = json.loads(capsys.readouterr().out)
    assert (again["captures"], again["new"], again["known"], again["articles"]) == (30, 0, 30, len(articles))
    assert again["problems"] == {"binary": 1}
    assert again["skipped"] == {"not a capture by its name or first line": 1}


def test_one_is_not_counted_as_several(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Policy\n\nWho owns the weather?\n\nThe Met Office, says the Met Office.", "utf-8")
    assert main(words("add", path, page)) == 0
    capsys.readouterr()
    assert main(words("stats", path)) == 0
    assert capsys.readouterr().out.startswith("1 capture; 0 problems\n1 article, captured 1 time\n")


def test_add_of_nothing_that_can_be_read(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("add", path, tmp_path / "missing")) == 3
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    ["stats", "check", "remove x", "backup x", "missing", "corrections", "search x", "export --format json"],
)
def test_without_a_library_there_is_a_sentence(
    command: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *more = command.split()
    assert main(words(name, path, *more)) == 3
    assert "protocol-reader add PATH" in capsys.readouterr().err
    assert not path.exists()


def test_no_path_opens_the_library_once_there_is_something_in_it(
    path: Path, pile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")  # Nothing is opened on a terminal.
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", str(path))
    assert main([]) == 0
    assert "From " in capsys.readouterr().out
    assert not path.exists()
    main(words("add", path, next(pile.iterdir())))
    capsys.readouterr()
    assert main([]) == 0
    shown = capsys.readouterr().out
    with Library.open(path) as library:
        listing = library.listing()
        assert shown.count("─" * 72) == len(listing)
        assert all(row.title[:30] in shown for row in listing.rows(0, len(listing)) if not row.untitled)
    assert main(["--library", str(path)]) == 0
    assert capsys.readouterr().out == shown


def test_remove_asks_and_without_a_terminal_does_nothing(
    kept: Path, pile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("remove", kept, pile / "03.txt")) == 2
    assert "--yes removes 1 capture with 8 articles without asking" in capsys.readouterr().err
    assert main(words("remove", kept, pile / "03.txt", pile / "missing", "--yes", "--json")) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {"captures": 1, "articles": 8}
    assert f"{pile}/missing: the library has no captures" in err
    assert main(words("remove", kept, pile / "03.txt", "--yes")) == 3
    with Library.open(kept) as library:
        assert library.totals().captures == 29


def test_check_names_damage_and_sets_aside_only_when_told(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words("check", kept)) == 0
    assert "no damage found" in capsys.readouterr().out
    with Library.open(kept) as library:
        sql(library, "UPDATE records SET record = x'00' WHERE key = 7")
        sql(library, "UPDATE counters SET captures = 77")
    assert main(words("check", kept, "--json")) == 1
    found = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert {damage["where"].split()[0] for damage in found} == {"article", "counters"}
    assert all(damage["advice"] for damage in found)
    assert main(words("check", kept, "--mend")) == 1
    assert "article 7" in capsys.readouterr().err
    assert main(words("check", kept)) == 0
    with Library.open(kept) as library:
        sql(library, "UPDATE counters SET captures = 77")
    assert main(words("check", kept, "--set-aside")) == 1
    assert not kept.exists()
    assert kept.with_name("library.db.damaged-1").exists()
    assert kept.with_name("library.db.damaged-2").exists()


def test_a_file_that_is_no_library_can_be_set_aside(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.parent.mkdir()
    path.write_bytes(b"nothing of the kind" * 99)
    assert main(words("check", path)) == 3
    assert path.exists()
    assert main(words("check", path, "--set-aside")) == 1
    assert not path.exists()


def test_a_backup_is_the_library_and_overwrites_nothing_unasked(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copies" / "library.bak"
    assert main(words("backup", kept, target)) == 0
    assert list(check(target)) == []
    with Library.open(target) as copy, Library.open(kept) as library:
        assert copy.totals() == library.totals()
    before = target.read_bytes()
    assert main(words("backup", kept, target)) == 2
    assert "--replace" in capsys.readouterr().err
    assert target.read_bytes() == before
    main(words("remove", kept, tmp_path / "pile", "--yes"))
    assert main(words("backup", kept, target, "--replace")) == 0
    with Library.open(target) as copy:
        assert copy.totals().captures == 0
    assert main(words("backup", kept, kept, "--replace")) == 2
    assert [found.name for found in target.parent.iterdir()] == ["library.bak"]


def test_pages_of_other_sites_are_counted_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus.jsonl"
    hosts = ("www.protocol.example", "other.example", "third.example")
    rows = [{"text": f"A page of {host}.", "url": f"https://{host}/"} for host in hosts]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    library = tmp_path / "library.db"
    assert main(words("add", library, "--site", "protocol.example", "--json", str(corpus))) == 0
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert (summary["new"], summary["problems"]) == (1, {})
    assert err == "protocol-reader: protocol.example: 2 pages of other sites skipped\n"
    with pytest.raises(SystemExit):
        main(words("add", library, "--site", "no host", str(corpus)))


def test_stats_are_those_of_a_naive_count(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Library.open(kept) as library:
        listing = library.listing()
        rows = listing.rows(0, len(listing))
        library.state.set_read(rows[3].key, True)
        library.state.set_starred(rows[5].key, True)
        versions = [library.versions(row.key) for row in rows]
    assert main(words("stats", kept, "--json")) == 0
    stats: dict[str, Any] = json.loads(capsys.readouterr().out)
    cut = sum(row.truncated for row in rows)
    completed = sum(
        not row.truncated and any(version.truncated for version in seen)
        for row, seen in zip(rows, versions, strict=True)
    )
    assert {name: stats[name] for name in stats if isinstance(stats[name], int)} == {
        "captures": 30, "partial_captures": 0, "problems": 0, "skipped": 0, "articles": len(rows),
        "sightings": sum(map(len, versions)), "whole": len(rows) - cut, "truncated": cut,
        "completed": completed, "sponsored": sum(row.sponsored for row in rows),
        "unread": len(rows) - 1, "starred": 1,
    }  # fmt: skip
    sections = [row.group for row in rows]
    months = [row.published and row.published[:7] for row in rows]
    for name, keys in (("sections", sections), ("months", months)):
        groups = {group["name"]: (group["articles"], group["truncated"]) for group in stats[name]}
        counts = Counter(keys)
        cuts = Counter(key for key, row in zip(keys, rows, strict=True) if row.truncated)
        assert groups == {value: (count, cuts[value]) for value, count in counts.items()}
    dated = [month["name"] for month in stats["months"] if month["name"]]
    assert dated == sorted(dated)
    assert main(words("stats", kept)) == 0
    table = capsys.readouterr().out
    assert all(f"{group['name']}  " in table for group in stats["sections"])
    assert "█" not in table


def test_a_newer_library_is_refused_untouched_by_every_command(
    kept: Path, pile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Library.open(kept) as library:
        sql(library, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    before = kept.read_bytes()
    for command in (["add", str(pile)], ["stats"], ["check"], ["remove", "x"], ["backup", "x"], []):
        assert main([*command, "--library", str(kept)]) == 3
        assert "newer Protocol Reader" in capsys.readouterr().err
    assert kept.read_bytes() == before
    assert [found.name for found in kept.parent.iterdir()] == [kept.name]


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))


def test_a_disk_with_no_room_keeps_what_was_finished(path: Path, pile: Path) -> None:
    script = (
        "import sys; from reader import cli; from reader.library.ingest import engine\n"
        "engine.BATCH_ARTICLES = 20\n"
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, *words("add", path, *sorted(pile.iterdir())[:12])]
    root = ROOT
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, preexec_fn=_small_files, check=False
    )
    assert "run the same command again to continue" in done.stderr, done.stderr
    assert done.returncode == 1
    assert list(check(path)) == []
    with Library.open(path) as library:
        assert 0 < library.totals().captures < 12
    assert main(words("add", path, pile)) == 0
    with Library.open(path) as library:
        assert library.totals().captures == 30


@pytest.mark.parametrize(
    ("times", "says"),
    [(1, "stopped; what was finished is in the library"), (2, " added; run the same command")],
)
def test_an_interrupt_keeps_what_was_finished_and_says_so(
    path: Path, tmp_path: Path, times: int, says: str
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number, text in enumerate(page_texts(8 * 200)):
        (many / f"{number}.txt").write_text(text, encoding="utf-8")
    script = (
        "import os, signal, sys; from reader import cli; from reader.commands.progress import ProgressLine\n"
        "show = ProgressLine.show\n"
        f"left = {times}\n"
        "def interrupted(self, files, *rest):\n"
        "    global left\n"
        "    show(self, files, *rest)\n"
        "    while files >= 50 and left:\n"
        "        left -= 1\n"
        "        os.killpg(0, signal.SIGINT)\n"  # as a terminal sends it: to every process
        "ProgressLine.show = interrupted\n"
        "if __name__ == '__main__': sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, *words("add", path, many)]
    root = ROOT
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, start_new_session=True
    )
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr
    assert says in done.stderr
    assert list(check(path)) == []
    with Library.open(path) as library:
        assert (31 if times == 1 else 0) <= library.totals().captures < 200  # a batch of 250 articles


def test_signals_are_as_before_after_an_addition(path: Path, pile: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    main(words("add", path, pile))
    assert signal.getsignal(signal.SIGINT) is before
    assert os.environ.get("PROTOCOL_READER_LIBRARY") is None
    build(path.with_name("other.db"), 8)


# Problems


def test_problems_go_with_what_caused_them(
    kept: Path, pile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def problems() -> int:
        with Library.open(kept) as library:
            return library.totals().problems

    assert main(words("add", kept, pile.parent / "no such file.txt")) == 3
    assert problems() == 0
    for name in ("gone.txt", "mended.txt", "removed.txt"):
        (pile / name).write_bytes(b"\x89PNG\0\0")
    assert main(words("add", kept, pile)) == 1
    assert problems() == 3
    (pile / "gone.txt").unlink()
    (pile / "mended.txt").write_text((pile / "03.txt").read_text("utf-8").replace("a", "o"), "utf-8")
    assert main(words("add", kept, pile)) == 1
    assert problems() == 1
    assert main(words("remove", kept, pile / "removed.txt")) == 0
    assert problems() == 0
    assert "1 problem removed" in capsys.readouterr().out


def test_input_without_an_article_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    for command in ([], ["add", "--library", str(tmp_path / "library.db")]):
        assert main([*command, str(empty)]) == 3
        assert "no article was found in what was read" in capsys.readouterr().err
    assert main(["parse", str(empty)]) == 0
    assert json.loads(capsys.readouterr().out)["articles"] == []
