"""Paths, folders and standard input -> captures, one after the other.

A path that names a file is read, whatever it is called; one that names a folder stands for the captures in
it and in its folders, sorted by name. In a folder, most names say nothing (crawlers keep pages as
"index.php?id=3" or "china.2022"), so every file with text or HTML in it is a capture, hidden ones too, except:

- files whose suffix is that of data, code or notes (.json, .py, .css, .md, …), or that start like scripts or
  data (#!, <?xml, …): truth, tools and notes lie beside captures;
- README, LICENSE and their like, with any suffix, and what Git keeps its own data in.

Each of those is one Problem of the kind "not a capture"; naming the file reads it. Links inside folders
are not followed, and everything that is no file or cannot be read is one Problem with the reason.
"""

# ruff: noqa: PTH116, PTH118
# Path does not keep a path's spelling: "./a" and "" would become others.

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Iterator

from reader.captures.formats import NOT_A_CAPTURE, read_source
from reader.captures.source import (
    STANDARD_INPUT,
    UnreadableError,
    label_of,
    open_file,
    open_standard_input,
    unreadable,
)
from reader.model import Capture, Problem

_TOOL_FOLDERS = frozenset({".git", ".hg", ".svn", "__pycache__"})


def read_captures(paths: Iterable[str]) -> Iterator[Capture | Problem]:
    """The captures at `paths`, in that order, and a Problem for all that could not be read.

    "-" is standard input. One capture is in memory at a time, and of a folder only its names.
    Never raises for what it finds there.
    """
    input_read = False
    for path in paths:
        if path != STANDARD_INPUT:
            yield from _read_path(path)
        elif input_read:
            yield Problem(path, "missing", "standard input was read already; name it once")
        else:
            input_read = True
            yield from _read_input()


def _read_input() -> Iterator[Capture | Problem]:
    try:
        source = open_standard_input()
    except UnreadableError as error:
        yield error.problem
    else:
        yield from read_source(source)


def _read_path(path: str) -> Iterator[Capture | Problem]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        yield unreadable(path, error).problem
        return
    yield from _read_folder(path) if is_folder else _read_file(path, explicit=True)


def _read_file(path: str, *, explicit: bool) -> Iterator[Capture | Problem]:
    try:
        with open_file(path, explicit=explicit) as source:
            yield from read_source(source)
    except UnreadableError as error:
        yield error.problem


def _read_folder(top: str) -> Iterator[Capture | Problem]:
    """The captures in a folder, depth first; a folder stands where its name sorts among the files."""
    open_folders = [(top, (yield from _list(top, may_be_empty=False)))]
    while open_folders:
        folder, names = open_folders[-1]
        if not names:
            open_folders.pop()
            continue
        name = names.pop()
        path = os.path.join(folder, name)
        if not _is_folder(path):
            yield from _read_file(path, explicit=False)
        elif name in _TOOL_FOLDERS:
            yield Problem(
                label_of(path), NOT_A_CAPTURE, "a tool's own folder; name it to read it all the same"
            )
        else:
            open_folders.append((path, (yield from _list(path))))


def _is_folder(path: str) -> bool:
    """Whether a path is a folder and no link to one; what cannot be told is found out by opening it."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _list(folder: str, *, may_be_empty: bool = True) -> Generator[Problem, None, list[str]]:
    """Return a folder's names, last first, to be popped; yield a problem when not all could be listed."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            names.extend(entry.name for entry in entries)
    except OSError as error:
        yield unreadable(folder, error).problem._replace(partial=bool(names))
    else:
        if not names and not may_be_empty:
            yield Problem(label_of(folder), "empty folder", "there is no file in it; check the path")
    names.sort(reverse=True)
    return names
