"""What a page's session runs: the reader, drawing for `serve` instead of a terminal. Not a command to be typed."""

from __future__ import annotations

import sys

from reader.commands.common import NOTHING_READ, complain
from reader.errors import ReaderError
from reader.permissions import VISITOR, limited_to


def main() -> int:
    """Read what the words after the program's name say; the exit status."""
    from reader.commands.reading import run

    try:
        with limited_to(VISITOR):
            return run(sys.argv[1:], served=True)
    except ReaderError as error:
        complain(str(error))
        return NOTHING_READ
