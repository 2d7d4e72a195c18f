"""The overview: bars, charts and lines; the screen; and what can be done about missing articles."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.fetching import FetchScreen
from reader.app.main.screen import MainScreen
from reader.app.overview import screen as screens
from reader.app.overview.charts import chart, months_between, split, stack
from reader.app.overview.lines import FETCH, Opens, Sheet, lay_out
from reader.app.overview.view import OverviewView
from reader.app.text.wrapping import width_of
from reader.cli import main
from reader.library import Filters, Library, Show
from reader.library.listings.overview import Count, Shares
from tests.app.features.overview_stage import STORIES, a_library, fill, overview
from tests.app.stage import Stage, on_stage
from tests.archives.fake_archive import FakeArchive, Held, refusing, serving
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.paths import SAMPLE_DATA

pytestmark = pytest.mark.staged(library=a_library)


async def to(stage: Stage, opens: object) -> None:
    """Move the cursor down to what opens something."""
    for _ in range(60):
        if overview(stage).view.opens == opens:
            return
        await stage.press("j")
    raise AssertionError(opens)


# The cursor


async def test_a_click_whose_row_a_new_count_has_removed_does_nothing(stage: Stage) -> None:
    await stage.press("v")
    screen = overview(stage)
    screen.view.show_note("There are no articles yet.")
    screen.view.post_message(OverviewView.Clicked(3))
    await stage.settle()
    assert stage.app.screen is screen


@pytest.mark.staged(size=(100, 24))
async def test_the_cursor_goes_over_all_that_opens_something_and_along_the_months(stage: Stage) -> None:
    await stage.press("v")
    view = overview(stage).view
    last: Opens = FETCH
    seen: list[Opens | None] = []
    for _ in range(3):
        seen.append(view.opens)
        await stage.press("down")
    assert seen[2] == Filters(sponsored=Show.ONLY)
    assert view.opens == Filters(month="2020-11")
    await stage.press("l", "right", "l")
    assert view.opens == Filters(month="2021-05")
    assert "May 2021: 2 articles · 2 sponsored" in stage.text()
    await stage.press("h", "k", "k", "j", "j")
    assert view.opens == Filters(month="2021-03")
    await stage.press("j")
    assert view.opens == Filters(month="")
    await stage.press("G")
    assert view.opens == last
    await stage.press("j")
    assert "look for them in the Wayback Machine" in stage.lines()[-2]
    await stage.press("g")
    assert stage.lines()[1].startswith(" 12 articles")
    assert view.opens == seen[0]


@pytest.mark.parametrize("size", [(40, 12), (200, 60)])
async def test_pages_reach_the_end_and_the_start_and_the_cursor_is_in_sight(size: tuple[int, int]) -> None:
    with a_library(times=2) as library:
        async with on_stage(library, size=size) as stage:
            await stage.press("v")
            view = overview(stage).view
            assert view.target is not None
            for key, ways in (("space", ("page_down", "half_down")), ("b", ("page_up", "half_up", "up"))):
                await stage.press(key)
                for way in ways * 20:
                    overview(stage).action_move(way)
                    assert 0 <= view.target.top - view.scroll_offset.y < view.size.height
                reached = view.opens
                overview(stage).action_move("bottom" if key == "space" else "top")
                assert view.opens == reached


@pytest.mark.staged(size=(120, 30))
async def test_a_resize_keeps_what_is_under_the_cursor(stage: Stage) -> None:
    await stage.press("v")
    await to(stage, Filters(section="Policy"))
    for size in ((40, 12), (200, 60), (60, 20)):
        await stage.pilot.resize_terminal(*size)
        await stage.settle()
        view = overview(stage).view
        assert view.opens == Filters(section="Policy")
        assert view.target is not None
        assert any(line.startswith("▌Policy") for line in stage.lines())


# What is opened


@pytest.mark.staged(size=(100, 24))
async def test_enter_lists_what_is_behind_a_bar_and_esc_takes_it_back(stage: Stage) -> None:
    await stage.press("v")
    await to(stage, Filters(month="2020-11"))
    await stage.press("l", "enter")
    assert isinstance(stage.app.screen, MainScreen)
    assert stage.screen.list_pane.view.filters == Filters(month="2020-12")
    assert "Headline 2 of 0" in stage.titles()
    await stage.press("v")
    assert overview(stage).view.opens == Filters(month="2020-12")
    await stage.press("escape", "escape")
    assert stage.screen.list_pane.view.filters == Filters()


@pytest.mark.staged(size=(100, 40))
async def test_a_click_opens_too(stage: Stage) -> None:
    await stage.press("v")
    y = next(number for number, line in enumerate(stage.lines()) if line.startswith(" Fintech"))
    await stage.pilot.click(offset=(30, y))
    await stage.settle()
    assert stage.screen.list_pane.view.filters == Filters(section="Fintech")
    await stage.press("v")
    await stage.pilot.click(offset=(80, 1))
    await stage.settle()
    overview(stage)


@pytest.mark.staged(library=Library.temporary, size=(40, 12))
async def test_an_empty_library_says_so(stage: Stage) -> None:
    await stage.press("v")
    assert "No captures yet." in stage.text()
    await stage.press("j", "enter", "l", "G")
    overview(stage)
    await stage.press("escape")
    assert isinstance(stage.app.screen, MainScreen)


async def test_it_counts_again_while_captures_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "QUICK", 0)
    with a_library() as library:
        async with on_stage(library, size=(100, 24)) as stage:
            await stage.press("v")
            await stage.settle()
            await to(stage, Filters(section="Policy"))
            fill(library, times=3)
            overview(stage).recount()
            await stage.settle()
            assert overview(stage).view.opens == Filters(section="Policy")
            overview(stage).view.move("top")
            await stage.settle()
            assert stage.lines()[1].startswith(f" {library.totals().articles} articles in 9 captures")


# The command that counts the same


def _rows(text: str) -> dict[str, list[int]]:
    """The numbers of each row by its name, without bars, signs and words for columns."""
    rows = {}
    for line in text.splitlines():
        name, *cells = re.split(r"  +", re.sub("[▁-▏]", " ", line).strip())
        numbers = [re.match(r"\d+", cell) for cell in cells]
        if cells and all(numbers):
            rows[name] = [int(number[0]) for number in numbers if number]
    return rows


async def test_the_overview_the_header_and_the_command_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        library.ingest([str(SAMPLE_DATA)])
        async with on_stage(library, size=(120, 90)) as stage:
            in_header = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", stage.lines()[0])}
            await stage.press("v")
            on_screen = _rows(stage.text())
    assert main(["stats", "--library", str(path)]) == 0
    in_shell = _rows(capsys.readouterr().out)

    paid = next(name for name in on_screen if name.startswith("sponsored, "))
    for name in ("whole", "of them from another capture", "truncated", paid):
        assert on_screen[name] == in_shell[name], name
    for name in ("Enterprise", "Climate", "Policy", "Source Code", "Sponsored", "Duncan Aboagye"):
        # Only the command prints that no article is truncated.
        assert (*on_screen[name], 0)[:2] == tuple(in_shell[name][:2]), name

    whole, truncated, sponsored = (on_screen[name][0] for name in ("whole", "truncated", paid))
    truncated_ads = int(re.findall(r"\d+", paid)[0])
    assert in_header["articles"] == whole + truncated + sponsored
    assert in_header["truncated"] == truncated + truncated_ads
    assert in_header["sponsored"] == sponsored


# What is missing


async def test_the_list_is_saved_from_the_overview(tmp_path: Path) -> None:
    with a_library() as library:
        async with on_stage(library, size=(100, 30)) as stage:
            await stage.press("v")
            await to(stage, "save_openings")
            await stage.press("enter")
            assert isinstance(stage.app.screen, ExportScreen)
            stage.app.screen.query_one(Input).value = str(tmp_path / "missing.csv")
            await stage.press("enter")
            await stage.until((tmp_path / "missing.csv").exists)
    rows = (tmp_path / "missing.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 3
    assert rows[0].startswith("title,section,authors")


@pytest.mark.staged(size=(100, 30))
async def test_the_export_of_truncated_ones_offers_the_list(stage: Stage) -> None:
    await stage.press("e")
    assert "TO LOOK FOR THEM WITH" not in stage.text()
    await stage.press("escape", "t", "e", "G")
    assert "AS A LIST OF MISSING STORIES" in stage.text()


async def test_nothing_is_asked_of_an_archive_for_captures_that_are_not_kept(stage: Stage) -> None:
    await stage.screen.run_action("open('fetch_openings')")
    await stage.settle()
    assert isinstance(stage.app.screen, MainScreen)
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
            assert "3 articles have only an opening" in stage.text()
            assert archive.asked == []
            await stage.press("enter")
            recovery = stage.screen.dialogs.recovery
            assert recovery is not None
            await stage.press("escape")
            left.set()
            await stage.until(lambda: not recovery.running)
            assert recovery.status == 3
            assert len(archive.asked) == 1
            await stage.until(lambda: any("3 still truncated" in said for said in stage.said()))
            await stage.screen.run_action("open('fetch_openings')")
            await stage.settle()
            assert "no page in the list fits any of 3 missing stories" in stage.text()


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
            await stage.until(lambda: any("waiting" in said for said in recovery.output()))
            await stage.press("x")
            await stage.until(
                lambda: not recovery.running and any("the same command" in said for said in recovery.output())
            )


parts = st.lists(st.integers(0, 500), min_size=4, max_size=4)


def sheet(width: int, height: int = 30, times: int = 1) -> Sheet:
    with a_library(times=times) as library:
        return lay_out(library.overview(), width, height, True)


def texts(made: Sheet) -> list[str]:
    return ["".join(run.text for run in line).rstrip() for line in made.lines]


# Bars


def bar(number: int, most: int, room: int) -> str:
    return "".join(cell.horizontal(True) for cell in stack((number,), most, room, True))


def test_bars_are_as_long_as_what_they_show() -> None:
    assert [bar(number, 8, 4) for number in (0, 1, 2, 4, 5, 8)] == ["", "▌", "█", "██", "██▌", "████"]
    assert bar(1, 10_000, 4) == "▏"
    assert "".join(cell.horizontal(True) for cell in stack((4, 2, 2, 2), 10, 5, True)) == "██▓▒░"
    assert "".join(cell.vertical(True) for cell in stack((5, 0, 0, 2), 8, 4, True)) == "██░░"
    assert "".join(cell.vertical(False) for cell in stack((1, 0, 0, 2), 8, 4, False)) == "█▄"
    sizes = {number: len(stack((0, 0, number, 0), 16, 4, True)) for number in (1, 5, 6, 8, 9, 10)}
    assert sizes == {1: 1, 5: 1, 6: 2, 8: 2, 9: 2, 10: 3}
    # A full bar shows every part there is.
    assert [cell.part for cell in split((997, 1, 1, 1), 8)] == [0, 0, 0, 0, 0, 1, 2, 3]
    assert [cell.part for cell in split((0, 0, 7, 0), 3)] == [2, 2, 2]
    assert split((0, 0, 0, 0), 8) == []


@given(parts, st.integers(0, 2_500), st.integers(0, 60), st.booleans())
def test_no_bar_is_longer_than_its_room(numbers: list[int], more: int, room: int, shaded: bool) -> None:
    most = sum(numbers) + more
    cells = stack(numbers, most, room, shaded)
    assert len(cells) <= room
    assert [cell.part for cell in cells] == sorted(cell.part for cell in cells)
    assert all(numbers[cell.part] for cell in [*cells, *split(numbers, room)])
    assert all(cell.eighths == 8 for cell in cells[:-1])
    assert len(split(numbers, room)) == (room if sum(numbers) else 0)


# Months


def month(name: str, whole: int) -> Count:
    return Count(name, whole, 0, Shares(whole))


def test_months_without_articles_are_gaps() -> None:
    assert months_between("2020-12", "2021-01") == 0
    assert months_between("2020-11", "2022-02") == 14
    made = chart([month("2020-11", 4), month("2021-01", 2), month("2021-02", 1)], 12, 2, True)
    assert made is not None
    assert ["".join(run.text for run in line) for line in made.lines] == [
        " 4 ┤█       ",
        "   │█   █ ▄ ",
        " 0 ┼────┬───",
        "        2021",
    ]
    assert [(one.start, one.end) for one in made.columns] == [(4, 5), (8, 9), (10, 11)]
    assert chart([month("1999-01", 4), month("2021-01", 2)], 100, 4, True) is None  # There is no room.
    assert chart([], 100, 4, True) is None


@given(
    st.dictionaries(st.integers(24_000, 24_060), st.integers(1, 900), min_size=1),
    st.integers(5, 130),
    st.booleans(),
)
def test_a_chart_fits_and_shows_every_month(numbers: dict[int, int], width: int, shaded: bool) -> None:
    counts = [month(f"{n // 12:04}-{n % 12 + 1:02}", numbers[n]) for n in sorted(numbers)]
    made = chart(counts, width, 5, shaded)
    if made is not None:
        assert all(width_of("".join(run.text for run in line)) <= width for line in made.lines)
        bottom = "".join(run.text for run in made.lines[4])
        assert all(bottom[one.start : one.end].strip() for one in made.columns)


# All of it


def test_what_is_said_is_what_there_is() -> None:
    said = "\n".join(texts(sheet(100)))
    assert said.startswith(f" {len(STORIES)} articles in 3 captures\n")
    assert "█ whole      5   42%" in said
    assert "▒ truncated  3   25%" in said
    assert "░ sponsored  4   33%" in said
    assert "Nimbuspay" in said
    assert "2  2021-03-09 – 2021-06-30" in said
    assert "Sponsor unknown" in said
    assert "No capture in the library has more than the start of 3 articles." in said


def test_every_bar_opens_as_many_articles_as_it_says() -> None:
    with a_library(times=3) as library:
        found = library.overview()
        made = lay_out(found, 100, 30, True)
        chosen = [target.opens for target in made.targets if isinstance(target.opens, Filters)]
        numbers = {opens: len(library.listing(opens)) for opens in chosen}
        for one in (*found.counts.sections, *found.counts.months):
            by_section = one in found.counts.sections
            opens = Filters(section=one.name) if by_section else Filters(month=one.name)
            assert numbers[opens] == one.articles == sum(one.shares)
        for name in found.authors:
            assert numbers[Filters(author=name.name)] == name.articles
        for name in found.sponsors:
            assert numbers[Filters(sponsor=name.name)] == name.articles
        shares = found.counts.shares
        assert numbers[Filters(sponsored=Show.ONLY)] == shares.sponsored
        assert numbers[Filters(truncated=Show.ONLY, sponsored=Show.HIDE)] == shares.truncated
        assert numbers[Filters(truncated=Show.HIDE, sponsored=Show.HIDE)] == shares.whole + shares.completed
        assert numbers[Filters(truncated=Show.ONLY)] == found.counts.truncated


def test_narrow_months_are_rows_and_gaps_are_said() -> None:
    said = texts(sheet(39))
    first = next(number for number, line in enumerate(said) if line.startswith(" 2020-11"))
    assert [line.strip().split("  ")[0] for line in said[first : first + 6]] == [
        "2020-11", "2020-12", "· 2 months without articles", "2021-03", "· 1 month without articles", "2021-05",
    ]  # fmt: skip
    assert any(line.startswith(" no date") for line in said)


def test_lines_fit_and_what_opens_something_lies_on_them_at_every_width() -> None:
    with a_library() as library:
        found = library.overview()
    for width in range(20, 140, 3):
        made = lay_out(found, width, 30, False)
        limit = max(20, width)
        assert max(width_of(text) for text in texts(made)) <= limit
        assert [target.top for target in made.targets] == sorted(target.top for target in made.targets)
        for target in made.targets:
            assert 0 <= target.start < target.end <= limit
            assert target.bottom <= len(made.lines)


def test_dates_that_are_none_are_rows_of_their_own() -> None:
    with Library.temporary() as library:
        days = ("2021-02-03", "2021", "9999-99-99", "-1-02-03", "２０２１-02-03")
        add_pages(
            library,
            [a_page(f"{n}.txt", an_article(published=day, headline=day)) for n, day in enumerate(days)],
        )
        for width in (39, 100):
            said = texts(lay_out(library.overview(), width, 30, False))
            assert any(line.startswith(" 9999-99") for line in said)
            assert any(line.startswith(" 2021 ") for line in said)
