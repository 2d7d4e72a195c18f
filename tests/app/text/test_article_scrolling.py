"""Scrolling an article: keys, the end, and the place that is kept."""

from __future__ import annotations

import re

from textual.events import MouseScrollDown
from textual.pilot import Pilot

from reader.app.text.document import ReadingPosition
from reader.app.widgets.line_view import LineView
from reader.settings import Settings
from tests.app.text.viewing import numbered, rows, viewing


async def whole(view: LineView, pilot: Pilot[None]) -> list[str]:
    """All rows, read from top to bottom."""
    view.scroll_to(y=0)
    found = rows(view)
    while view.where[2] < 100:
        view.scroll_by_key("down")
        await pilot.pause()
        found.append(rows(view)[-1])
    return found


async def test_every_row_comes_by_once_on_the_way_down_and_up() -> None:
    async with viewing(numbered(8), (40, 12)) as (view, pilot, _):
        down = await whole(view, pilot)
        assert [int(m[1]) for row in down if (m := re.match(r"\s*§(\d+)", row))] == list(range(8))
        up = rows(view)
        while view.scroll_offset.y:
            view.scroll_by_key("up")
            await pilot.pause()
            up.insert(0, rows(view)[0])
        assert up == down


async def test_reading_up_from_a_far_place_does_not_jump() -> None:
    async with viewing(numbered(3000), (60, 20)) as (view, pilot, _):
        view.apply_settings(Settings(line_spacing=1, paragraph_spacing=2))
        view.scroll_to(y=view.max_scroll_y // 2)
        await pilot.pause()
        for _ in range(30):
            before = rows(view)
            await pilot.press("k")
            assert rows(view)[1:] == before[:-1]
        for _ in range(5):
            before = rows(view)
            await pilot.press("b")
            assert rows(view)[-2:] == before[:2]


async def test_the_wheel_scrolls_without_animation() -> None:
    async with viewing(numbered(40)) as (view, pilot, app):
        await pilot._post_mouse_events([MouseScrollDown], view, offset=(5, 5))
        assert view.scroll_offset.y == app.scroll_sensitivity_y


async def test_a_place_that_is_not_there_is_the_nearest() -> None:
    async with viewing(None) as (view, pilot, _):
        for block, offset in ((10**9, 10**9), (-(10**9), 0), (0, 10**9)):
            view.show(numbered(20), ReadingPosition(block, offset))
            await pilot.pause()
            assert any("§" in row or "Captured" in row or "PROTOCOL" in row for row in rows(view))
