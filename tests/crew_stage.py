"""Processes of a crew that do not always do as they should: files named so end or hold them up, one of them
when its second part is asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from reader.captures import Found
from reader.library import crew


class _Faulty:
    """A pipe whose questions end the process when they name such a file."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.send_bytes = pipe.send_bytes
        self._dies_later = False

    def recv(self) -> Sequence[Found]:
        files: Sequence[Found] = self._pipe.recv()
        if self._dies_later and not files:
            os.kill(os.getpid(), 9)
        self._dies_later = False
        for file in files:
            name = Path(file.path).name
            if name.startswith("die"):
                os.kill(os.getpid(), 9)
            if name.startswith("leave"):
                os._exit(7)
            if name.startswith("later"):
                self._dies_later = True
            if name.startswith("hang"):
                time.sleep(600)
        return files


def faulty(pipe: Connection, library: Path, site: str | None) -> None:
    """What a process of a usual crew does, but for such files."""
    crew.answer_all(_Faulty(pipe), library, site)  # type: ignore[arg-type]
