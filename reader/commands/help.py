"""`help`: show the topics of the manual, or the page on one of them."""

from __future__ import annotations

import os
import pydoc
import re
import shlex
import shutil
import sys
from argparse import ArgumentTypeError, Namespace
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.markdown import Markdown
from rich.theme import Theme

from reader.commands import COMMANDS
from reader.commands.common import Status, plain_output
from reader.commands.parser import CommandParser, nearest
from reader.manual import TOPICS, for_terminal, read_page

_TOPIC_NAMES: Final = tuple(topic.name for topic in TOPICS)
_WIDEST: Final = 80
"""The most columns of a page, however wide the terminal is."""
_LOOKS: Final = Theme(
    {"markdown.code": "bold", "markdown.h1": "bold underline", "markdown.h2": "bold underline"}
)


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
    size = shutil.get_terminal_size()
    console = Console(file=plain_output(), width=min(_WIDEST, size.columns), theme=_LOOKS)
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
