"""Processes that read: their answers in order, and what becomes of files that end or hold up one."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from reader.captures import Found
from reader.library import Library
from reader.library.crew import Crew
from reader.library.reading import PART_BYTES
from tests.crew_stage import faulty
from tests.generated import pages


class Some(NamedTuple):
    """A piece of work."""

    files: list[Found]
    is_long: bool = False


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    Library.open(path).close()
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Found]:
    made = []
    for number, (capture, _) in enumerate(pages(120)):
        path = tmp_path / f"{number:02}.txt"
        path.write_text(capture.text, encoding="utf-8")
        made.append(Found(str(path), explicit=True))
    return made


def in_pieces(files: list[Found], size: int) -> list[Some]:
    return [Some(files[start : start + size]) for start in range(0, len(files), size)]


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_answers_come_in_the_order_of_the_work(library: Path, files: list[Found]) -> None:
    with Crew[Some](2, library) as crew:
        answers = list(crew.read(in_pieces(files, 2)))
    assert [piece for piece, _ in answers] == in_pieces(files, 2)
    sources = [page.columns[0] for _, answer in answers for read in answer for page in read.pages]
    assert sources == [file.path for file in files]


def test_few_pieces_are_held_at_any_time(library: Path, files: list[Found]) -> None:
    taken = 0

    def work() -> Iterator[Some]:
        nonlocal taken
        for piece in in_pieces(files * 4, 1):
            taken += 1
            yield piece

    with Crew[Some](1, library) as crew:
        for done, _ in enumerate(crew.read(work()), 1):
            assert taken <= done + 1 + 16


@pytest.mark.parametrize(("name", "says"), [("die.txt", "signal 9"), ("leave.txt", "status 7")])
def test_a_file_that_ends_its_process_is_named_and_the_others_are_read(
    library: Path, files: list[Found], tmp_path: Path, name: str, says: str
) -> None:
    bad = Found(str(tmp_path / name), explicit=True)
    files.insert(5, bad)
    with Crew[Some](2, library, serve=faulty) as crew:
        answers = [read for _, answer in crew.read(in_pieces(files, 4)) for read in answer]
    assert [len(read.pages) for read in answers] == [0 if file is bad else 1 for file in files]
    (problem,) = answers[5].problems
    assert (problem.source, problem.kind) == (bad.path, "crash")
    assert says in problem.reason


def test_a_file_that_holds_its_process_up_is_named(library: Path, files: list[Found], tmp_path: Path) -> None:
    files.insert(1, Found(str(tmp_path / "hang.txt"), explicit=True))
    with Crew[Some](1, library, serve=faulty, patience=3.0) as crew:
        answers = [read for _, answer in crew.read([Some(files[:3])]) for read in answer]
    assert [len(read.pages) for read in answers] == [1, 0, 1]
    assert "seconds" in answers[1].problems[0].reason


def corpus(path: Path, size: int) -> Found:
    """A file of many pages, so many bytes long or a little longer."""
    (text, *_) = (capture.text for capture, _ in pages(8))
    with path.open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < size:
            number += 1
            file.write(json.dumps({"text": f"Number {number}\n\n{text}"}) + "\n")
    return Found(str(path), explicit=True)


def test_a_long_file_comes_in_parts(library: Path, files: list[Found], tmp_path: Path) -> None:
    long = corpus(tmp_path / "corpus.jsonl", 8 * PART_BYTES)
    piece = Some([*files[:2], long, files[2]])
    with Crew[Some](1, library) as crew:
        answers = list(crew.read([piece, Some(files[3:4])]))
    *first, (last, _) = answers
    assert last.files == files[3:4]
    assert {id(of) for of, _ in first} == {id(piece)}
    reads = [read for _, answer in first for read in answer]
    assert len(reads) > 8
    assert [read.more for read in reads] == [False, False, *[True] * (len(reads) - 4), False, False]
    sources = [page.columns[0] for read in reads for page in read.pages]
    count = len(Path(long.path).read_text("utf-8").splitlines())
    assert sources == [
        *(file.path for file in files[:2]),
        *(f"{long.path}:{number}" for number in range(1, count + 1)),
        files[2].path,
    ]
    assert all(read.size < 1.2 * PART_BYTES for read in reads)


def test_no_process_reads_far_ahead_in_a_long_file(library: Path, tmp_path: Path) -> None:
    long = corpus(tmp_path / "corpus.jsonl", 12 * PART_BYTES)
    with Crew[Some](1, library) as crew:
        for _ in crew.read([Some([long])]):
            assert all(len(answers._waiting) <= 4 for answers in crew._answers)
            time.sleep(0.2)


def test_it_ends_while_a_long_file_is_read(library: Path, tmp_path: Path) -> None:
    long = corpus(tmp_path / "corpus.jsonl", 12 * PART_BYTES)
    with Crew[Some](2, library) as crew:
        next(crew.read([Some([long]), Some([long])]))
        crew.abandon()


def test_a_file_that_ends_its_process_in_its_midst_is_kept_up_to_there(
    library: Path, files: list[Found], tmp_path: Path
) -> None:
    long = corpus(tmp_path / "later.jsonl", 3 * PART_BYTES)
    with Crew[Some](1, library, serve=faulty) as crew:
        answers = list(crew.read([Some([files[0], long, *files[1:3]])]))
    first, part, rest, *others = [read for _, answer in answers for read in answer]
    assert (len(first.pages), first.more, part.more) == (1, False, True)
    assert len(part.pages) > 10
    assert [problem.kind for problem in rest.problems] == ["crash"]
    assert (rest.pages, rest.more) == ((), False)
    assert [read.pages[0].columns[0] for read in others] == [file.path for file in files[1:3]]


def test_no_process_outlives_the_crew(library: Path, files: list[Found], tmp_path: Path) -> None:
    processes: list[int] = []
    work = [*in_pieces(files, 1), Some([Found(str(tmp_path / "hang.txt"), explicit=True)])]
    with suppress(KeyError), Crew[Some](2, library, serve=faulty) as crew:
        for _ in crew.read(work):
            processes = [worker._process.pid or 0 for worker in crew._workers]
            if len(processes) == 2:
                raise KeyError
    assert len(processes) == 2
    deadline = time.monotonic() + 30
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, processes))
