"""Code that the commands share: exit statuses, printing, and the settings in force.

The app's first screen waits for this module.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, TextIO

from reader.errors import QueryError
from reader.sanitize import escape_json, is_sanitized, sanitize
from reader.settings import InForce, in_force
from reader.settings.loading import Given


class Status(IntEnum):
    """The exit status of a command."""

    DONE = 0
    IN_PART = 1
    """Done in part; the failures are on stderr."""
    WRONG_USE = 2
    NOTHING_READ = 3
    INTERRUPTED = 130


def plain_output() -> TextIO:
    """Standard output, made to accept any text."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """Print one line of JSON, in ASCII if the output has no other characters."""
    out = plain_output()
    out.write(escape_json(json.dumps(value, ensure_ascii=lacks_characters(out))) + "\n")


def lacks_characters(out: TextIO) -> bool:
    """Can `out` not encode some characters? Then JSON is written in ASCII, which loses nothing."""
    return out.encoding.lower().replace("-", "") != "utf8"


def print_text(text: str) -> None:
    """Print sanitized text, which has its own line ends."""
    plain_output().write(text if is_sanitized(text) else sanitize(text, multiline=True))


def print_lines(lines: Iterable[str]) -> None:
    """Print sanitized lines."""
    print_text("".join(f"{line}\n" for line in lines))


def print_records(records: Iterable[Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print records as JSON, one on each line, or what `lines` say about them."""
    if as_json:
        for record in records:
            print_json(record)
    else:
        print_lines(lines)


def table(rows: Iterable[tuple[str, ...]], *, numbers_from: int = 1) -> Iterator[str]:
    """The lines of a table; the columns from `numbers_from` on are aligned right."""
    cells = [[sanitize(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            cell.rjust(width) if number >= numbers_from else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()


def complain(sentence: str) -> None:
    """Print a message on stderr, if that can be written."""
    with suppress(OSError):
        print(f"protocol-reader: {sanitize(sentence)}", file=sys.stderr)


def broken_off(error: BaseException, so_far: str, *, something: bool) -> int:
    """Report why a command has ended early and how far it came; return the exit status.

    `something`: is there anything to continue from?
    """
    go_on = f"{so_far}; run the same command again to continue"
    if isinstance(error, KeyboardInterrupt):
        complain(f"stopped; {go_on}")
        return Status.INTERRUPTED
    complain(str(error))
    if not something:
        return Status.NOTHING_READ
    complain(go_on)
    return Status.IN_PART


def complain_of_query(query: str, error: QueryError) -> None:
    """Print on stderr what is wrong with a query, and point at the place."""
    from rich.cells import cell_len  # 10 ms that the first screen would wait for.

    end = error.position + error.length
    before, piece, rest = map(sanitize, (query[: error.position], query[error.position : end], query[end:]))
    complain(error.reason)
    with suppress(OSError):
        print(f"  {before}{piece}{rest}", file=sys.stderr)
        print(f"  {' ' * cell_len(before)}{'^' * max(1, cell_len(piece))}", file=sys.stderr)


def settings_in_force(given: Given | None = None) -> InForce:
    """The settings with all their faults; `given` is what the command line sets (see `loading.in_force`)."""
    found = in_force(given)
    if not found.settings.keys:
        return found
    from reader.app.keymap import with_checked_keys  # Only for own keys: 1 ms.

    return with_checked_keys(found)


def sample_captures() -> list[str]:
    """The paths of the sample captures: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "sample_data"
    folder = installed if installed.is_dir() else package.parent / "sample_data"
    # The .json file beside a capture holds the articles that it should give.
    return sorted(str(path) for path in folder.iterdir() if path.suffix in (".txt", ".html", ".gz", ".jsonl"))
