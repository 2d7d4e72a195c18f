"""Selecting and highlighting in an article, notes, tags: with keys and with the mouse."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.style import Style
from textual.events import MouseMove
from textual.widgets import Input, TextArea

from reader.app.app import ReaderApp
from reader.app.dialogs.help import HelpScreen
from reader.app.spoken import SpokenApp
from reader.library import Library
from reader.library.state import anchors
from reader.library.state.notes import Color
from tests.app.features.test_notes_screen import put
from tests.app.stage import Stage, on_pages, on_stage, pages

TEXTS = (
    "The rooftop farms are not feeding anyone yet.",
    "Lettuce is 95 percent water, and the lamps cost more than the lettuce.",
    "Nobody had put the lamps into the plan.",
)
ALWAYS = 'The kettle of the ministry is "loud", said the plumber.'


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A kept library with two articles."""
    with Library.open(tmp_path / "library.db") as library:
        put(library, "one.txt", "The rooftop farms", TEXTS)
        put(library, "two.txt", "The kettle", (ALWAYS, "It boils at nine.", "The tea is for guests."))
        yield library


@pytest.fixture
async def stage(library: Library) -> AsyncIterator[Stage]:
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter")
        yield stage


def key(stage: Stage) -> int:
    """The key of the open article."""
    assert stage.screen.article_pane.stored is not None
    return stage.screen.article_pane.stored.key


def written(stage: Stage) -> list[tuple[str, str, str]]:
    """What is highlighted in the open article: words, colour, note."""
    return [(one.quote.text, one.color, one.note) for one in stage.screen.library.annotations.of(key(stage))]


def flat(stage: Stage) -> str:
    """The text of the dialog on top, without line ends."""
    return " ".join(word for word in stage.text().split() if word != "│")


def styled(stage: Stage, text: str) -> Style:
    """The style of a stretch of the screen that is drawn in one style."""
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.text.strip() == text.strip():
                assert segment.style is not None
                return segment.style
    raise AssertionError(f"no stretch {text!r} on\n{stage.text()}")


def look(stage: Stage, color: Color) -> Style:
    return stage.screen.article_pane.view.looks[f"highlight-{color}"]


# Selecting with keys


SELECTED = (
    ("v l l", "The"),
    ("v right right left", "Th"),
    ("v w w o l", "he rooftop"),
    ("v b", "T"),
    ("v G b w", "\n".join(TEXTS)),
    ("v dollar_sign 0 l", "Th"),
    ("v w v e o b", "The rooftop"),
    ("V j j", TEXTS[0] + "\n" + TEXTS[1]),
    ("v j e V", TEXTS[0] + "\n" + TEXTS[1].removesuffix(" the lettuce.")),
    ("v G v k", ".\n" + TEXTS[2]),
    ("v pagedown", "\n".join(TEXTS)[: -len(TEXTS[2]) + 1]),
    ("slash 9 5 enter v e", "95"),
)
"""Keys pressed in the article, and what they select."""


async def test_what_keys_select(stage: Stage) -> None:
    for keys, selected in SELECTED:
        await stage.press("J", "K", *keys.split())  # Another article ends what was selected and found.
        assert (keys, stage.screen.article_pane.selection.words) == (keys, selected)
    await stage.press("escape")
    assert stage.screen.article_pane.selection.words == ""
    assert stage.screen.pane == "article"


async def test_enter_highlights_in_the_colour_used_last_and_opens_the_dialog_of_a_highlight(
    stage: Stage,
) -> None:
    await stage.press("v", "left_square_bracket")
    assert stage.said() == ["No more highlights above"]
    await stage.press("escape")
    await stage.press("v", "e", "enter")
    await stage.press("v", "w", "w", "v", "e", "2")
    await stage.press("v", "j", "0", "v", "e", "enter")
    assert [(text, color) for text, color, _ in written(stage)] == [
        ("The", "yellow"),
        ("farms", "green"),
        ("Lettuce", "green"),
    ]
    assert styled(stage, "The").bgcolor == look(stage, "yellow").bgcolor
    assert styled(stage, "farms").bgcolor == look(stage, "green").bgcolor
    assert any("u undoes it" in words for words in stage.said())
    # The same words again: only their colour changes.
    await stage.press("v", "g", "v", "e", "3")
    assert written(stage)[0] == ("The", "blue", "")
    await stage.press("v", "G", "v", "left_square_bracket", "enter")
    assert "Highlight in green" in stage.text()
    assert "“Lettuce”" in stage.text()
    await stage.press("j", "enter")
    assert stage.app.clipboard == "Lettuce"
    await stage.press("v", "left_square_bracket", "enter", "d")
    assert len(written(stage)) == 2
    await stage.press("u")
    assert len(written(stage)) == 3


async def test_the_footer_counts_the_selected_words_and_they_are_copied(stage: Stage) -> None:
    await stage.press("v")
    assert stage.lines()[-1].endswith(" 0 words ")
    await stage.press("enter")
    assert any(words.startswith("Nothing is selected yet") for words in stage.said())
    assert any("captions cannot be selected" in words for words in stage.said())
    await stage.press("e", "e")
    assert "highlight in yellow" in stage.lines()[-1]
    assert stage.lines()[-1].rstrip().endswith("2 words")
    # Other keys mean the same.
    await stage.press("m", "question_mark")
    keys = stage.top(HelpScreen).rows.model
    assert [group.name for group in keys.groups][:2] == ["while you select", "to begin with"]
    await stage.press("escape", "c")
    assert stage.app.clipboard == "The rooftop"
    assert "2 words sent to the clipboard" in stage.said()
    assert stage.screen.article_pane.selection.words == ""
    assert "scroll" in stage.lines()[-1]
    await stage.press("v", "e", "4", "J")
    assert stage.screen.list_pane.view.filters.section is None
    assert stage.open_title() == "The kettle"
    assert stage.screen.article_pane.selection.words == ""
    # In the list, v is the overview.
    await stage.press("h", "v")
    assert "Overview" in stage.lines()[0]
    await stage.press("v", "M")
    assert "Overview" in stage.lines()[0]


async def test_a_selection_in_a_long_article_scrolls_with_its_end(library: Library) -> None:
    put(library, "long.txt", "A long one", tuple(f"Paragraph {n} is about the {n} lamps." for n in range(60)))
    async with on_stage(library, size=(80, 14)) as stage:
        await stage.press("G", "enter", "v", *["j"] * 20)
        view = stage.screen.article_pane.view
        assert view.scroll_offset.y > 0
        assert 0 <= view.caret.y < view.size.height
        await stage.press("G")
        assert "Paragraph 59 is about the 59 lamps." in stage.text()
        assert stage.screen.article_pane.selection.words.endswith("59 lamps.")
        await stage.press("g")
        assert view.caret.y < view.size.height
        # More than a terminal would take is not copied to it.
        put(library, "huge.txt", "A huge one", tuple(f"{n} {'lamps ' * 400}" for n in range(60)))
        stage.screen.poll()
        await stage.settle()
        await stage.press("escape", "escape", "G", "enter", "v", "G", "c")
        assert stage.app.clipboard == ""
        assert "The selection is too long for the clipboard" in stage.said()


# The mouse


async def drag(stage: Stage, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag from one cell of the article's text to another."""
    view = stage.screen.article_pane.view
    left, _ = view.column(view.room.width)
    (x, y), (to_x, to_y) = start, end
    await stage.pilot.mouse_down(view, offset=(left + x, y))
    for at in ((to_x + x) // 2, to_x):
        await stage.pilot._post_mouse_events([MouseMove], view, (left + at, to_y), button=1)
    await stage.pilot.mouse_up(view, offset=(left + to_x, to_y))
    await stage.settle()


def row_of(stage: Stage, text: str) -> int:
    return (
        next(y for y, line in enumerate(stage.lines()) if text in line)
        - stage.screen.article_pane.view.region.y
    )


async def test_the_mouse_selects_by_dragging_and_a_click_ends_it_or_opens_a_highlights_dialog(
    stage: Stage,
) -> None:
    await stage.press("h")
    y = row_of(stage, TEXTS[0])
    await drag(stage, (4, y), (10, y))
    assert stage.screen.article_pane.selection.words == "rooftop"
    assert stage.screen.pane == "article"
    await stage.press("e")
    assert stage.screen.article_pane.selection.words == "rooftop farms"
    view = stage.screen.article_pane.view
    await stage.pilot.click(view, offset=(view.column(view.room.width)[0] + 30, y))
    await stage.settle()
    assert stage.screen.article_pane.selection.words == ""
    assert stage.said() == []
    headline = row_of(stage, stage.open_title())
    await drag(stage, (4, headline), (10, headline))
    assert stage.said() == ["Headline, byline and captions cannot be selected"]
    await drag(stage, (4, y), (2, row_of(stage, TEXTS[2])))
    words = f"{TEXTS[0][4:]}\n{TEXTS[1]}\nNob"
    assert stage.screen.article_pane.selection.words == words
    await stage.press("enter")
    assert written(stage) == [(words, "yellow", "")]
    await stage.pilot.click(view, offset=(view.column(view.room.width)[0] + 5, y))
    await stage.settle()
    assert "Highlight in yellow" in stage.text()
    await stage.press("2")
    assert written(stage) == [(words, "green", "")]


# The dialog of a highlight


async def test_a_note_to_a_highlight(stage: Stage) -> None:
    await stage.press("v", "e", "n")
    await stage.press(*"why", "enter", *"so", "ctrl+s")
    assert written(stage) == [("The", "yellow", "why\nso")]
    assert stage.said()[-1].startswith("Highlighted in yellow, with your note; u undoes it")
    assert "The ✎ rooftop farms" in stage.text()
    # One that is not saved is dropped only after a question.
    await stage.press("v", "j", "e", "n", *"why", "escape")
    assert "Not saved yet" in stage.text()
    await stage.press(*"!", "escape", "escape", "escape")
    assert len(written(stage)) == 1
    await stage.press("v", "left_square_bracket", "n", "ctrl+a", "ctrl+k")
    await stage.press("backspace", "backspace", "backspace", "backspace", *"no", "ctrl+s")
    assert [note for _, _, note in written(stage)] == ["no"]


# Where highlights are seen


async def test_highlights_stay_at_their_words_at_every_width(library: Library, stage: Stage) -> None:
    await stage.press("v", "j", "e", "n", *"so", "ctrl+s")
    text = written(stage)[0][0].replace("\n", " ")
    for size in ((60, 24), (200, 60), (110, 24)):
        await stage.pilot.resize_terminal(*size)
        await stage.settle()
        view = stage.screen.article_pane.view
        marked = [
            segment.text
            for y in range(view.size.height)
            for segment in view.render_line(y)
            if segment.style is not None and segment.style.bgcolor == look(stage, "yellow").bgcolor
        ]
        assert " ".join(" ".join(marked).split()) == text
    # Those that another window makes are shown, too.
    with library.another() as other:
        other.annotations.highlight(key(stage), anchors.quote(TEXTS, (2, 0), (2, 6)), "blue")
        other.annotations.set_tags(key(stage), ["chips"])
        other.annotations.write_note(key(stage), "Read again.")
    stage.screen.poll()
    await stage.settle()
    assert styled(stage, "Nobody").bgcolor == look(stage, "blue").bgcolor
    assert "#chips" in stage.text()
    assert "Read again." in stage.text()


async def test_a_highlight_is_seen_in_another_version_of_the_story(library: Library) -> None:
    put(library, "three.txt", "The rooftop farms", (*TEXTS, "This was added later."))
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter", "v", "e", "e", "2")
        await stage.press("d", "j", "enter")
        assert styled(stage, "The rooftop").bgcolor == look(stage, "green").bgcolor
        await stage.press("escape")
        assert styled(stage, "The rooftop").bgcolor == look(stage, "green").bgcolor


async def test_without_colours_a_highlight_has_brackets_and_its_colour_in_words(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter", "v", "e", "e")
        assert styled(stage, "The roofto").underline
        await stage.press("2")
        assert "[The rooftop] (green) farms are not" in stage.text()
        assert styled(stage, "The rooftop").underline
        await stage.press("v", "left_square_bracket", "n", *"so", "ctrl+s")
        assert "[The rooftop] (green ✎) farms are not" in stage.text()


async def test_highlights_in_captures_that_are_not_kept_say_so_once() -> None:
    async with on_pages(pages()) as stage:
        await stage.press("enter", "v", "e", "enter")
        assert len(written(stage)) == 1
        warnings = [words for words in stage.said() if "lost when you quit" in words]
        assert len(warnings) == 1
        assert len(warnings[0]) < 115  # One line of a wide terminal, which covers only the footer.
        await stage.press("H")
        assert "first run “protocol-reader add PATH…”" in " ".join(stage.text().split())
        await stage.press("escape", "v", "w", "v", "e", "enter")
        assert len(written(stage)) == 2
        assert not [words for words in stage.said() if "lost when you quit" in words]


async def test_stars_in_captures_that_are_not_kept_say_so_once() -> None:
    async with on_pages(pages()) as stage:
        await stage.step("m", "asterisk", "j", "asterisk")
        warning = "These captures are not in a library, so notes and stars are lost when you quit"
        assert stage.said() == [f"Starred. {warning}"]


# Notes and tags of the article


@pytest.mark.parametrize(
    ("keys", "quit_key"), [(("v", "e", "1"), "q"), (("number_sign", *"chips", "enter"), "ctrl+q")]
)
async def test_leaving_captures_that_are_not_kept_asks_before_what_was_written_is_lost(
    keys: tuple[str, ...], quit_key: str
) -> None:
    async with on_pages(pages(), size=(110, 24)) as stage:
        await stage.press("enter", *keys, "escape", quit_key)
        assert stage.app.is_running
        shown = "q" if quit_key == "q" else "Ctrl-q"
        assert f"will be lost. {shown} again leaves, H lists your notes" in stage.said()[-1]
        # Any other key withdraws the question.
        await stage.step("j", quit_key)
        assert stage.app.is_running
        await stage.pilot.press(quit_key)
        await stage.until(lambda: not stage.app.is_running)


async def test_a_note_to_the_article_stands_below_it(stage: Stage) -> None:
    await stage.step("w", *"lamps cost more")
    for text in ("lamps cost ", "lamps ", ""):
        await stage.press("ctrl+z")
        assert stage.app.screen.query_one(TextArea).text == text
    await stage.press(*"Good.", "enter", *"Really.", "f2")
    assert "Note on" not in stage.text()
    assert stage.text().index("Your note") < stage.text().index("Good.") < stage.text().index("Really.")
    await stage.press("u")
    assert "Your note" not in stage.text()


async def test_a_note_that_was_changed_elsewhere_is_replaced_only_when_saved_twice(
    library: Library, stage: Stage
) -> None:
    library.annotations.write_note(key(stage), "First.")
    stage.screen.poll()
    await stage.press("w", *" Mine.")
    library.annotations.write_note(key(stage), "Theirs.")
    await stage.press("ctrl+s")
    assert "changed elsewhere, to “Theirs.”. Ctrl-s again replaces it" in flat(stage)
    assert [note.note for note in library.annotations.of(key(stage))] == ["Theirs."]
    await stage.press("ctrl+s")
    assert [note.note for note in library.annotations.of(key(stage))] == ["First. Mine."]
    # One that is removed meanwhile comes back only so, too.
    await stage.press("w", *"!")
    library.annotations.write_note(key(stage), "")
    await stage.press("ctrl+s")
    assert "The note was removed elsewhere. Ctrl-s again saves yours" in flat(stage)
    await stage.press("ctrl+s")
    assert [note.note for note in library.annotations.of(key(stage))] == ["First. Mine.!"]


async def test_the_note_of_a_highlight_that_was_changed_or_removed_elsewhere_is_not_lost(
    library: Library, stage: Stage
) -> None:
    await stage.press("v", "e", "1", "v", "left_square_bracket", "n", *"mine")
    (highlight,) = library.annotations.of(key(stage))
    library.annotations.change(highlight.number, note="theirs")
    await stage.press("ctrl+s")
    assert "changed elsewhere" in flat(stage)
    assert written(stage) == [("The", "yellow", "theirs")]
    await stage.press("escape")
    assert "discards what you typed" in flat(stage)
    library.annotations.remove(highlight.number)
    await stage.press("ctrl+s")
    assert "has been removed; what you typed was sent to the clipboard" in flat(stage)
    assert stage.app.clipboard == "mine"


async def test_what_is_written_on_an_article_that_was_removed_elsewhere_stays_with_its_story(
    library: Library, stage: Stage
) -> None:
    library.annotations.set_tags(key(stage), ["chips"])
    stage.screen.poll()
    for keys, saved in (("v e n", "ctrl+s"), ("w", "ctrl+s"), ("number_sign", "enter")):
        await stage.press("g", *keys.split(), *"mine")
        library.remove([library.article(key(stage)).capture_key])
        await stage.press(saved)
        assert stage.app.screen is stage.screen
        assert any(sentence.endswith("u undoes it") for sentence in stage.said()[-2:])
        put(library, "one.txt", "The rooftop farms", TEXTS)
        stage.screen.poll()
        await stage.settle()
        stage.screen.list_pane.go_to(stage.titles().index("The rooftop farms"))
        stage.screen.panes.focus_pane("article")
    assert written(stage) == [("The", "yellow", "mine"), ("", "yellow", "mine")]
    assert library.annotations.tags(key(stage)) == ("chips", "mine")


@pytest.mark.parametrize(
    ("keys", "theirs", "saved"),
    [
        ("w", "", [("", "mine")]),
        ("v e n", "", [("The", "mine")]),
        ("w", "theirs", [("", "theirs\n\nmine")]),  # One that was changed elsewhere is kept beside it.
    ],
)
async def test_a_note_is_saved_when_the_terminal_closes(
    library: Library, keys: str, theirs: str, saved: list[tuple[str, str]]
) -> None:
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter", *keys.split(), *"mine")
        if theirs:
            library.annotations.write_note(key(stage), theirs)
        stage.app.exit(return_code=129)
    assert [(note.quote.text, note.note) for note, _ in library.annotations.all()] == saved


async def test_a_note_of_any_length_is_saved_when_the_terminal_closes(library: Library) -> None:
    text = "A line of notes.\n" * 3_000
    async with on_stage(library, size=(110, 24)) as stage:
        await stage.press("enter", "w")
        stage.app.screen.query_one(TextArea).insert(text)
        await stage.settle()
        stage.app.exit(return_code=129)
    assert [note.note for note, _ in library.annotations.all()] == [text.strip()]


async def test_a_discarded_note_comes_back_with_undo_in_the_next_one(library: Library, stage: Stage) -> None:
    await stage.press("w", *"mine", "escape", "escape", "w")
    assert stage.app.screen.query_one(TextArea).text == ""
    assert "Ctrl-z brings back what you discarded" in stage.text()
    await stage.press("escape", "J", "w")  # Another article.
    assert "brings back" not in stage.text()
    await stage.press("escape", "K", "w", "x", "ctrl+z", "ctrl+z", "ctrl+s")
    assert [note.note for note, _ in library.annotations.all()] == ["mine"]
    await stage.press("w")
    assert "brings back" not in stage.text()


async def test_tags_are_completed_and_stand_in_the_byline(library: Library, stage: Stage) -> None:
    await stage.press("number_sign", *"chips, later", "enter")
    assert "#chips  #later" in stage.text()
    # Those that others add or remove meanwhile are respected.
    await stage.press("number_sign", *"new")
    library.annotations.set_tags(key(stage), ["chips", "theirs"])
    await stage.press("enter")
    assert library.annotations.tags(key(stage)) == ("chips", "new", "theirs")
    await stage.press("J", "number_sign", *"ch")
    assert "#chips" in stage.text()
    assert "1 article" in stage.text()
    await stage.press("tab", *"old", "enter")
    assert library.annotations.tags(key(stage)) == ("chips", "old")
    await stage.press("number_sign", "down", "enter", "enter")
    assert "theirs" in library.annotations.tags(key(stage))
    await stage.press("number_sign", "ctrl+u", "enter")
    assert library.annotations.tags(key(stage)) == ()
    await stage.press("number_sign")
    stage.app.screen.query_one(Input).value = "x" * 61
    await stage.press("enter")
    assert "a tag has at most 60 characters" in stage.text()


async def test_tags_that_are_not_saved_are_discarded_only_after_a_warning(stage: Stage) -> None:
    await stage.step("number_sign", "escape", "number_sign", "c", "escape")
    assert "Not saved yet: ⏎ saves, Esc again discards what you typed" in flat(stage)
    await stage.press("escape")
    assert stage.app.screen is stage.screen


# A library that somebody else has written


@pytest.mark.parametrize("kind", [ReaderApp, SpokenApp])
async def test_notes_and_tags_from_elsewhere_are_sanitized_and_markup_is_text(
    library: Library, tmp_path: Path, kind: type[ReaderApp]
) -> None:
    key = library.listing().rows(0, 1)[0].key
    library.annotations.highlight(key, anchors.quote(TEXTS, (0, 4), (0, 11)), "yellow", "note")
    library.annotations.set_tags(key, ["tag"])
    hostile = "[@click=app.quit]\x1b]0;x\x07mine\u202e[/]"
    with closing(sqlite3.connect(tmp_path / "library.db")) as database, database:
        database.execute("UPDATE annotations SET note = ?", (hostile,))
        database.execute("UPDATE tags SET tag = ?", (hostile,))
    async with on_stage(library, size=(100, 24), kind=kind) as stage:
        await stage.press("enter")
        document = stage.screen.article_pane.view.document
        inserted = [insertion.text for row in document.insertions.values() for insertion in row]
        await stage.press("v", "right_square_bracket", "enter", "n")
        inserted.append(stage.app.screen.query_one(TextArea).text)
        await stage.press("escape", "escape", "number_sign")
        inserted.append(stage.app.screen.query_one(Input).value)
        assert any("[@click=app.quit]" in text for text in inserted)
        assert not [text for text in inserted if not set("\x1b\x07\u202e").isdisjoint(text)]
        assert stage.app.is_running


# For a screen reader


async def test_a_screen_reader_hears_the_selection_and_the_highlight(library: Library) -> None:
    async with on_stage(library, size=(100, 24), kind=SpokenApp) as stage:
        app = stage.app
        assert isinstance(app, SpokenApp)
        await stage.press("enter", "v")
        assert app.announced.startswith("Selecting by characters.")
        await stage.press("e", "e")
        assert app.announced == "The rooftop: 2 words selected"
        cursor = app.cursor_position
        assert stage.lines()[cursor.y][cursor.x] == "p"
        await stage.press("n", *"why", "ctrl+s")
        assert "Highlighted in yellow" in app.announced
        assert "(highlighted in yellow: The rooftop; your note: why; end of highlight) farms" in " ".join(
            stage.text().split()
        )
        await stage.press("v", "left_square_bracket")
        assert app.announced.endswith("on a yellow highlight")
        await stage.press("escape")
        assert app.announced == "Selection cleared"
