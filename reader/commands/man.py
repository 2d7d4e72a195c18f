"""`man`: the manual page, shown on a terminal, else printed as roff."""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reader.commands.common import DONE, NOTHING_READ, complain, parser_for


def make_parser() -> ArgumentParser:
    """What may follow `man`."""
    return parser_for(
        "man",
        "Show this program's manual page; where there is no terminal, print it as roff.",
        "To keep it: protocol-reader man > ~/.local/share/man/man1/protocol-reader.1",
    )


def run(words: Sequence[str]) -> int:
    """Show or print the page; the exit status."""
    make_parser().parse_args(words)
    from reader.commands.manual import page

    if not sys.stdout.isatty():
        sys.stdout.buffer.write(page().encode())
        sys.stdout.flush()
        return DONE
    if (man := shutil.which("man")) is None:
        complain("there is no “man” to show it with; protocol-reader man > FILE keeps it")
        return NOTHING_READ
    with TemporaryDirectory(prefix="protocol-reader-") as folder:
        path = Path(folder) / "protocol-reader.1"
        path.write_text(page(), encoding="utf-8")
        # A name with a slash is a file, to every man.
        return DONE if subprocess.run([man, str(path)], check=False).returncode == 0 else NOTHING_READ
