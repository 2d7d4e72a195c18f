"""Captures on remote storage, named by a URL (s3://bucket/crawl) and read with fsspec (extra `cluster`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from reader.captures.results import NOT_A_CAPTURE
from reader.captures.source import TOOL_FOLDERS, CutShortError, Found, Source, UnreadableError, label_of
from reader.model import Problem
from reader.sanitize import sanitize

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://")
_PASSWORD: Final = re.compile(r"[^/]*//[^/@]*:[^/@]*@")
_VERSION_FIELDS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""Where the kinds of storage say which version of a file this is."""

Storage = Any
"""A file system of fsspec, which has no types."""


def is_url(path: str) -> bool:
    """Whether a path is a URL. A local file of such a name is written as ./s3://name."""
    return _URL.match(path) is not None


def storage_at(url: str) -> tuple[Storage, str]:
    """The storage that a URL names, and the path in it. UnreadableError says what to install or to change."""
    scheme = url.partition("://")[0]
    if "::" in scheme or _PASSWORD.match(url):
        reason = "a URL with :: or a password is not supported; fsspec's configuration files hold passwords"
        raise UnreadableError(url, "unreadable", reason)
    try:
        import fsspec  # It is an extra.
        from fsspec.registry import known_implementations
    except ImportError as error:
        reason = "URLs need the extra `cluster`: pip install 'protocol-reader[cluster]'"
        raise UnreadableError(url, "needs an extra", reason) from error
    try:
        storage, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = known_implementations.get(scheme, {}).get("class", "fsspec").partition(".")[0]
        reason = f"{scheme}:// needs more packages ({sanitize(str(error))})"
        if package != "fsspec":
            reason = f"{scheme}:// needs the package {package}: pip install {package}"
        raise UnreadableError(url, "needs an extra", reason) from error
    except Exception as error:  # Each kind of storage has its own errors.
        raise unreadable_storage(url, error) from error
    return storage, path


def unreadable_storage(url: str, error: Exception) -> UnreadableError:
    """What an error of a storage means to the user."""
    if isinstance(error, UnreadableError):
        return error
    if isinstance(error, FileNotFoundError):
        return UnreadableError(url, "missing", "there is no such file or folder; check the URL")
    return UnreadableError(url, "unreadable", f"the storage does not give access ({_reason(error)})")


def find_remote(url: str) -> Iterator[Found | Problem]:
    """The files at a URL, in the order and with the exceptions of `find_files`."""
    try:
        storage, top = storage_at(url)
        # On the web fsspec takes a page with links for a folder of all that they lead to.
        if url.lower().startswith(("http://", "https://")) or not storage.isdir(top):
            yield Found(url, explicit=True)
            return
        pending = [_entries(storage, top)]
    except Exception as error:
        yield unreadable_storage(url, error).problem
        return
    if not pending[0]:
        yield Problem(label_of(url), "empty folder", "there is no file in it; check the URL")
    while pending:
        if not pending[-1]:
            pending.pop()
            continue
        entry = pending[-1].pop()
        path = str(entry["name"])
        place = url.rstrip("/") + path.removeprefix(top.rstrip("/"))
        if entry.get("islink"):
            yield Problem(
                label_of(place), "link", "links inside folders are not followed; name it to read it"
            )
        elif entry["type"] != "directory":
            yield Found(place, explicit=False)
        elif path.rstrip("/").rpartition("/")[2] in TOOL_FOLDERS:
            yield Problem(
                label_of(place), NOT_A_CAPTURE, "a tool's own folder; name it to read it all the same"
            )
        else:
            try:
                pending.append(_entries(storage, path))
            except Exception as error:
                yield unreadable_storage(place, error).problem


def _entries(storage: Storage, folder: str) -> list[dict[str, Any]]:
    """What is in a folder, the last name first, to be popped."""
    # Object stores list the folder itself when it was made as an empty object.
    entries = [e for e in storage.ls(folder, detail=True) if str(e["name"]).rstrip("/") != folder.rstrip("/")]
    return sorted(entries, key=lambda entry: str(entry["name"]), reverse=True)


def remote_stamp(url: str) -> tuple[int, str] | None:
    """Size and version of a file, by which a change is known; None when there is no such file."""
    try:
        storage, path = storage_at(url)
        about = storage.info(path)
    except Exception:
        return None
    version = next((str(about[name]) for name in _VERSION_FIELDS if about.get(name) is not None), "")
    return (about.get("size") or 0, version) if about["type"] == "file" else None


@contextmanager
def open_remote(found: Found) -> Iterator[Source]:
    """The file at a URL, open for reading. UnreadableError says why it cannot be opened."""
    try:
        storage, path = storage_at(found.path)
        file = storage.open(path, "rb")
    except Exception as error:
        raise unreadable_storage(found.path, error) from error

    def read(most: int) -> bytes:
        try:
            data: bytes = file.read(most)
        except Exception as error:
            raise CutShortError("unreadable", f"reading it failed ({_reason(error)}); try again") from error
        return data

    try:
        yield Source(label_of(found.path), path.rpartition("/")[2], read, explicit=found.explicit)
    finally:
        with suppress(Exception):
            file.close()


def _reason(error: Exception) -> str:
    return sanitize(str(error).partition("\n")[0])[:200] or type(error).__name__
