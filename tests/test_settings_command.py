"""`protocol-reader settings`, and how other commands come by what is set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader.cli import DONE, WRONG_USE, main
from reader.commands.fetch import run as fetch
from reader.settings.options import OPTIONS
from tests.fake_archive import FakeClock


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is; it is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "protocol-reader" / "config.toml"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")


def test_without_a_file_everything_is_usual(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == DONE
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [option.name for option in OPTIONS]
    assert all(line.endswith(" usual") for line in lines[1:])
    assert "--init" in err
    assert main(["settings", "--check"]) == DONE
    assert not file.exists()


def test_what_is_set_is_told_with_where(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file, '[text]\nwidth = 80\n[keys]\nview.why = ["F4", "W"]\nstate.undo = ""\n')
    assert main(["settings"]) == DONE
    told = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert told["text.width"] == ["80", "config.toml,", "line", "2"]
    assert told["keys.view.why"] == ["F4", "W", "config.toml,", "line", "4"]
    assert told["keys.state.undo"] == ["none", "config.toml,", "line", "5"]


def test_as_json_each_setting_is_an_object(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file, '[screen]\nremember = false\n[keys]\nview.why = "F4"\n')
    assert main(["settings", "--json"]) == DONE
    told = {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["screen.remember"] == {
        "name": "screen.remember",
        "value": False,
        "usual": True,
        "from": "config.toml, line 2",
    }
    assert (told["keys.view.why"]["value"], told["keys.view.why"]["usual"]) == (["F4"], ["i"])


def test_check_tells_every_fault_and_ends_with_status_two(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(file, '[text]\nwidth = 400\n[keys]\nview.why = "n"\nview.wy = "x"\n')
    assert main(["settings", "--check"]) == WRONG_USE
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("config.toml, ")[2].partition(":")[0] for line in lines] == [
        "line 2",
        "line 4",
        "line 5",
    ]
    assert lines[0] == (
        f"protocol-reader: {file}, line 2: text.width must be a whole number from 28 to 120, not 400"
    )
    assert main(["settings"]) == DONE
    assert capsys.readouterr().err.splitlines()[:3] == lines


def test_init_writes_a_file_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--init"]) == DONE
    text = file.read_text("utf-8")
    assert '#: theme = "auto"' in text
    assert main(["settings", "--check"]) == DONE
    assert main(["settings", "--init"]) == WRONG_USE
    assert file.read_text("utf-8") == text
    assert "left as it is" in capsys.readouterr().err


def test_path_says_where_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--path"]) == DONE
    assert capsys.readouterr().out == f"{file}\n"


def test_an_unknown_theme_on_the_command_line_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--theme", "papper"])
    assert left.value.code == WRONG_USE
    assert 'do you mean "paper"?' in capsys.readouterr().err


@pytest.mark.parametrize(("text", "line"), [("[network]\nwayback = 3\n", 2), ("[network\n", 1)])
def test_fetching_does_not_guess_the_archive_where_the_file_is_faulty(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, line: int
) -> None:
    write(file, text)
    with pytest.raises(SystemExit) as left:
        main(["fetch", "protocol.example/a"])
    assert left.value.code == WRONG_USE
    assert f"line {line}: " in capsys.readouterr().err


def test_fetching_asks_the_archive_of_the_settings(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file, '[network]\nwayback = "http://127.0.0.1:9/coll"\n[text]\nwidth = 400\n')
    fetch(["--list", "protocol.example/a"], clock=FakeClock().clock)
    err = capsys.readouterr().err
    assert "127.0.0.1:9" in err
    assert "text.width" not in err
