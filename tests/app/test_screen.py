"""The main screen as a whole: sizes, the mouse, what stays when filters and articles change, what is painted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseScrollDown
from textual.geometry import Offset
from textual.widgets import Input

from reader.app.app import ReaderApp
from reader.app.main.links import Links
from reader.app.main.screen import MainScreen
from reader.app.messages import show_notice
from reader.app.view import View
from reader.errors import LibraryError
from reader.library import Library
from reader.model import NOT_A_CAPTURE, Problem
from tests.app.stage import PROBLEMS, TITLES_AS_LISTED, Stage, on_pages, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page, pages

pytestmark = pytest.mark.staged(problems=PROBLEMS)


# What is seen


@pytest.mark.staged(size=(80, 24))
async def test_a_narrow_screen_shows_one_pane_at_a_time(stage: Stage) -> None:
    sections = " All  1 China"
    assert "First. The lamps cost more than" not in stage.text()
    for keys, shown in (
        (("enter",), False),
        (("J", "escape"), True),
        (("ctrl+b",), False),
        (("ctrl+b",), True),
    ):
        await stage.press(*keys)
        assert (sections in stage.text()) == shown
    assert stage.cursor_title() == "A permit for a battery"
    await stage.press("enter")
    assert "First. The cells cost more" in stage.text()
    await stage.press("f", *"beige")
    assert any("The beige box returns" in line for line in stage.lines()[:12])
    assert "filter" in stage.lines()[-1]


@pytest.mark.staged(size=(120, 30))
async def test_resizing_keeps_the_article_the_pane_and_the_place(stage: Stage) -> None:
    await stage.press(*"jjjjjjl", "ctrl+d", "ctrl+d")
    place = stage.screen.article_pane.view.position
    assert place.block > 0
    for size in [(60, 20), (40, 12), (200, 60), (95, 14), (120, 30)]:
        await stage.pilot.resize_terminal(*size)
        await stage.until(lambda size=size: len(stage.lines()[0]) == size[0])  # type: ignore[misc]
        assert stage.cursor_title() == TITLES_AS_LISTED[6]
        assert stage.app.focused is stage.screen.article_pane.view
        assert stage.screen.article_pane.view.region.width > 0
        assert [len(line) for line in stage.lines()] == [size[0]] * size[1]
    assert stage.screen.article_pane.view.position == place
    await stage.press("h")
    assert any(line.startswith("▌• The people who audit") for line in stage.lines())
    await stage.press("G")
    for height in (12, 30, 11):
        await stage.pilot.resize_terminal(100, height)
        await stage.settle()
        assert any(line.startswith("▌") for line in stage.lines())


# The mouse


async def test_rows_sections_problems_hints_and_panes_can_be_clicked(stage: Stage) -> None:
    async def click(x: int, y: int) -> None:
        await stage.pilot.click(offset=(x, y))
        await stage.settle()

    for y in (9, 3):  # A row, and a heading.
        await click(10, y)
        assert stage.cursor_title() == stage.open_title() == TITLES_AS_LISTED[2]
    await click(80, 20)
    assert stage.screen.pane == "article"
    assert "scroll" in stage.lines()[-1]
    await click(stage.lines()[1].index("Enterprise"), 1)
    assert stage.screen.list_pane.view.filters.section == "Enterprise"
    await click(stage.lines()[0].index("2 problems"), 0)
    assert "pile/photo.jpg" in stage.text()
    await stage.press("escape")
    await click(stage.lines()[-1].index("help"), 39)
    assert "Type to search" in stage.text()
    await stage.press("escape")
    await stage.pilot.resize_terminal(60, 20)
    await stage.press("h")
    await click(10, 5)
    assert stage.app.focused is stage.screen.article_pane.view


async def test_hints_in_the_frame_of_a_dialog_can_be_clicked(kept: Library) -> None:
    async with on_stage(kept) as stage:
        await stage.step("question_mark")
        await stage.click("Esc closes")
        await stage.step("enter", "w", "x")
        await stage.click("Ctrl-s saves")
        assert stage.app.screen is stage.screen
        assert [annotation.note for annotation, _ in kept.annotations.all()] == ["x"]


async def test_the_wheel_scrolls_the_list_and_leaves_the_cursor() -> None:
    async with on_pages(pages(80)) as stage:
        rows = stage.screen.list_pane.rows
        await stage.pilot._post_mouse_events(  # the wheel has no method of its own
            [MouseScrollDown], offset=Offset(10, 10)
        )
        await stage.settle()
        assert (rows.scroll_offset.y > 0, rows.cursor) == (True, 0)
        await stage.press("j")
        assert rows.cursor == 1
        assert any(line.startswith("▌") for line in stage.lines())


# What stays


@pytest.mark.staged(size=(100, 14))
async def test_a_filter_selects_the_first_match_and_shows_nothing_else(stage: Stage) -> None:
    for keys in (["t"], ["t", "t"], ["p"], ["U"], ["3"], ["f", *"beige", "enter"], ["S", "t", "t"]):
        stage.screen.list_pane.go_to(7)
        await stage.press(*keys)
        assert stage.screen.list_pane.rows.cursor == 0
        chosen = stage.cursor_title()
        assert stage.open_title() == chosen
        await stage.press("0", "escape", "escape", "escape")
        assert stage.cursor_title() == stage.open_title() == chosen
        stage.screen.list_pane.show_view(View())
        await stage.settle()


async def test_words_filter_as_they_are_typed_and_escape_cancels_and_enter_keeps(stage: Stage) -> None:
    await stage.press("j", "f", *"CAFE")
    assert "“CAFE”" in stage.lines()[0]
    assert "1 of 10 articles" in stage.lines()[0]
    assert stage.titles() == ["The beige box returns"]
    await stage.press("escape")
    assert stage.titles() == list(TITLES_AS_LISTED)
    assert stage.cursor_title() == stage.open_title() == TITLES_AS_LISTED[1]
    await stage.press("f", *"beige", "enter")
    assert stage.titles() == ["The beige box returns"]
    assert stage.app.focused is stage.screen.list_pane.rows
    # What is typed replaces the words of the filter.
    await stage.press("f", *"court", "enter")
    assert stage.titles() == ["A court in Wuxi reads the lease"]


async def test_a_click_outside_a_prompt_closes_it_keeps_what_is_typed_and_runs_nothing(stage: Stage) -> None:
    for typed in (("slash", *"beige"), ("f", *"court")):
        await stage.press(*typed)
        await stage.click("A court in Wuxi")
        assert not stage.screen.prompt.is_open
        assert "q quit" in stage.lines()[-1]
        assert stage.app.focused is stage.screen.list_pane.rows
        assert stage.open_title() == "A court in Wuxi reads the lease"
    assert stage.titles() == ["A court in Wuxi reads the lease"]
    await stage.press("vertical_line", *"wc")
    await stage.click("First. The stamps")
    assert stage.app.screen is stage.screen
    assert not stage.screen.prompt.is_open
    assert stage.app.focused is stage.screen.article_pane.view


async def test_new_articles_come_in_without_moving_the_cursor() -> None:
    async with on_pages(pages(400), size=(120, 30)) as stage:
        await stage.press("t", "t", *["pagedown"] * 6, "k")
        title, y, count = stage.cursor_title(), stage.row_of_cursor(), len(stage.titles())
        # From another connection, as a second program would add it.
        with stage.screen.library.another() as other:
            for number in range(3):
                add_pages(other, [a_page(f"more/{number}.txt", story(0, "Bulletins", f"New {number}"))])
        await stage.until(lambda: len(stage.screen.list_pane.listing) == count + 3)
        assert (stage.cursor_title(), stage.row_of_cursor()) == (title, y)
        assert "403 articles" in stage.lines()[0]


# Nothing to read


@pytest.mark.staged(library=Library.temporary, size=(40, 12))
async def test_an_empty_library_says_how_to_fill_it(stage: Stage) -> None:
    assert "No captures yet." in stage.text()
    assert "protocol-reader" in stage.text()
    assert stage.lines()[-1].split() == ["q", "quit", "?", "help"]
    await stage.press(*"jklhnJK}{tpSyzr;", "enter", "escape", "ctrl+b", "slash", "escape", "f", "x", "enter")
    assert stage.screen.article_pane.stored is None


NO_CAPTURE = "not a capture by its name; name it to read it anyway"
SKIPPED = (
    Problem("pile/README.md", "not a capture", NO_CAPTURE),
    Problem(
        "pile/table.json", "not a capture", "JSON without a page; name the file to see which are expected"
    ),
    Problem("pile/notes.md", "not a capture", NO_CAPTURE),
)


async def test_no_key_is_offered_that_has_nothing_to_act_on_and_a_single_problem_is_named() -> None:
    binary = Problem("pile/a.txt", "binary", "it is binary, not text")
    skipped = Problem("pile/b.md", NOT_A_CAPTURE, "notes")
    for captures, problem in ((0, None), (1, None), (0, binary), (0, skipped)):
        made = [a_page(f"pile/{number}.txt") for number in range(captures)]
        async with on_pages(made, [problem] if problem else [], size=(120, 30)) as stage:
            keys = ["P", "problems"] if problem else []
            assert stage.lines()[-1].split() == [*keys, "q", "quit", "?", "help"]
            assert "j and k" not in stage.text()
            assert "The list is empty." in stage.text()
            assert ("Nothing could be read." in stage.text()) == (problem is not None)
            assert problem is None or f"{problem.source}: {problem.reason}." in stage.text()


async def test_a_library_whose_captures_were_removed_is_not_said_to_be_unreadable(tmp_path: Path) -> None:
    with Library.open(tmp_path / "kept.db") as library:
        async with on_stage(library, size=(200, 20)) as stage:
            assert "add PATH… --library" in stage.text()
        add_pages(library, [a_page("pile/a.txt")], [Problem("pile/b.txt", "binary", "it is binary")])
        library.remove([1])
        async with on_stage(library) as stage:
            assert "The library has no articles." in stage.text()
            assert "Nothing could be read." not in stage.text()


@pytest.mark.parametrize(
    ("articles", "problems", "says"),
    [(0, PROBLEMS, "2 problems"), (5, (*SKIPPED, PROBLEMS[0]), "1 problem "), (5, SKIPPED, "")],
)
async def test_what_was_skipped_on_purpose_is_no_alarm_and_is_listed_by_reason(
    articles: int, problems: tuple[Problem, ...], says: str
) -> None:
    async with on_pages(pages(articles), problems) as stage:
        assert says in stage.lines()[0]
        assert ("problem" in stage.lines()[0]) == bool(says)
        assert ("Nothing could be read." in stage.text()) == (not articles)
        await stage.press("P")
        lines = [line.partition("│")[2].partition("│")[0].strip(" ▌") for line in stage.lines()]
        shown = [line.split("  ")[0] for line in lines if line.startswith(("PROBLEMS", "SKIPPED", "pile/"))]
        skipped = [
            "SKIPPED: JSON WITHOUT A PAGE", "pile/table.json",
            "SKIPPED: NOT A CAPTURE BY ITS NAME", "pile/README.md", "pile/notes.md",
        ]  # fmt: skip
        read = ["PROBLEMS", *(problem.source for problem in problems if problem not in SKIPPED)]
        listed = (read if says else []) + (skipped if articles else [])
        assert shown[: len(listed)] == listed


async def test_problems_that_another_program_solves_meanwhile_are_said_to_be_none() -> None:
    problems = [Problem(f"/pile/{n}.bin", "binary", "it is binary, not text") for n in range(200)]
    async with on_pages(pages(5), problems) as stage:
        await stage.press("P")
        with stage.screen.library.another() as other:
            other.forget_problems(other.problems_from("/pile"))
        await stage.press(*["ctrl+d"] * 10)
        assert "No longer a problem" in stage.text()


async def test_filters_that_leave_nothing_say_how_to_go_back(stage: Stage) -> None:
    for keys in (("f", *"zebra", "enter"), ("F",)):
        await stage.press(*keys)
        assert "No article matches." in stage.text()
        assert stage.lines()[-1].startswith(" Esc clear filter  f filter  Ctrl-f search  q quit  ? help ")
        assert "0 of 10 articles" in stage.lines()[0]
        assert stage.titles() == []
        assert stage.screen.article_pane.stored is None
        assert "The list is empty." in stage.text()
        await stage.press("escape")
        assert stage.titles() == list(TITLES_AS_LISTED)


STATES = "is: takes truncated, whole, sponsored, unread, read, starred or doubtful"
SEARCH = "understands words such as OR, -word and author:name"


HINTS = (
    ("is:nonsense", STATES),
    ("is:truncted zebra", STATES),
    ("is: zebra", f"{STATES}, right after the colon"),
    ("is:trun zebra", STATES),
    ("zebra is:trun", ""),
    ("author:haas", SEARCH),
    ("lamps OR zebra", SEARCH),
    ("-is:nonsense", STATES),
    ("-zebra", SEARCH),
    ("zebra: or - well-known", ""),
)
"""Words typed as a filter that matches nothing, and what is said of them."""


async def test_a_filter_that_a_search_would_understand_says_so(stage: Stage) -> None:
    for words, hint in HINTS:
        await stage.press("f")
        stage.screen.query_one(Input).value = words
        await stage.press("enter")
        shown = " ".join(" ".join(line.split("│")[0] for line in stage.lines()).split())
        assert "No article matches." in shown
        assert hint in shown, words
        assert all(other in hint or other not in shown for other in (STATES, SEARCH)), words


# Leaving


async def test_an_article_that_cannot_be_read_is_named_and_the_rest_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, bad = stage.screen.library.article, stage.screen.list_pane.rows.row(1).key

    def damaged(key: int) -> Any:
        if key == bad:
            raise LibraryError("article 4 is not [as] it was written")
        return read(key)

    monkeypatch.setattr(stage.screen.library, "article", damaged)
    await stage.press("j")
    assert stage.said() == ["article 4 is not [as] it was written"]
    assert stage.screen.article_pane.stored is None
    await stage.press("j")
    assert stage.open_title() == TITLES_AS_LISTED[2]


async def test_an_error_that_is_explained_ends_the_app_with_its_sentence(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise LibraryError("library.db: the disk could not be [read]")

    monkeypatch.setattr(Links, "copy_address", broken)
    with pytest.raises(LibraryError):
        async with ReaderApp(library).run_test() as pilot:
            await pilot.press("y")
    assert capsys.readouterr().err.endswith("library.db: the disk could not be [read]\n")


# Typing ahead


async def test_a_key_pressed_before_the_screen_stands_is_not_lost(library: Library) -> None:
    app = ReaderApp(library)
    async with app.run_test() as pilot:
        await pilot.press("G")
        screen = app.screen
        assert isinstance(screen, MainScreen)
        assert screen.list_pane.rows.cursor == len(TITLES_AS_LISTED) - 1


@pytest.mark.parametrize("keys", ["v", "question_mark", "slash o", "n"])
async def test_a_notice_is_gone_when_the_footer_has_something_of_its_own(stage: Stage, keys: str) -> None:
    await stage.press("l", "slash", *"one", "enter", "y")
    stage.app.notify("a warning", severity="warning")
    await stage.settle()
    assert [words.partition(" sent ")[2] for words in stage.said()] == ["to the clipboard", ""]
    await stage.press("m", "j")
    assert len(stage.said()) == 2
    await stage.press(*keys.split())
    assert stage.said() == ["a warning"]
    # What an action says while it opens or closes a screen stays.
    await stage.press("escape", "Y", "enter")
    assert stage.said()[-1].endswith("sent to the clipboard")


async def test_notices_stand_over_the_footer_one_at_a_time_and_hide_no_dialog(library: Library) -> None:
    app = ReaderApp(library)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        stage = Stage(app, pilot, app.screen)  # type: ignore[arg-type]
        await stage.press("l")
        before = stage.lines()
        await stage.press("n", "y")
        await stage.until(lambda: "sent to the clipboard" in stage.lines()[-1])
        assert stage.lines()[1:-1] == before[1:-1]
        # They do not hide what is typed.
        await stage.press("f", *"Wuxi")
        show_notice(app.screen, "A notice over the prompt", seconds=60)
        await stage.until(lambda: "A notice over the prompt" in stage.lines()[-2])
        assert "filter" in stage.lines()[-1]
        assert "Wuxi" in stage.lines()[-1]
        await stage.press("escape", "y")
        await stage.until(lambda: "sent to the clipboard" in stage.lines()[-1])
        await pilot.resize_terminal(80, 24)
        await stage.press("question_mark")
        assert "sent to the clipboard" not in stage.text()
        show_notice(app.screen, "A notice over help", seconds=60)
        await stage.until(lambda: "A notice over help" in stage.lines()[-1])
        assert stage.text().count("A notice over help") == 1  # Not also that of the screen below.
        await stage.press("escape")
        await pilot.resize_terminal(60, 12)
        for key in ("w", "number_sign", "e"):
            await stage.press(key)
            app.clear_notifications()
            await stage.settle()
            before = stage.lines()
            show_notice(app.screen, f"A notice over {key}", seconds=60)
            await stage.until(lambda key=key: f"A notice over {key}" in stage.text())  # type: ignore[misc]
            assert stage.lines()[1:] == before[1:]
            await stage.press("escape")
