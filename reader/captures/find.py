"""Finds captures at paths, in folders and on standard input, and reads them one by one.

A path to a file is read whatever its name. A path to a folder stands for the captures in it and its subfolders, sorted
by name. File names say little (crawlers save pages as "index.php?id=3" or "china.2022"), so every file with text or
HTML counts as a capture, even if it is hidden, except:

- files with a suffix of data, code or notes (.json, .py, .css, .md, …), or that start like scripts or data (#!, <?xml);
- pictures, documents, programs and other known formats that are no captures;
- README, LICENSE and the like, with any suffix, Git's own folders, and what macOS and editors leave beside files;
- checksums, the files of a BagIt bag, logs of wget, and lists of captures, files or addresses.

Each of these is a Problem of the kind "not a capture", and can still be read by naming the file. The folder that a
browser saves beside a page ("story_files" beside "story.html") is a part of the page. Links inside folders are not
followed. Anything that is not a file or cannot be read becomes a Problem with the reason. A URL (s3://bucket/crawl)
names a file or folder on remote storage, which is read in the same way, with fsspec.
"""

# ruff: noqa: PTH100, PTH116, PTH118, PTH119
# Path changes the spelling of paths such as "./a" and "".

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, Final

from reader.addresses import archive_time, is_url
from reader.captures.formats import read_source
from reader.captures.results import PictureRecord
from reader.captures.source import (
    NOT_FOLLOWED,
    STANDARD_INPUT,
    TOOL_FOLDERS,
    Columns,
    CutShortError,
    InputFile,
    PageFilter,
    SelectedPaths,
    Source,
    UnreadableError,
    folders_of_pages,
    open_file,
    open_standard_input,
    other_sites_problem,
    unreadable,
)
from reader.dates import time_of
from reader.model import EMPTY_FOLDER, MISSING, NEEDS_EXTRA, NOT_A_CAPTURE, UNREADABLE, Capture, Problem
from reader.patterns import Pattern
from reader.sanitize import label_of, sanitize

_PASSWORD: Final = Pattern(r"[^/]*//[^/@]*:[^/@]*@")
_VERSION_FIELDS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""The fields in which storage systems report a file's version."""

ListFolder = Callable[[str], dict[str, str]]
"""Returns the names in a folder, and what each is: "file", "folder" or "link". UnreadableError if it cannot be read."""
Storage = Any
"""An fsspec file system, which has no type annotations."""


def read_captures(paths: Iterable[str]) -> Iterator[Capture | Problem]:
    """Read the captures at `paths`, in order, with a Problem for anything that cannot be read.

    "-" is standard input. One capture is in memory at a time. Never raises because of what it finds.

    With the site of `SelectedPaths`, only pages of this host and its subdomains are read, and a last Problem of the
    kind PASSED_OVER counts the others. Pages without an address are read.
    """
    return read_files(find_files(paths), paths.site if isinstance(paths, SelectedPaths) else None)


def read_files(files: Iterable[InputFile | Problem], site: str | None = None) -> Iterator[Capture | Problem]:
    """Read the captures in files that are already found; see `read_captures`."""
    other_sites = 0
    for file in files:
        if isinstance(file, Problem):
            yield file
        else:
            pages = PageFilter(site)
            yield from read_file(file, pages)
            other_sites += pages.other_sites
    if other_sites:
        yield other_sites_problem(site, other_sites)


def find_files(paths: Iterable[str]) -> Iterator[InputFile | Problem]:
    """Yield the files at `paths`, in order, without opening them, and a Problem for each path without files."""
    columns = paths.columns if isinstance(paths, SelectedPaths) else Columns()
    input_found = False
    for path in paths:
        if path == STANDARD_INPUT and input_found:
            yield Problem(path, MISSING, "standard input was already read; use - only once")
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
                    yield item if item.captured else item._replace(captured=time_of(archive_time(item.url)))
                del item  # It may be large.
    except UnreadableError as error:
        if pages.seen >= pages.skip:
            yield error.problem


def _find_at(path: str) -> Iterator[InputFile | Problem]:
    try:
        if is_url(path):
            list_folder = remote_folder(path)
        else:
            list_folder = _list_folder if stat.S_ISDIR(os.stat(path).st_mode) else None
    except UnreadableError as error:
        yield error.problem
        return
    except (OSError, ValueError) as error:
        yield unreadable(path, error).problem
        return
    if list_folder is None:
        yield InputFile(path, explicit=True)
    else:
        yield from _walk(path, list_folder)


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
    pending = [(top, "folder")]
    while pending:
        path, kind = pending.pop()
        if kind == "file":
            yield InputFile(path, explicit=False)
        elif kind == "link":
            yield Problem(label_of(path), *NOT_FOLLOWED)
        elif path != top and os.path.basename(path) in TOOL_FOLDERS:
            yield Problem(
                label_of(path), NOT_A_CAPTURE, "a tool's folder, not captures; name it to read it anyway"
            )
        else:
            try:
                kinds = list_folder(path)
            except UnreadableError as error:
                yield error.problem
                continue
            if not kinds and path == top:
                yield Problem(label_of(path), EMPTY_FOLDER, "the folder is empty; check the path")
            parts_of_pages = {name for name in folders_of_pages(kinds) if kinds.get(name) == "folder"}
            names = sorted(kinds.keys() - parts_of_pages, reverse=True)
            pending += [(os.path.join(path, name), kinds[name]) for name in names]


# Remote storage


def storage_at(place: str) -> tuple[Storage, str]:
    """Return the storage of a path or URL, and the path in it. UnreadableError says what to install or change."""
    # fsspec takes 60 ms to import, and files on this machine are read without it.
    import fsspec
    from fsspec.registry import known_implementations

    if not is_url(place):
        return fsspec.filesystem("file"), os.path.abspath(place)
    scheme = place.partition("://")[0]
    if "::" in scheme or _PASSWORD.match(place):
        reason = "a URL with :: or a password is not supported; fsspec's configuration files hold passwords"
        raise UnreadableError(place, UNREADABLE, reason)
    try:
        storage, path = fsspec.core.url_to_fs(place)
    except ImportError as error:
        package = known_implementations.get(scheme, {}).get("class", "fsspec").partition(".")[0]
        reason = f"{scheme}:// needs more packages ({sanitize(str(error))})"
        if package != "fsspec":
            reason = f"{scheme}:// needs the package {package}: pip install {package}"
        raise UnreadableError(place, NEEDS_EXTRA, reason) from error
    except Exception as error:  # each storage system has its own errors
        raise _unreadable(place, error) from error
    return storage, path


def remote_folder(url: str) -> ListFolder | None:
    """Return a function that lists folders if there is one at the URL; None for a file. UnreadableError if unknown."""
    try:
        storage, top = storage_at(url)
        # Over HTTP, fsspec treats a page with links as a folder of the linked files.
        if url.lower().startswith(("http://", "https://")) or not storage.isdir(top):
            return None
    except Exception as error:  # each storage system has its own errors
        raise _unreadable(url, error) from error

    def list_folder(folder: str) -> dict[str, str]:
        path = top.rstrip("/") + folder.removeprefix(url.rstrip("/")).rstrip("/")
        try:
            entries = {str(entry["name"]).rstrip("/"): entry for entry in storage.ls(path, detail=True)}
        except Exception as error:
            raise _unreadable(folder, error) from error
        entries.pop(path, None)  # object stores list the folder itself if it was created as an empty object
        return {name.rpartition("/")[2]: _kind_of(entry) for name, entry in entries.items()}

    return list_folder


def _kind_of(entry: dict[str, Any]) -> str:
    if entry.get("islink"):
        return "link"
    return "folder" if entry["type"] == "directory" else "file"


def file_stamp(place: str) -> tuple[int, object]:
    """Return size and version of the file at a path or URL, to detect changes; (0, None) if there is none."""
    try:
        storage, path = storage_at(place)
        info = storage.info(path)
    except Exception:
        return 0, None
    version = next((str(info[name]) for name in _VERSION_FIELDS if info.get(name) is not None), "")
    return (info.get("size") or 0, version) if info["type"] == "file" else (0, None)


@contextmanager
def open_remote(file: InputFile) -> Iterator[Source]:
    """Open the file at a URL. UnreadableError if it cannot be opened."""
    try:
        storage, path = storage_at(file.path)
        stream = storage.open(path, "rb")
    except Exception as error:
        raise _unreadable(file.path, error) from error

    def read(most: int) -> bytes:
        try:
            data: bytes = stream.read(most)
        except Exception as error:
            raise CutShortError(UNREADABLE, f"reading it failed ({_reason(error)}); try again") from error
        return data

    try:
        yield Source(label_of(file.path), path.rpartition("/")[2], read, explicit=file.explicit)
    finally:
        with suppress(Exception):
            stream.close()


def _unreadable(url: str, error: Exception) -> UnreadableError:
    if isinstance(error, UnreadableError):
        return error
    if isinstance(error, FileNotFoundError):
        return UnreadableError(url, MISSING, "there is no such file or folder; check the URL")
    return UnreadableError(url, UNREADABLE, f"the storage denied access ({_reason(error)})")


def _reason(error: Exception) -> str:
    return sanitize(str(error).partition("\n")[0])[:200] or type(error).__name__
