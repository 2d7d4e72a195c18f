"""The screens with a text: a raw capture, a page of the manual, the output of a command."""

from __future__ import annotations

import pytest

from reader.app.dialogs.help import HelpScreen, page_parts
from reader.app.text.typesetting import StyledSpan
from reader.app.widgets.screens import TextScreen
from reader.manual import TOPICS, Topic, for_terminal, read_page
from tests.app.stage import Stage

TEXTS = {
    "raw": (("r",), "line 3"),
    "manual": (("question_mark", *"queries", "enter"), "queries"),
    "output": (("vertical_line", *"seq 300", "enter"), "29"),
}
"""The keys that open each screen, and words in its text."""
every_text = pytest.mark.parametrize(("keys", "words"), TEXTS.values(), ids=TEXTS)


async def opened(stage: Stage, keys: tuple[str, ...]) -> TextScreen[None]:
    """Open a screen with a text, and wait for the text."""
    await stage.press(*keys)
    await stage.until(
        lambda: isinstance(stage.app.screen, TextScreen) and stage.app.screen.view.flow is not None
    )
    assert isinstance(stage.app.screen, TextScreen)
    return stage.app.screen


def place(stage: Stage) -> list[str]:
    """The words at the end of the footer, such as "match 2 of 11"."""
    return stage.lines()[-1].rsplit("  ", 1)[-1].split()


@every_text
async def test_words_are_found_and_stepped_through_until_escape_which_then_goes_back(
    stage: Stage, keys: tuple[str, ...], words: str
) -> None:
    screen = await opened(stage, keys)
    document = screen.view.document
    count = sum(document.text(unit).casefold().count(words) for unit in range(len(document)))
    await stage.press("slash", *words, "escape")
    assert stage.app.screen is screen
    assert "find" in stage.lines()[-1]
    assert "match" not in stage.lines()[-1]
    await stage.press("slash", *words)
    assert "find in this text" in stage.lines()[-1]
    assert "match 1 of" in stage.lines()[-1]
    await stage.press("enter", "n")
    assert place(stage) == ["match", "2", "of", str(count)]
    unit, offset = screen.view.finder.place or (-1, 0)
    assert document.text(unit)[offset:].casefold().startswith(words)
    await stage.press("N", "N")
    assert place(stage) == ["match", str(count), "of", f"{count},", "from", "the", "end"]
    assert "Esc clear matches" in stage.lines()[-1]
    await stage.press("escape")
    assert "Esc back" in stage.lines()[-1]
    await stage.press("escape")
    assert stage.app.screen is not screen


async def test_a_match_and_the_end_of_what_is_typed_stay_in_sight_at_every_size(stage: Stage) -> None:
    typed = "nobody had put the lettuce into"
    for keys in (("l", "slash"), ("r", "slash")):
        await stage.press(*keys, *typed)
        for width, least in ((40, 20), (60, 30), (40, 20)):
            await stage.pilot.resize_terminal(width, 12)
            await stage.settle()
            assert typed[-least:] in stage.lines()[-1]
        await stage.press("escape")
    screen = stage.top(TextScreen)
    await stage.press("slash", *"line 33")
    for size in ((40, 12), (110, 30), (60, 8)):
        await stage.pilot.resize_terminal(*size)
        await stage.settle()
        assert any("Line 33" in line for line in stage.lines())
    # A reader who has scrolled away stays there.
    await stage.press("enter", "g")
    await stage.pilot.resize_terminal(40, 6)
    await stage.settle()
    assert screen.view.scroll_offset.y == 0


async def test_letters_that_are_typed_run_no_command_and_a_click_on_the_text_closes_the_prompt(
    stage: Stage,
) -> None:
    screen = await opened(stage, ("r",))
    await stage.press("n")
    assert stage.said() == ["No search yet; / finds in this text"]
    await stage.press("slash", *"line")
    await stage.click("Line 3")
    assert "find in this text" not in stage.lines()[-1]
    await stage.press("n")
    assert place(stage)[:2] == ["match", "2"]
    await stage.press("slash", *"qrh?ve", "enter")
    assert stage.app.screen is screen
    assert "no match" in stage.lines()[-1]
    await stage.press("question_mark", *"find")
    assert isinstance(stage.app.screen, HelpScreen)
    assert "find in this text" in stage.text()
    assert "next match" in stage.text()


# The manual


async def test_a_page_found_by_a_word_in_it_opens_at_that_word(stage: Stage) -> None:
    await stage.step("question_mark", *"hyphenation", "enter")
    assert "match 1 of" in stage.lines()[-1]
    assert "hyphenation" in stage.text()


PAGE = """# Kites

Fly *them* with `--wind N`, see
Weather.

## Kinds

- Box kites
- Deltas, **light** ones

1. Wait for wind.

```sh
kite fly   # up
```

| key | does |
|---|---|
| **air** | |
| `u` | up |
| `a\\|b` | either |

| kind | lines | wind |
|---|---|---|
| delta | 1 | |
| box | 2 | 5 |
"""


def test_a_page_becomes_paragraphs() -> None:
    parts = page_parts(PAGE)
    assert [(part.role, part.text, part.gap) for part in parts] == [
        ("space", "", 0),
        ("headline", "Kites", 1),
        ("paragraph", "Fly them with --wind N, see Weather.", 1),
        ("subhead", "Kinds", 1),
        ("item", "Box kites", 0),
        ("item", "Deltas, light ones", 1),
        ("item", "Wait for wind.", 1),
        ("paragraph", "kite fly   # up", 1),
        ("subhead", "air", 0),
        ("item", "u – up", 0),
        ("item", "a|b – either", 1),
        ("item", "delta – lines: 1", 0),
        ("item", "box – lines: 2; wind: 5", 1),
    ]
    assert parts[2].styled == (StyledSpan(14, 22, "mark"),)
    assert [part.first for part in parts[4:8]] == ["• ", "• ", "1. ", "  "]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_markup_is_left_in_a_page(topic: Topic) -> None:
    text = "\n".join(part.text for part in page_parts(for_terminal(read_page(topic.name))))
    assert text.startswith(f"\n{topic.title}\n")
    for markup in ("**", "`", "](", "<!--", "```", "|---"):
        assert markup not in text
