"""What each command takes, in records made from the parsers: for completions, never out of date."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Final, NamedTuple

from reader.commands.listed import COMMANDS

PROGRAM: Final = "protocol-reader"
_FILES: Final = ("PATH", "FILE", "FILE-OR-FOLDER")
_FOLDERS: Final = ("FOLDER",)


class Value(NamedTuple):
    """What follows an option, or stands by itself."""

    name: str
    """As help calls it: PATH, N."""
    choices: tuple[str, ...] = ()
    """All that it may be; empty where that is open."""
    repeated: bool = False
    optional: bool = False

    @property
    def kind(self) -> str:
        """What can be offered for it: choices, files, folders, or nothing ("")."""
        if self.choices:
            return "choices"
        return "files" if self.name in _FILES else "folders" if self.name in _FOLDERS else ""


class Option(NamedTuple):
    """An option, under all its names."""

    names: tuple[str, ...]
    does: str
    value: Value | None
    """What follows it; None when it stands alone."""


class Described(NamedTuple):
    """A command, or with the name "" the program without one."""

    name: str
    does: str
    """Short, as in a table."""
    options: tuple[Option, ...]
    values: tuple[Value, ...]
    """What stands by itself, in order."""


def described() -> tuple[Described, ...]:
    """The program, then each of its commands in the order of help."""
    from reader.commands.reading import make_parser

    program = _described("", "read captures, or the library", make_parser())
    return program, *(
        _described(one.name, one.does, import_module(f"reader.commands.{one.name}").make_parser())
        for one in COMMANDS
    )


def _described(name: str, does: str, parser: argparse.ArgumentParser) -> Described:
    # The parser's own list of what it takes: argparse has no other way to ask.
    actions = parser._actions
    options = tuple(
        Option(tuple(action.option_strings), _help(parser, action), _value(action))
        for action in actions
        if action.option_strings
    )
    values = tuple(_needed(_value(action)) for action in actions if not action.option_strings)
    return Described(name, does, options, values)


def _value(action: argparse.Action) -> Value | None:
    if action.nargs == 0:
        return None
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return Value(
        name, tuple(map(str, action.choices or ())), action.nargs in ("*", "+"), action.nargs in ("*", "?")
    )


def _needed(value: Value | None) -> Value:
    assert value is not None
    return value


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    known = {**vars(action), "prog": parser.prog, "choices": ", ".join(map(str, action.choices or ()))}
    return (action.help or "") % known
