"""The commands, each with what it does: the program, its help and the completions read this table.

The app's first screen waits for this module, so it imports nothing large.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Command(NamedTuple):
    """One command: the module of that name in `reader.commands`, with its `run` and its `make_parser`."""

    name: str
    does: str
    """What it does, short enough for a line of help."""


COMMANDS: Final = (
    Command("parse", "each capture's articles as JSON, or in shards"),
    Command("add", "keep captures in the library"),
    Command("fetch", "fetch captures from the Wayback Machine"),
    Command("search", "look for words in the library"),
    Command("export", "take articles out: Markdown, EPUB, citations…"),
    Command("stats", "how much the library holds, and of what"),
    Command("missing", "the stories no capture has whole: list, look for, fetch"),
    Command("remove", "take captures out of the library"),
    Command("corrections", "what you corrected of how captures were read"),
    Command("check", "look for damage in the library"),
    Command("backup", "copy the library"),
    Command("settings", "what is set, and where"),
    Command("serve", "read in a browser"),
    Command("completions", "let the shell complete commands and options"),
    Command("help", "the manual, a page on each topic"),
)
"""In the order in which help lists them."""

NAMES: Final = frozenset(command.name for command in COMMANDS)


def usage_lines() -> str:
    """The commands as the lines of a table."""
    width = max(map(len, NAMES))
    return "\n".join(f"  {command.name:{width}}  {command.does}" for command in COMMANDS)
