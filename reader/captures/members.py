"""What archives of files have in common: names of members, how deep they may lie, and how each is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reader.captures.results import NOT_A_CAPTURE, Items
from reader.captures.source import TOOL_FOLDERS, Source
from reader.model import Problem
from reader.sanitize import sanitize

MAX_DEPTH: Final = 2
"""An archive may lie in an archive; what lies in that one is no archive any more."""
EMPTY: Final = "there is no file in it"
TOO_DEEP: Final = "an archive in an archive in an archive is not opened; unpack the outer ones first"
_LONGEST_NAME: Final = 300


def too_deep(source: Source) -> Problem | None:
    """Why an archive is not opened; None when it may be."""
    if source.depth < MAX_DEPTH:
        return None
    return Problem(source.label, "nested", TOO_DEEP)


def clean_name(name: bytes) -> str:
    """A member's name as it may be shown: a path below its archive, never empty."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("cp437")
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return sanitize("/".join(parts))[-_LONGEST_NAME:] or "?"


def read_member(
    archive: Source, name: str, read: Callable[[int], bytes], position: int | None = None
) -> Items:
    """What a member holds, read as a file in a folder is: by its name and its start.

    `position` is where its bytes are in the archive; None if they are packed there.
    """
    from reader.captures.formats import read_source

    *folders, last = name.split("/")
    label = f"{archive.label}/{name}"
    if not TOOL_FOLDERS.isdisjoint(folders):
        yield Problem(label, NOT_A_CAPTURE, "in a tool's own folder; unpack it and name it to read it")
        return
    member = archive.inside(label, last, read, explicit=False)
    member.depth = archive.depth + 1
    if position is not None:
        member.offset_of = lambda at: archive.offset_of(position + at)
    yield from read_source(member)
