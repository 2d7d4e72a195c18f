"""`add PATH…`: keeps captures in the library."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from reader.captures import NOT_A_CAPTURE, PASSED_OVER
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    MOST_JOBS,
    NOTHING_READ,
    PATHS,
    add_library_option,
    add_site_option,
    complain,
    library_path,
    opened,
    parser_for,
    paths_of,
    print_json,
    print_text,
    whole_number,
)
from reader.commands.passed_over import PassedOver
from reader.commands.progress import ProgressLine
from reader.errors import ReaderError
from reader.library import Library
from reader.library.ingest.engine import Progress, Summary, ingest
from reader.model import Problem

_EPILOG = f"""\
{PATHS}
What is known already is not kept twice, so adding again is quick, and goes on where it was broken off.
Ctrl-C keeps what was read and stops; a second one ends at once. Either way all that was finished stays."""


def make_parser() -> ArgumentParser:
    """What may follow `add`."""
    parser = parser_for("add", "Keep captures in the library.", _EPILOG)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    add_site_option(parser)
    add_library_option(parser)
    parser.add_argument(
        "--jobs",
        type=whole_number(1, MOST_JOBS),
        metavar="N",
        help="how many processes read (a processor each, but for one)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    return parser


def run(words: Sequence[str]) -> int:
    """Keep the captures, say what came of it; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    if "-" in wanted.paths and sys.stdin.isatty():
        complain("-: standard input is the keyboard; pipe a capture in, or name a file")
        return NOTHING_READ
    paths = paths_of(parser, wanted.paths, wanted.site)
    with opened(library_path(wanted.library)) as library:
        return _Addition(library, paths, wanted.jobs).run(wanted.json)


class _Addition:
    """One run of `add`: what it shows while it goes and says at its end."""

    def __init__(self, library: Library, paths: Sequence[str], jobs: int | None) -> None:
        self._library = library
        self._paths = paths
        self._jobs = jobs
        self._failures = 0
        self._others = PassedOver()
        self._kept = 0

    def run(self, as_json: bool) -> int:
        with ProgressLine(self._paths) as line, _asked_to_stop() as asked:
            self._line = line
            try:
                summary = ingest(
                    self._library,
                    self._paths,
                    jobs=self._jobs,
                    on_progress=self._progress,
                    on_problem=self._problem,
                    stop=lambda: bool(asked),
                )
            except ReaderError as error:
                line.clear()
                complain(str(error))
                if not self._kept:
                    return NOTHING_READ
                complain(f"{self._kept:,} captures are kept; “add” again to go on from there")
                return IN_PART
            except KeyboardInterrupt:
                line.clear()
                complain(f"ended at once: {self._kept:,} captures are kept; “add” again to go on from there")
                return INTERRUPTED
        if self._others:
            complain(str(self._others))
        if as_json:
            print_json(to_json(summary))
        else:
            print_text("".join(f"{text}\n" for text in sentences(summary)))
        if summary.stopped:
            complain("stopped: what was read is kept; “add” again to go on from there")
            return INTERRUPTED
        if self._failures:
            return IN_PART if summary.captures else NOTHING_READ
        return DONE

    def _progress(self, progress: Progress) -> None:
        self._kept = progress.kept
        self._line.show(progress.files, progress.articles, progress.problems)

    def _problem(self, problem: Problem) -> None:
        if problem.kind == NOT_A_CAPTURE:
            self._others.add(problem.source)
            return
        self._failures += problem.kind != PASSED_OVER
        self._line.clear()
        complain(f"{problem.source}: {problem.reason}")


@contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """A list that has something in it once Ctrl-C was pressed; pressed again, it is a KeyboardInterrupt."""
    asked: list[int] = []

    def on_interrupt(number: int, _: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as a JSON object."""
    return {**summary._asdict(), "problems": dict(summary.problems)}


def sentences(summary: Summary) -> Iterator[str]:
    """The summary in words, a line each."""
    unchanged = f", {summary.unchanged:,} files unchanged" if summary.unchanged else ""
    yield f"captures   {summary.captures:,}: {summary.new:,} new, {summary.known:,} already known{unchanged}"
    if summary.partial:
        yield f"           {summary.partial:,} of the new ones only in part"
    known = summary.articles - summary.new_articles
    yield f"articles   {summary.articles:,}: {summary.new_articles:,} new, {known:,} already known"
    yield (
        f"           {summary.completed:,} completed, {summary.truncated:,} truncated,"
        f" {summary.sponsored:,} sponsored"
    )
    if summary.problems:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.problems)
        yield f"problems   {sum(count for _, count in summary.problems):,}: {kinds}"
