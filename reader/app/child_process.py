"""Runs programs that end with this one, however it ends, together with every process that they have started.

Each program has its own process group, with a shell that waits for the end of a pipe. Only this process holds the
pipe's other end, and the system closes it when this process is gone, even if it was killed. Processes that leave the
group, for example by setsid, are not ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from threading import Lock
from typing import Any

# The shell ignores the signal that it sends to the group. Without the pipe it must not send one.
_SCRIPT = """\
(trap '' "$2"; exec <"$1" || exit; read -r _; kill -"$2" 0; sleep "$3"; kill -KILL 0) >/dev/null 2>&1 &
shift 3
exec "$@"
"""


class ChildProcess:
    """A program in its own process group. It runs until it exits, `end` is called or this process ends."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        ending: signal.Signals = signal.SIGTERM,
        grace: int = 1,
        **options: Any,
    ) -> None:
        """`words` are the program and its arguments, `options` are passed to `subprocess.Popen`.

        To end the program, the group gets the signal `ending` and is killed `grace` seconds later. Raises OSError if
        the program cannot be started.
        """
        self._lock = Lock()
        reading, self._lifeline = os.pipe()
        name = ending.name.removeprefix("SIG")
        try:
            self.process: subprocess.Popen[Any] = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "sh", f"/dev/fd/{reading}", name, str(grace), *words],
                pass_fds=(reading,),
                start_new_session=True,
                **options,
            )
        except BaseException:
            self.end()
            raise
        finally:
            os.close(reading)

    def end(self) -> None:
        """End the program and every process it started, without waiting. Calling it again does nothing."""
        with self._lock:
            lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)

    def __del__(self) -> None:
        self.end()
