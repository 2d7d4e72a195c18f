"""`add PATH…`: keep captures in the library."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Final

from reader.captures import NOT_A_CAPTURE, PASSED_OVER
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    MOST_JOBS,
    NOTHING_READ,
    PATHS,
    SkippedFiles,
    add_library_option,
    add_page_options,
    complain,
    parser_for,
    paths_of,
    print_json,
    print_text,
    whole_number,
)
from reader.commands.libraries import library_path, open_library
from reader.commands.progress import ProgressLine
from reader.errors import ReaderError
from reader.library import Library
from reader.library.ingest.engine import Progress
from reader.library.ingest.writing import Summary
from reader.model import Problem
from reader.sanitize import many

_EPILOG: Final = f"""\
{PATHS}

Captures that are already in the library are skipped, so after an interruption you can run the same command again.
Ctrl-C stops after the current batch; a second Ctrl-C stops at once. Finished captures stay in the library."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `add`."""
    parser = parser_for("add", "Add captures to the library.", _EPILOG)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="captures to read; see below")
    add_page_options(parser)
    add_library_option(parser)
    parser.add_argument(
        "--jobs",
        type=whole_number(1, MOST_JOBS),
        metavar="N",
        help="read with N processes (default: one fewer than the number of processors)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Keep the captures and print a summary."""
    parser = make_parser()
    options = parser.parse_args(words)
    if "-" in options.paths and sys.stdin.isatty():
        complain("-: standard input is the keyboard; pipe a capture in, or name a file")
        return NOTHING_READ
    paths = paths_of(parser, options.paths, options)
    with open_library(library_path(options.library)) as library:
        return _Addition(library, paths, options.jobs).run(options.json)


class _Addition:
    """One run of `add`: shows progress, and reports the result at the end."""

    def __init__(self, library: Library, paths: Sequence[str], jobs: int | None) -> None:
        self._library = library
        self._paths = paths
        self._jobs = jobs
        self._failures = 0
        self._skipped_files = SkippedFiles()
        self._kept = 0
        self._line = ProgressLine(paths)

    def run(self, as_json: bool) -> int:
        """Keep the captures and print the summary; return the exit status."""
        with self._line, _interrupts() as interrupted:
            try:
                summary = self._library.ingest(
                    self._paths,
                    jobs=self._jobs,
                    on_progress=self._on_progress,
                    on_problem=self._on_problem,
                    stop=interrupted.is_set,
                )
            except ReaderError as error:
                self._line.clear()
                complain(str(error))
                if not self._kept:
                    return NOTHING_READ
                complain(f"{self._added}; run the same command again to continue")
                return IN_PART
            except KeyboardInterrupt:
                self._line.clear()
                complain(f"stopped; {self._added}; run the same command again to continue")
                return INTERRUPTED
        if self._skipped_files:
            complain(str(self._skipped_files))
        if as_json:
            groups = {"problems": dict(summary.problems), "skipped": dict(summary.skipped)}
            print_json({**summary._asdict(), **groups})
        else:
            print_text("".join(f"{line}\n" for line in _in_words(summary)))
        if summary.stopped:
            complain("stopped; what was finished is in the library; run the same command again to continue")
            return INTERRUPTED
        if self._failures:
            return IN_PART if summary.captures else NOTHING_READ
        if not summary.articles:
            complain("no article was found in what was read")
            return NOTHING_READ
        return DONE

    @property
    def _added(self) -> str:
        return many(self._kept, "capture was added", "captures were added")

    def _on_progress(self, progress: Progress) -> None:
        self._kept = progress.kept
        self._line.show(progress.files, progress.articles, progress.problems)

    def _on_problem(self, problem: Problem) -> None:
        if problem.kind == NOT_A_CAPTURE:
            self._skipped_files.add(problem.source)
            return
        self._failures += problem.kind != PASSED_OVER
        self._line.clear()
        complain(f"{problem.source}: {problem.reason}")


@contextmanager
def _interrupts() -> Iterator[Event]:
    """An event that is set when Ctrl-C is pressed; pressed again, it raises KeyboardInterrupt."""
    interrupted = Event()

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _in_words(summary: Summary) -> Iterator[str]:
    """The summary as lines."""
    unchanged = f", {many(summary.unchanged, 'file')} unchanged" if summary.unchanged else ""
    yield f"captures   {summary.captures:,}: {summary.new:,} new, {summary.known:,} already known{unchanged}"
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
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.problems)
        yield f"problems   {sum(count for _, count in summary.problems):,}: {kinds}"
    if summary.skipped:
        yield f"skipped    {sum(count for _, count in summary.skipped):,} on purpose:"
        yield from (f"           {count:,} {reason}" for reason, count in summary.skipped)
