"""The screen that lists all highlights, notes and tags."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reader.app.notes import NoteRow, NotesScreen
from reader.app.spoken import SpokenApp
from reader.export.formats import FORMATS, NOTE_FORMATS
from reader.library import Library
from reader.library.state import anchors
from reader.library.state.anchors import Quote
from reader.model import Block
from tests.app.features.corrections_stage import key_of
from tests.app.stage import Stage, on_pages, on_stage, pages, story
from tests.filling import add_pages
from tests.generated import a_page

FARMS = (
    "The rooftop farms are not feeding anyone yet.",
    *(f"Paragraph {number} is about the {number} lamps of the farm." for number in range(40)),
    "Nobody had put the water into the plan.",
)
KETTLE = ('The kettle of the ministry is "loud", said the plumber.', "It boils at nine.")
CAFE = ("A café in Vellmouth sells tea by the word.", "Silence is free.")


def put(library: Library, source: str, headline: str, texts: tuple[str, ...]) -> int:
    """Add an article; return its key."""
    body = tuple(Block("paragraph", text) for text in texts)
    add_pages(library, [a_page(source, story(0, "China", headline, body=body))])
    return key_of(library, headline)


def highlight(
    library: Library, key: int, texts: tuple[str, ...], block: int, words: str, note: str = ""
) -> None:
    start = texts[block].index(words)
    quote = anchors.quote(texts, (block, start), (block, start + len(words)))
    library.annotations.highlight(key, quote, "yellow" if not note else "green", note)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A kept library: two highlights and a note in one article, a highlight in another, tags on a third."""
    monkeypatch.chdir(tmp_path)
    with Library.open(tmp_path / "library.db") as library:
        farms, kettle, cafe = (
            put(library, "one.txt", "The rooftop farms", FARMS),
            put(library, "two.txt", "The kettle", KETTLE),
            put(library, "three.txt", "The café", CAFE),
        )
        highlight(library, farms, FARMS, 0, "rooftop farms")
        highlight(library, kettle, KETTLE, 0, "of the ministry", "Which one?")
        library.annotations.write_note(kettle, "Ask the plumber.")
        highlight(library, farms, FARMS, 41, "the water")
        library.annotations.set_tags(cafe, ["tea", "quiet"])
        yield library


@pytest.fixture
async def stage(library: Library) -> AsyncIterator[Stage]:
    async with on_stage(library, size=(100, 24)) as stage:
        await open_list(stage)
        yield stage


async def open_list(stage: Stage) -> None:
    await stage.press("H")
    await read(stage)


async def read(stage: Stage) -> None:
    """Wait until the rows have been read."""
    await stage.until(lambda: not stage.screen.queries.busy("notes"))


def words(stage: Stage) -> list[str]:
    """The highlighted words and the notes that are listed, in order."""
    model = stage.top(NotesScreen).list.model
    return [words_of(row) for row in model.rows(0, len(model))]


def words_of(row: NoteRow | None) -> str:
    assert row is not None
    if row.annotation is None:
        return " ".join(row.tags)
    return row.annotation.quote.text or row.annotation.note


async def test_a_highlight_is_listed_among_whole_words_and_with_the_tags_of_its_article(
    library: Library,
) -> None:
    text = "Everybody on the pier agreed that the lamps cost more than anybody in the harbour had expected."
    highlight(library, put(library, "four.txt", "The pier", (text,)), (text,), 0, "lamps")
    kettle = key_of(library, "The kettle")
    library.annotations.set_tags(kettle, ["steam"])
    async with on_stage(library, size=(100, 24)) as stage:
        await open_list(stage)
        assert "on the pier agreed that the lamps cost more than anybody in the harbour…" in stage.text()
        assert words(stage) == [
            "lamps", "the water", "rooftop farms", "Ask the plumber.", "of the ministry", "steam", "quiet tea"
        ]  # fmt: skip
        await stage.press("slash", *"#steam", "tab", "G", "d")
        assert not library.annotations.tags(kettle)


async def test_keys_typed_before_the_rows_are_read_move_among_them(library: Library) -> None:
    async with on_stage(library, size=(100, 24)) as stage:
        await stage.type_at_once("Hjj")
        assert stage.top(NotesScreen).list.cursor == 2


async def test_tags_stay_listed_without_captures_and_can_be_removed(library: Library) -> None:
    library.remove([library.article(key).capture_key for key in library.newest_keys()])
    async with on_stage(library, size=(100, 24)) as stage:
        await open_list(stage)
        assert len(words(stage)) == 5
        await stage.press("end", "n")
        assert "#quiet #tea" in stage.text()
        assert any(said.startswith("The library has no capture of this story") for said in stage.said())
        await stage.press("d")
        await stage.until(lambda: len(words(stage)) == 4)


async def test_typing_filters(stage: Stage) -> None:
    for typed, found in (
        ("WATER", ["the water"]),
        ("which", ["of the ministry"]),
        ("#tea", ["quiet tea"]),
        ("cafe", ["quiet tea"]),
        ("kettle plumber", ["Ask the plumber."]),
        ("nothing like it", []),
    ):
        await stage.press("slash", *typed)
        assert (typed, words(stage)) == (typed, found)
        assert ("Nothing matches the filter." in stage.text()) == (found == [])
        await stage.press("tab")
        assert "Esc clear filter" in stage.lines()[-1]
        if not found:
            await stage.press("e")
            assert stage.said()[-1].startswith("The filter leaves no notes to export")
        await stage.press("escape")
        assert len(words(stage)) == 5
    await stage.press("escape")
    assert stage.app.screen is stage.screen


async def test_enter_or_a_second_click_opens_the_article_at_the_highlight(stage: Stage) -> None:
    await stage.press("enter")
    assert stage.open_title() == "The rooftop farms"
    assert stage.screen.pane == "article"
    assert "Nobody had put the water into the plan." in stage.text()
    await open_list(stage)
    await stage.press("j", "enter")
    await open_list(stage)
    # Where the reader was in the list.
    assert words_of(stage.top(NotesScreen).list.chosen) == "rooftop farms"
    await stage.click("kettle of the ministry")
    assert stage.top(NotesScreen)
    await stage.click("kettle of the ministry")
    assert stage.open_title() == "The kettle"


async def test_escape_leads_back_from_the_article_to_the_list(stage: Stage) -> None:
    await stage.press("j", "enter")
    assert "Esc notes" in stage.lines()[-1]
    await stage.press("escape")
    await read(stage)
    assert words_of(stage.top(NotesScreen).list.chosen) == "rooftop farms"
    await stage.press("escape", "escape")
    assert (stage.app.screen, stage.screen.pane) == (stage.screen, "list")


async def test_enter_opens_the_article_at_its_note(stage: Stage) -> None:
    await stage.press("enter", "w", *"Ask again.", "ctrl+s")
    await stage.press("g")
    assert "Ask again." not in stage.text()
    await open_list(stage)
    await stage.press("home", "enter")
    assert stage.open_title() == "The rooftop farms"
    assert "Ask again." in stage.text()


async def test_a_row_of_tags_alone_has_one_line(stage: Stage) -> None:
    await stage.press("escape", "number_sign", *"farms", "enter")
    await open_list(stage)
    await stage.press("slash", *"#farms", "enter", "G")
    assert [line.rstrip() for line in stage.lines() if line.startswith("▌")] == ["▌ #farms"]


async def test_one_is_edited_removed_and_comes_back(library: Library, stage: Stage) -> None:
    await stage.press("j", "n", *"Why?", "ctrl+s")
    await stage.until(lambda: "✎ Why?" in stage.text())
    await stage.press("G", "n")
    assert any("changes its tags" in sentence for sentence in stage.said())
    await stage.press("g")
    left = ["Ask the plumber.", "of the ministry", "rooftop farms", "quiet tea"]
    for keys, listed in (
        ("d", left),
        ("G d", left[:-1]),
        ("u", left),
        ("u", ["the water", *left]),
        ("ctrl+r", left),
    ):
        await stage.press(*keys.split())
        await read(stage)
        assert sorted(words(stage)) == sorted(listed)
    assert "Removed the highlight “the water” in “The rooftop farms”" in stage.said()
    # What another window writes appears.
    with library.another() as other:
        highlight(other, key_of(other, "The café"), CAFE, 1, "Silence")
    await stage.until(lambda: "Silence" in words(stage))


async def test_those_that_cannot_be_placed_or_whose_captures_are_gone_stay_and_say_so(
    library: Library,
) -> None:
    key = key_of(library, "The café")
    library.annotations.highlight(key, Quote("words of a lost version"), "blue")
    library.remove(library.captures_from(["two.txt"])["two.txt"])
    async with on_stage(library, size=(100, 24)) as stage:
        await open_list(stage)
        lines = [line.rstrip() for line in stage.lines()]
        lost = next(y for y, line in enumerate(lines) if line.endswith("words of a lost version"))
        assert lines[lost + 1].endswith("the text no longer has these words")
        assert sum(line.endswith("none of its captures is in the library") for line in lines) == 2
        await stage.press("slash", *"ministry", "enter", "enter")
        assert stage.top(NotesScreen)
        assert any(said.startswith("The library has no capture of this story") for said in stage.said())
        await stage.press("escape", "g", "enter")
        assert stage.open_title() == "The café"


async def test_a_highlight_whose_words_only_another_version_has_leads_there(library: Library) -> None:
    cost = ("The bridge of Vellmouth cost 4.2 million.", *FARMS)
    put(library, "draft.txt", "The bridge", cost)
    highlight(library, key_of(library, "The bridge"), cost, 0, "4.2 million")
    corrected = (cost[0].replace("4.2", "6.9"), *FARMS, "An earlier version had another sum.")
    put(library, "corrected.txt", "The bridge", corrected)
    async with on_stage(library, size=(100, 24)) as stage:
        await open_list(stage)
        assert "in the version from draft.txt" in stage.text()
        await stage.press("g", "enter")
        assert "cost 4.2 million" in stage.text()
        assert "This is the version from draft.txt." in stage.text()


async def test_all_are_exported_or_those_that_the_filter_leaves(stage: Stage, tmp_path: Path) -> None:
    for keys, heading, titles in (
        ("e", "HIGHLIGHTS, NOTES AND TAGS", {"The rooftop farms", "The kettle", "The café"}),
        # More than the filter leaves.
        ("slash w a t e r enter e", "ALL NOTES ON THE LISTED ARTICLES", {"The rooftop farms"}),
    ):
        await stage.press(*keys.split())
        assert heading in stage.text()
        await stage.press("j", "enter")
        await stage.until(lambda: any("exported" in sentence for sentence in stage.said()))
        (file,) = tmp_path.glob("*.json*")
        records = {
            record["title"]: record
            for record in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        }
        assert set(records) == titles
        if kettle := records.get("The kettle"):
            assert (kettle["note"], kettle["highlights"][0]["quote"]) == (
                "Ask the plumber.",
                "of the ministry",
            )
        file.unlink()
        stage.app.clear_notifications()


async def test_the_notes_of_one_article_are_exported(library: Library, tmp_path: Path) -> None:
    async with on_stage(library, size=(100, 30)) as stage:
        await stage.until(lambda: stage.open_title() == "The rooftop farms")
        await stage.press("e")
        assert "YOUR NOTES ON IT" in stage.text()
        await stage.press(*["j"] * len(FORMATS))
        assert f"▌ {NOTE_FORMATS[0].label}" in stage.text()
        assert "Obsidian" in stage.text()
        await stage.press("enter")
        await stage.until(lambda: any("exported" in sentence for sentence in stage.said()))
        (file,) = tmp_path.glob("*.md")
        text = file.read_text(encoding="utf-8")
        assert "==the water==" in text
        assert "ministry" not in text


async def test_an_empty_list_says_how_to_make_the_first_one() -> None:
    async with on_pages(pages(), size=(40, 12)) as stage:
        await open_list(stage)
        text = " ".join(stage.text().split())
        assert "There are no highlights, notes or tags yet." in text
        assert "v selects words and Enter highlights them" in text
        await stage.press("e", "d", "enter", "n", "u", "slash", "escape")
        assert stage.top(NotesScreen)


async def test_a_screen_reader_hears_each_row(library: Library) -> None:
    async with on_stage(library, size=(100, 24), kind=SpokenApp) as stage:
        app = stage.app
        assert isinstance(app, SpokenApp)
        await open_list(stage)
        await stage.press("j")
        assert app.announced.startswith("The (yellow: rooftop farms) are not feeding anyone yet.")
        assert "feeding anyone yet. " in app.announced
        await stage.press("slash", *"kettle")
        assert app.announced.startswith("Note: Ask the plumber.")
        await stage.press(*"zzz")
        assert app.announced == "Nothing matches the filter."
