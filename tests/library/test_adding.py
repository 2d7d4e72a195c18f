"""Adding files to a kept library: what is read, in what batches, the second time, by two at once, and killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import ANY

import pytest

from reader import parse
from reader.captures import PASSED_OVER, SelectedPaths
from reader.library import Library
from reader.library.ingest import engine, reading
from reader.library.ingest.engine import Progress
from reader.library.ingest.writing import Summary
from reader.model import Article, Capture, Page, Problem
from tests.filling import sql
from tests.generated import page_texts
from tests.paths import ROOT


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "data" / "library.db") as library:
        yield library


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A hundred captures in two folders, last changed long ago."""
    folder = tmp_path / "pile"
    for number, text in enumerate(page_texts(400, a_page=4)):
        put(folder / str(number // 50) / f"{number:03}.txt", text)
    return folder


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Nine captures in two folders, so few that they are read in this process."""
    folder = tmp_path / "pile"
    for number, text in enumerate(page_texts(400, a_page=4)[:9]):
        put(folder / str(number // 5) / f"{number:03}.txt", text)
    return folder


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    return path


def truth(folder: Path) -> list[Article]:
    """The articles of all files, read one after the other."""
    return [
        article
        for path in sorted(folder.rglob("*.txt"))
        for article in parse(path.read_text(encoding="utf-8")).articles
    ]


def stored(library: Library) -> list[tuple[str, Article]]:
    """Every version that is kept with its source, in order of arrival."""
    keys = [key for (key,) in sql(library, "SELECT key FROM articles ORDER BY key")]
    return [(one.source, one.article) for one in map(library.article, keys)]


def test_what_is_kept_is_what_the_files_hold_in_their_order(library: Library, pile: Path) -> None:
    summary = library.ingest([str(pile)], jobs=2)
    articles = truth(pile)
    assert [article for _, article in stored(library)] == articles
    assert [source for source, _ in stored(library)] == [
        str(path)
        for path in sorted(pile.rglob("*.txt"))
        for _ in parse(path.read_text(encoding="utf-8")).articles
    ]
    assert (summary.files, summary.captures, summary.new, summary.known) == (100, 100, 100, 0)
    assert summary.articles == len(articles)
    assert summary.truncated == sum(article.truncated is not None for article in articles)
    assert summary.sponsored == sum(article.sponsored is not None for article in articles)
    assert (summary.problems, summary.stopped) == ((), False)


def test_adding_again_changes_nothing_and_reads_no_file(
    library: Library, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.ingest([str(few)])
    before = library.change_stamp(), stored(library)
    monkeypatch.setattr(engine, "WorkerPool", None)
    monkeypatch.setattr(reading, "read_file", None)
    again = library.ingest([str(few)])
    assert again == first._replace(
        unchanged=9, new=0, known=9, new_articles=0, truncated=0, sponsored=0, completed=0
    )
    assert (library.change_stamp(), stored(library)) == before


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_changed_file_is_read_again(library: Library, few: Path, keep_time: bool) -> None:
    library.ingest([str(few)])
    path = few / "1" / "006.txt"
    text = path.read_text(encoding="utf-8").replace("the", "teh", 1)
    if keep_time:
        put(path, text)  # as long as before, and with the time of before
    else:
        path.write_text(text, encoding="utf-8")
    again = library.ingest([str(few)])
    assert (again.unchanged, again.new) == (8, 1)


def test_a_file_changed_a_moment_ago_is_not_taken_for_unchanged(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("China\n\nA headline\n\nA body of one sentence.", encoding="utf-8")
    library.ingest([str(path)])
    again = library.ingest([str(path)])
    assert (again.unchanged, again.known) == (0, 1)


def test_problems_are_named_each_time_and_kept_once(library: Library, few: Path) -> None:
    (few / "0" / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (few / "0" / "notes.json").write_text("{}")
    (few / "1" / "link.txt").symlink_to(few / "0" / "000.txt")
    paths = [str(few), str(few / "missing.txt")]
    for _ in range(2):
        named: list[Problem] = []
        summary = library.ingest(paths, on_problem=named.append)
        kinds = Counter(problem.kind for problem in named if problem.kind != "not a capture")
        assert Counter(dict(summary.problems)) == kinds
        assert summary.skipped == (("JSON without a page", 1),)
        assert sorted(problem.kind for problem in named) == ["binary", "link", "missing", "not a capture"]
        # A path that does not exist is no problem of the library.
        assert (library.totals().problems, library.totals().skipped) == (2, 1)


def test_a_page_the_parser_fails_on_is_a_problem(
    library: Library, pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_stopping_keeps_what_was_finished(
    library: Library, pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BATCH_ARTICLES", 100)
    reports: list[Progress] = []
    summary = library.ingest(
        [str(pile)], on_progress=reports.append, stop=lambda: any(report.kept for report in reports)
    )
    assert summary.stopped
    assert 0 < summary.new == library.totals().captures < 100
    assert [article for _, article in stored(library)] == truth(pile)[: summary.articles]
    rest = library.ingest([str(pile)])
    assert (rest.new, rest.known) == (100 - summary.new, summary.new)
    assert [article for _, article in stored(library)] == truth(pile)


def rows(folder: Path, times: int = 1, **more: str) -> Iterator[str]:
    """The files of a pile as lines of JSON."""
    for number in range(times):
        for path in sorted(folder.rglob("*.txt")):
            yield json.dumps({"text": f"Number {number}\n\n{path.read_text('utf-8')}"} | more) + "\n"


def test_a_long_file_is_the_same_in_one_process_as_by_a_crew(
    library: Library, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = put(tmp_path / "corpus.jsonl", "".join(rows(pile, 2)))
    summary = library.ingest([str(corpus)], jobs=1)
    assert (summary.files, summary.new, summary.problems) == (1, 200, ())
    assert library.ingest([str(corpus)]).unchanged == 1
    monkeypatch.setattr(reading, "PART_BYTES", 10_000)
    with Library.open(tmp_path / "other.db") as other:
        assert other.ingest([str(corpus), "-"]) == summary._replace(files=2, problems=ANY)
        assert stored(other) == stored(library)


@pytest.mark.parametrize("jobs", [None, 1])
def test_a_file_of_which_one_site_was_wanted_is_read_again(
    library: Library, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int | None
) -> None:
    (pile / "more").mkdir()
    ours = put(tmp_path / "ours.jsonl", "".join(rows(pile, url="https://www.protocol.example/a")))
    mixed = put(
        tmp_path / "mixed.jsonl",
        "".join(rows(pile / "0", 2, url="https://other.example/a"))
        + "".join(rows(pile / "1", 2, url="https://protocol.example/b")),
    )
    monkeypatch.setattr(reading, "PART_BYTES", 50_000)
    paths = (
        [str(ours), str(mixed)] if jobs is None else [*map(str, pile.rglob("*.txt")), str(ours), str(mixed)]
    )
    named: list[Problem] = []
    summary = library.ingest(SelectedPaths(paths, "protocol.example"), jobs=jobs, on_problem=named.append)
    assert named == [
        Problem("protocol.example", PASSED_OVER, "100 pages of other sites skipped", partial=True)
    ]
    assert summary.captures == (200 if jobs is None else 300)
    again = library.ingest(paths)
    assert again.unchanged == len(paths) - 1, "of the one that has other pages, these were not read"
    assert again.new == 100 - 50


def test_what_is_passed_over_in_a_file_does_not_have_it_read_again(library: Library, tmp_path: Path) -> None:
    text = page_texts(8)[0]
    path = put(
        tmp_path / "corpus.jsonl", json.dumps({"text": text}) + '\n{"url": "https://protocol.example/"}\n'
    )
    summary = library.ingest([str(path)])
    assert (summary.problems, [count for _, count in summary.skipped]) == ((), [1])
    assert library.ingest([str(path)]).unchanged == 1


def test_standard_input_is_read_in_this_process(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "reader", "add", "-", "--json", "--library", str(tmp_path / "library.db")]
    text = page_texts(8)[0]
    done = subprocess.run(words, input=text.encode(), capture_output=True, check=True)
    assert json.loads(done.stdout)["new"] == 1


def test_two_additions_at_once_both_succeed(tmp_path: Path, pile: Path) -> None:
    path = tmp_path / "library.db"
    words = [sys.executable, "-m", "reader", "add", "--json", "--library", str(path)]
    both = [
        subprocess.Popen([*words, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for folder in (pile / "0", pile)
    ]
    outputs = [process.communicate() for process in both]
    assert [(process.returncode, error) for process, (_, error) in zip(both, outputs, strict=True)] == [
        (0, b"")
    ] * 2
    summaries = [json.loads(out) for out, _ in outputs]
    assert sum(summary["new"] for summary in summaries) == 100
    with Library.open(path) as library:
        assert library.totals().captures == 100
        assert sorted(article.id for _, article in stored(library)) == sorted(
            article.id for article in truth(pile)
        )


def test_an_empty_folder(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert library.ingest([str(tmp_path / "empty")]) == Summary(problems=(("empty folder", 1),))


def test_captures_are_kept_with_paths_that_mean_the_same_from_any_folder(
    library: Library, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(few.parent)
    library.ingest([few.name, f"./{few.name}/../{few.name}"])
    library.ingest([""])  # is no folder, least of all this one
    names = {str(path) for path in few.rglob("*.txt")}
    assert {source for (source,) in sql(library, "SELECT source FROM captures")} == names
    assert names
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert [len(found) for _, found in library.captures_from([few.name, str(few)])] == [0, len(names)]


@pytest.fixture
def view() -> Iterator[Library]:
    """What the app reads paths into."""
    with Library.temporary() as library:
        yield library


def test_what_is_read_for_the_screen_is_written_as_it_comes(
    view: Library, pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_SCREEN_SECONDS", 0.0)
    reports: list[Progress] = []
    view.ingest([str(pile)], on_progress=reports.append)
    kept = [report.kept for report in reports]
    assert len(set(kept)) > 4
    assert kept[-1] == 100
    assert all(report.captures >= report.kept for report in reports)


def test_a_view_keeps_the_paths_as_they_were_typed(
    view: Library, pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pile.parent)
    view.ingest([f"{pile.name}/0"])
    assert view.article(1).source == f"{pile.name}/0/000.txt"


def test_a_kill_loses_no_finished_batch_and_leaves_none_half_done(thorough: bool) -> None:
    kills = 150 if thorough else 6
    done = subprocess.run(
        [sys.executable, "-m", "tests.library.killing", str(kills), "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # A worker whose parent is killed while it starts may complain on stderr.
    outcome = json.loads(done.stdout)
    assert outcome["faults"] == [], done.stderr
    assert outcome["kills"] >= kills
