"""Finding words in an article as it is shown."""

from __future__ import annotations

import pytest

from tests.viewing import (
    first_number,
    numbered,
    paragraphs,
    rows,
    styles,
    viewing,
)
from tests.waiting import eventually


async def test_all_matches_are_marked_and_the_current_one_more() -> None:
    async with viewing(paragraphs("A fox, a fox.", "No.", "A FOX")) as (view, pilot, app):
        view.finder.find("fox")
        await pilot.pause()
        assert app.found[-1] == (1, 3, True)
        marked = [
            (segment.text, bool(segment.style and segment.style.reverse))
            for y in range(view.size.height)
            for segment in view.render_line(y)
            if segment.style and (segment.style.underline or segment.style.reverse)
        ]
        assert marked == [("fox", True), ("fox", False), ("FOX", False)]


async def test_stepping_goes_round_and_scrolls_to_the_match() -> None:
    async with viewing(numbered(300)) as (view, pilot, app):
        view.finder.find("§250 ")
        await pilot.pause()
        assert any("§250 " in row for row in rows(view))
        view.finder.find("§25")
        view.finder.find("§25 ")
        await pilot.pause()
        assert first_number(view) <= 25 <= first_number(view) + 20
        view.finder.find("§299")
        view.finder.step(1)
        await pilot.pause()
        assert app.found[-1][:2] == (1, 1)
        view.finder.find("§29")
        await pilot.pause()
        for expected in (2, 3, 4):
            view.finder.step(1)
            await pilot.pause()
            assert app.found[-1] == (expected, 11, True)
        for expected in (3, 2, 1, 11):
            view.finder.step(-1)
            await pilot.pause()
            assert app.found[-1] == (expected, 11, True)
        assert any("§299 " in row for row in rows(view))


async def test_a_match_is_looked_for_from_here_on() -> None:
    async with viewing(numbered(300)) as (view, pilot, app):
        view.scroll_to(y=view.max_scroll_y // 2)
        await pilot.pause()
        here = first_number(view)
        view.finder.find("lorem")
        await pilot.pause()
        assert app.found[-1][0] > 1
        assert abs(first_number(view) - here) <= 1


async def test_nothing_found_and_nothing_left() -> None:
    async with viewing(numbered(30)) as (view, pilot, app):
        before = rows(view)
        view.finder.find("absent")
        await pilot.pause()
        assert app.found[-1] == (0, 0, True)
        view.finder.step(1)
        view.finder.find("lorem")
        view.finder.clear()
        await pilot.pause()
        assert rows(view) == before
        assert not any(style.underline for style in styles(view).values())
        view.finder.find("")
        await pilot.pause()
        assert app.found[-1] == (0, 0, True)


async def test_a_long_text_is_searched_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    import reader.app.widgets.layers as module

    clock = iter(range(10**9))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock) * module.SLICE / 4)
    async with viewing(numbered(60)) as (view, _, app):
        view.finder.find("§5")
        await eventually(lambda: bool(app.found) and app.found[-1][2])
        counts = [count for _, count, _ in app.found]
        assert len(counts) > 10
        assert counts == sorted(counts)
        assert counts[-1] == 11


async def test_a_new_query_ends_the_search_before() -> None:
    async with viewing(numbered(3000)) as (view, _, app):
        view.finder.find("lorem")
        view.finder.find("§2999")
        await eventually(lambda: bool(app.found) and app.found[-1][2])
        assert app.found[-1] == (1, 1, True)
        assert any("§2999" in row for row in rows(view))
