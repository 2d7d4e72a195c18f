"""Shards: what goes into one, that its bytes depend on that alone, and that everything comes back from it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader import shards
from reader.captures import SelectedPaths, read_captures, tables
from reader.errors import ReaderError
from reader.model import Capture, LineHint, Problem
from reader.parsing import PARSER_VERSION, parse
from reader.shards import ShardOptions, Task, check_form, make_shards
from tests.parsing.test_sample_data import FOLDER, capture_of
from tests.paths import put
from tests.shards.shard_stage import FORMS, made_here, make, pile, planned

pytestmark = pytest.mark.usefixtures("small_shards")


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


class TestPlan:
    def test_every_file_is_in_one_shard_in_the_order_of_the_paths(self, tmp_path: Path) -> None:
        folder = pile(tmp_path, 20)
        tasks = planned([folder])
        files = [str(path) for path in sorted(folder.rglob("*")) if path.is_file()]
        assert [file.path for task in tasks for file in task.files] == files
        assert max(len(task.files) for task in tasks) == 4

    def test_another_file_changes_only_the_shard_it_comes_into_and_another_place_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shards, "_MOST_FILES", 1024)
        monkeypatch.setattr(shards, "_USUAL_FILES", 8)
        pile(tmp_path / "one" / "pile", 200)
        shutil.copytree(tmp_path / "one", tmp_path / "two")

        def identities(place: str) -> list[str]:
            monkeypatch.chdir(
                tmp_path / place
            )  # Paths of every run are the same, and so is where shards end.
            return [shard.identity for shard in planned(["pile"])]

        before = identities("one")
        assert len(before) > 10
        assert identities("two") == before
        put(Path("pile/00/000a.txt"), "A page that was found later.")
        assert len(set(before) - set(identities("two"))) == 1

    @pytest.mark.parametrize("change", ["content", "time", "name", "wanted", "program"])
    def test_what_changed_makes_another_shard(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        path = put(tmp_path / "a.txt", "A page.")
        before = planned([path])[0].identity
        if change == "content":
            put(path, "Another page.")
        elif change == "time":
            os.utime(path, ns=(0, 1))
        elif change == "name":
            path = path.rename(tmp_path / "b.txt")
        elif change == "program":
            monkeypatch.setattr(shards, "__version__", "0")
        (after,) = planned([path], ShardOptions("jsonl.gz", lines=change == "wanted"))
        assert after.identity != before


def test_a_row_is_the_page_as_it_is_printed_and_the_capture(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "China\n\nA headline\n\nA body that ends.\n")
    (task,) = planned([path], ShardOptions("jsonl.gz", lines=True))
    made = make(task, tmp_path / "out")
    first, row = map(json.loads, lines_of(tmp_path / "out" / made.name))
    page = parse(path.read_text(), source=str(path)).to_json(lines=True)
    assert first == {"protocol_reader_shard": 1, "program": "0.1.0", "parser": PARSER_VERSION}
    assert list(row) == [*page, "text", "encoding", "partial", "hints", "parser"]
    assert {name: row[name] for name in page} == page


class TestMaking:
    def test_a_file_that_changes_or_goes_meanwhile_is_read_again_the_next_time(self, tmp_path: Path) -> None:
        path, gone = put(tmp_path / "a.txt", "A page."), put(tmp_path / "b.txt", "A page.")
        tasks = [planned([one])[0] for one in (path, gone)]
        put(path, "A page that grows.")
        gone.unlink()
        grown, missing = (make(task, tmp_path / "out") for task in tasks)
        assert [problem.kind for problem in missing.problems] == ["missing"]
        assert missing.name == tasks[1].shard_name(problems=True)
        assert planned([path])[0].shard_name() != grown.name

    def test_few_shards_are_planned_ahead(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shards, "_MOST_FILES", 1)
        folder = pile(tmp_path / "pile", 20)
        taken: list[Task] = []

        def tasks() -> Iterator[Task]:
            for task in planned([folder]):
                taken.append(task)
                yield task

        for done, _ in enumerate(make_shards(tasks(), str(tmp_path / "out"), 2), 1):
            assert len(taken) <= done + 16

    def test_a_page_with_too_much_in_it_for_a_row_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables.has_too_many_values, "__defaults__", (1_000,))
        (made,) = made_here([put(tmp_path / "a.txt", "x\n" * 3_000)], tmp_path / "out")
        assert (made.pages, [problem.kind for problem in made.problems]) == (0, ["too large"])


def test_a_form_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.shards.find_spec", lambda name: None)
    check_form("jsonl.gz")
    with pytest.raises(ReaderError, match="needs the extra “parquet”"):
        check_form("parquet")


ODD = (
    Capture(
        "odd/1",
        "China\n\nA headline\n\nA \ud800 body\x00 with\u2028all.",
        "https://protocol.com/a",
        "2022-08-12",
    ),
    Capture("odd/2", "", None, "2022-08-12T10:30:00Z", "cp1252", "longer than 32 MB: the rest was left out"),
    Capture("odd/3", "A headline\nA body.", hints=(LineHint(1, "headline"), LineHint(2, "body"))),
    Capture("odd/4", "Another site.", "https://other.example/a"),
)


@pytest.mark.parametrize("form", FORMS)
def test_every_capture_comes_back_with_its_articles_or_those_of_one_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    samples = map(capture_of, [*sorted(FOLDER.glob("2022*.txt")), FOLDER / "2022-11-tide-gauge.html"])
    problem = Problem("a.txt", "damaged", "it is cut off", partial=True)
    given = [*samples, *ODD]
    monkeypatch.setattr(shards, "read_files", lambda *_: iter([*given, problem]))
    made_here([put(tmp_path / "a.txt", "")], tmp_path / "out", form)
    *found, last = read_captures([str(tmp_path / "out")])
    assert last == problem
    # No form has a place for half of a surrogate pair.
    assert found == [one._replace(text=one.text.replace("\ud800", "?")) for one in given]
    *found, _, skipped = read_captures(SelectedPaths([str(tmp_path / "out")], "protocol.com"))
    own = [one.source for one in given if not one.url or "protocol.com/" in one.url]
    assert [one.source for one in found] == own != []
    assert isinstance(skipped, Problem)


class TestDamage:
    @pytest.fixture
    def lines(self, tmp_path: Path) -> list[bytes]:
        for number in range(4):
            put(tmp_path / "in" / f"{number}.txt", f"China\n\nA headline {number}\n\nA body that ends.\n")
        made_here([tmp_path / "in"], tmp_path / "made")
        (path,) = (tmp_path / "made").glob("0*")
        return lines_of(path)

    def read(self, tmp_path: Path, lines: list[bytes]) -> tuple[list[str], list[Problem]]:
        path = put(tmp_path / "shard.jsonl", b"".join(lines))
        found = list(read_captures([str(path)]))
        names = [Path(item.source).name for item in found if isinstance(item, Capture)]
        return names, [item for item in found if isinstance(item, Problem)]

    def test_a_line_that_was_cut_off_is_a_problem(self, tmp_path: Path, lines: list[bytes]) -> None:
        names = ["0.txt", "1.txt", "2.txt", "3.txt"]
        assert self.read(tmp_path, lines + lines) == (names + names, [])  # Strung together.
        names, (problem,) = self.read(tmp_path, [*lines[:-1], lines[-1][:-40]])
        assert (len(names), problem.kind, problem.partial) == (3, "damaged", True)

    def test_lines_that_are_no_rows_are_counted(self, tmp_path: Path, lines: list[bytes]) -> None:
        too_many = b'{"a": [' + b"1," * 600_000 + b"1]}\n"
        odd = b'{"source": 1, "text": "a", "encoding": ""}\n'
        bad = [b"\xff\xfe\n", b"[1]\n", b"[" * 100_000 + b"\n", odd, b'{"problem": 1}\n', too_many]
        names, problems = self.read(tmp_path, [lines[0], *bad, *lines[1:]])
        assert len(names) == 4
        assert [problem.kind for problem in problems] == ["damaged", "damaged", "too large"]
        assert problems[0].reason.startswith("2 lines (2, 4): not JSON")
        assert problems[1].reason.startswith("3 lines (3, 5, 6): not a row of a shard")

    def test_what_a_row_says_of_its_capture_is_made_safe(self, tmp_path: Path, lines: list[bytes]) -> None:
        change = {
            "source": "\x1b[31ma",
            "url": "javascript:alert(1)",
            "captured": "soon",
            "encoding": "\x07u",
        }
        row = json.dumps(json.loads(lines[1]) | change).encode() + b"\n"
        (found,) = read_captures([str(put(tmp_path / "shard.jsonl", lines[0] + row))])
        assert isinstance(found, Capture)
        assert (found.source, found.url, found.captured, found.encoding) == ("␛[31ma", None, None, "␇u")

    @pytest.mark.parametrize("form", FORMS)
    def test_a_packed_shard_that_was_cut_off_is_a_problem(self, tmp_path: Path, form: str) -> None:
        made_here([pile(tmp_path / "pile", 2)], tmp_path / "made", form)
        (path,) = (tmp_path / "made").glob("0*")
        path.write_bytes(path.read_bytes()[:-40])
        *_, last = read_captures([str(path)])
        assert isinstance(last, Problem)
        assert last.kind == "damaged"
