"""One long file read by several processes: the library is the one that a single process makes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from itertools import repeat
from pathlib import Path

import duckdb
import pytest

from reader.captures import Found, Late, RawPage, Tally, read_found, walk_found
from reader.library import Library, adding, crew, pieces
from reader.library.adding import add_files
from reader.library.crew import Crew
from reader.library.sharing import Walk, chunks, items_of
from reader.model import Problem
from reader.shards import ShardOptions
from tests.crew_stage import faulty
from tests.killing import content
from tests.shard_stage import made_here
from tests.sharing_stage import (
    ARCHIVES,
    LONG_AGO,
    OF_SITES,
    added,
    bad_pages,
    html,
    overloaded,
    plain_crawl,
)
from tests.test_crew import Some


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the archive of that name, last changed long ago."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(ARCHIVES[name]())
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    return write


@pytest.mark.parametrize(
    ("name", "of"), [*((name, None) for name in ARCHIVES), *((name, "protocol.com") for name in OF_SITES)]
)
def test_the_library_is_the_one_of_a_single_process(
    put: Callable[[str], Path], tmp_path: Path, name: str, of: str | None
) -> None:
    path = put(name)
    single = added(tmp_path / "single.db", path, shared=False, of=of)
    shared = added(tmp_path / "shared.db", path, shared=True, of=of)
    assert shared == single
    assert single[0].new > 5
    assert any("attributes" in problem.reason for problem in single[1])


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_shard_comes_to_the_same(put: Callable[[str], Path], tmp_path: Path, form: str) -> None:
    made_here([put("rows.jsonl")], tmp_path / "shards", ShardOptions(form))
    (shard,) = (tmp_path / "shards").iterdir()
    os.utime(shard, (LONG_AGO, LONG_AGO))
    single = added(tmp_path / "single.db", shard, shared=False)
    assert single[0].new > 5
    assert added(tmp_path / "shared.db", shard, shared=True) == single


def test_rows_of_parquet_come_to_the_same(tmp_path: Path) -> None:
    lines, path = tmp_path / "rows.jsonl", tmp_path / "rows.parquet"
    lines.write_text("\n".join(json.dumps({"html": overloaded(n) if n % 2 else html(n)}) for n in range(6)))
    duckdb.sql(f"copy (select * from read_json('{lines}')) to '{path}' (format parquet)")
    os.utime(path, (LONG_AGO, LONG_AGO))
    single = added(tmp_path / "single.db", path, shared=False)
    assert [problem.reason[:18] for problem in single[1]] == ["3 rows (2, 4, 6): "]
    assert added(tmp_path / "shared.db", path, shared=True) == single


def test_a_page_that_ends_its_process_is_named_and_all_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pages.zip"
    path.write_bytes(bad_pages("die"))
    monkeypatch.setattr(crew, "answer_all", faulty)
    with Library.open(tmp_path / "library.db") as library:
        monkeypatch.setattr(pieces, "LONG_BYTES", 1)
        monkeypatch.setattr(adding, "_FEW", 0)
        told: list[Problem] = []
        summary = add_files(library, [str(path)], jobs=2, on_problem=told.append)
        assert (summary.new, summary.captures) == (21, 21)
        (crash, deep) = told
        assert (crash.source, crash.kind) == (f"{path}/die.html", "crash")
        assert "signal 9" in crash.reason
        assert (deep.source, deep.kind) == (f"{path}/y.html", "too large")
        # Not all of it is kept: it is read again the next time.
        assert add_files(library, [str(path)], jobs=2).unchanged == 0


@pytest.mark.parametrize("chunk", [1, 30_000])
def test_a_process_killed_midway_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    path = tmp_path / "pages.zip"
    path.write_bytes(bad_pages("once"))
    os.utime(path, (LONG_AGO, LONG_AGO))
    single = added(tmp_path / "single.db", path, shared=False)
    monkeypatch.setattr(crew, "answer_all", faulty)
    shared = added(tmp_path / "shared.db", path, shared=True, chunk=chunk)
    assert shared == single
    assert (tmp_path / "pages.killed").exists()


def test_what_the_one_that_takes_pages_out_has_given_is_kept_when_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "later.warc"
    path.write_bytes(plain_crawl())
    monkeypatch.setattr(crew, "CHUNK_BYTES", 30_000)
    library = tmp_path / "library.db"
    Library.open(library).close()
    with Crew[Some](2, library, serve=faulty) as some:
        reads = [
            read
            for _, answer in some.read([Some([Found(str(path), explicit=True)], True)])
            for read in answer
        ]
    assert sum(len(read.pages) for read in reads) > 1
    assert [read.more for read in reads] == [*[True] * (len(reads) - 1), False]
    assert [problem.kind for problem in reads[-1].problems] == ["crash"]


def test_work_behind_a_long_file_does_not_hold_it_up(tmp_path: Path) -> None:
    """Its parts wait for the long file's, which need the process that reads it."""
    long, parts = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, first in ((long, 0), (parts, 10**6)):
        lines = (json.dumps({"text": f"China\n\nNumber {first + n}\n\n{'word ' * 2000}"}) for n in range(900))
        path.write_text("\n".join(lines), "utf-8")
    library = tmp_path / "library.db"
    Library.open(library).close()
    work = [
        Some([Found(str(path), explicit=True)], is_long) for path, is_long in ((long, True), (parts, False))
    ]
    with Crew[Some](1, library) as some:
        counts = [0, 0]
        for piece, answer in some.read(work):
            counts[work.index(piece)] += sum(len(read.pages) for read in answer)
    assert counts == [900, 900]


def test_a_shared_file_is_given_up_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(plain_crawl())
    monkeypatch.setattr(crew, "CHUNK_BYTES", 1)
    library = tmp_path / "library.db"
    Library.open(library).close()
    with Crew[Some](2, library) as some:
        next(some.read([Some([Found(str(path), explicit=True)], True)] * 3))
        some.abandon()
    assert not any(worker._process.is_alive() for worker in some._workers)


def test_a_chunk_is_full_after_so_many_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(plain_crawl())
    made = list(chunks(Walk(Found(str(path), explicit=True), 20_000), None))
    sizes = [
        [len(item.data) for item in items_of(chunk.packed) if isinstance(item, RawPage)]
        for chunk in made
        if chunk.packed
    ]
    assert len(sizes) > 3
    assert all(sum(pages[:-1]) < 20_000 for pages in sizes)
    assert [chunk.more for chunk in made] == [*[True] * (len(made) - 1), False]


def test_a_tally_is_the_same_in_whatever_order_pages_turn_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(json.dumps({"html": overloaded(n)}).encode() for n in range(5)) + b"\n{no")
    found = Found(str(path), explicit=True)
    items = list(walk_found(found))
    (tally,) = (item for item in items if isinstance(item, Tally))
    late = []
    for page in reversed(items):
        if isinstance(page, RawPage):
            _, problem = page.read()
            assert page.ticket
            assert problem
            late.append(Late(page.ticket, problem))
    tally.settle(late)
    assert late == []
    told = [item for item in read_found(found) if isinstance(item, Problem)]
    assert list(tally.problems()) == told
    assert [problem.reason[:23] for problem in told] == ["5 lines (1, 2, 3, …): a", "1 line (6): no JSON; le"]


def test_an_addition_broken_off_goes_on_to_the_same_library(
    tmp_path: Path, put: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("nested.zip")
    monkeypatch.setattr(pieces, "LONG_BYTES", 1)
    monkeypatch.setattr(adding, "_FEW", 0)
    monkeypatch.setattr(crew, "CHUNK_BYTES", 30_000)
    kept = []
    for name, stops in (("undisturbed.db", [1 << 60]), ("broken.db", [2, 4, 1 << 60])):
        for most in stops:
            asked = repeat(False, most)
            with Library.open(tmp_path / name) as library:
                summary = add_files(library, [str(path)], jobs=2, stop=partial(next, asked, True))
            assert summary.stopped == (most < 1 << 60)
        kept.append(content(tmp_path / name))
    # One counter is that of the transactions.
    undisturbed, broken = ([*tables.pop("counters")[0][:6]] for tables in kept)
    assert broken == undisturbed
    assert kept[0] == kept[1]
