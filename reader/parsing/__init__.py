"""Text of a capture -> its articles. Pure: no file, no clock, no screen."""

from __future__ import annotations

from collections.abc import Iterable

from reader.model import PARSER_FAILED, Capture, LineHint, Page, Problem
from reader.parsing.assembly import assemble
from reader.parsing.decoder import decode
from reader.parsing.lines import read_lines
from reader.sanitize import sanitize

PARSER_VERSION = 17
"""Raise this with every change after which a page may be read differently."""
_REPR_LENGTH = 200


def parse(
    text: str,
    *,
    source: str = "-",
    url: str | None = None,
    captured: str | None = None,
    hints: Iterable[LineHint] = (),
) -> Page:
    """Separate the articles of a capture.

    `text` is the decoded text of a page, with any line ends; `source`, `url` and `captured` are handed on to the
    page; `hints` say what a format knew about single lines. Never raises for any text; takes time linear in it.
    TypeError for bytes, which `reader.read_captures` reads from a file.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"parse takes the text of a page as a str, not {type(text).__name__};"
            " save HTML or bytes to a file and use read_captures"
        )
    return parse_capture(Capture(source, text, url, captured, hints=tuple(hints)))


def parse_capture(capture: Capture) -> Page:
    """Separate the articles of a capture; see `parse`."""
    lines = read_lines(capture.text)
    if not capture.hints:
        return assemble(capture, lines, decode(lines.keys))[0]
    from reader.parsing.assembly import (
        assemble_with_hints,  # Imported here: plain text, the usual capture, does not need it.
    )

    return assemble_with_hints(capture, lines)


def parser_problem(source: str, error: Exception) -> Problem:
    """A page on which the parser failed."""
    shown = sanitize(repr(error)[:_REPR_LENGTH])
    return Problem(source, PARSER_FAILED, f"the parser failed on it, please report this: {shown}")
