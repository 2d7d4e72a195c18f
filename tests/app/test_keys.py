"""What each key does, on a screen with room for both panes."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input, TextArea

from reader.app.dialogs.help import HelpScreen
from reader.app.keymap import SCREENS
from reader.app.keys import GROUPS, KEYS, shown_keys, with_own_keys
from reader.library import SPONSORED, Sort
from reader.manual import TOPICS, read_page
from tests.app.stage import PROBLEMS, TITLES_AS_LISTED, Stage

pytestmark = pytest.mark.staged(problems=PROBLEMS, size=(110, 20))


def focus(stage: Stage) -> str | None:
    return stage.app.focused.id if stage.app.focused is not None else None


# The table of keys


def test_names_and_keys_are_unique_and_sentences_fit_into_a_narrow_help() -> None:
    names = [key.id for key in KEYS]
    keys = [name for key in KEYS for name in key.keys.split(",") if (key.id, name) != ("view.overview", "v")]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert {key.group for key in KEYS} == set(GROUPS)
    assert [key.does for key in KEYS if len(key.does) > 36] == []


def test_the_manual_has_every_key_as_the_table_has_it() -> None:
    page = read_page("reading")
    shown = page[page.index("<!-- keys -->") : page.index("<!-- /keys -->")]
    rows = []
    for key in shown_keys():
        if (heading := f"| **{GROUPS[key.group]}** | |") not in rows:
            rows.append(heading)
        names = " ".join(f"`{name}`" for name in key.shown.split()).replace("|", "\\|")
        rows.append(f"| {names} | {key.does} |")
    assert shown.splitlines()[3:] == rows


# Moving in the list

LAST = len(TITLES_AS_LISTED) - 1


MOVES = (
    ("j", 1), ("down down", 2), ("j j k", 1), ("j up", 0), ("k", 0), ("G", LAST), ("end", LAST), ("G j", LAST),
    ("G g", 0), ("G home", 0), ("space", 6), ("pagedown pagedown", LAST), ("G b", LAST - 5),
    ("G pageup", LAST - 5), ("ctrl+d", 3), ("G ctrl+u", LAST - 2),
)  # fmt: skip
"""Keys pressed on the first article, and the index they lead to; the list has 16 lines, headings included."""


async def test_moving_in_the_list(stage: Stage) -> None:
    for keys, cursor in MOVES:
        stage.screen.list_pane.go_to(0)
        await stage.press(*keys.split())
        assert (keys, stage.screen.list_pane.rows.cursor) == (keys, cursor)
        assert stage.cursor_title() == TITLES_AS_LISTED[cursor]
        assert stage.open_title().startswith(TITLES_AS_LISTED[cursor].rstrip("…"))
        assert any(line.startswith("▌") for line in stage.lines())


async def test_scrolling_the_article(stage: Stage) -> None:
    await stage.press("j", "l")
    page = stage.screen.article_pane.view.size.height
    start = page // 2 + 1
    for keys, line in (
        ("j down", start + 2), ("k up", start - 2), ("ctrl+d", start + page // 2), ("ctrl+u", 1), ("g", 1),
        ("home", 1), ("b", 1), ("pageup", 1), ("space b", start), ("pagedown pageup", start),
    ):  # fmt: skip
        await stage.press("g", "ctrl+d", *keys.split())
        assert (keys, stage.screen.article_pane.view.where[0]) == (keys, line)
    for keys in ("G", "end", "space space"):
        await stage.press("g", *keys.split())
        assert (keys, stage.screen.article_pane.view.where[2]) == (keys, 100)
    assert stage.screen.list_pane.rows.cursor == 1


# Panes and articles


async def test_between_the_panes_and_out(stage: Stage) -> None:
    for key in ("l", "right", "enter", "tab"):
        await stage.press("h", key)
        assert (key, focus(stage)) == (key, "article")
    for key in ("h", "left", "tab", "escape", "q"):
        await stage.press("l", key)
        assert (key, focus(stage)) == (key, "list")
        assert not stage.app._exit
    await stage.press("q")
    assert stage.app._exit
    assert not stage.app.return_code


async def test_a_prompt_in_zen_mode_shows_nothing_but_itself(stage: Stage) -> None:
    await stage.press("z")
    for opening, leaving, shown in (
        ("slash", ("l", "enter", "escape"), "find in article"),
        ("slash", ("l", "escape"), "find in article"),
        ("vertical_line", ("escape",), "pipe to"),
    ):
        await stage.press(opening)
        assert stage.lines()[-1].strip().startswith(shown)
        assert not stage.lines()[0].startswith(" Protocol Reader")
        await stage.press(*leaving)
        assert stage.screen.panes.regions == {"article": stage.app.size.region}


@pytest.mark.staged(size=(30, 14))
async def test_a_dialog_fits_into_a_terminal_that_is_very_narrow(stage: Stage) -> None:
    for key, width in (("s", 44), ("w", 30), ("e", 44), ("ctrl+p", 30)):
        await stage.press(key)
        await stage.pilot.resize_terminal(width, 14)
        await stage.settle()
        box = stage.app.screen.query_one("#dialog")
        assert stage.app.size.region.contains_region(box.region)
        assert box.region.width == min(width, 40)
        await stage.press("escape")


async def test_a_pasted_headline_of_two_lines_is_one_in_a_field_and_two_in_a_note(stage: Stage) -> None:
    pasted = "The rooftop farms are not\n  feeding anyone yet\n"
    for key in ("f", "ctrl+f"):
        await stage.press(key)
        stage.app.post_message(Paste(pasted))
        await stage.settle()
        assert isinstance(stage.app.focused, Input)
        assert stage.app.focused.value == "The rooftop farms are not feeding anyone yet"
        await stage.press("ctrl+u", "escape")
    await stage.press("w")
    stage.app.post_message(Paste(pasted))
    await stage.settle()
    assert stage.app.screen.query_one(TextArea).text == pasted


async def test_the_sidebar_and_zen(stage: Stage) -> None:
    view = stage.screen.article_pane.view
    await stage.press("ctrl+b")
    assert focus(stage) == "article"
    assert "│" not in stage.text()
    assert view.region.width == 110
    for keys in (["ctrl+b"], ["ctrl+b", "h"]):
        await stage.press(*keys)
        assert focus(stage) == "list"
        assert "│" in stage.text()
    await stage.press("z")
    assert view.region == (0, 0, 110, 20)
    await stage.press("J")
    assert stage.open_title() == TITLES_AS_LISTED[1]
    for key in ("z", "escape", "q"):
        await stage.press(key)
        assert "Protocol Reader" in stage.lines()[0]
        assert focus(stage) == "article"
        await stage.press("z")
    await stage.press("escape", "escape")
    assert focus(stage) == "list"


async def test_other_articles_from_either_pane_each_where_it_was_left(stage: Stage) -> None:
    for pane in ("list", "article"):
        stage.screen.list_pane.go_to(0)
        await stage.press("J", "J")
        assert stage.open_title() == TITLES_AS_LISTED[2]
        await stage.press("K")
        assert stage.open_title() == TITLES_AS_LISTED[1]
        assert stage.screen.pane == pane
        await stage.press("K", "K")
        assert stage.said()[-1] == "No more articles above"
        await stage.press("J", "l")
    await stage.press("ctrl+d", "j")
    place = stage.screen.article_pane.view.where[0]
    assert place > 1
    await stage.press("J")
    assert stage.screen.article_pane.view.where[0] == 1
    await stage.press("K")
    assert stage.screen.article_pane.view.where[0] == place


async def test_the_next_and_previous_whole_article(stage: Stage) -> None:
    for key, title in (("}", 2), ("}", 4), ("{", 2), ("{", 0), ("{", 0)):
        await stage.press({"}": "right_curly_bracket", "{": "left_curly_bracket"}[key])
        assert stage.cursor_title() == TITLES_AS_LISTED[title]
    assert stage.said() == ["No more whole articles above"]


# Filters


async def test_a_digit_is_that_section_and_again_or_nought_all(stage: Stage) -> None:
    await stage.press("2")
    assert stage.screen.list_pane.view.filters.section == "Enterprise"
    assert stage.titles()[-3:] == list(TITLES_AS_LISTED[3:6])
    assert " Enterprise " in stage.lines()[0]
    await stage.press("2")
    assert stage.titles() == list(TITLES_AS_LISTED)
    await stage.press("6")
    assert SPONSORED in stage.lines()[0]
    for key in ("0", "9"):
        await stage.press(key)
        assert stage.titles() == list(TITLES_AS_LISTED)
    assert stage.said() == ["There are 6 sections"]


async def test_the_section_picker(stage: Stage) -> None:
    for keys, section in (
        (("i", "n", "t", "enter"), "Fintech"),
        (("enter",), "Fintech"),  # It starts on the section that is listed.
        (("down", "escape"), "Fintech"),
        (("up", "up", "up", "enter"), None),
    ):
        await stage.press("s")
        assert "Type to filter" in stage.text()
        await stage.press(*keys)
        assert stage.screen.list_pane.view.filters.section == section
        assert stage.app.screen is stage.screen


async def test_home_and_end_go_through_the_list_of_a_dialog_until_something_is_typed(stage: Stage) -> None:
    await stage.press("question_mark")
    chooser = stage.top(HelpScreen)
    await stage.press("end")
    assert chooser.rows.cursor == len(chooser.rows.model) - 1
    await stage.press("home")
    assert chooser.rows.cursor == 0
    await stage.press("i", "home", "h", "end", "x")
    assert chooser.entry.value == "hix"


# Finding


async def test_a_title_is_found_and_underlined_as_one_types_until_escape(stage: Stage) -> None:
    def underlined() -> set[str]:
        strips = stage.app.screen._compositor.render_strips()
        return {
            segment.text for strip in strips for segment in strip if segment.style and segment.style.underline
        }

    await stage.press("n", "l", "n", "h")
    assert stage.said() == ["No search yet; / finds in this pane"] * 2
    await stage.press("/", *"the be", "enter", "n")
    assert stage.cursor_title() == stage.open_title() == "The beige box returns"
    assert focus(stage) == "list"
    await stage.press("escape", "j", "/", *"zebra")
    assert "no such title" in stage.lines()[-1]
    assert stage.cursor_title() == TITLES_AS_LISTED[6]
    await stage.press("ctrl+u", *"data")
    assert stage.cursor_title() == "Who owns the weather data?"
    await stage.press("escape")
    assert stage.cursor_title() == TITLES_AS_LISTED[6]
    await stage.press("/", *"audit lower", "enter")
    assert {"audit", "lower"} <= underlined()  # On two lines of its title.
    assert "Esc clear matches" in stage.lines()[-1]
    await stage.press("escape")
    assert not {"audit", "lower"} & underlined()


async def test_next_and_previous_go_through_the_titles_and_round_the_end(stage: Stage) -> None:
    await stage.press("/", *"that", "escape", "/", *"who", "enter")
    await stage.pilot.resize_terminal(80, 24)
    for key, title in (("", 6), ("n", 7), ("n", 6), ("N", 7)):
        await stage.press(*key)
        assert stage.cursor_title() == TITLES_AS_LISTED[title]
        assert stage.lines()[-1].split()[:2] == ["n/N", "match"]
        assert f"match {title - 5} of 2" in stage.lines()[-1]


async def test_finding_in_the_article_ends_with_escape_or_the_article(stage: Stage) -> None:
    await stage.press("l", "/", *"lettuce")
    for keys, match in (
        ((), "1 of 9 "), (("enter", "n"), "2 of 9 "), (("N", "N"), "9 of 9, from the end "),
        (("N",), "8 of 9 "), (("n", "n"), "1 of 9, from the top "),
    ):  # fmt: skip
        await stage.press(*keys)
        assert f"match {match}" in stage.lines()[-1]
    for keys in (("escape",), ("/", *"lettuce", "enter", "J")):
        assert focus(stage) == "article"
        await stage.press(*keys)
        assert "match" not in stage.lines()[-1]
    await stage.press("escape")
    assert focus(stage) == "list"


# Out and view


async def test_the_width_of_the_text_and_the_order_of_the_list(stage: Stage) -> None:
    # The pane has 60 columns for the text.
    for keys, width in (
        (("minus", "minus"), 52),
        (("plus",) * 4, 60),
        (("equals_sign",), 72),
        (("minus",), 56),
        (("minus",) * 8, 28),
    ):
        await stage.step(*keys)
        assert stage.screen.article_pane.view.text_width == width
    for said in (
        "Text width: 52 columns",
        "The text cannot get wider here than 60 columns",
        "Text width: 72 columns, 60 here",
        "The text cannot get narrower than 28 columns",
    ):
        assert said in stage.said()
    for sort, words in zip(
        (Sort.NEWEST, Sort.TITLE, Sort.LONGEST, Sort.ADDED),
        ("newest first", "by title", "longest first", ""),
        strict=True,
    ):
        await stage.press("S")
        assert stage.screen.list_pane.view.sort is sort
        assert words in stage.lines()[0]
        assert stage.cursor_title() == TITLES_AS_LISTED[0]


# Dialogs


def listed(stage: Stage) -> list[Any]:
    model = stage.app.screen.rows.model  # type: ignore[attr-defined]
    return list(model.rows(0, len(model)))


async def test_help_lists_every_key_and_every_topic_and_does_what_a_row_says(stage: Stage) -> None:
    await stage.press("question_mark")
    first = [row for row in listed(stage) if isinstance(row.result, str) and row.result]
    assert 12 <= len(first) <= 16
    await stage.press(*["down"] * len(first), "enter")
    rows = [(row.label, row.text) for row in listed(stage)]
    for key in (*shown_keys(), *map(with_own_keys, SCREENS["selection"])):
        rows.remove((key.shown, key.does))
    assert rows == [(None, topic.title) for topic in TOPICS]
    await stage.press(*"obsidian")
    assert "Export and citing" in stage.text()
    await stage.press(*"zebra")
    assert "Nothing matches." in stage.text()
    await stage.press("enter", "escape")
    assert stage.app.screen is stage.screen
    await stage.press("question_mark", *"remove saved search")
    assert "Search" in [row.text for row in listed(stage)]
    await stage.step("escape", "question_mark", *"only article")
    assert "show only the article" in stage.text()
    assert "half a page" not in stage.text()
    await stage.press("enter")
    assert stage.screen.panes.state.zen


async def test_a_menu_has_the_letters_of_todays_keys(stage: Stage) -> None:
    for menu, shown, letter, title in (
        ("W", ["o", "O", "y", "L", ";"], "L", "Links of this article"),
        ("E", ["Y", "e", "|"], "Y", "Copy a citation"),
        ("B", ["a", "$", "v M", "H"], "v", "Overview"),
    ):
        await stage.press(menu)
        assert [row.label for row in listed(stage)] == shown
        await stage.press(letter)
        assert title in stage.text()
        await stage.press("escape")
    await stage.press("T")
    assert [row.label for row in listed(stage)] == ["+", "-", "=", "S", "I"]
    await stage.press("j", "enter")
    assert stage.screen.article_pane.view.text_width == 56
    await stage.press("T", "S")
    assert stage.screen.list_pane.view.sort is Sort.NEWEST
    await stage.press("T", "q")
    assert stage.app.screen is stage.screen
    assert not stage.app._exit


async def test_ctrl_q_leaves_from_anywhere(stage: Stage) -> None:
    await stage.press("l", "ctrl+q")
    assert stage.app._exit
    assert not stage.app.return_code


async def test_to_leave_at_once_after_a_filter_warns_of_nothing(
    stage: Stage, recwarn: pytest.WarningsRecorder
) -> None:
    await stage.type_at_once("tq")
    assert stage.app._exit
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []


async def test_keys_right_after_the_one_that_leaves_do_nothing(stage: Stage) -> None:
    await stage.type_at_once("qf")
    assert stage.app._exit
    assert stage.screen.prompt.entry is None
