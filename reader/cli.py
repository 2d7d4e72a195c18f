"""The commands: `protocol-reader [PATH…]` reads, `protocol-reader COMMAND …` does what `reader.commands` has.

A command is imported when it is asked for; the app, and with it Textual, when it opens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

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

__all__ = ["DONE", "INTERRUPTED", "IN_PART", "NOTHING_READ", "WRONG_USE", "main", "sample_captures"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in NAMES:
            return _command(words[0])(words[1:])
        from reader.commands.reading import run

        return run(words)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        return NOTHING_READ


def _command(name: str) -> Callable[[Sequence[str]], int]:
    from importlib import import_module

    run: Callable[[Sequence[str]], int] = import_module(f"reader.commands.{name}").run
    return run
