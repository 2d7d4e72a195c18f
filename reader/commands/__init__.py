"""The commands. The program, its help and the completions read the table; a command's module is imported when it runs.

The app's first screen waits for this module, so it imports nothing large.
"""

import gc
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from reader.commands.parser import CommandParser


class Command(NamedTuple):
    """A command, and the module of `reader.commands` that has two functions for it."""

    name: str
    summary: str
    """A description short enough for one line of help."""
    module: str
    """Has `NAME_parser`, the parser of the words after the command, and `run_NAME`, which returns the exit status."""

    def make_parser(self) -> "CommandParser":
        """The parser of the words after the command."""
        parser: CommandParser = getattr(self._module(), f"{self.name}_parser")()
        return parser

    def run(self, words: Sequence[str]) -> int:
        """Run the command; return its exit status."""
        return self.make_parser().run(getattr(self._module(), f"run_{self.name}"), words)

    def _module(self) -> Any:
        module = import_module(f"reader.commands.{self.module}")
        if not gc.isenabled():  # see `reader.start`
            gc.freeze()
            gc.enable()
        return module


READING: Final = Command("reading", "read captures, or the library", "reading")

SESSION: Final = Command("session", "read for one page of `serve`, in a browser", "reading")

COMMANDS: Final = {
    command.name: command
    for command in (
        Command("parse", "print articles as JSON, or write shards", "parse"),
        Command("add", "add captures to the library", "add"),
        Command("fetch", "fetch captures from web archives", "fetch"),
        Command("search", "search the library", "search"),
        Command("export", "export articles as Markdown, EPUB, citations…", "export"),
        Command("stats", "count the articles of the library", "search"),
        Command("missing", "list truncated stories, and fetch their full text", "export"),
        Command("remove", "remove captures from the library", "care"),
        Command("notes", "list or export your highlights, notes and tags", "export"),
        Command("corrections", "list your corrections to misread lines", "care"),
        Command("check", "check the library for damage", "care"),
        Command("backup", "back up the library", "care"),
        Command("settings", "show the settings and where they come from", "help"),
        Command("serve", "serve the reader as a web page", "serve"),
        Command("completions", "print a completion script for your shell", "help"),
        Command("help", "show the manual", "help"),
    )
}
"""Every command by its name, in the order in which help lists them."""


def command_index(words: Sequence[str]) -> int | None:
    """The position of the command among some words: the first, or after --library; None if there is no command."""
    index = 0
    if words and words[0] == "--library":
        index = 2
    elif words and words[0].startswith("--library="):
        index = 1
    return index if len(words) > index and words[index] in COMMANDS else None


def usage_lines() -> str:
    """The commands with their summaries, as the lines of a table."""
    width = max(map(len, COMMANDS))
    return "\n".join(f"  {command.name:{width}}  {command.summary}" for command in COMMANDS.values())
