"""`add PATH…`: keep captures in the library."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final

from reader.commands.inputs import open_library
from reader.commands.output import ProgressLine, Status, broken_off, complain, print_records
from reader.commands.parser import PATHS, CommandParser, paths_of
from reader.errors import ReaderError
from reader.library.ingest.writing import Summary
from reader.model import CRASH, EMPTY_FOLDER, NEEDS_EXTRA, PARSER_FAILED
from reader.sanitize import many
from reader.settings import library_path

_EPILOG: Final = f"""\
{PATHS}

Captures that are already in the library are skipped, so after an interruption you can run the same command again.
After Ctrl-C, the captures that the summary counts are in the library. A second Ctrl-C stops without a summary; what
was not written yet is read again next time."""

_STOPPING: Final = "stopping; Ctrl-C again stops at once"

_KINDS: Final = {
    CRASH: "given up",
    "empty archive": "empty",
    EMPTY_FOLDER: "empty",
    "link": "behind links",
    NEEDS_EXTRA: "in need of an extra",
    "nested": "nested too deep",
    "no column": "without a named column",
    "no page": "without a page",
    PARSER_FAILED: "given up",
}
"""The kinds of problems that do not read well behind a number, in words that do."""


def add_parser() -> CommandParser:
    parser = CommandParser("add", "Add captures to the library.", _EPILOG)
    parser.add_paths()
    parser.add_library_option()
    parser.add_jobs_option("read with N processes (default: the number of processors)")
    parser.flag("--json", "print the summary as one JSON object")
    return parser


def run_add(options: Namespace) -> int:
    if "-" in options.paths and sys.stdin.isatty():
        raise ReaderError("-: standard input is the keyboard; pipe a capture in, or name a file")
    paths = paths_of(options, options.paths)
    return add_captures(library_path(options.library), paths, options.jobs, as_json=options.json)


def add_captures(
    library_file: Path, paths: Sequence[str], jobs: int | None = None, *, as_json: bool = False
) -> int:
    """Keep captures and print a summary, or an object of JSON; return the exit status."""
    kept = 0

    def on_progress(so_far: Summary) -> None:
        nonlocal kept
        kept = so_far.new
        line.files, line.articles = so_far.files, so_far.articles
        if interrupted.is_set():
            line.update(_STOPPING)
        else:
            line.show()

    with open_library(library_file) as library, ProgressLine(paths) as line, _interrupts(line) as interrupted:
        try:
            summary = library.ingest(
                paths, jobs=jobs, on_progress=on_progress, on_problem=line.report, stop=interrupted.is_set
            )
        except (ReaderError, KeyboardInterrupt) as error:
            line.clear()
            so_far = many(kept, "capture was added", "captures were added")
            return broken_off(error, so_far, something=kept > 0)
    status = line.finish(something=summary.captures > 0)
    groups = {"problems": dict(summary.problems), "skipped": dict(summary.skipped)}
    print_records([{**summary._asdict(), **groups}], _in_words(summary), as_json=as_json)
    if summary.stopped:
        complain("stopped; what is counted here is in the library; run the same command again for the rest")
        return Status.INTERRUPTED
    if status != Status.FAILED and not summary.articles:
        complain("no article was found in what was read")
        return Status.FAILED
    return status


@contextmanager
def _interrupts(line: ProgressLine) -> Iterator[Event]:
    """An event that is set when Ctrl-C is pressed, as the line then says; a second one raises KeyboardInterrupt."""
    interrupted = Event()

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()
        line.update(_STOPPING)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _in_words(summary: Summary) -> Iterator[str]:
    unchanged = f", {many(summary.unchanged, 'file')} unchanged" if summary.unchanged else ""
    yield f"captures   {summary.captures:,}: {summary.new:,} new, {summary.known:,} already known{unchanged}"
    if summary.changed:
        yield f"           {summary.changed:,} of the new ones from changed files, whose earlier text is kept too"
    if summary.supplemented:
        yield f"           {summary.supplemented:,} of the known ones got an address or a time of capture"
    if summary.moved:
        yield f"           {summary.moved:,} of the known ones moved; the library has their new place"
    if summary.partial:
        yield f"           {summary.partial:,} of the new ones read only in part"
    known = summary.articles - summary.new_articles
    yield f"articles   {summary.articles:,}: {summary.new_articles:,} new, {known:,} already known"
    if summary.new:
        yield f"           {summary.truncated:,} truncated and {summary.sponsored:,} sponsored in the new captures"
    if summary.completed:
        stories = many(summary.completed, "truncated story", "truncated stories")
        yield f"           {stories} completed from other captures"
    if summary.problems:
        kinds = ", ".join(f"{count:,} {_KINDS.get(kind, kind)}" for kind, count in summary.problems)
        yield f"problems   {sum(count for _, count in summary.problems):,}: {kinds}"
    if summary.skipped:
        yield f"skipped    {sum(count for _, count in summary.skipped):,} on purpose:"
        yield from (f"           {reason}: {count:,}" for reason, count in summary.skipped)
