"""The manual page, the list of commands, and what is told of each."""

from __future__ import annotations

import pkgutil
import shutil
import subprocess
from pathlib import Path

import pytest

import reader
import reader.commands
from reader.app.keys import shown_keys
from reader.cli import main
from reader.commands.described import described
from reader.commands.listed import COMMANDS
from reader.commands.manual import page

KEPT = Path(reader.__file__).parent / "man" / "protocol-reader.1"


def unescaped(text: str) -> str:
    for escape, plain in (("\\-", "-"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\e", "\\")):
        text = text.replace(escape, plain)
    return text


def test_the_page_that_is_kept_is_the_one_that_is_made() -> None:
    assert KEPT.read_text(encoding="utf-8") == page(), f"protocol-reader man > {KEPT}"


def test_without_a_terminal_it_is_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["man"]) == 0
    assert capfdbinary.readouterr().out.decode() == page()


def test_it_has_every_command_option_and_key() -> None:
    text = unescaped(page())
    for one in described():
        assert f"\\fBprotocol-reader {one.name}".strip() in text
        for option in one.options:
            assert "--help" in option.names or all(f"\\fB{name}\\fR" in text for name in option.names)
    for key in shown_keys():
        assert f"\\fB{key.shown}\\fR" in text


def test_mandoc_and_man_have_no_complaint() -> None:
    if (mandoc := shutil.which("mandoc")) is not None:
        done = subprocess.run(
            [mandoc, "-T", "lint", "-W", "warning", str(KEPT)], capture_output=True, check=False
        )
        assert (done.stdout, done.stderr) == (b"", b"")
    if (groff := shutil.which("groff")) is not None:
        command = [groff, "-man", "-Tutf8", "-ww", "-K", "utf8", "-z", str(KEPT)]
        assert subprocess.run(command, capture_output=True, check=False).stderr == b""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_every_command_has_a_line_of_help(
    command: reader.commands.listed.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    usage = capsys.readouterr().out
    assert f"\n  {command.name} " in usage
    assert command.does in usage
    # A line of an ordinary terminal.
    assert max(map(len, usage.split("\n\n")[1].split("\n"))) <= 80
    with pytest.raises(SystemExit):
        main([command.name, "--help"])
    assert f"protocol-reader {command.name}" in capsys.readouterr().out


def test_no_command_is_left_out() -> None:
    modules = {one.name for one in pkgutil.iter_modules(reader.commands.__path__)}
    with_a_parser = {
        name
        for name in modules
        if hasattr(__import__(f"reader.commands.{name}", fromlist=["x"]), "make_parser")
    }
    assert with_a_parser == {one.name for one in COMMANDS} | {"reading"}
