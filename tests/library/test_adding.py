"""Adds files to a library: at first, again, stopped, killed, and by two programs at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from random import Random
from unittest.mock import ANY

import pytest

from reader import parse
from reader.captures import PASSED_OVER, SelectedPaths
from reader.library import Library
from reader.library.ingest import engine, reading
from reader.library.ingest.writing import Summary
from reader.library.repair import check
from reader.model import Article, Capture, Page, Problem
from tests.captures.archives import http, record
from tests.filling import content, sql
from tests.generated import page_texts
from tests.paths import put
from tests.waiting import wait_until

PILE = 48
"""Captures in the pile of a test."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "data" / "library.db") as library:
        yield library


def make_pile(folder: Path, captures: int) -> Path:
    """Write captures into two folders."""
    for number, text in enumerate(page_texts(400, a_page=4)[:captures]):
        put(folder / str(number * 2 // captures) / f"{number:03}.txt", text)
    return folder


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    return make_pile(tmp_path / "pile", PILE)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """So few captures that this process reads them."""
    return make_pile(tmp_path / "pile", 10)


def truth(folder: Path) -> list[Article]:
    """Return the articles of all files in their order."""
    return [
        article
        for path in sorted(folder.rglob("*.txt"))
        for article in parse(path.read_text(encoding="utf-8")).articles
    ]


def stored(library: Library) -> list[tuple[str, Article]]:
    """Return all versions with their sources, in order of arrival."""
    keys = [key for (key,) in sql(library, "SELECT key FROM articles ORDER BY key")]
    return [(version.source, version.article) for version in map(library.article, keys)]


def test_the_library_has_the_articles_of_the_files_in_their_order(library: Library, pile: Path) -> None:
    summary = library.ingest([str(pile)], jobs=2)
    articles = truth(pile)
    assert [article for _, article in stored(library)] == articles
    assert [source for source, _ in stored(library)] == [
        str(path)
        for path in sorted(pile.rglob("*.txt"))
        for _ in parse(path.read_text(encoding="utf-8")).articles
    ]
    assert (summary.files, summary.captures, summary.new, summary.known) == (PILE, PILE, PILE, 0)
    assert summary.articles == len(articles)
    assert summary.truncated == sum(article.truncated is not None for article in articles)
    assert summary.sponsored == sum(article.sponsored is not None for article in articles)
    assert (summary.problems, summary.stopped) == ((), False)


def test_adding_again_changes_nothing_and_reads_no_file(
    library: Library, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.ingest([str(few)])
    before = library.stamps(), stored(library)
    monkeypatch.setattr(engine, "WorkerPool", None)
    monkeypatch.setattr(reading, "read_file", None)
    again = library.ingest([str(few)])
    assert again == first._replace(
        unchanged=10, new=0, known=10, new_articles=0, truncated=0, sponsored=0, completed=0
    )
    assert (library.stamps(), stored(library)) == before


COPY = {"url": "https://www.protocol.com/a-story", "date": "2022-05-03T10:00:00Z"}


@pytest.mark.parametrize("at_once", [False, True])
def test_a_copy_gives_a_capture_the_address_and_time_that_it_lacks(
    library: Library, tmp_path: Path, at_once: bool
) -> None:
    text = "China\n\nA headline\n\nA body of one sentence."
    paths = [str(put(tmp_path / "a.txt", text))]
    for number, more in enumerate([COPY, {"url": "https://www.protocol.com/another", "date": "2023-01-02"}]):
        paths.append(str(put(tmp_path / f"{number}.jsonl", json.dumps({"text": text, **more}))))
    summaries = [library.ingest(one) for one in ([paths] if at_once else [[path] for path in paths])]
    assert [summary.supplemented for summary in summaries] == ([1] if at_once else [0, 1, 0])
    assert sql(library, "SELECT url, captured FROM v_articles") == [tuple(COPY.values())]
    assert sql(library, "SELECT seen FROM articles") == [("2022-05-03",)]


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_changed_file_is_read_again(library: Library, few: Path, keep_time: bool) -> None:
    library.ingest([str(few)])
    path = few / "1" / "006.txt"
    text = path.read_text(encoding="utf-8").replace("the", "teh", 1)
    if keep_time:
        put(path, text)  # with the same size and time
    else:
        path.write_text(text, encoding="utf-8")
    again = library.ingest([str(few)])
    assert (again.unchanged, again.new, again.changed) == (9, 1, 1)
    # A file that was written a moment ago may change within the same tick of the clock.
    assert library.ingest([str(few)]).unchanged == (10 if keep_time else 9)


def test_problems_are_reported_each_time_and_stored_once(library: Library, few: Path) -> None:
    (few / "0" / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (few / "0" / "notes.json").write_text("{}")
    (few / "1" / "link.txt").symlink_to(few / "0" / "000.txt")
    paths = [str(few), str(few / "missing.txt")]
    for _ in range(2):
        named: list[Problem] = []
        summary = library.ingest(paths, on_problem=named.append)
        kinds = Counter(problem.kind for problem in named if problem.kind != "not a capture")
        assert Counter(dict(summary.problems)) == kinds
        reasons = ["JSON without a page", "links inside folders are not followed"]
        assert sorted(summary.skipped) == [(reason, 1) for reason in reasons]
        assert sorted(kinds) == ["binary", "missing"]
        # A path that does not exist is no problem of the library.
        assert (library.totals().problems, library.totals().skipped) == (1, 2)
    (empty := few.parent / "empty").mkdir()
    assert library.ingest([str(empty)]) == Summary(problems=(("empty folder", 1),))
    assert library.totals().problems == 1


def test_a_parser_failure_is_a_problem(library: Library, pile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_or_fail(capture: Capture) -> Page:
        if capture.source.endswith("003.txt"):
            raise RecursionError("too deep\x1b[2J")
        return parse(capture.text, source=capture.source)

    monkeypatch.setattr(reading, "parse_capture", parse_or_fail)
    named: list[Problem] = []
    paths = sorted(map(str, (pile / "0").iterdir()))[:6]
    summary = library.ingest(paths, on_problem=named.append)
    assert (summary.new, summary.problems) == (5, (("parser", 1),))
    assert "RecursionError" in named[0].reason
    assert "\x1b" not in named[0].reason


def test_stopping_keeps_what_was_read(library: Library, pile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Summary] = []
    monkeypatch.setattr(engine, "BATCH_ARTICLES", 30)
    monkeypatch.setattr(reading, "PART_BYTES", 10_000)
    summary = library.ingest(
        [str(pile)], on_progress=reports.append, stop=lambda: any(report.new for report in reports)
    )
    assert summary.stopped
    assert 0 < summary.new == library.totals().captures < PILE
    assert [article for _, article in stored(library)] == truth(pile)[: summary.articles]
    rest = library.ingest([str(pile)])
    assert (rest.new, rest.known) == (PILE - summary.new, summary.new)
    assert [article for _, article in stored(library)] == truth(pile)


def rows(folder: Path, times: int = 1, **more: str) -> Iterator[str]:
    """Yield the files of a pile as lines of JSON."""
    for number in range(times):
        for path in sorted(folder.rglob("*.txt")):
            yield json.dumps({"text": f"Number {number}\n\n{path.read_text('utf-8')}"} | more) + "\n"


def test_a_long_file_gives_the_same_in_this_process_as_in_a_worker(
    library: Library, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = put(tmp_path / "corpus.jsonl", "".join(rows(pile, 2)))
    summary = library.ingest([str(corpus)], jobs=1)
    assert (summary.files, summary.new, summary.problems) == (1, 2 * PILE, ())
    assert library.ingest([str(corpus)]).unchanged == 1
    monkeypatch.setattr(reading, "PART_BYTES", 10_000)
    with Library.open(tmp_path / "other.db") as other:
        assert other.ingest([str(corpus), "-"]) == summary._replace(files=2, problems=ANY)
        assert stored(other) == stored(library)


def test_a_file_with_pages_of_other_sites_is_read_again(
    library: Library, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = put(tmp_path / "ours.jsonl", "".join(rows(pile, url="https://www.protocol.example/a")))
    mixed = put(
        tmp_path / "mixed.jsonl",
        "".join(rows(pile / "0", 2, url="https://other.example/a"))
        + "".join(rows(pile / "1", 2, url="https://protocol.example/b")),
    )
    monkeypatch.setattr(reading, "PART_BYTES", 25_000)
    paths = [*map(str, pile.rglob("*.txt")), str(ours), str(mixed)]
    named: list[Problem] = []
    summary = library.ingest(SelectedPaths(paths, "protocol.example"), jobs=1, on_problem=named.append)
    assert named == [
        Problem("--site protocol.example", PASSED_OVER, f"{PILE} pages of other sites skipped", partial=True)
    ]
    assert summary.captures == 3 * PILE
    again = library.ingest(paths)
    assert again.unchanged == len(paths) - 1, "the file with other pages is read again"
    assert again.new == PILE // 2


def test_captures_that_are_added_from_another_place_take_it_once_the_first_is_gone(
    library: Library, pile: Path
) -> None:
    def folders() -> set[tuple[object, ...]]:
        return set(sql(library, f"SELECT substr(source, 1, {len(str(pile)) + 2}) FROM captures"))

    library.ingest([str(pile / "0")])
    shutil.copytree(pile / "0", pile / "2")
    library.ingest([str(pile / "2")])
    assert folders() == {(str(pile / "0"),)}
    shutil.rmtree(pile / "0")
    (pile / "2").rename(pile / "3")
    assert library.ingest([str(pile / "3")]).new == 0
    assert folders() == {(str(pile / "3"),)}
    assert list(check(library.path)) == []


def test_a_whole_capture_replaces_that_of_a_file_that_was_cut_off(library: Library, tmp_path: Path) -> None:
    data = record(http(page_texts(3)[0]), url="https://www.protocol.com/a")
    path = tmp_path / "crawl.warc"
    path.write_bytes(data[:-300])
    assert library.ingest([str(path)]).partial == 1
    for row in library.listing().rows(0, 9):
        library.state.set_starred(row.key, True)
    path.write_bytes(data)
    again = library.ingest([str(path)])
    assert (again.new, again.partial) == (1, 0)
    assert again.changed == 0, "no earlier text is kept"
    assert sql(library, "SELECT partial FROM captures") == [(None,)]
    with Library.open(tmp_path / "whole.db") as other:
        other.ingest([str(path)])
        assert library.totals()._replace(starred=0) == other.totals()
    assert library.totals().starred == 3
    assert list(check(library.path)) == []
    path.write_bytes(record(http(page_texts(6)[0]), url="https://www.protocol.com/a")[:-300])
    library.ingest([str(path)])
    path.write_bytes(record(http("Another text."), url="https://www.protocol.com/a"))
    library.ingest([str(path)])
    assert library.totals().captures == 3, "a cut capture stays if the file has another text now"


def test_standard_input_is_read_each_time_in_this_process(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "-", "An old file of this name.")
    for text in page_texts(16)[:2]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))
        assert library.ingest(["-"]).new == 1


def test_two_additions_at_once_both_succeed(tmp_path: Path, pile: Path) -> None:
    path = tmp_path / "library.db"
    words = [sys.executable, "-m", "reader", "add", "--json", "--library", str(path)]
    both = [
        subprocess.Popen([*words, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for folder in (pile / "0", pile)
    ]
    outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    messages = [line for _, error in outputs for line in error.splitlines()]
    assert all(line.endswith(b"made a new library") for line in messages)
    summaries = [json.loads(out) for out, _ in outputs]
    assert sum(summary["new"] for summary in summaries) == PILE
    with Library.open(path) as library:
        assert library.totals().captures == PILE
        assert sorted(article.id for _, article in stored(library)) == sorted(
            article.id for article in truth(pile)
        )


def test_sources_are_absolute_paths(
    library: Library, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(few.parent)
    library.ingest([few.name, f"./{few.name}/../{few.name}"])
    library.ingest([""])  # not the current folder
    names = {str(path) for path in few.rglob("*.txt")}
    assert {source for (source,) in sql(library, "SELECT source FROM captures")} == names
    assert names
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert [len(found) for found in library.captures_from([few.name, str(few)]).values()] == [0, len(names)]


SMALL_BATCHES = (
    "import sys; from reader.cli import main; from reader.library.ingest import engine, reading\n"
    "engine.BATCH_ARTICLES, reading.PART_BYTES = 12, 1\n"
    "sys.exit(main(['add', '--jobs', '1', '--library', *sys.argv[1:]]))"
)


def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(
    library: Library, pile: Path, tmp_path: Path, thorough: bool
) -> None:
    corpus = put(tmp_path / "corpus.jsonl", "".join(rows(pile)))
    library.ingest([str(corpus)])
    path, random = tmp_path / "killed.db", Random(5)
    kept = 0
    with Library.open(path) as killed:
        for _ in range(12 if thorough else 2):
            adding = subprocess.Popen([sys.executable, "-c", SMALL_BATCHES, str(path), str(corpus)])
            enough = min(kept + random.randint(1, 8), PILE)
            wait_until(lambda: killed.totals().captures >= enough)  # noqa: B023 (it is called at once)
            adding.kill()
            adding.wait()
            assert list(check(path)) == []
            sources = [
                source for (source,) in sql(killed, "SELECT source FROM captures ORDER BY capture_key")
            ]
            assert sources == [f"{corpus}:{number}" for number in range(1, len(sources) + 1)]
            assert len(sources) >= enough
            kept = len(sources)
        # The file counts as known only if all of it was kept.
        assert killed.ingest([str(corpus)]).unchanged <= kept // PILE
        steps = "files", "counters"  # These depend on how many steps it took.
        assert content(killed, *steps) == content(library, *steps)
