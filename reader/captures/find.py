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

# ruff: noqa: PTH116, PTH118, PTH119
# Path changes the spelling of paths such as "./a" and "".

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from reader.captures.formats import read_source
from reader.captures.remote import ListFolder, is_url, open_remote, remote_folder
from reader.captures.results import PictureRecord
from reader.captures.selection import Columns, PageFilter, SelectedPaths, Site
from reader.captures.source import (
    EMPTY_FOLDER,
    NOT_FOLLOWED,
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


def read_captures(paths: Iterable[str]) -> Iterator[Capture | Problem]:
    """Read the captures at `paths`, in order, with a Problem for anything that cannot be read.

    "-" is standard input. One capture is in memory at a time. Never raises because of what it finds.

    With the site of `SelectedPaths`, only pages of this host and its subdomains are read, and a last Problem of the
    kind PASSED_OVER counts the others. Pages without an address are read.
    """
    return read_files(find_files(paths), paths.site if isinstance(paths, SelectedPaths) else None)


def read_files(files: Iterable[InputFile | Problem], site: str | None = None) -> Iterator[Capture | Problem]:
    """Read the captures in files that are already found; see `read_captures`."""
    wanted = None if site is None else Site(site)
    for file in files:
        if isinstance(file, Problem):
            yield file
        else:
            yield from read_file(file, PageFilter(wanted))
    if wanted is not None and wanted.skipped:
        yield Problem(wanted.host, PASSED_OVER, wanted.summary, partial=True)


def find_files(paths: Iterable[str]) -> Iterator[InputFile | Problem]:
    """Yield the files at `paths`, in order, without opening them, and a Problem for each path without files."""
    columns = paths.columns if isinstance(paths, SelectedPaths) else Columns()
    input_found = False
    for path in paths:
        if path == STANDARD_INPUT and input_found:
            yield Problem(path, "missing", "standard input was already read; use - only once")
        elif path == STANDARD_INPUT:
            input_found = True
            yield InputFile(path, explicit=True, columns=columns)
        else:
            for item in _find_at(path):
                yield item if isinstance(item, Problem) else item._replace(columns=columns)


def read_file(
    file: InputFile, pages: PageFilter, on_picture: Callable[[PictureRecord], object] = lambda _: None
) -> Iterator[Capture | Problem]:
    """Read the captures of a file that pass the filter, with a Problem for anything that cannot be read.

    `on_picture` is called with each record that may hold a picture of a page.
    """
    try:
        if file.path == STANDARD_INPUT:
            opened: AbstractContextManager[Source] = nullcontext(open_standard_input())
        elif is_url(file.path):
            opened = open_remote(file)
        else:
            opened = open_file(file.path, explicit=file.explicit, beside=file.beside)
        with opened as source:
            source.filter = pages
            source.columns = file.columns
            for item in read_source(source):
                if isinstance(item, PictureRecord):
                    on_picture(item)
                elif isinstance(item, Problem):
                    if pages.seen >= pages.skip:
                        yield item
                elif pages.accepts(item.url):  # The address of an HTML page is known only after reading.
                    yield item
                del item  # It may be large.
    except UnreadableError as error:
        if pages.seen >= pages.skip:
            yield error.problem


def _find_at(path: str) -> Iterator[InputFile | Problem]:
    try:
        list_folder = remote_folder(path) if is_url(path) else _local_folder(path)
    except UnreadableError as error:
        yield error.problem
        return
    if list_folder is None:
        yield InputFile(path, explicit=True)
    else:
        yield from _walk(path, list_folder)


def _local_folder(path: str) -> ListFolder | None:
    """Return a function that lists folders if there is one at the path; None for a file."""
    try:
        return _list_folder if stat.S_ISDIR(os.stat(path).st_mode) else None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _list_folder(folder: str) -> dict[str, str]:
    try:
        with os.scandir(folder) as entries:
            # Links count as files: opening them reports what they are.
            return {
                entry.name: "folder" if entry.is_dir(follow_symlinks=False) else "file" for entry in entries
            }
    except OSError as error:
        raise unreadable(folder, error) from error


def _walk(top: str, list_folder: ListFolder) -> Iterator[InputFile | Problem]:
    """Yield the files in a folder, depth first, with subfolders sorted among the files."""
    pending = [iter([(top, "folder")])]
    while pending:
        path, kind = next(pending[-1], ("", ""))
        if not kind:
            pending.pop()
        elif kind == "file":
            yield InputFile(path, explicit=False)
        elif kind == "link":
            yield Problem(label_of(path), *NOT_FOLLOWED)
        elif len(pending) > 1 and os.path.basename(path) in TOOL_FOLDERS:
            yield Problem(
                label_of(path), NOT_A_CAPTURE, "a tool's folder, not captures; name it to read it anyway"
            )
        else:
            try:
                kinds = list_folder(path)
            except UnreadableError as error:
                yield error.problem
                continue
            if not kinds and len(pending) == 1:
                yield Problem(label_of(path), EMPTY_FOLDER, "the folder is empty; check the path")
            for name in folders_of_pages(kinds):
                if kinds.get(name) == "folder":
                    del kinds[name]
            pending.append(iter([(os.path.join(path, name), kinds[name]) for name in sorted(kinds)]))
