"""`protocol-reader missing`: what no capture has whole, as a list, and fetched from a fake archive."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from reader.library import Library
from reader.model import HEADLINE_LINK, Block, Capture, Link, Reason
from tests.archives.fake_archive import FakeArchive, FakeClock, Held, serving
from tests.commands.stage import Done, Run
from tests.filling import add_pages, sql
from tests.generated import a_page, an_article

SITE = "https://www.protocol.com"
CUT = Reason("marker", 9, "Keep ReadingShow less")
FIRST = (
    "The branch on Orchard Street opens at noon now, and the people who used to queue at eight have found"
    " that the bakery next door sells them coffee while they wait for somebody to come with the key."
)
SECOND = (
    "Nobody at the bank would say how much the lock had cost, although the minutes of the meeting in May have"
    " a line for it, and although the locksmith, who lives around the corner, tells everybody who asks."
)
BANK = an_article(
    headline="The bank on Orchard Street bought a very expensive lock",
    section="Fintech", authors=("Amparo Vu",), published="2021-05-06",
    body=(Block("paragraph", FIRST),), truncated=CUT,
)  # fmt: skip
FERRY = an_article(
    1, headline="A ferry that nobody takes", section="Policy", published="2022-01-02",
    body=(Block("paragraph", "It leaves at six, empty, and comes back at seven, empty too."),), truncated=CUT,
)  # fmt: skip
WHOLE = an_article(2, headline="The lettuce on the roof")
PAGE = (
    "<html><head><title>The bank on Orchard Street bought a very expensive lock</title></head><body><article>"
    "<h1>The bank on Orchard Street bought a very expensive lock</h1><p class='author'>Amparo Vu</p>"
    f"<p>{FIRST}</p><p>{SECOND}</p><p>{SECOND.replace('May', 'June')}</p></article></body></html>"
).encode()
HELD = [
    Held("20220101000000", f"{SITE}/fintech/orchard-street-expensive-lock", PAGE),
    Held("20220101000000", f"{SITE}/fintech/street-orchard-expensive-lock"),
    Held("20220101000000", f"{SITE}/policy/ferry-nobody"),
    Held("20220101000000", f"{SITE}/policy/something-else-entirely"),
    Held("20220101000000", f"{SITE}/"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    capture, page = a_page("pile/front.txt", BANK, FERRY, WHOLE)
    with Library.open(path) as library:
        add_pages(
            library, [(Capture(capture.source, capture.text, f"{SITE}/", "2022-03-04T05:06:07Z"), page)]
        )
    return path


@pytest.fixture
def missing(path: Path, run: Run) -> Run:
    return lambda *words: run("missing", "--library", path, *words)


# Lists


def test_they_are_listed_the_newest_first(missing: Run) -> None:
    status, out, _ = missing()
    assert status == 0
    assert out.index("A ferry") < out.index("The bank")
    assert "The lettuce" not in out
    assert f"  Fintech · Amparo Vu · 2021-05-06 · {len(FIRST.split())} words known" in out.splitlines()
    assert "truncated: the text ends at a “keep reading” marker (“Keep ReadingShow less”)" in out
    assert f"seen in front.txt\n    at {SITE}/" in out.replace(", captured 2022-03-04T05:06:07Z", "")


def test_the_ending_chooses_among_all_formats_and_options_must_go_together(
    missing: Run, tmp_path: Path
) -> None:
    for name in "missing.txt", "missing":
        assert missing("--output", tmp_path / name).status == 0
        assert (tmp_path / name).read_text() == missing().out
    status, _, err = missing("--output", tmp_path / "missing.xyz")
    assert status == 2
    assert (
        "no format has the ending .xyz; choose a --format: one of text (.txt), csv (.csv), json (.jsonl)"
        in err
    )
    assert missing("--output", tmp_path / "missing.json").status == 0
    assert (tmp_path / "missing.json").read_text() == missing("--format", "json").out
    for words in ("--dry-run", "--fetch --format csv", "--from commoncrawl", "--fetch --from archive"):
        assert missing(*words.split()).status == 2


def test_csv_and_json_say_the_same_and_what_cannot_be_read_is_named(missing: Run, path: Path) -> None:
    (row,) = csv.DictReader(StringIO(missing("--format", "csv", "ferry").out))
    (record,) = missing("--format", "json", "ferry").objects
    assert row["title"] == record["title"] == "A ferry that nobody takes"
    assert (row["words"], record["words"]) == ("12", 12)
    assert (row["address"], record["address"]) == ("", None)
    assert (row["seen_at"], record["seen"][0]["url"]) == (f"{SITE}/", f"{SITE}/")
    assert row["why"] == record["because"] == "the text ends at a “keep reading” marker"
    # What cannot be read is named.
    for keys, expected in (("key = 1", (1, 1)), ("true", (3, 2))):
        with Library.open(path) as library:
            sql(library, f"UPDATE records SET record = x'00' WHERE {keys}")
        status, _, err = missing()
        assert (status, err.count("has been altered")) == expected


def test_addresses_are_those_that_a_capture_tells(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "own.db"
    linked = FERRY._replace(links=(Link(HEADLINE_LINK, 0, 7, f"{SITE}/policy/a-ferry"),))
    third = an_article(headline="A third", truncated=CUT)
    with Library.open(path) as library:
        for article, url in ((linked, ""), (BANK, "fintech/a-lock"), (third, "fintech/")):
            capture, page = a_page(f"pile/{article.headline}.txt", article._replace(position=0))
            add_pages(library, [(capture._replace(url=f"{SITE}/{url}"), page)])
    listed = run("missing", "--library", path, "--format", "json").objects
    assert [story["address"] for story in listed] == [
        f"{SITE}/policy/a-ferry",
        f"{SITE}/fintech/a-lock",
        None,
    ]


def test_nothing_missing_is_said(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "whole.db"
    command = ("missing", "--library", path)
    with Library.open(path) as library:
        assert "the library has no articles yet" in run(*command).err
        assert run("stats", "--library", path).out.endswith("0 unread, 0 starred\n")
        add_pages(library, [a_page("a.txt", an_article())])
    whole = Done(0, "", "protocol-reader: no story is truncated: all are whole\n")
    output = tmp_path / "missing.csv"
    assert run(*command) == whole
    table = run(*command, "--format", "csv")
    assert table._replace(out="") == whole
    (header,) = csv.reader(StringIO(table.out))
    assert header[0] == "title"
    assert run(*command, "--output", output) == whole._replace(status=1)
    assert not output.exists()
    assert run(*command, "is:hole").status == 2
    assert run(*command, "--fetch") == whole
    with Library.open(path) as library:
        add_pages(library, [a_page("b.txt", FERRY)])
    found = run(*command, "zebra")
    assert found == Done(0, "", "protocol-reader: no story that matches is truncated\n")
    assert run(*command, "--fetch", "zebra") == found


# Fetching


@pytest.fixture
def archive() -> Iterator[FakeArchive]:
    with serving(FakeArchive(HELD)) as archive:
        yield archive


@pytest.fixture
def fetch(archive: FakeArchive, path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    into = path.parent / "wayback"

    def fetch(*words: str) -> Done:
        base = ["--library", str(path), "--server", archive.address, "--into", str(into), "--fetch"]
        return Done(FakeClock().run("missing", [*base, *words]), *capsys.readouterr())

    return fetch


def test_what_fits_is_fetched_added_and_whole(archive: FakeArchive, path: Path, fetch: Run) -> None:
    status, out, err = fetch()
    assert status == 0
    assert archive.replays == [
        f"20220101000000/{SITE}/fintech/orchard-street-expensive-lock",
        f"20220101000000/{SITE}/policy/ferry-nobody",
    ]
    assert "2 pages may have 2 of 2 truncated stories: 1 because the address fits the headline, 1" in err
    assert "now whole: The bank on Orchard Street bought a very expensive lock" in out
    assert "1 story is now whole, 1 still truncated" in err
    with Library.open(path) as library:
        assert [library.article(key).article.headline for key in library.opening_keys()] == [FERRY.headline]
    assert fetch().status == 0
    assert len(archive.replays) == 2, "it asks again only for what is missing"


def test_a_dry_run_says_what_fits_and_fetches_nothing(archive: FakeArchive, path: Path, fetch: Run) -> None:
    status, out, _ = fetch("--dry-run")
    assert (status, archive.replays) == (0, [])
    assert [line.split("\t") for line in out.splitlines()] == [
        ["address fits the headline", f"{SITE}/fintech/orchard-street-expensive-lock", BANK.headline],
        ["address may fit the headline", f"{SITE}/policy/ferry-nobody", FERRY.headline],
    ]
    assert not (path.parent / "wayback").exists()
    for words in ([], ["--dry-run"]):
        status, _, err = fetch("--within", "protocol.com/policy/*", *words, "bank")
        assert (status, archive.replays) == (0, [])
        assert "no page in the list fits any of 1 truncated story" in err


def test_every_step_is_said_where_that_is_asked_for(fetch: Run) -> None:
    status, _, err = fetch("--progress")
    steps = (
        "5 captures listed",
        "comparing 5 addresses with 2 headlines",
        "0 of 2 pages, under a minute left",
        "1 of 2 pages, under a minute left",
        "2 of 2 pages",
    )
    lines = [line.removeprefix("protocol-reader: ") for line in err.splitlines()]
    assert (status, [line for line in lines if line in steps]) == (0, [*steps])
