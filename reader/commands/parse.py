"""`parse PATH…`: each capture's articles as JSON. And the same captures as plain text."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reader.captures import NOT_A_CAPTURE, PASSED_OVER, read_captures
from reader.commands.common import (
    DONE,
    IN_PART,
    MOST_JOBS,
    NOTHING_READ,
    PATHS,
    PassedOver,
    add_site_option,
    complain,
    knows_less,
    parser_for,
    path_or_url,
    paths_of,
    plain_output,
    print_text,
    whole_number,
)
from reader.model import Capture, Page, Problem
from reader.parsing import parse_capture, parser_problem
from reader.sanitize import escape_json
from reader.workers import SMALL, LimitedCalls, WorkerLostError

if TYPE_CHECKING:
    from argparse import Namespace


_EPILOG = f"""\
{PATHS}
A PATH and the FOLDER may also be on remote storage: URLs such as s3://bucket/crawl (extra `cluster`).
With --into, the captures and their articles are written to shards: files that “add FOLDER” reads without telling the
articles apart again. Shards that are there already are not made again, so the same command goes on where it was
broken off. “protocol-reader help crawls” says more."""


def make_parser() -> ArgumentParser:
    """What may follow `parse`."""
    parser = parser_for("parse", "Print each capture's articles as one JSON object a line.", _EPILOG)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--lines", action="store_true", help="say of every non-empty line what it was read as"
    )
    add_site_option(parser)
    parser.add_argument(
        "--jobs", type=whole_number(1, MOST_JOBS), metavar="N", help="how many processes read"
    )
    parser.add_argument(
        "--into", type=path_or_url, metavar="FOLDER", help="write shards to this folder, and print no pages"
    )
    parser.add_argument(
        "--format",
        choices=("jsonl", "parquet"),
        help="of the shards: JSON Lines (as usual), packed, or Parquet",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="read by the workers of this Dask scheduler (tcp://HOST:PORT, or tls://)",
    )
    return parser


def run(words: Sequence[str]) -> int:
    """Print each page as one JSON object a line, or write shards; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    if not wanted.into and (wanted.cluster or wanted.format):
        parser.error(f"--{'cluster' if wanted.cluster else 'format'} goes with --into FOLDER")
    if wanted.cluster and wanted.jobs:
        parser.error("--jobs goes without --cluster: its workers do the work")
    paths = paths_of(parser, wanted.paths, wanted.site, remote=True)
    if wanted.into or wanted.jobs:
        return _by_shards(wanted, getattr(paths, "site", None))
    out = plain_output()
    encoder = json.JSONEncoder(ensure_ascii=knows_less(out), check_circular=False)

    def write(page: Page) -> None:
        out.write(escape_json(encoder.encode(page.to_json(wanted.lines))) + "\n")

    return _each_page(_pages(paths, lines=wanted.lines), write)


def _by_shards(wanted: Namespace, site: str | None) -> int:
    from reader.commands.sharding import print_shards, write_shards
    from reader.shards import ShardOptions, form_for

    if wanted.into:
        options = ShardOptions(form_for(wanted.format or "jsonl"), wanted.lines, site)
        return write_shards(wanted.paths, wanted.into, options, jobs=wanted.jobs, address=wanted.cluster)
    ascii_only = knows_less(plain_output())
    options = ShardOptions("jsonl", wanted.lines, site, with_text=False, ascii_only=ascii_only)
    return print_shards(wanted.paths, options, wanted.jobs)


def print_articles(paths: Sequence[str]) -> int:
    """Print the articles at `paths` as plain text; the exit status."""
    from reader.export.text import page_text

    return _each_page(_pages(paths), lambda page: print_text(page_text(page)))


def _each_page(items: Iterable[Page | Problem], use: Callable[[Page], object]) -> int:
    """Hand every page to `use` in their order, name every problem; the exit status."""
    pages = failures = 0
    others = PassedOver()
    for item in items:
        if isinstance(item, Problem) and item.kind == NOT_A_CAPTURE:
            others.add(item.source)
        elif isinstance(item, Problem):
            failures += item.kind != PASSED_OVER
            complain(f"{item.source}: {item.reason}")
        else:
            pages += 1
            use(item)
    sys.stdout.flush()
    if others:
        complain(str(others))
    if failures:
        return IN_PART if pages else NOTHING_READ
    return DONE


def _pages(paths: Iterable[str], *, lines: bool = False) -> Iterator[Page | Problem]:
    with LimitedCalls() as calls:
        for item in read_captures(paths):
            if isinstance(item, Problem):
                yield item
            else:
                # What was told apart before does not say all of every line.
                yield _parsed(item._replace(told=None) if lines else item, calls)


def _parsed(capture: Capture, calls: LimitedCalls) -> Page | Problem:
    """The page that a capture makes; a long one is given up when that takes too long."""
    size = len(capture.text)
    try:
        return parse_capture(capture) if size <= SMALL else calls.call(size, parse_capture, capture)
    except WorkerLostError as error:
        reason = f"{error}; the other captures were read. Please report this with the file"
        return Problem(capture.source, "crash", reason)
    except Exception as error:  # whatever it is, it is named, and the other captures still come
        return parser_problem(capture.source, error)
