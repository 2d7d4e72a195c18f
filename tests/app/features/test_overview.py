"""The overview: its rows, what they open, and what can be done about truncated stories."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.widgets import Input

from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.fetching import FetchScreen, Recovery
from reader.app.overview import OverviewScreen, overview_rows
from reader.app.people import NamesScreen, ProfileScreen
from reader.library import Filters, Library
from reader.library.overview import Shares, bar
from tests.app.features.overview_stage import a_library, fill
from tests.app.stage import Stage, on_stage
from tests.archives.fake_archive import FakeArchive, Held, refusing, serving
from tests.filling import add_pages
from tests.generated import a_page, an_article

pytestmark = pytest.mark.staged(library=a_library, size=(100, 60))


async def to(stage: Stage, opens: object) -> None:
    """Move the cursor down to what opens something."""
    for _ in range(60):
        if stage.top(OverviewScreen).opens == opens:
            return
        await stage.press("j")
    raise AssertionError(opens)


# The rows


@example([0, 0, 1, 0], 10_000, 5)
@given(st.lists(st.integers(0, 500), min_size=4, max_size=4), st.integers(0, 2_500), st.integers(5, 60))
def test_no_bar_is_longer_than_its_room(numbers: list[int], more: int, room: int) -> None:
    shares = Shares(*numbers)
    drawn = bar(shares, max(1, sum(numbers) + more), room)
    assert (0 < sum(len(text) for _, text in drawn) <= room) is any(numbers)
    assert all(shares._asdict()[look] for look, _ in drawn)


def test_every_bar_opens_as_many_articles_as_it_says() -> None:
    with a_library(times=3) as library:
        rows = overview_rows(library.overview())
        bars = [row for row in rows.all if row.scale]
        assert {field for row in bars if isinstance(row.opens, Filters) for field in _set(row.opens)} == {
            "truncated", "sponsored", "section", "author", "sponsor", "month",
        }  # fmt: skip
        for row in bars:
            assert isinstance(row.opens, Filters)
            assert len(library.listing(row.opens)) == sum(row.shares), row


def _set(filters: Filters) -> set[str]:
    return {name for name, value in filters._asdict().items() if value != getattr(Filters(), name)}


async def test_what_is_said_is_what_there_is(stage: Stage) -> None:
    assert stage.lines()[0].rstrip().endswith("12 articles · 3 truncated · 4 sponsored")
    await stage.press("v")
    said = [" ".join(re.sub("[█▓▒░▌]", "", line).split()) for line in stage.lines()]
    for words in (
        "12 ARTICLES IN 3 CAPTURES",
        "whole 5 42%",
        "truncated 3 25%",
        "sponsored 4 33%",
        "BY AUTHOR",
        "Nimbuspay 2 2021-03-09 – 2021-06-30",
        "Sponsor unknown 1 2021-05-02",
        "March 2021 4",
        "Without a date 1 1 truncated",
        "3 TRUNCATED STORIES",
    ):
        assert words in said


def test_dates_that_are_none_are_rows_of_their_own() -> None:
    days = ("2021-02-03", "2021", "9999-99-99", "-1-02-03", "２０２１-02-03")
    with Library.temporary() as library:
        add_pages(
            library,
            [a_page(f"{n}.txt", an_article(published=day, headline=day)) for n, day in enumerate(days)],
        )
        rows = overview_rows(library.overview())
        assert {"9999-99", "2021"} <= {row.name for row in rows.all}


# The screen


async def test_articles_without_a_date_do_not_dwarf_the_months() -> None:
    with a_library() as library:
        again = library.article(1).article
        undated = [an_article(published=None, headline=f"Roof {n}") for n in range(50)]
        add_pages(library, [a_page("undated.txt", *undated), a_page("again.txt", again)])
        async with on_stage(library, size=(100, 60)) as stage:
            await stage.press("v")
            assert "62 ARTICLES, SEEN 63 TIMES IN 5 CAPTURES" in stage.text()
            (month,) = (line for line in stage.lines() if "March 2021" in line)
            (without,) = (line for line in stage.lines() if "Without a date" in line)
            assert len(re.findall("[█▓▒░]", month)) > 20
            assert "51" in without
            assert not re.search("[█▓▒░]", without)


@pytest.mark.staged(size=(120, 30))
async def test_enter_or_a_click_lists_what_is_behind_a_bar_and_esc_takes_it_back(stage: Stage) -> None:
    await stage.press("v")
    await to(stage, Filters(month="2020-12"))
    # A resize keeps what is under the cursor.
    for size in ((40, 12), (60, 20), (20, 8), (120, 60)):
        await stage.pilot.resize_terminal(*size)
        await stage.settle()
        assert stage.top(OverviewScreen).opens == Filters(month="2020-12")
        assert any(line.startswith("▌ Dec") for line in stage.lines())
    await stage.press("enter")
    assert stage.app.screen is stage.screen
    assert stage.screen.list_pane.view.filters == Filters(month="2020-12")
    assert "Headline 2 of 0" in stage.titles()
    await stage.press("v")
    assert stage.top(OverviewScreen).opens == Filters(month="2020-12")
    await stage.click("  Fintech")
    assert stage.screen.list_pane.view.filters == Filters(section="Fintech")
    await stage.press("v", "escape", "escape")
    assert stage.screen.list_pane.view.filters == Filters()


@pytest.mark.staged(library=Library.temporary, size=(40, 12))
async def test_an_empty_library_says_so(stage: Stage) -> None:
    await stage.press("v")
    assert "No captures yet." in stage.text()
    await stage.press("j", "enter", "l", "G")
    stage.top(OverviewScreen)
    await stage.press("escape")
    assert stage.app.screen is stage.screen


async def test_a_library_that_was_moved_away_is_not_counted_for_ever(tmp_path: Path) -> None:
    with a_library(tmp_path / "kept.db") as library:
        async with on_stage(library) as stage:
            for file in tmp_path.glob("kept.db*"):
                file.rename(tmp_path / f"moved-{file.name}")
            await stage.press("v")
            assert "Counting…" not in stage.text()


async def test_it_counts_again_while_captures_come(stage: Stage) -> None:
    await stage.press("v")
    await to(stage, Filters(section="Policy"))
    fill(stage.screen.library, times=3)
    stage.top(OverviewScreen).recount()
    await stage.settle()
    assert stage.top(OverviewScreen).opens == Filters(section="Policy")
    assert f"{stage.screen.library.totals().articles} ARTICLES IN 9 CAPTURES" in stage.text()
    # An author chosen from there is read on the main screen.
    others = [a_page(f"{n}", an_article(headline=f"A ferry {n}", authors=(f"Ren {n}",))) for n in range(12)]
    add_pages(stage.screen.library, others)
    stage.top(OverviewScreen).recount()
    await stage.settle()
    await to(stage, "authors")
    await stage.press("enter")
    stage.top(NamesScreen)
    await stage.press("escape")
    stage.top(OverviewScreen)
    await stage.step("enter", "enter")
    stage.top(ProfileScreen)
    await stage.press("escape")
    assert stage.app.screen is stage.screen


# Truncated stories


async def test_the_list_is_saved_from_the_overview_and_only_a_kept_one_is_looked_for(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.press("v")
    await to(stage, "save_openings")
    await stage.press("enter")
    stage.top(ExportScreen)
    await stage.press("escape")
    assert stage.top(OverviewScreen).opens == "save_openings"
    await stage.press("enter")
    assert isinstance(stage.app.screen, ExportScreen)
    stage.app.screen.query_one(Input).value = str(tmp_path / "missing.csv")
    await stage.press("enter")
    await stage.until((tmp_path / "missing.csv").exists)
    rows = (tmp_path / "missing.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 3
    assert rows[0].startswith("title,section,authors")
    await stage.screen.run_action("open('fetch_openings')")
    await stage.settle()
    assert any("protocol-reader add" in said for said in stage.said())


async def test_looking_in_the_archive_is_agreed_to_first_and_goes_on_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    held = [Held("20220101000000", "https://www.protocol.com/policy/something-else-entirely")]
    left = Event()
    with serving(FakeArchive(held)) as archive, a_library(tmp_path / "kept.db") as library:
        archive.now = lambda: float(left.wait(60))  # It answers once nobody watches.
        monkeypatch.setenv("PROTOCOL_READER_WAYBACK", archive.address)
        async with on_stage(library, size=(100, 30)) as stage:
            await stage.screen.run_action("open('fetch_openings')")
            await stage.settle()
            assert isinstance(stage.app.screen, FetchScreen)
            assert "3 stories are truncated in every capture" in stage.text()
            assert archive.asked == []
            await stage.press("enter")
            recovery = stage.screen.dialogs.recovery
            assert recovery is not None
            await stage.press("escape")
            left.set()
            await stage.until(lambda: not recovery.running)
            assert recovery.status == 0
            assert len(archive.asked) == 1
            await stage.until(lambda: any("3 still truncated" in said for said in stage.said()))
            await stage.screen.run_action("open('fetch_openings')")
            await stage.settle()
            assert "no page in the list fits any of 3 truncated stories" in stage.text()


async def test_it_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with serving(FakeArchive([])) as archive, a_library(tmp_path / "kept.db") as library:
        # Refused, it waits for a minute.
        archive.tricks.append(refusing(429))
        monkeypatch.setenv("PROTOCOL_READER_WAYBACK", archive.address)
        async with on_stage(library, size=(60, 14)) as stage:
            await stage.screen.run_action("open('fetch_openings')")
            await stage.press("enter")
            recovery = stage.screen.dialogs.recovery
            assert recovery is not None
            await stage.until(lambda: any("waiting" in said for said in recovery.output))
            await stage.press("x")
            await stage.until(
                lambda: not recovery.running and any("the same command" in said for said in recovery.output)
            )


async def test_a_line_too_long_to_show_does_not_end_the_app(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("A headline\n\n" + "word " * 50_000, encoding="utf-8")
    recovery = Recovery(["parse", str(tmp_path / "long.txt"), str(tmp_path / "none.txt")])
    await recovery.run(lambda: None)
    assert recovery.status == 1
    assert any("none.txt" in line for line in recovery.output)
