"""Programs that end when this one ends, however that happens, with all that they have started.

Each has a process group of its own, and in it a shell that waits for the end of a pipe whose other end this process
alone holds. The system closes that end when this process is gone, also when it was killed. What has left the group
by itself, as with setsid, is out of reach.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from threading import Lock
from typing import Any

# The shell ignores what it sends to the group, and without the pipe it must not send anything.
_SCRIPT = """\
(trap '' "$2"; exec <"$1" || exit; read -r _; kill -"$2" 0; sleep "$3"; kill -KILL 0) >/dev/null 2>&1 &
shift 3
exec "$@"
"""


class ChildProcess:
    """A program in a process group of its own, which `end` ends, or the end of this process."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        ending: signal.Signals = signal.SIGTERM,
        grace: int = 1,
        **options: Any,
    ) -> None:
        """`words` are the program and its arguments, `options` those of `subprocess.Popen`.

        To end it the group is sent `ending`, and killed `grace` seconds later. OSError when it cannot be started.
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
        """Have the program end, and all that it started; again is no error. Nobody waits for it here."""
        with self._lock:
            lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)

    def __del__(self) -> None:
        self.end()
