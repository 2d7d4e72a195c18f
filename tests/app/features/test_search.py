"""The search screen: what is found as it is typed, read and left again."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from threading import Event

import pytest

from reader.app.search.screen import SearchScreen
from reader.library import Library
from reader.library.search.results import Order
from reader.library.search.searcher import TimeLimits
from reader.model import Bio, Block, Capture, Figure, Page
from tests.app.stage import PROBLEMS, Stage, a_library, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page
from tests.waiting import eventually

FARMS = "The rooftop farms are not feeding anyone yet"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    with a_library(PROBLEMS) as library:
        async with on_stage(library, size=(110, 24)) as stage:
            yield stage


def screen(stage: Stage) -> SearchScreen:
    assert isinstance(stage.app.screen, SearchScreen)
    return stage.app.screen


async def answered(stage: Stage) -> None:
    """Wait until the search screen's queries has nothing to do and everything is drawn."""
    search = stage.screen.dialogs.search
    assert search is not None
    await eventually(
        lambda: not stage.screen.writes.busy and not any(map(search.queries.busy, ("search", "more", "open")))
    )
    await stage.settle()


async def search(stage: Stage, query: str, *then: str) -> None:
    """Open the screen, type a query and press more keys."""
    await stage.press("ctrl+f", *query)
    await answered(stage)
    for key in then:
        await stage.press(key)
        await answered(stage)


def found(stage: Stage) -> list[str]:
    hits = screen(stage).hits.model
    return [hit.row.title for hit in hits.rows(0, len(hits))]


def lamps(number: int) -> Iterator[tuple[Capture, Page]]:
    """So many stories of a few words each."""
    for n in range(number):
        body = (Block("paragraph", f"Lamp {n}."),)
        yield a_page(f"pile/{n}.txt", story(0, "Power", f"Report number {n}", body=body))


# Asking


async def test_stories_are_found_as_one_types(stage: Stage) -> None:
    await search(stage, "wux")
    assert found(stage) == ["A court in Wuxi reads the lease"]
    assert "1 story · newest first" in stage.lines()[1]
    await stage.press("backspace", "backspace", "backspace", *"plan")
    await answered(stage)
    assert len(found(stage)) == 10
    assert "10 stories · newest first" in stage.lines()[1]


async def test_each_hit_says_what_it_is_and_shows_the_match(stage: Stage) -> None:
    await search(stage, "battery")
    title, about, _ = stage.lines()[2:5]
    assert title.startswith("▌• A permit for a battery")
    assert title.rstrip().endswith("TRUNCATED")
    assert about.split("▌")[1].strip() == "China · March 4, 2021 · Lian Huarong"
    await search(stage, "racks")
    assert "The racks cost more than the rent" in stage.lines()[4]


async def test_matches_are_bold_and_underlined(stage: Stage) -> None:
    await search(stage, "plan", "down")
    y, line = next((y, line) for y, line in enumerate(stage.lines()) if y > 1 and "plan" in line)
    segments = list(stage.app.screen._compositor.render_strips()[y])
    match = next(segment for segment in segments if segment.text == "plan")
    assert match.style is not None
    assert match.style.bold
    assert match.style.underline
    assert line.index("plan") > 0


async def test_the_order_can_be_changed(stage: Stage) -> None:
    await search(stage, "plan")
    assert found(stage)[0] == "A status page with nine green check marks"
    assert found(stage)[-1] == "Who owns the weather data?"
    await stage.press("ctrl+o")
    await answered(stage)
    assert screen(stage).order is Order.RELEVANCE
    assert "by relevance" in stage.lines()[1]
    await stage.press("f2")
    await answered(stage)
    assert "newest first" in stage.lines()[1]


async def test_a_fault_is_pointed_at_and_the_old_hits_stay(stage: Stage) -> None:
    await search(stage, "battery")
    await stage.press(*" is:blue")
    await answered(stage)
    carets = stage.lines()[1].index("^")
    assert stage.lines()[0][carets:].strip() in ("blue", "is:blue")
    assert found(stage) == ["A permit for a battery"]
    await stage.press("enter")
    await answered(stage)
    assert screen(stage).is_current
    await stage.press(*["backspace"] * 8)
    await answered(stage)
    assert "1 story" in stage.lines()[1]


async def test_no_match_says_what_to_try(stage: Stage) -> None:
    await search(stage, "zebra")
    assert "No story matches." in stage.text()
    assert "word*" in stage.text()
    await stage.press("enter", "down", "tab", "j", "enter")
    assert screen(stage).is_current


async def test_another_spelling_is_offered_and_enter_takes_it(stage: Stage) -> None:
    await search(stage, "roofotp frams")
    await eventually(lambda: "Did you mean rooftop farms?" in stage.text())
    await stage.press("enter")
    await answered(stage)
    assert screen(stage).line.value == "rooftop farms"
    assert FARMS in found(stage)


async def test_an_empty_library_says_so() -> None:
    with Library.temporary() as library:
        async with on_stage(library, size=(80, 24)) as stage:
            await search(stage, "lamps")
            assert "There is no article to be found yet." in stage.text()


async def test_the_newest_question_wins_and_old_hits_stay_until_then(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search(stage, "battery")
    gate = Event()
    asked = []
    real = Library.search

    def slow(library: Library, query: str, **options: object) -> object:
        asked.append(query)
        gate.wait(60)
        return real(library, query, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Library, "search", slow)
    await stage.press("ctrl+f", *"wuxi")
    await stage.pilot.pause()
    assert stage.lines()[0].split() == ["Search", "wuxi"]
    assert found(stage) == ["A permit for a battery"]
    gate.set()
    await answered(stage)
    assert found(stage) == ["A court in Wuxi reads the lease"]
    assert len(asked) <= 3


async def test_enter_before_the_answer_opens_what_was_typed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search(stage, "battery")
    gate = Event()
    real = Library.search

    def slow(library: Library, query: str, **options: object) -> object:
        gate.wait(60)
        return real(library, query, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Library, "search", slow)
    await stage.press("ctrl+f", *"wuxi", "enter")
    assert screen(stage).is_current
    gate.set()
    await stage.until(lambda: stage.app.screen is stage.screen)
    assert stage.open_title() == "A court in Wuxi reads the lease"


# Moving


async def test_the_cursor_moves_while_one_types(stage: Stage) -> None:
    await search(stage, "plan", "down", "ctrl+n", "ctrl+n", "up", "ctrl+p")
    assert screen(stage).hits.cursor == 1
    await stage.press("pagedown")
    assert screen(stage).hits.cursor == 8
    await stage.press(*" nobody")
    await answered(stage)
    assert stage.lines()[0].strip() == "Search plan nobody"


async def test_the_list_has_keys_of_its_own(stage: Stage) -> None:
    await search(stage, "plan", "tab", "G")
    assert screen(stage).hits.cursor == 9
    await stage.press("g", "j", "j", "k")
    assert screen(stage).hits.cursor == 1
    await stage.press("tab", *"x")
    await answered(stage)
    assert stage.lines()[0].strip() == "Search planx"


async def test_more_hits_are_fetched_before_they_are_needed() -> None:
    with Library.temporary() as library:
        add_pages(library, lamps(400))
        async with on_stage(library, size=(80, 24)) as stage:
            await search(stage, "lamp", "tab")
            assert "400 stories" in stage.lines()[1]
            first = len(found(stage))
            assert first < 400
            for _ in range(12):
                await stage.press("G")
                await answered(stage)
            assert len(found(stage)) == 400
            assert len(set(found(stage))) == 400
            assert "being fetched" not in stage.text()


async def test_what_there_was_no_time_to_count_is_counted_in_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.library.search.searcher.TYPED", TimeLimits(60, -1))
    monkeypatch.setattr("reader.app.search.screen.PAUSE", 0.01)
    with Library.temporary() as library:
        add_pages(library, lamps(400))
        async with on_stage(library, size=(80, 24)) as stage:
            counted = Event()
            count_found = Library.count_found

            def count(self: Library, query: str, *, typing: bool = False) -> tuple[int, bool]:
                counted.wait(60)
                return count_found(self, query, typing=typing)

            monkeypatch.setattr(Library, "count_found", count)
            await stage.press("ctrl+f", *"lamp")
            await stage.until(lambda: "over" in stage.lines()[1])
            counted.set()
            await stage.until(lambda: "400 stories" in stage.lines()[1])
            assert "over" not in stage.lines()[1]


async def test_the_wheel_fetches_too() -> None:
    with Library.temporary() as library:
        add_pages(library, lamps(200))
        async with on_stage(library, size=(80, 24)) as stage:
            await search(stage, "lamp")
            before = len(found(stage))
            screen(stage).hits.scroll_to(y=90, animate=False)
            await answered(stage)
            assert len(found(stage)) > before


# Reading


async def test_a_hit_opens_at_the_match_and_n_goes_on(stage: Stage) -> None:
    await search(stage, "weather", "enter")
    assert stage.app.screen is stage.screen
    assert stage.open_title() == "Who owns the weather data?"
    assert stage.cursor_title() == "Who owns the weather data?"
    assert stage.screen.pane == "article"
    await stage.press("escape")
    await search(stage, "plan", "enter")
    assert "match 1 of 9" in stage.lines()[-1]
    await stage.press("n", "n")
    assert "match 3 of 9" in stage.lines()[-1]
    await stage.press("N")
    assert "match 2 of 9" in stage.lines()[-1]


async def test_a_match_far_down_is_in_sight(stage: Stage) -> None:
    await search(stage, "ninth", "enter")
    assert any("Ninth." in line for line in stage.lines())


async def test_a_match_is_in_sight_where_one_pane_is_seen() -> None:
    with a_library() as library:
        async with on_stage(library, size=(40, 12)) as stage:
            await search(stage, "ninth", "enter")
            assert stage.screen.pane == "article"
            assert any("Ninth." in line for line in stage.lines())
            await stage.press("escape")
            assert screen(stage).is_current


async def test_escape_goes_back_to_the_hits_as_they_were(stage: Stage) -> None:
    await search(stage, "plan", "down", "down", "down", "enter")
    await stage.press("n", "escape")
    assert screen(stage).hits.cursor == 3
    assert stage.lines()[0].strip() == "Search plan"
    assert "4" in stage.lines()[-1].split()
    await stage.press("escape")
    assert stage.app.screen is stage.screen


async def test_the_next_hit_without_going_back(stage: Stage) -> None:
    await search(stage, "plan", "enter")
    titles = [stage.open_title()]
    for _ in range(3):
        await stage.press("J")
        await answered(stage)
        titles.append(stage.open_title())
    await stage.press("K")
    await answered(stage)
    assert stage.open_title() == titles[2]
    assert len(set(titles)) == 4
    await stage.press("escape")
    assert screen(stage).hits.cursor == 2
    assert found(stage)[:4] == titles


async def test_the_next_hit_is_fetched_when_it_is_needed() -> None:
    with Library.temporary() as library:
        add_pages(library, lamps(70))
        async with on_stage(library, size=(100, 30)) as stage:
            await search(stage, "lamp", "enter")
            seen = {stage.open_title()}
            for _ in range(69):
                await stage.press("J")
                await answered(stage)
                seen.add(stage.open_title())
            assert len(seen) == 70
            assert stage.said() == []


async def test_a_hit_is_shown_as_it_is_marked(stage: Stage) -> None:
    await search(stage, "battery", "enter")
    await stage.press("m", "*")
    await answered(stage)
    await stage.press("escape")
    assert stage.lines()[2].startswith("▌  A permit")
    assert stage.lines()[3].startswith("▌★")


async def test_there_is_no_hit_before_the_first(stage: Stage) -> None:
    await search(stage, "battery", "enter")
    await stage.press("K", "J")
    assert stage.said() == ["No hit further up", "No hit further down"]
    assert stage.open_title() == "A permit for a battery"


async def test_a_hit_that_the_filters_hide_is_listed_while_it_is_read(stage: Stage) -> None:
    await stage.press("t", "3")
    await search(stage, "battery", "enter")
    assert stage.open_title() == "A permit for a battery"
    assert stage.cursor_title() == "A permit for a battery"
    assert "kept while open" in stage.text()
    await stage.press("h", "j")
    assert stage.open_title() != "A permit for a battery"


async def test_another_article_ends_the_way_back(stage: Stage) -> None:
    await search(stage, "battery", "enter")
    await stage.press("h", "j", "l", "escape")
    assert stage.app.screen is stage.screen
    assert stage.screen.pane == "list"


async def test_a_click_on_a_hit_that_is_gone_by_now_does_nothing(stage: Stage) -> None:
    await search(stage, "wux")
    hits = screen(stage).hits
    hits.post_message(hits.Clicked(hits, 5))
    await answered(stage)
    assert found(stage) == ["A court in Wuxi reads the lease"]
    assert isinstance(stage.app.screen, SearchScreen)


async def test_a_click_opens(stage: Stage) -> None:
    await search(stage, "plan")
    await stage.pilot.click("#hits", offset=(6, 4))
    await answered(stage)
    assert stage.app.screen is stage.screen
    assert stage.open_title() == stage.screen.dialogs.search.hits.row(1).row.title  # type: ignore[union-attr]


async def test_ctrl_f_again_types_over_the_query(stage: Stage) -> None:
    await search(stage, "plan", "enter")
    await search(stage, "wuxi")
    assert stage.lines()[0].strip() == "Search wuxi"
    assert found(stage) == ["A court in Wuxi reads the lease"]


# Saved searches


async def test_nothing_typed_shows_examples_that_can_be_searched(stage: Stage) -> None:
    await stage.press("ctrl+f")
    assert "HOW TO SEARCH" in stage.text()
    assert "these words one after the other" in stage.text()
    await stage.press("down", "enter")
    await answered(stage)
    assert stage.lines()[0].strip() == 'Search "status page"'
    assert found(stage) == ["A status page with nine green check marks"]


async def test_what_was_read_is_offered_again(stage: Stage) -> None:
    await search(stage, "wuxi", "enter", "escape")
    await stage.press("ctrl+f", "backspace")
    assert "RECENT" in stage.text()
    await stage.press("enter")
    await answered(stage)
    assert found(stage) == ["A court in Wuxi reads the lease"]


async def test_a_search_is_saved_listed_and_removed(stage: Stage) -> None:
    await search(stage, "wuxi", "ctrl+s")
    assert "save as" in stage.lines()[-1]
    await stage.press("ctrl+u", *"Courts", "enter")
    await answered(stage)
    assert stage.said()[-1] == "Saved as “Courts”: s lists it below the sections"
    assert [tuple(saved)[:2] for saved in stage.screen.library.state.searches()] == [("Courts", "wuxi")]
    await stage.press("escape", "s")
    assert "SAVED SEARCHES" in stage.text()
    await stage.press(*"cour", "enter")
    await answered(stage)
    assert found(stage) == ["A court in Wuxi reads the lease"]
    await stage.press("escape", "s", *"cour", "ctrl+x")
    await answered(stage)
    assert "Courts" not in stage.text()
    assert stage.screen.library.state.searches() == ()


async def test_a_saved_search_is_removed_where_searches_begin(stage: Stage) -> None:
    await search(stage, "wuxi", "ctrl+s", "enter")
    await answered(stage)
    await stage.press("ctrl+f", "backspace")
    assert "SAVED SEARCHES" in stage.text()
    await stage.press("tab", "delete")
    await answered(stage)
    assert "SAVED SEARCHES" not in stage.text()
    assert "HOW TO SEARCH" in stage.text()


async def test_escape_ends_the_naming_alone(stage: Stage) -> None:
    await search(stage, "wuxi", "ctrl+s", "escape")
    assert screen(stage).is_current
    assert stage.screen.library.state.searches() == ()
    await stage.press(*"x")
    await answered(stage)
    assert stage.lines()[0].strip() == "Search wuxix"


async def test_the_thread_ends_with_the_app() -> None:
    with a_library() as library:
        async with on_stage(library) as stage:
            await search(stage, "wuxi", "escape")
            threads = [thread for thread in threading.enumerate() if thread.name == "query-worker"]
            assert threads
        assert not any(thread.is_alive() for thread in threads)


def test_the_main_screen_does_not_wait_for_the_search_screen() -> None:
    code = (
        "import reader.app.app, sys;"
        "late = ('.search.screen', '.versions.screen', '.search.questions');"
        "print([name for name in sys.modules if name.startswith('reader.app') and name.endswith(late)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


async def test_matches_above_and_below_the_body_are_marked_too() -> None:
    piece = story(
        0,
        "Power",
        "Gulls over the harbor",
        deck="Gulls, counted.",
        authors=("Ada Gull", "Bo Reef"),
        figures=(Figure(None, "Two gulls.", "Photo: A. Gull"), Figure("A gull", None, None)),
        body=(Block("paragraph", "One gull sat down."), Block("item", "A gull.")),
        bios=(Bio("Ada Gull", "Ada Gull keeps a gull."),),
    )
    with Library.temporary() as library:
        add_pages(library, [a_page("pile/gulls.txt", piece)])
        async with on_stage(library, size=(100, 40)) as stage:
            await search(stage, "gull*", "enter")
            strips = stage.app.screen._compositor.render_strips()
            marked = [
                (y, segment.text)
                for y, strip in enumerate(strips)
                for segment in strip
                if segment.text.casefold().startswith("gull")
                and segment.style
                and segment.style.bgcolor
                and (segment.style.underline or segment.style.reverse)
            ]
            assert [text for _, text in marked] == [
                "Gulls", "Gulls", "Gull", "gulls", "Gull", "gull", "gull", "gull", "Gull", "gull",
            ]  # fmt: skip
            assert "match 1 of 10" in stage.lines()[-1]
