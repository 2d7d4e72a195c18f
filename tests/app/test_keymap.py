"""Names of keys as people write them, and the keys that a reader gives to actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from textual.keys import _character_to_key

from reader.app import keys
from reader.app.dialogs.settings import SettingsScreen
from reader.app.keymap import check_keys
from reader.app.keys import read_key, show_key
from reader.app.why.screen import WhyScreen
from reader.library import Library
from reader.settings import Settings
from tests.app.stage import TITLES_AS_LISTED, on_stage

LINES = {name: number for number, name in enumerate(("view.why", "find.next", "state.undo", "view.raw"), 11)}


def faults(wanted: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        fault.sentence
        for fault in check_keys({name: tuple(ones) for name, ones in wanted.items()}, LINES).faults
    ]


# Names


def test_every_printable_character_is_named_as_the_screen_library_does_and_nothing_else_is_a_key() -> None:
    for character in map(chr, range(33, 127)):
        name = read_key(character)
        assert name == _character_to_key(character)
        assert show_key(name) == character
        assert read_key(name) == name
    for written in ("", " ", "Ctrl-", "Nonsense", "F99", "Shift-1", "jj", "\x1b", "Hyper"):
        assert read_key(written) is None, written


@pytest.mark.parametrize(
    ("written", "name", "shown"),
    [
        ("Ctrl-f", "ctrl+f", "Ctrl-f"), ("ctrl+F", "ctrl+f", "Ctrl-f"), ("^f", "ctrl+f", "Ctrl-f"),
        ("Alt-x", "alt+x", "Alt-x"), ("alt-Ctrl-x", "alt+ctrl+x", "Alt-Ctrl-x"),
        ("Shift-Tab", "shift+tab", "Shift-Tab"), ("shift+a", "A", "A"), ("Space", "space", "Space"),
        ("PgDn", "pagedown", "PgDn"), ("PageDown", "pagedown", "PgDn"), ("F5", "f5", "F5"),
        ("Esc", "escape", "Esc"), ("Return", "enter", "Enter"), ("Del", "delete", "Del"),
        ("Up", "up", "↑"), ("→", "right", "→"), ("Ctrl--", "ctrl+minus", "Ctrl--"), ("Ctrl-i", "tab", "Tab"),
        ("é", "é", "é"), ("right_curly_bracket", "right_curly_bracket", "}"),
    ],
)  # fmt: skip
def test_keys_as_people_write_them(written: str, name: str, shown: str) -> None:
    assert read_key(written) == name
    assert show_key(name) == shown
    assert read_key(shown) == name


# Checking


def test_keys_that_can_be_used() -> None:
    wanted = {"view.why": ("F4", "Ctrl-w"), "state.undo": (), "find.next": ("i",)}
    assert check_keys(wanted, LINES) == (
        {"view.why": ("f4", "ctrl+w"), "state.undo": (), "find.next": ("i",)},
        (),
    )


NO_KEY = 'is not a key; write keys like "F5", "Ctrl-f", "Space", "PgDn" or "}"'


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        # A key on two actions is told with both names and lines; two actions may change keys.
        (
            {"view.why": ("n",)},
            "keys.view.why: n is also the key of find.next (its default key); give one of them another",
        ),
        (
            {"view.why": ("F4",), "view.raw": ("x", "F4")},
            "keys.view.raw: F4 is also the key of view.why (line 11); give one of them another",
        ),
        ({"view.why": ("r",), "view.raw": ("i",)}, None),
        ({"view.wy": ("x",)}, "keys.view.wy: there is no such action; did you mean view.why?"),
        ({"why": ("x",)}, "keys.why: there is no such action; did you mean view.why?"),
        ({"view.why": ("x", "Bogus")}, f'keys.view.why: "Bogus" {NO_KEY}'),
        ({"move.page_down": ("Space", "F9")}, None),
        # One key may select in the article and show the overview from the list.
        ({"view.overview": ("v",)}, None),
        ({"view.overview": ("X",), "notes.select": ("X",)}, None),
        (
            {"versions.base": ("B",)},
            "keys.versions.base: only keys of the main screen can be changed; take this line out",
        ),
    ],
)
def test_what_is_wrong_with_keys_is_told(wanted: dict[str, tuple[str, ...]], told: str | None) -> None:
    assert faults(wanted) == ([] if told is None else [told])


def test_what_takes_its_usual_keys_back_may_clash_in_turn() -> None:
    found = check_keys({"view.why": ("n",), "find.next": ("n",), "view.raw": ("i",)}, LINES)
    assert found.keys == {}
    assert [fault.name for fault in found.faults] == ["keys.find.next", "keys.view.why", "keys.view.raw"]


def test_the_ways_out_stay() -> None:
    both: dict[str, tuple[str, ...]] = {"app.quit": (), "app.quit_now": ()}
    found = check_keys(both, {"app.quit": 3, "app.quit_now": 4})
    assert found.keys == {"app.quit": ()}
    assert [(fault.name, fault.line) for fault in found.faults] == [("keys.app.quit_now", 4)]
    assert faults({"panes.back": ()}) != []
    assert faults({"panes.back": ("x",)}) != []
    assert faults({"panes.back": ("Esc", "x")}) == []


# On the screen

GIVEN: dict[str, tuple[str, ...]] = {
    "move.down": ("w",), "panes.read": ("f2",), "find.start": ("f3",), "app.help": ("f9",), "view.sort": (),
    "view.why": ("R",), "panes.zen": ("f4", "i"), "app.quit_now": ("f10",),
    "app.settings": ("ctrl+q",), "notes.write": (),
}  # fmt: skip


async def test_given_keys_work_on_every_screen_and_are_named_until_the_next_app(library: Library) -> None:
    async with on_stage(library, size=(200, 20), settings=Settings(keys=GIVEN)) as stage:
        footer = stage.lines()[-1]
        assert all(hint in footer for hint in (" w/k move  F2 read ", " F3 find ", " F9 help"))
        assert "sort" not in footer
        for key, title in (("j", 0), ("w", 1)):
            await stage.press(key)
            assert stage.cursor_title() == TITLES_AS_LISTED[title]
        for key, zen in (("i", True), ("f4", False)):
            await stage.press(key)
            assert stage.screen.panes.state.zen == zen
        await stage.press("n")
        assert stage.said() == ["No search yet; F3 finds in this pane"]
        await stage.press("f9")
        assert any("F2" in line and "read the article" in line for line in stage.lines())
        await stage.press("escape", "R")
        why: Any = stage.app.screen
        assert isinstance(why, WhyScreen)
        await stage.until(lambda: why.view.line is not None)
        before = why.view.line
        await stage.press("j")
        assert why.view.line == before
        await stage.press("w")
        assert why.view.line != before
        assert " w/k" in stage.lines()[-1]
        await stage.press("R")
        assert stage.app.screen is stage.screen
        await stage.press("v", "ctrl+q")
        stage.top(SettingsScreen)
        await stage.press("f10")
        assert stage.app._exit
    async with on_stage(library) as stage:
        assert (keys.shown("move.down"), keys.shown("app.quit_now")) == ("j ↓", "Ctrl-q")
        await stage.press("j")
        assert stage.cursor_title() == TITLES_AS_LISTED[1]
