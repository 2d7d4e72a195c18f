"""`help` and `settings`: show the manual, and the settings with where they come from."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from reader.app.keys import KEYS as APP_KEYS
from reader.app.keys import show_key
from reader.commands import COMMANDS
from reader.commands.libraries import settings_in_force
from reader.commands.output import Status, complain, plain_output, print_records, table
from reader.commands.parser import CommandParser, nearest
from reader.manual import TOPICS, for_terminal, read_page
from reader.settings import InForce
from reader.settings.config import tilde
from reader.settings.options import KEYS, OPTIONS

# help

_TOPIC_NAMES: Final = tuple(topic.name for topic in TOPICS)
_WIDEST: Final = 80
"""The most columns of a page, however wide the terminal is."""
_LOOKS: Final = {"markdown.code": "bold", "markdown.h1": "bold underline", "markdown.h2": "bold underline"}


def help_parser() -> CommandParser:
    parser = CommandParser(
        "help",
        "List the topics of the manual, or show one of its pages.",
        "On a terminal, a long page opens in $PAGER or in less. In a pipe, a page is plain Markdown.",
    )
    about = "one of %(choices)s"
    parser.add_argument("topic", nargs="?", metavar="TOPIC", type=_topic, choices=_TOPIC_NAMES, help=about)
    return parser


def _topic(word: str) -> str:
    name = word.lower()
    if name in _TOPIC_NAMES:
        return name
    near = nearest(name, _TOPIC_NAMES)
    advice = f"; did you mean “{near}”?" if near else f"; topics: {', '.join(_TOPIC_NAMES)}"
    if name in COMMANDS:
        advice = f"; try protocol-reader help commands, or protocol-reader {name} --help"
    raise ArgumentTypeError(f"there is no topic “{word}”{advice}")


def run_help(options: Namespace) -> int:
    if options.topic is None:
        width = max(map(len, _TOPIC_NAMES))
        topics = "".join(f"  {topic.name:{width}}  {topic.about}\n" for topic in TOPICS)
        plain_output().write(f"protocol-reader help TOPIC shows a page of the manual:\n\n{topics}")
    elif sys.stdout.isatty():
        _show(for_terminal(read_page(options.topic)))
    else:
        plain_output().write(read_page(options.topic))
    return Status.DONE


def _show(page: str) -> None:
    # 70 ms, and only a page of the manual on a terminal needs them.
    import pydoc

    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    size = shutil.get_terminal_size()
    console = Console(file=plain_output(), width=min(_WIDEST, size.columns), theme=Theme(_LOOKS))
    # Shell commands keep the terminal's own colour, which can be read on any background.
    page = re.sub(r"^```\w+$", "```text", page, flags=re.MULTILINE)
    with console.capture() as captured:
        console.print(Markdown(page, code_theme="ansi_dark", hyperlinks=False))
    text = captured.get()
    if text.count("\n") < size.lines:
        plain_output().write(text)
        return
    os.environ.setdefault("LESS", "FRX")  # As git does: raw colours, and no pager for a page that fits.
    os.environ.pop("MANPAGER", None)  # It is made for man, and often a filter that breaks colours.
    with suppress(ValueError):
        pager = shlex.split(os.environ.get("PAGER", ""))
        if pager and shutil.which(pager[0]) is None:
            del os.environ["PAGER"]  # It is not installed, and would show nothing.
    pydoc.pager(text)


# settings

_EPILOG = """\
The command line overrides environment variables, and environment variables override config.toml. A faulty setting in
config.toml is ignored; this command and the reader report it with its line, and the exit status here is 1.
“protocol-reader help settings” describes every setting."""


def settings_parser() -> CommandParser:
    parser = CommandParser("settings", "Show the settings and where they come from.", _EPILOG)
    parser.flag("--json", "print one JSON object for each setting")
    return parser


def run_settings(options: Namespace) -> int:
    in_force = settings_in_force()
    for fault in in_force.faults:
        complain(in_force.sentence(fault))
    rows = list(_rows(in_force))
    cells = [(row["name"], _in_words(row["value"]), row["from"]) for row in rows]
    print_records(rows, table([("setting", "value", "from"), *cells], numbers_from=3), as_json=options.json)
    if not options.json:
        hint = "" if in_force.exists or in_force.faults else " (does not exist yet)"
        complain(f"settings are in {tilde(in_force.file)}{hint}")
    return Status.IN_PART if in_force.faults else Status.DONE


def _rows(in_force: InForce) -> Iterator[dict[str, Any]]:
    values: dict[str, tuple[Any, Any]] = {
        option.name: (getattr(in_force.settings, option.field), option.default) for option in OPTIONS
    }
    defaults = {key.id: list(map(show_key, key.names)) for key in APP_KEYS}
    values |= {
        f"{KEYS}.{name}": (list(map(show_key, chosen)), defaults[name])
        for name, chosen in in_force.settings.keys.items()
    }
    for name, (value, default) in values.items():
        yield {"name": name, "value": value, "default": default, "from": in_force.source(name)}


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or '""'
