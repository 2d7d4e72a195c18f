"""Finds the captures at paths, in folders and on standard input, and reads them one after the other.

A path to a file is read whatever its name is. A path to a folder stands for the captures in it and in its folders,
sorted by name. Names in folders say little (crawlers keep pages as "index.php?id=3" or "china.2022"), so every file
with text or HTML is a capture, hidden ones too, except:

- files with a suffix of data, code or notes (.json, .py, .css, .md, …), or that start like scripts or data (#!, <?xml);
- README, LICENSE and their like, with any suffix, and what Git keeps its own data in.

Each of those is a Problem of the kind "not a capture"; naming the file reads it. Links inside folders are not followed.
What is no file or cannot be read is a Problem with the reason. A URL (s3://bucket/crawl) names a file or folder on
remote storage, which is read in the same way.
"""

# ruff: noqa: PTH116, PTH118
# Path does not keep a path's spelling: "./a" and "" would become others.

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from reader.captures.formats import read_source
from reader.captures.remote import find_remote, is_url, open_remote
from reader.captures.results import NOT_A_CAPTURE, PASSED_OVER, Items, PictureRecord
from reader.captures.site import PageFilter, PathsOfSite, Site
from reader.captures.source import (
    STANDARD_INPUT,
    TOOL_FOLDERS,
    Found,
    Source,
    UnreadableError,
    label_of,
    open_file,
    open_standard_input,
    unreadable,
)
from reader.model import Capture, Problem

OnPicture = Callable[[PictureRecord], object] | None
"""Called with each record that may hold a picture of a page."""


def read_captures(
    paths: Iterable[str], site: str | None = None, on_picture: OnPicture = None
) -> Iterator[Capture | Problem]:
    """Read the captures at `paths`, in that order, with a Problem for whatever cannot be read.

    "-" is standard input. One capture is in memory at a time. Never raises for what it finds there.

    With a `site` ("protocol.com"), or that of `PathsOfSite`, pages of other hosts than it and its subdomains are passed
    over, and a last Problem of the kind PASSED_OVER counts them. A page that does not say its address is read.
    SettingsError if `site` is no host.
    """
    if site is None and isinstance(paths, PathsOfSite):
        site = paths.site
    return read_files(find_files(paths), site, on_picture)


def read_files(
    files: Iterable[Found | Problem], site: str | None = None, on_picture: OnPicture = None
) -> Iterator[Capture | Problem]:
    """Read the captures in files that are found already; see `read_captures`."""
    return _read_all(files, None if site is None else Site(site), on_picture)


def _read_all(
    files: Iterable[Found | Problem], site: Site | None, on_picture: OnPicture
) -> Iterator[Capture | Problem]:
    for found in files:
        if isinstance(found, Problem):
            yield found
        else:
            yield from read_found(found, PageFilter(site), on_picture)
    if site is not None and site.passed_over:
        yield Problem(site.host, PASSED_OVER, site.summary, partial=True)


def find_files(paths: Iterable[str]) -> Iterator[Found | Problem]:
    """The files at `paths`, in that order, none of them opened, with a Problem for a path without any."""
    input_found = False
    for path in paths:
        if is_url(path):
            yield from find_remote(path)
        elif path != STANDARD_INPUT:
            yield from _find_at(path)
        elif input_found:
            yield Problem(path, "missing", "standard input was read already; name it once")
        else:
            input_found = True
            yield Found(path, explicit=True)


def read_found(found: Found, pages: PageFilter, on_picture: OnPicture = None) -> Iterator[Capture | Problem]:
    """Read the captures of one file that pass a filter, with a Problem for whatever cannot be read."""
    for item in _read(found, pages):
        if isinstance(item, PictureRecord):
            if on_picture is not None:
                on_picture(item)
        elif isinstance(item, Problem):
            if pages.begun >= pages.skip:
                yield item
        elif pages.takes(item.url):  # A page of HTML says where it is from only once it is read.
            yield item
        del item  # It may be long.


def _read(found: Found, pages: PageFilter) -> Items:
    try:
        with _open(found) as source:
            source.filter = pages
            yield from read_source(source)
    except UnreadableError as error:
        yield error.problem


def _open(found: Found) -> AbstractContextManager[Source]:
    if found.path == STANDARD_INPUT:
        return nullcontext(open_standard_input())
    if is_url(found.path):
        return open_remote(found)
    return open_file(found.path, explicit=found.explicit, beside=found.beside)


def _find_at(path: str) -> Iterator[Found | Problem]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        yield unreadable(path, error).problem
        return
    if is_folder:
        yield from _find_in(path)
    else:
        yield Found(path, explicit=True)


def _find_in(top: str) -> Iterator[Found | Problem]:
    """The files in a folder, depth first; a folder comes where its name sorts among the files."""
    open_folders = [(top, (yield from _list(top, may_be_empty=False)))]
    while open_folders:
        folder, names = open_folders[-1]
        if not names:
            open_folders.pop()
            continue
        name = names.pop()
        path = os.path.join(folder, name)
        if not _is_folder(path):
            yield Found(path, explicit=False)
        elif name in TOOL_FOLDERS:
            yield Problem(
                label_of(path), NOT_A_CAPTURE, "a tool's own folder; name it to read it all the same"
            )
        else:
            open_folders.append((path, (yield from _list(path))))


def _is_folder(path: str) -> bool:
    """Return whether a path is a folder and no link to one. False if that cannot be known: opening it says why."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _list(folder: str, *, may_be_empty: bool = True) -> Generator[Problem, None, list[str]]:
    """Return the names in a folder, the last first, to be popped; yield a problem if not all can be listed."""
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
