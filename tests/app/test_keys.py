"""What each key does, on a screen with room for both panes."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from reader.app.app import ReaderApp
from reader.app.keys import GROUPS, KEYS, Key, bindings, shown_keys
from reader.app.main.screen import MainScreen
from reader.app.screen_keys import SCREENS
from reader.library import SPONSORED, Show, Sort
from reader.manual import TOPICS, Topic, read_page
from tests.app.stage import PROBLEMS, TITLES_AS_LISTED, Stage

pytestmark = pytest.mark.staged(problems=PROBLEMS, size=(110, 20))


def focus(stage: Stage) -> str | None:
    return stage.app.focused.id if stage.app.focused is not None else None


# The table of keys


def test_names_and_keys_are_unique_bound_and_do_something() -> None:
    names = [key.id for key in KEYS]
    keys = [name for key in KEYS for name in key.keys.split(",") if (key.id, name) != ("view.overview", "v")]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert {key.group for key in KEYS} == set(GROUPS)
    assert {binding.id for binding in bindings() if isinstance(binding, Binding)} == set(names)
    for key in KEYS:
        name = key.action.partition("(")[0]
        owner = ReaderApp if name.startswith("app.") else MainScreen
        assert hasattr(owner, f"action_{name.removeprefix('app.')}"), key


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


def test_no_sentence_about_a_key_is_too_long_for_a_narrow_help() -> None:
    assert [key.does for key in KEYS if len(key.does) > 36] == []


# Moving in the list

LAST = len(TITLES_AS_LISTED) - 1


MOVES = (
    ("j", 1),
    ("down down", 2),
    ("j j k", 1),
    ("j up", 0),
    ("k", 0),
    ("G", LAST),
    ("end", LAST),
    ("G j", LAST),
    ("G g", 0),
    ("G home", 0),
    ("space", 6),
    ("pagedown pagedown", LAST),
    ("G b", LAST - 5),
    ("G pageup", LAST - 5),
    ("ctrl+d", 3),
    ("G ctrl+u", LAST - 2),
)
"""Keys pressed on the first article, and the index they lead to; the list has 16 lines, headings included."""


async def test_moving_in_the_list(stage: Stage) -> None:
    for keys, cursor in MOVES:
        stage.screen.go_to(0)
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
        ("j down", start + 2),
        ("k up", start - 2),
        ("ctrl+d", start + page // 2),
        ("ctrl+u", 1),
        ("g", 1),
        ("home", 1),
        ("b", 1),
        ("pageup", 1),
        ("space b", start),
        ("pagedown pageup", start),
    ):
        await stage.press("g", "ctrl+d", *keys.split())
        assert (keys, stage.screen.article_pane.view.where[0]) == (keys, line)
    for keys in ("G", "end", "space space"):
        await stage.press("g", *keys.split())
        assert (keys, stage.screen.article_pane.view.where[2]) == (keys, 100)
    assert stage.screen.list_pane.rows.cursor == 1


# Panes


async def test_to_the_article_and_back_to_the_list(stage: Stage) -> None:
    for key in ("l", "right", "enter", "tab"):
        await stage.press("h", key)
        assert (key, focus(stage)) == (key, "article")
    for key in ("h", "left", "tab", "escape", "q"):
        await stage.press("l", key)
        assert (key, focus(stage)) == (key, "list")
        assert not stage.app._exit


async def test_the_sidebar_goes_and_comes(stage: Stage) -> None:
    await stage.press("ctrl+b")
    assert focus(stage) == "article"
    assert "│" not in stage.text()
    assert stage.screen.article_pane.view.region.width == 110
    await stage.press("ctrl+b")
    assert focus(stage) == "list"
    assert "│" in stage.text()
    await stage.press("ctrl+b", "h")
    assert "│" in stage.text()


async def test_zen_is_the_article_alone_and_left_before_the_pane(stage: Stage) -> None:
    await stage.press("z")
    assert stage.screen.article_pane.view.region == (0, 0, 110, 20)
    await stage.press("J")
    assert stage.open_title() == TITLES_AS_LISTED[1]
    for key in ("z", "escape", "q"):
        await stage.press(key)
        assert "Protocol Reader" in stage.lines()[0]
        assert focus(stage) == "article"
        await stage.press("z")
    await stage.press("escape", "escape")
    assert focus(stage) == "list"


# Articles


async def test_the_next_and_previous_article_from_either_pane(stage: Stage) -> None:
    for pane in ("list", "article"):
        stage.screen.go_to(0)
        await stage.press("J", "J")
        assert stage.open_title() == TITLES_AS_LISTED[2]
        await stage.press("K")
        assert stage.open_title() == TITLES_AS_LISTED[1]
        assert stage.screen.pane == pane
        await stage.press("l")


async def test_the_next_and_previous_whole_article(stage: Stage) -> None:
    await stage.press("right_curly_bracket")
    assert stage.cursor_title() == TITLES_AS_LISTED[2]
    await stage.press("right_curly_bracket")
    assert stage.cursor_title() == TITLES_AS_LISTED[4]
    await stage.press("left_curly_bracket", "left_curly_bracket")
    assert stage.cursor_title() == TITLES_AS_LISTED[0]
    await stage.press("left_curly_bracket")
    assert stage.cursor_title() == TITLES_AS_LISTED[0]
    assert stage.said() == ["No more whole articles above"]


async def test_the_place_in_an_article_is_kept(stage: Stage) -> None:
    await stage.press("l", "ctrl+d", "j")
    place = stage.screen.article_pane.view.where[0]
    assert place > 1
    await stage.press("J")
    assert stage.screen.article_pane.view.where[0] == 1
    await stage.press("K")
    assert stage.screen.article_pane.view.where[0] == place


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
    await stage.press("0")
    assert stage.titles() == list(TITLES_AS_LISTED)
    await stage.press("9")
    assert stage.titles() == list(TITLES_AS_LISTED)
    assert stage.said() == ["There are 6 sections"]


async def test_badges_are_shown_hidden_or_shown_alone(stage: Stage) -> None:
    for key, name in (("t", "truncated"), ("p", "sponsored")):
        for show, words in ((Show.ONLY, f"only {name}"), (Show.HIDE, f"{name} hidden"), (Show.ALL, "")):
            await stage.press(key)
            assert getattr(stage.screen.list_pane.view.filters, name) is show
            shown = stage.lines()[0].split("articles")[0]
            assert words in shown if words else name not in shown


async def test_the_section_picker_narrows_down_as_one_types(stage: Stage) -> None:
    await stage.press("s")
    assert "Type to filter" in stage.text()
    assert any("Enterprise" in line and line.split()[-3:] for line in stage.lines())
    await stage.press(*"fnt")
    await stage.press("enter")
    assert stage.screen.list_pane.view.filters.section == "Fintech"


async def test_the_section_picker_starts_on_the_section_shown_offers_all_and_can_be_left(
    stage: Stage,
) -> None:
    await stage.press("3", "s", "enter")
    assert stage.screen.list_pane.view.filters.section == "Fintech"
    await stage.press("s", "down", "escape")
    assert stage.screen.list_pane.view.filters.section == "Fintech"
    assert isinstance(stage.app.screen, MainScreen)
    await stage.press("s", "up", "up", "up", "enter")
    assert stage.screen.list_pane.view.filters.section is None


async def test_words_filter_as_they_are_typed(stage: Stage) -> None:
    await stage.press("f", *"CAFE")
    assert "“CAFE”" in stage.lines()[0]
    assert "1 of 10 articles" in stage.lines()[0]
    assert "The beige box returns" in stage.titles()
    await stage.press(*" gets", "enter")
    assert stage.screen.list_pane.view.filters.words == "CAFE gets"
    assert stage.app.focused is stage.screen.list_pane.rows


# Finding


async def test_finding_a_title_jumps_as_one_types(stage: Stage) -> None:
    await stage.press("/", *"the")
    assert stage.cursor_title() == TITLES_AS_LISTED[0]
    await stage.press(*" be")
    assert stage.cursor_title() == "The beige box returns"
    assert stage.open_title() == "The beige box returns"
    await stage.press("enter")
    assert stage.app.focused is stage.screen.list_pane.rows
    assert stage.cursor_title() == "The beige box returns"


async def test_words_that_are_found_in_titles_are_underlined_until_escape(stage: Stage) -> None:
    def underlined() -> set[str]:
        strips = stage.app.screen._compositor.render_strips()
        return {
            segment.text for strip in strips for segment in strip if segment.style and segment.style.underline
        }

    await stage.press("/", *"lease wuxi", "enter")
    assert {"lease", "Wuxi"} <= underlined()
    assert "Esc clear matches" in stage.lines()[-1]
    await stage.press("escape")
    assert not {"lease", "Wuxi"} & underlined()


async def test_a_title_that_does_not_exist_is_said_not_to_and_escape_goes_back(stage: Stage) -> None:
    await stage.press("j", "/", *"zebra")
    assert "no such title" in stage.lines()[-1]
    assert stage.cursor_title() == TITLES_AS_LISTED[1]
    await stage.press("ctrl+u", *"data")
    assert stage.cursor_title() == "Who owns the weather data?"
    await stage.press("escape")
    assert stage.cursor_title() == TITLES_AS_LISTED[1]


async def test_next_and_previous_go_through_the_titles_and_round_the_end(stage: Stage) -> None:
    await stage.press("/", *"wuxi", "backspace", "backspace", "backspace", "backspace")
    await stage.press(*"box", "enter", "n")
    assert stage.cursor_title() == "The beige box returns"
    await stage.press("g", "/", *"that", "escape", "/", *"who", "enter")
    assert stage.cursor_title() == TITLES_AS_LISTED[6]
    await stage.press("n")
    assert stage.cursor_title() == "Who owns the weather data?"
    await stage.press("n")
    assert stage.cursor_title() == TITLES_AS_LISTED[6]
    await stage.press("N")
    assert stage.cursor_title() == "Who owns the weather data?"


async def test_n_without_a_search_says_how_to_start_one(stage: Stage) -> None:
    await stage.press("n", "l", "n")
    assert stage.said() == ["No search yet; / finds in this pane"] * 2


async def test_finding_in_the_article_ends_with_escape_or_the_article(stage: Stage) -> None:
    await stage.press("l", "/", *"lettuce")
    assert "match 1 of 9" in stage.lines()[-1]
    await stage.press("enter", "n")
    assert "match 2 of 9" in stage.lines()[-1]
    await stage.press("N", "N")
    assert "match 9 of 9" in stage.lines()[-1]
    assert focus(stage) == "article"
    await stage.press("escape")
    assert "match" not in stage.lines()[-1]
    assert focus(stage) == "article"
    await stage.press("/", *"lettuce", "enter", "J")
    assert "match" not in stage.lines()[-1]
    await stage.press("escape")
    assert focus(stage) == "list"


# Out and view


async def test_the_address_or_the_path_goes_to_the_clipboard(stage: Stage) -> None:
    await stage.press("y")
    assert stage.app.clipboard == "pile/00.txt"
    await stage.press("j", "y")
    assert stage.app.clipboard == "https://protocol.example/3"
    assert stage.said()[-1] == "https://protocol.example/3 copied to the clipboard"


async def test_the_text_gets_wider_and_narrower(stage: Stage) -> None:
    await stage.press("minus", "minus")
    assert stage.screen.article_pane.view.text_width == 64
    await stage.press("plus")
    assert stage.screen.article_pane.view.text_width == 68
    await stage.press("equals_sign")
    assert stage.screen.article_pane.view.text_width == 72


async def test_orders_follow_each_other_and_the_header_says_which(stage: Stage) -> None:
    seen = []
    for words in ("newest first", "by title", "longest first", ""):
        await stage.press("S")
        seen.append(stage.screen.list_pane.view.sort)
        assert words in stage.lines()[0]
        assert stage.cursor_title() == TITLES_AS_LISTED[0]
    assert seen == [Sort.NEWEST, Sort.TITLE, Sort.LONGEST, Sort.ADDED]


async def test_the_raw_capture_opens_where_the_article_begins(stage: Stage) -> None:
    for back in ("escape", "q", "r"):
        await stage.press("r")
        assert "pile/00.txt" in stage.lines()[0]
        assert "Line 1 of capture 0" in stage.lines()[1]
        await stage.press("j", back)
        assert isinstance(stage.app.screen, MainScreen)
        assert not stage.app._exit


# App


async def test_help_lists_every_key_and_every_topic_of_the_manual(stage: Stage) -> None:
    await stage.press("question_mark")
    listed = stage.app.screen.rows.model  # type: ignore[attr-defined]
    first = [row for row in listed.rows(0, len(listed)) if isinstance(row, Key) and row.action]
    assert 12 <= len(first) <= 16
    await stage.press(*["down"] * len(first), "enter")
    listed = stage.app.screen.rows.model  # type: ignore[attr-defined]
    rows = list(listed.rows(0, len(listed)))
    assert [row for row in rows if isinstance(row, Topic) or row.action] == [*shown_keys(), *TOPICS]
    assert [row.does for row in rows if isinstance(row, Key) and not row.action] == [
        key.does for key in SCREENS["selection"]
    ]
    assert "MOVE" in stage.text()


@pytest.mark.staged(size=(40, 12))
async def test_menus_and_the_keys_of_dialogs_are_not_cut_where_there_is_little_room(stage: Stage) -> None:
    for menu in "BWET":
        await stage.press(menu)
        assert "Esc closes" in stage.text()
        assert "…" not in "".join(line for line in stage.lines() if "│" in line)
        await stage.press("escape")
    for dialog in ("a", "L", "Y", "s", "comma", "e", "question_mark"):
        await stage.press(dialog)
        assert "Esc closes ─╯" in stage.text()
        await stage.press("escape")


@pytest.mark.staged(size=(120, 40))
async def test_a_dialog_is_as_high_as_its_rows_and_stays_so_while_one_types(stage: Stage) -> None:
    def height() -> int:
        return stage.app.screen.query_one("#dialog").outer_size.height

    await stage.press("s")
    rows = 1 + len(stage.screen.list_pane.sections)
    assert rows + 3 <= height() <= max(12, rows + 5)
    before = height()
    await stage.press(*"fintech")
    assert height() == before
    await stage.press("escape", "question_mark")
    assert before < height() <= 36
    await stage.pilot.resize_terminal(80, 20)
    await stage.until(lambda: height() == 18)


@pytest.mark.staged(size=(40, 12))
async def test_a_dialog_fills_a_low_terminal(stage: Stage) -> None:
    for dialog in ("s", "a", "question_mark", "comma"):
        await stage.press(dialog)
        assert stage.lines()[0].startswith("╭")
        assert stage.lines()[-1].startswith("╰")
        await stage.press("escape")


async def test_help_names_no_key_twice(stage: Stage) -> None:
    await stage.press("a", "enter", "question_mark", *"switch")
    assert "Tab " in stage.text()
    assert "Shift" not in stage.text()


@pytest.mark.parametrize(
    ("menu", "rows", "letter", "title"),
    [
        ("W", ("o", "O", "y", "L", ";"), "L", "Links of this article"),
        ("E", ("Y", "e", "|"), "Y", "Copy a citation"),
        ("B", ("a", "$", "v M", "H"), "v", "Overview"),
        ("T", ("+", "-", "=", "S", "I"), "", ""),
    ],
)
async def test_a_menu_has_the_letters_of_todays_keys(
    stage: Stage, menu: str, rows: tuple[str, ...], letter: str, title: str
) -> None:
    await stage.press(menu)
    listed = stage.app.screen.rows.model  # type: ignore[attr-defined]
    assert tuple(row.shown for row in listed.rows(0, len(listed))) == rows
    if letter:
        await stage.press(letter)
        assert title in stage.text()
    else:
        await stage.press("j", "enter")
        assert stage.screen.article_pane.view.text_width == 68
        await stage.press(menu, "S")
        assert stage.screen.list_pane.view.sort is Sort.NEWEST
        await stage.press(menu, "q")
        assert isinstance(stage.app.screen, MainScreen)
        assert not stage.app._exit


async def test_help_can_be_searched_and_does_what_the_row_says(stage: Stage) -> None:
    await stage.press("question_mark", *"zebra")
    assert "Nothing matches." in stage.text()
    await stage.press("enter", "escape")
    assert isinstance(stage.app.screen, MainScreen)
    await stage.press("question_mark", *"only article")
    assert "show only the article" in stage.text()
    assert "half a page" not in stage.text()
    await stage.press("enter")
    assert stage.screen.panes.state.zen


async def test_problems_are_listed_with_their_reasons(stage: Stage) -> None:
    await stage.press("P")
    text = stage.text()
    assert "pile/photo.jpg" in text
    assert "UNREAD" in text
    assert "IN PART" in text
    await stage.press("j")
    assert "pile/long.txt: longer than 32 MB: the rest was left out" in stage.text()
    await stage.press("q")
    assert isinstance(stage.app.screen, MainScreen)


@pytest.mark.parametrize("keys", [["q"], ["l", "ctrl+q"]])
async def test_q_leaves_from_the_list_and_ctrl_q_from_anywhere(stage: Stage, keys: list[str]) -> None:
    await stage.press(*keys)
    assert stage.app._exit
    assert not stage.app.return_code
