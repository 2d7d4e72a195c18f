"""The user's folders, `protocol-reader settings`, and how other commands use the settings."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from unittest.mock import patch

import pytest

from reader.commands.inputs import sample_captures
from reader.errors import SettingsError
from reader.settings import UserPaths, library_path, make_folder, user_paths
from reader.settings.options import OPTIONS
from tests.archives.fake_archive import FakeClock
from tests.commands.stage import Run

HOME = {"HOME": "/home/ada"}


def paths(environment: dict[str, str]) -> UserPaths:
    """The folders of a user with this environment."""
    with patch.dict(os.environ, environment, clear=True):
        return user_paths()


def library(environment: dict[str, str], named: str | None = None) -> Path:
    """The library of a user with this environment."""
    with patch.dict(os.environ, environment, clear=True):
        return library_path(named)


def test_the_usual_places_are_below_the_home_folder() -> None:
    places = paths(HOME)
    assert places.config_file == Path("/home/ada/.config/protocol-reader/config.toml")
    assert places.data == Path("/home/ada/.local/share/protocol-reader")
    assert places.state == Path("/home/ada/.local/state/protocol-reader")
    assert library(HOME).parent == places.data
    for relative in ("", "relative/folder", "~/x"):
        assert paths(HOME | {"XDG_DATA_HOME": relative}) == places


def test_the_xdg_variables_move_them_and_need_no_home() -> None:
    nowhere = {"HOME": "not/absolute"}
    with pytest.raises(SettingsError, match="HOME"):
        paths(nowhere)
    moved = nowhere | {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    places = paths(moved)
    assert (places.config, places.data, places.state) == tuple(
        Path(folder) / "protocol-reader" for folder in ("/c", "/d", "/s")
    )
    assert library(moved).parent == places.data


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
    assert library(named) == library(HOME, value) == Path(expected)
    assert library(named, "/first") == Path("/first")


def test_a_named_library_needs_no_home_folder(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", "")
    here = ("--library", tmp_path / "library.db")
    assert run("add", *sample_captures(), *here).status == 0
    for words in (["stats"], ["search", "the"], ["check"], ["export", "--format", "json"]):
        done = run(*words, *here)
        assert (done.status, done.err.count("home folder")) == (0, 0), words
    assert run("stats").status == 3


def test_finding_makes_nothing_and_making_keeps_it_private(tmp_path: Path) -> None:
    places = paths({"HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
    before = os.umask(0o022)
    try:
        assert make_folder(places.data) == places.data == make_folder(places.data)
    finally:
        os.umask(before)
    assert stat.S_IMODE(places.data.stat().st_mode) == 0o700
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SettingsError, match="inside"):
        make_folder(tmp_path / "taken" / "inside")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is; it is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "protocol-reader" / "config.toml"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")


def test_settings_are_listed_with_where_they_come_from(file: Path, run: Run) -> None:
    status, out, err = run("settings")
    lines = out.splitlines()
    assert (status, "does not exist yet" in err) == (0, True)
    assert [line.split()[0] for line in lines[1:]] == [option.name for option in OPTIONS]
    assert all(line.endswith(" default") for line in lines[1:])
    assert not file.exists()
    write(file, '[search]\nstems = false\n[keys]\nview.why = ["F4", "F6"]\nstate.undo = ""\n')
    told = {line.split()[0]: line.split()[1:] for line in run("settings").out.splitlines()}
    assert told["search.stems"] == ["false", "config.toml,", "line", "2"]
    assert told["keys.view.why"] == ["F4", "F6", "config.toml,", "line", "4"]
    assert told["keys.state.undo"] == ["none", "config.toml,", "line", "5"]
    objects = {one["name"]: one for one in run("settings", "--json").objects}
    stems = {"name": "search.stems", "value": False, "default": True, "from": "config.toml, line 2"}
    assert objects["search.stems"] == stems
    assert (objects["keys.view.why"]["value"], objects["keys.view.why"]["default"]) == (["F4", "F6"], ["i"])


def test_every_fault_is_told_with_its_line_and_the_usual_value_holds(
    file: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("HOME", str(file.parent.parent))
    write(file, '[text]\nwidth = 400\n[keys]\nview.why = "n"\nview.wy = "x"\n')
    status, out, err = run("settings")
    assert ["text.width", "72", "default"] in [line.split() for line in out.splitlines()]
    *lines, _ = err.splitlines()
    places = [line.partition("config.toml, ")[2].partition(":")[0] for line in lines]
    assert (status, places) == (1, ["line 2", "line 4", "line 5"])
    wrong = "text.width must be a whole number from 28 to 120, not 400"
    assert lines[0] == f"protocol-reader: ~/protocol-reader/config.toml, line 2: {wrong}"


def test_an_unknown_theme_on_the_command_line_is_wrong_use(run: Run) -> None:
    status, _, err = run("--theme", "papper")
    assert (status, 'did you mean "paper"?' in err) == (2, True)
    assert "--theme cannot be" in err
    assert "screen.theme" not in err


@pytest.mark.parametrize(("text", "line"), [("[network]\nwayback = 3\n", 2), ("[network\n", 1)])
def test_fetching_does_not_guess_the_archive_where_the_file_is_faulty(
    file: Path, text: str, line: int, run: Run
) -> None:
    write(file, text)
    status, _, err = run("fetch", "protocol.example/a")
    assert (status, f"line {line}: " in err) == (2, True)


def test_fetching_asks_the_archive_of_the_settings(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file, '[network]\nwayback = "http://127.0.0.1:9/coll"\n[text]\nwidth = 400\n')
    FakeClock().run("fetch", ["--list", "protocol.example/a"])
    err = capsys.readouterr().err
    assert ("127.0.0.1:9" in err, "text.width" in err) == (True, False)
