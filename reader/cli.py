"""The commands: `protocol-reader [PATH…]` reads, `protocol-reader COMMAND …` does what `reader.commands` has.

A command is imported when it is asked for; the app, and with it Textual, when it opens. Whatever goes wrong in one
becomes a sentence here: nobody sees a traceback who has not asked for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    WRONG_USE,
    complain,
    sample_captures,
)
from reader.commands.listed import NAMES
from reader.errors import ReaderError
from reader.permissions import VISITOR, limited_to

__all__ = [
    "DONE",
    "INTERRUPTED",
    "IN_PART",
    "NOTHING_READ",
    "WRONG_USE",
    "main",
    "sample_captures",
    "session",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    if arguments is None:
        _hide_tracebacks()
    words = list(sys.argv[1:] if arguments is None else arguments)
    return _guarded(lambda: _run(words))


def session() -> int:
    """Run the reader for one page of `serve`, drawing for a browser instead of a terminal; the exit status."""
    from reader.commands.reading import run

    _hide_tracebacks()
    with limited_to(VISITOR):
        return _guarded(lambda: run(sys.argv[1:], served=True))


def _run(words: list[str]) -> int:
    if words and words[0] in NAMES:
        return _command(words[0])(words[1:])
    from reader.commands.reading import run

    return run(words)


def _command(name: str) -> Callable[[Sequence[str]], int]:
    from importlib import import_module

    run: Callable[[Sequence[str]], int] = import_module(f"reader.commands.{name}").run
    return run


def _guarded(run: Callable[[], int]) -> int:
    """The exit status of `run`; a sentence on stderr for whatever it raises."""
    if _open_closed_streams():
        complain("standard output is closed; send it to a file, or to /dev/null if it is not wanted")
        return WRONG_USE
    try:
        try:
            return run()
        finally:
            # Here, where a full disk still becomes a sentence.
            sys.stdout.flush()
    except BrokenPipeError:
        return DONE  # Whoever read our output has seen enough.
    except KeyboardInterrupt:
        return INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        return NOTHING_READ
    except Exception as error:
        if (full := _unwritable(sys.stdout)) is not None:
            complain(f"standard output cannot be written: {full}")
        else:
            _complain_of(error)
        return NOTHING_READ
    finally:
        _drop_unwritable_output()


def _hide_tracebacks() -> None:
    """Have what fails outside `_guarded`, in a thread or while an object is deleted, said in a sentence too."""
    import threading

    def of_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            _complain_of(failed.exc_value)

    def of_deletion(failed: sys.UnraisableHookArgs) -> None:
        from reader.errors import is_debugging

        # Nothing that a user could act on: the program goes on.
        if is_debugging() and failed.exc_value is not None:
            _complain_of(failed.exc_value)

    sys.excepthook = lambda _kind, error, _trace: _complain_of(error)
    threading.excepthook = of_thread
    sys.unraisablehook = of_deletion


def _complain_of(error: BaseException) -> None:
    from reader.errors import explain, is_debugging, trace

    if is_debugging():
        with suppress(OSError):
            sys.stderr.write(trace(error))
    complain(explain(error))


def _open_closed_streams() -> bool:
    """Put the null device where a standard stream is closed, so that no other file takes its number.

    Was standard output closed?
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115
    return "stdout" in closed


def _unwritable(stream: object) -> str | None:
    """Why what is held for a stream cannot be written, None when it can."""
    try:
        stream.flush()  # type: ignore[attr-defined]
    except OSError as error:
        from reader.errors import reason

        return reason(error)
    except ValueError:
        return None  # It is closed: nothing is held.
    return None


def _drop_unwritable_output() -> None:
    """What is held for a stream that cannot be written must not fail once more when the interpreter ends."""
    for stream in (sys.stdout, sys.stderr):
        if _unwritable(stream) is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
