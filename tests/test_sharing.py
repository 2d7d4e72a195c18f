"""One long file read by several processes: the library is the one that a single process makes of it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from functools import cache, partial
from itertools import repeat
from pathlib import Path

import pytest

from reader.captures import Found, Late, PathsOfSite, RawPage, Tally, read_found, walk_found
from reader.captures.html_text import MAX_DEPTH
from reader.library import Library, adding, crew, pieces
from reader.library.adding import Summary, add_files
from reader.library.crew import Crew
from reader.library.sharing import Walk, chunks, items_of
from reader.model import Problem
from tests.archives import http, packed, record, tarred, zipped
from tests.crew_stage import faulty
from tests.generated import pages
from tests.killing import content
from tests.test_crew import Some

HTML = "text/html; charset=utf-8"
LONG_AGO = 1_600_000_000
DEEP = "".join(f"<div class=kicker><section>{n}" for n in range(MAX_DEPTH + 5))


@cache
def html(number: int) -> str:
    """A page with a number of its own."""
    ((capture, _),) = pages(8, seed=number + 1)
    lines = "".join(f"<div><p>{line}</p></div>\n" for line in capture.text.split("\n") if line)
    return f"<!doctype html><html><head><title>{number}</title></head><body>{lines}</body></html>"


def too_deep(number: int) -> str:
    """A page of which that much is known once it is read."""
    return html(number).replace("</body>", DEEP)


def site(number: int) -> str:
    """Where the page is from: every fifth is of another site."""
    return f"https://www.{'example' if number % 5 == 4 else 'protocol'}.com/{number}"


def crawl(start: int, count: int = 12) -> list[bytes]:
    """Records: pages, a picture, text, a page of which there is no more, two whose markup is too deep, a request."""
    made = [record(http(html(number), HTML), url=site(number)) for number in range(start, start + count)]
    made[2:2] = [record(http(b"\x89PNG\0\0", "image/png")), record("GET / HTTP/1.1\r\n\r\n", kind="request")]
    made[5:5] = [record(http(too_deep(start + 50), HTML)), record(http("China\n\nIn text\n\nA body.\n"))]
    made[8:8] = [record(http("none", HTML, status="404 Not Found")), record(http(b"\0\0binary"))]
    made += [record(http(too_deep(start + 51), HTML)), record(http(html(start), HTML))]
    return made


def plain_crawl() -> bytes:
    return b"".join(crawl(0))


def damaged_crawl() -> bytes:
    """One length lies, and one record is spoilt where it is packed."""
    records = crawl(100)
    records[4] = record(http(html(104), HTML), length=40)
    members = [bytearray(packed([one])) for one in records]
    members[9][len(members[9]) // 2] ^= 0xFF
    return b"".join(members)


def rows() -> bytes:
    lines = [json.dumps({"html": html(n), "url": site(n), "date": "2022-03-01"}) for n in range(200, 208)]
    lines[2:2] = ["{no JSON", json.dumps({"html": too_deep(250)}), json.dumps({"other": 1})]
    return "\n".join([*lines, json.dumps({"text": "China\n\nIn a row\n\nA body.\n"})]).encode()


def nested() -> bytes:
    """An archive of archives and of files, two of them damaged."""
    page = html(303).encode()
    spoilt = bytearray(gzip.compress(html(304).encode() * 3))
    spoilt[len(spoilt) // 2] ^= 0xFF
    return zipped(
        {
            "a.warc.gz": packed(crawl(310, 4)),
            "b.html": page,
            "c.html": (too_deep(305)).encode(),
            "d.html.gz": bytes(spoilt),
            "e.png": b"\x89PNG\0\0",
            "f.tar.gz": gzip.compress(tarred({"x/1.html": html(306).encode(), "x/2.jsonl": rows()})),
            "g.txt": b"China\n\nIn a file\n\nA body.\n",
            "notes.json": b"{}",
        }
    )


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "plain.warc": plain_crawl,
    "damaged.warc.gz": damaged_crawl,
    "cut.warc.gz": lambda: packed(crawl(400))[:-300],
    "rows.jsonl": rows,
    "nested.zip": nested,
}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the archive of that name, last changed long ago."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(ARCHIVES[name]())
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    return write


def added(
    library: Path, path: Path, *, shared: bool, of: str | None = None
) -> tuple[Summary, list[Problem], object]:
    """What adding a file said, and all tables of the library then."""
    with pytest.MonkeyPatch.context() as patch, Library.open(library) as opened:
        patch.setattr(pieces, "LONG_BYTES", 1 if shared else 1 << 60)
        patch.setattr(adding, "_FEW", 0)
        patch.setattr(crew, "CHUNK_BYTES", 30_000)
        told: list[Problem] = []
        paths = [str(path)] if of is None else PathsOfSite([str(path)], of)
        summary = add_files(opened, paths, jobs=2, on_problem=told.append)
        tables = opened.database.all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        )
        rows = {
            str(name): sorted(map(tuple, opened.database.all(f'SELECT * FROM "{name}"')), key=repr)
            for (name,) in tables
        }
        return summary, told, rows


@pytest.mark.parametrize("of", [None, "protocol.com"])
@pytest.mark.parametrize("name", ARCHIVES)
def test_the_library_is_the_one_of_a_single_process(
    put: Callable[[str], Path], tmp_path: Path, name: str, of: str | None
) -> None:
    path = put(name)
    single = added(tmp_path / "single.db", path, shared=False, of=of)
    shared = added(tmp_path / "shared.db", path, shared=True, of=of)
    assert shared == single
    assert single[0].new > 5
    assert any("nested deeper" in problem.reason for problem in single[1])


def bad_pages(name: str) -> bytes:
    """A zip in which a page so named ends whoever reads it."""
    pages = {f"{number:02}.html": html(number).encode() for number in range(20)}
    return zipped({**pages, f"{name}.html": html(30).encode(), "y.html": too_deep(31).encode()})


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


def test_a_process_killed_midway_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pages.zip"
    path.write_bytes(bad_pages("once"))
    os.utime(path, (LONG_AGO, LONG_AGO))
    single = added(tmp_path / "single.db", path, shared=False)
    monkeypatch.setattr(crew, "answer_all", faulty)
    shared = added(tmp_path / "shared.db", path, shared=True)
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
    path.write_bytes(b"\n".join(json.dumps({"html": too_deep(n)}).encode() for n in range(5)) + b"\n{no")
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
    assert [problem.reason[:23] for problem in told] == ["5 lines (1, 2, 3, …): n", "1 line (6): no JSON; le"]


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
