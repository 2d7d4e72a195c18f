"""Captures on remote storage, named by URLs (s3://bucket/crawl) and read with fsspec."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from reader.captures.source import CutShortError, InputFile, Source, UnreadableError, label_of
from reader.patterns import Pattern
from reader.sanitize import sanitize

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://")
_PASSWORD: Final = Pattern(r"[^/]*//[^/@]*:[^/@]*@")
_VERSION_FIELDS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""The fields in which storage systems report a file's version."""

ListFolder = Callable[[str], dict[str, str]]
"""Returns the names in a folder, and what each is: "file", "folder" or "link". UnreadableError if it cannot be read."""
Storage = Any
"""An fsspec file system, which has no type annotations."""


def is_url(path: str) -> bool:
    """Return whether a path is a URL. A local file with such a name is written as ./s3://name."""
    return _URL.match(path) is not None


def storage_at(place: str) -> tuple[Storage, str]:
    """Return the storage of a path or URL, and the path in it. UnreadableError says what to install or change."""
    # fsspec takes 60 ms to import, and files on this machine are read without it.
    import fsspec
    from fsspec.registry import known_implementations

    if not is_url(place):
        return fsspec.filesystem("file"), os.path.abspath(place)  # noqa: PTH100
    scheme = place.partition("://")[0]
    if "::" in scheme or _PASSWORD.match(place):
        reason = "a URL with :: or a password is not supported; fsspec's configuration files hold passwords"
        raise UnreadableError(place, "unreadable", reason)
    try:
        storage, path = fsspec.core.url_to_fs(place)
    except ImportError as error:
        package = known_implementations.get(scheme, {}).get("class", "fsspec").partition(".")[0]
        reason = f"{scheme}:// needs more packages ({sanitize(str(error))})"
        if package != "fsspec":
            reason = f"{scheme}:// needs the package {package}: pip install {package}"
        raise UnreadableError(place, "needs an extra", reason) from error
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
        return {
            name.rpartition("/")[2]: "link"
            if entry.get("islink")
            else ("folder" if entry["type"] == "directory" else "file")
            for name, entry in entries.items()
        }

    return list_folder


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
            raise CutShortError("unreadable", f"reading it failed ({_reason(error)}); try again") from error
        return data

    try:
        yield Source(label_of(file.path), path.rpartition("/")[2], read, explicit=file.explicit)
    finally:
        with suppress(Exception):
            stream.close()


def _unreadable(url: str, error: Exception) -> UnreadableError:
    """Explain an error of a storage system to the user."""
    if isinstance(error, UnreadableError):
        return error
    if isinstance(error, FileNotFoundError):
        return UnreadableError(url, "missing", "there is no such file or folder; check the URL")
    return UnreadableError(url, "unreadable", f"the storage denied access ({_reason(error)})")


def _reason(error: Exception) -> str:
    return sanitize(str(error).partition("\n")[0])[:200] or type(error).__name__
