"""The manual in the app: pages opened from the help screen."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from reader.app.dialogs.help import HelpScreen, page_parts
from reader.app.spoken.app import SpokenApp
from reader.app.text.flow import StyledSpan
from reader.manual import TOPICS, Topic, for_terminal, read_page
from tests.app.stage import Stage

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
        ("item", "delta – lines 1", 0),
        ("item", "box – lines 2; wind 5", 1),
    ]
    assert parts[2].styled == (StyledSpan(14, 22, "mark"),)
    assert [part.first for part in parts[4:8]] == ["• ", "• ", "1. ", "  "]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_markup_is_left_in_a_page(topic: Topic) -> None:
    text = "\n".join(part.text for part in page_parts(for_terminal(read_page(topic.name))))
    assert text.startswith(f"\n{topic.title}\n")
    for markup in ("**", "`", "](", "<!--", "```", "|---"):
        assert markup not in text


@pytest.mark.parametrize("stage", [{"size": (40, 12)}, {"size": (100, 30), "kind": SpokenApp}], indirect=True)
async def test_a_page_opens_from_help_and_closes_again(stage: Stage) -> None:
    await stage.press("question_mark", *"queries", "enter")
    assert "Search" in stage.lines()[0]
    assert "Ctrl-f searches the text" in stage.text()
    await stage.press("G")
    assert "missing." in stage.text()
    await stage.press("escape")
    assert isinstance(stage.app.screen, HelpScreen)
    await stage.press("escape")
    assert stage.app.screen is stage.app.screen_stack[0]


async def test_each_topic_is_found_by_its_title(stage: Stage) -> None:
    for topic in TOPICS:
        await stage.press("question_mark")
        stage.app.screen.query_one(Input).value = topic.title
        await stage.settle()
        assert topic.title in stage.text()
        await stage.press("pagedown", "enter")
        assert topic.title in stage.lines()[0]
        await stage.press("q", "escape")
