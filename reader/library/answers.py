"""What was read of one piece of work, from those who read to the one that writes: in order, and little at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from threading import Condition
from typing import Final

from reader.captures import Tally
from reader.worker import GivenUpError

Part = bytes | Future[bytes] | Tally
"""FileReads, pickled, at once or soon; or a tally of problems, to be told once all before it is read."""
_LOOK_SECONDS: Final = 0.1
"""Seconds between two looks whether parts are still wanted."""
_BYTES_AHEAD: Final = 64_000_000
"""Bytes of parts that may wait."""


class Answers:
    """Parts that are not yet taken. Those that read wait for room, and the one that writes for a part."""

    def __init__(self, most: int) -> None:
        """`most` is how many parts may wait."""
        self._most = most
        self._changed = Condition()
        self._waiting: deque[tuple[Part, int]] = deque()
        self._size = 0
        self._ended = False
        self._error: BaseException | None = None

    def put(self, part: Part, size: int = 0) -> None:
        """Add a part of so many bytes, once there is room for it; nothing is added after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._has_room(size))
            if not self._ended:
                self._waiting.append((part, size))
                self._size += size
                self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """No more comes; `error` is raised where more was expected."""
        with self._changed:
            self._ended, self._error = True, self._error or error
            self._changed.notify_all()

    def parts(self, stop: Callable[[], bool]) -> Iterator[bytes | Tally]:
        """Each part, once it is there; GivenUpError once `stop` says that none is waited for any more."""
        while True:
            with self._changed:
                while not self._changed.wait_for(lambda: self._ended or self._waiting, _LOOK_SECONDS):
                    if stop():
                        raise GivenUpError
                if not self._waiting:
                    if self._error:
                        raise self._error
                    return
                part, size = self._waiting.popleft()
                self._size -= size
                self._changed.notify_all()
            while isinstance(part, Future):
                wait([part], _LOOK_SECONDS)
                if part.done():
                    part = part.result()
                elif stop():
                    raise GivenUpError
            yield part

    def _has_room(self, size: int) -> bool:
        if not self._waiting:
            return True
        return len(self._waiting) < self._most and self._size + size <= _BYTES_AHEAD
