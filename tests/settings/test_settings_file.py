"""What a config.toml sets, what is wrong with it and on which line, what is in force, and how the file is written."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reader.settings
from reader.errors import SettingsError
from reader.manual import read_page
from reader.settings import InForce, Settings
from reader.settings.config import Given, keep, read, with_value
from reader.settings.options import BY_NAME, GROUPS, KEYS, OPTIONS, THEMES, Value


def config(tmp_path: Path, text: str) -> dict[str, str]:
    """The environment of somebody with this config.toml."""
    file = tmp_path / "protocol-reader" / "config.toml"
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    return {"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/home/ada"}


def in_force(environment: dict[str, str], given: Given | None = None) -> InForce:
    """The settings of somebody with this environment."""
    with patch.dict(os.environ, environment, clear=True):
        return reader.settings.in_force(given)


# The table


def test_every_field_of_the_settings_has_an_option_and_every_option_its_usual_value() -> None:
    assert {option.field for option in OPTIONS} == set(Settings._fields) - {"keys"}
    assert len(BY_NAME) == len(OPTIONS)
    assert {option.group for option in OPTIONS} | {KEYS} == set(GROUPS)
    for option in OPTIONS:
        assert read(f"[{option.group}]\n{option.key} = {json.dumps(option.default)}\n").faults == ()
        assert option.about.endswith(".")


def test_choices_are_those_that_the_app_has() -> None:
    from textual.theme import BUILTIN_THEMES

    from reader.app.themes import FOR_FEWER_COLOURS
    from reader.app.themes import THEMES as OUR_THEMES
    from reader.export.citations import STYLES

    assert set(THEMES) == {*BUILTIN_THEMES, *(theme.name for theme in (*OUR_THEMES, *FOR_FEWER_COLOURS))}
    assert BY_NAME["citations.style"].choices == (*(name.casefold() for name in STYLES), "bibtex")


# Reading

WRONG = """\
# Comments count as lines.
[text]
width = 400

line_spacing = true
aligment = "justified"
hyphenation = "English"
[screen]
screen_reader = "yes"
theme = "ikn"
[netwrok]
browser = "lynx"
[citations]
style = "apb" # not so new
[keys]
view.why = 7
"out.open" = ["x", 3]
"""


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    assert [(fault.line, fault.name) for fault in read(WRONG).faults] == [
        (3, "text.width"),
        (5, "text.line_spacing"),
        (6, "text.aligment"),
        (7, "text.hyphenation"),
        (9, "screen.screen_reader"),
        (10, "screen.theme"),
        (11, "netwrok"),
        (14, "citations.style"),
        (16, "keys.view.why"),
        (17, "keys.out.open"),
    ]
    found = read(
        '[text]\nwidth = 400\nalignment = "justified"\n[keys]\nview = {why = ["F4", "x"], how = ""}\n'
    )
    assert {name: (one.value, one.line) for name, one in found.values.items()} == {
        "text.alignment": ("justified", 3),
        "keys.view.why": (("F4", "x"), 5),
        "keys.view.how": ((), 5),
    }, "what is right holds beside what is wrong"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[text]\nwidth = 400", "text.width must be a whole number from 28 to 120, not 400"),
        ("[text]\nalignment = 'left'", 'text.alignment must be "ragged" or "justified", not "left"'),
        (
            '[citations]\nstyle = "chicgo"',
            'citations.style must be "apa", "mla", "chicago" or "bibtex", not "chicgo"; did you mean "chicago"?',
        ),
        (
            '[screen]\ntheme = "xyz"',
            'screen.theme must be "auto" or a theme such as "ink" or "contrast", not "xyz"',
        ),
        ("[text]\nwidht = 3", "there is no setting text.widht; did you mean text.width?"),
        (
            "[screen]\nxyz = 3",
            "there is no setting screen.xyz; [screen] has theme, light_theme, dark_theme, screen_reader",
        ),
        ("[netwrok]\nbrowser = 3", "there is no table [netwrok]; did you mean network?"),
        (
            "[text]\nhyphenation = 'English'",
            'text.hyphenation must be "off", "auto" or a language such as en_US, not "English"',
        ),
        ("theme = 'ink'", "there is no table [theme]; did you mean screen.theme?"),
        ("text = 3", "text must be a table: its settings go below [text]"),
        ("[keys]\nx = 3", 'keys.x must be a key such as "F5" or a list of keys, not 3'),
        (
            "[network]\nwayback = 'ftp://x'",
            'network.wayback must be the address of a web archive, with https:// or http://, not "ftp://x"',
        ),
    ],
)
def test_faults_say_what_may_be_set(text: str, sentence: str) -> None:
    (fault,) = read(text).faults
    assert fault.sentence == sentence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[text]\nwidth = = 3\n", 2),
        ("a = 1\n\na = 2\n", 3),
        ("a = 1\nb = '''x\n\n", 2),
        (f"a = {'[' * 5000}", 1),
    ],
)
def test_what_is_no_toml_is_one_fault_with_a_line(text: str, line: int) -> None:
    found = read(text)
    (fault,) = found.faults
    assert fault.line == line
    assert fault.sentence.startswith("this is not valid TOML: ")
    assert not found.values


# Lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\ntext . width = 400 # wide", 2),
        ("\r\n[ 'text' ] # [list]\r\n\"width\"=400", 3),
        ("[search]\n[text]\nline_spacing = 1\n  width\t= 400", 4),
        ("\ntext = {width = 400}", 2),
    ],
)
def test_a_key_is_found_on_its_line(text: str, line: int) -> None:
    assert [(fault.name, fault.line) for fault in read(text).faults] == [("text.width", line)]


_scraps = st.sampled_from(
    ["[text]", "[[keys]]", "[keys.view]", "width", "=", " = ", "60", "\n", "\r\n", "'", '"', '"""', "'''", "#", "{",
     "}", "[", "]", ",", ".", "\\", "view.why", "1979-05-27", "é", "\0", "theme", "x"]
)  # fmt: skip


@given(st.lists(_scraps | st.text(max_size=3), max_size=25).map("".join))
def test_no_file_keeps_the_reader_from_opening(text: str) -> None:
    found = read(text)
    last = text.count("\n") + 1
    assert all(fault.line is not None and 1 <= fault.line <= last for fault in found.faults)
    assert not any(name in {fault.name for fault in found.faults} for name in found.values)


# In force


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    text = '[network]\nwayback = "https://file.example"\n[screen]\ntheme = "paper"\n'
    environment = config(tmp_path, text)
    found = in_force(environment)
    assert found.settings.wayback == "https://file.example"
    assert found.source("network.wayback") == "config.toml, line 2"
    named = environment | {"PROTOCOL_READER_WAYBACK": "https://variable.example"}
    found = in_force(named, {"screen.theme": ("--theme", "nord")})
    assert (found.settings.wayback, found.settings.theme) == ("https://variable.example", "nord")
    assert found.source("network.wayback") == "$PROTOCOL_READER_WAYBACK"
    assert found.source("screen.theme") == "--theme"
    empty = environment | {"PROTOCOL_READER_WAYBACK": ""}
    assert in_force(empty).settings.wayback == "https://file.example"


def test_a_faulty_file_is_never_written_to_and_its_faults_are_safe_to_show(tmp_path: Path) -> None:
    text = '[network]\nwayback = "https://\u202e\u200bgro.example\x9b31m"\n'
    found = in_force(config(tmp_path, text))
    (sentence,) = [fault.in_file(found.file) for fault in found.faults]
    assert "\u202e" not in sentence
    assert r"gro.example\u009b31m" in sentence
    with pytest.raises(SettingsError) as error:
        keep(found.file, "text.width", 80)
    assert str(error.value).startswith(sentence.partition(": ")[0])
    assert "\u202e" not in str(error.value)
    assert found.file.read_text("utf-8") == text


def test_without_a_file_that_can_be_read_the_usual_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = in_force({"HOME": "not/absolute"})
    assert found.settings == Settings()
    assert "HOME" in found.faults[0].in_file(found.file)
    with pytest.raises(SettingsError, match="HOME"):
        keep(found.file, "text.width", 80)
    assert list(tmp_path.iterdir()) == []
    environment = config(tmp_path, "")
    file = tmp_path / "protocol-reader" / "config.toml"
    for content, line in (b"#" * 100_000, ""), (b"a = 1\nb = '\xff'\n", "line 2"):
        file.write_bytes(content)
        (fault,) = in_force(environment).faults
        assert str(file) in fault.sentence
        assert line in fault.sentence
    file.unlink()
    os.mkfifo(file)
    assert str(file) in in_force(environment).faults[0].sentence
    file.unlink()
    file.mkdir()
    assert str(file) in in_force(environment).faults[0].sentence


# Writing


MINE = """\
# Mine.
[text]   # how it reads
width    = 60   # narrow
#: alignment = "ragged"

[keys]
view.why = "F4"
"""


@pytest.mark.parametrize(
    ("text", "name", "value", "expected"),
    [
        (MINE, "text.width", 80, MINE.replace("60 ", "80 ")),
        (MINE, "text.line_spacing", 1, MINE.replace("narrow\n", "narrow\nline_spacing = 1\n")),
        (MINE, "citations.style", "mla", f'{MINE}\n[citations]\nstyle = "mla"\n'),
        ("", "search.stems", False, "[search]\nstems = false\n"),
        ("text.width = 60\n", "text.width", 80, "text.width = 80\n"),
        ("text = {width = 60}\n", "text.line_spacing", 2, "text = {width = 60,line_spacing = 2}\n"),
        ("[text]\nwidth = 60\n\n# About searching.\n[search]\n", "text.line_spacing", 2,
         "[text]\nwidth = 60\nline_spacing = 2\n\n# About searching.\n[search]\n"),
        ("[text]\n# width = as wide as I like\n", "text.width", 80,
         "[text]\nwidth = 80\n# width = as wide as I like\n"),
        ("[network]\r\nbrowser = ''\r\n", "network.browser", 'a "b"',
         '[network]\r\nbrowser = "a \\"b\\""\r\n'),
    ],
)  # fmt: skip
def test_one_value_is_changed_and_nothing_else(text: str, name: str, value: Value, expected: str) -> None:
    assert with_value(text, BY_NAME[name], value) == expected


def test_the_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text("[citations]\n")
    real.chmod(0o600)
    link.symlink_to(real)
    keep(link, "citations.style", "mla")
    assert link.is_symlink()
    assert real.read_text() == '[citations]\nstyle = "mla"\n'
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"dotfiles.toml", "config.toml"}
    keep(tmp_path / "new" / "config.toml", "text.width", 80)
    assert (tmp_path / "new" / "config.toml").read_text() == "[text]\nwidth = 80\n"


# The manual

PAGE = read_page("settings")


def test_the_manual_has_every_option_as_the_table_has_it() -> None:
    start, end = PAGE.index("<!-- settings -->"), PAGE.index("<!-- /settings -->")
    rows = [line for line in PAGE[start:end].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{one.name}` | `{json.dumps(one.default)}` | {one.about} |" for one in OPTIONS]


def test_the_keys_of_the_manual_can_be_used() -> None:
    from reader.app.keymap import check_keys

    text = PAGE[PAGE.index("```toml") + 7 :]
    found = read(text[: text.index("```")])
    assert found.faults == ()
    given = {
        name.removeprefix("keys."): one.value
        for name, one in found.values.items()
        if isinstance(one.value, tuple)
    }
    assert len(given) == 3
    assert check_keys(given, {}).faults == ()
