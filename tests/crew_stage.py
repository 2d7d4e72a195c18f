"""Processes of a crew that do not always do as they should: files and pages named so end or hold them up, one of them
when its second part is asked for, and one only once."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from reader.library import crew
from reader.library.crew import Question
from reader.library.sharing import Pages, Walk, items_of


class _Faulty:
    """A pipe whose questions end the process when they name such a file."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.send_bytes = pipe.send_bytes
        self._dies_later = False

    def recv(self) -> Question:
        question: Question = self._pipe.recv()
        if self._dies_later and not question:
            os.kill(os.getpid(), 9)
        self._dies_later = False
        for path in _paths(question):
            name = Path(path).name
            killed = Path(path).parent.with_suffix(".killed")
            if name.startswith("once") and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), 9)
            if name.startswith("die"):
                os.kill(os.getpid(), 9)
            if name.startswith("leave"):
                os._exit(7)
            if name.startswith("later"):
                self._dies_later = True
            if name.startswith("hang"):
                time.sleep(600)
        return question


def _paths(question: Question) -> Sequence[str]:
    if isinstance(question, Walk):
        return [question.file.path]
    if isinstance(question, Pages):
        return [item.source for item in items_of(question.packed)]
    return [file.path for file in question]


def faulty(pipe: Connection, library: Path, site: str | None) -> None:
    """What a process of a usual crew does, but for such files."""
    crew.answer_all(_Faulty(pipe), library, site)  # type: ignore[arg-type]
