"""Asks the process that decodes pictures, and starts it anew where a picture has ended it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from reader.app.picture_decoding import MAX_PIXELS, QUESTION, SIZE
from reader.app.tied import TiedProcess

MOST_WIDE: Final = 1_200
MOST_HIGH: Final = 900
"""Pixels of a picture that are kept: as many as a large screen shows in half its height."""
PATIENCE: Final = 8.0
"""Seconds that a picture may take, and the process to start."""


class Pixels(NamedTuple):
    """A picture, decoded."""

    width: int
    height: int
    rgba: bytes
    """Four bytes a pixel, row by row."""


class LostError(Exception):
    """Raised where the process died or hung."""


class Decoder:
    """One process; for use in one thread."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        """Seconds that an answer may take."""
        self._tied: TiedProcess | None = None

    def size(self, data: bytes) -> tuple[int, int] | None:
        """Width and height of a picture in pixels; None when it is none. `pixels` must be asked for then."""
        try:
            process = self._running()
            assert process.stdin is not None
            process.stdin.write(QUESTION.pack(MOST_WIDE, MOST_HIGH, len(data)) + data)
            process.stdin.flush()
            width, height = SIZE.unpack(self._read(SIZE.size))
        except (LostError, OSError):
            self.close()
            return None
        if not width or not height or width * height > MAX_PIXELS:
            self.pixels()
            return None
        return width, height

    def pixels(self) -> Pixels | None:
        """The picture whose size was asked for, at most so large as is kept; None when it cannot be decoded."""
        try:
            width, height = SIZE.unpack(self._read(SIZE.size))
            if not width or not height or width > MOST_WIDE or height > MOST_HIGH:
                return None
            return Pixels(width, height, self._read(4 * width * height))
        except (LostError, OSError):
            self.close()
            return None

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

    def _running(self) -> subprocess.Popen[bytes]:
        if self._tied is None:
            program = Path(__file__).with_name("picture_decoding.py")
            # Its folder is none of its modules', which may be called like ours; what it says of itself is not shown.
            self._tied = TiedProcess(
                [sys.executable, "-P", str(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._tied.process

    def _read(self, size: int) -> bytes:
        if self._tied is None or self._tied.process.stdout is None:
            raise LostError
        pipe = self._tied.process.stdout.fileno()
        until = time.monotonic() + self.patience
        parts: list[bytes] = []
        while size:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise LostError
            data = os.read(pipe, size)
            if not data:
                raise LostError
            parts.append(data)
            size -= len(data)
        return b"".join(parts)
