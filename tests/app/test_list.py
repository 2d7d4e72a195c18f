"""The list of articles: which line shows what, rows of different heights, titles on two lines."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import accumulate

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reader.app.widgets.article_list import ArticleList
from reader.app.widgets.grouped_list import GroupedList
from reader.library import Group, Library
from tests.app.stage import KEEP_READING, on_pages, story
from tests.filling import add_pages
from tests.generated import a_page

# Rows of different heights


class Numbered(GroupedList[int]):
    """Rows of one to three lines, by number."""

    ROW_LINES = 3

    def lines_in(self, row: int, width: int) -> int:
        return (row * 7 + width // 20) % 3 + 1

    def draw(self, row: int, part: int, width: int) -> list[tuple[str, str]]:
        return [("list--title", f"{row}.{part}")]


class Numbers:
    """So many numbers as rows; remembers which pages have been read."""

    def __init__(self, *counts: int) -> None:
        firsts = accumulate(counts, initial=0)
        self.groups = [
            Group(f"group {number}", count, first)
            for number, (count, first) in enumerate(zip(counts, firsts, strict=False))
        ]
        self.read: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return sum(group.count for group in self.groups)

    def rows(self, start: int, stop: int) -> list[int]:
        self.read.append((start, stop))
        return list(range(start, stop))


class NumbersApp(App[None]):
    def __init__(self, model: Numbers) -> None:
        super().__init__()
        self.numbers = Numbered()
        self.model = model
        self.clicked: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.numbers

    def on_mount(self) -> None:
        self.numbers.show(self.model, 0)

    def on_grouped_list_clicked(self, event: GroupedList.Clicked) -> None:
        self.clicked.append(event.index)

    def drawn(self) -> list[str]:
        """What each line shows, with the mark of the cursor."""
        return [
            "".join(segment.text for segment in strip)[:40].rstrip().replace("▌ ", "▌")
            for strip in self.numbers.render_lines(self.numbers.size.region)
        ]


def all_lines(app: NumbersApp) -> list[str]:
    lines: list[str] = []
    for group in app.model.groups:
        lines.append(f" {group.name.upper()}")
        for row in range(group.first, group.first + group.count):
            height = (row * 7 + (app.size.width - 4) // 20) % 3 + 1
            mark = "▌" if row == app.numbers.cursor else "  "
            lines += [f"{mark}{row}.{part}" for part in range(height)]
    return lines


def row_of(line: str) -> int:
    return int(line.strip(" ▌").split(".")[0])


def is_window(app: NumbersApp) -> bool:
    """Are the drawn lines consecutive lines of the whole list, with all lines of the cursor's row?"""
    drawn, whole = app.drawn(), all_lines(app)
    start = whole.index(drawn[0])
    cursor = [line for line in whole if line.startswith("▌")]
    return (
        drawn == whole[start : start + len(drawn)]
        and [line for line in drawn if line.startswith("▌")] == cursor
    )


@pytest.fixture
async def shown() -> AsyncIterator[tuple[NumbersApp, Pilot[None]]]:
    """Rows of different heights under four headings."""
    app = NumbersApp(Numbers(5, 1, 30, 2))
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        yield app, pilot


Shown = tuple[NumbersApp, Pilot[None]]


async def test_the_note_in_place_of_rows_is_seen_after_scrolling_down(shown: Shown) -> None:
    app, pilot = shown
    app.numbers.move(37)
    await pilot.pause()
    app.numbers.show(Numbers(), 0, ("No row matches.", "Try fewer words."))
    await pilot.pause()
    assert [line.strip() for line in app.drawn()[:4]] == ["", "No row matches.", "", "Try fewer words."]


async def test_rows_of_different_heights_follow_the_cursor(shown: Shown) -> None:
    app, pilot = shown
    moves = ["down"] * 37 + ["page_up"] * 9 + ["page_down"] * 9 + ["up"] * 9
    for how in [*moves, "bottom", "half_up", "half_up", "half_down", "top", "page_down"]:
        before = app.numbers.cursor
        moved = app.numbers.move_by_key(how)
        await pilot.pause()
        assert is_window(app), how
        assert moved == (app.numbers.cursor != before)
    # At the end of the scrollbar, the last row is at the bottom.
    for y, lines in ((10**6, all_lines(app)[-10:]), (0, all_lines(app)[:10])):
        app.numbers.scroll_to(y=y, animate=False)
        await pilot.pause()
        assert app.drawn() == lines
    # At another width, the top row stays.
    app.numbers.move(20)
    await pilot.pause()
    app.numbers.move(18)
    top = row_of(app.drawn()[0])
    for width in (80, 45, 60):
        await pilot.resize_terminal(width, 10)
        await pilot.pause()
        assert is_window(app)
        assert row_of(app.drawn()[0]) in (top, top + 1)


async def test_a_click_reports_the_row_that_is_drawn_there(shown: Shown) -> None:
    app, pilot = shown
    app.numbers.move(20)
    await pilot.pause()
    for y, line in enumerate(app.drawn()):
        app.clicked.clear()
        await pilot.click(offset=(5, y))
        await pilot.pause()
        is_heading = "GROUP" in line
        assert app.clicked == ([] if is_heading else [row_of(line)])


async def test_a_million_rows_are_measured_only_near_the_visible_ones() -> None:
    app = NumbersApp(Numbers(400_000, 600_000))
    async with app.run_test(size=(60, 30)) as pilot:
        for how in ("down", "page_down", "bottom", "page_up", "half_up", "top"):
            app.numbers.move_by_key(how)
            await pilot.pause()
        assert len(app.model.read) < 12
        assert sum(stop - start for start, stop in app.model.read) < 1000


async def test_sections_have_the_same_order_in_the_list_the_strip_the_chooser_and_for_the_digits() -> None:
    sections = ("Alpha", "Mid", "Mid", "Zeta", "Zeta", "Zeta", None, None, None, None)
    made = [
        a_page(f"{number}.txt", story(0, section, f"Headline {number}"))
        for number, section in enumerate(sections)
    ]
    async with on_pages(made) as stage:
        order = ["Zeta", "Mid", "Alpha", "Unsectioned"]
        assert [group.name for group in stage.screen.list_pane.listing.groups] == order
        assert "1 Zeta  2 Mid  3 Alpha  4 Unsectioned" in stage.lines()[1]
        headings = [line[:45].split() for line in stage.lines()[3:-1] if line[1:12].strip().isupper()]
        assert headings == [[name.upper()] for name in order]
        await stage.press("2")
        assert stage.titles() == ["Headline 1", "Headline 2"]
        await stage.press("0", "s")
        chooser = " ".join(line.partition("│")[2].partition("│")[0] for line in stage.lines())
        assert re.findall("Zeta|Mid|Alpha|Unsectioned", chooser) == order


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (31, "Lian Huarong · 1 min  TRUNCATED"),
        (30, "Lian Huarong         TRUNCATED"),
        (21, "Lian Huar…  TRUNCATED"),
    ],
)
def test_the_minutes_go_before_a_name_is_cut(width: int, shown: str) -> None:
    with Library.temporary() as library:
        add_pages(library, [a_page("a.txt", story(0, "China", "A permit", truncated=KEEP_READING))])
        (row,) = library.listing().rows(0, 1)
    assert "".join(text for _, text in ArticleList().draw(row, 1, width)) == shown
