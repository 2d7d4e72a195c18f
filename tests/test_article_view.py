"""The article and the raw capture in their views: what is drawn, scrolled, found and kept in place."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reader.app.widgets.article_view import HINT, ArticleView, Place
from reader.app.widgets.line_view import LineView
from reader.app.widgets.raw_view import RawView
from reader.library import StoredArticle
from reader.model import Article, Bio, Block, Figure, Reason

STORY = Article(
    position=0,
    kind="story",
    kicker="Protocol | China",
    section="China",
    headline="The rooftop farms are not feeding anyone yet",
    deck="The grocery giant said it would grow lettuce for a city.",
    authors=("Mara Feld", "Anders Whitlock"),
    published="2022-06-02",
    figures=(Figure("The rooftop farms", "Lettuce under lamps.", "Photo: Ren Kaiping/Getty Images"),),
    body=(
        Block("paragraph", "For years vertical farming has been sold as the answer to everything."),
        Block("subhead", "What went wrong"),
        Block("item", "The lamps cost more than the lettuce, said the people who signed the lease."),
        Block("item", "Water."),
        Block("quote", "We did not build a farm, one engineer wrote in a memo that was later deleted."),
        Block("signoff", "— Mara Feld"),
    ),
    bios=(Bio("Mara Feld", "Mara Feld covers retail."), Bio("Anders Whitlock", "A reporter in Oslo.")),
    truncated=None,
    sponsored=None,
    sponsor=None,
    first_line=1,
    last_line=22,
)


def stored(article: Article = STORY, **fields: Any) -> StoredArticle:
    known: dict[str, Any] = {
        "key": 1,
        "article": article,
        "source": "pages/017.txt",
        "url": "https://example.org/farms",
        "captured": "2022-06-03T10:00:00Z",
        "capture_key": 1,
        "encoding": "utf-8",
        "partial": None,
    }
    return StoredArticle(**known | fields)


def paragraphs(*texts: str) -> StoredArticle:
    body = tuple(Block("paragraph", text) for text in texts)
    return stored(replace(STORY, body=body, bios=(), figures=(), deck=None))


def numbered(count: int) -> StoredArticle:
    """Paragraphs of uneven length that say their number at their start."""
    return paragraphs(*(f"§{n} " + "lorem ipsum " * (n * 7 % 40) for n in range(count)))


class ViewApp(App[None]):
    def __init__(self, view: LineView) -> None:
        super().__init__()
        self.view = view
        self.found: list[tuple[int, int, bool]] = []
        self.layouts = 0

    def compose(self) -> ComposeResult:
        yield self.view

    def on_article_view_found(self, message: ArticleView.Found) -> None:
        self.found.append((message.current, message.count, message.done))


@asynccontextmanager
async def viewing(
    shown: StoredArticle | None, size: tuple[int, int] = (60, 20)
) -> AsyncIterator[tuple[ArticleView, Pilot[None], ViewApp]]:
    view = ArticleView()
    app = ViewApp(view)
    async with app.run_test(size=size) as pilot:
        view.focus()
        view.show(shown)
        await pilot.pause()
        yield view, pilot, app


def rows(view: LineView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def styles(view: LineView) -> dict[str, Style]:
    """Every stretch of text in view with its style."""
    found: dict[str, Style] = {}
    for y in range(view.size.height):
        for segment in view.render_line(y):
            if segment.text.strip():
                assert segment.style is not None
                found[segment.text.strip()] = segment.style
    return found


async def whole(view: LineView, pilot: Pilot[None]) -> list[str]:
    """All rows, read from top to bottom."""
    view.scroll_to(y=0)
    found = rows(view)
    while view.where[2] < 100:
        view.action_scroll_down()
        await pilot.pause()
        found.append(rows(view)[-1])
    return found


def first_number(view: LineView) -> int:
    """The number of the first paragraph in view."""
    return int(next(m[1] for row in rows(view) if (m := re.match(r"\s*§(\d+)", row))))


# What is drawn


async def test_a_whole_story() -> None:
    async with viewing(stored(), (60, 40)) as (view, _, _):
        assert [row.strip() for row in rows(view)][:36] == [
            "",
            "PROTOCOL | CHINA",
            "",
            "The rooftop farms are not feeding anyone yet",
            "",
            "The grocery giant said it would grow lettuce for a",
            "city.",
            "",
            "By Mara Feld and Anders Whitlock · June 2, 2022 · 1 min",
            "",
            "Lettuce under lamps.",
            "Photo: Ren Kaiping/Getty Images",
            "",
            "For years vertical farming has been sold as the answer",
            "to everything.",
            "",
            "What went wrong",
            "• The lamps cost more than the lettuce, said the people",
            "who signed the lease.",
            "• Water.",
            "",
            "│ We did not build a farm, one engineer wrote in a memo",
            "│ that was later deleted.",
            "",
            "— Mara Feld",
            "",
            "─" * 55,
            "",
            "Mara Feld covers retail.",
            "",
            "Anders Whitlock: A reporter in Oslo.",
            "",
            "─" * 55,
            "",
            "Source: pages/017.txt, lines 1 to 22",
            "Address: https://example.org/farms",
        ]


async def test_items_hang() -> None:
    async with viewing(stored(), (60, 40)) as (view, _, _):
        first, second = (row for row in rows(view) if "lamps cost" in row or "who signed" in row)
        assert first.index("The lamps") == second.index("who signed")


async def test_parts_can_be_told_apart_without_colours() -> None:
    async with viewing(stored(replace(STORY, truncated=Reason("marker", 9, "More"))), (60, 40)) as (
        view,
        _,
        _,
    ):
        drawn = styles(view)
        assert drawn["PROTOCOL | CHINA"].bold
        assert drawn["TRUNCATED"].bold
        assert drawn["The rooftop farms are not feeding anyone yet"].bold
        assert drawn["The grocery giant said it would grow lettuce for a"].italic
        assert drawn["What went wrong"].bold
        assert drawn["— Mara Feld"].italic
        body = drawn["For years vertical farming has been sold as the answer"]
        assert not body.bold
        assert not body.italic


async def test_why_a_text_ends() -> None:
    cut = replace(STORY, truncated=Reason("marker", 23, "Keep ReadingShow less"))
    async with viewing(stored(cut), (80, 60)) as (view, _, _):
        text = [row.strip() for row in rows(view)]
        assert text[1] == "PROTOCOL | CHINA   TRUNCATED"
        at = next(i for i, row in enumerate(text) if row.startswith("The capture ends here."))
        assert set(text[at - 2]) == {"─"}
        assert text[at - 4] == "— Mara Feld"
        assert "line 23" in " ".join(text[at : at + 2])
        assert "“Keep ReadingShow less”" in " ".join(text[at : at + 2])


async def test_who_paid_and_how_that_is_known() -> None:
    paid = replace(STORY, sponsored=Reason("label", 12, "SPONSORED CONTENT FROM X"), sponsor="Nimbuspay")
    async with viewing(stored(paid), (80, 40)) as (view, _, _):
        text = [row.strip() for row in rows(view)]
        assert text[1].startswith("PAID FOR BY NIMBUSPAY: ")
        assert "line 12" in " ".join(text[1:3])
        assert "SPONSORED · Nimbuspay" in " ".join(text[3:6])
        assert styles(view)["PAID FOR BY NIMBUSPAY"].bold


async def test_a_sponsor_without_a_name() -> None:
    async with viewing(stored(replace(STORY, sponsored=Reason("advertising", 3, "Try it")))) as (view, _, _):
        text = " ".join(rows(view))
        assert "PAID FOR" in text
        assert "SPONSORED" in text
        assert "None" not in text


async def test_nothing_is_made_up_for_what_is_missing() -> None:
    bare = replace(
        STORY,
        kicker=None, section=None, headline=None, deck=None, authors=(), published=None, figures=(), bios=(),
        body=(Block("paragraph", "Only this."),),
    )  # fmt: skip
    shown = stored(bare, url=None, captured=None)
    async with viewing(shown) as (view, _, _):
        text = [row.strip() for row in rows(view) if row.strip()]
        assert text == ["1 min", "Only this.", "─" * 55, "Source: pages/017.txt, lines 1 to 22"]


async def test_a_picture_with_nothing_but_its_description() -> None:
    shown = stored(replace(STORY, figures=(Figure("A farm on a roof"), Figure("Unseen", "Seen"))))
    async with viewing(shown, (60, 40)) as (view, _, _):
        text = " ".join(rows(view))
        assert "A farm on a roof" in text
        assert "Unseen" not in text


async def test_what_the_library_knows_of_the_capture() -> None:
    async with viewing(stored(encoding="cp1252", partial="longer than 64 MB"), (80, 50)) as (view, _, _):
        text = " ".join(rows(view))
        assert "Captured: June 3, 2022" in text
        assert "cp1252" in text
        assert "longer than 64 MB" in text


@pytest.mark.parametrize("date", ["2022", "20220603101112", "yesterday", "2022-13-40", ""])
async def test_dates_that_are_none_are_shown_as_they_are(date: str) -> None:
    async with viewing(stored(replace(STORY, published=date))) as (view, _, _):
        assert date in " ".join(rows(view))


async def test_a_hint_while_nothing_is_open() -> None:
    async with viewing(None, (120, 20)) as (view, _, _):
        assert " ".join(" ".join(rows(view)).split()) == HINT


async def test_nothing_a_terminal_obeys_is_drawn_even_from_a_record_that_is_not_clean() -> None:
    bad = "\x1b]0;owned\x07 \x9b31m \u202e[bold]x[/bold]"
    dirty = replace(
        STORY, kicker=bad, headline=bad, deck=bad, authors=(bad,), figures=(Figure(bad, bad, bad),),
        body=(Block("paragraph", bad), Block("item", bad)), bios=(Bio(bad, bad),), sponsor=bad,
        truncated=Reason("marker", 1, bad), sponsored=Reason("label", 1, bad), published=bad,
    )  # fmt: skip
    shown = stored(dirty, source=bad, url=bad, captured=bad, encoding=bad, partial=bad)
    async with viewing(shown, (90, 90)) as (view, _, _):
        text = "".join(rows(view))
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", text)
        assert text.count("[bold]x[/bold]") >= 12
        assert all(
            not segment.style.link for y in range(90) for segment in view.render_line(y) if segment.style
        )


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (300, 100), (3, 2), (1, 1)])
async def test_rows_fit_the_view(size: tuple[int, int]) -> None:
    async with viewing(paragraphs("会議は中国で開かれた。" * 30, "word " * 300, "👨‍👩‍👧‍👦" * 80), size) as (
        view,
        _,
        _,
    ):
        for y in range(view.size.height):
            strip = view.render_line(y)
            assert strip.cell_length == cell_len(strip.text)
            if view.room.width > 2:
                assert strip.cell_length == view.room.width


@pytest.mark.parametrize(
    ("width", "left", "text"), [(200, 64, 72), (100, 14, 72), (77, 3, 72), (62, 3, 58), (40, 2, 37)]
)
async def test_the_text_is_centred_and_not_too_wide(width: int, left: int, text: int) -> None:
    async with viewing(paragraphs("x" * 400), (width + 1, 20)) as (view, _, _):
        assert view.room.width == width
        row = next(row for row in rows(view) if "xxx" in row)
        assert (len(row) - len(row.lstrip()), len(row.strip())) == (left, text)


# Scrolling and places


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        ("j", 1), ("j j k", 1), ("down down up", 1), ("space", 18), ("pagedown space b", 18), ("pageup", 0),
        ("ctrl+d", 10), ("ctrl+d ctrl+d ctrl+u", 10), ("G g", 0), ("end home", 0), ("k", 0),
    ],
)  # fmt: skip
async def test_keys_scroll_at_once(keys: str, top: int) -> None:
    async with viewing(numbered(40)) as (view, pilot, _):
        for key in keys.split():
            await pilot.press(key)
        assert view.scroll_offset.y == top
        assert view.where[0] == top + 1


async def test_the_end_is_the_end() -> None:
    async with viewing(numbered(3000)) as (view, pilot, _):
        assert view.where[1] is None
        await pilot.press("G")
        assert [row.strip()[:9] for row in rows(view)[-2:]] == ["Captured:", ""]
        assert view.where[2] == 100
        last = rows(view)
        await pilot.press("j", "space")
        assert rows(view) == last


async def test_every_row_comes_by_once_on_the_way_down_and_up() -> None:
    async with viewing(numbered(120), (40, 12)) as (view, pilot, _):
        down = await whole(view, pilot)
        assert [int(m[1]) for row in down if (m := re.match(r"\s*§(\d+)", row))] == list(range(120))
        up = rows(view)
        while view.scroll_offset.y:
            view.action_scroll_up()
            await pilot.pause()
            up.insert(0, rows(view)[0])
        assert up == down


async def test_reading_up_from_a_far_place_does_not_jump() -> None:
    async with viewing(numbered(3000), (60, 20)) as (view, pilot, _):
        view.scroll_to(y=view.max_scroll_y // 2)
        await pilot.pause()
        for _ in range(60):
            before = rows(view)
            await pilot.press("k")
            assert rows(view)[1:] == before[:-1]
        for _ in range(5):
            before = rows(view)
            await pilot.press("b")
            assert rows(view)[-2:] == before[:2]


async def test_the_wheel_scrolls_without_animation() -> None:
    async with viewing(numbered(40)) as (view, pilot, app):
        await pilot._post_mouse_events([_wheel()], view, offset=(5, 5))
        assert view.scroll_offset.y == app.scroll_sensitivity_y


def _wheel() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


@pytest.mark.parametrize("start", [0.1, 0.5, 0.9])
async def test_the_place_survives_every_resize(start: float) -> None:
    async with viewing(numbered(400), (90, 30)) as (view, pilot, _):
        view.scroll_to(y=int(view.max_scroll_y * start))
        await pilot.pause()
        place = view.place
        for width, height in [(40, 12), (130, 50), (60, 12), (200, 30), (90, 30)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert view.place == place
            assert rows(view)[0] == rows(view)[0]
            text = view._flow.laid(view._flow.locate(view.scroll_offset.y)[0]) if view._flow else None
            assert text is not None
            top = text.rows[view._flow.locate(view.scroll_offset.y)[1]] if view._flow else None
            assert top is not None
            assert top.start <= place.offset <= top.end
            assert f"§{place.block} " == text.text.split()[0] + " "


async def test_the_place_survives_another_width_of_text() -> None:
    async with viewing(numbered(400), (120, 30)) as (view, pilot, _):
        view.scroll_to(y=900)
        await pilot.pause()
        place, top = view.place, rows(view)[0].split()[:3]
        view.text_width = 40
        await pilot.pause()
        assert view.place == place
        assert max(len(row.strip()) for row in rows(view)) <= 40
        view.text_width = 72
        await pilot.pause()
        assert rows(view)[0].split()[:3] == top


async def test_the_width_of_text_keeps_within_bounds() -> None:
    async with viewing(numbered(5)) as (view, _, _):
        view.text_width = 3
        assert view.text_width == 20
        view.text_width = 4000
        assert view.text_width == 160


async def test_an_article_opens_where_it_was_left() -> None:
    async with viewing(numbered(400)) as (view, pilot, _):
        view.scroll_to(y=700)
        await pilot.pause()
        place, top = view.place, rows(view)
        view.show(numbered(3))
        await pilot.pause()
        assert view.scroll_offset.y == 0
        view.show(numbered(400), place)
        await pilot.pause()
        assert rows(view) == top


@pytest.mark.parametrize("place", [Place(10**9, 10**9), Place(-(10**9), 0), Place(0, 10**9)])
async def test_a_place_that_is_not_there_is_the_nearest(place: Place) -> None:
    async with viewing(None) as (view, pilot, _):
        view.show(numbered(20), place)
        await pilot.pause()
        assert any("§" in row or "Captured" in row or "PROTOCOL" in row for row in rows(view))


async def test_showing_another_article_lays_nothing_else_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with viewing(numbered(5)) as (view, pilot, app):
        laid_out: list[bool] = []
        monkeypatch.setattr(app.screen, "_refresh_layout", lambda *_, **__: laid_out.append(True))
        for shown in (numbered(300), None, numbered(1), numbered(3000)):
            view.show(shown)
            await pilot.press("space")
            await pilot.pause()
        assert laid_out == []


async def test_a_long_article_is_not_wrapped_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    import reader.app.article_lines as module

    wrapped: list[str] = []
    real = module.wrap
    monkeypatch.setattr(module, "wrap", lambda text, width: wrapped.append(text) or real(text, width))  # type: ignore[func-returns-value]
    async with viewing(numbered(5000)) as (view, pilot, _):
        await pilot.press("space", "G", "b")
        assert 0 < len(wrapped) < 200
        wrapped.clear()
        view.show(paragraphs("lorem ipsum dolor " * 60_000))
        await pilot.press("space", "G")
        assert sum(map(len, wrapped)) < 60_000


# Finding


async def test_all_matches_are_marked_and_the_current_one_more() -> None:
    async with viewing(paragraphs("A fox, a fox.", "No.", "A FOX")) as (view, pilot, app):
        view.find("fox")
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
        view.find("§250 ")
        await pilot.pause()
        assert any("§250 " in row for row in rows(view))
        view.find("§25")
        view.find("§25 ")
        await pilot.pause()
        assert first_number(view) <= 25 <= first_number(view) + 20
        view.find("§299")
        view.find_step(1)
        await pilot.pause()
        assert app.found[-1][:2] == (1, 1)
        view.find("§29")
        await pilot.pause()
        for expected in (2, 3, 4):
            view.find_step(1)
            await pilot.pause()
            assert app.found[-1] == (expected, 11, True)
        for expected in (3, 2, 1, 11):
            view.find_step(-1)
            await pilot.pause()
            assert app.found[-1] == (expected, 11, True)
        assert any("§299 " in row for row in rows(view))


async def test_a_match_is_looked_for_from_here_on() -> None:
    async with viewing(numbered(300)) as (view, pilot, app):
        view.scroll_to(y=view.max_scroll_y // 2)
        await pilot.pause()
        here = first_number(view)
        view.find("lorem")
        await pilot.pause()
        assert app.found[-1][0] > 1
        assert abs(first_number(view) - here) <= 1


async def test_nothing_found_and_nothing_left() -> None:
    async with viewing(numbered(30)) as (view, pilot, app):
        before = rows(view)
        view.find("absent")
        await pilot.pause()
        assert app.found[-1] == (0, 0, True)
        view.find_step(1)
        view.find("lorem")
        view.clear_find()
        await pilot.pause()
        assert rows(view) == before
        assert not any(style.underline for style in styles(view).values())
        view.find("")
        await pilot.pause()
        assert app.found[-1] == (0, 0, True)


async def test_a_long_text_is_searched_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    import reader.app.widgets.searchable_view as module

    clock = iter(range(10**9))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock) * module.SLICE / 4)
    async with viewing(numbered(60)) as (view, pilot, app):
        view.find("§5")
        while not (app.found and app.found[-1][2]):
            await pilot.pause(0.01)
        counts = [count for _, count, _ in app.found]
        assert len(counts) > 10
        assert counts == sorted(counts)
        assert counts[-1] == 11


async def test_a_new_query_ends_the_search_before() -> None:
    async with viewing(numbered(3000)) as (view, pilot, app):
        view.find("lorem")
        view.find("§2999")
        while not (app.found and app.found[-1][2]):
            await pilot.pause(0.01)
        assert app.found[-1] == (1, 1, True)
        assert any("§2999" in row for row in rows(view))


# The raw capture


@asynccontextmanager
async def viewing_raw(
    text: str, line: int = 1, size: tuple[int, int] = (60, 12)
) -> AsyncIterator[tuple[RawView, Pilot[None]]]:
    view = RawView()
    async with ViewApp(view).run_test(size=size) as pilot:
        view.focus()
        view.show(text, line)
        await pilot.pause()
        yield view, pilot


async def test_lines_have_the_numbers_that_parsing_gives_them() -> None:
    from reader.parsing.lines import with_plain_ends

    for text in ("one\r\ntwo\rthree\n\nfive", "one\u2028two\x0bthree", "one\ntwo\u2028still two\nthree\n"):
        async with viewing_raw(text) as (view, _):
            drawn = [row.split(None, 1) for row in rows(view) if row.strip()]
            lines = with_plain_ends(text).split("\n")
            assert [row[0] for row in drawn] == [str(n) for n in range(1, len(lines) + (lines[-1] != ""))]
            assert [row[1] if row[1:] else "" for row in drawn] == [
                line.replace("\u2028", " ") for line in lines[: len(drawn)]
            ]


async def test_controls_are_shown_and_not_obeyed() -> None:
    async with viewing_raw("a\x1b[31mb\tc\x9bd [bold]e[/bold]") as (view, _):
        assert rows(view)[0].split(None, 1)[1] == "a␛[31mb c\ufffdd [bold]e[/bold]"


async def test_a_line_is_gone_to_by_its_number() -> None:
    text = "\n".join(f"line {n} " + "x" * (n % 200) for n in range(1, 5001))
    async with viewing_raw(text, 2500) as (view, pilot):
        assert rows(view)[0].split()[:3] == ["2500", "line", "2500"]
        assert view.line == 2500
        for line in (1, 4000, 3999):
            view.go_to_line(line)
            await pilot.pause()
            assert rows(view)[0].split()[:3] == [str(line), "line", str(line)]
        view.go_to_line(10**9)
        await pilot.pause()
        assert any(row.split()[:1] == ["5000"] for row in rows(view))


async def test_one_endless_line_is_numbered_once() -> None:
    async with viewing_raw("first\n" + "word " * 200_000 + "\nlast") as (view, pilot):
        await pilot.press("G")
        assert rows(view)[-1].split() == ["3", "last"]
        assert all(row.split()[0] == "word" for row in rows(view)[:-1])
        await pilot.press("g")
        assert [row.split()[0] for row in rows(view)][:3] == ["1", "2", "word"]


async def test_words_are_found_in_the_raw_text_too() -> None:
    async with viewing_raw("\n".join(f"Zeile {n}" for n in range(3000))) as (view, pilot):
        view.find("ZEILE 2718")
        await pilot.pause(0.05)
        assert any("2718" in row for row in rows(view))


async def test_an_empty_capture_has_one_empty_line() -> None:
    async with viewing_raw("") as (view, _):
        assert [row.strip() for row in rows(view) if row] == ["1"]
