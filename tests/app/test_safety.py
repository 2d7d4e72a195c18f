"""Texts that a terminal or a markup language would obey are shown as they are, in every part of the app."""

from __future__ import annotations

import pytest

from reader.library import Library
from reader.model import Capture, Problem
from reader.sanitize import sanitize
from tests.app.stage import on_pages, on_stage
from tests.commands.hostile import CROWDED, MARKUP, dirty_record, encodable
from tests.filling import add_pages

WORD = "harmless"


def controls(text: str) -> set[str]:
    obeyed = {
        char for char in text if ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202e\u2066\u200f"
    }
    return obeyed - {"\n"}


async def test_nothing_hostile_breaks_a_screen_or_leaves_it() -> None:
    with Library.temporary() as library:
        texts = [encodable(text) for text in CROWDED.values()]
        add_pages(
            library,
            [dirty_record(text, number) for number, text in enumerate(CROWDED.values())],
            [Problem(text, text, f"{text} reason") for text in texts],
        )
        async with on_stage(library, title=" ".join(texts), size=(100, 30)) as stage:
            count = len(stage.screen.list_pane.listing)
            for index in range(count):
                stage.screen.list_pane.go_to(index)
                await stage.settle()
                assert not controls(stage.text())
            for keys in (
                ["s", "down"],
                ["escape", "P", "j"],
                ["escape", "r"],
                ["escape", "y"],
                ["1"],
                ["f", "[", "enter"],
                ["a", "enter"],
                ["escape", "dollar_sign", "enter"],
            ):
                await stage.press(*keys)
                assert not controls(stage.text())
            assert all(not controls(said) for said in stage.said())
            assert not stage.app._exit


SAMPLES = [text for text in MARKUP.values() if "\\" not in text and "<" not in text]
TITLE = "[/nope] [bold]x[/bold]"


async def test_markup_is_text() -> None:
    records = [dirty_record(text, 12 * number + 1) for number, text in enumerate(SAMPLES)]
    problems = [Problem(text, "binary", f"{text} reason") for text in SAMPLES]
    async with on_pages(records, problems, title=TITLE, size=(150, 50)) as stage:
        assert TITLE in stage.lines()[0]
        for index, title in enumerate(stage.titles()):
            stage.screen.list_pane.go_to(index)
            await stage.settle()
            assert title in stage.text()
            text = title.partition(" Rooftop farm ")[0]
            assert text in map(sanitize, SAMPLES)
            assert f"{text} section".upper() in stage.text()
        await stage.press("1")
        assert f" {stage.open_title().partition(' Rooftop farm ')[0]} section " in stage.lines()[0]
        for key, words in (("s", "section"), ("a", "author")):
            await stage.press(key)
            # Authors are parted at a comma.
            ends = [sanitize(text.rpartition(", ")[2]) for text in SAMPLES]
            assert [end for end in ends if f"{end} {words}" not in stage.text()] == []
            await stage.press("escape")
        await stage.press("a", "enter")
        assert stage.lines()[0].startswith(" Author ─ ")
        await stage.press("escape", "P")
        for text in SAMPLES:
            assert f"  {sanitize(text)} reason" in stage.text()
            await stage.press("j")
        await stage.press("escape", "y")
        assert stage.said()[-1].endswith(" sent to the clipboard")


async def test_what_is_typed_is_text_too() -> None:
    async with on_pages([dirty_record(WORD, 1)]) as stage:
        await stage.press("f", *"[/x]", "enter")
        assert "“[/x]”" in stage.lines()[0]
        await stage.press("escape", "/", *"[b]", "enter", "n")
        assert stage.said() == ["No title contains “[b]”"]
        await stage.press("l", "/", *"[b]", "enter")
        assert "no match" in stage.lines()[-1]


@pytest.mark.parametrize(
    ("source", "url", "copied", "says"),
    [
        (
            "pile/1.txt",
            "javascript:alert(1)",
            "pile/1.txt",
            "The capture does not name the address of its page; its path, pile/1.txt, was sent to the clipboard",
        ),
        ("x" * 100_001, None, "", "The path is too long for the clipboard"),
    ],
    ids=["Not a web address", "too long"],
)
async def test_only_what_is_an_address_is_copied(
    source: str, url: str | None, copied: str, says: str
) -> None:
    with Library.temporary() as library:
        capture, page = dirty_record(WORD, 1)
        add_pages(library, [(Capture(source, capture.text, url=url), page)])
        async with on_stage(library) as stage:
            await stage.press("y")
            assert stage.said() == [says]
            assert stage.app.clipboard == copied
