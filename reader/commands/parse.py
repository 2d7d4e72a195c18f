"""`parse PATH…`: each capture's articles as JSON, or as shards; with any number of processes or machines."""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from reader.captures import NOT_A_CAPTURE, STANDARD_INPUT, InputFile, find_files, is_url, read_files
from reader.cluster import make_shards, make_shards_on_cluster
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    MOST_JOBS,
    NOTHING_READ,
    PATHS,
    SkippedFiles,
    add_page_options,
    complain,
    lacks_characters,
    parser_for,
    path_or_url,
    paths_of,
    plain_output,
    print_text,
    whole_number,
)
from reader.commands.progress import ProgressLine
from reader.errors import ReaderError
from reader.model import Capture, Page, Problem
from reader.parsing import parse_capture, parser_problem
from reader.sanitize import escape_json, many, sanitize
from reader.shards import ShardFolder, ShardMade, ShardOptions, Task, check_form, plan
from reader.workers import SMALL, LimitedCalls, WorkerLostError, processors

_EPILOG = f"""\
{PATHS}
PATH and FOLDER can also be URLs of remote storage, such as s3://bucket/crawl.

--into writes captures and their articles to shards: files that “protocol-reader add FOLDER” reads. Shards that exist
are not made again, so after an interruption the same command continues where it stopped. See “protocol-reader help
crawls”."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `parse`."""
    parser = parser_for("parse", "Print the articles of each capture as one JSON object per line.", _EPILOG)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="captures to read; see below")
    parser.add_argument("--lines", action="store_true", help="also print the label of every non-empty line")
    add_page_options(parser)
    parser.add_argument("--jobs", type=whole_number(1, MOST_JOBS), metavar="N", help="read with N processes")
    parser.add_argument(
        "--into", type=path_or_url, metavar="FOLDER", help="write shards to this folder instead of printing"
    )
    parser.add_argument(
        "--format",
        choices=("jsonl", "parquet"),
        help="format of the shards: compressed JSON Lines (default) or Parquet",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="read with the workers of this Dask scheduler (tcp://HOST:PORT or tls://HOST:PORT)",
    )
    return parser


def run(words: Sequence[str]) -> int:
    """Print each page as one JSON object per line, or write shards. Return the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    if not wanted.into and (wanted.cluster or wanted.format):
        parser.error(f"--{'cluster' if wanted.cluster else 'format'} needs --into FOLDER")
    if wanted.cluster and wanted.jobs:
        parser.error("--jobs cannot be used with --cluster")
    paths = paths_of(parser, wanted.paths, wanted, remote=True)
    site = getattr(paths, "site", None)
    if wanted.into:
        options = ShardOptions("parquet" if wanted.format == "parquet" else "jsonl.gz", wanted.lines, site)
        check_form(options.form)
        return _write_shards(paths, wanted.into, options, wanted.jobs or processors(), wanted.cluster)
    ascii_only = lacks_characters(plain_output())
    if wanted.jobs:
        options = ShardOptions("jsonl", wanted.lines, site, ascii_only)
        return _print_by_processes(paths, options, wanted.jobs)
    out = plain_output()
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, check_circular=False)

    def write(page: Page) -> None:
        out.write(escape_json(encoder.encode(page.to_json(wanted.lines))) + "\n")

    return _each_page(paths, write)


def print_articles(paths: Sequence[str]) -> int:
    """Print the articles at `paths` as plain text. Return the exit status."""
    from reader.export.text import page_text

    articles = 0

    def print_page(page: Page) -> None:
        nonlocal articles
        articles += len(page.articles)
        print_text(page_text(page))

    status = _each_page(paths, print_page)
    if status == DONE and not articles:
        complain("no article was found in what was read")
        return NOTHING_READ
    return status


class _Report:
    """Names problems on stderr, and counts what was read."""

    def __init__(self, line: ProgressLine | None = None) -> None:
        self._line = line
        self._others = SkippedFiles()
        self.files = self.pages = self.articles = self.failures = 0

    def name(self, problem: Problem) -> None:
        """Count and report a problem; files that are not captures are summarized at the end."""
        self.failures += not problem.is_skipped
        if problem.kind == NOT_A_CAPTURE:
            self._others.add(problem.source)
            return
        if self._line:
            self._line.clear()
        complain(f"{problem.source}: {problem.reason}")

    def add(self, task: Task, made: ShardMade) -> None:
        """Count a shard, and report its problems."""
        self.files += len(task.files)
        self.pages += made.pages
        self.articles += made.articles
        for problem in made.problems:
            self.name(problem)
        self.show()

    def show(self) -> None:
        """Show the progress."""
        if self._line:
            self._line.show(self.files, self.articles, self.failures)

    def finish(self, *, something: bool) -> int:
        """Report the files that are not captures, and return the exit status."""
        if self._others:
            complain(str(self._others))
        if self.failures:
            return IN_PART if something else NOTHING_READ
        return DONE


def _each_page(paths: Sequence[str], use: Callable[[Page], object]) -> int:
    """Pass every page to `use`, in order, and report every problem. Return the exit status."""
    with _progress_beside(sys.stdout, paths) as line:
        report = _Report(line)
        for item in _pages(paths, report):
            if isinstance(item, Problem):
                report.name(item)
            else:
                report.pages += 1
                report.articles += len(item.articles)
                use(item)
            report.show()
    sys.stdout.flush()
    return report.finish(something=report.pages > 0)


def _pages(paths: Sequence[str], report: _Report) -> Iterator[Page | Problem]:
    """Read and parse the captures at `paths`; count the files that are done in the `report`."""

    def files() -> Iterator[InputFile | Problem]:
        for file in find_files(paths):
            yield file
            report.files += 1

    with LimitedCalls() as calls:
        for item in read_files(files(), getattr(paths, "site", None)):
            if isinstance(item, Problem):
                yield item
            else:
                yield _parsed(item, calls)


def _parsed(capture: Capture, calls: LimitedCalls) -> Page | Problem:
    """Parse a capture, with a time limit if it is long."""
    size = len(capture.text)
    try:
        return parse_capture(capture) if size <= SMALL else calls.call(size, parse_capture, capture)
    except WorkerLostError as error:
        reason = f"{error}; the other captures were read. Please report this with the file"
        return Problem(capture.source, "crash", reason)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)


def _print_by_processes(paths: Sequence[str], options: ShardOptions, jobs: int) -> int:
    """Print the pages like `_each_page`, but read them with `jobs` processes. Return the exit status."""
    _refuse_standard_input(paths, "leave out --jobs")
    out = plain_output()
    out.flush()
    with TemporaryDirectory(prefix="protocol-reader-") as folder, _progress_beside(out, paths) as line:
        report = _Report(line)
        for task, made in make_shards(plan(paths, options), folder, jobs):
            report.add(task, made)
            shard = Path(folder, made.name)
            with shard.open("rb") as rows:
                shutil.copyfileobj(rows, out.buffer)
            shard.unlink()
    out.flush()
    return report.finish(something=report.pages > 0)


def _write_shards(
    paths: Sequence[str], into: str, options: ShardOptions, jobs: int, address: str | None
) -> int:
    """Make the missing shards, and report. Return the exit status."""
    _refuse_standard_input(paths, "save it to a file and name that file")
    _refuse_inside(paths, into)
    folder = ShardFolder(into)
    existing = folder.identities()
    there = new = 0

    def missing() -> Iterator[Task]:
        """The tasks whose shards do not exist."""
        nonlocal there
        for task in plan(paths, options):
            if task.identity in existing:
                there += 1
                report.files += len(task.files)
            else:
                yield task

    def how_to_go_on() -> str:
        finished = many(there + new, "shard is", "shards are")
        return f"{finished} finished; run the same command again to continue"

    try:
        with _progress(paths) as line:
            report = _Report(line)
            made_shards = (
                make_shards(missing(), into, jobs)
                if address is None
                else make_shards_on_cluster(missing(), into, address)
            )
            for task, made in made_shards:
                report.add(task, made)
                new += made.name != ""
    except KeyboardInterrupt:
        complain(f"stopped: {how_to_go_on()}")
        return INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        if not there + new:
            return NOTHING_READ
        complain(how_to_go_on())
        return IN_PART
    finally:
        folder.tidy()
    status = report.finish(something=there + new > 0)
    print_text(
        f"shards     {there + new:,}: {new:,} new, {there:,} there already\n"
        f"captures   {report.pages:,} in the new ones, with {report.articles:,} articles\n"
    )
    return status


def _progress_beside(out: TextIO, paths: Sequence[str]) -> AbstractContextManager[ProgressLine | None]:
    """A progress line, or none if `out` is a terminal, where output and progress would mix."""
    return nullcontext() if out.isatty() else _progress(paths)


def _progress(paths: Sequence[str]) -> ProgressLine:
    """A progress line; files on remote storage are not counted for the time left."""
    return ProgressLine(() if any(map(is_url, paths)) else paths)


def _refuse_standard_input(paths: Sequence[str], instead: str) -> None:
    if STANDARD_INPUT in paths:
        raise ReaderError(f"-: standard input cannot be read by several processes; {instead}")


def _refuse_inside(paths: Sequence[str], into: str) -> None:
    """Raise ReaderError if shards in `into` would be read as captures at `paths`."""
    for path in paths:
        if is_url(path) or is_url(into):
            inside = f"{into.rstrip('/')}/".startswith(f"{path.rstrip('/')}/")
        else:
            # Not Path.resolve, which raises where links lead in a circle.
            inside = "\0" not in path and Path(os.path.realpath(into)).is_relative_to(os.path.realpath(path))
        if inside:
            raise ReaderError(
                f"{sanitize(into)} lies in {sanitize(path)}, so that its shards would be read as captures;"
                " name a folder outside"
            )
