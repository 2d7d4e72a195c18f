"""What the parsers of the commands take, for the tests that go through all of it."""

from __future__ import annotations

from argparse import Action
from typing import Final

from reader.commands import COMMANDS, READING, Command

ALL_COMMANDS: Final = (READING, *COMMANDS.values())
"""The program without a command, then each command in the order of help."""


def arguments(command: Command) -> list[Action]:
    """The options and positional arguments of a command."""
    return command.make_parser()._actions  # argparse has no public way to list them


def value_name(action: Action) -> str | None:
    """The name of an argument's value in help; None for an option without a value."""
    if action.nargs == 0:
        return None
    return action.metavar if isinstance(action.metavar, str) else action.dest.upper()
