"""The command `fetch` against a fake of Common Crawl, alone and beside one of the Wayback Machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.archives import fetching
from reader.cli import main
from reader.library import Library
from tests.archives.fake_archive import FakeArchive, Held, answering, refusing, serving
from tests.archives.fake_commoncrawl import FakeCommonCrawl, crawls_asked
from tests.archives.test_fetch import Stage as FetchStage
from tests.archives.test_fetch import page

SITE = "https://www.protocol.com"
HELD = [
    Held("20190120000000", f"{SITE}/china/before-the-site", page("another owner")),
    Held("20210120000000", f"{SITE}/china/one", page("one, early")),
    Held("20221201000000", f"{SITE}/china/one", page("one")),
    Held("20221202000000", f"{SITE}/china/two", page("two")),
    Held("20221203000000", f"{SITE}/china/three", page("three")),
    Held("20221203000000", f"{SITE}/fintech/four", page("four")),
    Held("20221204000000", f"{SITE}/china/feed", b"<rss/>", mime="application/xml"),
    Held("20240301000000", f"{SITE}/china/one", page("parked")),
]


class Stage(FetchStage):
    def __init__(
        self, crawl: FakeCommonCrawl, wayback: FakeArchive, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        super().__init__(wayback, folder, capsys)
        self.crawl = crawl
        self.wayback = wayback


@pytest.fixture
def stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    held = [Held("20220801000000", f"{SITE}/china/one", page("one of the other archive"))]
    with serving(FakeCommonCrawl(HELD)) as crawl, serving(FakeArchive(held)) as wayback:
        assert isinstance(crawl, FakeCommonCrawl)
        monkeypatch.setattr(fetching, "INDEX", crawl.address)
        monkeypatch.setattr(fetching, "DATA", crawl.address)
        yield Stage(crawl, wayback, tmp_path / "kept", capsys)


CHINA = ("protocol.com/china/*",)
ONLY_CRAWL = (*CHINA, "--from", "commoncrawl")


def test_captures_come_from_ranges_of_its_files(stage: Stage) -> None:
    assert stage.fetch(*ONLY_CRAWL) == 0
    assert stage.wayback.asked == []
    assert "4 captures of 3 pages" in stage.err
    assert sorted(stage.kept) == ["one", "three", "two"]
    # Each request asked for one record, and the kept one says where it comes from.
    assert len(stage.crawl.ranges) == 3
    row = next(row for row in stage.crawl.rows["CC-MAIN-2022-49"] if row["url"].endswith("/two"))
    span = f"bytes={row['offset']}-{int(row['offset']) + int(row['length']) - 1}"
    assert span in stage.crawl.ranges
    source = f"WARC-Source-URI: {stage.crawl.address}/{row['filename']}#{span}\r\n"
    assert source.encode() in stage.data


@pytest.mark.parametrize(
    ("dates", "crawls"),
    [
        ((), ["CC-MAIN-2022-49", "CC-MAIN-2021-04"]),  # The years of the site.
        (("--since", "2022-12"), ["CC-MAIN-2024-10", "CC-MAIN-2022-49"]),
        (("--since", "2021-01-20", "--until", "2021"), ["CC-MAIN-2021-04"]),
        (("--until", "2021-01-10"), ["CC-MAIN-2019-04"]),
    ],
)
def test_only_the_crawls_of_the_dates_are_asked(
    stage: Stage, dates: tuple[str, ...], crawls: list[str]
) -> None:
    stage.fetch(*ONLY_CRAWL, "--list", *dates)
    assert crawls_asked(stage.crawl.asked) == crawls


def test_a_file_has_the_captures_of_one_archive_and_only_the_wayback_machines_are_cited_from_there(
    stage: Stage, tmp_path: Path
) -> None:
    library, output = tmp_path / "library.db", tmp_path / "cited.csl.json"
    add = ("--library", str(library))
    stage.wayback.held.append(Held("20220802000000", f"{SITE}/fintech/five", page("five")))
    assert stage.fetch("protocol.com/china/one", *add, "--from", "commoncrawl") == 0
    assert stage.fetch("protocol.com/fintech/*", *add, "--from", "commoncrawl,wayback") == 0
    assert stage.fetch("protocol.com/china/two", *add, "--from", "wayback,commoncrawl") == 0
    assert [file.name for file in sorted(stage.folder.iterdir())] == [
        "commoncrawl-00001.warc.gz",
        "commoncrawl-00002.warc.gz",
        "commoncrawl-00004.warc.gz",
        "wayback-00003.warc.gz",
    ]
    assert main(["export", *add, "--output", str(output)]) == 0
    cited = {item["title"]: item.get("archive") for item in json.loads(output.read_text())}
    assert cited == {"one": None, "two": None, "four": None, "five": "Internet Archive"}


def test_the_best_of_both_archives_is_fetched_or_that_of_one_where_the_other_fails(
    stage: Stage, tmp_path: Path
) -> None:
    library = tmp_path / "library.db"
    both = ("protocol.com/china/one", "--from", "wayback,commoncrawl", "--library", str(library))
    assert stage.fetch(*both) == 0
    assert stage.kept == ["one"]  # Later than that of the other archive.
    with Library.open(library) as kept:
        (row,) = kept.listing().rows(0, 1)
        stored = kept.article(row.key)
    assert stored.article.headline == "one"
    assert (stored.url, stored.captured) == (f"{SITE}/china/one", "2022-12-01T00:00:00Z")
    stage.crawl.tricks.extend([answering(b"<html>Welcome</html>")] * 2)
    assert stage.fetch(*both) == 0
    assert "does not list its crawls" in stage.err
    assert stage.kept == ["one", "one of the other archive"]
    stage.crawl.tricks.extend([refusing(403)])
    assert stage.fetch(*ONLY_CRAWL) == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering(b"", 404), "does not serve it (404)"),
        (answering(b"all of it", 200), "answered with status 200 instead of the capture"),
        (answering(b"too short", 206), "answered with status 206 instead of the capture"),
    ],
)
def test_a_capture_that_cannot_be_had_is_named(stage: Stage, answer: object, reason: str) -> None:
    # The list of crawls, then the number of pages and a page of two, before the first capture.
    stage.crawl.tricks.extend([None] * 5)
    stage.crawl.tricks.append(answer)  # type: ignore[arg-type]
    assert stage.fetch("protocol.com/china/one", "--from", "commoncrawl") == 3
    assert reason in stage.err


def test_a_record_of_another_page_or_a_damaged_one_is_not_kept(stage: Stage) -> None:
    rows = stage.crawl.rows["CC-MAIN-2022-49"]
    one, two, three = (
        next(row for row in rows if row["url"].endswith(name)) for name in ("/one", "/two", "/three")
    )
    one["offset"], one["length"] = two["offset"], two["length"]
    three["offset"] = str(int(three["offset"]) - 1)
    two["filename"] = "crawl-data/../secret.warc.gz"
    assert stage.fetch(*ONLY_CRAWL) == 3
    assert "something else in its place" in stage.err
    assert "damaged" in stage.err
    assert "does not say where the capture is stored" in stage.err
    assert len(stage.crawl.ranges) == 2
