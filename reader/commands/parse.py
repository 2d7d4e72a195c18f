"""`parse PATH…`: each capture's articles as JSON, or as shards; with any number of processes or machines."""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reader.addresses import is_url
from reader.captures import STANDARD_INPUT, InputFile, find_files, read_files
from reader.commands.output import (
    ProgressLine,
    Status,
    broken_off,
    complain,
    lacks_characters,
    plain_output,
    print_lines,
    print_text,
)
from reader.commands.parser import PATHS, CommandParser, UsageError, path_or_url, paths_of
from reader.errors import ReaderError
from reader.model import CRASH, Capture, Page, Problem
from reader.parsing import parse_capture, parser_problem
from reader.sanitize import escape_json, label_of, many
from reader.shards import (
    TRANSIENT,
    ShardFolder,
    ShardMade,
    ShardOptions,
    Task,
    check_form,
    make_shards,
    make_shards_on_cluster,
    plan,
)
from reader.workers import SMALL, LimitedCalls, WorkerLostError, processors

_EPILOG = f"""\
{PATHS}
PATH and FOLDER can also be URLs of remote storage, such as s3://bucket/crawl.

--into writes captures and their articles to shards: files that “protocol-reader add FOLDER” reads. Shards that exist
are not made again, so after an interruption the same command continues where it stopped. See “protocol-reader help
crawls”."""

_NAMED: Final = 5
"""How many shards a message names."""


def parse_parser() -> CommandParser:
    parser = CommandParser(
        "parse", "Print the articles of each capture as one JSON object per line.", _EPILOG
    )
    parser.add_paths()
    parser.flag("--lines", "also print the label of every non-empty line")
    parser.add_jobs_option("read with N processes")
    parser.option("--into", "FOLDER", "write shards to this folder instead of printing", type=path_or_url)
    form = "format of the shards: compressed JSON Lines (default) or Parquet"
    parser.add_argument("--format", choices=("jsonl", "parquet"), help=form)
    cluster = "read with the workers of this Dask scheduler (tcp://HOST:PORT or tls://HOST:PORT)"
    parser.option("--cluster", "ADDRESS", cluster)
    return parser


def run_parse(options: Namespace) -> int:
    if not options.into and (options.cluster or options.format):
        raise UsageError(f"--{'cluster' if options.cluster else 'format'} needs --into FOLDER")
    if options.cluster and options.jobs:
        raise UsageError("--jobs cannot be used with --cluster")
    paths = paths_of(options, options.paths, remote=True)
    site = getattr(paths, "site", None)
    if options.into:
        form = "parquet" if options.format == "parquet" else "jsonl.gz"
        check_form(form)
        shard_options = ShardOptions(form, options.lines, site)
        return _write_shards(
            paths, options.into, shard_options, options.jobs or processors(), options.cluster
        )
    out = plain_output()
    ascii_only = lacks_characters(out)
    if options.jobs:
        return _print_by_processes(
            paths, ShardOptions("jsonl", options.lines, site, ascii_only), options.jobs
        )
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, check_circular=False)

    def write(page: Page) -> None:
        out.write(escape_json(encoder.encode(page.to_json(options.lines))) + "\n")

    return _each_page(paths, write)[0]


def print_articles(paths: Sequence[str]) -> int:
    """Print the articles at `paths` as plain text. Return the exit status."""
    from reader.export.documents import page_text

    status, articles = _each_page(paths, lambda page: print_text(page_text(page)))
    if status != Status.FAILED and not articles:
        complain("no article was found in what was read")
        return Status.FAILED
    return status


def _each_page(paths: Sequence[str], use: Callable[[Page], object]) -> tuple[int, int]:
    def files() -> Iterator[InputFile | Problem]:
        for file in find_files(paths):
            yield file
            line.files += 1

    with _progress(paths, beside_output=True) as line, LimitedCalls() as calls:
        for item in read_files(files(), getattr(paths, "site", None)):
            parsed = item if isinstance(item, Problem) else _parsed(item, calls)
            if isinstance(parsed, Problem):
                line.report(parsed)
            else:
                line.pages += 1
                line.articles += len(parsed.articles)
                use(parsed)
            line.show()
    sys.stdout.flush()
    return line.finish(something=line.pages > 0), line.articles


def _parsed(capture: Capture, calls: LimitedCalls) -> Page | Problem:
    size = len(capture.text)
    try:
        return parse_capture(capture) if size <= SMALL else calls.call(size, parse_capture, capture)
    except WorkerLostError as error:
        reason = f"{error}; the other captures were read. Please report this with the file"
        return Problem(capture.source, CRASH, reason)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)


def _print_by_processes(paths: Sequence[str], options: ShardOptions, jobs: int) -> int:
    _refuse_standard_input(paths, "leave out --jobs")
    out = plain_output()
    out.flush()
    with (
        TemporaryDirectory(prefix="protocol-reader-") as folder,
        _progress(paths, beside_output=True) as line,
    ):
        for task, made in make_shards(plan(paths, options), folder, jobs):
            _count(line, task, made)
            if made.name:
                shard = Path(folder, made.name)
                with shard.open("rb") as rows:
                    shutil.copyfileobj(rows, out.buffer)
                shard.unlink()
    out.flush()
    return line.finish(something=line.pages > 0)


def _write_shards(
    paths: Sequence[str], into: str, options: ShardOptions, jobs: int, address: str | None
) -> int:
    _refuse_standard_input(paths, "save it to a file and name that file")
    _refuse_inside(paths, into)
    folder = ShardFolder(into)
    existing = folder.shards()
    made_before = {identity: name for name, (_, identity) in existing.items()}
    current: set[str] = set()
    inputs = ""
    existing_count = new = 0
    all_final = True

    def missing() -> Iterator[Task]:
        nonlocal existing_count, inputs
        for task in plan(paths, options):
            inputs = task.inputs
            current.add(task.identity)
            name = made_before.get(task.identity, "")
            problems = folder.problems(name)
            if not name or not TRANSIENT.isdisjoint(problem.kind for problem in problems):
                yield task
                continue
            existing_count += 1
            line.files += len(task.files)
            for problem in problems:
                line.report(problem)

    try:
        with _progress(paths) as line:
            if address is None:
                made_shards = make_shards(missing(), into, jobs)
            else:
                made_shards = make_shards_on_cluster(missing(), into, address)
            for task, made in made_shards:
                _count(line, task, made)
                new += made.name != ""
                all_final &= TRANSIENT.isdisjoint(problem.kind for problem in made.problems)
    except (ReaderError, KeyboardInterrupt) as error:
        # More than are counted here: others were made while this process waited for an earlier one.
        finished = sum(of == inputs for of, _ in folder.shards().values())
        return broken_off(
            error, f"{many(finished, 'shard is', 'shards are')} finished", something=finished > 0
        )
    finally:
        folder.tidy()
    status = line.finish(something=existing_count + new > 0)
    lines = [
        f"shards     {existing_count + new:,}: {new:,} new, {existing_count:,} there already",
        f"captures   {line.pages:,} in the new ones, with {many(line.articles, 'article')}",
    ]
    earlier = {name: of for name, (of, identity) in existing.items() if identity not in current}
    outdated = [name for name, of in earlier.items() if of == inputs]
    if outdated:
        lines += _remove_outdated(folder, outdated, paths, all_final=all_final)
    if others := len(earlier) - len(outdated):
        lines.append(f"others     {many(others, 'shard')} of other inputs in the same folder")
    print_lines(lines)
    return status


def _remove_outdated(
    folder: ShardFolder, names: Sequence[str], paths: Sequence[str], *, all_final: bool
) -> Iterator[str]:
    """Remove the outdated shards, and name those that stay on stderr."""
    removed, kept = folder.remove_outdated(names, paths) if all_final else ([], sorted(names))
    if removed:
        yield f"outdated   {many(len(removed), 'shard')} removed"
    if kept:
        why = "one of its files is gone" if len(kept) == 1 else "some of their files are gone"
        if not all_final:
            why = "not everything could be read this time"
        named = ", ".join(kept[:_NAMED]) + ", …" * (len(kept) > _NAMED)
        stay = many(len(kept), "outdated shard stays", "outdated shards stay")
        complain(f"{stay}, because {why}; delete what you do not want to keep: {named}")


def _count(line: ProgressLine, task: Task, made: ShardMade) -> None:
    line.files += len(task.files)
    line.pages += made.pages
    line.articles += made.articles
    for problem in made.problems:
        line.report(problem)
    line.show()


def _progress(paths: Sequence[str], *, beside_output: bool = False) -> ProgressLine:
    """A progress line, which is not shown if it would mix with output on the terminal."""
    # Files on remote storage are not counted for the time left.
    counted = () if any(map(is_url, paths)) else paths
    return ProgressLine(counted, shown=not (beside_output and sys.stdout.isatty()))


def _refuse_standard_input(paths: Sequence[str], instead: str) -> None:
    if STANDARD_INPUT in paths:
        raise ReaderError(f"-: standard input cannot be read by several processes; {instead}")


def _refuse_inside(paths: Sequence[str], into: str) -> None:
    for path in paths:
        if is_url(path) or is_url(into):
            inside = f"{into.rstrip('/')}/".startswith(f"{path.rstrip('/')}/")
        else:
            # Not Path.resolve, which raises where links lead in a circle.
            inside = "\0" not in path and Path(os.path.realpath(into)).is_relative_to(os.path.realpath(path))
        if inside:
            raise ReaderError(
                f"{label_of(into)} lies in {label_of(path)}, so that its shards would be read as captures;"
                " name a folder outside"
            )
