"""The folder that shards go into: on this machine, on a disk that all machines share, or on remote storage."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from reader.captures import is_url, storage_at
from reader.errors import ReaderError
from reader.failures import reason
from reader.sanitize import sanitize

UNFINISHED: Final = ".protocol-reader"
"""The folder, in that of the shards, where they lie until they are whole."""


class Draft:
    """A file that is being written."""

    def __init__(self, path: str) -> None:
        self.path = path
        """A path on this machine."""
        self.name = ""
        """Its name in the folder, to be set before the end."""


class ShardFolder:
    """A folder at a path or URL."""

    def __init__(self, path: str) -> None:
        """ReaderError when the storage at a URL cannot be opened."""
        self.label = sanitize(path)
        self._is_remote = is_url(path)
        # What fsspec offers for a URL, and the same few operations for a path, for which it need not be installed.
        self._storage: Any
        self._storage, self._path = storage_at(path) if self._is_remote else (_LocalStorage(), path)
        self._unfinished = f"{self._path}/{UNFINISHED}"

    def make(self) -> None:
        """Make the folder if it is not there, and try to write into it. ReaderError when that fails."""
        try:
            self._storage.makedirs(self._unfinished, exist_ok=True)
            probe = self.put_probe()
        except Exception as error:  # Each kind of storage has its own errors.
            raise ReaderError(f"{self.label}: shards cannot be put there: {_why(error)}") from error
        self.remove(probe)

    def put_probe(self) -> str:
        """Write a small file that other machines can look for; its name."""
        name = f"{UNFINISHED}/probe.{secrets.token_hex(8)}"
        self._storage.touch(f"{self._path}/{name}")
        return name

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return bool(self._storage.exists(f"{self._path}/{name}"))

    def names(self, folder: str = "") -> list[str]:
        """The names of all that is in it, or in a folder of it."""
        self._storage.invalidate_cache()
        paths = self._storage.ls(f"{self._path}/{folder}".rstrip("/"), detail=False)
        return [str(path).rstrip("/").rpartition("/")[2] for path in paths]

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, if that is possible."""
        if old != new:
            with suppress(Exception):
                self._storage.mv(f"{self._path}/{old}", f"{self._path}/{new}")

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(Exception):
            self._storage.rm_file(f"{self._path}/{name}")

    @contextmanager
    def new_file(self, identity: str) -> Iterator[Draft]:
        """A file to write, which gets its name at the end, if there is no error, whole and at once.

        OSError when it cannot be put there.
        """
        aside = f"{identity}.{secrets.token_hex(8)}"
        try:
            with TemporaryDirectory() if self._is_remote else nullcontext(self._unfinished) as folder:
                draft = Draft(f"{folder}/{aside}")
                yield draft
                self._publish(draft, f"{self._unfinished}/{aside}")
        finally:
            self.remove(f"{UNFINISHED}/{aside}")

    def _publish(self, draft: Draft, aside: str) -> None:
        try:
            if self._is_remote:
                # Some kinds of storage show a file that is only half uploaded.
                self._storage.put_file(draft.path, aside)
            else:
                _sync(draft.path)
            self._storage.mv(aside, f"{self._path}/{draft.name}")
        except Exception as error:
            # Another process may have made the same shard, and cleared this one away.
            if self.has(draft.name):
                return
            if isinstance(error, OSError):
                raise
            raise OSError(_why(error)) from error

    def tidy(self, identities: Collection[str]) -> None:
        """Remove what killed processes left of these shards."""
        with suppress(Exception):
            for name in self.names(UNFINISHED):
                if name.partition(".")[0] in identities:
                    self.remove(f"{UNFINISHED}/{name}")
            self._storage.rmdir(self._unfinished)


class _LocalStorage:
    """This machine's files, in the words of fsspec."""

    def makedirs(self, path: str, exist_ok: bool) -> None:
        Path(path).mkdir(parents=True, exist_ok=exist_ok)

    def ls(self, path: str, detail: bool) -> list[str]:  # noqa: ARG002
        return os.listdir(path)  # noqa: PTH208

    def exists(self, path: str) -> bool:
        return Path(path).exists()

    def invalidate_cache(self) -> None:
        pass

    def touch(self, path: str) -> None:
        Path(path).touch()

    def mv(self, old: str, new: str) -> None:
        Path(old).replace(new)

    def rm_file(self, path: str) -> None:
        Path(path).unlink()

    def rmdir(self, path: str) -> None:
        Path(path).rmdir()


def _sync(path: str) -> None:
    """Have the disk keep a file: a shard that has its name is whole, also after a power cut."""
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())


def _why(error: Exception) -> str:
    return reason(error) if isinstance(error, OSError) else sanitize(str(error)) or type(error).__name__
