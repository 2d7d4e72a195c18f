"""The formats that captures come in: a file each, asked in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from reader.captures.gzip import Gzip
from reader.captures.html import Html
from reader.captures.mhtml import Mhtml
from reader.captures.source import Source
from reader.captures.text import Text, is_binary
from reader.model import Capture, Problem

NOT_A_CAPTURE = "not a capture"
"""Kind of the problem of a file in a folder that is something else: named, but no failure."""


class Format(Protocol):
    """One way to keep captures in a file."""

    @property
    def name(self) -> str:
        """A word for it."""

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file of this name (no folders) and these first bytes is of this format."""

    def read(self, source: Source) -> Iterator[Capture | Problem]:
        """The captures of the file, in order, and a problem for whatever could not be read of it."""


def read_source(source: Source) -> Iterator[Capture | Problem]:
    """The captures of `source`, read as the first format that recognises it.

    What none recognises is tried as text if the user named it, else it is a problem.
    """
    return _read_as(FORMATS, source)


def _read_as(formats: tuple[Format, ...], source: Source) -> Iterator[Capture | Problem]:
    head = source.head
    for form in formats:
        if form.recognises(source.name, head):
            return form.read(source)
    if source.explicit or is_binary(head):
        return TEXT.read(source)
    reason = "its name or first line says that it is no capture; name it to read it all the same"
    return iter([Problem(source.label, NOT_A_CAPTURE, reason)])


TEXT = Text()
CONTENT: tuple[Format, ...] = (Mhtml(), Html(), TEXT)
"""The formats that may be packed, and read unpacked."""
FORMATS: tuple[Format, ...] = (Gzip(lambda inside: _read_as(CONTENT, inside)), *CONTENT)
"""All formats, the most particular first."""
