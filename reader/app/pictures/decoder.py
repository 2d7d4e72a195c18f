"""Asks the process that decodes pictures, and starts it anew where a picture has ended it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Final, NamedTuple

from reader.app.pictures.decoding import ANSWER, MAX_PIXELS, QUESTION
from reader.app.tied import TiedProcess

MOST_WIDE: Final = 1_200
MOST_HIGH: Final = 900
"""Pixels of a picture that are kept: as many as a large screen shows in half its height."""
PATIENCE: Final = 8.0
"""Seconds that a picture may take, and the process to start."""
_PROGRAM: Final = Path(__file__).with_name("decoding.py")


class Pixels(NamedTuple):
    """A picture, decoded, and made smaller if it was large."""

    width: int
    height: int
    rgba: bytes
    """Four bytes a pixel, row by row."""
    original: tuple[int, int]
    """Width and height before it was made smaller."""


class Decoder:
    """One process; for use in one thread."""

    def __init__(self, patience: float = PATIENCE, program: Path = _PROGRAM) -> None:
        self.patience = patience
        """Seconds that an answer may take."""
        self._program = program
        self._tied: TiedProcess | None = None

    def decode(self, data: bytes) -> Pixels | None:
        """Decode the bytes of a file; None when they are no picture, or the process died or took too long."""
        try:
            if self._tied is None:
                self._tied = self._start()
            process = self._tied.process
            assert process.stdin is not None
            assert process.stdout is not None
            limit = Timer(self.patience, process.kill)
            limit.daemon = True
            limit.start()
            try:
                process.stdin.write(QUESTION.pack(MOST_WIDE, MOST_HIGH, len(data)) + data)
                process.stdin.flush()
                answer = process.stdout.read(ANSWER.size)
                *original, width, height = ANSWER.unpack(answer.ljust(ANSWER.size, b"\0"))
                # What a picture may have made of the process is not believed.
                if width > MOST_WIDE or height > MOST_HIGH or original[0] * original[1] > MAX_PIXELS:
                    raise EOFError
                rgba = process.stdout.read(4 * width * height)
            finally:
                limit.cancel()
        except (EOFError, OSError):
            self.close()
            return None
        if len(answer) < ANSWER.size or len(rgba) < 4 * width * height:
            self.close()
            return None
        return Pixels(width, height, rgba, (original[0], original[1])) if rgba else None

    def close(self) -> None:
        """End the process; again is no error."""
        tied, self._tied = self._tied, None
        if tied is not None:
            process = tied.process
            process.kill()
            tied.end()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            process.wait()

    def _start(self) -> TiedProcess:
        # Its folder is none of its modules', which may be called like ours; what it says of itself is not shown.
        return TiedProcess(
            [sys.executable, "-P", str(self._program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
