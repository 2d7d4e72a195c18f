"""`help`: show the topics of the manual, or the page on one of them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from argparse import Namespace
from typing import Final

from rich.console import Console
from rich.markdown import Markdown
from rich.theme import Theme

from reader.commands.common import Status, plain_output
from reader.commands.parser import CommandParser
from reader.manual import TOPICS, for_terminal, read_page

_WIDEST: Final = 80
"""The most columns of a page, however wide the terminal is."""
_LOOKS: Final = Theme(
    {"markdown.code": "bold", "markdown.h1": "bold underline", "markdown.h2": "bold underline"}
)


def help_parser() -> CommandParser:
    """The parser of the words after `help`."""
    parser = CommandParser(
        "help",
        "List the topics of the manual, or show one of its pages.",
        "On a terminal, a long page opens in $PAGER or in less. In a pipe, a page is plain Markdown.",
    )
    names = [topic.name for topic in TOPICS]
    about = "one of %(choices)s"
    parser.add_argument("topic", nargs="?", metavar="TOPIC", type=str.lower, choices=names, help=about)
    return parser


def run_help(options: Namespace) -> int:
    """Print the topics, or a page."""
    if options.topic is None:
        width = max(len(topic.name) for topic in TOPICS)
        topics = "".join(f"  {topic.name:{width}}  {topic.about}\n" for topic in TOPICS)
        plain_output().write(f"protocol-reader help TOPIC shows a page of the manual:\n\n{topics}")
    elif not sys.stdout.isatty():
        plain_output().write(read_page(options.topic))
    else:
        # Shell commands keep the terminal's own colour, which can be read on any background.
        page = re.sub(r"^```\w+$", "```text", for_terminal(read_page(options.topic)), flags=re.MULTILINE)
        os.environ.setdefault("LESS", "FRX")  # As git does: raw colours, and no pager for a page that fits.
        os.environ.pop("MANPAGER", None)  # It is made for man, and often a filter that breaks colours.
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        console = Console(file=plain_output(), width=width, theme=_LOOKS)
        with console.pager(styles=True):
            console.print(Markdown(page, code_theme="ansi_dark", hyperlinks=False))
    return Status.DONE
