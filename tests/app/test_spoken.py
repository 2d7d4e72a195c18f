"""The reader for people who hear it: no signs on any screen, and an announcement for what each key does."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from reader.app.spoken import SpokenApp, SymbolFilter
from reader.settings.session_store import SessionStore
from tests.app.scenes import Scene, go, some_scenes
from tests.app.stage import PROBLEMS, Stage, a_library, on_stage
from tests.app.test_filling import CAPTURE
from tests.pseudo_terminal import Terminal, modes, python

SIGNS = re.compile("[\u2500-\u259f•★]")
FARMS, PERMIT, LEASE = (
    "The rooftop farms are not feeding anyone yet",
    "A permit for a battery",
    "A court in Wuxi reads the lease",
)


pytestmark = pytest.mark.staged(problems=PROBLEMS, size=(80, 24), kind=SpokenApp)


def announced(stage: Stage) -> str:
    """What was announced last, which is what the last lines of the screen say."""
    app = stage.app
    assert isinstance(app, SpokenApp)
    # A sentence may be broken after a hyphen.
    shown, whole = "".join("".join(stage.lines()[-5:]).split()), "".join(app.announced.split())
    assert shown.endswith(whole) or (shown.endswith("…") and whole[:60] in shown)
    return app.announced


def cursor_line(stage: Stage) -> str:
    """The line of the screen that the terminal's cursor is put on."""
    stage.app._display(stage.app.screen, None)
    return stage.lines()[stage.app.cursor_position.y].strip()


WALKS: dict[str, tuple[tuple[str, str], ...]] = {
    "the list": (
        ("", f"Article 1 of 10, section China, unread: {FARMS}"),
        ("j", f"Article 2 of 10, section China, truncated, unread: {PERMIT}"),
        ("G", "Article 10 of 10, section Sponsored, sponsored by Nimbuspay, truncated, unread: First. The cards"),
        ("g", f"Article 1 of 10, section China, unread: {FARMS}"),
        ("m", "Marked read"),
        ("m", "Marked unread"),
        ("asterisk", "Starred"),
        ("j k", f"Article 1 of 10, section China, unread, starred: {FARMS}"),
        ("n", "No search yet; / finds in this pane"),
        ("slash c o u r t", f"Article 3 of 10, section China, unread: {LEASE}"),
        ("ctrl+u z e b r a", "No title contains “zebra”"),
        ("escape t", "Filter: only truncated, 3 articles"),
        ("t", "Filter: truncated hidden, 7 articles"),
        ("t 1", "Filter: China, 3 articles"),
        ("0", "Filter: none, 10 articles"),
        ("S", "Order: newest first, 10 articles"),
        ("1", "Filter: China. Order: newest first, 3 articles"),
        ("f", "Filter: type the text. Enter accepts it, Escape cancels"),
    ),
    "an article": (
        ("enter", f"Reading. Article 1 of 10, section China, unread: {FARMS}"),
        ("j", "Line 2 of "),
        ("h", f"Article 1 of 10, section China, unread: {FARMS}"),
        ("enter J", f"Reading. Article 2 of 10, section China, truncated, unread: {PERMIT}"),
        ("slash n o b o d y enter n", "Match 2 of 9"),
        ("slash z e b r a", "No match"),
        ("escape m G space", "Space again: next unread article"),
        ("space", f"Reading. Article 3 of 10, section China, unread: {LEASE}"),
    ),
    "dialogs": (
        ("s", "Sections. All sections 10"),
        ("down down", "Enterprise 3"),
        ("f i n", "Fintech 1"),
        ("escape", f"Article 1 of 10, section China, unread: {FARMS}"),
        ("question_mark", "Keys. j ↓ next article or line"),
        ("escape a", "Authors. Lian Huarong"),
        ("escape P", "Problems. pile/photo.jpg"),
        ("escape f1", "Welcome. j and k move, Enter reads, Escape goes back, s chooses a section, slash finds, "),
    ),
    "other screens": (
        ("v", "Overview. whole: 7 articles, 70 percent"),
        ("j", "truncated: 2 articles, 20 percent"),
        ("escape i", "Why. Line "),
        ("j", "Line 2, "),
        ("escape r", "Raw. Line "),
        ("slash", "Find in this text: type the text."),
        ("l i n e space 3 enter n", "Match 2 of 11"),
        ("escape escape d", "Versions. "),
        ("escape ctrl+f", "Search. cloud outage both words"),
        ("r o o f t o p", "The rooftop farms are not feeding anyone yet. China, unread, Lian Huarong, 1 minute."),
    ),
}  # fmt: skip
"""Keys, pressed one after the other, and how the sentence begins that answers them."""


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
async def test_each_key_is_answered_by_a_sentence(stage: Stage, walk: tuple[tuple[str, str], ...]) -> None:
    for keys, says in walk:
        await stage.press(*keys.split())
        assert (keys, announced(stage)[: len(says)]) == (keys, says)


async def test_of_two_sentences_that_begin_alike_no_character_stays_where_it_was(stage: Stage) -> None:
    lines: list[str] = []
    for _ in range(3):
        await stage.press("j")
        lines.append(next(line for line in stage.lines()[-5:] if "of 10" in line))
    for before, after in pairwise(lines):
        assert "Article" in after
        assert before[:1] != after[:1]


@some_scenes
async def test_no_screen_has_a_sign(scene: Scene, tmp_path: Path) -> None:
    with scene.library(tmp_path) as library:
        async with on_stage(library, size=(80, 24), kind=SpokenApp) as stage:
            await go(stage.pilot, *scene.keys)
            assert not SIGNS.search(stage.text()), SIGNS.findall(stage.text())
            assert announced(stage)


async def test_keys_are_named_in_words(stage: Stage) -> None:
    for keys, words in (("s", "Enter chooses, Esc closes"), ("v", "Enter show"), ("ctrl+p", "Search for")):
        await stage.press(keys)
        assert words in stage.text()
        assert not re.search("[⏎🔎]", stage.text())
        await stage.press("escape")


@pytest.mark.staged(size=(120, 40), kind=SpokenApp)
async def test_one_pane_is_seen_whatever_the_width_and_paragraphs_say_what_they_are(stage: Stage) -> None:
    await stage.press("j")
    assert cursor_line(stage).startswith(PERMIT)
    assert "Headline:" not in stage.text()
    await stage.press("enter")
    assert FARMS not in stage.text()
    lines = [line.rstrip() for line in stage.lines()]
    assert f"Headline: {PERMIT}" in lines
    assert "Truncated: the end is missing" in lines
    assert "Section: CHINA" in lines
    await stage.press("j", "j")
    assert cursor_line(stage) == stage.lines()[1].strip()
    assert stage.app.cursor_position.x == 0
    await stage.press("slash", *"seventh", "enter")
    assert cursor_line(stage).startswith("Seventh. ")
    await stage.press("escape", "escape", "slash", *"beige", "enter", "asterisk", "enter")
    lines = [line.rstrip() for line in stage.lines()]
    assert "Headline: The beige box returns" in lines
    assert "Summary: A quiet café gets its computers back." in lines
    assert any(line.startswith("Starred. Byline: By ") for line in lines)
    await stage.press("i")
    assert "kicker" in cursor_line(stage) or "Line" in cursor_line(stage)


async def test_nothing_goes_by_itself(stage: Stage) -> None:
    await stage.press("}", "y")
    assert stage.said() == []
    assert "clipboard" in announced(stage)


async def test_the_first_start_announces_the_first_steps(tmp_path: Path) -> None:
    with a_library() as library:
        session_store = SessionStore(tmp_path, "")
        async with on_stage(library, size=(80, 24), kind=SpokenApp, session_store=session_store) as stage:
            assert announced(stage).startswith("Welcome. j and k move")
            assert announced(stage).endswith("somebody paid for it.")
            await stage.press("j")
            assert announced(stage).startswith("Article 2 of 10")


def test_a_line_without_symbols_is_as_wide_as_before() -> None:
    line = [Segment("─ a · b │ "), Segment("c · d •▌")]
    drawn = SymbolFilter().apply(line, Color(0, 0, 0))
    assert "".join(text for text, _, _ in drawn) == "  a, b   c, d     "


def test_in_a_terminal_its_cursor_is_seen_and_nothing_else_is_changed(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(CAPTURE.format(number=7), encoding="utf-8")
    command = python(
        "-c", "from reader.cli import main; raise SystemExit(main())", "--screen-reader", str(tmp_path)
    )
    with Terminal(command, columns=80, rows=24) as terminal:
        terminal.until_shown("Article 1 of 1, section China, ")
        terminal.settle()
        assert modes(bytes(terminal.output))["25"] == "h"
        assert not SIGNS.search(terminal.text)
        terminal.press("l")
        terminal.until_shown("Headline: Roof 7 is not feeding")
        terminal.press("\x11")
        assert terminal.status() == 0
        assert terminal.is_as_before
