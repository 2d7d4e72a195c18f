"""Finds captures at paths, in folders and on standard input, and reads them one by one.

A path to a file is read whatever its name. A path to a folder stands for the captures in it and its subfolders, sorted
by name. File names say little (crawlers save pages as "index.php?id=3" or "china.2022"), so every file with text or
HTML counts as a capture, even if it is hidden, except:

- files with a suffix of data, code or notes (.json, .py, .css, .md, …), or that start like scripts or data (#!, <?xml);
- pictures, documents, programs and other known formats that are no captures;
- README, LICENSE and the like, with any suffix, and Git's own folders.

Each of these is a Problem of the kind "not a capture", and can still be read by naming the file. The folder that a
browser saves beside a page ("story_files" beside "story.html") is a part of the page. Links inside folders are not
followed. Anything that is not a file or cannot be read becomes a Problem with the reason. A URL (s3://bucket/crawl)
names a file or folder on remote storage, which is read in the same way.
"""

# ruff: noqa: PTH116, PTH118
# Path changes the spelling of paths such as "./a" and "".

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from reader.captures.formats import read_source
from reader.captures.remote import find_remote, is_url, open_remote
from reader.captures.results import Items, PictureRecord
from reader.captures.selection import Columns, PageFilter, SelectedPaths, Site
from reader.captures.source import (
    STANDARD_INPUT,
    TOOL_FOLDERS,
    InputFile,
    Source,
    UnreadableError,
    folders_of_pages,
    label_of,
    open_file,
    open_standard_input,
    unreadable,
)
from reader.model import NOT_A_CAPTURE, PASSED_OVER, Capture, Problem

OnPicture = Callable[[PictureRecord], object] | None
"""Called with each record that may hold a picture of a page."""


def read_captures(
    paths: Iterable[str], site: str | None = None, on_picture: OnPicture = None
) -> Iterator[Capture | Problem]:
    """Read the captures at `paths`, in order, with a Problem for anything that cannot be read.

    "-" is standard input. One capture is in memory at a time. Never raises because of what it finds.

    With a `site` ("protocol.com"), or that of `SelectedPaths`, only pages of this host and its subdomains are read, and
    a last Problem of the kind PASSED_OVER counts the others. Pages without an address are read. SettingsError if `site`
    is not a host.
    """
    if site is None and isinstance(paths, SelectedPaths):
        site = paths.site
    return read_files(find_files(paths), site, on_picture)


def read_files(
    files: Iterable[InputFile | Problem], site: str | None = None, on_picture: OnPicture = None
) -> Iterator[Capture | Problem]:
    """Read the captures in files that are already found; see `read_captures`."""
    return _read_all(files, None if site is None else Site(site), on_picture)


def _read_all(
    files: Iterable[InputFile | Problem], site: Site | None, on_picture: OnPicture
) -> Iterator[Capture | Problem]:
    for file in files:
        if isinstance(file, Problem):
            yield file
        else:
            yield from read_file(file, PageFilter(site), on_picture)
    if site is not None and site.skipped:
        yield Problem(site.host, PASSED_OVER, site.summary, partial=True)


def find_files(paths: Iterable[str]) -> Iterator[InputFile | Problem]:
    """Yield the files at `paths`, in order, without opening them, and a Problem for each path without files."""
    columns = paths.columns if isinstance(paths, SelectedPaths) else Columns()
    for item in _find_all(paths):
        yield item if isinstance(item, Problem) else item._replace(columns=columns)


def _find_all(paths: Iterable[str]) -> Iterator[InputFile | Problem]:
    input_found = False
    for path in paths:
        if is_url(path):
            yield from find_remote(path)
        elif path != STANDARD_INPUT:
            yield from _find_at(path)
        elif input_found:
            yield Problem(path, "missing", "standard input was already read; use - only once")
        else:
            input_found = True
            yield InputFile(path, explicit=True)


def read_file(
    file: InputFile, pages: PageFilter, on_picture: OnPicture = None
) -> Iterator[Capture | Problem]:
    """Read the captures of a file that pass the filter, with a Problem for anything that cannot be read."""
    for item in _read(file, pages):
        if isinstance(item, PictureRecord):
            if on_picture is not None:
                on_picture(item)
        elif isinstance(item, Problem):
            if pages.seen >= pages.skip:
                yield item
        elif pages.accepts(item.url):  # The address of an HTML page is known only after reading.
            yield item
        del item  # It may be large.


def _read(file: InputFile, pages: PageFilter) -> Items:
    try:
        with _open(file) as source:
            source.filter = pages
            source.columns = file.columns
            yield from read_source(source)
    except UnreadableError as error:
        yield error.problem


def _open(file: InputFile) -> AbstractContextManager[Source]:
    if file.path == STANDARD_INPUT:
        return nullcontext(open_standard_input())
    if is_url(file.path):
        return open_remote(file)
    return open_file(file.path, explicit=file.explicit, beside=file.beside)


def _find_at(path: str) -> Iterator[InputFile | Problem]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        yield unreadable(path, error).problem
        return
    if is_folder:
        yield from _find_in(path)
    else:
        yield InputFile(path, explicit=True)


def _find_in(top: str) -> Iterator[InputFile | Problem]:
    """Yield the files in a folder, depth first, with subfolders sorted among the files."""
    names = yield from _list(top, may_be_empty=False)
    open_folders = [(top, names, folders_of_pages(names))]
    while open_folders:
        folder, names, page_folders = open_folders[-1]
        if not names:
            open_folders.pop()
            continue
        name = names.pop()
        path = os.path.join(folder, name)
        if not _is_folder(path):
            yield InputFile(path, explicit=False)
        elif name in page_folders:
            continue
        elif name in TOOL_FOLDERS:
            yield Problem(
                label_of(path), NOT_A_CAPTURE, "a tool's folder, not captures; name it to read it anyway"
            )
        else:
            names = yield from _list(path)
            open_folders.append((path, names, folders_of_pages(names)))


def _is_folder(path: str) -> bool:
    """Return whether a path is a folder, not a link to one. False if unknown: opening it will report why."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _list(folder: str, *, may_be_empty: bool = True) -> Generator[Problem, None, list[str]]:
    """Return the names in a folder in reverse order, for popping; yield a problem if not all can be listed."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            names.extend(entry.name for entry in entries)
    except OSError as error:
        yield unreadable(folder, error).problem._replace(partial=bool(names))
    else:
        if not names and not may_be_empty:
            yield Problem(label_of(folder), "empty folder", "the folder is empty; check the path")
    names.sort(reverse=True)
    return names
