"""How config.toml is written, one line at a time, and what the manual says of it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import SettingsError
from reader.manual import read_page
from reader.settings.checking import read
from reader.settings.options import BY_NAME, OPTIONS, Option, Value
from reader.settings.writing import keep, with_value

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
        ("text.width = 60\n", "text.line_spacing", 2, "text.width = 60\ntext.line_spacing = 2\n"),
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


_settable = st.sampled_from([option for option in OPTIONS if not option.other]).flatmap(
    lambda option: st.tuples(
        st.just(option),
        st.booleans()
        if isinstance(option.default, bool)
        else st.integers(option.least, option.most)
        if isinstance(option.default, int)
        else st.sampled_from(option.choices),
    )
)


@given(st.sampled_from(["", MINE]), st.lists(_settable, max_size=6))
def test_what_was_changed_is_set_and_every_comment_is_kept(
    text: str, changes: list[tuple[Option, Value]]
) -> None:
    before = read(text)
    wanted = {name: one.value for name, one in before.values.items()}
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    for option, value in changes:
        changed = with_value(text, option, value)
        assert changed is not None
        text = changed
        wanted[option.name] = value
    after = read(text)
    assert after.faults == ()
    assert {name: one.value for name, one in after.values.items()} == wanted
    assert [line for line in text.splitlines() if line.startswith("# ")] == comments


def test_a_faulty_file_is_never_written_to(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[text]\nwidth = 400\n")
    with pytest.raises(SettingsError, match=r"line 2: text\.width"):
        keep(file, "citations.style", "mla")
    assert file.read_text() == "[text]\nwidth = 400\n"


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


def test_a_first_change_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    keep(file, "text.width", 80)
    assert file.read_text() == "[text]\nwidth = 80\n"


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
