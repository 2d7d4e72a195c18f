"""The why screen: what it shows of an article, where its keys go, and what a correction does to all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reader.app.dialogs.plain_text import RawScreen
from reader.app.why.lines import explain_capture, why_document
from reader.app.why.screen import CorrectScreen, WhyScreen
from reader.library import Library
from reader.model import Article
from tests.app.features.corrections_stage import (
    BANK_TITLE,
    HARBOR,
    HARBOR_TITLE,
    a_library,
    articles,
    key_of,
    line_of,
)
from tests.app.stage import Stage, on_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    with a_library(tmp_path) as library:
        async with on_stage(library, size=(120, 40)) as stage:
            await stage.step("i")
            yield stage


@asynccontextmanager
async def on_page(folder: Path, body: str, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Stage]:
    """A long article chosen in the list."""
    (folder / "captures").mkdir()
    (folder / "captures" / "long.txt").write_text(f"China\n\nA headline\n\n{body}\n", encoding="utf-8")
    with a_library(folder) as library:
        async with on_stage(library, size=size) as stage:
            stage.screen.list_pane.go_to(stage.titles().index("A headline"))
            yield stage


def paragraphs(number: int) -> str:
    return "\n\n".join(f"Paragraph {n} reports what the council decided." for n in range(number))


def library(stage: Stage) -> Library:
    return stage.screen.library


def cursor(stage: Stage) -> int:
    line = stage.top(WhyScreen).view.line
    assert line is not None
    return line.n


def read(stage: Stage) -> Article:
    assert stage.screen.article_pane.stored is not None
    return stage.screen.article_pane.stored.article


def left(stage: Stage) -> list[str]:
    return [line.split("│ line")[0].rstrip() for line in stage.lines()[1:-1]]


async def test_a_key_typed_before_the_lines_are_shown_moves_among_them(stage: Stage) -> None:
    await stage.press("escape")
    await stage.type_at_once("ijj")
    third = cursor(stage)
    await stage.press("k", "k")
    assert (cursor(stage), cursor(stage) < third) == (read(stage).first_line, True)


async def to_line(stage: Stage, words: str) -> None:
    if any(words in line for line in left(stage)) and cursor(stage) != line_of(words):
        await stage.click(words)
    while cursor(stage) != line_of(words):
        await stage.pilot.press("j")
    await stage.settle()


async def say(stage: Stage, words: str) -> None:
    """Correct the line under the cursor with the first row that has these words."""
    await stage.step("enter")
    assert isinstance(stage.app.screen, CorrectScreen)
    await stage.pilot.press(*("space" if char == " " else char for char in words))
    await stage.step("enter")


# What is shown


async def test_close_calls_are_marked_and_gone_to(stage: Stage) -> None:
    marked = [int(line.split()[1]) for line in left(stage) if line.strip().startswith("?")]
    assert 5 in marked  # A deck without a verb, which could be a picture's description.
    for n in marked:
        await stage.step("n")
        assert cursor(stage) == n
    await stage.step("n")
    assert cursor(stage) == marked[-1]
    assert "No more close calls below" in stage.said()
    await stage.step("G")
    for n in reversed(marked):
        await stage.step("N")
        assert cursor(stage) == n
    # Below the reasons stands how surely the article was read.
    confidence = read(stage).confidence
    assert confidence is not None
    await stage.step("g", "tab", "G")
    assert stage.top(WhyScreen).focused is stage.top(WhyScreen).details
    assert cursor(stage) == 1
    assert f"Confidence in the article: {confidence:.2f}. The next best reading takes line" in beside(stage)
    await stage.step("tab")
    await say(stage, "date")
    await stage.step("tab", "G")
    assert "You have corrected this article" in beside(stage)


async def test_words_are_found_from_the_line_of_the_cursor_on(stage: Stage) -> None:
    has = [n for n, line in enumerate(HARBOR.splitlines(), 1) if "ledger" in line.casefold()][:3]
    await to_line(stage, "Forty cameras")
    await stage.step("slash", *"ledger")
    assert (cursor(stage), "match 1 of" in stage.lines()[-1]) == (has[0], True)
    await stage.step("enter")
    for n in (*has[1:], *reversed(has[:2])):
        await stage.step("n" if n > cursor(stage) else "N")
        assert cursor(stage) == n
        assert f"line {n} ─" in stage.text()
    await stage.step("escape")
    assert cursor(stage) == has[0]
    assert "close call" in stage.lines()[-1]
    await stage.step("slash", *"zeppelin", "enter")
    assert (cursor(stage), "no match" in stage.lines()[-1]) == (has[0], True)
    assert "Esc clear matches" in stage.lines()[-1]
    await stage.step("escape", "escape")
    assert stage.app.screen is stage.screen


def beside(stage: Stage) -> str:
    """What stands beside the lines, as one line."""
    return " ".join(line.split("│")[-1].strip() for line in stage.lines())


async def test_the_whole_capture_is_shown_from_the_line_on(stage: Stage) -> None:
    await to_line(stage, "In May")
    await stage.step("r")
    assert isinstance(stage.app.screen, RawScreen)
    await stage.pilot.resize_terminal(60, 4)  # So that the end of the text does not fill the screen.
    await stage.settle()
    assert stage.lines()[1].split()[0] == "13"
    await stage.step("escape")
    assert cursor(stage) == 13


async def test_every_line_is_reached_on_a_small_screen_and_kept_on_a_larger_one(tmp_path: Path) -> None:
    with a_library(tmp_path) as library:
        async with on_stage(library, size=(40, 12)) as stage:
            await stage.step("i")
            seen = [cursor(stage)]
            while seen[-1] != 24:
                await stage.step("j")
                shown = [line for line in stage.lines() if line.startswith("▌")]
                assert shown
                if cursor(stage) != seen[-1]:
                    seen.append(cursor(stage))
            assert seen == [1, 3, 5, 7, 9, 11, 13, 15, 16, 18, 20, 22, 24]
            await stage.step("j", "space", "ctrl+d")
            await stage.pilot.resize_terminal(120, 40)
            await stage.settle()
            assert cursor(stage) == 24
            await stage.step("g", "k", "b", "pageup", "ctrl+u")
            assert cursor(stage) == 1


async def test_a_long_line_is_read_through(tmp_path: Path) -> None:
    async with on_page(tmp_path, "word " * 20_000 + "end.\n\nLast.", (40, 12)) as stage:
        await stage.step("i", "j", "j")
        assert cursor(stage) == 5
        top = stage.top(WhyScreen).view.scroll_offset.y
        await stage.step("j")
        assert cursor(stage) == 5
        assert stage.top(WhyScreen).view.scroll_offset.y > top
        await stage.step("G")
        assert cursor(stage) == 7


async def test_the_cursor_starts_on_the_paragraph_at_the_top_of_the_screen(tmp_path: Path) -> None:
    async with on_page(tmp_path, paragraphs(60)) as stage:
        await stage.step("enter", "G", "i")
        line = stage.top(WhyScreen).view.line
        assert line is not None
        assert line.text == stage.screen.article_pane.paragraph
        assert line.n > 50
        await stage.step("escape", "g", "i")
        assert cursor(stage) == 1


async def test_the_lines_of_a_long_article_come_in_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.app.why.lines._PORTION", 20)
    async with on_page(tmp_path, paragraphs(30)) as stage:
        kept = library(stage)
        explained = explain_capture(kept, kept.article(key_of(kept, "A headline")))
        portions = list(explained.portions)
        assert [len(portion) for portion in portions] == [20, 12]  # The reader waits for the first.
        lines = [line for portion in portions for line in portion]
        assert [line.n for line in lines] == list(range(1, 64, 2))
        # The scrollbar shows an estimate: one row each.
        assert sum(why_document(lines, wide=True)[0].estimates(100)) == len(lines)
        await stage.step("i", "j", "j")
        assert cursor(stage) == 5
        await stage.until(lambda: "Explaining" not in stage.text())
        assert cursor(stage) == 5
        await stage.step("G")
        assert cursor(stage) == 63


# Corrections


async def test_a_line_is_corrected_and_put_back(stage: Stage) -> None:
    await to_line(stage, "Forty")
    await say(stage, "caption")
    assert "is a caption; 1 other line is read differently too; u undoes it" in stage.said()[-1]
    assert cursor(stage) == line_of("Forty")
    assert "line 5 ─ a caption" in stage.text()
    assert "= You said that “Forty cameras" in stage.text()
    assert any(line.strip("▌").split()[:2] == ["=", "5"] for line in left(stage))
    assert read(stage).deck is None
    assert articles(library(stage))[0].deck is None
    await stage.step("u")
    assert "line 5 ─ a deck" in stage.text()
    assert read(stage).deck is not None
    await stage.step("ctrl+r")
    assert "line 5 ─ a caption" in stage.text()
    await say(stage, "withdraw")
    assert "line 5 ─ a deck" in stage.text()
    await say(stage, "picture")
    assert "line 5 ─ a picture description" in stage.text()
    assert any("picture" in line.split() for line in left(stage))


async def test_who_paid_is_typed(stage: Stage) -> None:
    await stage.step("enter", *"Tarn", "enter")
    assert f"the article “{HARBOR_TITLE}” belongs to section Tarn" in stage.said()[-1]
    await stage.step("u")
    assert stage.said()[-1].startswith("Undone: your correction that the article “")
    await stage.step("enter")
    await stage.press(*"Tarn")
    assert "OR “TARN” AS A NAME" in stage.text()
    await stage.step("down", "enter")
    assert articles(library(stage))[0].sponsor == "Tarn"
    await stage.step("escape")
    assert stage.said() == []  # It would hide the keys of the next screen.
    await stage.step("i")
    assert "SPONSORED" in stage.lines()[0]
    assert "▶ SPONSORED: because a reader corrected it" in stage.text()


async def test_an_article_whose_first_line_is_corrected_stays_open_and_so_it_does_when_that_is_undone(
    tmp_path: Path,
) -> None:
    with a_library(tmp_path) as library:
        async with on_stage(library, size=(120, 40)) as stage:
            stage.screen.list_pane.go_to(stage.titles().index(BANK_TITLE))
            await stage.step("i")
            for words, title, count in (("furniture", BANK_TITLE, 2), ("continues", HARBOR_TITLE, 1)):
                await to_line(stage, "Fintech")
                await say(stage, words)
                assert cursor(stage) == line_of("Fintech")
                assert title in stage.lines()[0]
                assert read(stage) in articles(library)
                assert len(articles(library)) == count
                if count == 1:  # Two articles have become one.
                    assert read(stage).body[2].text == "Fintech"
                await stage.step("u")
                assert BANK_TITLE in stage.lines()[0]
                assert cursor(stage) == line_of("Fintech")
            await stage.step("escape")
            assert stage.open_title() == BANK_TITLE


async def test_a_capture_that_was_removed_elsewhere_is_not_corrected(stage: Stage) -> None:
    await stage.step("escape", "asterisk", "i")
    library(stage).remove([library(stage).article(key_of(library(stage), HARBOR_TITLE)).capture_key])
    await to_line(stage, "Forty")
    await say(stage, "caption")
    assert stage.said()[-1] == "This capture was removed from the library, so nothing was corrected"
    assert library(stage).corrections() == ()
    await stage.step("u")
    assert stage.said()[-1].startswith("Undone: starring")


async def test_the_reader_stays_where_they_were(tmp_path: Path) -> None:
    with a_library(tmp_path) as library:
        library.state.set_starred(key_of(library, BANK_TITLE), True)
        async with on_stage(library, size=(100, 9)) as stage:
            stage.screen.list_pane.go_to(stage.titles().index(BANK_TITLE))
            await stage.step("l")
            while stage.screen.article_pane.view.position.block < 0:
                await stage.step("j")
            place = stage.screen.article_pane.view.position
            assert place.block == 0
            text = articles(library)[1].body[place.block].text
            await stage.step("i")
            await to_line(stage, "The tablet is")
            await say(stage, "deck")
            await stage.step("escape")
            assert stage.screen.pane == "article"
            assert stage.open_title() == stage.cursor_title() == BANK_TITLE
            assert read(stage).body[stage.screen.article_pane.view.position.block].text == text
            assert "★" in stage.text()
            assert len(stage.titles()) == 3
            await stage.step("u")
            assert stage.open_title() == stage.cursor_title() == BANK_TITLE
            assert read(stage).figures[0].caption == "The tablet is named Ledger."
            # A correction keeps in sight an article that a filter hides from then on.
            await stage.step("h", "t")
            title = stage.open_title()
            await stage.step("i")
            await say(stage, "whole")
            await stage.step("escape")
            assert stage.open_title() == stage.cursor_title() == title
            assert read(stage).truncated is None


async def test_the_dialog_says_what_would_be_kept(stage: Stage) -> None:
    await stage.step("n", "enter")
    # The next-best reading comes first.
    dialog = stage.top(CorrectScreen)
    row = dialog.rows.row(0)
    assert row.text == "a picture description"
    assert row.detail == "Line 5: “Forty cameras and no ledger.” is a picture description."
    assert "Line 5: “Forty cameras" in stage.text()
    # What the line is already does not count as the name of a sponsor.
    await stage.step(*"deck")
    assert "No other reading matches these words." in stage.text()
    assert stage.top(CorrectScreen).chosen is None
    await stage.step("s")
    assert "paid for by “decks”" in stage.text()
    # The wording of a row is no part of a typed name.
    for typed, first in (
        ("Acme", "in the section “Acme”"),
        ("section Ports", "in the section “Ports”"),
        ("in the section Ports", "in the section “Ports”"),
        ("paid for by", None),
        ("in the sect", None),
        ("Paid for by “Acme”", "paid for by “Acme”"),
    ):
        dialog.entry.value = typed
        await stage.settle()
        assert (typed, dialog.chosen and dialog.chosen.words) == (typed, first)
    await stage.step("escape")
    assert cursor(stage) == 5


async def test_a_correction_says_that_the_list_shows_another_capture(tmp_path: Path) -> None:
    with a_library(tmp_path) as library:
        twin = tmp_path / "twin.txt"
        twin.write_text(f"{HARBOR.replace('Keep ReadingShow less', '')}\nRecommended\n", encoding="utf-8")
        library.ingest([str(twin)])
        async with on_stage(library, size=(200, 40)) as stage:
            stage.screen.list_pane.go_to(stage.titles().index(HARBOR_TITLE))
            await stage.step("i")
            await say(stage, "truncated")
            assert "the list shows the version from" in stage.said()[-1]
