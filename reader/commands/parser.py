"""The parser of every command: help that wraps to the terminal, and errors of one line that point to it."""

from __future__ import annotations

import re
import shutil
import textwrap
from argparse import Action, ArgumentParser, HelpFormatter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final, NoReturn

from reader.sanitize import sanitize

_WIDEST: Final = 100
"""The most columns of help, however wide the terminal is."""
_OPTION_COLUMN: Final = 26
_LEAST_LIKENESS: Final = 0.7

_PLAINER_ERRORS: Final = (
    (r"argument ([^:]+): expected .*argument.*", r"\1 needs a value"),
    (r"argument ([^:]+): ignored explicit argument .*", r"\1 takes no value"),
    (r"argument [A-Z]+: (.*)", r"\1"),
    (r"argument ([^:]+): (.*)", r"\1: \2"),
    (r"the following arguments are required: (.*)", r"\1 is missing"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 could be any of \2"),
)
"""The messages of argparse, and what is printed instead."""


class CommandParser(ArgumentParser):
    """Wraps help to the terminal, prints errors as one line, and sanitizes the words that they quote."""

    def error(self, message: str) -> NoReturn:
        """Print the message, and where to find help, on one line; exit with status 2."""
        plain = sanitize(" ".join(self._plainer(message).split()))
        end = " See" if plain.endswith("?") else "; see"
        self.exit(2, f"{self.prog}: {plain}{end} {self.prog} --help\n")

    def _plainer(self, message: str) -> str:
        if unknown := re.fullmatch(r"unrecognized arguments: (\S+).*", message, re.DOTALL):
            return self._unknown(unknown[1])
        if choice := re.fullmatch(
            r"argument ([^:]+): invalid choice: (.+) \(choose from (.*)\)", message, re.DOTALL
        ):
            choices = choice[3].replace("'", "")
            return f"{choice[1]}: {choice[2]} is not one of {choices}"
        for pattern, plainer in _PLAINER_ERRORS:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                return found.expand(plainer)
        return message

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"unexpected word {word}"
        near = nearest(word.partition("=")[0], self._option_string_actions)
        return f"unknown option {word}" + (f" (did you mean {near}?)" if near else "")


class CommandHelp(HelpFormatter):
    """Wraps all text to the terminal; tables keep their columns."""

    def __init__(self, prog: str) -> None:
        width = min(_WIDEST, shutil.get_terminal_size().columns) - 2
        super().__init__(prog, max_help_position=_OPTION_COLUMN, width=width)

    def _format_usage(
        self, usage: str | None, actions: Iterable[Action], groups: Iterable[object], prefix: str | None
    ) -> str:
        if usage is None:
            return super()._format_usage(usage, actions, groups, prefix)  # type: ignore[arg-type]
        # Lines break between options, not inside the brackets of one.
        joined = re.sub(r"\[[^]]*\]", lambda option: option[0].replace(" ", "\xa0"), usage)
        lines = [self._wrapped(line, "       ", " " * 11) for line in joined.splitlines()]
        return ("usage: " + "\n".join(lines).lstrip()).replace("\xa0", " ") + "\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002
        return "\n\n".join("\n".join(self._block(block)) for block in text.split("\n\n"))

    def _block(self, block: str) -> Iterator[str]:
        """The lines of a paragraph, or of a table: its rows have two spaces between the columns."""
        lines = block.splitlines()
        if not any(re.search(r"\S  ", line) for line in lines):
            yield self._wrapped(" ".join(lines), "", "")
            return
        for line in lines:
            columns = re.match(r"(.*?\S {2,})(?=\S)", line)
            yield self._wrapped(
                line, line[: len(line) - len(line.lstrip())], " " * (len(columns[1]) if columns else 2)
            )

    def _wrapped(self, text: str, first: str, other: str) -> str:
        return textwrap.fill(
            text.strip(),
            max(self._width, len(other) + 11),
            initial_indent=first,
            subsequent_indent=other,
            break_long_words=False,
            break_on_hyphens=False,
        )


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that a mistyped word probably means."""
    near = get_close_matches(word, list(names), n=1, cutoff=_LEAST_LIKENESS)
    return near[0] if near else None
