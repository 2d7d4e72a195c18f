"""The five minutes of the README, typed as they stand there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from reader.app.dialogs.export import ExportScreen
from reader.app.dialogs.help import HelpScreen
from reader.app.dialogs.lists import CitationScreen
from reader.app.notes import NotesScreen
from reader.app.overview import OverviewScreen
from reader.app.people import ProfileScreen
from reader.app.search import SearchScreen
from reader.app.versions import VersionsScreen
from reader.app.view import View
from reader.app.why.screen import CorrectScreen, WhyScreen
from reader.library import Library
from tests.app.stage import Stage, on_stage
from tests.paths import ROOT
from tests.waiting import eventually


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    with Library.temporary() as library:
        library.ingest([str(ROOT / "sample_data")])
        async with on_stage(library, size=(120, 40)) as stage:
            yield stage


async def back_to_all(stage: Stage) -> None:
    """Press Esc until all articles are listed again."""
    for _ in range(8):
        is_list = stage.app.screen is stage.screen and stage.screen.pane == "list"
        if is_list and stage.screen.list_pane.view == View() and "Esc" not in stage.lines()[-1]:
            return
        await stage.press("escape")
    raise AssertionError("Esc does not lead back to the list")


def test_the_readme_has_the_tour_that_is_typed_here() -> None:
    tour = (ROOT / "README.md").read_text("utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    steps = (
        "`j` and `k`", "`Enter` moves to the article", "`Space` turns the page and `Esc` goes back", "`z` shows",
        "`h` brings back the list", "Press `t`", "`j`, `Enter` and `G`", "`i` shows", "`Enter` there offers",
        "`G` goes to the **SPONSORED**", "`$` lists", "`Enter` opens a page", "`/`, `pager`, `Enter`", "`d` shows",
        "Press `Ctrl-f` and type `company -is:sponsored`", "`Enter` opens", "`n` goes", "`v` counts",
        "`Enter` on a bar", "`v` selects words", "press `w` a few times", "`H` lists",
        "`*` stars", "`Y` copies", "`e` exports", "`u` undoes", "`?` lists",
    )  # fmt: skip
    words = " ".join(tour.split())
    place = 0
    for step in steps:
        place = words.find(step, place)
        assert place >= 0, step


async def test_the_tour(stage: Stage) -> None:
    # 1. Move and read
    await stage.press("j", "k", "enter")
    assert stage.screen.pane == "article"
    await stage.press("space", "escape")
    assert stage.screen.pane == "list"
    await stage.press("z", "h")
    assert stage.screen.pane == "list"
    assert "list" in stage.screen.panes.regions
    # 2. See what is truncated
    await stage.press("t", "j", "enter", "G")
    assert "TRUNCATED" in stage.text()
    await stage.press("i")
    stage.top(WhyScreen)
    await stage.press("enter")
    stage.top(CorrectScreen)
    await back_to_all(stage)
    # 3. See who paid
    await stage.press("G")
    assert "SPONSORED" in stage.text()
    await stage.press("dollar_sign", "enter")
    await eventually(lambda: isinstance(stage.app.screen, ProfileScreen))
    await back_to_all(stage)
    # 4. Compare captures of a story
    await stage.press("slash", *"pager", "enter")
    assert "WHOLE · from another capture" in stage.text()
    await stage.press("d")
    stage.top(VersionsScreen)
    await stage.press("escape")
    # 5. Search
    await stage.press("ctrl+f", *"company", "space", *"-is", "colon", *"sponsored")
    stage.top(SearchScreen)
    await stage.press("enter")
    await eventually(lambda: stage.app.screen is stage.screen)
    assert stage.screen.article_pane.hit is not None
    await stage.press("n")
    await back_to_all(stage)
    # 6. Get an overview
    await stage.press("v")
    stage.top(OverviewScreen)
    await stage.press("enter")
    assert stage.screen.list_pane.view != View()
    await back_to_all(stage)
    # 7. Take something with you
    await stage.press("enter", "v", "w", "w", "enter")
    assert stage.said()[-1].startswith("Highlighted in yellow")
    await stage.press("H")
    stage.top(NotesScreen)
    await stage.press("escape", "asterisk", "Y")
    stage.top(CitationScreen)
    await stage.press("escape", "e")
    stage.top(ExportScreen)
    await stage.press("escape", "u")
    assert stage.said()[-1].startswith("Undone: starring")
    await stage.press("question_mark")
    stage.top(HelpScreen)
