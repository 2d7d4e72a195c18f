"""Runs a command: `protocol-reader [PATH…]` reads, `protocol-reader COMMAND …` runs one of `reader.commands`.

Every failure becomes a sentence here: no traceback reaches a user who has not asked for it. Commands, and with them the
app and Textual, are imported when they run.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import reader
from reader.commands import COMMANDS, READING, SESSION, command_index
from reader.commands.output import Status, complain, discard
from reader.errors import ReaderError, explain, is_debugging, reason, trace
from reader.extras import package_conflict
from reader.permissions import visiting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if arguments is None:
        _hide_tracebacks()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks what can stand at its cursor
            from reader.commands.help import complete  # takes 60 ms

            complete()
        if (conflict := package_conflict(Path(__file__).parent)) is not None:
            complain(conflict)
            if not hasattr(reader, "LineLabel"):  # its __init__ has replaced ours
                return Status.FAILED
    words = list(sys.argv[1:] if arguments is None else arguments)
    index = command_index(words)
    if index is None:
        return _guarded(lambda: READING.run(words))
    return _guarded(lambda: COMMANDS[words[index]].run([*words[:index], *words[index + 1 :]]))


def session() -> int:
    """Run the app for one page of `serve`, drawing for a browser instead of a terminal; return the exit status."""
    _hide_tracebacks()
    with visiting():
        return _guarded(lambda: SESSION.run(sys.argv[1:]))


def _guarded(run: Callable[[], int]) -> int:
    is_closed = sys.stdout is None
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Else another file would get its number. Standard input is not to be read.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115
    if is_closed:
        complain("standard output is closed; send it to a file, or to /dev/null if you do not need it")
        return Status.WRONG_USE
    try:
        try:
            return run()
        finally:
            # Report a full disk if it is only noticed here.
            sys.stdout.flush()
    except BrokenPipeError:
        return Status.DONE  # the reader of our output has closed it
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        return Status.FAILED
    except Exception as error:
        if (cause := _unwritable(sys.stdout)) is not None:
            complain(f"standard output cannot be written: {cause}")
        else:
            _complain_of(error)
        return Status.FAILED
    finally:
        for stream in (sys.stdout, sys.stderr):
            if _unwritable(stream) is not None:
                discard(stream)


def _hide_tracebacks() -> None:
    """Turn failures outside `_guarded`, in threads and in the deletion of objects, into sentences too."""

    sys.excepthook = lambda _kind, error, _trace: _complain_of(error)
    threading.excepthook = lambda failed: _complain_of(failed.exc_value)
    # A user can do nothing about a failed deletion, and the program continues.
    sys.unraisablehook = lambda failed: _complain_of(failed.exc_value) if is_debugging() else None


def _complain_of(error: BaseException | None) -> None:
    if error is None:
        return
    if is_debugging():
        with suppress(OSError):
            sys.stderr.write(trace(error))
    complain(explain(error))


def _unwritable(stream: object) -> str | None:
    """The reason why buffered output cannot be written; None if it can."""
    try:
        stream.flush()  # type: ignore[attr-defined]
    except OSError as error:
        return reason(error)
    except ValueError:
        return None  # closed, so nothing is buffered
    return None
