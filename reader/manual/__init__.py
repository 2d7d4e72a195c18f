"""The user's manual: one Markdown page per topic, read by `protocol-reader help` and by the app.

The pages are plain Markdown that GitHub shows as well: headings, paragraphs, lists, tables and code blocks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple


class Topic(NamedTuple):
    """One page of the manual, in `NAME.md` beside this file."""

    name: str
    title: str
    about: str
    """What the page explains, short enough for one line of a list."""


TOPICS: Final = (
    Topic("reading", "Reading and keys", "panes, filters, marks, links, and every key"),
    Topic("captures", "Captures and formats", "which files can be read, and fetching archived pages"),
    Topic("library", "Library and versions", "keeping captures, other versions, corrections, gaps"),
    Topic("search", "Search", "queries, and searching from the shell"),
    Topic("export", "Export and citing", "books, notes, spreadsheets, citations, pipes"),
    Topic("settings", "Settings", "config.toml, themes, and keys of your own"),
    Topic("crawls", "Crawls and clusters", "parsing large collections, on one machine or many"),
    Topic("data", "Data format and Python", "the JSON that parse prints, and how a page is read"),
    Topic("browser", "In a browser", "the reader as a web page, and who can open it"),
    Topic("accessibility", "Accessibility", "screen readers, colours, and text layout"),
    Topic("figures", "Figures", "speed, memory and accuracy, and how they were measured"),
    Topic("commands", "Commands", "every command and option, exit statuses, files, problems"),
)
"""In reading order."""


def read_page(name: str) -> str:
    """The Markdown of a topic's page."""
    return (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8")


def for_terminal(page: str) -> str:
    """A page without what only a web page can use: images, comments, and links to other pages, whose text stays."""
    page = re.sub(r"^(?:!\[.*\]\(.*\)|<!--.*-->)\n+", "", page, flags=re.MULTILINE)
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", page)
