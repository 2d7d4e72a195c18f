"""The search screen: what is found as it is typed, read and left again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest

from reader.app.dialogs.lists import SectionsScreen
from reader.app.search import SearchScreen
from reader.app.text.wrapping import around, marked, width_of
from reader.app.view import View
from reader.errors import LibraryError
from reader.library import Library
from reader.library.listing import Order
from reader.model import Bio, Block, Figure
from tests.app.stage import PROBLEMS, Stage, body, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page
from tests.waiting import eventually

pytestmark = pytest.mark.staged(problems=PROBLEMS, size=(110, 24))


async def search(stage: Stage, query: str, *then: str) -> None:
    """Open the screen, type a query and press more keys."""
    await stage.press("ctrl+f", *query)
    await stage.step(*then)


def found(stage: Stage) -> list[str]:
    hits = stage.top(SearchScreen).hits.model
    return [hit.row.title for hit in hits.rows(0, len(hits))]


@contextmanager
def lamps(number: int) -> Iterator[Library]:
    """A library of so many stories of a few words each."""
    with Library.temporary() as library:
        for n in range(number):
            report = story(0, "Power", f"Report {n}", body=(Block("paragraph", f"Lamp {n}."),))
            add_pages(library, [a_page(f"{n}.txt", report)])
        yield library


class Gate:
    """Holds up what a method of the library does, once it is closed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, query: str | None = None) -> None:
        self.open = Event()
        self.queries: list[str] = []
        real = getattr(Library, method)

        def held_up(library: Library, asked: str, **options: object) -> object:
            self.queries.append(asked)
            if query in (None, asked):
                self.open.wait(60)
            return real(library, asked, **options)

        monkeypatch.setattr(Library, method, held_up)


# Asking


async def test_stories_are_found_as_one_types_and_each_shows_the_match(stage: Stage) -> None:
    await search(stage, "batt")
    assert found(stage) == ["A permit for a battery"]
    assert "1 story · newest first" in stage.lines()[1]
    title, about, _ = stage.lines()[2:5]
    assert title.startswith("▌• A permit for a battery")
    assert title.rstrip().endswith("TRUNCATED")
    assert about.split("▌")[1].strip() == "China · March 4, 2021 · Lian Huarong"
    await search(stage, "racks")
    assert "The racks cost more than the rent" in stage.lines()[4]
    # The order can be changed.
    await search(stage, "plan")
    assert "10 stories · newest first" in stage.lines()[1]
    assert found(stage)[0] == "A status page with nine green check marks"
    assert found(stage)[-1] == "Who owns the weather data?"
    await stage.press("ctrl+o")
    assert stage.top(SearchScreen).order is Order.RELEVANCE
    assert "by relevance" in stage.lines()[1]
    await stage.press("f2")
    assert "newest first" in stage.lines()[1]


async def test_a_search_that_fails_says_so_and_the_next_one_is_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **options: object) -> object:
        raise LibraryError("the library is damaged")

    with monkeypatch.context() as patch:
        patch.setattr(Library, "search", broken)
        await search(stage, "batter", "enter")
        assert stage.said()[-1] == "the library is damaged"
    await stage.press("y")
    assert found(stage) == ["A permit for a battery"]
    assert stage.top(SearchScreen).is_current


async def test_a_fault_is_pointed_at_and_no_hits_of_another_query_stay(stage: Stage) -> None:
    await search(stage, "battery")
    await stage.press(*" is:blue")
    assert stage.lines()[1].startswith(" is: takes ")
    (faulty,) = [
        segment.text
        for segment in stage.top(SearchScreen).line.render_line(0)
        if "underline" in str(segment.style)
    ]
    assert faulty == "blue"
    assert found(stage) == []
    assert stage.text().count("is: takes ") == 1
    assert "result" not in stage.lines()[-1]
    await stage.press("enter")
    assert stage.top(SearchScreen).is_current
    await stage.press(*["backspace"] * 8)
    assert "1 story" in stage.lines()[1]


@pytest.mark.staged(size=(80, 14))
async def test_a_hit_in_a_note_leads_to_the_note(stage: Stage) -> None:
    await stage.press("w", *"Ask the zookeeper.", "ctrl+s")
    await stage.press("g")
    assert "zookeeper" not in stage.text()
    await search(stage, "in:notes zoo")
    assert "Ask the zookeeper." in stage.text()
    await stage.press("enter")
    await stage.until(lambda: stage.screen.pane == "article")
    assert "Ask the zookeeper." in stage.text()


@pytest.mark.staged(size=(60, 20))
async def test_a_fault_that_takes_more_than_a_line_is_wrapped(stage: Stage) -> None:
    await search(stage, "aftr:2022 lobby")
    assert "before:, after: or in:." in " ".join(stage.text().split())


async def test_no_match_says_what_to_try_or_offers_another_spelling(stage: Stage) -> None:
    await search(stage, "zebra")
    assert "no stories · newest first" in stage.lines()[1]
    assert "No story matches." in stage.text()
    assert "  word* finds words that begin like this." in stage.text()
    await stage.press("enter", "down", "tab", "j", "enter")
    assert stage.top(SearchScreen).is_current
    await stage.press("m")
    assert stage.said()[-1] == "There is no result to mark"
    await search(stage, "zebra stripes")
    assert "  Fewer words find more; word* finds" in stage.text()
    await search(stage, "before:2022 after:2023")
    assert "No story matches." in stage.text()
    assert "find more" not in stage.text()
    assert "word*" not in stage.text()
    await search(stage, '"zebra')
    assert "No story matches yet: this quote is not closed." in stage.text()
    await search(stage, "roofotp frams")
    await eventually(lambda: "Did you mean rooftop farms?" in stage.text())
    await stage.step("enter")
    assert stage.top(SearchScreen).line.value == "rooftop farms"
    assert "The rooftop farms are not feeding anyone yet" in found(stage)


@pytest.mark.staged(library=Library.temporary, size=(80, 24))
async def test_an_empty_library_says_so(stage: Stage) -> None:
    await search(stage, "lamps")
    assert "There are no articles to search yet." in stage.text()


async def test_the_newest_question_wins_and_old_hits_stay_until_then(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search(stage, "battery")
    gate = Gate(monkeypatch, "search")
    await stage.pilot.press("ctrl+f", *"wuxi")
    assert stage.lines()[0].split() == ["Search", "wuxi"]
    assert found(stage) == ["A permit for a battery"]
    # Enter before the answer opens what was typed.
    await stage.pilot.press("enter")
    assert stage.top(SearchScreen).is_current
    gate.open.set()
    await stage.until(lambda: stage.app.screen is stage.screen)
    assert stage.open_title() == "A court in Wuxi reads the lease"
    assert len(gate.queries) <= 3
    await stage.press("escape")
    assert found(stage) == ["A court in Wuxi reads the lease"]


async def test_the_bars_are_as_wide_as_the_screen_and_always_say_the_way_back(stage: Stage) -> None:
    for keys in ("ctrl+f", "z e b r a", "ctrl+u p l a n", "tab"):
        await stage.press(*keys.split())
        screen = stage.top(SearchScreen)
        for width in (16, 80, 200):
            rule, line = (
                "".join(piece.text for piece in bar.pieces(width)) for bar in (screen.rule, screen.footer)
            )
            assert (width_of(rule), width_of(line), "Esc back" in line) == (width, width, True)


# Moving


async def test_the_cursor_moves_while_one_types_and_the_list_has_keys_of_its_own(stage: Stage) -> None:
    await search(stage, "plan", "down", "down", "up")
    assert stage.top(SearchScreen).hits.cursor == 1
    await stage.press("pagedown")
    assert stage.top(SearchScreen).hits.cursor == 8
    await stage.press(*" nobody")
    assert stage.lines()[0].strip() == "Search plan nobody"
    await stage.press("tab", "G")
    assert stage.top(SearchScreen).hits.cursor == 9
    await stage.press("g", "j", "j", "k")
    assert stage.top(SearchScreen).hits.cursor == 1
    await stage.press("tab", *"x")
    assert stage.lines()[0].strip() == "Search plan nobodyx"


@pytest.mark.staged(library=partial(lamps, 100), size=(80, 24))
async def test_more_hits_are_fetched_before_they_are_needed(stage: Stage) -> None:
    await search(stage, "lamp", "tab")
    assert "100 stories" in stage.lines()[1]
    first = len(found(stage))
    assert first < 100
    stage.top(SearchScreen).hits.scroll_to(y=90, animate=False)  # As the wheel does.
    await stage.settle()
    assert len(found(stage)) > first
    for _ in range(8):
        await stage.press("G")
    assert len(set(found(stage))) == len(found(stage)) == 100
    assert "Loading more" not in stage.text()


@pytest.mark.staged(library=partial(lamps, 150), size=(80, 24))
async def test_what_there_was_no_time_to_count_is_counted_in_a_pause(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.search.searcher.TYPED_SECONDS", -1)
    monkeypatch.setattr("reader.app.search.PAUSE", 0.01)
    # A query that is half typed is counted too where the machine is slow, and must not hold up the next one.
    gate = Gate(monkeypatch, "count_found", "lamp")
    await stage.pilot.press("ctrl+f", *"lamp")
    await eventually(lambda: "over" in stage.lines()[1])
    gate.open.set()
    await stage.until(lambda: "150 stories" in stage.lines()[1])
    assert "over" not in stage.lines()[1]


# Reading


async def test_a_hit_opens_at_the_match_and_n_goes_on(stage: Stage) -> None:
    await search(stage, "weather", "enter")
    assert stage.app.screen is stage.screen
    assert stage.open_title() == stage.cursor_title() == "Who owns the weather data?"
    assert stage.screen.pane == "article"
    await stage.press("escape")
    await search(stage, "plan", "down", "down", "down", "enter")
    assert "match 1 of 9" in stage.lines()[-1]
    await stage.press("n", "n")
    assert "match 3 of 9" in stage.lines()[-1]
    await stage.press("N")
    assert "match 2 of 9" in stage.lines()[-1]
    # Escape goes back to the hits as they are marked by now.
    await stage.press("m", "*", "escape")
    assert stage.top(SearchScreen).hits.cursor == 3
    assert stage.lines()[0].strip() == "Search plan"
    assert "4" in stage.lines()[-1].split()
    assert [line[:2] for line in stage.lines() if line.startswith("▌")] == ["▌ ", "▌★", "▌ "]
    # They can be marked and starred there, too.
    await search(stage, "battery", "tab")
    for key, said in (
        ("m", "Marked read"),
        ("asterisk", "Starred"),
        ("u", "Undone: starring “A permit"),
        ("m", "Marked unr"),
    ):
        await stage.press(key)
        assert stage.said()[-1].startswith(said)
    await stage.press("escape")
    assert stage.app.screen is stage.screen


async def test_the_next_hit_without_going_back(stage: Stage) -> None:
    await search(stage, "plan", "enter")
    titles = [stage.open_title()]
    for _ in range(3):
        await stage.press("J")
        titles.append(stage.open_title())
    await stage.press("K")
    assert stage.open_title() == titles[2]
    assert len(set(titles)) == 4
    await stage.press("escape")
    assert stage.top(SearchScreen).hits.cursor == 2
    assert found(stage)[:4] == titles
    # Ctrl-f types over the query; beyond the only hit there is none, and another article ends the way back.
    await search(stage, "battery", "enter")
    await stage.press("K", "J")
    assert stage.said() == ["No more results above", "No more results below"]
    assert stage.open_title() == "A permit for a battery"
    await stage.press("h", "j", "l", "escape")
    assert stage.app.screen is stage.screen
    assert stage.screen.pane == "list"


async def test_a_hit_that_the_filters_hide_is_read_in_the_whole_list(stage: Stage) -> None:
    await stage.press("t", "3")
    await search(stage, "battery")
    await stage.pilot.click("#hits", offset=(6, 1))
    await stage.settle()
    assert stage.app.screen is stage.screen
    assert stage.open_title() == stage.cursor_title() == "A permit for a battery"
    assert stage.screen.list_pane.view == View()
    await stage.press("h", "j")
    assert stage.open_title() != "A permit for a battery"


def remove(stage: Stage, title: str) -> None:
    """Remove the capture of a story, as another program does."""
    library = stage.screen.library
    listing = library.listing()
    row = next(row for row in listing.rows(0, len(listing)) if row.title == title)
    library.remove([library.article(row.key).capture_key])


async def test_hits_follow_the_library(stage: Stage) -> None:
    await search(stage, "plan", "down", "down")
    before = found(stage)
    remove(stage, before[0])
    await stage.until(lambda: found(stage) == before[1:])
    assert f"{len(before) - 1} stories" in stage.lines()[1]
    # The cursor stays on its story, or goes to the next one when that is removed.
    assert stage.top(SearchScreen).hits.cursor == 1
    remove(stage, before[2])
    await stage.until(lambda: found(stage) == [before[1], *before[3:]])
    assert stage.top(SearchScreen).hits.cursor == 1
    more = story(0, "Power", "A new plan for the harbor")
    add_pages(stage.screen.library, [a_page("new.txt", more)])
    await stage.until(lambda: "A new plan for the harbor" in found(stage))
    # A star that another program has given is shown, too.
    chosen = stage.top(SearchScreen).hits.chosen
    assert chosen is not None
    stage.screen.library.state.set_starred(chosen.row.key, True)
    await stage.until(lambda: "▌★" in stage.text())


async def test_nothing_typed_shows_examples_saved_and_recent_searches(stage: Stage) -> None:
    await stage.press("ctrl+f")
    assert "HOW TO SEARCH" in stage.text()
    assert "this exact phrase" in stage.text()
    await stage.press("down", "enter")
    assert stage.lines()[0].strip() == 'Search "status page"'
    assert found(stage) == ["A status page with nine green check marks"]
    # What was read is offered again.
    await search(stage, "wuxi", "enter", "escape")
    await stage.press("ctrl+f", "backspace")
    assert "RECENT" in stage.text()
    await stage.press("enter")
    assert found(stage) == ["A court in Wuxi reads the lease"]
    # Saved searches follow the library, here and where a section is chosen.
    await stage.press("ctrl+f", "backspace")
    stage.screen.library.state.save_search("Courts", "wuxi")
    await stage.until(lambda: "Courts" in stage.text())
    await stage.press("escape", "s", "down", "down")
    before = stage.top(SectionsScreen).chosen
    stage.screen.library.state.remove_search("Courts")
    add_pages(stage.screen.library, [a_page(f"{n}", story(0, "Power", f"A plan {n}")) for n in range(9)])
    await stage.until(lambda: "Courts" not in stage.text())
    assert any("Power" in line and "9" in line for line in stage.lines())
    assert stage.top(SectionsScreen).chosen == before


async def test_a_removed_hit_is_read_on_in_another_version_or_says_where_the_results_are() -> None:
    with Library.temporary() as library:
        text = body("lamps of Vellmouth", "lettuce", "water")
        long = (*text, Block("paragraph", "The lamps went dark."))
        for name, blocks in (("short", text), ("long", long)):
            add_pages(library, [a_page(f"{name}.txt", story(0, "Power", "Lamps", body=blocks))])
        async with on_stage(library, size=(110, 24)) as stage:
            await search(stage, "lamps", "enter")
            stage.screen.library.remove([2])
            await stage.until(lambda: stage.screen.article_pane.version_keys == ())
            assert "dark" not in stage.text()
            assert stage.said() == []
            await stage.press("escape")
            assert found(stage) == ["Lamps"]
            await stage.press("enter")
            stage.screen.library.remove([1])
            await stage.until(lambda: len(stage.said()) > 0)
            assert stage.said() == ["This result is no longer in the library; Ctrl-f shows the others"]


# Saved searches


async def test_a_search_is_saved_listed_and_removed(stage: Stage) -> None:
    await search(stage, "wuxi", "ctrl+s", *"name")
    await stage.click("wuxi")  # A click outside the name saves nothing.
    assert "save as" not in stage.lines()[-1]
    assert stage.screen.library.state.searches() == ()
    await stage.press("end", "ctrl+s")
    assert "save as" in stage.lines()[-1]
    await stage.press("escape", *"i")  # Ends the naming alone.
    assert stage.lines()[0].strip() == "Search wuxii"
    assert stage.screen.library.state.searches() == ()
    await stage.press("backspace", "ctrl+s", "ctrl+u", "enter")
    assert stage.said()[-1] == "A saved search needs a name; Esc cancels"
    await stage.press(*"Courts", "enter")
    assert stage.said()[-1] == "Saved as “Courts”; s lists it below the sections"
    assert [tuple(saved)[:2] for saved in stage.screen.library.state.searches()] == [("Courts", "wuxi")]
    await stage.press("escape", "s")
    assert "SAVED SEARCHES" in stage.text()
    await stage.press(*"cour", "enter")
    assert found(stage) == ["A court in Wuxi reads the lease"]
    await stage.press("escape", "s", *"cts")  # Not just letters of the name, in order.
    assert "Nothing matches." in stage.text()
    # Only the key that the dialog names removes it.
    await stage.press("ctrl+u", *["down"] * 9, "delete")
    assert "Courts" in stage.text()
    await stage.press(*"cour", "ctrl+x")
    assert "Courts" not in stage.text()
    assert stage.screen.library.state.searches() == ()


@pytest.mark.parametrize(
    ("query", "reason"),
    [("author:haas (wuxi", "this ( is not closed"), ("is:blue", "is: takes truncated, whole, sponsored")],
)
async def test_a_search_with_a_fault_is_not_saved(stage: Stage, query: str, reason: str) -> None:
    await search(stage, query, "ctrl+s", "enter")
    assert stage.said()[-1].startswith(f"Not saved: {reason}")
    assert stage.screen.library.state.searches() == ()


async def test_a_search_saved_under_a_name_in_use_says_what_it_replaces(stage: Stage) -> None:
    for query in ("lease", "wuxi"):
        await search(stage, query, "ctrl+s", *"Courts", "enter")
        await stage.press("ctrl+u")
    assert (
        stage.said()[-1]
        == "“Courts” now searches for “wuxi”, no longer for “lease”; u on the main screen undoes it"
    )
    await stage.press("escape", "u")
    assert [saved.query for saved in stage.screen.library.state.searches()] == ["lease"]
    # It can be removed where searches begin, too.
    await stage.press("ctrl+f")
    assert "SAVED SEARCHES" in stage.text()
    await stage.press("tab", "delete")
    assert "SAVED SEARCHES" not in stage.text()
    assert "HOW TO SEARCH" in stage.text()


@pytest.mark.parametrize("annotated", [False, True])
async def test_matches_above_and_below_the_body_are_marked_too(annotated: bool) -> None:
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
        if annotated:
            library.annotations.write_note(1, "Ask Ada first.\nBo does not count anything.")
            library.annotations.set_tags(1, ["chips"])
        async with on_stage(library, size=(100, 40)) as stage:
            await search(stage, "gull*", "enter")
            strips = stage.app.screen._compositor.render_strips()
            marked = [
                segment.text
                for strip in strips
                for segment in strip
                if segment.text.casefold().startswith("gull")
                and segment.style
                and segment.style.bgcolor
                and (segment.style.underline or segment.style.reverse)
            ]
            assert marked == [
                "Gulls", "Gulls", "Gull", "gulls", "Gull", "gull", "gull", "gull", "Gull", "gull",
            ]  # fmt: skip
            assert "match 1 of 10" in stage.lines()[-1]


# Texts at a width

PASSAGE = "The lamps cost more than the lettuce, and nobody had put the water into the plan."


@pytest.mark.parametrize(
    ("text", "word", "width", "shown"),
    [
        (PASSAGE, "water", 100, PASSAGE),
        (PASSAGE, "lamps", 20, "The lamps cost more…"),
        (PASSAGE, "water", 30, "…put the water into the plan."),
        ("水" * 30 + "灯" + "水" * 30, "灯", 20, None),
    ],
)
def test_a_passage_is_cut_around_its_match(text: str, word: str, width: int, shown: str | None) -> None:
    start = text.index(word)
    found, marks = around(text, [(start, start + len(word))], width)
    assert shown in (None, found)
    assert width_of(found) <= width
    assert [found[start:end] for start, end in marks] == [word]


@pytest.mark.parametrize(
    ("text", "marks", "pieces"),
    [
        ("a lamp here", [(2, 6)], ["a ", "*lamp", " here"]),
        ("lamp", [(0, 4)], ["*lamp"]),
        ("lamp", [(0, 3), (1, 9), (7, 9)], ["*lam", "*p"]),
        ("", [], []),
    ],
)
def test_marks_cut_a_text_into_pieces(text: str, marks: list[tuple[int, int]], pieces: list[str]) -> None:
    assert [f"{look}{piece}" for look, piece in marked(text, marks, "", "*")] == pieces
