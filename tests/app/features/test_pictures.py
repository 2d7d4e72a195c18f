from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment

from reader.app import terminal
from reader.app.widgets.drawing import Graphics
from reader.library import Library
from reader.settings import Settings
from tests.app.features.picture_stage import CAPTION, data, page, picture, warc, written
from tests.app.stage import Stage, on_stage
from tests.captures.archives import packed

pytest.importorskip("PIL")
pytest.importorskip("textual_image")
pytestmark = pytest.mark.usefixtures("every_frame")
SIGN = "\U0010eeee"
ON = Settings(pictures="on", picture_protocol="blocks")


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


@asynccontextmanager
async def reading(*paths: Path, settings: Settings = ON, pane: str = "article") -> AsyncIterator[Stage]:
    """The app over the captures at `paths`, the first article open, its pictures found."""
    with Library.temporary() as library:
        library.ingest([str(path) for path in paths])
        async with on_stage(library, settings=settings, size=(80, 24)) as stage:
            await looked(stage)
            if pane == "article":
                await stage.press("enter")
                await looked(stage)
            yield stage


async def looked(stage: Stage) -> None:
    """Wait until the pictures are found and drawn."""
    await stage.settle()
    for _ in range(3):  # What is found is laid out, seen and then drawn.
        await stage.until(lambda: not any(worker.group.endswith("pictures") for worker in stage.app.workers))


def rows_of_pane(stage: Stage) -> list[list[Segment]]:
    pane = stage.screen.article_pane
    return [list(strip) for strip in pane.view.render_lines(pane.view.size.region)]


def picture_rows(stage: Stage) -> list[str]:
    return [line for line in stage.lines() if "▀▀" in line]


def single(tmp_path: Path, *pictures: bytes) -> Path:
    file = tmp_path / "single.html"
    file.write_text(page(*map(data, pictures)))
    return file


@pytest.fixture(name="stage")
async def one_picture(tmp_path: Path) -> AsyncIterator[Stage]:
    """An article with one picture."""
    async with reading(single(tmp_path, picture((400, 240)))) as stage:
        yield stage


async def test_i_turns_pictures_off_and_on_and_the_place_stays(tmp_path: Path) -> None:
    async with reading(single(tmp_path, picture((400, 240)), picture((300, 300)))) as stage:
        await stage.press("space")
        await looked(stage)
        await stage.press("space")
        top = stage.lines()[1]
        assert "the lamps cost more" in "".join(stage.lines()[1:4])
        before = stage.screen.article_pane.view.where
        await stage.press("I")
        assert stage.said()[-1] == "Pictures off"
        assert stage.lines()[1] == top
        assert stage.screen.article_pane.view.where[0] < before[0]
        await stage.press("I")
        await looked(stage)
        assert stage.said()[-1] == "Pictures on"
        assert stage.lines()[1] == top
        assert stage.screen.article_pane.view.where == before


async def test_other_settings_hold_at_once(stage: Stage) -> None:
    for changed, sign in (
        (ON._replace(pictures="off"), None),
        (ON, "▀"),
        (ON._replace(picture_protocol="kitty"), SIGN),
    ):
        before, stage.app.settings = stage.app.settings, changed
        stage.screen.settings_changed(before)
        await looked(stage)
        shown = "".join(segment.text for row in rows_of_pane(stage) for segment in row)
        assert [one for one in ("▀", SIGN) if one in shown] == ([] if sign is None else [sign])
        assert CAPTION in stage.text()


@pytest.mark.parametrize(
    ("environment", "installed", "says"),
    [
        ({"SSH_CONNECTION": "10.0.0.1 22 10.0.0.2 22"}, True, ""),
        ({"NO_COLOR": "1"}, True, "NO_COLOR"),
        ({}, False, "needs the extra “images”: "),
    ],
    ids=["slow line", "no colours", "no extra"],
)
async def test_where_none_are_shown_the_key_shows_them_or_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], installed: bool, says: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("reader.app.main.pictures.is_installed", lambda: installed)
    file = single(tmp_path, picture((400, 240)))
    async with reading(file, settings=ON._replace(pictures="auto")) as stage:
        assert not picture_rows(stage)
        await stage.press("I")
        await looked(stage)
        assert bool(picture_rows(stage)) == (not says)
        assert says in stage.said()[0]


async def test_pictures_in_an_archive_are_shown_and_captions_alone_once_it_was_moved(tmp_path: Path) -> None:
    file = tmp_path / "crawl.warc.gz"
    file.write_bytes(packed(warc(page("/a.png"), {"/a.png": (picture((400, 240)), "image/png")})))
    async with reading(file) as stage:
        assert len(picture_rows(stage)) == 11
        file.rename(tmp_path / "moved.warc.gz")
        async with on_stage(stage.screen.library, settings=ON, size=(80, 24)) as later:
            await later.press("enter")
            await looked(later)
            plain = later.lines()
            assert any(CAPTION in line for line in plain)
            await later.press("I", "I")
            await looked(later)
            assert later.said()[-1] == "Pictures on; this capture has none of the article’s pictures"
            assert plain[1:20] == later.lines()[1:20]


async def test_another_article_has_its_own_pictures_and_a_damaged_one_leaves_its_text(tmp_path: Path) -> None:
    whole = picture((400, 240))
    for number, (pictures, things) in enumerate((((whole,), "farms"), ((whole[:800], whole), "tills"))):
        html = page(*map(data, pictures), title=f"The {things}", things=things)
        (tmp_path / f"{number}.html").write_text(html)
    async with reading(tmp_path / "0.html", tmp_path / "1.html") as stage:
        assert len(picture_rows(stage)) == 11
        await stage.press("J")
        await looked(stage)
        assert CAPTION in stage.text()
        assert len(picture_rows(stage)) in (7, 11)
        assert "Picture: Lamp 2" in stage.text()
        await stage.press("K")
        # It is known by now: nothing has to be waited for.
        assert len(picture_rows(stage)) == 11


async def test_the_text_does_not_move_while_a_picture_is_drawn_and_when_the_size_changes(
    stage: Stage,
) -> None:
    pane = stage.screen.article_pane
    with_picture = stage.lines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage.screen.pictures, "draw", lambda _: None)
        pane.pictures.forget()
        await stage.pilot.pause()
    waiting = ["".join(segment.text for segment in row) for row in rows_of_pane(stage)]
    assert not any("▀" in line for line in waiting)
    place = next(n for n, line in enumerate(with_picture) if CAPTION in line)
    assert CAPTION in waiting[place - 1]
    pane.pictures.forget()
    await looked(stage)
    assert stage.lines() == with_picture
    await stage.press(*"jjjjjjj")
    await looked(stage)
    assert "▀" in stage.lines()[1]
    position = pane.view.position
    assert position.offset < 0
    await stage.pilot.resize_terminal(60, 20)
    await looked(stage)
    assert pane.view.position == position
    assert "▀" in stage.lines()[1]
    await stage.press("I")
    assert CAPTION in stage.lines()[1]


async def test_kitty_is_told_the_picture_and_told_to_forget_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    file = single(tmp_path, picture((400, 240)))
    async with reading(file, settings=ON._replace(picture_protocol="kitty"), pane="list") as stage:
        driver: Any = stage.app._driver
        monkeypatch.setattr(driver, "write", told.append)
        await stage.press("enter")
        await looked(stage)
        rows = [line for line in stage.lines() if SIGN in line]
        assert len(rows) == 11
        assert all(row.count(SIGN) == 37 for row in rows)
        sent = [text for text in told if text.startswith("\x1b_G") and "U=1" in text]
        assert sent
        await stage.press("j")
        await looked(stage)
        assert [text for text in told if text.startswith("\x1b_G") and "U=1" in text] == sent
        await stage.press("s")
        assert SIGN not in "".join(segment.text for row in rows_of_pane(stage) for segment in row)
        await stage.press("escape")
        assert any(SIGN in line for line in stage.lines())
    assert any("a=d" in text for text in told)


async def test_sixel_rows_scroll_and_give_way_to_what_covers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "window_size", lambda: (24, 80, 480, 288))
    file = single(tmp_path, picture((100, 100)))

    def graphics() -> list[int]:
        return [
            number
            for number, row in enumerate(rows_of_pane(stage))
            if any(type(segment.text) is Graphics for segment in row)
        ]

    async with reading(file, settings=ON._replace(picture_protocol="sixel")) as stage:
        rows = graphics()
        assert rows == list(range(rows[0], rows[0] + len(rows)))
        assert len(rows) > 4
        await stage.press("j")
        await looked(stage)
        assert graphics() == [number - 1 for number in rows]
        await stage.press("s")
        assert graphics() == []
        await stage.press("escape")
        assert graphics() == [number - 1 for number in rows]
        assert CAPTION in stage.text()


async def test_another_theme_draws_on_another_background(tmp_path: Path) -> None:
    clear = pytest.importorskip("PIL.Image").new("RGBA", (40, 40), (0, 0, 0, 0))
    (tmp_path / "lamp.png").write_bytes(written(clear, "PNG"))
    (tmp_path / "farm.html").write_text(page("lamp.png"))

    def behind() -> set[Any]:
        return {
            segment.style.bgcolor.triplet
            for row in rows_of_pane(stage)
            for segment in row
            if "▀" in segment.text and segment.style and segment.style.bgcolor
        }

    async with reading(tmp_path / "farm.html") as stage:
        for theme in ("paper", "ink"):
            stage.app.theme = theme
            await stage.settle()
            await looked(stage)
            assert behind() == {stage.screen.article_pane.view.background_colors[1].rgb}
