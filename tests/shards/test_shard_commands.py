"""`parse --into` and `parse --jobs` as a shell sees them, and `add` of what they made."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reader import shards
from reader.cli import main
from reader.library import Library
from reader.shards import UNFINISHED
from tests.captures.archives import warc
from tests.commands.stage import Run
from tests.filling import content
from tests.paths import put
from tests.shards.shard_stage import (
    BROKEN,
    pile,
    shards_in,
    until_the_disk_is_full,
    while_one_cannot_be_read,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("small_shards")


def words_for(folder: Path, into: Path) -> list[str]:
    return ["parse", "--jobs", "1", "--into", str(into), str(folder)]


def test_shards_are_made_once_and_only_what_changed_is_made_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = words_for(folder, tmp_path / "out")
    assert main(words) == 1  # There is a binary file among them.
    out, problems = capsys.readouterr()
    assert ("6: 6 new, 0 there already" in out, "005.bin: binary data" in problems) == (True, True)
    before = {path: path.stat().st_ino for path in (tmp_path / "out").iterdir()}
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert ("6: 0 new, 6 there already" in out, err in problems) == (True, True)
    assert "005.bin: binary data" in err
    assert {path: path.stat().st_ino for path in (tmp_path / "out").iterdir()} == before
    put(folder / "01" / "015.txt", "Another page.")
    put(tmp_path / "out" / UNFINISHED / "0123456789abcdef.01", b"torn")
    main(words)
    assert "6: 1 new, 5 there already" in capsys.readouterr().out


def test_what_failed_and_may_not_fail_again_is_tried_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "make_shard", while_one_cannot_be_read)
        main(words_for(folder, tmp_path / "out"))
    before = shards_in(tmp_path / "out")
    assert sum("-problems" in name for name in before) == 2
    # Another run into the same folder leaves what is there.
    put(tmp_path / "other" / "a.txt", "Another page.")
    main(words_for(tmp_path / "other", tmp_path / "out"))
    after = shards_in(tmp_path / "out")
    assert (len(after), before.items() <= after.items()) == (7, True)
    capsys.readouterr()
    main(words_for(folder, tmp_path / "out"))
    assert "6: 1 new, 5 there already" in capsys.readouterr().out
    main(words_for(folder, tmp_path / "alone"))
    assert shards_in(tmp_path / "alone").items() <= shards_in(tmp_path / "out").items()


def test_shards_that_an_earlier_version_meant_to_make_again_are_removed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(words_for(folder, tmp_path / "out"))
    made = shards_in(tmp_path / "out")
    name = min(made)
    (tmp_path / "out" / name.replace(".jsonl.gz", "-again.jsonl.gz")).write_bytes(made[name])
    capsys.readouterr()
    main(words_for(folder, tmp_path / "out"))
    assert "outdated   1 shard removed" in capsys.readouterr().out
    assert shards_in(tmp_path / "out") == made


class TestOutdatedShards:
    """What is done with the shards of earlier runs into the same folder."""

    @pytest.fixture
    def make(self, tmp_path: Path, run: Run) -> Run:
        return lambda *words: run("parse", "--jobs", "1", "--into", tmp_path / "out", *words)

    def test_a_shard_whose_file_has_changed_is_removed_and_what_another_program_made_stays(
        self, tmp_path: Path, make: Run
    ) -> None:
        for name in "abc":
            put(tmp_path / "in" / f"{name}.txt", f"Page {name}.")
        notes = put(tmp_path / "out" / "notes-about-a.txt.jsonl.gz", "Mine.").name
        names: list[str] = []
        for text, form in (("Page b.", "jsonl"), ("Page b is longer now.", "jsonl"), ("Page b.", "parquet")):
            put(tmp_path / "in" / "b.txt", text)
            done = make("--format", form, tmp_path / "in")
            assert ("outdated   1 shard removed" in done.out) is bool(names)
            (name,) = shards_in(tmp_path / "out").keys() - {notes}
            names.append(name)
        assert len(set(names)) == 3
        assert (tmp_path / "out" / notes).exists()
        assert not (tmp_path / "out" / UNFINISHED).exists()

    def test_shards_of_other_inputs_stay(self, tmp_path: Path, make: Run) -> None:
        a, b = (put(tmp_path / name / "1.txt", f"Page {name}.").parent for name in "ab")
        make(a)
        assert "others     1 shard of other inputs" in make(b).out
        make("--site", "protocol.com", b)
        before = set(shards_in(tmp_path / "out"))
        assert len(before) == 3
        put(b / "1.txt", "Page b is longer now.")
        make(b)
        assert len(before & set(shards_in(tmp_path / "out"))) == 2

    def test_a_shard_of_which_a_file_is_gone_is_named(self, tmp_path: Path, make: Run) -> None:
        path = put(tmp_path / "in" / "a.txt", "A page.")
        put(tmp_path / "in" / "other.txt", "Another page.")
        make(tmp_path / "in")
        (before,) = shards_in(tmp_path / "out")
        path.rename(tmp_path / "in" / "b.txt")
        done = make(tmp_path / "in")
        assert (
            f"1 outdated shard stays, because one of its files is gone; delete what you do not want to keep: {before}"
            in done.err
        )
        assert len(shards_in(tmp_path / "out")) == 2
        assert not (tmp_path / "out" / UNFINISHED).exists()

    def test_shards_stay_while_something_cannot_be_read(self, tmp_path: Path, make: Run) -> None:
        for name in "a.txt", BROKEN:
            put(tmp_path / "in" / name, f"The page {name}.")
        make(tmp_path / "in")
        (before,) = shards_in(tmp_path / "out")
        put(tmp_path / "in" / "a.txt", "A page that is longer now.")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shards, "make_shard", while_one_cannot_be_read)
            assert "stays, because not everything could be read" in make(tmp_path / "in").err
        assert before in shards_in(tmp_path / "out")
        make(tmp_path / "in")
        (after,) = shards_in(tmp_path / "out")
        assert after != before


def test_a_library_of_shards_is_that_of_the_captures(folder: Path, tmp_path: Path) -> None:
    put(folder / "crawl.warc", b"".join(warc(5)) + b"WARC/1.0\r\nWARC-Type: resp")
    main(words_for(folder, tmp_path / "out"))
    found = []
    for name, path in ("one", folder), ("two", tmp_path / "out"):
        with Library.open(tmp_path / f"{name}.db") as library:
            summary = library.ingest([str(path)], jobs=1)
            found.append(
                (content(library, "files"), summary.captures, summary.new_articles, summary.problems)
            )
    assert found[0] == found[1]
    assert found[0][1] == 25


def test_what_was_added_from_shards_is_removed_by_the_paths_of_its_captures(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(folder.parent)
    run("parse", "--jobs", "1", "--into", tmp_path / "out", folder.name)
    library = ("--library", tmp_path / "library.db")
    run("add", tmp_path / "out", *library)
    done = run("remove", "--yes", tmp_path / "out", *library)
    assert (done.status, f"added from {folder.name}/00/000.txt, so remove that" in done.err) == (3, True)
    assert run("remove", "--yes", folder.name, *library).status == 0
    with Library.open(tmp_path / "library.db") as opened:
        assert opened.totals()[:5] == (0, 0, 0, 0, 0)


def test_so_many_processes_print_what_one_prints(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ["parse", "--lines", "--site", "protocol.com", str(folder), str(folder / "00" / "001.txt")]
    found = []
    for jobs in [], ["--jobs", "2"]:
        status = main([*words, *jobs])
        out, err = capfdbinary.readouterr()
        found.append((status, out, sorted(err.splitlines())))
    assert found[0] == found[1]
    assert found[0][1].count(b"\n") == 21


def test_shards_are_printed_as_what_they_were_made_of(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    main(words_for(folder, tmp_path / "out"))
    put(tmp_path / "out" / UNFINISHED / "0123456789abcdef.01", b"This folder is passed over.")
    printed = []
    for path in folder, tmp_path / "out":
        capfdbinary.readouterr()
        main(["parse", "--lines", str(path)])
        printed.append(capfdbinary.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ("--cluster tcp://127.0.0.1:1 .", 2, "--into"),
        ("--format parquet .", 2, "--into"),
        ("--jobs 2 --cluster tcp://127.0.0.1:1 --into out pile", 2, "cannot be used with --cluster"),
        ("--into out .", 3, "lies in ."),
        ("--into pile/00/001.txt/out pile/01", 3, "a file where a folder should be"),
        ("--into out -", 3, "save it to a file"),
        ("--jobs 2 -", 3, "leave out --jobs"),
        ("--into out --site /// pile", 2, "not a site"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, words: str, status: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("parse", *words.split())
    assert (done.status, says in done.err) == (status, True)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_what_is_finished(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shards, "make_shard", until_the_disk_is_full)
    assert main(words_for(folder, tmp_path / "out")) == 1
    assert f"{tmp_path / 'out'}: cannot write a shard (No space left on device)" in (
        err := capsys.readouterr().err
    )
    assert "3 shards are finished; run the same command again to continue" in err
    assert len(shards_in(tmp_path / "out")) == 3


def test_an_interrupt_leaves_what_is_finished(tmp_path: Path) -> None:
    folder = pile(tmp_path / "pile", 40)
    for number in range(500):
        put(folder / "more" / f"{number:04}.txt", (folder / "00" / "001.txt").read_text())
    code = "from reader import shards; shards._MOST_FILES = 8; from reader.cli import main; raise SystemExit(main())"
    words = ["parse", "--jobs", "2", "--into", str(tmp_path / "out"), str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_until(lambda: any((tmp_path / "out").glob("0*")))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to every process
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped; " in err
    assert "Traceback" not in err
    assert "run the same command again to continue" in err
    finished = len(shards_in(tmp_path / "out"))
    assert 0 < finished < 66
    assert re.search(rf"\b{finished} shards? (is|are) finished", err)
    assert not (tmp_path / "out" / UNFINISHED).exists()
    with Library.open(tmp_path / "library.db") as library:
        summary = library.ingest([str(tmp_path / "out")], jobs=1)
    assert summary.captures
    assert {kind for kind, _ in summary.problems} <= {"binary", "not a capture"}
