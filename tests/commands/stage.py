"""What commands do, and what their parsers take."""

from __future__ import annotations

import json
from argparse import Action
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from reader.commands import COMMANDS, READING, Command

ALL_COMMANDS: Final = (READING, *COMMANDS.values())
"""The program without a command, then each command in the order of help."""


class Done(NamedTuple):
    status: object
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Done]
"""Takes the words of a command line."""


def word(command: Command) -> str:
    """The word on the command line that names a command; "" for the program without one."""
    return "" if command is READING else command.name


def arguments(command: Command) -> list[Action]:
    """The options and positional arguments of a command."""
    return command.make_parser()._actions  # argparse has no public way to list them


def value_name(action: Action) -> str | None:
    """The name of an argument's value in help; None for an option without a value."""
    if action.nargs == 0:
        return None
    return action.metavar if isinstance(action.metavar, str) else action.dest.upper()
