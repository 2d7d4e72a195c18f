from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from reader.errors import SettingsError
from reader.settings import make_folder, user_paths

HOME = {"HOME": "/home/ada"}


def test_the_usual_places_are_below_the_home_folder() -> None:
    places = user_paths(environment=HOME)
    assert places.config_file == Path("/home/ada/.config/protocol-reader/config.toml")
    assert places.data == Path("/home/ada/.local/share/protocol-reader")
    assert places.state == Path("/home/ada/.local/state/protocol-reader")
    assert places.library.parent == places.data


def test_the_xdg_variables_move_them() -> None:
    moved = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    places = user_paths(environment=moved)
    assert (places.config, places.data, places.state) == tuple(
        Path(folder) / "protocol-reader" for folder in ("/c", "/d", "/s")
    )
    assert places.library.parent == places.data


@pytest.mark.parametrize("value", ["", "relative/folder", "./x", "~/x"])
def test_a_relative_xdg_variable_counts_as_unset(value: str) -> None:
    assert user_paths(environment=HOME | {"XDG_DATA_HOME": value}) == user_paths(environment=HOME)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/srv/p.sqlite", "/srv/p.sqlite"),
        ("p.sqlite", "p.sqlite"),
        ("~/p.sqlite", "/home/ada/p.sqlite"),
        ("~", "/home/ada"),
        ("~nobody-of-this-name/p.sqlite", "~nobody-of-this-name/p.sqlite"),
    ],
)
def test_the_library_can_be_named(value: str, expected: str) -> None:
    named = HOME | {"PROTOCOL_READER_LIBRARY": value}
    assert user_paths(environment=named).library == Path(expected)
    assert user_paths(value, environment=HOME).library == Path(expected)
    assert user_paths("/first", environment=named).library == Path("/first")


def test_an_empty_library_variable_counts_as_unset() -> None:
    assert user_paths(environment=HOME | {"PROTOCOL_READER_LIBRARY": ""}) == user_paths(environment=HOME)


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")
    assert user_paths().state == Path("/elsewhere/protocol-reader")


def test_without_a_home_folder_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "not/absolute")
    with pytest.raises(SettingsError, match="HOME"):
        user_paths(environment={})
    everywhere = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    assert user_paths(environment=everywhere).config == Path("/c/protocol-reader")


def test_finding_makes_nothing_and_making_keeps_it_private(tmp_path: Path) -> None:
    places = user_paths(environment={"HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
    before = os.umask(0o022)
    try:
        assert make_folder(places.data) == places.data == make_folder(places.data)
    finally:
        os.umask(before)
    assert stat.S_IMODE(places.data.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SettingsError, match="taken"):
        make_folder(tmp_path / "taken")
    with pytest.raises(SettingsError, match="inside"):
        make_folder(tmp_path / "taken" / "inside")
